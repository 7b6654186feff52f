//! The float model beside the quantised one.

mod layers;
mod networks;

use std::path::Path;

use bytes::Bytes;
use opml_graph::{Host, Model};
use opml_pipeline::{load_spec, plan};

use layers::Layers;
use networks::Network;

use crate::failure::Failure;
use crate::inference::greatest;
use crate::input::{Numbers, dequantize, read_labelled};
use crate::prepare::{convert_model, load_plugins, machinery};
use crate::terminal::{TerminalHost, count};

/// Inputs whose layers are compared.
const LAYERED: usize = 16;
/// Layers that are shown.
const SHOWN: usize = 8;

/// Right answers of both models on one set.
#[derive(Default)]
struct Score {
    inputs: usize,
    float: usize,
    quantised: usize,
    agree: usize,
}

/// Compares the spec's model as it is, without `quantize`, with the quantised one: right answers on a labelled set, and how far each layer is
/// from what it was.
pub(crate) fn evaluate(
    spec: &Path,
    images: &Path,
    labels: &Path,
    limit: Option<usize>,
    quiet: bool,
) -> Result<(), Failure> {
    let spec = load_spec(spec).map_err(Failure::user)?;
    if spec.model.quantize.is_none() {
        return Err(
            Failure::user("the spec's model is not quantised: there is nothing to compare")
                .help("write `quantize` under `model`"),
        );
    }
    let plan = plan(&spec).map_err(Failure::user)?;
    let host = TerminalHost::new(quiet, plan.threads);
    let plugins = load_plugins(&spec.plugins, &host)?;
    let folder = tempfile::tempdir().map_err(Failure::other)?;
    let machinery = machinery(&plan, &plugins, &host)?;
    let network = |name: &str, quantised: bool| -> Result<Network, Failure> {
        let mut spec = spec.clone();
        if !quantised {
            spec.model.quantize = None;
        }
        let model = convert_model(&spec, &plugins, &folder.path().join(name), &host)?.model;
        Network::new(model, &machinery)
    };
    let (float, quantised) = (network("float.opml", false)?, network("quantised.opml", true)?);
    let mut set = read_labelled(images, labels)?;
    set.truncate(limit.unwrap_or(usize::MAX));
    let (mut score, mut layers) = (Score::default(), Layers::default());
    let total = set.len() as u64;
    for (numbers, label) in set {
        if host.cancelled() {
            return Err(Failure::cancelled());
        }
        let answers = [float.run(&numbers)?, quantised.run(&numbers)?];
        let [was, is] =
            [(&float, &answers[0]), (&quantised, &answers[1])].map(|(network, locals)| answer(network, locals));
        score.inputs += 1;
        score.float += usize::from(was == label);
        score.quantised += usize::from(is == label);
        score.agree += usize::from(was == is);
        if score.inputs <= LAYERED {
            layers.compare(&float.model, &answers[0], &quantised.model, &answers[1]);
        }
        host.progress("evaluating", score.inputs as u64, total);
    }
    host.clear();
    print(&score);
    print_layers(&layers, score.inputs.min(LAYERED));
    Ok(())
}

/// The class that a network names.
fn answer(network: &Network, locals: &[Bytes]) -> usize {
    let Model {
        outputs,
        output_index,
        output_height,
        ..
    } = &*network.model;
    let first = (*output_index as usize) << output_height;
    greatest(&dequantize(&locals[first], &outputs[0]))
}

fn print(score: &Score) {
    let share = |right: usize| 100.0 * right as f64 / score.inputs as f64;
    anstream::println!("{} inputs", count(score.inputs as u64));
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

fn print_layers(layers: &Layers, inputs: usize) {
    let ranked = layers.worst_first();
    let Some((worst, ratio)) = ranked.first() else {
        anstream::println!("  layers     none is f32 in both models");
        return;
    };
    anstream::println!("  signal to noise by layer, worst first, over {inputs} inputs:");
    for (name, ratio) in ranked.iter().take(SHOWN) {
        anstream::println!("    {ratio:>6.1} dB  {name}");
    }
    if ranked.len() > SHOWN {
        anstream::println!("    … {} more", ranked.len() - SHOWN);
    }
    anstream::println!("  the worst layer is `{worst}`, at {ratio:.1} dB");
}

/// A set's element that does not fit the model's input.
fn misfit(numbers: &Numbers, network: &Network) -> Failure {
    let port = &network.model.feed[0];
    Failure::user(format!(
        "an input of the set has {} elements, the model's input `{}` is {}",
        numbers.len(),
        port.name,
        port.shape
    ))
}
