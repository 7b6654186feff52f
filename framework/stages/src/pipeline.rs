use std::sync::Arc;

use opml_engine::{Stage, StageRules, VmBackend, VmRules};
use opml_graph::{ComputeBackend, GuestImage, Host, check_costs, check_packed_cost, pack_whole_graph};

use crate::{
    Entry, EntryError, GraphRules, GraphStage, InstructionRules, InstructionStage, LoopRules, LoopStage, NodeRules,
    NodeStage, PassWatch, PipelineError, Workload,
};

/// What a pipeline runs on.
#[derive(Clone)]
pub struct Machinery {
    /// Runs nodes natively.
    pub compute: Arc<dyn ComputeBackend>,
    /// Threads for that.
    pub threads: usize,
    /// Runs the guest.
    pub vm: Arc<dyn VmBackend>,
    /// The guest.
    pub image: GuestImage,
    /// Hears how far long runs of the guest come, and may end them.
    pub host: Arc<dyn Host>,
    /// Is shown what the passes of the innermost loop hand on, while an honest run goes through them.
    pub watch: Option<Arc<dyn PassWatch>>,
}

/// A model in a pipeline: how tasks enter, what parties compute, what contracts check. Stages are outermost first.
pub struct Pipeline {
    /// How tasks enter.
    pub entry: Entry,
    /// The parties' side.
    pub stages: Vec<Arc<dyn Stage>>,
    /// The contracts' side.
    pub rules: Vec<Arc<dyn StageRules>>,
}

impl Pipeline {
    /// Puts a graph into the pipeline `kinds`: `["instruction"]`, `["graph", "instruction"]` or
    /// `["graph", "node", "instruction"]`; or loops into one of these after a `"loop"` for each loop inside another. A packed graph
    /// has no blocks, so `node` needs `graph` before it.
    pub fn new(
        kinds: &[&str],
        workload: impl Into<Workload>,
        machinery: &Machinery,
    ) -> Result<Pipeline, PipelineError> {
        let machine = InstructionStage::new(machinery.vm.clone(), machinery.image.clone());
        Pipeline::over(
            kinds,
            workload,
            machinery,
            Arc::new(machine.heard_by(machinery.host.clone())),
        )
    }

    /// The same, whose parties have `machine` for their machine stage.
    pub fn over(
        kinds: &[&str],
        workload: impl Into<Workload>,
        machinery: &Machinery,
        machine: Arc<dyn Stage>,
    ) -> Result<Pipeline, PipelineError> {
        let workload = workload.into();
        workload.validate()?;
        let entry = workload.entry(kinds)?;
        let packed = !kinds.contains(&"graph");
        for graph in workload.graphs() {
            match packed {
                true => check_packed_cost(&pack_whole_graph(&graph).map_err(EntryError::from)?, &machinery.image)?,
                false => check_costs(&graph, &machinery.image)?,
            }
        }
        let Machinery {
            compute,
            threads,
            vm,
            image,
            watch,
            ..
        } = machinery.clone();
        let rules: Arc<dyn VmRules> = vm;
        let mut stages: Vec<Arc<dyn Stage>> = Vec::new();
        let mut checks: Vec<Arc<dyn StageRules>> = Vec::new();
        // The stage before the one that is made, where it is the graph stage.
        let mut graphs: Option<Arc<GraphStage>> = None;
        for (place, kind) in kinds.iter().enumerate().rev() {
            let (stage, check): (Arc<dyn Stage>, Arc<dyn StageRules>) = match (*kind, stages.first().cloned()) {
                ("loop", Some(next)) if let Workload::Loop(model) = &workload => {
                    let mut stage = LoopStage::new(model, place, packed, next)?.watched(watch.clone());
                    if let Some(graphs) = graphs.take() {
                        stage = stage.over_graphs(graphs);
                    }
                    (Arc::new(stage), Arc::new(LoopRules))
                }
                ("graph", Some(next)) => {
                    let stage = GraphStage::of_several(&workload.graphs(), compute.clone(), threads, next)?;
                    let stage = Arc::new(stage);
                    graphs = Some(stage.clone());
                    (stage, Arc::new(GraphRules))
                }
                ("node", Some(next)) => (
                    Arc::new(NodeStage::new(compute.clone(), threads, next)),
                    Arc::new(NodeRules),
                ),
                ("instruction", None) => (
                    machine.clone(),
                    Arc::new(InstructionRules::new(rules.clone(), image.root)),
                ),
                _ => return Err(EntryError::Pipeline(kinds.join(", ")).into()),
            };
            stages.insert(0, stage);
            checks.insert(0, check);
        }
        Ok(Pipeline {
            entry,
            stages,
            rules: checks,
        })
    }
}
