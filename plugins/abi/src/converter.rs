use abi_stable::sabi_trait;
use abi_stable::std_types::{RBox, RResult, RSlice, RStr, RString, RVec};

use crate::{Error, HostRef, SinkMut};

/// Several values' bytes.
pub type Values = RVec<RVec<u8>>;

/// Makes model files of some other format. Paths are as [`path_to_bytes`](crate::path_to_bytes) makes them.
#[sabi_trait]
pub trait Converter: Send + Sync {
    /// Its name in specs: `"onnx"`, …
    fn name(&self) -> RResult<RString, Error>;

    /// Whether a file with this name and these first bytes looks like a source for it.
    fn accepts(&self, head: RSlice<'_, u8>, name: RStr<'_>) -> RResult<bool, Error>;

    /// Converts the file or folder at `source`, writing the whole model file to `out`. `options` is a JSON object, its paths
    /// absolute. Same source and options, same bytes.
    fn convert(
        &self,
        source: RSlice<'_, u8>,
        options: RStr<'_>,
        out: SinkMut<'_>,
        host: HostRef<'_>,
    ) -> RResult<(), Error>;

    /// Runs the source itself, unquantised: f32 inputs and outputs, little-endian, one value each.
    #[sabi(last_prefix_field)]
    fn reference(
        &self,
        source: RSlice<'_, u8>,
        options: RStr<'_>,
        inputs: RSlice<'_, RSlice<'_, u8>>,
        host: HostRef<'_>,
    ) -> RResult<Values, Error>;
}

/// A converter, owned.
pub type ConverterObject = Converter_TO<'static, RBox<()>>;
