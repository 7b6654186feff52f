use opml_pipeline::{ClockPlan, GameSpec, Seconds};

use super::PlanReport;
use super::clocks::ClockReport;
use super::descent::Stop;
use crate::play::scene::Scene;
use crate::terminal::{BAD, DIM, GOOD, HEAD, count, place, seconds};

/// Seconds that are reckoned for one answer to be seen, sent and mined, on a congested chain.
const ANSWER_SECONDS: u64 = 60;

/// Prints the plan.
pub(super) fn print(scene: &Scene, planned: &PlanReport, own: &GameSpec, stops: &[Stop], gas_price: u64) {
    let path: Vec<u64> = stops.iter().map(|stop| stop.part).collect();
    anstream::println!(
        "{HEAD}{}{HEAD:#}  [{}]: a dispute that ends at {}",
        scene.spec.name,
        scene.kinds.join(", "),
        place(&scene.kinds, &scene.task.bodies(), &path)
    );
    arities(planned, own, gas_price);
    stages(&planned.clocks);
    delay(own, &scene.plan.clocks);
}

fn arities(planned: &PlanReport, own: &GameSpec, gas_price: u64) {
    anstream::println!(
        "{DIM}  {:>5} {:>7} {:>13} {:>11} {:>11} {:>11} {:>11} {:>10} {:>9} {:>9} {:>9}{DIM:#}",
        "arity",
        "rounds",
        "transactions",
        "gas",
        "proposer",
        "challenger",
        "at 64/byte",
        "payout",
        "clock ≥",
        "P ≥",
        "C ≥"
    );
    for forecast in &planned.arities {
        let answers = forecast.answers.iter().max().copied().unwrap_or(0) as u64;
        let bonds = [forecast.least_proposer_bond, forecast.least_challenger_bond];
        let [proposer, challenger] = bonds.map(|wei| format!("{:.3}", wei as f64 / 1e18));
        let style = if forecast.arity == own.arity {
            HEAD
        } else {
            anstyle::Style::new()
        };
        anstream::println!(
            "{style}{} {:>5} {:>7} {:>13} {:>11} {:>11} {:>11} {:>11} {:>10} {:>9} {:>9} {:>9}{style:#}",
            if forecast.arity == own.arity { "→" } else { " " },
            forecast.arity,
            forecast.rounds,
            forecast.transactions,
            count(forecast.gas),
            count(forecast.proposer_gas),
            count(forecast.challenger_gas),
            count(forecast.gas_at_64),
            count(forecast.payout_gas),
            Seconds((answers * ANSWER_SECONDS).max(600)).to_string(),
            proposer,
            challenger
        );
    }
    anstream::println!(
        "  {DIM}clock: a minute for each answer, ten minutes at least; bonds in ether: a defender's stake pays for its gas at {gas_price} gwei{DIM:#}"
    );
    if let Some(mine) = planned.arities.iter().find(|forecast| forecast.arity == own.arity) {
        for (name, bond, least) in [
            ("proposer", own.bonds.proposer.0, mine.least_proposer_bond),
            ("challenger", own.bonds.challenger.0, mine.least_challenger_bond),
        ] {
            if bond < least {
                anstream::println!("  {BAD}game.bonds.{name} is too small for that price{BAD:#}");
            }
        }
    }
}

fn stages(clocks: &[ClockReport]) {
    anstream::println!(
        "\n{DIM}  {:<12} {:>14} {:>9} {:>9} {:>15} {:>14}{DIM:#}",
        "stage",
        "length",
        "clock",
        "unit",
        "one execution",
        "three fit unit"
    );
    for clock in clocks {
        let (style, word) = if clock.holds { (GOOD, "yes") } else { (BAD, "no") };
        anstream::println!(
            "  {:<12} {:>14} {:>9} {:>9} {:>15} {style}{word:>14}{style:#}",
            clock.stage,
            count(clock.length),
            Seconds(clock.base).to_string(),
            Seconds(clock.unit).to_string(),
            seconds(clock.measured),
        );
    }
}

/// Both sides may use up their whole allowance in every stage.
fn delay(own: &GameSpec, clocks: &[ClockPlan]) {
    let base: u64 = clocks.iter().map(|clock| clock.base).fold(0, u64::saturating_add);
    let unit: u64 = clocks.iter().map(|clock| clock.unit).fold(0, u64::saturating_add);
    anstream::println!(
        "\n  a result is final {} after it was posted; a game delays that by at most {}, each further one by at most {} more",
        own.window,
        Seconds(base.saturating_mul(2)),
        Seconds(unit.saturating_mul(2))
    );
}
