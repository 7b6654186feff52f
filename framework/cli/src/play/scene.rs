use std::path::Path;

use bytes::Bytes;
use opml_graph::Host;
use opml_pipeline::{Plan, Spec};
use opml_player::{Clock, Terms};
use opml_stages::{Machinery, Pipeline};

use super::story;
use crate::failure::Failure;
use crate::input::{quantize, read_values};
use crate::prepare::{Converted, convert_model, load_plugins, machinery};
use crate::terminal::TerminalHost;
use crate::workload::Task;

/// Everything that is known before the first transaction.
pub(crate) struct Scene {
    pub(crate) spec: Spec,
    pub(crate) plan: Plan,
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) converted: Converted,
    pub(crate) machinery: Machinery,
    pub(crate) pipeline: Pipeline,
    /// What a request gives and gets.
    pub(crate) task: Task,
    /// The request's values.
    pub(crate) values: Vec<Bytes>,
}

/// Loads the plugins, converts the model and reads the input.
pub(crate) fn prepare(
    spec: Spec,
    plan: Plan,
    model_file: &Path,
    host: &TerminalHost,
    quiet: bool,
) -> Result<Scene, Failure> {
    let kinds: Vec<&'static str> = plan.stages.iter().map(|kind| kind.name()).collect();
    if !quiet {
        story::title(&spec, &kinds);
    }
    let plugins = load_plugins(&spec.plugins, host)?;
    let converted = convert_model(&spec, &plugins, model_file, host)?;
    let task = Task::new(&converted.model, &plan.loops)?;
    let numbers = read_values(&spec.input, &task.request)?;
    let quantized = numbers
        .iter()
        .zip(&task.request)
        .map(|(numbers, port)| quantize(numbers, port));
    let values = quantized
        .map(|value| value.map(Bytes::from))
        .collect::<Result<Vec<_>, _>>()?;
    let machinery = machinery(&plan, &plugins, host)?;
    let pipeline = Pipeline::new(&kinds, task.workload.clone(), &machinery).map_err(Failure::user)?;
    if !quiet {
        story::prepared(&plugins, &spec, &converted, model_file, &task.request, &numbers);
    }
    if host.cancelled() {
        return Err(Failure::cancelled());
    }
    Ok(Scene {
        spec,
        plan,
        kinds,
        converted,
        machinery,
        pipeline,
        task,
        values,
    })
}

/// What the model is registered with.
pub(crate) fn terms(scene: &Scene) -> Terms {
    let Scene {
        spec,
        plan,
        pipeline,
        machinery,
        task,
        ..
    } = scene;
    Terms {
        program: pipeline.entry.program(),
        stages: scene.kinds.iter().map(|kind| (*kind).to_string()).collect(),
        vm: plan.vm.clone(),
        image: machinery.image.root,
        arity: spec.game.arity,
        input_bytes: task.request.iter().map(|port| port.bytes()).collect(),
        output_bytes: task.output.bytes(),
        inputs_offchain: false,
        window: spec.game.window.0,
        clocks: plan
            .clocks
            .iter()
            .map(|clock| Clock {
                base: clock.base,
                unit: clock.unit,
            })
            .collect(),
        proposer_bond: spec.game.bonds.proposer.0,
        challenger_bond: spec.game.bonds.challenger.0,
    }
}
