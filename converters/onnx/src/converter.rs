use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use opml_graph::{ConvertError, Converter, Host, Model, write_model_to};
use opml_ops::MAX_VALUE_BYTES;

use crate::calibration::Calibration;
use crate::error::{failed, refused};
use crate::float::fuse;
use crate::guard::whole;
use crate::import::{import, integer_products};
use crate::inference::Facts;
use crate::lower::lower;
use crate::options::{Options, Scheme};
use crate::quantize::quantize;
use crate::reference::Reference;
use crate::source::{Source, decode};

/// Makes models of ONNX models: in the types that they have, or float ones quantised to int8.
///
/// Options without `quantize`: `{"shapes": {INPUT: [SIZE, …]}, "dimensions": {SYMBOL: SIZE}, "values": {INPUT: NUMBERS}}`, which fix what the
/// file leaves open; an input with values is a constant.
///
/// With the scheme `int8-products` the same options hold; only products and convolutions by constants are quantised.
///
/// Options with the scheme `int8`: `{"quantize": {"scheme": "int8", "calibration": PATH, "method": "minmax" | "percentile"}}`. The calibration
/// samples are an `.npy` array of the input's shape, one sample a row. When they are uint8, they are pixels: the real input
/// is pixel / 255, and the model file takes u8 of scale 1/255. When they are float32, they are the real input, and the
/// model file takes i8 of the samples' range. Outputs are i8 with the quantisation that their ports state.
///
/// Constants and intermediate values larger than a slot are cut into parts (ARCHITECTURE.md); only inputs and outputs must fit one.
pub struct OnnxConverter {
    reference: Mutex<Option<Reference>>,
    value_limit: u64,
}

impl Default for OnnxConverter {
    fn default() -> OnnxConverter {
        OnnxConverter {
            reference: Mutex::default(),
            value_limit: u64::from(MAX_VALUE_BYTES),
        }
    }
}

impl OnnxConverter {
    /// A converter that has loaded nothing.
    pub fn new() -> OnnxConverter {
        OnnxConverter::default()
    }

    /// Constants and intermediate values have at most `bytes` bytes each, if that is less than a slot holds: what larger models meet can be tried
    /// on small ones. The scheme `int8` does not heed it.
    pub fn with_value_limit(self, bytes: u64) -> OnnxConverter {
        OnnxConverter {
            value_limit: bytes,
            ..self
        }
    }

    /// Converts `source` as [`Converter::convert`] does, and gives the model itself.
    pub fn model(&self, source: &Path, options: &str, host: &dyn Host) -> Result<Model, ConvertError> {
        let options = Options::parse(options)?;
        let Some(quantization) = &options.quantize else {
            let (_, model) = decode(source)?;
            return whole(|| import(model, source.parent(), &options.shapes, self.value_limit, host));
        };
        if quantization.scheme == Scheme::Products {
            let (_, file) = decode(source)?;
            let model = whole(|| import(file, source.parent(), &options.shapes, self.value_limit, host))?;
            let shape = model.feed.first().map_or(&[][..], |port| port.shape.dims());
            let shape: Vec<usize> = shape.iter().map(|dim| *dim as usize).collect();
            let samples = Calibration::read(&quantization.calibration, &shape)?.samples;
            return integer_products(&model, &samples, quantization.method, host);
        }
        let source = Source::read(source)?;
        let facts = Facts::infer(&source)?;
        let mut graph = lower(&source, &facts)?;
        fuse(&mut graph);
        let [input] = graph.inputs[..] else {
            return Err(refused(
                "",
                format!("the model has {} inputs; calibration covers one", graph.inputs.len()),
                "export a model with one input",
            ));
        };
        let calibration = Calibration::read(&quantization.calibration, &graph.tensor(input).shape)?;
        quantize(&graph, &calibration, quantization.method, host)
    }
}

impl Converter for OnnxConverter {
    fn name(&self) -> &str {
        "onnx"
    }

    fn accepts(&self, _head: &[u8], name: &str) -> bool {
        let extension = Path::new(name).extension();
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
    }

    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, host: &dyn Host) -> Result<(), ConvertError> {
        let model = self.model(source, options, host)?;
        write_model_to(&model, out).map_err(|error| failed(error.to_string()))
    }

    fn reference(
        &self,
        source: &Path,
        options: &str,
        inputs: &[&[u8]],
        _host: &dyn Host,
    ) -> Result<Vec<Vec<u8>>, ConvertError> {
        Options::parse(options)?;
        let mut loaded = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        let reference = match loaded.take().filter(|reference| reference.is_current(source)) {
            Some(reference) => reference,
            None => Reference::load(source)?,
        };
        loaded.insert(reference).run(inputs)
    }
}
