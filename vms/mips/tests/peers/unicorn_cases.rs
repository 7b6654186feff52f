//! Random cases in Unicorn: every state of every step.

use opml_mips::{Fault, State};

use crate::batch::Batch;
use crate::cases;
use crate::difference::{Peer, Tally, Watch};
use crate::presence;
use crate::random::Random;
use crate::trace::{Step, is_system_call, noted_step};
use crate::unicorn::{End, Outcome, Sampling, Unicorn};
use crate::visible::Visible;
use opml_conformance::each_seed;

/// The most steps of a case.
const LIMIT: u32 = 150;
const SAMPLING: Sampling = Sampling {
    limit: LIMIT,
    often: LIMIT + 1,
    every: 1,
};

#[test]
fn random_instructions_are_those_of_unicorn() {
    let Some(python) = presence::python() else { return };
    let mut tally = Tally::default();
    each_seed(8, |seed| {
        let mut random = Random(seed);
        let batch = cases::instructions(&mut random, 500);
        compare_all(&mut Unicorn::start(&python), &batch, &mut tally);
    });
    println!("instructions in Unicorn: {tally}");
    assert!(tally.percent() >= 80, "{tally}");
}

#[test]
fn random_programs_run_as_in_unicorn() {
    let Some(python) = presence::python() else { return };
    let mut tally = Tally::default();
    each_seed(4, |seed| {
        let mut random = Random(seed);
        let batch = cases::programs(&mut random, 250);
        compare_all(&mut Unicorn::start(&python), &batch, &mut tally);
    });
    println!("programs in Unicorn: {tally}");
    assert!(tally.percent() >= 80, "{tally}");
}

fn compare_all(unicorn: &mut Unicorn, batch: &Batch, tally: &mut Tally) {
    let outcomes = unicorn.run(batch, SAMPLING);
    for (number, (case, outcome)) in batch.cases.iter().zip(&outcomes).enumerate() {
        compare(batch, number, case, outcome, SAMPLING, tally);
    }
}

/// Compares a case, sample by sample, up to its end, the limit, or an intended difference.
pub(crate) fn compare(
    batch: &Batch,
    number: usize,
    case: &State,
    outcome: &Outcome,
    sampling: Sampling,
    tally: &mut Tally,
) {
    let mut samples = outcome.samples.iter().peekable();
    let mut memory = batch.memory();
    let mut state = case.clone();
    let mut watch = Watch::default();
    let mut previous = None;
    let mut skipped = case.pc;
    // Instructions that Unicorn has begun.
    let mut begun = 0;
    let mut steps = 0;
    loop {
        let seen = Visible::from(&state);
        let place = format!("case {number}, step {steps} after {previous:08x?}, at {seen:08x?}");
        if begun == sampling.limit {
            assert_eq!(
                (outcome.end, outcome.begun),
                (End::Limit, sampling.limit + 1),
                "{place}"
            );
            assert_eq!(
                Visible {
                    pc: seen.pc,
                    ..outcome.last
                },
                seen,
                "{place}"
            );
            assert!(
                outcome.last.pc == seen.pc || outcome.last.pc == skipped,
                "{place}: {:08x}",
                outcome.last.pc
            );
            assert_memory(batch, &mut memory, outcome, &place);
            return tally.count(steps, None);
        }
        let step = noted_step(&state, &mut memory);
        let place = format!("{place}, {:08x?}", step.word);
        if step.word.is_some() && batch.maps(state.pc) {
            if sampling.takes(begun) {
                assert_eq!(samples.next(), Some(&seen), "{place}: ended with {:?}", outcome.end);
            }
            begun += 1;
        }
        if let Some(difference) = watch.difference(Peer::Unicorn, batch, &step) {
            return tally.count(steps, Some(difference));
        }
        steps += 1;
        if step.after.exited {
            let code = step.after.exit_code;
            assert!(
                ends_alike(&step, outcome.end),
                "{place}: {code} here, {:?} there",
                outcome.end
            );
            assert_eq!(outcome.begun, begun, "{place}");
            let mut last = outcome.last;
            if step.word.is_none() && matches!(outcome.end, End::Exception(_)) {
                // Nothing tells which address it was that is misaligned.
                last.pc = step.after.pc;
            }
            assert_eq!(last, Visible::from(&step.after), "{place}");
            assert_memory(batch, &mut memory, outcome, &place);
            return tally.count(steps, None);
        }
        if step.nullifies() && begun < sampling.limit {
            // It may begin the slot before it skips it.
            assert!(
                sampling.takes(begun),
                "{place}: no sample tells whether the slot is begun"
            );
            let slot = Visible {
                pc: step.before.next_pc,
                ..Visible::from(&step.after)
            };
            begun += u32::from(samples.next_if_eq(&&slot).is_some());
        }
        previous = step.word;
        skipped = if step.nullifies() {
            step.before.next_pc
        } else {
            step.after.pc
        };
        state = step.after;
    }
}

fn assert_memory(batch: &Batch, memory: &mut opml_machine::Memory, outcome: &Outcome, place: &str) {
    let own: Vec<u8> = batch
        .writable()
        .flat_map(|pages| memory.read(pages.address, pages.bytes.len()))
        .collect();
    let different = own.iter().zip(&outcome.memory).position(|(own, other)| own != other);
    assert_eq!(
        different, None,
        "{place}: the first different byte of the writable pages"
    );
    assert_eq!(own.len(), outcome.memory.len());
}

const FETCH_UNMAPPED: u32 = 21;
const FETCH_PROTECTED: u32 = 24;
const WRITE_PROTECTED: u32 = 22;

/// Whether Unicorn's end is that of the last step.
fn ends_alike(step: &Step, end: End) -> bool {
    let is = |fault: Fault| step.fault() == Some(fault as u8);
    let store = step.word.is_some_and(|word| matches!(word >> 26, 0x28..=0x2e | 0x38));
    match end {
        End::Limit => false,
        End::Exception(12) if is(Fault::Fetch) => step.before.pc & 3 != 0,
        End::Exception(12) => is(Fault::Misaligned) && !store,
        End::Exception(13) => is(Fault::Misaligned) && store,
        End::Exception(17) => step.word.is_some_and(is_system_call),
        End::Exception(18) => is(Fault::Break),
        End::Exception(16 | 19) => is(Fault::Reserved),
        End::Exception(20) => is(Fault::Reserved) || is(Fault::DelaySlot),
        End::Exception(21) => is(Fault::Overflow),
        End::Exception(22) => is(Fault::Trap),
        End::Exception(_) => false,
        End::Access(FETCH_UNMAPPED | FETCH_PROTECTED) => is(Fault::Fetch),
        End::Access(WRITE_PROTECTED) => is(Fault::Forbidden),
        End::Access(_) => false,
    }
}
