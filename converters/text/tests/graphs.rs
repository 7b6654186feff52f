//! What a text says is what the model holds, and what is wrong with it is said with its place.

use opml_graph::{Converter, SilentHost, read_model};
use opml_ops::Source;
use opml_text::TextConverter;

const COUNTER: &str = include_str!("../../../examples/counter/counter.graph.json");
const LIFE: &str = include_str!("../../../examples/life/life.graph.json");

/// Where and what, for a text with a change.
fn refusal(text: &str, from: &str, to: &str) -> (String, String, String) {
    assert!(text.contains(from), "the text no longer says {from}");
    let error = TextConverter.model(&text.replacen(from, to, 1)).expect_err(to);
    assert_eq!(error.code, 2);
    (error.place, error.message, error.help)
}

#[test]
fn every_example_becomes_the_same_valid_model_file_each_time() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    for name in ["counter/counter", "life/life", "tiles/tiles"] {
        let source = std::path::PathBuf::from(format!("{examples}/{name}.graph.json"));
        let convert = || {
            let mut file = Vec::new();
            TextConverter
                .convert(&source, "{}", &mut file, &SilentHost)
                .expect(name);
            file
        };
        assert_eq!(convert(), convert());
        read_model(convert().into()).expect(name);
    }
}

#[test]
fn nodes_read_what_their_inputs_name() {
    let model = TextConverter.model(LIFE).expect("a graph");
    assert_eq!((model.nodes.len(), model.carry.len(), model.feed.len()), (2, 1, 0));
    let sources: Vec<Option<Source>> = (0..5)
        .map(|input| model.nodes[1].record.input(input).and_then(|value| value.source))
        .collect();
    let constant = Some(Source::Constant);
    assert_eq!(sources, [Some(Source::Local), constant, constant, constant, constant]);
    assert_eq!((model.output_height, model.output_index), (0, 1));
    // `one` of the second node and `none` are each held once.
    assert_eq!(model.constants.len(), 7);
}

#[test]
fn several_outputs_become_a_block() {
    let text = r#"{
        "name": "two",
        "carry": [{ "name": "a", "type": "i32", "shape": [2] }, { "name": "b", "type": "i32", "shape": [2] }],
        "nodes": [{ "name": "sum", "operator": "add_i32", "inputs": ["a", "b"] }],
        "outputs": ["b", "sum"]
    }"#;
    let model = TextConverter.model(text).expect("Fibonacci's graph");
    assert_eq!((model.output_height, model.output_index), (1, 1));
    assert_eq!(model.nodes.len(), 4, "a sum, a gap, two aliases");
    opml_graph::validate(&model).expect("a valid model");
}

/// Operators with many parameters take the words of their attributes by number.
#[test]
fn attributes_are_words_where_they_have_no_names() {
    let text = r#"{
        "name": "halves",
        "inputs": [{ "name": "x", "type": "f32", "shape": [2, 3] }],
        "nodes": [
            { "name": "half", "operator": "unary", "inputs": ["x"], "attributes": { "0": 44, "1": 1056964608 } },
            { "name": "most", "operator": "reduce", "inputs": ["half"], "attributes": { "0": 2, "1": 2 } }
        ],
        "outputs": ["most"]
    }"#;
    let model = TextConverter.model(text).expect("a graph in floats");
    assert_eq!(model.nodes[1].record.output().expect("an output").shape.dims(), [2, 1]);
    let wrong = TextConverter
        .model(&text.replace("\"1\": 2 }", "\"axis\": 2 }"))
        .expect_err("a name");
    assert_eq!(wrong.message, "this operator's attributes are words 0 … 91, not `axis`");
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, from, to, place, message, help) in [
        (
            COUNTER,
            "add_i32",
            "add_i23",
            "nodes[0] `next`",
            "`add_i23` is no operator; there are `alias`, `matmul_i8`, `conv2d_i8`, `max_pool2d_i8`, `clamp_i8`, `add_i8`, `quantize_u8`, `add_i32`, `matmul_i8_i32`, `select_rows`, `update_rows`, `view`, `concat`, `gather`, `gather_elements`, `gather_nd`, `scatter_elements`, `scatter_nd`, `select`, `cast`, `arg_extreme`, `top_k`, `cumulate`, `unary`, `binary`, `reduce`, `softmax`, `normalize`, `matmul_f32`, `conv_f32`, `conv_transpose_f32`, `pool`, `pool_place`, `interpolate`, `lstm_f32`, `gru_f32`, `rnn_f32`, `matmul_integer`, `conv_integer`, `quantize_linear`, `dequantize_linear`, `lookup`, `fixed_unary`, `fixed_softmax`, `fixed_normalize`, `matmul_blocks`, `rotary`, `attend`",
            "did you mean `add_i32`?",
        ),
        (
            COUNTER,
            r#"["count", "step"]"#,
            r#"["count", "stop"]"#,
            "nodes[0] `next`.inputs[1]",
            "nothing before this node is named `stop`",
            "did you mean `step`?",
        ),
        (
            COUNTER,
            r#""values": [3]"#,
            r#""values": [3, 4]"#,
            "constants.step.values",
            "there are 2 values, [1] has 1",
            "",
        ),
        (
            COUNTER,
            r#""values": [3]"#,
            r#""values": [3000000000]"#,
            "constants.step.values",
            "3000000000 is no i32",
            "",
        ),
        (
            COUNTER,
            r#""values": [3]"#,
            r#""values": [3], "seed": 1"#,
            "constants.step",
            "a constant has either `values` or a `seed`",
            "",
        ),
        (
            COUNTER,
            r#""type": "i32""#,
            r#""type": "int32""#,
            "carry[0] `count`.type",
            "`int32` is no type; there are `f32`, `i32`, `i8`, `u8`, `i16`, `i64`, `bool`",
            "",
        ),
        (
            COUNTER,
            r#""shape": [1]"#,
            r#""shape": [2]"#,
            "nodes[0] `next`",
            "`add_i32`: input 1 must have shape [2], not [1]",
            "",
        ),
        (
            COUNTER,
            r#""name": "next""#,
            r#""name": "step""#,
            "nodes[0] `step`",
            "the name `step` is taken",
            "give it another one",
        ),
        (
            COUNTER,
            r#""outputs": ["next"]"#,
            r#""outputs": ["next", "count"]"#,
            "outputs",
            "there are 2 outputs and 1 carried values; each carried value has its next one",
            "",
        ),
        (
            LIFE,
            r#""pad_top""#,
            r#""padtop""#,
            "nodes[0] `enough and too many`.attributes",
            "`conv2d_i8` has no attribute `padtop`; there are `output_zero_point`, `minimum`, `maximum`, `input_zero_point`, `kernel_height`, `kernel_width`, `stride_height`, `stride_width`, `pad_top`, `pad_left`, `pad_bottom`, `pad_right`, `dilation_height`, `dilation_width`, `groups`",
            "did you mean `pad_top`?",
        ),
        (
            LIFE,
            r#""kernel_height": 3, "#,
            "",
            "nodes[0] `enough and too many`.attributes",
            "`conv2d_i8` needs the attribute `kernel_height`",
            "",
        ),
        (
            LIFE,
            r#""shape": [2, 1, 3, 3]"#,
            r#""shape": [18]"#,
            "nodes[0] `enough and too many`.inputs[1]",
            "the weights are i8 [18]; `conv2d_i8` takes i8 [outputs, channels of a group, height, width], groups dividing outputs",
            "",
        ),
        (
            LIFE,
            r#""outputs": ["alive"]"#,
            r#""outputs": ["enough and too many"]"#,
            "outputs[0]",
            "`enough and too many` is i8 [1, 2, 16, 16], the carried value `cells` that it becomes is i8 [1, 1, 16, 16]",
            "",
        ),
    ] {
        let refused = refusal(text, from, to);
        assert_eq!(
            (refused.0.as_str(), refused.1.as_str(), refused.2.as_str()),
            (place, message, help)
        );
    }
    let (_, message, help) = refusal(COUNTER, r#""outputs""#, r#""output""#);
    assert_eq!(
        message,
        "unknown field `output`, expected one of `name`, `carry`, `inputs`, `constants`, `nodes`, `outputs` at line 6 column 10"
    );
    assert_eq!(help, "specs/text-graph.md says what a graph is written like");
}

#[test]
fn options_and_missing_files_are_refused() {
    let mut out = Vec::new();
    let source = std::path::Path::new("/nowhere/x.graph.json");
    let refused = TextConverter
        .convert(source, r#"{"quantize": {}}"#, &mut out, &SilentHost)
        .expect_err("options");
    assert_eq!(refused.place, "model.quantize");
    let refused = TextConverter
        .convert(source, "{}", &mut out, &SilentHost)
        .expect_err("no file");
    assert!(refused.message.starts_with("cannot be read: "), "{}", refused.message);
    assert!(out.is_empty());
}

#[test]
fn a_few_words_do_not_become_gigabytes() {
    let refusal = |constants: &str| {
        let text = format!(
            r#"{{"name": "vast", "inputs": [{{"name": "x", "type": "i8", "shape": [1, 8]}}], "constants": {{{constants}}},
                "nodes": [{{"name": "y", "operator": "matmul_i8", "inputs": ["x", "w"]}}], "outputs": ["y"]}}"#
        );
        let error = TextConverter.model(&text).expect_err("a refusal");
        assert_eq!(error.code, 2);
        format!("{}: {}", error.place, error.message)
    };
    let half = r#""type": "i8", "shape": [8, 8388608], "seed": 1"#;
    assert_eq!(
        refusal(&format!(r#""a": {{{half}}}, "b": {{{half}}}, "c": {{{half}}}"#)),
        "constants.c.shape: [8, 8388608] is more than the 0 bytes that are left for the constants"
    );
    assert_eq!(
        refusal(r#""w": {"type": "i32", "shape": [268435456], "values": [1]}"#),
        "constants.w.shape: [268435456] is more than a value holds"
    );
    // Panels are filled up to a multiple of outputs: a column becomes many.
    let refused = refusal(r#""w": {"type": "i8", "shape": [33554432, 1], "values": [1]}"#);
    assert!(
        refused.starts_with("nodes[0] `y`.inputs[1]: laid out in panels the weights are ")
            && refused.ends_with(", more than a value holds"),
        "{refused}"
    );
}
