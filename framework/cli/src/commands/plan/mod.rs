//! `plan`: what a dispute over a spec's model takes at every arity, before anything is staked.

mod clocks;
mod descent;
mod forecast;
mod lie;
mod table;

use std::path::Path;
use std::sync::Arc;

use opml_graph::Host;
use opml_stages::{InstructionSketch, InstructionStage, Pipeline};
use serde::Serialize;

use self::clocks::{ClockReport, clock_reports};
use self::descent::Stop;
pub(super) use self::forecast::Forecast;
use self::forecast::forecast;
use self::lie::PlannedLie;
use crate::arguments::PlanArguments;
use crate::failure::Failure;
use crate::play::parties;
use crate::play::scene::{Scene, open};
use crate::report;
use crate::terminal::{GWEI, TerminalHost};

/// What `--report` writes. Keys are added freely and never renamed.
#[derive(Debug, Serialize)]
struct PlanReport {
    spec: String,
    pipeline: Vec<&'static str>,
    /// The part where the planned dispute ends, a number a stage.
    place: Vec<u64>,
    clocks: Vec<ClockReport>,
    arities: Vec<Forecast>,
}

/// Prices a dispute over the spec's model at every arity, and holds the spec's clocks against measured re-executions.
pub(crate) fn plan(spec_path: &Path, arguments: &PlanArguments) -> Result<(), Failure> {
    if let Some(file) = &arguments.report {
        report::check_folder(file)?;
    }
    let (scene, host) = open(spec_path, arguments.quiet)?;
    let own = scene.spec.game.clone();
    let Planned { scene, stops, arities } = planned(scene, u128::from(arguments.gas_price) * GWEI, &host)?;
    let planned = PlanReport {
        spec: spec_path.display().to_string(),
        pipeline: scene.kinds.clone(),
        place: stops.iter().map(|stop| stop.part).collect(),
        clocks: clock_reports(&scene, &stops),
        arities,
    };
    if !arguments.quiet {
        table::print(&scene, &planned, &own, &stops, arguments.gas_price);
    }
    if let Some(file) = &arguments.report {
        report::write(&planned, file)?;
    }
    clocks::check(&planned.clocks)
}

/// A planned dispute.
pub(super) struct Planned {
    scene: Scene,
    stops: Vec<Stop>,
    /// What it takes, by arity.
    pub(super) arities: Vec<Forecast>,
}

/// Has a sketch of the scene's dispute judged at every arity from 2 to 256, at `gas_price` wei.
pub(super) fn planned(scene: Scene, gas_price: u128, host: &TerminalHost) -> Result<Planned, Failure> {
    let lie = PlannedLie::of(&scene);
    let machinery = &scene.machinery;
    let stage = InstructionStage::new(machinery.vm.clone(), machinery.image.clone()).heard_by(machinery.host.clone());
    let sketch = Arc::new(InstructionSketch::new(stage, lie.step));
    let pipeline = Pipeline::over(&scene.kinds, scene.task.workload.clone(), machinery, sketch.clone());
    let pipeline = pipeline.map_err(Failure::user)?;
    let mut scene = Scene { pipeline, ..scene };

    parties::check(&lie.fault, &scene).map_err(|error| lie.refused(error))?;
    let stops = descent::descend(&scene, &sketch, &lie)?;
    let mut arities = Vec::new();
    for power in 1..=8 {
        host.progress("planning arities", power, 8);
        if host.cancelled() {
            return Err(Failure::cancelled());
        }
        scene.spec.game.arity = 1 << power;
        arities.push(forecast(&scene, &lie, gas_price)?);
    }
    host.clear();
    Ok(Planned { scene, stops, arities })
}
