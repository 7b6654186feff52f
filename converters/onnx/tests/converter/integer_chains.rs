//! Products in int8 that hand u8 to one another.

use ndarray::ArrayD;
use opml_graph::{Model, SilentHost};
use opml_onnx::OnnxConverter;
use opml_ops::Operator;
use tract_onnx::pb::NodeProto;

use crate::execution::outputs;
use crate::onnx_files::{floats, ints, model, node, write};

/// Numbers from −1 to 1 that look like noise.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn convolution(name: &str, input: &str, output: &str) -> NodeProto {
    let (weights, bias) = (format!("{name}.w"), format!("{name}.b"));
    node(
        "Conv",
        name,
        &[input, &weights, &bias],
        output,
        vec![ints("pads", &[1, 1, 1, 1])],
    )
}

/// The float model and the one in int8, of convolutions of 4 channels named `a`, `b`, `c` and what lies between them.
fn both(nodes: Vec<NodeProto>, named: &[&str]) -> (Model, Model) {
    let folder = tempfile::tempdir().unwrap();
    let mut constants = Vec::new();
    for (place, name) in named.iter().enumerate() {
        let weights: Vec<f32> = noise(144, place as u32).iter().map(|value| value * 0.5).collect();
        constants.push(floats(&format!("{name}.w"), &[4, 4, 3, 3], &weights));
        constants.push(floats(&format!("{name}.b"), &[4], &noise(4, 90 + place as u32)));
    }
    let path = write(folder.path(), &model(&[1, 4, 6, 6], nodes, constants, &["y"]));
    let samples = ArrayD::from_shape_vec(vec![8, 4, 6, 6], noise(8 * 144, 7)).unwrap();
    let calibration = folder.path().join("samples.npy");
    ndarray_npy::write_npy(&calibration, &samples).unwrap();
    let options = format!(
        r#"{{"quantize": {{"scheme": "int8-products", "calibration": "{}"}}}}"#,
        calibration.display()
    );
    let imported = |options: &str| OnnxConverter::new().model(&path, options, &SilentHost).unwrap();
    (imported("{}"), imported(&options))
}

/// The operators of a model, in order.
fn operators(model: &Model) -> Vec<Operator> {
    let tags = model.nodes.iter().map(|node| node.record.tag());
    tags.filter_map(Operator::from_tag).collect()
}

/// Power of the difference over power of the float model's output, on inputs that no range was taken from.
fn noise_of((float, integers): &(Model, Model)) -> f64 {
    let (mut signal, mut difference) = (0.0, 0.0);
    for seed in 100..110 {
        let input: Vec<u8> = noise(144, seed).iter().flat_map(|value| value.to_le_bytes()).collect();
        let numbers = |model: &Model| -> Vec<f64> {
            let output = &outputs(model, std::slice::from_ref(&input))[0];
            output
                .as_chunks()
                .0
                .iter()
                .map(|word| f64::from(f32::from_le_bytes(*word)))
                .collect()
        };
        for (was, is) in numbers(float).iter().zip(numbers(integers)) {
            signal += was * was;
            difference += (was - is) * (was - is);
        }
    }
    difference / signal
}

use Operator::{ConvInteger, DequantizeLinear, Lookup, QuantizeLinear, Unary};

/// Directly and through a relu, which saturation at 0 is: sums go to u8 in one node.
#[test]
fn sums_become_codes_at_once() {
    let nodes = vec![
        convolution("a", "x", "p"),
        convolution("b", "p", "q"),
        node("Relu", "act", &["q"], "r", vec![]),
        convolution("c", "r", "y"),
    ];
    let models = both(nodes, &["a", "b", "c"]);
    assert_eq!(
        operators(&models.1),
        [
            QuantizeLinear,
            ConvInteger,
            QuantizeLinear,
            ConvInteger,
            QuantizeLinear,
            ConvInteger,
            DequantizeLinear
        ]
    );
    // A code is named for the value that it stands for.
    assert_eq!([2, 4].map(|place| &models.1.nodes[place].name[..]), ["a", "act"]);
    assert!(noise_of(&models) < 1e-3, "{}", noise_of(&models));
}

/// Any other function of one number is a table between two codes.
#[test]
fn activations_become_tables() {
    for function in ["HardSwish", "Sigmoid", "Tanh", "LeakyRelu", "Elu"] {
        let nodes = vec![
            convolution("a", "x", "p"),
            node(function, "act", &["p"], "q", vec![]),
            convolution("b", "q", "y"),
        ];
        let models = both(nodes, &["a", "b"]);
        assert_eq!(
            operators(&models.1),
            [
                QuantizeLinear,
                ConvInteger,
                QuantizeLinear,
                Lookup,
                ConvInteger,
                DequantizeLinear
            ],
            "{function}"
        );
        assert!(noise_of(&models) < 1e-3, "{function}: {}", noise_of(&models));
    }
}

/// Codes are ordered as what they stand for, so the greatest code stands for the greatest number.
#[test]
fn pools_of_greatest_elements_work_on_codes() {
    for (function, between) in [("Relu", vec![]), ("HardSwish", vec![Lookup])] {
        let pool = node(
            "MaxPool",
            "pool",
            &["q"],
            "r",
            vec![
                ints("kernel_shape", &[2, 2]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 1, 1, 1]),
            ],
        );
        let nodes = vec![
            convolution("a", "x", "p"),
            node(function, "act", &["p"], "q", vec![]),
            pool,
            convolution("b", "r", "y"),
        ];
        let models = both(nodes, &["a", "b"]);
        let expected = [
            vec![QuantizeLinear, ConvInteger, QuantizeLinear],
            between,
            vec![Operator::Pool, ConvInteger, DequantizeLinear],
        ]
        .concat();
        assert_eq!(operators(&models.1), expected, "{function}");
        assert!(noise_of(&models) < 1e-3, "{function}: {}", noise_of(&models));
    }
}

/// What something else reads too is there as f32, and what two products read is quantised once.
#[test]
fn values_that_others_read_stay() {
    let nodes = vec![
        convolution("a", "x", "p"),
        node("Relu", "act", &["p"], "q", vec![]),
        convolution("b", "q", "r"),
        node("Add", "sum", &["q", "r"], "y", vec![]),
    ];
    let models = both(nodes, &["a", "b"]);
    let kept = [
        QuantizeLinear,
        ConvInteger,
        DequantizeLinear,
        Unary,
        QuantizeLinear,
        ConvInteger,
        DequantizeLinear,
        Operator::Binary,
    ];
    assert_eq!(operators(&models.1), kept);
    assert!(noise_of(&models) < 1e-3, "{}", noise_of(&models));
    let nodes = vec![
        convolution("a", "x", "p"),
        node("Relu", "act", &["p"], "q", vec![]),
        convolution("b", "q", "r"),
        convolution("c", "q", "s"),
        node("Add", "sum", &["r", "s"], "y", vec![]),
    ];
    let models = both(nodes, &["a", "b", "c"]);
    let quantisations = operators(&models.1)
        .iter()
        .filter(|operator| **operator == QuantizeLinear)
        .count();
    assert_eq!(quantisations, 2);
    assert!(noise_of(&models) < 1e-3, "{}", noise_of(&models));
}
