//! What cannot be converted is refused as the user's mistake, by name, with what to do about it.

use std::path::Path;

use crate::onnx_files::{calibrated, floats, int, integers, ints, model, node, write};
use ndarray::ArrayD;
use opml_graph::{ConvertError, Converter, Host, LogLevel, SilentHost};
use opml_onnx::OnnxConverter;
use tract_onnx::pb::tensor_proto::DataLocation;
use tract_onnx::pb::{ModelProto, StringStringEntryProto, TensorProto};

fn convert(source: &Path, options: &str) -> Result<Vec<u8>, ConvertError> {
    let mut bytes = Vec::new();
    OnnxConverter::new().convert(source, options, &mut bytes, &SilentHost)?;
    Ok(bytes)
}

fn refusal(model: &ModelProto) -> ConvertError {
    let folder = tempfile::tempdir().unwrap();
    let options = calibrated(folder.path(), &ArrayD::zeros(vec![1, 4]));
    let error = convert(&write(folder.path(), model), &options).unwrap_err();
    assert_eq!(error.code, 2, "{error}");
    error
}

#[test]
fn an_unsupported_operator_is_named_with_its_node() {
    let softmax = node("Softmax", "answer", &["x"], "y", vec![]);
    let error = refusal(&model(&[1, 4], vec![softmax], vec![], &["y"]));
    assert_eq!(error.message, "operator `Softmax` of node `answer` is not supported");
    assert_eq!(error.place, "answer");
    assert_eq!(error.help, "remove it, or write an operator: see ARCHITECTURE");
}

#[test]
fn an_operator_for_constants_only_is_unsupported_on_computed_tensors() {
    let transpose = node("Transpose", "", &["x"], "turned", vec![ints("perm", &[1, 0])]);
    let error = refusal(&model(&[1, 4], vec![transpose], vec![], &["turned"]));
    assert_eq!(error.message, "operator `Transpose` of node `turned` is not supported");
}

#[test]
fn an_operator_of_another_domain_is_unsupported() {
    let mut relu = node("Relu", "mine", &["x"], "y", vec![]);
    relu.domain = "com.example".into();
    let error = refusal(&model(&[1, 4], vec![relu], vec![], &["y"]));
    assert_eq!(
        error.message,
        "operator `com.example.Relu` of node `mine` is not supported"
    );
}

#[test]
fn what_a_node_cannot_do_is_said() {
    let flip = node("Gemm", "fc", &["x", "w"], "y", vec![int("transA", 1)]);
    let weights = floats("w", &[4, 2], &[0.5; 8]);
    let error = refusal(&model(&[1, 4], vec![flip], vec![weights.clone()], &["y"]));
    assert_eq!(error.message, "attribute `transA` of node `fc` is not supported");

    let square = node("MatMul", "square", &["x", "x"], "y", vec![]);
    let error = refusal(&model(&[4, 4], vec![square], vec![], &["y"]));
    assert_eq!(
        error.message,
        "node `square` (MatMul) takes the computed tensor `x` where only a constant is supported"
    );

    let undefined = node("MatMul", "fc", &["x", "nowhere"], "y", vec![]);
    let error = refusal(&model(&[1, 4], vec![undefined], vec![], &["y"]));
    assert_eq!(
        error.message,
        "node `fc` reads the tensor `nowhere`, which nothing before it defines"
    );

    let open = node("Relu", "r", &["x"], "y", vec![]);
    let error = refusal(&model(&[1, -1], vec![open.clone()], vec![], &["y"]));
    assert_eq!(error.message, "dimension 1 of the input `x` is not fixed");

    let mut ancient = model(&[1, 4], vec![open], vec![], &["y"]);
    ancient.opset_import[0].version = 6;
    assert_eq!(refusal(&ancient).message, "operator set version 6 is not supported");

    let poisoned = floats("w", &[4, 2], &[f32::INFINITY; 8]);
    let product = node("MatMul", "fc", &["x", "w"], "y", vec![]);
    let error = refusal(&model(&[1, 4], vec![product], vec![poisoned], &["y"]));
    assert_eq!(error.message, "node `fc` (MatMul) has the infinite constant `w`");
}

#[test]
fn sizes_without_end_are_refused_before_anything_is_allocated() {
    let relu = node("Relu", "r", &["x"], "y", vec![]);
    let error = refusal(&model(&[1 << 40, 1 << 40], vec![relu], vec![], &["y"]));
    assert!(
        error.message.starts_with("the input `x` has the impossible dimensions"),
        "{error}"
    );

    let side = 1i64 << 16;
    let column = floats("column", &[side, 1], &vec![1.0; side as usize]);
    let row = floats("row", &[1, side], &vec![1.0; side as usize]);
    let product = node("Add", "vast", &["column", "row"], "y", vec![]);
    let error = refusal(&model(&[1, 4], vec![product], vec![column, row], &["y"]));
    assert_eq!(error.message, "node `vast` computes a constant that may be too large");

    let vast = node(
        "Conv",
        "vast",
        &["x", "w"],
        "y",
        vec![ints("pads", &[60_000, 60_000, 60_000, 60_000])],
    );
    let weights = floats("w", &[1, 1, 1, 1], &[1.0]);
    let error = refusal(&model(&[1, 1, 4, 4], vec![vast], vec![weights], &["y"]));
    assert!(error.message.contains("is empty or too large"), "{error}");
}

#[test]
fn options_are_checked_before_the_samples_are_read() {
    let source = crate::digits::file("mlp.onnx");
    let error = convert(&source, r#"{"quantise": {}}"#).unwrap_err();
    assert_eq!((error.code, error.help.as_str()), (2, "did you mean `quantize`?"));
    let error = convert(&source, r#"{"quantize": {"calibration": "/nowhere.npy"}}"#).unwrap_err();
    assert_eq!((error.code, error.place.as_str()), (2, "/nowhere.npy"));
    let error = convert(Path::new("/nowhere.onnx"), &crate::digits::options("minmax")).unwrap_err();
    assert_eq!((error.code, error.place.as_str()), (2, "/nowhere.onnx"));
}

#[test]
fn samples_of_another_shape_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = calibrated(folder.path(), &ArrayD::zeros(vec![5, 27, 28]));
    let error = convert(&crate::digits::file("mlp.onnx"), &options).unwrap_err();
    assert_eq!(error.code, 2);
    assert!(
        error
            .message
            .ends_with("the array has shape [5, 27, 28], but the model's input is [1, 1, 28, 28]"),
        "{error}"
    );
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let product = node("MatMul", "fc", &["x", "w"], "y", vec![]);
    let weights = floats("w", &[3, 2], &[0.5; 6]);
    let error = refusal(&model(&[1, 4], vec![product], vec![weights], &["y"]));
    assert_eq!(
        error.message,
        "node `fc` (MatMul) takes rows as long as its weights are deep"
    );

    let reshape = node("Reshape", "turn", &["x", "shape"], "y", vec![]);
    let error = refusal(&model(
        &[1, 4],
        vec![reshape],
        vec![integers("shape", &[3, -1])],
        &["y"],
    ));
    assert_eq!(error.place, "y");
    let reason = "the shape of tensor `y` is not known: Reshaping [Val(1), Val(4)] to [Val(3), Val(-1)]: invalid";
    assert_eq!(error.message, reason);
}

struct Cancelled;

impl Host for Cancelled {
    fn log(&self, _level: LogLevel, _message: &str) {}

    fn progress(&self, what: &str, done: u64, total: u64) {
        panic!("{what}: {done} of {total} after it was cancelled");
    }

    fn cancelled(&self) -> bool {
        true
    }

    fn threads(&self) -> usize {
        1
    }
}

#[test]
fn a_conversion_can_be_cancelled() {
    let source = crate::digits::file("mlp.onnx");
    let options = crate::digits::options("minmax");
    let error = OnnxConverter::new()
        .convert(&source, &options, &mut Vec::new(), &Cancelled)
        .unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (1, "the conversion was cancelled")
    );
}

#[test]
fn the_reference_says_what_it_takes() {
    let source = crate::digits::file("mlp.onnx");
    let refuse = |inputs: &[&[u8]]| {
        let error = OnnxConverter::new()
            .reference(&source, "", inputs, &SilentHost)
            .unwrap_err();
        assert_eq!(error.code, 2);
        error.message
    };
    assert_eq!(refuse(&[]), "the model takes 1 inputs, not 0");
    assert_eq!(
        refuse(&[&[0; 7]]),
        "input `image` has 7 bytes; its shape [1, 1, 28, 28] needs 3136"
    );
}

#[test]
fn weights_outside_the_file_lie_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let options = calibrated(folder.path(), &ArrayD::ones(vec![2, 4]));
    let outside = |location: &str| TensorProto {
        raw_data: vec![],
        data_location: Some(DataLocation::External as i32),
        external_data: vec![StringStringEntryProto {
            key: "location".into(),
            value: location.into(),
        }],
        ..floats("w", &[4, 2], &[])
    };
    let convert = |location: &str| {
        let product = node("MatMul", "fc", &["x", "w"], "y", vec![]);
        let source = write(
            folder.path(),
            &model(&[1, 4], vec![product], vec![outside(location)], &["y"]),
        );
        convert(&source, &options)
    };
    let values: Vec<u8> = [0.5f32; 8].iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.path().join("weights.bin"), &values).unwrap();
    assert!(convert("weights.bin").is_ok());
    assert_eq!(convert("../weights.bin").unwrap_err().code, 2);
    assert_eq!(convert("absent.bin").unwrap_err().code, 2);
    std::fs::write(folder.path().join("weights.bin"), &values[..28]).unwrap();
    assert_eq!(convert("weights.bin").unwrap_err().code, 2);
}
