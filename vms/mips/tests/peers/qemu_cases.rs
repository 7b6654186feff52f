//! Random cases in QEMU: the state at the end.

use opml_machine::Memory;
use opml_mips::{Fault, State};

use crate::batch::Batch;
use crate::cases;
use crate::difference::{Difference, Peer, Tally, Watch};
use crate::presence;
use crate::qemu::{self, Outcome};
use crate::random::Random;
use crate::trace::{Step, is_system_call, noted_step};
use crate::visible::Visible;
use opml_conformance::each_seed;

/// The most steps of a case.
const LIMIT: usize = 400;
const BREAK: u32 = 0x0000_000d;

#[test]
fn random_instructions_are_those_of_qemu() {
    let Some(qemu) = presence::qemu() else { return };
    let mut tally = Tally::default();
    each_seed(8, |seed| {
        let batch = cases::instructions(&mut Random(seed), 1000);
        compare_all(qemu, batch, &mut tally, "instructions");
    });
    println!("instructions in QEMU: {tally}");
    assert!(tally.percent() >= 80, "{tally}");
}

#[test]
fn random_programs_end_as_in_qemu() {
    let Some(qemu) = presence::qemu() else { return };
    let mut tally = Tally::default();
    each_seed(4, |seed| {
        let batch = cases::programs(&mut Random(seed), 1000);
        compare_all(qemu, batch, &mut tally, "programs");
    });
    println!("programs in QEMU: {tally}");
    assert!(tally.percent() >= 80, "{tally}");
}

/// How a case ends here.
pub(crate) struct Ending {
    pub(crate) memory: Memory,
    pub(crate) last: Step,
    /// The words of all steps, at most a thousand of them.
    pub(crate) words: Vec<u32>,
    in_slot: bool,
}

/// Runs `case` here, to its end or to what must not be compared.
pub(crate) fn ending(batch: &Batch, case: &State, limit: usize) -> Result<Ending, Difference> {
    let mut memory = batch.memory();
    let mut state = case.clone();
    let mut watch = Watch::default();
    let mut words = Vec::new();
    for _ in 0..limit {
        let step = noted_step(&state, &mut memory);
        words.extend(step.word.filter(|_| words.len() < 1000));
        if let Some(difference) = watch.difference(Peer::Qemu, batch, &step) {
            return Err(difference);
        }
        if step.after.exited {
            return Ok(Ending {
                memory,
                last: step,
                words,
                in_slot: watch.in_slot,
            });
        }
        state = step.after;
    }
    Err(Difference::Endless)
}

/// Runs those cases in QEMU that must end alike, and compares the ends. System calls become `break`.
fn compare_all(qemu: &str, mut batch: Batch, tally: &mut Tally, name: &str) {
    for bytes in batch.pages[0].bytes.as_chunks_mut::<4>().0 {
        if is_system_call(u32::from_le_bytes(*bytes)) {
            *bytes = BREAK.to_le_bytes();
        }
    }
    let mut endings = Vec::new();
    let mut comparable = Vec::new();
    for case in &batch.cases {
        match ending(&batch, case, LIMIT) {
            Ok(ending) => {
                endings.push(ending);
                comparable.push(case.clone());
            }
            Err(difference) => tally.count(0, Some(difference)),
        }
    }
    batch.cases = comparable;
    let outcomes = qemu::run(qemu, &batch, name);
    for ((case, ending), outcome) in batch.cases.iter().zip(&mut endings).zip(&outcomes) {
        compare(&batch, case, ending, outcome);
        tally.count(ending.words.len(), None);
    }
}

pub(crate) fn compare(batch: &Batch, case: &State, ending: &mut Ending, outcome: &Outcome) {
    let Step { before, after, .. } = &ending.last;
    let place = format!(
        "from {:08x?} by {:08x?} to {:08x?}",
        Visible::from(case),
        ending.words,
        Visible::from(before)
    );
    let mut expected = Visible::from(after);
    // QEMU sees no branch in one that is never taken, by its registers' numbers.
    let untaken = before.next_pc == before.pc.wrapping_add(4) && outcome.last.pc == expected.pc;
    if ending.in_slot && !untaken {
        expected.pc = expected.pc.wrapping_sub(4);
    }
    let code = after.exit_code;
    assert!(
        signals(&ending.last, outcome.signal),
        "{place}: {code}, signal {}",
        outcome.signal
    );
    assert_eq!(outcome.last, expected, "{place}: {code}, signal {}", outcome.signal);
    let own: Vec<u8> = batch
        .writable()
        .flat_map(|pages| ending.memory.read(pages.address, pages.bytes.len()))
        .collect();
    let different = own.iter().zip(&outcome.memory).position(|(own, other)| own != other);
    assert_eq!(
        different, None,
        "{place}: the first different byte of the writable pages"
    );
    assert_eq!(own.len(), outcome.memory.len());
}

const SIGILL: u32 = 4;
const SIGTRAP: u32 = 5;
const SIGFPE: u32 = 8;
const SIGBUS: u32 = 10;
const SIGSEGV: u32 = 11;

/// Whether `signal` is the one for how the last step ends the program.
fn signals(last: &Step, signal: u32) -> bool {
    let is = |fault: Fault| last.fault() == Some(fault as u8);
    match signal {
        SIGILL => is(Fault::Reserved) || is(Fault::DelaySlot),
        // By the code beside it a trap or break means an overflow or a division.
        SIGTRAP => is(Fault::Trap) || is(Fault::Break),
        SIGFPE => is(Fault::Overflow) || is(Fault::Trap) || is(Fault::Break),
        SIGBUS => is(Fault::Misaligned) || is(Fault::Fetch),
        SIGSEGV => is(Fault::Forbidden) || is(Fault::Fetch),
        _ => false,
    }
}
