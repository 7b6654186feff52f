//! What happened, for other programs: the JSON report. Keys are added freely and never renamed.

mod dispute;
mod recorder;
mod transcript;

use serde::Serialize;

pub(crate) use dispute::{DisputeReport, MoveReport};
pub(crate) use recorder::Recorder;
pub(crate) use transcript::{Contract, Transaction, Transcript, from_hex, own_artifacts, to_hex};

use std::path::Path;

use crate::failure::Failure;
use crate::whole_file::{WholeFile, folder};

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) spec: String,
    pub(crate) pipeline: Vec<&'static str>,
    pub(crate) model: ModelReport,
    pub(crate) output: OutputReport,
    pub(crate) native: NativeReport,
    /// The whole inference in the machine; absent when the model does not pack into one record.
    pub(crate) vm: Option<VmReport>,
    pub(crate) commitments: CommitmentsReport,
    pub(crate) dispute: Option<DisputeReport>,
    pub(crate) transactions: Vec<TransactionReport>,
    pub(crate) parties: Vec<PartyReport>,
    pub(crate) chain: ChainReport,
    /// What `opml-run replay` judges again.
    pub(crate) transcript: Transcript,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ModelReport {
    pub(crate) name: String,
    /// The id under which the model is registered.
    pub(crate) id: String,
    pub(crate) program: String,
    pub(crate) nodes: usize,
    pub(crate) parameters: u64,
    pub(crate) file_bytes: u64,
    pub(crate) conversion_seconds: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct OutputReport {
    /// The posted result's root.
    pub(crate) root: String,
    /// What its bytes stand for.
    pub(crate) values: Vec<f64>,
    /// The true result's root.
    pub(crate) true_root: String,
    /// Whether the posted result became final.
    #[serde(rename = "final")]
    pub(crate) is_final: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct NativeReport {
    pub(crate) seconds: f64,
    /// Of a language model: until its prompt was worked through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_seconds: Option<f64>,
    /// Of a language model: what it wrote after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tokens_per_second: Option<f64>,
    pub(crate) threads: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct VmReport {
    pub(crate) name: String,
    pub(crate) steps: u64,
    pub(crate) seconds: f64,
    pub(crate) steps_per_second: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct CommitmentsReport {
    /// Bytes hashed for a result that is computed natively and that nobody disputes: the request's values and the output. A
    /// pipeline without a graph stage computes it in the machine instead, whose own hashing is not counted.
    pub(crate) happy_path_bytes: u64,
    /// Bytes that both parties' stages hashed on top, outside the machine, when there was a dispute.
    pub(crate) dispute_bytes: u64,
    /// Seconds that both parties took to answer in the dispute.
    pub(crate) seconds: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct TransactionReport {
    pub(crate) action: &'static str,
    pub(crate) by: &'static str,
    pub(crate) gas: u64,
    pub(crate) calldata_bytes: u64,
    pub(crate) block: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PartyReport {
    pub(crate) role: &'static str,
    pub(crate) account: String,
    /// Wei gained, or lost when negative, gas not counted.
    pub(crate) gained: String,
    /// Wei paid for gas.
    pub(crate) gas_cost: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChainReport {
    pub(crate) backend: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    pub(crate) blocks: u64,
    /// From the request to the last payment, deployment not counted.
    pub(crate) seconds: f64,
}

/// Whether the report's folder is there: asked before the work, not after it.
pub(crate) fn check_folder(path: &Path) -> Result<(), Failure> {
    let folder = folder(path);
    match folder.is_dir() {
        true => Ok(()),
        false => Err(unwritable(path, format!("there is no folder {}", folder.display()))),
    }
}

/// Writes the report whole or not at all.
pub(crate) fn write(report: &impl Serialize, path: &Path) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(report).map_err(Failure::other)?;
    let written = WholeFile::create(path).and_then(|mut file| {
        writeln!(file.writer(), "{text}")?;
        file.place()
    });
    written.map(|_| ()).map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, reason: impl std::fmt::Display) -> Failure {
    Failure::user(format!("cannot write the report {}: {reason}", path.display()))
}
