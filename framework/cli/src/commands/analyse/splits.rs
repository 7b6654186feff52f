use opml_graph::Model;
use serde::Serialize;

use super::kinds::KindReport;

/// A dispute in these stages over the whole model: m parts of n steps take one tree of m·n leaves, or, stage by stage, m + n.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SplitReport {
    pub(super) stages: Vec<&'static str>,
    /// Leaves of all trees that a party builds on the way to one step.
    pub(super) leaves: u64,
    /// Steps of the machine that a party runs for them.
    pub(super) steps: u64,
    /// Seconds of a party's work: the model natively, where a stage above the machine asks for it, and those steps.
    pub(super) seconds: f64,
}

/// From one stage to all; every pass is taken as one through `graph`.
pub(super) fn splits(kinds: &[KindReport], graph: &Model, passes: u64) -> Vec<SplitReport> {
    let sum = |of: fn(&KindReport) -> f64| kinds.iter().map(|kind| kind.nodes as f64 * of(kind)).sum::<f64>();
    let native = passes as f64 * sum(|kind| kind.native_seconds);
    let pass: u64 = kinds.iter().map(|kind| kind.nodes * kind.steps).sum();
    let pace = sum(|kind| kind.machine_seconds) / pass.max(1) as f64;
    let most = |of: fn(&KindReport) -> u64| kinds.iter().map(of).max().unwrap_or(0);
    let node = most(|kind| kind.steps);
    // A block's steps are the node's, shared out.
    let block = most(|kind| kind.steps.div_ceil(kind.blocks.max(1)));
    let blocks = most(|kind| kind.blocks);
    let nodes = graph.nodes.len() as u64;
    let whole = passes.saturating_mul(pass);
    let mut found = Vec::new();
    let mut add = |stages: &[&'static str], above: u64, steps: u64| {
        found.push(SplitReport {
            stages: stages.to_vec(),
            leaves: above.saturating_add(steps),
            steps,
            seconds: steps as f64 * pace + if stages.len() > 1 { native } else { 0.0 },
        });
    };
    add(&["instruction"], 0, whole);
    if passes > 1 {
        add(&["loop", "instruction"], passes, pass);
        add(&["loop", "graph", "instruction"], passes + nodes, node);
        add(
            &["loop", "graph", "node", "instruction"],
            passes + nodes + blocks,
            block,
        );
    } else {
        add(&["graph", "instruction"], nodes, node);
        add(&["graph", "node", "instruction"], nodes + blocks, block);
    }
    found
}
