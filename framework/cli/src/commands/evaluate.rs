use std::path::Path;

use opml_graph::{Host, Port};
use opml_pipeline::{load_spec, plan};

use crate::failure::Failure;
use crate::inference::{Inference, greatest};
use crate::input::{Numbers, dequantize, quantize, read_labelled};
use crate::prepare::{convert_model, converter, converter_options, load_plugins, machinery};
use crate::terminal::{TerminalHost, count};

/// Right answers of both models on one set.
#[derive(Default)]
struct Score {
    images: usize,
    float: usize,
    quantised: usize,
    agree: usize,
}

/// Compares the float source, run by its converter's own runtime, with the converted model, run natively.
pub(crate) fn evaluate(
    spec: &Path,
    images: &Path,
    labels: &Path,
    limit: Option<usize>,
    quiet: bool,
) -> Result<(), Failure> {
    let spec = load_spec(spec).map_err(Failure::user)?;
    let plan = plan(&spec).map_err(Failure::user)?;
    let host = TerminalHost::new(quiet, plan.threads);
    let plugins = load_plugins(&spec.plugins, &host)?;
    let folder = tempfile::tempdir().map_err(Failure::other)?;
    let model = convert_model(&spec, &plugins, &folder.path().join("model.opml"), &host)?.model;
    let inference = Inference::new(&model.clone().into(), &machinery(&plan, &plugins, &host)?)?;
    let converter = converter(&spec, &plugins)?;
    let options = converter_options(&spec)?;
    let ([input], [output]) = (&model.feed[..], &model.outputs[..]) else {
        return Err(Failure::user(
            "only a model with one input and one output can be evaluated",
        ));
    };
    let mut set = read_labelled(images, labels)?;
    set.truncate(limit.unwrap_or(usize::MAX));
    let mut score = Score::default();
    let total = set.len() as u64;
    for (samples, label) in set {
        if host.cancelled() {
            return Err(Failure::cancelled());
        }
        let (float, quantised) = answers(samples, input, output, &inference, |values| {
            converter
                .reference(&spec.model.source, &options, &[values], &host)
                .map_err(|error| Failure::other(error.message).help(error.help))
        })?;
        score.images += 1;
        score.float += usize::from(float == label);
        score.quantised += usize::from(quantised == label);
        score.agree += usize::from(float == quantised);
        host.progress("evaluating", score.images as u64, total);
    }
    host.clear();
    print(&score);
    Ok(())
}

fn answers(
    samples: Vec<u8>,
    input: &Port,
    output: &Port,
    inference: &Inference,
    reference: impl Fn(&[u8]) -> Result<Vec<Vec<u8>>, Failure>,
) -> Result<(usize, usize), Failure> {
    if samples.len() != input.shape.elements() as usize {
        return Err(Failure::user(format!(
            "an image has {} samples, the model's input `{}` is {}",
            samples.len(),
            input.name,
            input.shape
        )));
    }
    let numbers = Numbers::Samples(samples);
    let floats: Vec<u8> = numbers
        .to_real()
        .iter()
        .flat_map(|number| (*number as f32).to_le_bytes())
        .collect();
    let float = reference(&floats)?;
    let float = float
        .first()
        .ok_or_else(|| Failure::other("the source has no output"))?;
    let float: Vec<f64> = float
        .as_chunks()
        .0
        .iter()
        .map(|word| f64::from(f32::from_le_bytes(*word)))
        .collect();
    let (_, quantised) = inference.run(&[quantize(&numbers, input)?.into()])?;
    Ok((greatest(&float), greatest(&dequantize(&quantised, output))))
}

fn print(score: &Score) {
    let share = |right: usize| 100.0 * right as f64 / score.images as f64;
    anstream::println!("{} images", count(score.images as u64));
    anstream::println!(
        "  float      {:>6.2} %  ({} right)",
        share(score.float),
        count(score.float as u64)
    );
    anstream::println!(
        "  quantised  {:>6.2} %  ({} right)",
        share(score.quantised),
        count(score.quantised as u64)
    );
    anstream::println!(
        "  lost       {:>6.2} points",
        share(score.float) - share(score.quantised)
    );
    anstream::println!("  agreement  {:>6.2} %", share(score.agree));
}
