//! The native compute backend: every operator as `opml-ops` defines it, contractions by faster kernels that are equal bit
//! for bit, and the guest images with the same operators.

mod images;
mod native;

pub use images::guest_images;
pub use native::Native;
