//! The figures of `docs/benchmarks.md`: `cargo bench --profile dev -p opml-run --bench mnist`.
//!
//! Times are of this machine at this moment; gas, bytes, steps and rounds are the same everywhere.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use opml_engine::{Claim, MemoryStore, Stage, Store, VmBackend};
use opml_graph::{ComputeBackend, Model, SilentHost};
use opml_mips::Mips;
use opml_native::Native;
use opml_onnx::OnnxConverter;
use opml_riscv::RiscV;
use opml_stages::{Entry, InstructionStage};
use serde_json::Value;

const ROUNDS: usize = 30;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the project's root")
}

fn model(name: &str) -> Arc<Model> {
    let folder = root().join("examples/mnist");
    let options =
        serde_json::json!({ "quantize": { "scheme": "int8", "calibration": folder.join("calibration.npy") } });
    let model = OnnxConverter::new().model(&folder.join(name), &options.to_string(), &SilentHost);
    Arc::new(model.unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Least and median seconds of several runs.
fn time(mut work: impl FnMut()) -> (f64, f64) {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    (seconds[0], seconds[ROUNDS / 2])
}

/// A whole inference in the machine with its first and last state root, and the opening that a defender makes of it.
fn in_the_machine(machine: Arc<dyn VmBackend>, name: &str) {
    let model = model(name);
    let entry = Entry::new(&model, &["instruction"]).expect("a model that packs");
    let image = Native
        .guest_images()
        .into_iter()
        .find(|image| image.vm == machine.name())
        .expect("the image");
    let vm = machine.name().to_owned();
    let stage = InstructionStage::new(machine, image);
    let store = MemoryStore::default();
    let inputs = entry
        .request(&[Bytes::from(vec![100; model.feed[0].bytes() as usize])], &store)
        .expect("one picture");
    let program = entry.program();
    let (output, steps) = stage.run_to_end(&program, &inputs, &store).expect("an honest run");
    let claim = Claim {
        program,
        inputs,
        output,
    };
    let (least, median) = time(|| {
        let mut trace = stage.open(&claim, &store as &dyn Store, None).expect("a trace");
        std::hint::black_box(trace.opening(16, &store).expect("an opening"));
    });
    println!(
        "  {name} in {vm}: {steps} steps; first and last root: least {:.2} ms, median {:.2} ms",
        least * 1e3,
        median * 1e3
    );
    println!(
        "           {:.0} M steps/s at the least, everything counted",
        steps as f64 / least / 1e6
    );
}

fn play(spec: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = root().join(format!("specs/pipelines/{spec}.yaml"));
    let mut seconds = Vec::new();
    let mut report = Value::Null;
    for _ in 0..5 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opml-run"));
        let done = command
            .arg(&file)
            .args(["--quiet", "--report", "report.json"])
            .current_dir(folder.path())
            .output();
        let done = done.expect("the program starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        report =
            serde_json::from_slice(&std::fs::read(folder.path().join("report.json")).expect("a report")).expect("JSON");
        seconds.push(report["chain"]["seconds"].as_f64().expect("seconds"));
    }
    seconds.sort_by(f64::total_cmp);
    let dispute = &report["dispute"];
    let (bytes, gas) = match dispute["moves"].as_array() {
        None => (0, 0),
        Some(moves) => (
            moves.iter().filter_map(|made| made["bytes"].as_u64()).sum(),
            dispute["gas_total"].as_u64().unwrap_or(0),
        ),
    };
    println!(
        "  {spec:<22} task to payout {:.3} s; rounds {}, gas {gas}, bytes {bytes}; undisputed: {} bytes hashed",
        seconds[2],
        dispute["rounds"].as_u64().unwrap_or(0),
        report["commitments"]["happy_path_bytes"],
    );
    let step = dispute["moves"]
        .as_array()
        .and_then(|moves| moves.iter().find(|made| made["kind"] == "step" && made["gas"] != 0));
    if let Some(step) = step {
        println!(
            "  {:<22} `step` alone in its transaction: {} gas used, {} bytes",
            "", step["gas"], step["bytes"]
        );
    }
}

fn main() {
    println!("inference in the machine, weights' roots cached ({ROUNDS} runs)");
    let machines: [Arc<dyn VmBackend>; 2] = [Arc::new(Mips), Arc::new(RiscV)];
    for machine in machines {
        in_the_machine(Arc::clone(&machine), "mlp.onnx");
        in_the_machine(machine, "cnn.onnx");
    }
    println!("the committed specs, embedded chain, arity 16, conversion not counted (median of 5)");
    for spec in [
        "mnist",
        "mnist-false-challenge",
        "mnist-single-stage",
        "mnist-cnn",
        "mnist-node",
        "mnist-honest",
    ] {
        play(spec);
    }
}
