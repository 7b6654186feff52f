//! Values larger than a slot: cut into parts they give the same to the last bit, and what cannot be cut is refused by name.

use std::path::Path;

use crate::execution::outputs;
use crate::onnx_files::{float, floats, int, integers, ints, model, node, write};
use opml_graph::{Converter, Model, SilentHost, open_model_file, validate};
use opml_onnx::OnnxConverter;
use opml_ops::Source;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::{ModelProto, NodeProto, StringStringEntryProto, TensorProto};

fn import(path: &Path, options: &str, limit: u64) -> Result<Model, opml_graph::ConvertError> {
    let model = OnnxConverter::new()
        .with_value_limit(limit)
        .model(path, options, &SilentHost)?;
    validate(&model).unwrap();
    Ok(model)
}

/// Numbers without a pattern, the same at every run.
fn noise(count: usize, mut seed: u32) -> Vec<f32> {
    let next = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(next).collect()
}

fn weights(name: &str, dims: &[i64]) -> TensorProto {
    let count = dims.iter().product::<i64>() as usize;
    floats(name, dims, &noise(count, name.bytes().map(u32::from).sum()))
}

fn bytes_of(name: &str, kind: DataType, dims: &[i64]) -> TensorProto {
    let values = noise(dims.iter().product::<i64>() as usize, 7);
    TensorProto {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: kind as i32,
        raw_data: values.iter().map(|value| (value * 127.0) as i8 as u8).collect(),
        ..TensorProto::default()
    }
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// No constant, and no value that a node computes and no output is, has more bytes than the limit.
fn assert_values_fit(model: &Model, limit: u64) {
    let large = model.constants.iter().map(|constant| constant.bytes.len() as u64).max();
    assert!(large.unwrap_or(0) <= limit, "a constant of {large:?} bytes at {limit}");
    let outputs = (model.output_index as usize) << model.output_height;
    let read_by_outputs: Vec<usize> = model.nodes[outputs..]
        .iter()
        .flat_map(|node| (0..node.record.input_count()).filter_map(|input| node.record.input(input)))
        .filter(|value| value.source == Some(Source::Local))
        .map(|value| value.index as usize)
        .collect();
    for (place, node) in model.nodes[..outputs].iter().enumerate() {
        let bytes = u64::from(node.record.output_bytes());
        assert!(
            bytes <= limit || read_by_outputs.contains(&place),
            "`{}` gives {bytes} bytes at {limit}",
            node.name
        );
    }
}

/// Cut at each limit, a model has more nodes and the same outputs.
fn assert_same(path: &Path, options: &str, feed: &[u8], limits: &[u64]) {
    let whole = import(path, options, u64::MAX).unwrap();
    let expected = outputs(&whole, &[feed.to_vec()]);
    for limit in limits {
        let cut =
            import(path, options, *limit).unwrap_or_else(|error| panic!("{} at {limit}: {error}", path.display()));
        assert!(cut.nodes.len() > whole.nodes.len(), "nothing is cut at {limit}");
        if options == "{}" {
            assert_values_fit(&cut, *limit);
        }
        assert!(
            outputs(&cut, &[feed.to_vec()]) == expected,
            "{} differs at {limit}",
            path.display()
        );
    }
}

fn assert_same_model(proto: &ModelProto, feed: &[f32], limits: &[u64]) {
    let folder = tempfile::tempdir().unwrap();
    assert_same(&write(folder.path(), proto), "{}", &little_endian(feed), limits);
}

fn indices() -> NodeProto {
    node("Cast", "", &["x"], "i", vec![int("to", 7)])
}

#[test]
fn a_table_is_gathered_from_and_multiplied_with() {
    // Rows from the front, from the end, and beyond both ends.
    let feed = [0.0, 36.0, -1.0, 18.0, -37.0, 17.0, 99.0, -99.0];
    let nodes = vec![
        indices(),
        node("Gather", "embed", &["table", "i"], "e", vec![]),
        node("Tanh", "", &["e"], "h", vec![]),
        node("Transpose", "", &["table"], "turned", vec![ints("perm", &[1, 0])]),
        node("MatMul", "logits", &["h", "turned"], "y", vec![]),
    ];
    let tied = model(&[2, 4], nodes, vec![weights("table", &[37, 24])], &["y"]);
    assert_same_model(&tied, &feed, &[768, 1024, 1600, 3000]);

    let transposed = vec![
        indices(),
        node("Gather", "embed", &["table", "i"], "e", vec![]),
        node(
            "Gemm",
            "",
            &["e", "table", "c"],
            "y",
            vec![int("transB", 1), float("alpha", 0.5)],
        ),
    ];
    let constants = vec![weights("table", &[37, 24]), weights("c", &[37])];
    assert_same_model(&model(&[8], transposed, constants, &["y"]), &feed, &[768, 1024]);
}

#[test]
fn a_table_without_another_axis_is_cut_along_its_indices() {
    let feed = [0.0, 299.0, -1.0, 128.0, -300.0, 127.0, 999.0, -999.0];
    for kind in [6, 7] {
        let nodes = vec![
            node("Cast", "", &["x"], "i", vec![int("to", kind)]),
            node("Gather", "", &["table", "i"], "g", vec![]),
            node("Gather", "", &["column", "i"], "c", vec![int("axis", -2)]),
            node("ReduceSum", "", &["c", "last"], "s", vec![int("keepdims", 0)]),
            node("Add", "", &["g", "s"], "y", vec![]),
        ];
        let constants = vec![
            weights("table", &[300]),
            weights("column", &[1, 300, 1]),
            integers("last", &[0, -1]),
        ];
        assert_same_model(&model(&[2, 4], nodes, constants, &["y"]), &feed, &[64, 512, 1024]);
    }
}

#[test]
fn tables_are_gathered_from_along_any_axis() {
    for axis in [0, 1, 2, -1] {
        let nodes = vec![indices(), node("Gather", "", &["t", "i"], "y", vec![int("axis", axis)])];
        let table = weights("t", &[6, 7, 8]);
        assert_same_model(
            &model(&[2, 2], nodes, vec![table], &["y"]),
            &[0.0, -2.0, 5.0, 1.0],
            &[256, 500],
        );
    }
}

#[test]
fn convolutions_keep_what_they_take_over() {
    for groups in [1, 2, 4] {
        let nodes = vec![
            node(
                "Conv",
                "",
                &["x", "w", "b"],
                "c",
                vec![ints("pads", &[1, 1, 1, 1]), int("group", groups)],
            ),
            node("Mul", "", &["c", "scale"], "m", vec![]),
            node("Add", "", &["m", "offset"], "a", vec![]),
            node("Relu", "", &["a"], "r", vec![]),
            node("ConvTranspose", "", &["r", "t"], "y", vec![ints("strides", &[2, 2])]),
        ];
        let constants = vec![
            weights("w", &[24, 8 / groups, 3, 3]),
            weights("b", &[24]),
            weights("scale", &[24, 1, 1]),
            weights("offset", &[1, 24, 1, 1]),
            weights("t", &[24, 6, 2, 2]),
        ];
        let whole = model(&[2, 8, 4, 4], nodes, constants, &["y"]);
        assert_same_model(&whole, &noise(256, 3), &[1600, 2200]);
    }
}

#[test]
fn integer_products_are_cut() {
    let nodes = vec![
        node("QuantizeLinear", "", &["x", "sx", "zx"], "q", vec![]),
        node("MatMulInteger", "", &["q", "w", "zx", "zw"], "p", vec![]),
        node("Cast", "", &["p"], "f", vec![int("to", 1)]),
        node("DequantizeLinear", "", &["w", "sw", "zw"], "v", vec![int("axis", 1)]),
        node("MatMul", "", &["x", "v"], "g", vec![]),
        node("Add", "", &["f", "g"], "y", vec![]),
    ];
    let constants = vec![
        floats("sx", &[], &[0.02]),
        bytes_of("zx", DataType::Int8, &[]),
        bytes_of("w", DataType::Int8, &[16, 80]),
        bytes_of("zw", DataType::Int8, &[80]),
        weights("sw", &[80]),
    ];
    assert_same_model(&model(&[3, 16], nodes, constants, &["y"]), &noise(48, 5), &[512, 1000]);
}

#[test]
fn what_is_computed_is_cut_too() {
    let nodes = vec![
        node("MatMul", "", &["x", "w"], "m", vec![]),
        node("Add", "", &["m", "b"], "a", vec![]),
        node("Sigmoid", "", &["a"], "g", vec![]),
        node("Mul", "", &["a", "g"], "s", vec![]),
        node("Softmax", "", &["s"], "p", vec![int("axis", 2)]),
        node("Reshape", "", &["p", "heads"], "h", vec![]),
        node("Transpose", "", &["h"], "t", vec![ints("perm", &[0, 2, 1, 3])]),
        node("MatMul", "", &["t", "v"], "o", vec![]),
        node(
            "ReduceMean",
            "",
            &["o"],
            "r",
            vec![ints("axes", &[3]), int("keepdims", 0)],
        ),
        node("ArgMax", "", &["r"], "n", vec![int("axis", 1), int("keepdims", 0)]),
        node("Cast", "", &["n"], "y", vec![int("to", 1)]),
    ];
    let constants = vec![
        weights("w", &[10, 40]),
        weights("b", &[40]),
        integers("heads", &[2, 7, 4, 10]),
        weights("v", &[10, 6]),
    ];
    let whole = model(&[2, 7, 10], nodes, constants, &["y"]);
    assert_same_model(&whole, &noise(140, 11), &[400, 640, 1024, 2000]);
}

#[test]
fn trained_networks_answer_the_same() {
    let images: Vec<u8> = crate::digits::golden::<u8>("images.npy").into_iter().collect();
    for (file, limits) in [("mlp.onnx", [4096, 10_000]), ("cnn.onnx", [6400, 10_000])] {
        let path = crate::digits::file(file);
        for image in images.chunks(784).take(2) {
            assert_same(&path, "{}", &crate::digits::real(image), &limits);
        }
        let samples = crate::digits::file("calibration.npy");
        let options = format!(
            r#"{{"quantize": {{"scheme": "int8-products", "calibration": "{}"}}}}"#,
            samples.display()
        );
        assert_same(&path, &options, &crate::digits::real(&images[..784]), &limits);
    }
}

#[test]
fn what_cannot_be_cut_is_named() {
    let refusal = |nodes: Vec<NodeProto>, constants: Vec<TensorProto>, limit: u64| {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), &model(&[1, 2, 4], nodes, constants, &["y"]));
        let error = import(&path, "{}", limit).expect_err("a refusal");
        assert_eq!(error.code, 2);
        (error.message, error.help)
    };
    let lstm = node("RNN", "r", &["x", "w", "u"], "y", vec![int("hidden_size", 8)]);
    let constants = vec![weights("w", &[1, 8, 4]), weights("u", &[1, 8, 8])];
    assert_eq!(
        refusal(vec![lstm], constants, 200),
        (
            "node `r` (RNN): the tensor `u`: `rnn_f32`: input 1, f32 [8, 8], has 256 bytes; a value has at most 200, and this one cannot be cut \
             into parts"
                .into(),
            "give smaller dimensions, or export the model with this tensor in parts".into()
        )
    );
    let sums = node("CumSum", "c", &["w", "axis"], "y", vec![]);
    assert_eq!(
        refusal(vec![sums], vec![weights("w", &[64]), integers("axis", &[0])], 200).0,
        "node `c` (CumSum): the tensor `w`: `cumulate`: input 0, f32 [64], has 256 bytes; a value has at most 200, and this one cannot be cut into \
         parts"
    );
    let relu = model(
        &[1 << 14, 1 << 13],
        vec![node("Relu", "", &["x"], "y", vec![])],
        vec![],
        &["y"],
    );
    let folder = tempfile::tempdir().unwrap();
    let error = import(&write(folder.path(), &relu), "{}", u64::MAX).expect_err("a refusal");
    assert_eq!(
        (&error.message[..], &error.help[..]),
        (
            "input `x`: it has 536870912 bytes; a value has at most 268435328",
            "give smaller dimensions"
        )
    );
    let expand = node("Expand", "e", &["x", "s"], "y", vec![]);
    assert_eq!(
        refusal(vec![expand], vec![integers("s", &[1 << 24, 2, 4])], u64::MAX),
        (
            "the output `y` has 536870912 bytes; a value has at most 268435328".into(),
            "give smaller dimensions, or take the places of its greatest elements: `argmax` under `outputs`".into()
        )
    );
}

/// An embedding above the size of a slot, kept in a file of its own: rows of it are gathered, and multiplied with all of
/// it.
#[test]
fn a_table_above_a_slot_is_imported() {
    const ROWS: usize = 70_001;
    const COLUMNS: usize = 1024;
    let value = |row: usize, column: usize| ((row * 31 + column * 17) % 257) as f32 - 128.0;
    let folder = tempfile::tempdir().unwrap();
    {
        let mut file = std::io::BufWriter::new(std::fs::File::create(folder.path().join("table.bin")).unwrap());
        for row in 0..ROWS {
            let numbers: Vec<f32> = (0..COLUMNS).map(|column| value(row, column)).collect();
            std::io::Write::write_all(&mut file, &little_endian(&numbers)).unwrap();
        }
    }
    let mut table = floats("table", &[ROWS as i64, COLUMNS as i64], &[]);
    table.raw_data.clear();
    table.data_location = Some(DataLocation::External as i32);
    table.external_data = vec![StringStringEntryProto {
        key: "location".into(),
        value: "table.bin".into(),
    }];
    let nodes = vec![
        indices(),
        node("Gather", "embed", &["table", "i"], "e", vec![]),
        node("Transpose", "", &["table"], "turned", vec![ints("perm", &[1, 0])]),
        node("MatMul", "logits", &["e", "turned"], "y", vec![]),
    ];
    let path = write(folder.path(), &model(&[1], nodes, vec![table], &["y"]));
    let converted = folder.path().join("table.model");
    let mut file = std::fs::File::create(&converted).unwrap();
    OnnxConverter::new()
        .convert(&path, "{}", &mut file, &SilentHost)
        .unwrap();
    let model = open_model_file(&converted).unwrap();
    assert_values_fit(&model, u64::from(opml_ops::MAX_VALUE_BYTES));
    // The indices, the table's columns and its rows in two parts each.
    let large = model
        .constants
        .iter()
        .filter(|constant| constant.bytes.len() > 1 << 20)
        .count();
    assert_eq!(large, 4);
    let row = ROWS - 2;
    let results = outputs(&model, &[little_endian(&[-2.0])]);
    let results = crate::digits::floats(&results[0]);
    assert_eq!(results.len(), ROWS);
    for place in (0..ROWS).step_by(997).chain([35_007, 35_008, ROWS - 1]) {
        // Whole numbers below 2^24, whose sums are exact.
        let sum: f32 = (0..COLUMNS)
            .map(|column| value(row, column) * value(place, column))
            .sum();
        assert_eq!(results[place], sum, "place {place}");
    }
}
