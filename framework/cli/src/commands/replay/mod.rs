//! `replay`: a finished play is judged again, offline, by the contracts in this program.

mod judge;
mod words;

use std::path::Path;

use serde::Deserialize;

use crate::failure::Failure;
use crate::report::Transcript;
use crate::terminal::{BAD, DIM, GOOD, HEAD, count};

/// What of a report is needed; its other keys are not looked at.
#[derive(Debug, Deserialize)]
struct Finished {
    pipeline: Vec<String>,
    output: FinishedOutput,
    dispute: Option<FinishedDispute>,
    transcript: Option<Transcript>,
}

#[derive(Debug, Deserialize)]
struct FinishedOutput {
    root: String,
    #[serde(rename = "final")]
    is_final: bool,
}

#[derive(Debug, Deserialize)]
struct FinishedDispute {
    verdict: String,
    by_timeout: bool,
}

/// Judges the play of a report again and says in words what happened.
pub(crate) fn replay(path: &Path, quiet: bool) -> Result<(), Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable("report", path, error))?;
    let finished: Finished = serde_json::from_str(&text)
        .map_err(|error| Failure::user(format!("{shown} is no report of this program: {error}")))?;
    let transcript = finished.transcript.as_ref().ok_or_else(|| {
        Failure::user(format!("{shown} has no transcript"))
            .help("write it again with `opml-run SPEC --report FILE` of this version")
    })?;
    let mut judge = judge::Judge::new(transcript, &finished.pipeline)
        .map_err(|reason| Failure::user(format!("{shown}: {reason}")))?;
    let mut gas = 0;
    for (number, transaction) in transcript.transactions.iter().enumerate() {
        let heard = judge.hear(transaction).map_err(|reason| {
            Failure::user(format!(
                "{shown}: transaction {number}, `{}` by the {}: {reason}",
                transaction.action, transaction.by
            ))
        })?;
        gas += transaction.gas;
        if !quiet {
            let cost = count(transaction.gas);
            anstream::println!("{HEAD}{number:>3}{HEAD:#} {} {DIM}{cost} gas{DIM:#}", transaction.by);
            for line in heard {
                anstream::println!("      {line}");
            }
        }
    }
    compare(&finished, &judge).map_err(|reason| Failure::user(format!("{shown}: {reason}")))?;
    let verdict = match (&finished.dispute, finished.output.is_final) {
        (None, _) => format!("{GOOD}nobody challenged the result, and it became final{GOOD:#}"),
        (Some(_), true) => format!("{GOOD}the challenge failed{GOOD:#}"),
        (Some(_), false) => format!("{BAD}the result is false{BAD:#}"),
    };
    anstream::println!(
        "judged again: {} transactions, {} gas, the same verdict: {verdict}",
        transcript.transactions.len(),
        count(gas)
    );
    Ok(())
}

/// The report's own verdict against the judge's.
fn compare(finished: &Finished, judge: &judge::Judge) -> Result<(), String> {
    let judged = judge.verdict();
    let stated = finished
        .dispute
        .as_ref()
        .map(|dispute| (dispute.verdict.as_str(), dispute.by_timeout));
    if stated != judged {
        let named = |verdict: Option<(&str, bool)>| match verdict {
            None => "no dispute".to_string(),
            Some((winner, true)) => format!("`{winner}` by the clock"),
            Some((winner, false)) => format!("`{winner}`"),
        };
        return Err(format!(
            "the report's verdict is {}, but its transactions lead to {}",
            named(stated),
            named(judged)
        ));
    }
    match judge.fate() {
        Some((output, is_final)) if output == finished.output.root && is_final == finished.output.is_final => Ok(()),
        Some((output, is_final)) => Err(format!(
            "the report says output {} (final: {}), but its transactions lead to {output} (final: {is_final})",
            finished.output.root, finished.output.is_final
        )),
        None => Err("no result is posted in it".into()),
    }
}
