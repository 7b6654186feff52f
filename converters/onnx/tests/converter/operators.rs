//! Every operator: the quantised model against the float model by the ONNX runtime, on random weights and inputs.

use ndarray::{ArrayD, Axis};
use opml_graph::{Converter, Model, SilentHost};
use opml_onnx::OnnxConverter;
use tract_onnx::pb::{ModelProto, NodeProto, TensorProto};

use crate::execution::{locals, output};
use crate::onnx_files::{calibrated, float, floats, int, integers, ints, model, node, text, write};

/// Numbers from −1 to 1, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn tensor(&mut self, name: &str, dims: &[i64]) -> TensorProto {
        let values: Vec<f32> = (0..dims.iter().product::<i64>()).map(|_| self.next()).collect();
        floats(name, dims, &values)
    }
}

const SAMPLES: usize = 24;

/// Converts a model, and compares each output with the float model's on every sample: it may be off by `units` of the
/// output's scale.
fn assert_close(onnx: &ModelProto, input: &[usize], units: f32) -> Model {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(7);
    let mut shape = vec![SAMPLES];
    shape.extend(input);
    let samples = ArrayD::from_shape_simple_fn(shape, || random.next());
    let options = calibrated(folder.path(), &samples);
    let source = write(folder.path(), onnx);
    let converter = OnnxConverter::new();
    let model = converter.model(&source, &options, &SilentHost).unwrap();
    let port = model.feed[0].quantization.unwrap();
    for sample in samples.axis_iter(Axis(0)) {
        let integers: Vec<i8> = sample
            .iter()
            .map(|value| ((value / port.scale).round() as i32 + port.zero_point).clamp(-128, 127) as i8)
            .collect();
        let real: Vec<u8> = integers
            .iter()
            .flat_map(|integer| (port.scale * (i32::from(*integer) - port.zero_point) as f32).to_le_bytes())
            .collect();
        let bytes: Vec<u8> = integers.iter().map(|integer| *integer as u8).collect();
        let expected = converter.reference(&source, &options, &[&real], &SilentHost).unwrap();
        let locals = locals(&model, &[&bytes]);
        assert_eq!(expected.len(), model.outputs.len());
        for (place, expected) in expected.iter().enumerate() {
            let scale = model.outputs[place].quantization.unwrap().scale;
            let expected = crate::digits::floats(expected);
            let found = output(&model, place, &locals);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                let off = (found - expected).abs() / scale;
                assert!(off <= units, "output {place}: {found} for {expected}, {off} units off");
            }
        }
    }
    model
}

fn names(model: &Model) -> Vec<&str> {
    model.nodes.iter().map(|node| node.name.as_str()).collect()
}

#[test]
fn gemm_in_both_layouts_with_factors_and_bias() {
    let mut random = Random(1);
    for (transposed, dims) in [(0, [12, 70]), (1, [70, 12])] {
        let attributes = vec![int("transB", transposed), float("alpha", 0.5), float("beta", -2.0)];
        let gemm = node("Gemm", "fc", &["x", "w", "b"], "y", attributes);
        let weights = vec![random.tensor("w", &dims), random.tensor("b", &[70])];
        assert_close(&model(&[3, 12], vec![gemm], weights, &["y"]), &[3, 12], 3.0);
    }
}

#[test]
fn matmul_of_rows_takes_an_added_constant_as_bias_and_bounds() {
    let mut random = Random(2);
    let nodes = vec![
        node("MatMul", "product", &["x", "w"], "p", vec![]),
        node("Add", "sum", &["b", "p"], "s", vec![]),
        node("Relu", "relu", &["s"], "y", vec![]),
    ];
    let weights = vec![random.tensor("w", &[6, 5]), random.tensor("b", &[5])];
    let converted = assert_close(&model(&[1, 4, 6], nodes, weights, &["y"]), &[4, 6], 3.0);
    // The product's record has rows, the output port the model's shape.
    assert_eq!(names(&converted), ["product", "y"]);
    assert_eq!(converted.outputs[0].shape.dims(), [1, 4, 5]);
}

#[test]
fn convolutions_with_strides_pads_dilations_and_groups() {
    let cases: [(Vec<_>, i64, &[i64]); 6] = [
        (vec![], 4, &[1, 4, 9, 8]),
        (
            vec![ints("pads", &[1, 0, 2, 3]), ints("strides", &[2, 1])],
            4,
            &[1, 4, 9, 8],
        ),
        (
            vec![ints("dilations", &[2, 3]), ints("pads", &[2, 2, 2, 2])],
            4,
            &[1, 4, 9, 8],
        ),
        (vec![int("group", 2), ints("kernel_shape", &[3, 2])], 2, &[2, 4, 5, 6]),
        (
            vec![text("auto_pad", "SAME_UPPER"), ints("strides", &[2, 2])],
            4,
            &[1, 4, 9, 8],
        ),
        (vec![text("auto_pad", "SAME_LOWER")], 4, &[1, 4, 5, 8]),
    ];
    let mut random = Random(3);
    for (attributes, depth, input) in cases {
        let conv = node("Conv", "conv", &["x", "w", "b"], "y", attributes);
        let weights = vec![random.tensor("w", &[6, depth, 3, 2]), random.tensor("b", &[6])];
        let size: Vec<usize> = input.iter().map(|dim| *dim as usize).collect();
        assert_close(&model(input, vec![conv], weights, &["y"]), &size, 3.0);
    }
}

#[test]
fn depthwise_convolution_clipped_and_pooled() {
    let mut random = Random(4);
    let nodes = vec![
        node(
            "Conv",
            "conv",
            &["x", "w"],
            "c",
            vec![int("group", 3), ints("pads", &[1, 1, 1, 1])],
        ),
        node("Clip", "clip", &["c", "low", "high"], "k", vec![]),
        node(
            "MaxPool",
            "pool",
            &["k"],
            "y",
            vec![
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 0, 1, 1]),
            ],
        ),
    ];
    let weights = vec![
        random.tensor("w", &[3, 1, 3, 3]),
        floats("low", &[], &[-0.25]),
        floats("high", &[], &[1.0]),
    ];
    let converted = assert_close(&model(&[1, 3, 7, 6], nodes, weights, &["y"]), &[3, 7, 6], 3.0);
    assert_eq!(names(&converted), ["conv", "pool"]);
}

#[test]
fn bounds_stay_apart_where_the_value_between_is_read_again() {
    let mut random = Random(5);
    let nodes = vec![
        node("Gemm", "fc", &["x", "w"], "p", vec![]),
        node("Relu", "relu", &["p"], "r", vec![]),
        node("Add", "sum", &["p", "r"], "s", vec![]),
        node("Clip", "clip", &["s"], "y", vec![float("min", -0.5), float("max", 2.0)]),
    ];
    let mut onnx = model(&[2, 8], nodes, vec![random.tensor("w", &[8, 8])], &["y"]);
    onnx.opset_import[0].version = 9;
    let converted = assert_close(&onnx, &[2, 8], 6.0);
    assert_eq!(names(&converted), ["fc", "relu", "sum"]);
}

#[test]
fn a_constant_is_added_to_a_computed_tensor() {
    let mut random = Random(6);
    let nodes = vec![node("Add", "sum", &["x", "c"], "y", vec![])];
    let weights = vec![random.tensor("c", &[5, 1])];
    assert_close(&model(&[3, 5, 4], nodes, weights, &["y"]), &[3, 5, 4], 2.0);
}

#[test]
fn shapes_change_and_an_open_batch_is_one() {
    let nodes: Vec<NodeProto> = vec![
        node("Identity", "same", &["x"], "i", vec![]),
        node("Shape", "shape", &["i"], "sizes", vec![]),
        node("Gather", "batch", &["sizes", "zero"], "n", vec![]),
        node("Concat", "target", &["n", "rest"], "t", vec![int("axis", 0)]),
        node("Reshape", "reshape", &["i", "t"], "r", vec![]),
        node("Flatten", "flatten", &["r"], "f", vec![int("axis", 1)]),
        node("Dropout", "drop", &["f"], "y", vec![]),
    ];
    let weights = vec![integers("zero", &[0]), integers("rest", &[3, -1])];
    let converted = assert_close(&model(&[-1, 6, 2], nodes, weights, &["y"]), &[6, 2], 0.01);
    assert_eq!(names(&converted), ["reshape", "flatten"]);
    assert_eq!(converted.outputs[0].shape.dims(), [1, 12]);
}

#[test]
fn a_node_may_have_the_name_of_its_weights() {
    let mut random = Random(8);
    let nodes = vec![
        node("Gemm", "w", &["x", "w"], "node1", vec![]),
        node("Relu", "x", &["node1"], "y", vec![]),
    ];
    let converted = assert_close(
        &model(&[2, 4], nodes, vec![random.tensor("w", &[4, 3])], &["y"]),
        &[2, 4],
        3.0,
    );
    assert_eq!(names(&converted), ["w"]);
}

#[test]
fn several_outputs_lie_in_the_last_aligned_block() {
    let mut random = Random(9);
    let nodes = vec![
        node("Gemm", "a", &["x", "w"], "p", vec![]),
        node("Relu", "b", &["p"], "q", vec![]),
        node("MatMul", "unread", &["q", "w"], "nobody", vec![]),
        node("Add", "c", &["q", "x"], "r", vec![]),
    ];
    let weights = vec![random.tensor("w", &[4, 4])];
    let converted = assert_close(&model(&[2, 4], nodes, weights, &["p", "q", "r"]), &[2, 4], 4.0);
    assert_eq!(names(&converted), ["a", "b", "c", "", "p", "q", "r"]);
    assert_eq!((converted.output_height, converted.output_index), (2, 1));
}

#[test]
fn a_channel_without_weights_gives_its_bias() {
    let mut weights = vec![0.0; 12];
    weights[..4].copy_from_slice(&[0.5, -0.25, 0.75, 1.0]);
    let gemm = node("Gemm", "fc", &["x", "w", "b"], "y", vec![int("transB", 1)]);
    let constants = vec![floats("w", &[3, 4], &weights), floats("b", &[3], &[0.1, 0.7, -1.3])];
    assert_close(&model(&[1, 4], vec![gemm], constants, &["y"]), &[4], 2.0);
}
