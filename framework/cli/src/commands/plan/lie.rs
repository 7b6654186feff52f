use opml_engine::{Fault, FaultPart, StageError};
use opml_graph::{Model, Work};
use opml_ops::{ALIAS, GAP, work_units};
use opml_pipeline::PartySpec;
use opml_player::Role;
use opml_stages::{SketchedStep, Workload};

use crate::failure::Failure;
use crate::play::parties;
use crate::play::scene::Scene;

/// The lie over which the planned dispute is fought.
pub(super) struct PlannedLie {
    /// Who tells it.
    pub(super) by: Role,
    pub(super) fault: Fault,
    /// A part of every stage, on the way to the lie or, where the lie was told above, to the dearest work.
    pub(super) path: Vec<u64>,
    /// The step of the machine.
    pub(super) step: SketchedStep,
    /// Whether it is the spec's own.
    planted: bool,
}

impl PlannedLie {
    /// The spec's lie. When it has none, a proposer's in the work that takes the longest: the middle pass of a loop, the node with the
    /// most work, its first block, the middle of the run.
    pub(super) fn of(scene: &Scene) -> PlannedLie {
        let dearest = dearest_path(scene);
        let parties = &scene.spec.parties;
        let planted = [
            (Role::Proposer, &parties.proposer),
            (Role::Challenger, &parties.challenger),
        ]
        .into_iter()
        .find_map(|(role, spec)| match spec {
            PartySpec::Lies(lie) => Some((role, parties::fault(lie))),
            PartySpec::Honest | PartySpec::None => None,
        });
        let Some((by, fault)) = planted else {
            return PlannedLie {
                by: Role::Proposer,
                fault: Fault {
                    path: dearest.clone(),
                    part: FaultPart::Output { byte: 0 },
                },
                path: dearest,
                step: SketchedStep::Dear,
                planted: false,
            };
        };
        let whole = fault.path.len() == dearest.len();
        let path: Vec<u64> = fault
            .path
            .iter()
            .chain(dearest.get(fault.path.len()..).unwrap_or(&[]))
            .copied()
            .collect();
        PlannedLie {
            by,
            step: match whole {
                true => SketchedStep::At(path.last().copied().unwrap_or(0)),
                false => SketchedStep::Last,
            },
            fault,
            path,
            planted: true,
        }
    }

    /// What is said when the stages refuse the lie.
    pub(super) fn refused(&self, error: StageError) -> Failure {
        match (error, self.planted) {
            (StageError::Fault { reason }, true) => {
                Failure::user(format!("parties.{}.lies: it {reason}", self.by.name()))
            }
            (StageError::Fault { reason }, false) => Failure::user(format!("the lie that is planned with {reason}"))
                .help("plant one in `parties` of a copy of the spec: it says where the planned dispute ends"),
            (other, _) => Failure::of_stage(other),
        }
    }
}

fn dearest_path(scene: &Scene) -> Vec<u64> {
    // The pass in the middle of each loop.
    let mut passes = Vec::new();
    if let Workload::Loop(model) = &scene.task.workload {
        let mut looped = Some(&model.outermost);
        while let Some(inner) = looped {
            passes.push(inner.passes() / 2);
            looped = inner.bodies.first().and_then(|body| match &body.work {
                Work::Loop(inner) => Some(inner),
                Work::Graph(_) => None,
            });
        }
    }
    let node = dearest_node(scene.task.bodies().graph(passes.last().copied().unwrap_or(0)));
    let mut passes = passes.into_iter();
    let parts = scene.kinds.iter().map(|kind| match *kind {
        "loop" => passes.next().unwrap_or(0),
        "graph" => node,
        _ => 0,
    });
    parts.collect()
}

/// The node with the most work among those that the machine can be asked about.
fn dearest_node(graph: &Model) -> u64 {
    let units = |node: &opml_graph::Node| match node.record.tag() {
        GAP | ALIAS => 0,
        _ => work_units(&node.record),
    };
    let nodes = (0..).zip(&graph.nodes);
    nodes.max_by_key(|(_, node)| units(node)).map_or(0, |(place, _)| place)
}
