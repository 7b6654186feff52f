use std::io::Write;
use std::path::Path;

use opml_graph::{ConvertError, Converter, Host};
use opml_plugin_abi::abi_stable::sabi_trait::TD_Opaque;
use opml_plugin_abi::abi_stable::std_types::RSlice;
use opml_plugin_abi::{ConverterObject, Host_TO, Sink_TO, path_to_bytes};

use crate::PluginError;
use crate::bridge::{HostBridge, SinkBridge};
use crate::failure::Caller;

/// A converter in a plugin. Its name is asked once.
pub(crate) struct PluginConverter {
    plugin: Caller,
    object: ConverterObject,
    name: String,
}

impl PluginConverter {
    pub(crate) fn new(plugin: &Caller, object: ConverterObject) -> Result<PluginConverter, PluginError> {
        let name = object.name().into_result().map_err(|error| PluginError::Failed {
            plugin: plugin.plugin().into(),
            reason: plugin.reason("name", &error),
        })?;
        Ok(PluginConverter {
            plugin: plugin.clone(),
            name: name.into(),
            object,
        })
    }
}

fn bytes_of(source: &Path) -> Result<RSlice<'_, u8>, ConvertError> {
    path_to_bytes(source)
        .map(RSlice::from_slice)
        .ok_or_else(|| ConvertError {
            code: 2,
            message: format!("the path {} cannot be given to a plugin", source.display()),
            place: String::new(),
            help: "use a path in UTF-8".into(),
        })
}

impl Converter for PluginConverter {
    fn name(&self) -> &str {
        &self.name
    }

    /// A plugin that fails here does not accept.
    fn accepts(&self, head: &[u8], name: &str) -> bool {
        let accepted = self.object.accepts(RSlice::from_slice(head), name.into());
        accepted.into_result().unwrap_or(false)
    }

    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, host: &dyn Host) -> Result<(), ConvertError> {
        let source = bytes_of(source)?;
        let bridge = HostBridge::new(host);
        let mut sink = SinkBridge::new(out);
        let result = self.object.convert(
            source,
            options.into(),
            Sink_TO::from_ptr(&mut sink, TD_Opaque),
            Host_TO::from_ptr(&bridge, TD_Opaque),
        );
        bridge.finish();
        if let Some(error) = sink.finish() {
            return Err(ConvertError {
                code: 1,
                message: format!("the model file could not be written: {error}"),
                place: String::new(),
                help: String::new(),
            });
        }
        result
            .into_result()
            .map_err(|error| self.plugin.convert("convert", error))
    }

    fn reference(
        &self,
        source: &Path,
        options: &str,
        inputs: &[&[u8]],
        host: &dyn Host,
    ) -> Result<Vec<Vec<u8>>, ConvertError> {
        let source = bytes_of(source)?;
        let bridge = HostBridge::new(host);
        let inputs: Vec<RSlice<'_, u8>> = inputs.iter().map(|input| RSlice::from_slice(input)).collect();
        let result = self.object.reference(
            source,
            options.into(),
            RSlice::from_slice(&inputs),
            Host_TO::from_ptr(&bridge, TD_Opaque),
        );
        bridge.finish();
        let outputs = result
            .into_result()
            .map_err(|error| self.plugin.convert("reference", error))?;
        Ok(outputs.into_iter().map(|output| output.into_vec()).collect())
    }
}
