use thiserror::Error;

use crate::{LiePart, LieSpec, LoopSpec, PartySpec, Spec, StageSpec, Threads};

/// The kinds of stages that a pipeline can have, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// One pass of a loop.
    Loop,
    /// One node of a graph.
    Graph,
    /// One block of a node's output.
    Node,
    /// One machine instruction.
    Instruction,
}

impl StageKind {
    /// The kind's name in specs and reports.
    pub fn name(self) -> &'static str {
        match self {
            StageKind::Loop => "loop",
            StageKind::Graph => "graph",
            StageKind::Node => "node",
            StageKind::Instruction => "instruction",
        }
    }
}

/// The most stages that the service registers (`specs/money.md`).
const MOST_STAGES: usize = 8;

/// A stage's clock, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockPlan {
    /// A side's allowance with one game on the task.
    pub base: u64,
    /// What each further game adds.
    pub unit: u64,
}

/// A spec whose parts fit together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The stages, outermost first.
    pub stages: Vec<StageKind>,
    /// Each stage's clock.
    pub clocks: Vec<ClockPlan>,
    /// The loops, outermost first.
    pub loops: Vec<LoopSpec>,
    /// The compute backend's name.
    pub backend: String,
    /// Threads for native work.
    pub threads: usize,
    /// The machine's name.
    pub vm: String,
}

/// Why a spec's parts do not fit together. All are the user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Another version of the format.
    #[error("version: {0} is unknown; this software reads version 1")]
    Version(u32),
    /// A name that cannot be a file's.
    #[error("name: `{0}` must be made of letters, digits, `-`, `_` and `.`, and begin with a letter or digit")]
    Name(String),
    /// The stages are out of order, repeated, or do not end in `instruction`.
    #[error(
        "stages: [{found}] is not a pipeline; write any of loop (also several), graph, node in this order, then instruction"
    )]
    Stages {
        /// What was written.
        found: String,
    },
    /// A node stage without a graph stage.
    #[error("stages: a node stage needs a graph stage before it")]
    NodeAlone,
    /// More stages than the service takes.
    #[error("stages: {0} stages are too many; a pipeline has at most {MOST_STAGES}")]
    TooManyStages(usize),
    /// What only the innermost loop can say.
    #[error("stages[{stage}].loop.{key}: only the innermost loop says what its passes hand on")]
    OuterLoop {
        /// Its place.
        stage: usize,
        /// What was written.
        key: &'static str,
    },
    /// Two ways to say what the result is.
    #[error("stages[{stage}].loop: write `collect` or `output`, not both")]
    TwoResults {
        /// The loop's place.
        stage: usize,
    },
    /// An arity that the game does not know.
    #[error("game.arity: {0} is not a power of two from 2 to 256")]
    Arity(u16),
    /// Bonds that invite lies.
    #[error("game.bonds: the proposer's bond must exceed the challenger's, and both must exceed zero")]
    Bonds,
    /// A window or clock of no length.
    #[error("game.{0} must be longer than zero")]
    Time(&'static str),
    /// A lie that does not follow the pipeline.
    #[error("parties.{party}.lies.at: [{found}] does not follow the stages [{stages}]")]
    LiePath {
        /// Whose lie.
        party: &'static str,
        /// The path written.
        found: String,
        /// The stages of the pipeline.
        stages: String,
    },
    /// A part that only the machine has, or a register without number.
    #[error("parties.{party}.lies: {reason}")]
    LiePart {
        /// Whose lie.
        party: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// Nobody to post a result.
    #[error("parties.proposer: `none` leaves nobody to post a result")]
    NoProposer,
}

/// Checks that the spec's parts fit together.
pub fn plan(spec: &Spec) -> Result<Plan, PlanError> {
    if spec.version != 1 {
        return Err(PlanError::Version(spec.version));
    }
    let name_character = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if !spec.name.starts_with(|first: char| first.is_ascii_alphanumeric()) || !spec.name.chars().all(name_character) {
        return Err(PlanError::Name(spec.name.clone()));
    }
    if !spec.game.arity.is_power_of_two() || !(2..=256).contains(&spec.game.arity) {
        return Err(PlanError::Arity(spec.game.arity));
    }
    if spec.game.bonds.challenger.0 == 0 || spec.game.bonds.proposer <= spec.game.bonds.challenger {
        return Err(PlanError::Bonds);
    }
    for (name, seconds) in [("window", spec.game.window), ("clock", spec.game.clock)] {
        if seconds.0 == 0 {
            return Err(PlanError::Time(name));
        }
    }
    let plan = stages(spec)?;
    for (party, behaviour) in [
        ("proposer", &spec.parties.proposer),
        ("challenger", &spec.parties.challenger),
    ] {
        if let PartySpec::Lies(lie) = behaviour {
            check_lie(party, lie, &plan.stages)?;
        }
    }
    if spec.parties.proposer == PartySpec::None {
        return Err(PlanError::NoProposer);
    }
    Ok(plan)
}

fn stages(spec: &Spec) -> Result<Plan, PlanError> {
    let mut plan = Plan {
        stages: Vec::new(),
        clocks: Vec::new(),
        loops: Vec::new(),
        backend: "native".into(),
        threads: 1,
        vm: String::new(),
    };
    let mut threads = Threads::Auto;
    for stage in &spec.stages {
        let (kind, clock, unit) = match stage {
            StageSpec::Loop(looped) => {
                plan.loops.push(looped.clone());
                (StageKind::Loop, looped.clock, looped.unit)
            }
            StageSpec::Graph(graph) => {
                plan.backend.clone_from(&graph.backend);
                threads = graph.threads;
                (StageKind::Graph, graph.clock, graph.unit)
            }
            StageSpec::Node(node) => (StageKind::Node, node.clock, node.unit),
            StageSpec::Instruction(instruction) => {
                plan.vm.clone_from(&instruction.vm);
                (StageKind::Instruction, instruction.clock, instruction.unit)
            }
        };
        plan.stages.push(kind);
        let base = clock.unwrap_or(spec.game.clock).0;
        let unit = unit.or(spec.game.unit).map_or(base, |unit| unit.0);
        for (name, seconds) in [("clock", base), ("unit", unit)] {
            if seconds == 0 {
                return Err(PlanError::Time(name));
            }
        }
        plan.clocks.push(ClockPlan { base, unit });
    }
    plan.threads = match threads {
        Threads::Count(count) => count.get(),
        Threads::Auto => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let follows = |pair: &[StageKind]| pair[0] < pair[1] || pair == [StageKind::Loop, StageKind::Loop];
    let increasing = plan.stages.windows(2).all(follows);
    if !increasing || plan.stages.last() != Some(&StageKind::Instruction) {
        return Err(PlanError::Stages {
            found: names(&plan.stages),
        });
    }
    if plan.stages.len() > MOST_STAGES {
        return Err(PlanError::TooManyStages(plan.stages.len()));
    }
    if plan.stages.iter().find(|kind| **kind != StageKind::Loop) == Some(&StageKind::Node) {
        return Err(PlanError::NodeAlone);
    }
    check_loops(&plan.loops)?;
    Ok(plan)
}

fn check_loops(loops: &[LoopSpec]) -> Result<(), PlanError> {
    let Some((inner, outer)) = loops.split_last() else {
        return Ok(());
    };
    for (stage, looped) in outer.iter().enumerate() {
        let written = [
            ("carry", !looped.carry.is_empty()),
            ("collect", looped.collect.is_some()),
            ("output", looped.output.is_some()),
        ];
        if let Some((key, _)) = written.into_iter().find(|(_, written)| *written) {
            return Err(PlanError::OuterLoop { stage, key });
        }
    }
    match inner.collect.is_some() && inner.output.is_some() {
        true => Err(PlanError::TwoResults { stage: outer.len() }),
        false => Ok(()),
    }
}

fn names(stages: &[StageKind]) -> String {
    stages.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}

fn check_lie(party: &'static str, lie: &LieSpec, stages: &[StageKind]) -> Result<(), PlanError> {
    let path: Vec<&str> = lie.at.iter().map(|place| place.parts().0).collect();
    let follows = !path.is_empty()
        && path.len() <= stages.len()
        && path.iter().zip(stages).all(|(place, kind)| *place == kind.name());
    if !follows {
        return Err(PlanError::LiePath {
            party,
            found: path.join(", "),
            stages: names(stages),
        });
    }
    if lie.part != LiePart::Output && path.len() < stages.len() {
        return Err(PlanError::LiePart {
            party,
            reason: "only the machine has registers and scratch: extend `at` to an instruction",
        });
    }
    match (lie.part, lie.register) {
        (LiePart::Register, Some(1..=31)) => Ok(()),
        (LiePart::Register, _) => Err(PlanError::LiePart {
            party,
            reason: "`part: register` needs `register:` from 1 to 31",
        }),
        (_, Some(_)) => Err(PlanError::LiePart {
            party,
            reason: "`register:` goes with `part: register`",
        }),
        (_, None) => Ok(()),
    }
}
