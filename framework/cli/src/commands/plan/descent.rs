use std::time::Instant;

use opml_engine::{Claim, MemoryStore, StageError, Verdict};
use opml_stages::InstructionSketch;

use super::lie::PlannedLie;
use crate::failure::Failure;
use crate::play::scene::Scene;

/// A stage on the way to the planned lie, as an honest party goes it.
pub(super) struct Stop {
    /// The part that is disputed.
    pub(super) part: u64,
    /// Parts in all, or steps.
    pub(super) length: u64,
    /// What one re-execution of the stage's work took here.
    pub(super) seconds: f64,
}

/// Does once, stage by stage, what an honest party does again in a dispute. It ends early where a part is decided without the stages below.
pub(super) fn descend(scene: &Scene, sketch: &InstructionSketch, lie: &PlannedLie) -> Result<Vec<Stop>, Failure> {
    let refused = |error: StageError| lie.refused(error);
    let store = MemoryStore::default();
    let (entry, stages) = (&scene.pipeline.entry, &scene.pipeline.stages);
    let inputs = entry.request(&scene.values, &store).map_err(Failure::user)?;
    let program = entry.program();
    let mut claim = Claim {
        program,
        inputs,
        output: stages[0].evaluate(&program, &inputs, &store, None).map_err(refused)?,
    };
    let arity = u64::from(scene.spec.game.arity);
    let mut stops = Vec::new();
    for (stage, part) in stages.iter().zip(&lie.path) {
        let started = Instant::now();
        let mut trace = stage.open(&claim, &store, None).map_err(refused)?;
        let opening = trace.opening(arity, &store).map_err(refused)?;
        let seconds = started.elapsed().as_secs_f64();
        if stops.len() + 1 == stages.len() {
            let surveyed = sketch.survey(&claim.program, &claim.inputs, &store).map_err(refused)?;
            stops.push(Stop {
                part: surveyed.disputed_step,
                length: surveyed.steps,
                seconds: surveyed.seconds,
            });
            return Ok(stops);
        }
        stops.push(Stop {
            part: *part,
            length: opening.opened.count,
            seconds,
        });
        match trace.narrow(*part, &store).map_err(refused)?.verdict {
            Verdict::Claim(next) => claim = next,
            Verdict::Defender | Verdict::Challenger => return Ok(stops),
        }
    }
    Ok(stops)
}
