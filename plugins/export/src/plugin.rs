/// Makes the crate that calls it a plugin: its name, what it is for in a line, and values of what it provides.
///
/// The lists `computes`, `vms`, `converters` are given in that order, each when it is needed; their values implement
/// `ComputeBackend`, `VmBackend`, `Converter` and are made when the plugin is loaded. The version is the crate's. The crate's
/// type is `cdylib`, its library is named `opml_plugin_<name>`, and `abi_stable` is among its dependencies.
#[macro_export]
macro_rules! plugin {
    (
        name: $name:literal,
        description: $description:literal,
        $(computes: [$($compute:expr),* $(,)?],)?
        $(vms: [$($vm:expr),* $(,)?],)?
        $(converters: [$($converter:expr),* $(,)?],)?
    ) => {
        #[allow(unsafe_code)] // the exported symbol of the root module
        mod opml_plugin {
            #[allow(unused_imports)]
            use super::*;
            use $crate::abi;
            use $crate::abi::abi_stable;
            use abi_stable::prefix_type::PrefixTypeTrait as _;
            use abi_stable::std_types::{RResult, RStr, RVec};

            extern "C" fn computes() -> RResult<RVec<abi::ComputeObject>, abi::Error> {
                abi::guard(|| Ok([$($($crate::compute($compute)),*)?].into_iter().collect()))
            }

            extern "C" fn vms() -> RResult<RVec<abi::VmObject>, abi::Error> {
                abi::guard(|| Ok([$($($crate::vm($vm)),*)?].into_iter().collect()))
            }

            extern "C" fn converters() -> RResult<RVec<abi::ConverterObject>, abi::Error> {
                abi::guard(|| Ok([$($($crate::converter($converter)),*)?].into_iter().collect()))
            }

            #[abi_stable::export_root_module]
            fn root_module() -> abi::PluginRef {
                abi::Plugin {
                    name: RStr::from_str($name),
                    version: RStr::from_str(env!("CARGO_PKG_VERSION")),
                    description: RStr::from_str($description),
                    computes,
                    vms,
                    converters,
                }
                .leak_into_prefix()
            }
        }
    };
}
