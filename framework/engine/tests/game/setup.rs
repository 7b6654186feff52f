//! Counter pipelines.

use std::sync::Arc;

use opml_engine::counter::{
    CounterInstruction, CounterInstructionRules, CounterLoop, CounterLoopRules, CounterProgram,
};
use opml_engine::{Claim, Game, Stage, StageRules};

pub(crate) struct Setup {
    pub(crate) program: CounterProgram,
    pub(crate) value: u64,
    /// Parts by stage.
    pub(crate) counts: Vec<u64>,
    pub(crate) stages: Vec<Arc<dyn Stage>>,
    pub(crate) rules: Vec<Arc<dyn StageRules>>,
}

impl Setup {
    fn new(counts: &[u64]) -> Setup {
        let (steps, passes) = counts.split_last().expect("there is a machine");
        let machine = CounterProgram::Machine {
            multiplier: 6_364_136_223_846_793_005,
            addend: 1_442_695_040_888_963_407,
            steps: *steps,
        };
        let mut stages: Vec<Arc<dyn Stage>> = vec![Arc::new(CounterInstruction)];
        let mut rules: Vec<Arc<dyn StageRules>> = vec![Arc::new(CounterInstructionRules)];
        let mut program = machine;
        for count in passes.iter().rev() {
            program = program.repeated(*count);
            stages.insert(0, Arc::new(CounterLoop::new(Arc::clone(&stages[0]))));
            rules.insert(0, Arc::new(CounterLoopRules));
        }
        Setup {
            program,
            value: 7,
            counts: counts.to_vec(),
            stages,
            rules,
        }
    }

    pub(crate) fn game(&self, claim: &Claim, arity: u64) -> Game {
        Game::new(claim, arity, self.rules.clone()).expect("the pipeline ends in its machine")
    }
}

pub(crate) fn machine(steps: u64) -> Setup {
    Setup::new(&[steps])
}

pub(crate) fn looped(passes: u64, steps: u64) -> Setup {
    Setup::new(&[passes, steps])
}

/// Pipelines of one to three stages, with counts that fill a division exactly, by one too few and one too many.
pub(crate) fn all() -> Vec<Setup> {
    let sizes: &[&[u64]] = &[
        &[1],
        &[2],
        &[16],
        &[17],
        &[1, 3],
        &[4, 1],
        &[5, 6],
        &[17, 2],
        &[2, 3, 4],
        &[3, 5, 2],
        &[1, 1, 1],
    ];
    sizes.iter().map(|counts| Setup::new(counts)).collect()
}
