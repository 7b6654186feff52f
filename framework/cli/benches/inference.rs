//! Native inference of real models beside tract and onnxruntime, in one run:
//! `cargo bench --profile dev -p opml-run --bench inference [-- MODEL…]`; with `OPML_BY_OPERATOR` set, by operator too.
//!
//! The models are those that `examples/models/fetch.py` has fetched; onnxruntime is asked through the Python that `OPML_PYTHON` names
//! (`examples/models/peer.py`), and left out when there is none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use opml_graph::{ComputeBackend, Converter, Model, SilentHost, write_model};
use opml_native::Native;
use opml_onnx::OnnxConverter;
use opml_ops::{Operator, Source};
use serde_json::{Value, json};

/// The models, with the shapes of their inputs.
fn models() -> Vec<(&'static str, Value)> {
    vec![
        ("mnist-cnn", json!({})),
        ("ppocr-classifier", json!({ "x": [1, 3, 48, 192] })),
        ("ppocr-detector", json!({ "x": [1, 3, 320, 320] })),
        ("magika", json!({ "bytes": [1, 2048] })),
        ("open-nsfw", json!({ "input:0": [1, 224, 224, 3] })),
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(name: &str) -> PathBuf {
    match name {
        "mnist-cnn" => root().join("examples/mnist/cnn.onnx"),
        name => root().join(format!("examples/models/fetched/{name}.onnx")),
    }
}

/// Times that every contender has its turn: what slows the machine for seconds then slows each of them.
const TURNS: usize = 5;

/// Least seconds of the runs of one turn, after one that is not counted.
fn least(mut work: impl FnMut()) -> f64 {
    work();
    let mut least = f64::INFINITY;
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < 0.4 {
        let started = Instant::now();
        work();
        least = least.min(started.elapsed().as_secs_f64());
    }
    least
}

/// Every node natively, in order, into outputs that are kept from run to run; `spent(operator, seconds)` hears of each.
fn run(model: &Model, feeds: &[Vec<u8>], locals: &mut [Vec<u8>], threads: usize, mut spent: impl FnMut(u32, f64)) {
    for (index, node) in model.nodes.iter().enumerate() {
        let record = &node.record;
        if record.tag() == 0 {
            continue;
        }
        let (before, output) = locals.split_at_mut(index);
        let inputs: Vec<&[u8]> = (0..record.input_count())
            .filter_map(|place| record.input(place).map(|value| (place, value)))
            .map(|(place, value)| match value.source {
                Some(Source::Constant) => &model.constants[node.constants[place].expect("a constant")].bytes[..],
                Some(Source::Feed) => &feeds[value.index as usize][..],
                _ => &before[value.index as usize][..],
            })
            .collect();
        let started = Instant::now();
        if let Some(initial) = record.output_initial() {
            output[0].copy_from_slice(inputs[initial]);
        }
        let ran = Native.run_node(record, &inputs, &mut output[0], threads);
        ran.expect("a node runs");
        spent(record.tag(), started.elapsed().as_secs_f64());
    }
}

/// Inputs in the middle of what models take.
fn feeds(model: &Model) -> Vec<Vec<u8>> {
    let numbers = |port: &opml_graph::Port| {
        let count = port.shape.elements() as usize;
        match port.dtype {
            opml_ops::DType::F32 => (0..count)
                .flat_map(|place| ((place % 97) as f32 / 97.0).to_le_bytes())
                .collect(),
            _ => (0..count)
                .flat_map(|place| ((place % 97) as i32).to_le_bytes())
                .collect(),
        }
    };
    model.feed.iter().map(numbers).collect()
}

/// onnxruntime's least seconds, by threads.
fn onnxruntime(name: &str, shapes: &Value, threads: usize) -> Option<f64> {
    let python = std::env::var("OPML_PYTHON").ok()?;
    let output = Command::new(python)
        .arg(root().join("examples/models/peer.py"))
        .args([
            file(name).display().to_string(),
            shapes.to_string(),
            threads.to_string(),
        ])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The options with products in int8, ranges from the feeds as they are; nothing for models whose input is not of real numbers.
fn quantised(name: &str, model: &Model, feeds: &[Vec<u8>], shapes: &Value) -> Option<String> {
    let [port] = &model.feed[..] else { return None };
    if port.dtype != opml_ops::DType::F32 {
        return None;
    }
    let values: Vec<f32> = feeds[0]
        .as_chunks()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word))
        .collect();
    let dims: Vec<usize> = port.shape.dims().iter().map(|dim| *dim as usize).collect();
    let sample = ndarray::ArrayD::from_shape_vec(dims, values).expect("the port's shape");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.npy"));
    ndarray_npy::write_npy(&path, &sample).expect("a sample is written");
    let quantize = json!({ "scheme": "int8-products", "calibration": path });
    Some(json!({ "shapes": shapes, "quantize": quantize }).to_string())
}

/// A model with room for all that its nodes compute.
struct Prepared {
    model: Model,
    locals: Vec<Vec<u8>>,
}

impl Prepared {
    fn new(model: Model) -> Prepared {
        let outputs = model.nodes.iter();
        let outputs = outputs.map(|node| vec![0; node.record.output_bytes() as usize]);
        Prepared {
            locals: outputs.collect(),
            model,
        }
    }

    /// Least seconds of one turn.
    fn timed(&mut self, feeds: &[Vec<u8>], threads: usize) -> f64 {
        let Prepared { model, locals } = self;
        least(|| run(model, feeds, locals, threads, |_, _| {}))
    }

    /// The time of each kind of operator, in one run.
    fn show_operators(&mut self, feeds: &[Vec<u8>]) {
        let mut shares = BTreeMap::new();
        run(&self.model, feeds, &mut self.locals, 1, |tag, seconds| {
            let share: &mut (usize, f64) = shares.entry(tag).or_default();
            (share.0, share.1) = (share.0 + 1, share.1 + seconds);
        });
        for (tag, (nodes, seconds)) in shares {
            let name = Operator::from_tag(tag).map_or("?", Operator::name);
            println!("    {name:<20} {nodes:>4} nodes {:>10.3} ms", seconds * 1e3);
        }
    }
}

fn main() {
    println!("least milliseconds; 1 and 2 threads; int8: products in int8, the rest f32");
    println!(
        "model              convert ms  file kB  nodes   native 1   native 2     int8 1     int8 2    ort 1    ort 2   tract 1   native/ort 1  int8/native 1"
    );
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| file(name).exists() && (asked.is_empty() || asked.iter().any(|asked| asked == name));
    for (name, shapes) in models().into_iter().filter(|(name, _)| wanted(name)) {
        let options = json!({ "shapes": shapes }).to_string();
        let converter = OnnxConverter::new();
        let started = Instant::now();
        let model = converter.model(&file(name), &options, &SilentHost).expect("a model");
        let size = write_model(&model).expect("a model file").len();
        let convert = started.elapsed().as_secs_f64();
        let (nodes, feeds) = (model.nodes.len(), feeds(&model));
        let quantised = quantised(name, &model, &feeds, &shapes).map(|options| {
            let model = converter.model(&file(name), &options, &SilentHost);
            Prepared::new(model.expect("a quantised model"))
        });
        let (mut float, mut quantised) = (Prepared::new(model), quantised);
        let slices: Vec<&[u8]> = feeds.iter().map(Vec::as_slice).collect();
        let tract = || converter.reference(&file(name), &options, &slices, &SilentHost);
        let tract_runs = tract().is_ok();
        let mut best = [f64::INFINITY; 7];
        for _ in 0..TURNS {
            let int8 = |quantised: &mut Option<Prepared>, threads| {
                let quantised = quantised.as_mut();
                quantised.map_or(f64::NAN, |quantised| quantised.timed(&feeds, threads))
            };
            let peer = |threads| onnxruntime(name, &shapes, threads).unwrap_or(f64::NAN);
            let turn = [
                float.timed(&feeds, 1),
                int8(&mut quantised, 1),
                peer(1),
                float.timed(&feeds, 2),
                int8(&mut quantised, 2),
                peer(2),
                if tract_runs { least(|| drop(tract())) } else { f64::NAN },
            ];
            best = std::array::from_fn(|contender| best[contender].min(turn[contender]));
        }
        // What never ran has no time.
        let [one, int8_one, peer_one, two, int8_two, peer_two, tract] =
            best.map(|seconds| if seconds.is_finite() { seconds } else { f64::NAN });
        if std::env::var_os("OPML_BY_OPERATOR").is_some() {
            float.show_operators(&feeds);
            quantised
                .iter_mut()
                .for_each(|quantised| quantised.show_operators(&feeds));
        }
        let ms = |seconds: f64| format!("{:.2}", seconds * 1e3);
        println!(
            "{name:<18} {:>10} {:>8} {:>6} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8} {:>9} {:>10.1} {:>10.2}",
            ms(convert),
            size / 1000,
            nodes,
            ms(one),
            ms(two),
            ms(int8_one),
            ms(int8_two),
            ms(peer_one),
            ms(peer_two),
            ms(tract),
            one / peer_one,
            int8_one / one
        );
    }
}
