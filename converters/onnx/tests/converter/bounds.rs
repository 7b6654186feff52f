//! What a small file asks for is bounded: sizes, products of sizes, numbers that the converter works out, passes of loops, constant
//! expressions. Each is a refusal in words, at once and without much memory.

use std::time::{Duration, Instant};

use crate::onnx_files::{float, floats, graph_attribute, int, integers, ints, model, node, text, write};
use opml_graph::SilentHost;
use opml_onnx::OnnxConverter;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};

fn refusal_with(model: &ModelProto, options: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), model);
    let began = Instant::now();
    let error = OnnxConverter::new()
        .model(&path, options, &SilentHost)
        .expect_err("a refusal");
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}: {error}",
        began.elapsed()
    );
    assert_eq!(error.code, 2, "{error}");
    error.message
}

fn refusal(input: &[i64], nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> String {
    refusal_with(&model(input, nodes, constants, &["y"]), "{}")
}

fn constant(name: &str, dims: &[i64]) -> (NodeProto, TensorProto) {
    let shape = format!("{name} shape");
    (
        node("ConstantOfShape", name, &[&shape], name, vec![]),
        TensorProto {
            name: shape,
            ..integers("", dims)
        },
    )
}

#[test]
fn sizes_below_zero_are_no_sizes() {
    let add = || vec![node("Add", "n", &["x", "w"], "y", vec![])];
    for dims in [&[-1][..], &[2, -4], &[i64::MIN]] {
        let least = dims.iter().min().expect("a size");
        assert_eq!(
            refusal(&[1, 4], add(), vec![floats("w", dims, &[1.0])]),
            format!("the tensor `w`: {least} is no size")
        );
    }
    let expand = node("Expand", "n", &["x", "s"], "y", vec![]);
    assert_eq!(
        refusal(&[1, 4], vec![expand], vec![integers("s", &[-3, 4])]),
        "node `n` (Expand): -3 is no size"
    );
}

#[test]
fn products_of_sizes_are_no_smaller_for_an_empty_axis() {
    let dims = [0, 1 << 31, 1 << 31, 1 << 31];
    let places = node("NonZero", "n", &["w"], "y", vec![]);
    assert_eq!(
        refusal(&[1, 4], vec![places], vec![floats("w", &dims, &[])]),
        "the tensor `w`: the dimensions [0, 2147483648, 2147483648, 2147483648] are too large"
    );
    let reshape = node("Reshape", "n", &["x", "s"], "y", vec![]);
    assert_eq!(
        refusal(
            &[1, 4],
            vec![reshape],
            vec![integers("s", &[1 << 31, 1 << 31, 1 << 31, -1])]
        ),
        "node `n` (Reshape): a tensor of the shape [2147483648, 2147483648, 2147483648, 1] is too large"
    );
    let (empty, shape) = constant("c", &[0, 4]);
    let tile = node("Tile", "n", &["c", "r"], "y", vec![]);
    assert_eq!(
        refusal(
            &[1, 4],
            vec![empty, tile],
            vec![shape, integers("r", &[1 << 31, 1 << 31])]
        ),
        "node `n` (Tile): a tensor of the shape [0, 8589934592] is too large"
    );
    let shapes = format!(
        r#"{{"shapes": {{"x": [{0}, {0}, {0}]}}, "values": {{"x": 1}}}}"#,
        1u64 << 31
    );
    let relu = node("Relu", "n", &["x"], "y", vec![]);
    assert_eq!(
        refusal_with(&model(&[-1, -1, -1], vec![relu], vec![], &["y"]), &shapes),
        "input `x`: a tensor of the shape [2147483648, 2147483648, 2147483648] is too large"
    );
}

#[test]
fn what_is_worked_out_number_by_number_is_bounded() {
    let scalar = |name: &str, value: i64| TensorProto {
        dims: Vec::new(),
        ..integers(name, &[value])
    };
    let range = node("Range", "n", &["a", "b", "c"], "y", vec![]);
    assert_eq!(
        refusal(
            &[1],
            vec![range],
            vec![scalar("a", 0), scalar("b", i64::MAX), scalar("c", 1)]
        ),
        "node `n` (Range): the converter would have to work out [9223372036854775807] numbers one by one; it does at most 16777216"
    );
    let (ones, shape) = constant("c", &[1 << 13, 1 << 13]);
    let eye = node("EyeLike", "n", &["c"], "y", vec![]);
    assert_eq!(
        refusal(&[1], vec![ones, eye], vec![shape]),
        "node `n` (EyeLike): the converter would have to work out [8192, 8192] numbers one by one; it does at most 16777216"
    );
    let tile = node("Tile", "n", &["x", "r"], "y", vec![]);
    assert_eq!(
        refusal(&[1], vec![tile], vec![integers("r", &[1 << 27])]),
        "node `n` (Tile): 134217728 repeats; there are at most 65536"
    );
    let split = node("Split", "n", &["x"], "y", vec![int("num_outputs", 1 << 24)]);
    assert_eq!(
        refusal(&[4], vec![split], vec![]),
        "node `n` (Split): it has 1 outputs for 16777216 parts"
    );
    let value = AttributeProto {
        name: "value".into(),
        r#type: AttributeType::Tensor as i32,
        t: Some(floats("", &[4], &[1.0; 4])),
        ..AttributeProto::default()
    };
    let several = node("ConstantOfShape", "n", &["s"], "y", vec![value]);
    assert_eq!(
        refusal(&[4], vec![several], vec![integers("s", &[2])]),
        "node `n` (ConstantOfShape): its value has 4 elements, not one"
    );
    let (many, shape) = constant("c", &[1 << 25]);
    let expand = node("Expand", "n", &["x", "c"], "y", vec![]);
    assert_eq!(
        refusal(&[4], vec![many, expand], vec![shape]),
        "node `n` (Expand): the shape to expand to: the converter would have to work out [33554432] numbers one by one; it does at most 16777216"
    );
}

#[test]
fn scales_and_filters_that_reach_everywhere_are_refused() {
    let resize = |scale: f32| {
        let attributes = vec![text("mode", "linear"), int("antialias", 1)];
        let resize = node("Resize", "n", &["x", "", "s"], "y", attributes);
        let mut model = model(
            &[1, 1 << 23],
            vec![resize],
            vec![floats("s", &[2], &[1.0, scale])],
            &["y"],
        );
        model.opset_import[0].version = 18;
        refusal_with(&model, "{}")
    };
    assert_eq!(
        resize(1e-3),
        "node `n` (Resize): the converter would have to work out [8388, 4002] numbers one by one; it does at most 16777216"
    );
    let mel = |rate: i64, highest: f32| {
        let scalar = |name: &str, value: i64| TensorProto {
            dims: Vec::new(),
            ..integers(name, &[value])
        };
        let bound = |name: &str, value: f32| TensorProto {
            dims: Vec::new(),
            ..floats(name, &[1], &[value])
        };
        let mel = node(
            "MelWeightMatrix",
            "n",
            &["bins", "length", "rate", "low", "high"],
            "y",
            vec![],
        );
        let constants = vec![
            scalar("bins", 8),
            scalar("length", 16),
            scalar("rate", rate),
            bound("low", 0.0),
            bound("high", highest),
        ];
        refusal(&[1], vec![mel], constants)
    };
    assert!(mel(0, 8192.0).starts_with("node `n` (MelWeightMatrix): a filter lies at 0 Hz of 0 samples a second"));
    assert!(mel(8192, 1e30).starts_with("node `n` (MelWeightMatrix): a filter lies at "));
}

#[test]
fn constant_expressions_do_not_take_for_ever() {
    let (ones, shape) = constant("c", &[1 << 12, 1 << 12]);
    let square = node("MatMul", "n", &["c", "c"], "y", vec![]);
    assert_eq!(
        refusal(&[1], vec![ones, square], vec![shape]),
        "node `n` (MatMul): the model's constant expressions take more than 2147487744 units of work together"
    );
    let attributes = vec![ints("strides", &[1, 1]), float("alpha", 1.0)];
    let (image, shape) = constant("c", &[1, 64, 512, 512]);
    let (weights, weight_shape) = constant("w", &[64, 64, 3, 3]);
    let convolution = node("Conv", "n", &["c", "w"], "y", attributes);
    assert_eq!(
        refusal(&[1], vec![image, weights, convolution], vec![shape, weight_shape]),
        "node `n` (Conv): the model's constant expressions take more than 2147500032 units of work together"
    );
}

/// A loop of as many passes as `passes` says over a graph of one node that is a loop again, `depth` times.
fn loops(depth: usize) -> NodeProto {
    let port = |name: &str| ValueInfoProto {
        name: name.into(),
        ..ValueInfoProto::default()
    };
    let inner = match depth {
        0 => node("Neg", "step", &[&format!("a{depth}")], &format!("b{depth}"), vec![]),
        _ => NodeProto {
            input: vec!["passes".into(), String::new(), format!("a{depth}")],
            output: vec![format!("b{depth}")],
            ..loops(depth - 1)
        },
    };
    let body = GraphProto {
        input: vec![port("number"), port("goes"), port(&format!("a{depth}"))],
        output: vec![port("goes"), port(&format!("b{depth}"))],
        node: vec![inner],
        ..GraphProto::default()
    };
    let mut looped = node(
        "Loop",
        "loop",
        &["passes", "", "x"],
        "y",
        vec![graph_attribute("body", body)],
    );
    looped.name = format!("loop {depth}");
    looped
}

#[test]
fn loops_inside_loops_come_to_an_end() {
    let passes = |count: i64| TensorProto {
        dims: Vec::new(),
        ..integers("passes", &[count])
    };
    assert_eq!(
        refusal(&[1], vec![loops(0)], vec![passes(1 << 20)]),
        "node `loop 0` (Loop): a loop of more than 65536 passes"
    );
    let nested = refusal(&[1], vec![loops(3)], vec![passes(1 << 9)]);
    assert!(
        nested.ends_with("with all passes of its loops the model has more than 262144 nodes and passes"),
        "{nested}"
    );
    // Weights of a body that are read again in every pass, and passes that do nothing.
    let port = |name: &str| ValueInfoProto {
        name: name.into(),
        ..ValueInfoProto::default()
    };
    let body = |weights: usize| GraphProto {
        input: vec![port("number"), port("goes"), port("a")],
        output: vec![port("goes"), port("a")],
        initializer: vec![floats("w", &[weights as i64], &vec![1.0; weights])],
        ..GraphProto::default()
    };
    let looped = |weights: usize| {
        let attribute = graph_attribute("body", body(weights));
        vec![node("Loop", "n", &["passes", "", "x"], "y", vec![attribute])]
    };
    assert_eq!(
        refusal(&[1], looped(1 << 16), vec![passes(1 << 16)]),
        "the model's constant expressions take more than 2147485696 units of work together"
    );
}

#[test]
fn shapes_that_no_layer_has_are_refused() {
    let layer = |operator: &str, hidden: i64| {
        let nodes = vec![node(
            operator,
            "n",
            &["x", "w", "r"],
            "y",
            vec![int("hidden_size", hidden)],
        )];
        let gates = if operator == "GRU" { 3 } else { 1 };
        let weights = floats("w", &[1, 2 * gates, 2], &vec![0.5; 4 * gates as usize]);
        let recurrence = floats("r", &[1, 2 * gates, 2], &vec![0.5; 4 * gates as usize]);
        refusal(&[3, 1, 2], nodes, vec![weights, recurrence])
    };
    assert_eq!(
        layer("GRU", 5),
        "node `n` (GRU): the products of input and weights have the shape [3, 1, 6], not [3, 1, 15]"
    );
    assert_eq!(
        layer("RNN", 1),
        "node `n` (RNN): the products of input and weights have the shape [3, 1, 2], not [3, 1, 1]"
    );
    let empty = |operator: &str, inputs: &[&str]| {
        let (none, shape) = constant("c", &[0, 4, 2]);
        let other = floats("w", &[4], &[1.0; 4]);
        refusal(
            &[1],
            vec![none, node(operator, "n", inputs, "y", vec![])],
            vec![shape, other],
        )
    };
    assert_eq!(empty("LRN", &["c"]), "node `n` (LRN): input 0 has no elements");
    assert_eq!(
        empty("InstanceNormalization", &["c", "w", "w"]),
        "node `n` (InstanceNormalization): input 0 has no elements"
    );
    assert_eq!(
        empty("GRU", &["c", "w", "w"]),
        "node `n` (GRU): input 0 has no elements"
    );
    let unpool = node(
        "MaxUnpool",
        "n",
        &["x", "x"],
        "y",
        vec![ints("kernel_shape", &[1]), ints("pads", &[i64::MIN, 0])],
    );
    assert_eq!(
        refusal(&[1, 1, 2], vec![unpool], vec![]),
        "node `n` (MaxUnpool): -9223372036854775808 is no size"
    );
    let images = node("Col2Im", "n", &["x", "i", "b"], "y", vec![]);
    assert_eq!(
        refusal(
            &[1, 1, 1],
            vec![images],
            vec![integers("i", &[2, 2]), integers("b", &[1])]
        ),
        "node `n` (Col2Im): an image of 2 axes and a block of 1"
    );
}
