use opml_simulation::{Ledger, Strategy};

use crate::terminal::{BAD, DIM, GOOD, HEAD, count, ether};

/// Prints the books.
pub(super) fn print(ledger: &Ledger, gas_price: u64) {
    anstream::println!(
        "{} tasks, {} games: {} answered truly, {} refunded; the longest took {} s; {} burnt; gas at {gas_price} gwei",
        count(ledger.tasks),
        count(ledger.games),
        count(ledger.answered),
        count(ledger.refunded),
        count(ledger.longest),
        ether(ledger.burnt as i128).trim_start_matches('+'),
    );
    anstream::println!(
        "{HEAD}{:<22} {:>7} {:>17} {:>17} {:>17} {:>7} {:>12}{HEAD:#}",
        "strategy",
        "owners",
        "mean",
        "worst",
        "best",
        "richer",
        "gas each"
    );
    for strategy in Strategy::ALL {
        let Some(entry) = ledger.entries.get(&strategy) else {
            continue;
        };
        let style = if entry.mean() >= 0 { GOOD } else { BAD };
        anstream::println!(
            "{:<22} {:>7} {style}{:>17}{style:#} {:>17} {:>17} {:>7} {DIM}{:>12}{DIM:#}",
            strategy.name(),
            count(entry.owners),
            ether(entry.mean()),
            ether(entry.worst),
            ether(entry.best),
            count(entry.richer),
            count(entry.gas / entry.owners.max(1)),
        );
    }
}
