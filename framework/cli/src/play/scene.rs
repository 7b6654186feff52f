use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use opml_graph::Host;
use opml_llama::Tokenizer;
use opml_pipeline::{InputSpec, Plan, Spec, load_spec, plan};
use opml_player::{Account, Clock, Request, Terms};
use opml_stages::{Machinery, Pipeline, Workload};

use super::story;
use crate::failure::Failure;
use crate::input::{quantize, read_values};
use crate::prepare::{Converted, ModelFile, convert_model, load_plugins, machinery, reused_model};
use crate::terminal::{TerminalHost, described};
use crate::text;
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
    /// What a language model's tokens stand for.
    pub(crate) tokenizer: Option<Arc<Tokenizer>>,
}

impl Scene {
    /// What an output says, in a few words; a language model's is text.
    pub(crate) fn said(&self, values: &[f64]) -> String {
        match &self.tokenizer {
            Some(tokenizer) => {
                let prompt = self.prompt_tokens();
                // What follows the last token is no text.
                let there = values.get(..prompt + self.written_tokens()).unwrap_or(values);
                format!("{:?}", text::written(tokenizer, there, prompt))
            }
            None => described(values, &self.task.output),
        }
    }

    /// Tokens that a language model writes: one in each pass of its last graph.
    pub(crate) fn written_tokens(&self) -> usize {
        match &self.task.workload {
            Workload::Loop(model) => model.outermost.bodies.last().map_or(0, |body| body.passes as usize),
            Workload::Graph(_) => 0,
        }
    }

    /// Tokens that a request gives a language model.
    pub(crate) fn prompt_tokens(&self) -> usize {
        let position = self.values.get(1).and_then(|bytes| bytes.first_chunk::<4>());
        position.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize + 1)
    }
}

/// Loads the plugins, converts the model and reads the input.
pub(crate) fn prepare(
    spec: Spec,
    plan: Plan,
    model_file: ModelFile<'_>,
    host: &TerminalHost,
    quiet: bool,
) -> Result<Scene, Failure> {
    let kinds: Vec<&'static str> = plan.stages.iter().map(|kind| kind.name()).collect();
    if !quiet {
        story::title(&spec, &kinds);
    }
    let plugins = load_plugins(&spec.plugins, host)?;
    let converted = match model_file {
        ModelFile::Made(path) => convert_model(&spec, &plugins, path, host)?,
        ModelFile::Reused(path) => reused_model(path, host)?,
    };
    let task = Task::new(&converted, &plan.loops)?;
    let tokenizer = text::tokenizer(&converted)?;
    let numbers = match &spec.input {
        InputSpec::Prompt(prompt) => text::prompt_values(prompt, tokenizer.as_deref(), &converted, &task.request)?,
        input => read_values(input, &task.request)?,
    };
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
        story::prepared(&plugins, &spec, &converted, model_file.path(), &task.request, &numbers);
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
        tokenizer,
    })
}

/// The scene of the spec at `path`, with its model file in the usual place. Nothing is told of it; the host shows progress unless `quiet`.
pub(crate) fn open(path: &Path, quiet: bool) -> Result<(Scene, TerminalHost), Failure> {
    let spec = load_spec(path).map_err(Failure::user)?;
    let plan = plan(&spec).map_err(|error| Failure::user(format!("{}: {error}", path.display())))?;
    let host = TerminalHost::new(quiet, plan.threads);
    let model_file = usual_model_file(&spec);
    let scene = prepare(spec, plan, ModelFile::Made(&model_file), &host, true)?;
    Ok((scene, host))
}

/// Where a spec's converted model is kept when nobody says where.
pub(crate) fn usual_model_file(spec: &Spec) -> PathBuf {
    PathBuf::from(format!(".opml/{}.opml", spec.name))
}

/// Wei that every account of a chain of one's own begins with, beside what the bonds need.
const POCKET: u128 = 10_000_000_000_000_000_000;

/// Wei for each account of a chain of one's own: enough for the bonds, the fee and the gas.
pub(crate) fn purse(scene: &Scene) -> u128 {
    let game = &scene.spec.game;
    game.bonds.proposer.0.saturating_add(game.fee.0).saturating_add(POCKET)
}

/// The request that a spec makes.
pub(crate) fn request(scene: &Scene, requester: Account, nonce: u64) -> Request {
    Request {
        terms: terms(scene),
        requester,
        nonce,
        values: scene.values.clone(),
        fee: scene.spec.game.fee.0,
        posting_time: scene.spec.game.window.0,
        begun: None,
    }
}

/// What the model is registered with.
fn terms(scene: &Scene) -> Terms {
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
