use super::AnalysisReport;
use crate::terminal::{DIM, HEAD, count, seconds};

/// Kinds of nodes that are shown.
const SHOWN: usize = 16;

/// Prints the analysis.
pub(super) fn print(analysis: &AnalysisReport) {
    let threads = analysis.threads;
    anstream::println!(
        "{HEAD}{}{HEAD:#}: nodes natively on {threads} thread{} and in the machine",
        analysis.spec,
        if threads == 1 { "" } else { "s" }
    );
    anstream::println!(
        "{DIM}  {:<18} {:<28} {:>6} {:>10} {:>14} {:>10} {:>9}{DIM:#}",
        "operator",
        "first",
        "nodes",
        "natively",
        "steps",
        "machine",
        "α"
    );
    for kind in analysis.kinds.iter().take(SHOWN) {
        anstream::println!(
            "  {:<18} {:<28} {:>6} {:>10} {:>14} {:>10} {:>9.0}",
            kind.operator,
            kind.name,
            kind.nodes,
            seconds(kind.native_seconds),
            count(kind.steps),
            seconds(kind.machine_seconds),
            kind.alpha
        );
    }
    if let Some(more) = analysis.kinds.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        anstream::println!("  {DIM}and {more} kinds that take less{DIM:#}");
    }
    anstream::println!(
        "  α of a pass: {HEAD}{:.0}{HEAD:#}; the machine does {:.0} M steps a second",
        analysis.alpha,
        analysis.steps_per_second / 1e6
    );
    anstream::println!(
        "{DIM}  {:<36} {:>20} {:>20} {:>12}{DIM:#}",
        "stages",
        "leaves of trees",
        "steps to run",
        "a party"
    );
    for split in &analysis.splits {
        anstream::println!(
            "  {:<36} {:>20} {:>20} {:>12}",
            split.stages.join(", "),
            count(split.leaves),
            count(split.steps),
            seconds(split.seconds)
        );
    }
    anstream::println!("{DIM}  {:>5} {:>7} {:>11}{DIM:#}", "arity", "rounds", "gas");
    for forecast in &analysis.arities {
        anstream::println!(
            "  {:>5} {:>7} {:>11}",
            forecast.arity,
            forecast.rounds,
            count(forecast.gas)
        );
    }
}
