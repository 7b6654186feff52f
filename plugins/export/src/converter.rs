use std::path::PathBuf;

use opml_graph::Converter;
use opml_plugin_abi::abi_stable::sabi_trait::TD_Opaque;
use opml_plugin_abi::abi_stable::std_types::{RResult, RSlice, RStr, RString, RVec};
use opml_plugin_abi::{self as abi, Converter_TO, ConverterObject, Error, HostRef, SinkMut, Values, code, guard};

use crate::errors;
use crate::host::Caller;
use crate::sink::Output;

/// A converter for the other side.
pub fn converter(converter: impl Converter + 'static) -> ConverterObject {
    Converter_TO::from_value(Exported(converter), TD_Opaque)
}

struct Exported<T>(T);

fn path(source: RSlice<'_, u8>) -> Result<PathBuf, Error> {
    abi::path_from_bytes(source.as_slice())
        .ok_or_else(|| Error::new(code::MALFORMED, "the source's path cannot be read on this system"))
}

impl<T: Converter> abi::Converter for Exported<T> {
    fn name(&self) -> RResult<RString, Error> {
        guard(|| Ok(self.0.name().into()))
    }

    fn accepts(&self, head: RSlice<'_, u8>, name: RStr<'_>) -> RResult<bool, Error> {
        guard(|| Ok(self.0.accepts(head.as_slice(), name.as_str())))
    }

    fn convert(
        &self,
        source: RSlice<'_, u8>,
        options: RStr<'_>,
        out: SinkMut<'_>,
        host: HostRef<'_>,
    ) -> RResult<(), Error> {
        guard(|| {
            self.0
                .convert(&path(source)?, options.as_str(), &mut Output(out), &Caller(host))
                .map_err(errors::of_convert)
        })
    }

    fn reference(
        &self,
        source: RSlice<'_, u8>,
        options: RStr<'_>,
        inputs: RSlice<'_, RSlice<'_, u8>>,
        host: HostRef<'_>,
    ) -> RResult<Values, Error> {
        guard(|| {
            let inputs: Vec<&[u8]> = inputs.iter().map(|input| input.as_slice()).collect();
            let outputs = self
                .0
                .reference(&path(source)?, options.as_str(), &inputs, &Caller(host))
                .map_err(errors::of_convert)?;
            Ok(outputs.into_iter().map(RVec::from).collect())
        })
    }
}
