//! The plugin interface: bytes in, bytes out.
