//! A program that runs the cases of a batch one after another, in slot 7, where no case is meant to reach.
//!
//! Every case ends with a signal. Its handler writes what it was given, and the writable pages, to stdout, makes the pages what they
//! were, puts the next case's state in place of the interrupted one, and returns into it.

use crate::batch::{Batch, PAGE};
use crate::visible::Visible;

use super::assembly::{A0, A1, A2, A3, Assembly, RA, S0, S1, S2, S3, S4, S5, T0, ZERO};
use super::elf::{EXECUTE, READ, Segment, WRITE};

/// The first instruction.
pub(crate) const ENTRY: u32 = 0x7000_0000;
const VARIABLES: u32 = 0x7000_1000;
const ACTION: u32 = VARIABLES + 16;
const ALTERNATE_STACK: u32 = VARIABLES + 64;
const TABLE: u32 = VARIABLES + 128;
const STACK: u32 = 0x7001_0000;
const STACK_BYTES: u32 = 0x2_0000;
const CASES: u32 = 0x7010_0000;
const PRISTINE: u32 = 0x7400_0000;

/// Bytes that the handler writes of the signal's information and of the interrupted context.
pub(crate) const INFORMATION: u32 = 128;
pub(crate) const CONTEXT: u32 = 592;
/// Places in the context of pc, hi, lo and register 0; registers are 8 bytes apart.
pub(crate) const CONTEXT_PC: u32 = 32;
pub(crate) const CONTEXT_REGISTERS: u32 = 40;
pub(crate) const CONTEXT_HI: u32 = 576;
pub(crate) const CONTEXT_LO: u32 = 584;

/// SIGILL, SIGTRAP, SIGFPE, SIGBUS, SIGSEGV.
const SIGNALS: [u32; 5] = [4, 5, 8, 10, 11];
/// On the alternate stack, not deferred, with information.
const ACTION_FLAGS: u32 = 0x0800_0000 | 0x4000_0000 | 8;
const SYS_WRITE: u32 = 4004;
const SYS_ACTION: u32 = 4194;
const SYS_STACK: u32 = 4206;
const SYS_EXIT: u32 = 4246;

/// The segments of the harness for `batch`, by ascending address.
pub(crate) fn segments(batch: &Batch) -> Vec<Segment> {
    let (code, handler) = code();
    let segment = |address, mut bytes: Vec<u8>, rights| {
        bytes.resize(bytes.len().next_multiple_of(PAGE as usize), 0);
        Segment { address, bytes, rights }
    };
    let mut cases = Vec::new();
    for case in &batch.cases {
        let seen = Visible::from(case);
        let head = [seen.pc, seen.hi, seen.lo];
        cases.extend(head.iter().chain(&seen.registers).flat_map(|word| word.to_le_bytes()));
    }
    let pristine: Vec<u8> = batch.writable().flat_map(|pages| pages.bytes.clone()).collect();
    vec![
        segment(ENTRY, code, READ | EXECUTE),
        segment(
            VARIABLES,
            variables(batch, handler, CASES + cases.len() as u32),
            READ | WRITE,
        ),
        segment(STACK, vec![0; STACK_BYTES as usize], READ | WRITE),
        segment(CASES, cases, READ),
        segment(PRISTINE, pristine, READ),
    ]
}

/// The next case and the end of the cases; what `sigaction` and `sigaltstack` take; then, of each run of writable pages, address,
/// bytes, and where its first contents are.
fn variables(batch: &Batch, handler: u32, end: u32) -> Vec<u8> {
    let mut words = vec![0; (TABLE - VARIABLES) as usize / 4];
    (words[0], words[1]) = (CASES, end);
    let place = |address: u32| (address - VARIABLES) as usize / 4;
    (words[place(ACTION)], words[place(ACTION) + 1]) = (ACTION_FLAGS, handler);
    (words[place(ALTERNATE_STACK)], words[place(ALTERNATE_STACK) + 1]) = (STACK, STACK_BYTES);
    let mut pristine = PRISTINE;
    for pages in batch.writable() {
        let length = pages.bytes.len() as u32;
        words.extend([pages.address, length, pristine]);
        pristine += length;
    }
    words.extend([0; 3]);
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The harness's code and the address of the signal handler.
fn code() -> (Vec<u8>, u32) {
    let mut code = Assembly::new();
    for signal in SIGNALS {
        code.constant(A0, signal);
        code.constant(A1, ACTION);
        code.constant(A2, 0);
        code.constant(A3, 16);
        code.call(SYS_ACTION);
    }
    code.constant(A0, ALTERNATE_STACK);
    code.constant(A1, 0);
    code.call(SYS_STACK);
    code.break_();
    let handler = ENTRY + 4 * code.here() as u32;

    code.copy(S0, A2);
    code.copy(S1, RA);
    code.copy(S5, A1);
    write(&mut code, S5, INFORMATION);
    write(&mut code, S0, CONTEXT);

    code.constant(S2, TABLE);
    let next_pages = code.here();
    code.load(S3, S2, 0);
    let no_more_pages = code.room();
    code.load(S4, S2, 4);
    code.constant(A0, 1);
    code.copy(A1, S3);
    code.copy(A2, S4);
    code.call(SYS_WRITE);
    code.load(S5, S2, 8);
    let next_word = code.here();
    code.load(T0, S5, 0);
    code.store(T0, S3, 0);
    code.add(S5, S5, 4);
    code.add(S3, S3, 4);
    code.add(S4, S4, -4);
    code.branch_different(S4, ZERO, next_word);
    code.add(S2, S2, 12);
    code.branch_equal(ZERO, ZERO, next_pages);
    code.patch_equal(no_more_pages, S3, ZERO);

    // The link that a case has left leads nowhere.
    code.constant(S2, VARIABLES + 8);
    code.load_linked(T0, S2);

    code.constant(S2, VARIABLES);
    code.load(S3, S2, 0);
    code.load(S4, S2, 4);
    let no_more_cases = code.room();
    for place in [CONTEXT_PC, CONTEXT_HI, CONTEXT_LO] {
        code.load(T0, S3, 0);
        code.store(T0, S0, place);
        code.add(S3, S3, 4);
    }
    code.constant(S5, 32);
    code.add(S4, S0, CONTEXT_REGISTERS as i32);
    let next_register = code.here();
    code.load(T0, S3, 0);
    code.store(T0, S4, 0);
    code.add(S3, S3, 4);
    code.add(S4, S4, 8);
    code.add(S5, S5, -1);
    code.branch_different(S5, ZERO, next_register);
    code.store(S3, S2, 0);
    code.copy(RA, S1);
    code.return_();

    code.patch_equal(no_more_cases, S3, S4);
    code.constant(A0, 0);
    code.call(SYS_EXIT);
    (code.bytes(), handler)
}

/// Writes `length` bytes at `base` to stdout.
fn write(code: &mut Assembly, base: u32, length: u32) {
    code.constant(A0, 1);
    code.copy(A1, base);
    code.constant(A2, length);
    code.call(SYS_WRITE);
}
