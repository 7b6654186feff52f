//! Answers of the digit models on the 10,000 MNIST test images: the float model by the ONNX runtime, and the quantised one
//! by the definition of its operators. Needs `python3 examples/mnist/fetch.py` first.
//!
//! `cargo run -p opml-onnx --example accuracy [minmax|percentile]`

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use opml_graph::{Converter, SilentHost};
use opml_onnx::OnnxConverter;

#[allow(dead_code)]
#[path = "../tests/converter/digits.rs"]
mod digits;
#[path = "../tests/converter/execution.rs"]
mod execution;

use digits::{file, floats, greatest, options, real};

const HEADER: usize = 16;
const LABELS_HEADER: usize = 8;
const PIXELS: usize = 28 * 28;

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}; run examples/mnist/fetch.py first", path.display()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let method = std::env::args().nth(1).unwrap_or("minmax".into());
    let images = read(&file("data/t10k-images.idx3-ubyte"))?;
    let labels = read(&file("data/t10k-labels.idx1-ubyte"))?;
    let images = images[HEADER..].chunks_exact(PIXELS).zip(&labels[LABELS_HEADER..]);
    for name in ["mlp", "cnn"] {
        let source = file(&format!("{name}.onnx"));
        let converter = OnnxConverter::new();
        let start = Instant::now();
        let model = converter.model(&source, &options(&method), &SilentHost)?;
        println!("{name}: converted in {:.2?}", start.elapsed());
        let (mut float, mut quantised, mut agreeing, mut total) = (0, 0, 0, 0);
        for (image, label) in images.clone() {
            let logits = converter.reference(&source, "", &[&real(image)], &SilentHost)?;
            let expected = greatest(&floats(&logits[0]));
            let found = greatest(&execution::output(&model, 0, &execution::locals(&model, &[image])));
            total += 1;
            float += usize::from(expected == usize::from(*label));
            quantised += usize::from(found == usize::from(*label));
            agreeing += usize::from(found == expected);
        }
        println!("{name}: of {total}, float {float} right, {method} int8 {quantised} right, {agreeing} answers agree");
    }
    Ok(())
}
