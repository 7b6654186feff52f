use std::path::Path;

use opml_player::Outcome;

use super::measure::Native;
use super::scene::Scene;
use crate::input::dequantize;
use crate::report::{
    ChainReport, CommitmentsReport, ModelReport, NativeReport, OutputReport, PartyReport, Recorder, Report, VmReport,
};

/// What the play left.
pub(super) struct Played<O> {
    pub(super) outcome: Outcome,
    pub(super) recorder: Recorder<O>,
    pub(super) parties: Vec<PartyReport>,
    pub(super) chain: ChainReport,
}

/// The report of a play.
pub(super) fn assemble<O>(
    scene: &Scene,
    native: &Native,
    vm: Option<VmReport>,
    played: Played<O>,
    path: &Path,
) -> Report {
    let Played {
        outcome,
        recorder,
        parties,
        chain,
    } = played;
    let model = &scene.converted.model;
    let (dispute, dispute_bytes) = (recorder.dispute(), recorder.dispute_bytes());
    Report {
        spec: path.display().to_string(),
        pipeline: scene.kinds.clone(),
        model: ModelReport {
            name: model.name.clone(),
            id: recorder.model,
            program: scene.pipeline.entry.program().to_string(),
            nodes: scene.converted.nodes(),
            parameters: scene.converted.parameters,
            file_bytes: scene.converted.file_bytes,
            conversion_seconds: scene.converted.seconds,
        },
        output: OutputReport {
            root: outcome.output.to_string(),
            values: dequantize(&outcome.value, &scene.task.output),
            true_root: native.output_root.to_string(),
            is_final: outcome.is_final,
        },
        native: NativeReport {
            seconds: native.seconds,
            prompt_seconds: native.written.map(|written| written.prompt_seconds),
            tokens_per_second: native.written.map(|written| written.tokens_per_second),
            threads: scene.plan.threads,
        },
        vm,
        commitments: CommitmentsReport {
            happy_path_bytes: native.hashed_bytes,
            dispute_bytes,
            seconds: dispute.as_ref().map_or(0.0, |dispute| dispute.seconds_total),
        },
        dispute,
        transactions: recorder.transactions,
        parties,
        chain,
        transcript: recorder.transcript,
    }
}
