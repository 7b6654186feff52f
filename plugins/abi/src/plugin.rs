use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::package_version_strings;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::{RResult, RStr, RVec};

use crate::{ComputeObject, ConverterObject, Error, VmObject};

/// The root module of a plugin.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginRef, prefix_fields = PluginPrefix)))]
#[sabi(missing_field(option))]
pub struct Plugin {
    /// Its name: that of `libopml_plugin_<name>.so`.
    pub name: RStr<'static>,
    /// Its own version.
    pub version: RStr<'static>,
    /// What it is for, in a line.
    pub description: RStr<'static>,
    /// The compute backends that it provides.
    pub computes: extern "C" fn() -> RResult<RVec<ComputeObject>, Error>,
    /// The kinds of machines that it provides.
    pub vms: extern "C" fn() -> RResult<RVec<VmObject>, Error>,
    /// The converters that it provides.
    #[sabi(last_prefix_field)]
    pub converters: extern "C" fn() -> RResult<RVec<ConverterObject>, Error>,
}

impl RootModule for PluginRef {
    abi_stable::declare_root_module_statics! {PluginRef}
    const BASE_NAME: &'static str = "opml_plugin";
    const NAME: &'static str = "opml_plugin";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}
