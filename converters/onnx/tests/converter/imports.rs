//! Models that are imported as they stand: what is refused, in which words, and that nothing malformed panics or takes for ever.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::onnx_files::{floats, graph_attribute, int, integers, ints, model, node, text, write};
use opml_graph::{ConvertError, Converter, Model, SilentHost};
use opml_onnx::OnnxConverter;
use tract_onnx::pb::tensor_proto::DataLocation;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, StringStringEntryProto, TensorProto, ValueInfoProto};

fn import(path: &Path, options: &str) -> Result<Model, ConvertError> {
    OnnxConverter::new().model(path, options, &SilentHost)
}

fn refusal_with(model: &ModelProto, options: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let error = import(&write(folder.path(), model), options).expect_err("a refusal");
    assert_eq!(error.code, 2, "{error}");
    (error.message, error.help)
}

fn refusal(nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> String {
    refusal_with(&model(&[1, 4], nodes, constants, &["y"]), "{}").0
}

#[test]
fn what_is_not_supported_is_named_with_its_node() {
    let unknown = node("Frobnicate", "odd", &["x"], "y", vec![]);
    assert_eq!(
        refusal(vec![unknown], vec![]),
        "node `odd` (Frobnicate): the operator `Frobnicate` is not supported"
    );
    let mode = node(
        "DepthToSpace",
        "",
        &["x"],
        "y",
        vec![int("blocksize", 2), text("mode", "ABC")],
    );
    let wide = model(&[1, 4, 2, 2], vec![mode], vec![], &["y"]);
    assert_eq!(
        refusal_with(&wide, "{}"),
        (
            "node `y` (DepthToSpace): the attribute `mode` is `ABC`, which is not supported".into(),
            "supported: DCR, CRD".into()
        )
    );
    let typed = node("Transpose", "t", &["x"], "y", vec![int("perm", 1)]);
    assert_eq!(
        refusal(vec![typed], vec![]),
        "node `t` (Transpose): the attribute `perm` must be a list of integers"
    );
    let mut foreign = node("Relu", "mine", &["x"], "y", vec![]);
    foreign.domain = "com.example".into();
    assert_eq!(
        refusal(vec![foreign], vec![]),
        "node `mine` (Relu): operators of the domain `com.example` are not supported"
    );
}

#[test]
fn shapes_that_are_computed_are_named() {
    let numbers = node("Cast", "", &["x"], "n", vec![int("to", 7)]);
    let flat = node("Reshape", "", &["n"], "flat", vec![ints("shape", &[4])]);
    let reshape = node("Reshape", "r", &["x", "flat"], "y", vec![]);
    let (message, help) = refusal_with(&model(&[1, 4], vec![numbers, flat, reshape], vec![], &["y"]), "{}");
    assert_eq!(
        message,
        "node `r` (Reshape): the shape is computed when the model runs; it must be known beforehand"
    );
    assert!(help.contains("`values` of the spec's `model`"), "{help}");
}

#[test]
fn names_are_defined_once_and_before_they_are_read() {
    let dangling = node("Relu", "r", &["nowhere"], "y", vec![]);
    assert_eq!(
        refusal(vec![dangling], vec![]),
        "node `r` (Relu) reads `nowhere`, which nothing before it defines"
    );
    let cycle = vec![
        node("Relu", "a", &["v"], "y", vec![]),
        node("Relu", "b", &["y"], "v", vec![]),
    ];
    assert_eq!(
        refusal(cycle, vec![]),
        "node `a` (Relu) reads `v`, which nothing before it defines"
    );
    let twice = vec![
        node("Relu", "a", &["x"], "y", vec![]),
        node("Abs", "b", &["x"], "y", vec![]),
    ];
    assert_eq!(refusal(twice, vec![]), "`y` is defined twice");
}

#[test]
fn sizes_that_burst_are_refused() {
    let shape = |values: &[i64]| integers("s", values);
    let of = |operator: &str, values: &[i64]| {
        let node = node(operator, "n", &["x", "s"], "y", vec![]);
        refusal(vec![node], vec![shape(values)])
    };
    assert_eq!(
        of("Expand", &[1 << 30, 1 << 30, 4]),
        "node `n` (Expand): a tensor of the shape [1073741824, 1073741824, 4] is too large"
    );
    assert_eq!(
        of("Tile", &[1 << 30, 1 << 30]),
        "node `n` (Tile): a tensor of the shape [1073741824, 4294967296] is too large"
    );
    assert_eq!(of("Reshape", &[-2]), "node `n` (Reshape): -2 is no size");
    assert_eq!(
        of("Reshape", &[3]),
        "node `n` (Reshape): a tensor of the shape [1, 4] cannot be read as [3]"
    );
    assert_eq!(
        of("Pad", &[0, 0, 0, i64::MAX]),
        "node `n` (Pad): 9223372036854775807 is no size"
    );
    let huge = node("ConstantOfShape", "c", &["s"], "y", vec![]);
    assert_eq!(
        refusal(vec![huge.clone()], vec![shape(&[1 << 20, 1 << 20])]),
        "node `c` (ConstantOfShape): a tensor of the shape [1048576, 1048576] is too large"
    );
    // Each is small enough by itself.
    let mut many: Vec<NodeProto> = (0..40)
        .map(|place| node("ConstantOfShape", "c", &["s"], &format!("v{place}"), vec![]))
        .collect();
    many.push(node("Relu", "", &["x"], "y", vec![]));
    assert_eq!(
        refusal(many, vec![shape(&[1 << 25])]),
        "node `c` (ConstantOfShape): the model's constant expressions have more than 536870976 bytes together"
    );
    let windows = vec![ints("kernel_shape", &[i64::MAX, i64::MAX])];
    let pool = model(
        &[1, 1, 4, 4],
        vec![node("MaxPool", "p", &["x"], "y", windows)],
        vec![],
        &["y"],
    );
    assert_eq!(
        refusal_with(&pool, "{}").0,
        "node `p` (MaxPool): the attribute `kernel_shape` has a negative number"
    );
}

#[test]
fn data_outside_the_file_must_be_there() {
    let mut weights = floats("w", &[4], &[]);
    weights.raw_data.clear();
    weights.data_location = Some(DataLocation::External as i32);
    let at = |location: &str| StringStringEntryProto {
        key: "location".into(),
        value: location.into(),
    };
    let add = || vec![node("Add", "", &["x", "w"], "y", vec![])];
    assert_eq!(
        refusal(add(), vec![weights.clone()]),
        "the tensor `w`: it is kept outside the file, but not said where"
    );
    weights.external_data = vec![at("../weights.bin")];
    assert_eq!(
        refusal(add(), vec![weights.clone()]),
        "the tensor `w`: it is kept in `../weights.bin`, outside the model's folder"
    );
    weights.external_data = vec![at("weights.bin")];
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), &model(&[1, 4], add(), vec![weights], &["y"]));
    let message = import(&path, "{}").unwrap_err().message;
    assert!(message.contains("weights.bin, which cannot be read"), "{message}");
    std::fs::write(folder.path().join("weights.bin"), [0; 12]).unwrap();
    let message = import(&path, "{}").unwrap_err().message;
    assert!(message.ends_with("weights.bin, which has 12"), "{message}");
    std::fs::write(folder.path().join("weights.bin"), [0; 16]).unwrap();
    assert_eq!(import(&path, "{}").unwrap().nodes.len(), 1);
}

#[test]
fn conditions_are_taken_or_selected() {
    let branch = |operator: &str| GraphProto {
        node: vec![node(operator, "", &["x"], "inner", vec![])],
        output: vec![ValueInfoProto {
            name: "inner".into(),
            ..ValueInfoProto::default()
        }],
        ..GraphProto::default()
    };
    let condition = |input: &str| {
        let graphs = vec![
            graph_attribute("then_branch", branch("Relu")),
            graph_attribute("else_branch", branch("Neg")),
        ];
        node("If", "", &[input], "y", graphs)
    };
    let positive = vec![
        node("ReduceSum", "", &["x"], "sum", vec![int("keepdims", 0)]),
        node("Greater", "", &["sum", "zero"], "positive", vec![]),
        condition("positive"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let computed = model(&[1, 4], positive, vec![floats("zero", &[], &[0.0])], &["y"]);
    // Sum, comparison, both branches, the selection.
    assert_eq!(import(&write(folder.path(), &computed), "{}").unwrap().nodes.len(), 5);
    let known = vec![
        node("Greater", "", &["one", "zero"], "positive", vec![]),
        condition("positive"),
    ];
    let constants = vec![floats("zero", &[], &[0.0]), floats("one", &[], &[1.0])];
    let known = model(&[1, 4], known, constants, &["y"]);
    assert_eq!(import(&write(folder.path(), &known), "{}").unwrap().nodes.len(), 1);
}

#[test]
fn options_are_held_against_the_model() {
    let relu = || model(&[1, 4], vec![node("Relu", "", &["x"], "y", vec![])], vec![], &["y"]);
    let with = |options: &str| refusal_with(&relu(), options).0;
    assert_eq!(
        with(r#"{"shapes": {"z": [1]}}"#),
        "the model has no input `z`; it has `x`"
    );
    assert_eq!(
        with(r#"{"shapes": {"x": [2, 4]}}"#),
        "input `x`: the shape [2, 4] does not fit [1, 4]"
    );
    assert_eq!(with(r#"{"dimensions": {"n": 3}}"#), "no input has a dimension `n`");
    assert_eq!(
        with(r#"{"values": {"x": [1, 2]}}"#),
        "input `x`: 2 values for 4 elements"
    );
    assert_eq!(with(r#"{"outputs": ["z"]}"#), "the model has no output `z`; it has `y`");
    assert_eq!(
        with(r#"{"outputs": {"y": {"argmax": 5}}}"#),
        "output `y`: the axis 5 does not exist in a tensor of 2 dimensions"
    );
    let folder = tempfile::tempdir().unwrap();
    let options = r#"{"inputs": {"x": {"type": "u8", "scale": 0.5}}, "outputs": {"y": {"argmax": -1}}}"#;
    let model = import(&write(folder.path(), &relu()), options).unwrap();
    // The places are an i64 [1, 1], which the output port shows as [1].
    let names: Vec<&str> = model.nodes.iter().map(|node| &node.name[..]).collect();
    assert_eq!(names, ["input x", "y", "y", "output y"]);
    assert_eq!(
        model.feed[0].quantization.map(|quantization| quantization.scale),
        Some(0.5)
    );
}

/// Panics that are caught would hide a mistake: they are counted.
static PANICS: Mutex<usize> = Mutex::new(0);

fn exports() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/tests/exports");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut models: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|end| end == "onnx"))
        .collect();
    models.sort();
    assert!(models.len() >= 3);
    models
}

#[test]
fn damaged_exports_never_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let own = panic
            .location()
            .is_some_and(|place| place.file().contains("converters/onnx/src"));
        if own {
            *PANICS.lock().unwrap() += 1;
            usual(panic);
        }
    }));
    let folder = tempfile::tempdir().unwrap();
    let (mut refused, mut converted) = (0, 0);
    for path in exports() {
        let whole = std::fs::read(&path).unwrap();
        import(&path, "{}").unwrap();
        let damaged = folder.path().join("damaged.onnx");
        let mut seed = 1u64;
        for place in 0..whole.len() {
            // Structure is everywhere but in the weights; of those every hundredth byte will do.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if whole.len() > 2000 && place % 7 != 0 && !(place < 600 || place + 900 > whole.len()) {
                continue;
            }
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (seed >> 61);
            std::fs::write(&damaged, &bytes).unwrap();
            let mut file = Vec::new();
            match OnnxConverter::new().convert(&damaged, "{}", &mut file, &SilentHost) {
                Ok(()) => converted += 1,
                Err(error) => {
                    assert_eq!(error.code, 2, "byte {place}: {error}");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(*PANICS.lock().unwrap(), 0, "the importer panicked");
    assert!(
        refused > 300 && converted > 300,
        "{refused} refused, {converted} converted"
    );
}

/// A convolution takes over scales and offsets of its channels, and spelt-out activations become one node; the numbers stay.
#[test]
fn what_belongs_together_becomes_one_node() {
    let weights: Vec<f32> = (0..18).map(|place| place as f32 * 0.25 - 2.0).collect();
    let constants = vec![
        floats("w", &[2, 1, 3, 3], &weights),
        floats("scale", &[1, 2, 1, 1], &[0.5, -2.0]),
        floats("offset", &[2, 1, 1], &[1.0, 3.0]),
        floats("three", &[], &[3.0]),
        floats("six", &[1], &[6.0]),
        floats("zero", &[], &[0.0]),
    ];
    let nodes = vec![
        node("Conv", "conv", &["x", "w"], "c", vec![ints("pads", &[1, 1, 1, 1])]),
        node("Mul", "", &["scale", "c"], "m", vec![]),
        node("Add", "", &["m", "offset"], "a", vec![]),
        node("Add", "", &["a", "three"], "shifted", vec![]),
        node("Clip", "", &["shifted", "zero", "six"], "clipped", vec![]),
        node("Mul", "", &["a", "clipped"], "product", vec![]),
        node("Div", "", &["product", "six"], "swish", vec![]),
        node("Sigmoid", "", &["swish"], "gate", vec![]),
        node("Mul", "", &["swish", "gate"], "y", vec![]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let whole = import(
        &write(folder.path(), &model(&[1, 1, 4, 4], nodes, constants, &["y"])),
        "{}",
    )
    .unwrap();
    let operators: Vec<u32> = whole.nodes.iter().map(|node| node.record.tag()).collect();
    assert_eq!(operators, [54, 48, 48], "convolution, hard swish, swish");
    let x: Vec<f32> = (0..16).map(|place| place as f32 * 0.1 - 0.7).collect();
    let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_le_bytes()).collect();
    let results = crate::execution::outputs(&whole, &[bytes]);
    let at = |y: i32, x_at: i32| match (0..4).contains(&y) && (0..4).contains(&x_at) {
        true => f64::from(x[(y * 4 + x_at) as usize]),
        false => 0.0,
    };
    for (place, result) in results[0].as_chunks().0.iter().enumerate() {
        let (channel, y, column) = (place / 16, (place / 4 % 4) as i32, (place % 4) as i32);
        let taps = (0..9)
            .map(|tap| f64::from(weights[channel * 9 + tap as usize]) * at(y + tap / 3 - 1, column + tap % 3 - 1));
        let value = taps.sum::<f64>() * [0.5, -2.0][channel] + [1.0, 3.0][channel];
        let swish = value * (value + 3.0).clamp(0.0, 6.0) / 6.0;
        let expected = swish / (1.0 + (-swish).exp());
        let given = f64::from(f32::from_le_bytes(*result));
        assert!(
            (given - expected).abs() < 1e-5 * expected.abs().max(1.0),
            "{place}: {given}, not {expected}"
        );
    }
}

/// The scheme `int8-products`: the trained network answers as it did, every method of taking ranges works, and what is not a product stays.
#[test]
fn products_are_quantised_and_the_rest_stays() {
    let source = crate::digits::file("cnn.onnx");
    let float = import(&source, "{}").unwrap();
    let samples = crate::digits::file("calibration.npy");
    for method in ["minmax", "percentile", "mse"] {
        let options = format!(
            r#"{{"quantize": {{"scheme": "int8-products", "calibration": "{}", "method": "{method}"}}}}"#,
            samples.display()
        );
        let model = import(&source, &options).unwrap();
        opml_graph::validate(&model).unwrap();
        let count = |model: &Model, tag: u32| model.nodes.iter().filter(|node| node.record.tag() == tag).count();
        // Two convolutions and a product, in floats and in integers; between them there are u8 only.
        assert_eq!([54, 53].map(|tag| count(&float, tag)), [2, 1]);
        assert_eq!(
            [54, 53, 65, 64, 66, 67].map(|tag| count(&model, tag)),
            [0, 0, 2, 1, 3, 1]
        );
        let (mut agree, mut noise, mut signal) = (0, 0.0, 0.0);
        let images: Vec<u8> = crate::digits::golden::<u8>("images.npy").into_iter().collect();
        for image in images.chunks(784).take(40) {
            let logits = |model: &Model| {
                let outputs = crate::execution::outputs(model, &[crate::digits::real(image)]);
                crate::digits::floats(&outputs[0])
            };
            let (was, is) = (logits(&float), logits(&model));
            agree += usize::from(crate::digits::greatest(&was) == crate::digits::greatest(&is));
            signal += was.iter().map(|was| was * was).sum::<f32>();
            noise += was
                .iter()
                .zip(&is)
                .map(|(was, is)| (was - is) * (was - is))
                .sum::<f32>();
        }
        assert!(agree >= 39, "{method}: {agree} of 40 answers stay");
        assert!(noise < signal * 1e-2, "{method}: {noise} of {signal}");
    }
}

/// A host that lends some threads.
struct Threads(usize);

impl opml_graph::Host for Threads {
    fn log(&self, _level: opml_graph::LogLevel, _message: &str) {}

    fn progress(&self, _what: &str, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        false
    }

    fn threads(&self) -> usize {
        self.0
    }
}

/// A model is quantised the same on any number of threads.
#[test]
fn threads_do_not_change_what_is_calibrated() {
    let samples = crate::digits::file("calibration.npy");
    let options = format!(
        r#"{{"quantize": {{"scheme": "int8-products", "calibration": "{}", "method": "percentile"}}}}"#,
        samples.display()
    );
    let written = |threads| {
        let model =
            opml_onnx::OnnxConverter::new().model(&crate::digits::file("cnn.onnx"), &options, &Threads(threads));
        opml_graph::write_model(&model.unwrap()).unwrap()
    };
    assert!(written(1) == written(3));
}
