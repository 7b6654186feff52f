//! A small valid model: clamp, alias, add.

use bytes::Bytes;
use opml_graph::{Constant, Model, Node, Port, Quantization};
use opml_ops::{ALIAS, DType, MAX_INPUTS, Operator, Record, Shape, Source, Value};

fn value(source: Option<Source>, index: u32, dims: &[u32]) -> Value {
    Value {
        source,
        index,
        dtype: DType::I8,
        shape: Shape::new(dims).expect("a shape"),
    }
}

fn node(name: &str, mut record: Record, constant: Option<(usize, usize)>) -> Node {
    record.set_block_log2(7);
    let mut constants = [None; MAX_INPUTS];
    if let Some((input, constant)) = constant {
        constants[input] = Some(constant);
    }
    Node {
        name: name.into(),
        record,
        constants,
    }
}

/// `[4, 75]` int8: clamp to −5 … 90, reshape to `[300]`, add a constant.
pub(crate) fn small_model() -> Model {
    let mut clamp = Record::new(Operator::ClampI8 as u32, value(None, 0, &[4, 75]));
    clamp.push_input(value(Some(Source::Feed), 0, &[4, 75]));
    clamp.set_attribute(0, -5i32 as u32);
    clamp.set_attribute(1, 90);
    let mut reshape = Record::new(ALIAS, value(None, 0, &[300]));
    reshape.push_input(value(Some(Source::Local), 0, &[4, 75]));
    let mut add = Record::new(Operator::AddI8 as u32, value(None, 0, &[300]));
    add.push_input(value(Some(Source::Local), 1, &[300]));
    add.push_input(value(Some(Source::Constant), 0, &[300]));
    for (place, word) in [(2, 1 << 30), (3, 30), (4, 1 << 30), (5, 30), (7, -128), (8, 127)] {
        add.set_attribute(place, word as u32);
    }
    let port = |name: &str, dims: &[u32], quantization| Port {
        name: name.into(),
        dtype: DType::I8,
        shape: Shape::new(dims).expect("a shape"),
        quantization,
    };
    let bias: Vec<u8> = (0..300).map(|place| (place % 7) as u8).collect();
    Model {
        name: "small".into(),
        nodes: vec![
            node("clamp", clamp, None),
            node("reshape", reshape, None),
            node("add", add, Some((1, 0))),
        ],
        carry: vec![],
        feed: vec![port(
            "x",
            &[4, 75],
            Some(Quantization {
                scale: 0.5,
                zero_point: -3,
            }),
        )],
        outputs: vec![port("y", &[300], None)],
        output_height: 0,
        output_index: 2,
        constants: vec![
            Constant::new(Bytes::from(bias)),
            Constant::new(Bytes::from(vec![7; 5000])),
        ],
    }
}
