//! What is told before the first transaction.

use std::io::IsTerminal;
use std::path::Path;

use opml_graph::Port;
use opml_pipeline::{ChainSpec, InputSpec, Spec};
use opml_plugin_loader::Plugins;

use super::measure::Native;
use super::scene::Scene;
use crate::input::{Numbers, dequantize};
use crate::prepare::Converted;
use crate::report::VmReport;
use crate::terminal::{DIM, HEAD, bytes, count, draw, seconds};

/// The widest picture that is drawn.
const WIDEST: usize = 64;

pub(super) fn title(spec: &Spec, kinds: &[&str]) {
    anstream::println!(
        "{HEAD}{}{HEAD:#}  [{}], arity {}, {}",
        spec.name,
        kinds.join(", "),
        spec.game.arity,
        match &spec.chain {
            ChainSpec::Embedded => "embedded chain".to_string(),
            ChainSpec::Node(node) => format!("the chain behind {}", node.rpc),
        }
    );
}

pub(super) fn prepared(
    plugins: &Plugins,
    spec: &Spec,
    converted: &Converted,
    model_file: &Path,
    request: &[Port],
    numbers: &[Numbers],
) {
    let loaded: Vec<String> = plugins
        .describe()
        .iter()
        .map(|plugin| format!("{} {}", plugin.name, plugin.version))
        .collect();
    anstream::println!("  plugins   {}", loaded.join(", "));
    let source = spec.model.source.file_name().unwrap_or_default().to_string_lossy();
    let (nodes, parameters) = (count(converted.nodes() as u64), count(converted.parameters));
    let (size, time) = (bytes(converted.file_bytes), seconds(converted.seconds));
    anstream::println!(
        "  model     {source} → {}: {nodes} nodes, {parameters} parameters, {size} ({time})",
        model_file.display()
    );
    match &spec.input {
        InputSpec::File(file) => {
            anstream::println!("  input     {}", file.file_name().unwrap_or_default().to_string_lossy());
        }
        InputSpec::Several(values) => anstream::println!("  input     {} values", count(values.len() as u64)),
        InputSpec::Prompt(prompt) => anstream::println!("  prompt    {}", prompt.prompt),
        InputSpec::Inline(_) => {}
    }
    let dims = request.first().map(|port| port.shape.dims()).unwrap_or_default();
    let dims: Vec<usize> = dims.iter().map(|dim| *dim as usize).collect();
    if let ([Numbers::Samples(samples)], [.., height, width]) = (numbers, &dims[..])
        && samples.len() == height * width
        && *width <= WIDEST
    {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        anstream::print!("{}", draw(samples, *width, colour));
    }
}

pub(super) fn natively(scene: &Scene, native: &Native, vm: Option<&VmReport>) {
    let port = &scene.task.output;
    let threads = scene.plan.threads;
    anstream::println!(
        "  native    {} on {threads} thread{}: {} {DIM}({} hashed: the input and the output){DIM:#}",
        seconds(native.seconds),
        if threads == 1 { "" } else { "s" },
        match native.written {
            Some(written) => format!(
                "a prompt of {} tokens in {}, then {} tokens, {:.2} a second",
                written.prompt_tokens,
                seconds(written.prompt_seconds),
                written.tokens,
                written.tokens_per_second
            ),
            None => scene.said(&dequantize(&native.output, port)),
        },
        bytes(native.hashed_bytes),
    );
    if let Some(vm) = vm {
        let rate = vm.steps_per_second / 1e6;
        anstream::println!(
            "  machine   {} steps in {}, {rate:.0} M steps/s: the same output",
            count(vm.steps),
            seconds(vm.seconds)
        );
    }
    anstream::println!("  {HEAD}chain{HEAD:#}");
}
