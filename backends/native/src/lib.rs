//! The native compute backend.
