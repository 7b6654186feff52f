//! The flat form: the guest's address space as one host mapping, for code that runs on addresses.
//!
//! Pages stay the memory at rest and the form that forks share. The flat form is made on demand, holds the same bytes, and
//! notes per page that a program wrote to it; what truly differs is taken over into the pages before anybody looks at them.

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod absent;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod image;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod mapping;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod shared;
mod view;

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) use absent::{Image, Mapping};
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) use {image::Image, mapping::Mapping};

pub use view::FlatView;
