use serde::Serialize;

use super::descent::Stop;
use crate::failure::Failure;
use crate::play::scene::Scene;
use crate::terminal::seconds;

/// How many re-executions a clock's unit must hold (`specs/money.md`).
const EXECUTIONS: f64 = 3.0;

/// A stage's clock beside what was measured.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ClockReport {
    pub(super) stage: &'static str,
    /// Parts, or steps.
    pub(super) length: u64,
    /// Seconds of a side's allowance with one game.
    pub(super) base: u64,
    /// Seconds that each further game adds.
    pub(super) unit: u64,
    /// Seconds of one re-execution, here and now.
    pub(super) measured: f64,
    /// Whether the unit is three times that, or more.
    pub(super) holds: bool,
}

/// The spec's clocks beside one re-execution of each stage.
pub(super) fn clock_reports(scene: &Scene, stops: &[Stop]) -> Vec<ClockReport> {
    let stages = scene.kinds.iter().zip(&scene.plan.clocks).zip(stops);
    let reports = stages.map(|((stage, clock), stop)| ClockReport {
        stage,
        length: stop.length,
        base: clock.base,
        unit: clock.unit,
        measured: stop.seconds,
        holds: EXECUTIONS * stop.seconds <= clock.unit as f64,
    });
    reports.collect()
}

/// A unit that is too short for an honest party is the spec's to mend.
pub(super) fn check(clocks: &[ClockReport]) -> Result<(), Failure> {
    let Some((place, short)) = clocks.iter().enumerate().find(|(_, clock)| !clock.holds) else {
        return Ok(());
    };
    Err(Failure::user(format!(
        "stages[{place}].{}: a unit of {} s is less than three re-executions, which took {} each here",
        short.stage,
        short.unit,
        seconds(short.measured),
    ))
    .help(format!(
        "write `unit: {}s` or more, or plan on the machine that parties will use",
        (EXECUTIONS * short.measured).ceil()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_below_three_executions_is_refused() {
        let clock = |unit, measured: f64| ClockReport {
            stage: "graph",
            length: 8,
            base: 600,
            unit,
            measured,
            holds: EXECUTIONS * measured <= unit as f64,
        };
        assert!(check(&[clock(3, 1.0), clock(1, 0.2)]).is_ok());
        let refused = check(&[clock(3, 1.0), clock(6, 2.5)]).expect_err("too short");
        assert_eq!(
            refused.to_string(),
            "stages[1].graph: a unit of 6 s is less than three re-executions, which took 2.50 s each here\n  \
             help: write `unit: 8s` or more, or plan on the machine that parties will use"
        );
    }
}
