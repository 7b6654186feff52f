//! The native compute backend: every operator as `opml-ops` defines it, contractions by faster kernels that are equal bit
//! for bit, and the guest images with the same operators.

mod attend;
mod conv2d;
mod conv_f32;
mod conv_integer;
mod conv_thin;
mod conv_transpose_apart;
mod conv_transpose_f32;
mod elementwise;
mod gather;
mod images;
mod integer_product;
mod lookup;
mod matmul;
mod matmul_blocks;
mod matmul_f32;
mod matmul_integer;
mod max_pool;
mod native;
mod patches;
mod phases;
mod pool;
mod product;
mod scales;
mod share;
#[allow(unsafe_code)]
mod simd;
mod strided;
mod strips;
mod view;

pub use images::{GUEST_STEPS_PER_UNIT, guest_images};
pub use native::{Native, NativeVariant};
