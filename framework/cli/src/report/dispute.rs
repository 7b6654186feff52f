use serde::Serialize;

/// The game, move by move.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DisputeReport {
    /// `defender` or `challenger`.
    pub(crate) verdict: &'static str,
    /// Whether a clock decided it.
    pub(crate) by_timeout: bool,
    /// Reveals with their answers.
    pub(crate) rounds: usize,
    pub(crate) moves: Vec<MoveReport>,
    pub(crate) stages: Vec<StageReport>,
    /// Where it ended.
    pub(crate) final_step: FinalStep,
    /// From `challenge` to the verdict.
    pub(crate) gas_total: u64,
    pub(crate) seconds_total: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct MoveReport {
    pub(crate) stage: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) by: &'static str,
    pub(crate) position: PositionReport,
    pub(crate) gas: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
    /// Number of the transaction that carried it; of several moves in one, the first has its gas, bytes and seconds.
    pub(crate) transaction: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PositionReport {
    pub(crate) lower: u64,
    pub(crate) width: u64,
    pub(crate) count: u64,
    pub(crate) disputed: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct StageReport {
    pub(crate) kind: &'static str,
    /// Parts, or steps.
    pub(crate) length: u64,
    pub(crate) rounds: usize,
    pub(crate) gas: u64,
    pub(crate) seconds: f64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct FinalStep {
    pub(crate) stage: &'static str,
    pub(crate) index: u64,
    /// The parts on the way, outermost first.
    pub(crate) path: Vec<u64>,
}

impl DisputeReport {
    /// The game that these moves tell. `challenge_gas` is what opening it cost.
    pub(crate) fn new(
        verdict: &'static str,
        by_timeout: bool,
        moves: Vec<MoveReport>,
        challenge_gas: u64,
    ) -> DisputeReport {
        let mut stages: Vec<StageReport> = Vec::new();
        let mut path: Vec<u64> = Vec::new();
        let mut final_step = FinalStep::default();
        for made in &moves {
            if made.kind == "open" || stages.is_empty() {
                stages.push(StageReport {
                    kind: made.stage,
                    length: 0,
                    rounds: 0,
                    gas: 0,
                    seconds: 0.0,
                });
            }
            if let Some(stage) = stages.last_mut() {
                stage.length = stage.length.max(made.position.count);
                stage.rounds += usize::from(made.kind == "reveal");
                stage.gas += made.gas;
                stage.seconds += made.seconds;
            }
            if made.kind == "narrow" || made.kind == "step" {
                path.push(made.position.lower);
            }
            final_step = FinalStep {
                stage: made.stage,
                index: made.position.lower,
                path: path.clone(),
            };
        }
        DisputeReport {
            verdict,
            by_timeout,
            rounds: stages.iter().map(|stage| stage.rounds).sum(),
            gas_total: challenge_gas + moves.iter().map(|made| made.gas).sum::<u64>(),
            seconds_total: moves.iter().map(|made| made.seconds).sum(),
            moves,
            stages,
            final_step,
        }
    }
}
