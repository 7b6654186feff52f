//! What is told at the end.

use super::measure::Native;
use super::scene::Scene;
use crate::input::dequantize;
use crate::report::{DisputeReport, Report};
use crate::terminal::{BAD, DIM, GOOD, HEAD, bytes, count, ether, place, seconds};

pub(super) fn print(scene: &Scene, native: &Native, report: &Report, quiet: bool) {
    let port = &scene.task.output;
    let true_values = dequantize(&native.output, port);
    let truth = scene.said(&true_values);
    let claimed = scene.said(&report.output.values);
    let right = report.output.root == report.output.true_root;
    let verdict = match (&report.dispute, report.output.is_final) {
        (None, _) => format!("{GOOD}accepted{GOOD:#}: nobody challenged the result in its window"),
        (Some(_), true) => format!("{GOOD}accepted{GOOD:#}: the challenge failed"),
        (Some(_), false) => format!("{BAD}rejected{BAD:#}: the challenger proved it wrong"),
    };
    if quiet {
        anstream::println!("{}: {verdict}", scene.spec.name);
        return;
    }
    anstream::println!("\n{HEAD}summary{HEAD:#}");
    match right {
        true => anstream::println!("  claimed   {claimed}: the true output"),
        false if claimed != truth => anstream::println!("  claimed   {claimed}; the true output is {truth}"),
        false => {
            let pairs = report.output.values.iter().zip(&true_values);
            let differing = pairs.enumerate().find(|(_, (claimed, truth))| claimed != truth);
            let place =
                differing.map(|(place, (claimed, truth))| format!("number {place} is {claimed} instead of {truth}"));
            let place = place.unwrap_or_else(|| "its bytes differ".into());
            anstream::println!("  claimed   {claimed}; false: {place}");
        }
    }
    if let Some(dispute) = &report.dispute {
        dispute_lines(scene, dispute);
    }
    anstream::println!("  verdict   {verdict}");
    for party in &report.parties {
        let wei = |text: &str| text.parse::<i128>().unwrap_or(0);
        let gas = wei(&party.gas_cost);
        anstream::println!(
            "  {:<9} {:<10} {:>17} {DIM}and {:.6} ether for gas{DIM:#}",
            "paid",
            party.role,
            ether(wei(&party.gained)),
            gas as f64 / 1e18
        );
    }
}

fn dispute_lines(scene: &Scene, dispute: &DisputeReport) {
    let place = place(&scene.kinds, &scene.task.bodies(), &dispute.final_step.path);
    anstream::println!("  diverged  {place}");
    anstream::println!(
        "  {DIM}{:<13} {:>12} {:>7} {:>11} {:>10}{DIM:#}",
        "stage",
        "length",
        "rounds",
        "gas",
        "computed"
    );
    for stage in &dispute.stages {
        anstream::println!(
            "  {:<13} {:>12} {:>7} {:>11} {:>10}",
            stage.kind,
            count(stage.length),
            stage.rounds,
            count(stage.gas),
            seconds(stage.seconds)
        );
    }
    let moved: u64 = dispute.moves.iter().map(|made| made.bytes).sum();
    anstream::println!(
        "  {:<13} {:>12} {:>7} {:>11} {:>10}",
        "in all",
        bytes(moved),
        dispute.rounds,
        count(dispute.gas_total),
        seconds(dispute.seconds_total)
    );
}
