//! `analyse`: why disputes have stages, measured on a spec's model.

mod kinds;
mod plot;
mod splits;
mod table;

use std::path::Path;

use serde::Serialize;

use self::kinds::{KindReport, measured};
use self::splits::{SplitReport, splits};
use super::plan::{Forecast, planned};
use crate::arguments::AnalyseArguments;
use crate::failure::Failure;
use crate::play::scene::open;
use crate::report;
use crate::terminal::GWEI;

/// The price of gas that `plan` reckons bonds with, which are not shown here.
const GAS_PRICE: u128 = 20 * GWEI;

/// What `--report` writes. Keys are added freely and never renamed.
#[derive(Debug, Serialize)]
struct AnalysisReport {
    spec: String,
    threads: usize,
    /// Passes through the graph; 1 without a loop.
    passes: u64,
    kinds: Vec<KindReport>,
    /// α of the whole graph: seconds in the machine over native ones.
    alpha: f64,
    /// Steps of the machine a second, over all measured nodes.
    steps_per_second: f64,
    splits: Vec<SplitReport>,
    /// Of the spec's own stages.
    arities: Vec<Forecast>,
}

/// Measures the nodes of the spec's model both ways and reckons what disputes take.
pub(crate) fn analyse(spec_path: &Path, arguments: &AnalyseArguments) -> Result<(), Failure> {
    for file in arguments.report.iter().chain(&arguments.plot) {
        report::check_folder(file)?;
    }
    let (scene, host) = open(spec_path, arguments.quiet)?;
    let passes = scene.task.passes();
    let graph = scene.task.bodies().graph(u64::MAX).clone();
    let kinds = measured(&graph, &scene, &host)?;
    host.clear();
    let sum = |of: fn(&KindReport) -> f64| kinds.iter().map(|kind| kind.nodes as f64 * of(kind)).sum::<f64>();
    let (native, machine) = (sum(|kind| kind.native_seconds), sum(|kind| kind.machine_seconds));
    let threads = scene.plan.threads;
    let analysis = AnalysisReport {
        spec: spec_path.display().to_string(),
        threads,
        passes,
        alpha: machine / native,
        steps_per_second: sum(|kind| kind.steps as f64) / machine,
        splits: splits(&kinds, &graph, passes),
        kinds,
        arities: planned(scene, GAS_PRICE, &host)?.arities,
    };
    if !arguments.quiet {
        table::print(&analysis);
    }
    if let Some(file) = &arguments.plot {
        plot::write(&analysis, file)?;
    }
    match &arguments.report {
        Some(file) => report::write(&analysis, file),
        None => Ok(()),
    }
}
