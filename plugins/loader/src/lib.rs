//! Finds, checks and loads plugins, and adapts them to the framework's traits.
//!
//! [`Plugins`] is the registry: it loads plugins by name or path and hands out what they provide as
//! [`Converter`](opml_graph::Converter), [`ComputeBackend`](opml_graph::ComputeBackend) and
//! [`VmBackend`](opml_engine::VmBackend). A plugin that fails gives a typed error that names it; only where a trait's method
//! cannot fail does a failing plugin become a panic, with the same words, because an invented root could cost a bond.
//! Plugins are never unloaded.

mod bridge;
mod compute;
mod converter;
mod elf;
mod error;
mod failure;
mod library;
mod machine;
mod mismatch;
mod plugins;
mod search;
mod vm;

pub use error::{Kind, PluginError};
pub use plugins::{PluginDescription, Plugins};
pub use search::{PLUGIN_DIR, SearchPath, library_name};
