use std::sync::atomic::Ordering;

use opml_commit::keccak256;
use opml_engine::Run;

use crate::jumper::EndsWell;
use crate::play::{Side, play, towards};
use crate::writer::{PAGE_BYTES, Writer, state};

const HALT: u64 = 1 << 14;
const STEPS_PER_WRITE: u64 = 1 << 4;

/// Plays a game with `pages` pages, all of them written again and again; gives the most pages at once and the steps.
fn played(side: Side, pages: u64, bytes: u64, step: u64) -> (u64, u64) {
    let (machine, census) = Writer::boot(HALT, STEPS_PER_WRITE, pages);
    let mut run = Run::within(machine, bytes);
    let root = |step| keccak256(&state(step, HALT, STEPS_PER_WRITE, pages));
    play(&mut run, &EndsWell, (side, 16, HALT), root, towards(step));
    (census.most.load(Ordering::Relaxed), run.executed())
}

#[test]
fn snapshots_stay_within_their_bytes() {
    for side in [Side::Defender, Side::Challenger] {
        for (pages, budget) in [(8, 0), (8, 20), (64, 64), (64, 200), (300, 100), (1000, 500)] {
            for step in [0, HALT / 3, HALT / 2, HALT - 1] {
                let (most, _) = played(side, pages, budget * PAGE_BYTES, step);
                // Beside the snapshots: the entry state, the end state where it alone exceeds them, and one running machine.
                let bound = pages + budget.max(pages) + pages;
                assert!(most <= bound, "{side:?}: {most} pages at once, {bound} allowed");
            }
        }
    }
}

#[test]
fn what_was_thinned_out_is_computed_again() {
    let steps = |pages, budget| played(Side::Defender, pages, budget * PAGE_BYTES, HALT / 3).1;
    assert_eq!(steps(8, 1000), 18687, "everything is held: 1.14 runs");
    assert_eq!(steps(8, 64), 20479);
    assert_eq!(steps(64, 200), 28927);
    assert_eq!(steps(64, 0), 58618, "every reveal begins at the entry state");
}
