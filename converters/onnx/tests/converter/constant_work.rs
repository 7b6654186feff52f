//! What the converter computes itself comes to an end: constant expressions, loops, loops inside loops.

use crate::bounds::{constant, refusal};
use crate::onnx_files::{float, floats, graph_attribute, integers, ints, node};
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto, ValueInfoProto};

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

/// A loop of as many passes as the constant `passes` says, over a graph of one node that is a loop again, `depth` times.
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
