//! Plugin: operators, native kernels and guest images.
