//! The converter against onnxruntime's results on the first hundred test images, which are committed.

use std::process::Command;

use crate::digits::{file, floats, golden, greatest, options, real};
use ndarray::Axis;
use opml_graph::{Converter, Model, SilentHost, read_model, write_model};
use opml_onnx::OnnxConverter;
use opml_ops::DType;

fn convert(name: &str, method: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    OnnxConverter::new()
        .convert(
            &file(&format!("{name}.onnx")),
            &options(method),
            &mut bytes,
            &SilentHost,
        )
        .unwrap();
    bytes
}

fn model(name: &str, method: &str) -> Model {
    read_model(convert(name, method).into()).unwrap()
}

fn assert_reference_agrees(name: &str) {
    let converter = OnnxConverter::new();
    let logits = golden::<f32>(&format!("{name}.npy"));
    let images = golden::<u8>("images.npy");
    for (image, logits) in images.axis_iter(Axis(0)).zip(logits.axis_iter(Axis(0))) {
        let input = real(image.to_slice().unwrap());
        let outputs = converter
            .reference(&file(&format!("{name}.onnx")), "{}", &[&input], &SilentHost)
            .unwrap();
        let found = floats(&outputs[0]);
        assert_eq!((outputs.len(), found.len()), (1, logits.len()));
        for (found, logit) in found.iter().zip(logits) {
            assert!((found - logit).abs() <= 1e-4, "{found} for {logit}");
        }
    }
}

#[test]
fn the_reference_gives_onnxruntimes_logits_for_the_mlp() {
    assert_reference_agrees("mlp");
}

#[test]
fn the_reference_gives_onnxruntimes_logits_for_the_cnn() {
    assert_reference_agrees("cnn");
}

fn assert_answers_agree(name: &str, method: &str) {
    let model = model(name, method);
    let logits = golden::<f32>(&format!("{name}.npy"));
    let images = golden::<u8>("images.npy");
    let mut agreeing = 0;
    for (image, logits) in images.axis_iter(Axis(0)).zip(logits.axis_iter(Axis(0))) {
        let found = crate::execution::output(
            &model,
            0,
            &crate::execution::locals(&model, &[image.to_slice().unwrap()]),
        );
        let logits: Vec<f32> = logits.iter().copied().collect();
        agreeing += usize::from(greatest(&found) == greatest(&logits));
        let worst = found
            .iter()
            .zip(&logits)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        let widest = logits.iter().fold(0.0f32, |widest, logit| widest.max(logit.abs()));
        assert!(worst <= 0.15 * widest, "{name}: a logit is off by {worst} of {widest}");
    }
    assert!(agreeing >= 97, "{name}: {agreeing} of 100 answers agree");
}

#[test]
fn the_quantised_mlp_answers_as_the_float_model() {
    assert_answers_agree("mlp", "minmax");
    assert_answers_agree("mlp", "percentile");
}

#[test]
fn the_quantised_cnn_answers_as_the_float_model() {
    assert_answers_agree("cnn", "minmax");
    assert_answers_agree("cnn", "percentile");
}

#[test]
fn ports_nodes_and_blocks_are_what_they_should_be() {
    let model = model("cnn", "minmax");
    let input = &model.feed[0];
    assert_eq!(
        (input.name.as_str(), input.dtype, input.shape.dims()),
        ("image", DType::U8, &[1, 1, 28, 28][..])
    );
    let quantization = input.quantization.unwrap();
    assert_eq!((quantization.scale, quantization.zero_point), (1.0 / 255.0, 0));
    let output = &model.outputs[0];
    assert_eq!(
        (output.name.as_str(), output.dtype, output.shape.dims()),
        ("logits", DType::I8, &[1, 10][..])
    );
    let names: Vec<&str> = model.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(
        names,
        ["image/quantize", "conv1", "pool1", "conv2", "pool2", "flatten", "fc"]
    );
    let blocks: Vec<u32> = model.nodes.iter().map(|node| node.record.block_log2()).collect();
    assert_eq!(blocks, [7, 9, 7, 8, 7, 7, 7]);
}

const CHILD: &str = "OPML_ONNX_TEST_FILE";

/// Not a test of its own: writes the CNN's model file where the parent test asks it to.
#[test]
fn child_writes_a_model_file() {
    if let Some(path) = std::env::var_os(CHILD) {
        std::fs::write(path, convert("cnn", "percentile")).unwrap();
    }
}

#[test]
fn the_same_source_and_options_give_the_same_bytes() {
    let first = convert("cnn", "percentile");
    assert!(
        first == convert("cnn", "percentile"),
        "two conversions in one process differ"
    );
    assert!(
        first == write_model(&read_model(first.clone().into()).unwrap()).unwrap(),
        "the file is not canonical"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cnn.opml");
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "golden::child_writes_a_model_file"])
        .env(CHILD, &path)
        .output()
        .unwrap();
    assert!(status.status.success());
    assert!(
        first == std::fs::read(path).unwrap(),
        "conversions in two processes differ"
    );
}
