//! The model says what scikit-learn says; each mistake is told.

use std::fs;
use std::path::{Path, PathBuf};

use opml_graph::{Converter, Model, SilentHost, read_model, verify_constants};
use opml_ops::{Operator, Source, run};
use opml_plugin_sklearn::Sklearn;
use serde::Deserialize;

/// What scikit-learn says of some flowers.
#[derive(Deserialize)]
struct Expected {
    flowers: Vec<Vec<f64>>,
    probabilities: Vec<Vec<f64>>,
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn expected(name: &str) -> Expected {
    let text = fs::read(here("expected.json")).expect("it is there");
    let mut all: serde_json::Value = serde_json::from_slice(&text).expect("it is JSON");
    serde_json::from_value(all[name].take()).expect("flowers and probabilities")
}

fn convert(source: &Path) -> Model {
    let mut file = Vec::new();
    Sklearn
        .convert(source, "{}", &mut file, &SilentHost)
        .expect("it converts");
    let model = read_model(file.into()).expect("a model file");
    verify_constants(&model, 1, |_, _| {}).expect("true constants");
    model
}

fn bytes(numbers: &[f64]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| (*number as f32).to_le_bytes())
        .collect()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|x| f32::from_le_bytes(*x)).collect()
}

/// Runs the model's operators by their definitions.
fn infer(model: &Model, input: &[u8]) -> Vec<f32> {
    let mut locals: Vec<Vec<u8>> = Vec::new();
    for node in &model.nodes {
        let inputs: Vec<&[u8]> = (0..node.record.input_count())
            .map(|place| {
                let value = node.record.input(place).expect("an input");
                match value.source {
                    Some(Source::Constant) => &model.constants[node.constants[place].expect("a constant")].bytes[..],
                    Some(Source::Local) => &locals[value.index as usize],
                    _ => input,
                }
            })
            .collect();
        let mut output = vec![0; node.record.output_bytes() as usize];
        let mut scratch = vec![0; node.record.scratch_bytes() as usize];
        run(&node.record, &inputs, &mut output, 0, &mut scratch).expect("it runs");
        locals.push(output);
    }
    assert_eq!(model.output_height, 0);
    numbers(&locals[model.output_index as usize])
}

fn operators(model: &Model) -> Vec<Option<Operator>> {
    let tags = model.nodes.iter().map(|node| node.record.tag());
    tags.map(Operator::from_tag).collect()
}

fn close(given: &[f32], expected: &[f64]) {
    assert_eq!(given.len(), expected.len());
    for (given, expected) in given.iter().zip(expected) {
        assert!((f64::from(*given) - expected).abs() < 1e-6, "{given} {expected}");
    }
}

/// The model and the reference against scikit-learn, on columns `columns` of its probabilities.
fn agrees(name: &str, columns: std::ops::Range<usize>) -> Model {
    let (source, expected) = (here(name), expected(name));
    let model = convert(&source);
    assert!(expected.flowers.len() >= 15);
    for (flower, probabilities) in expected.flowers.iter().zip(&expected.probabilities) {
        let input = bytes(flower);
        close(&infer(&model, &input), &probabilities[columns.clone()]);
        let reference = Sklearn.reference(&source, "{}", &[&input], &SilentHost);
        close(
            &numbers(&reference.expect("it computes")[0]),
            &probabilities[columns.clone()],
        );
    }
    model
}

#[test]
fn three_classes_have_what_scikit_learn_says() {
    let model = agrees("iris.json", 0..3);
    let expected = [Operator::MatMulF32, Operator::Binary, Operator::Softmax].map(Some);
    assert_eq!(operators(&model), expected);
    assert_eq!(model.parameters(), 15);
    let names = [&model.name, &model.feed[0].name, &model.outputs[0].name];
    assert_eq!(names, ["logistic_regression", "features", "probabilities"]);
    assert_eq!(
        (model.feed[0].shape.dims(), model.outputs[0].shape.dims()),
        (&[1, 4][..], &[1, 3][..])
    );
}

#[test]
fn of_two_classes_the_second_one_has_what_scikit_learn_says() {
    let model = agrees("two-classes.json", 1..2);
    let expected = [Operator::MatMulF32, Operator::Binary, Operator::Unary].map(Some);
    assert_eq!(operators(&model), expected);
}

#[test]
fn scores_far_apart_stay_probabilities() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("far.json");
    let text = r#"{"kind": "logistic_regression", "coefficients": [[1000], [-1000], [0]], "intercepts": [0, 0, 0]}"#;
    fs::write(&source, text).expect("it is written");
    let model = convert(&source);
    for x in [1.0, -1.0] {
        let expected = [f64::from(x > 0.0), f64::from(x < 0.0), 0.0];
        close(&infer(&model, &bytes(&[x])), &expected);
        let reference = Sklearn.reference(&source, "{}", &[&bytes(&[x])], &SilentHost);
        close(&numbers(&reference.expect("it computes")[0]), &expected);
    }
}

#[test]
fn equal_weights_and_intercepts_are_a_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("equal.json");
    let text = r#"{"kind": "logistic_regression", "coefficients": [[2], [1]], "intercepts": [2, 1]}"#;
    fs::write(&source, text).expect("it is written");
    let model = convert(&source);
    let second = 1.0 / (1.0 + 4f64.exp());
    close(&infer(&model, &bytes(&[3.0])), &[1.0 - second, second]);
}

#[test]
fn sources_are_recognised_by_name_and_kind() {
    let head = fs::read(here("iris.json")).expect("it is there");
    assert!(Sklearn.accepts(&head, "iris.json"));
    assert!(!Sklearn.accepts(&head, "iris.onnx"));
    assert!(!Sklearn.accepts(br#"{"name": "counter"}"#, "counter.graph.json"));
}

/// What the converter says of this text: place, message, help.
fn refusal(text: &str) -> [String; 3] {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("wrong.json");
    fs::write(&source, text).expect("it is written");
    let error = Sklearn
        .convert(&source, "{}", &mut Vec::new(), &SilentHost)
        .expect_err("it is wrong");
    assert_eq!(error.code, 2, "the user's");
    [error.place, error.message, error.help]
}

fn regression(coefficients: &str, intercepts: &str) -> String {
    format!(r#"{{"kind": "logistic_regression", "coefficients": {coefficients}, "intercepts": {intercepts}}}"#)
}

#[test]
fn each_mistake_is_told() {
    let as_train = "write the file as `train.py` does";
    let again = "train the model again";
    let cases = [
        ("a pickle".into(), "", "expected value at line 1 column 1", as_train),
        (
            regression("[[NaN]]", "[0]"),
            "",
            "expected value at line 1 column 51",
            as_train,
        ),
        (
            regression("[[1e999]]", "[0]"),
            "",
            "number out of range at line 1 column 55",
            as_train,
        ),
        (
            regression("[1, 2]", "[0]"),
            "",
            "invalid type: integer `1`, expected a sequence",
            as_train,
        ),
        (
            r#"{"kind": "logistic_regression"}"#.into(),
            "",
            "missing field `coefficients`",
            as_train,
        ),
        (
            r#"{"kind": "random_forest"}"#.into(),
            "kind",
            r#""random_forest" cannot be converted, only "logistic_regression" can"#,
            "train a LogisticRegression",
        ),
        (
            "[]".into(),
            "kind",
            r#"null cannot be converted, only "logistic_regression" can"#,
            "train a LogisticRegression",
        ),
        (
            regression("[]", "[]"),
            "coefficients",
            "there are none",
            "train the model first",
        ),
        (
            regression("[[]]", "[0]"),
            "coefficients",
            "there are none",
            "train the model first",
        ),
        (
            regression("[[1, 2], [3], [4, 5]]", "[0, 0, 0]"),
            "coefficients[1]",
            "there are 1 numbers instead of 2",
            again,
        ),
        (
            regression("[[1, 2], [3, 4]]", "[0]"),
            "intercepts",
            "there are 1 numbers instead of 2",
            again,
        ),
        (
            regression("[[1, 2], [3, 1e39]]", "[0, 0]"),
            "coefficients[1]",
            "not all are finite in 32 bits",
            "scale the features",
        ),
        (
            regression("[[1, 2]]", "[-1e39]"),
            "intercepts",
            "not all are finite in 32 bits",
            "scale the features",
        ),
    ];
    for (text, place, message, help) in cases {
        assert_eq!(refusal(&text), [place, message, help], "{text}");
    }
}

#[test]
fn options_files_and_inputs_that_do_not_fit_are_told() {
    let told = |source: &Path, options: &str, input: &[u8]| {
        let error = Sklearn
            .reference(source, options, &[input], &SilentHost)
            .expect_err("it is wrong");
        (error.code, error.place, error.message)
    };
    let iris = here("iris.json");
    let told_of = |place: &str, message: &str| (2, place.to_owned(), message.to_owned());
    let quantize = r#"{"quantize":{"scheme":"int8"}}"#;
    let options = told_of("model", "a regression takes no options");
    assert_eq!(told(&iris, quantize, &[0; 16]), options);
    let missing = told_of("", "cannot be read: No such file or directory (os error 2)");
    assert_eq!(told(&here("rose.json"), "{}", &[0; 16]), missing);
    assert_eq!(told(&iris, "{}", &[0; 12]), told_of("input", "has another size"));
}
