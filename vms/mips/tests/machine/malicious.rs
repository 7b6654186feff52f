//! Programs that mean harm: each has a defined end, or none, and every way of running agrees on it.

use opml_engine::{Machine, VmRules};
use opml_machine::Memory;
use opml_mips::{Fault, Mips, MipsMachine, State};

use crate::every_way::{code, entry, memory, run, run_endlessly};
use crate::random::region;
use crate::words::{ADDIU, BEQ, BNE, LL, LUI, LW, NOP, ORI, SC, SW, SYSCALL, i, jump, r};

/// Loads 4246 into r2: `syscall` then exits.
const EXIT: u32 = i(ADDIU, 0, 2, 4246);

/// Where and how a program from the entry state ends.
fn ends(program: &[u32]) -> (u64, u8) {
    run(&State::entry(), &memory(program, &[]), 1 << 22)
}

#[test]
fn loops_without_end() {
    let shortest = [i(BEQ, 0, 0, -1), NOP];
    let jumping = [jump(0x02, 0x1000), i(ADDIU, 8, 8, 1)];
    let by_register = [i(ORI, 0, 8, 0x1000), r(8, 0, 0, 0, 0x08), i(ADDIU, 9, 9, 1)];
    let likely = [i(0x14, 0, 0, -1), i(ADDIU, 8, 8, 1)];
    let calling = [i(0x01, 0, 0x11, -1), i(ADDIU, 31, 8, 1)];
    let storing = [
        i(LUI, 0, 8, 0x3000),
        i(SW, 8, 9, 0),
        i(ADDIU, 9, 9, 1),
        i(BEQ, 0, 0, -3),
        i(ADDIU, 8, 8, 4),
    ];
    let programs: [&[u32]; 6] = [&shortest, &jumping, &by_register, &likely, &calling, &storing];
    for program in programs {
        for steps in [1, 2, 3, 1000, 300_001] {
            run_endlessly(&State::entry(), &memory(program, &[]), steps);
        }
    }
}

#[test]
fn an_endless_loop_stops_at_any_limit() {
    let mut machine = MipsMachine::new(memory(&[i(BEQ, 0, 0, -1), NOP], &[]));
    machine.run_until_halt(1 << 24).expect("forward");
    assert_eq!(
        (machine.step(), machine.halted_at(), machine.processor().pc),
        (1 << 24, None, 0x1000)
    );
    machine.run_to((1 << 24) + 1).expect("forward");
    assert_eq!((machine.halted_at(), machine.processor().pc), (None, 0x1004));
}

#[test]
fn endless_likely_branches_that_are_never_taken() {
    // Each skips its slot, which would exit; the last one skips past the image, where zeros run to the end of the slot.
    let mut program = vec![EXIT];
    for _ in 0..500 {
        program.extend([i(0x15, 0, 0, 5), SYSCALL]);
    }
    let words = (0x1000_0000 - (0x1000 + 4 * program.len() as u64)) / 4;
    let mut machine = MipsMachine::new(memory(&program, &[]));
    machine.run_until_halt(1 << 30).expect("forward");
    assert_eq!(machine.halted_at(), Some(1 + 500 + words + 1));
    assert_eq!(
        (machine.processor().exit_code, machine.processor().pc),
        (code(Fault::Fetch), 0x1000_0000)
    );
}

#[test]
fn a_jump_out_of_the_image_into_zeros() {
    // 2^26 words of no-ops at most, then the fetch outside slot 0.
    let start = State {
        pc: 0x2000,
        next_pc: 0x2004,
        ..State::entry()
    };
    let memory = memory(&[NOP], &[]);
    let steps = (0x1000_0000 - 0x2000) / 4 + 1;
    let end = |run: &dyn Fn(&mut MipsMachine)| {
        let mut machine = MipsMachine::at(start.clone(), memory.fork());
        run(&mut machine);
        assert_eq!(machine.halted_at(), Some(steps));
        assert_eq!(
            (machine.processor().exit_code, machine.processor().pc),
            (code(Fault::Fetch), 0x1000_0000)
        );
        machine.root()
    };
    let at_once = end(&|machine| machine.run_until_halt(1 << 40).expect("forward"));
    let past = end(&|machine| machine.run_to(1 << 40).expect("forward"));
    let in_pieces = end(&|machine| {
        (1..8).for_each(|piece| machine.run_to(piece << 23).expect("forward"));
        machine.run_to(steps).expect("forward");
    });
    assert_eq!((at_once, past), (in_pieces, in_pieces));
    // The last words of the sled, by the definition too.
    let near = State {
        pc: 0x0fff_0000,
        next_pc: 0x0fff_0004,
        ..State::entry()
    };
    assert_eq!(run(&near, &memory, 1 << 22), (0x4001, code(Fault::Fetch)));
}

#[test]
fn code_that_changes_itself() {
    for (op, name) in [(0x28, "sb"), (0x29, "sh"), (0x2a, "swl"), (SW, "sw"), (0x2e, "swr")] {
        let program = [
            EXIT,
            i(ORI, 0, 8, 0x1010),
            i(ADDIU, 0, 9, 0),
            i(op, 8, 9, 0),
            0x0000_000d,
            SYSCALL,
        ];
        assert_eq!(ends(&program), (4, code(Fault::Forbidden)), "{name}");
    }
    let linked = [i(ORI, 0, 8, 0x1008), i(LL, 8, 9, 0), i(SC, 8, 10, 0)];
    assert_eq!(ends(&linked), (3, code(Fault::Forbidden)), "sc");
}

#[test]
fn code_written_to_writable_memory() {
    // Writes an exit to the stack and jumps there.
    let program = [
        i(LUI, 0, 8, 0x2000),
        i(ADDIU, 0, 9, SYSCALL as i32),
        i(SW, 8, 9, 0),
        r(8, 0, 0, 0, 0x08),
        EXIT,
        NOP,
    ];
    assert_eq!(ends(&program), (6, code(Fault::Fetch)));
}

#[test]
fn stores_to_what_is_read_only() {
    for slot in (0..16).filter(|slot| ![2, 3].contains(slot)) {
        for offset in [0, 0x7ffc] {
            let program = [i(LUI, 0, 8, slot << 12), i(SW, 8, 9, offset)];
            assert_eq!(ends(&program), (2, code(Fault::Forbidden)), "slot {slot}");
        }
    }
}

#[test]
fn a_stack_that_grows_without_end() {
    // Calls itself; each call pushes eight bytes: 2^17 calls fit the stack.
    let program = [
        i(ADDIU, 29, 29, -8),
        i(SW, 29, 31, 4),
        i(SW, 29, 30, 0),
        i(0x01, 0, 0x11, -4), // bgezal r0, the beginning
        i(ADDIU, 30, 30, 1),
    ];
    assert_eq!(ends(&program), (5 * (1 << 17) + 2, code(Fault::Forbidden)));
    // One leap over the whole stack and slot 1 goes to the image, which is no better.
    let leap = [i(LUI, 0, 8, 0x1ff0), r(29, 8, 29, 0, 0x23), i(SW, 29, 8, 0)];
    assert_eq!(ends(&leap), (3, code(Fault::Forbidden)));
}

#[test]
fn jumps_into_data() {
    for target in [
        0x4000_0000,
        0x4000_0002,
        0x1001,
        0x1002,
        0x2010_0000,
        0x3000_0000,
        0x1800_0000,
        0xffff_fffc,
        0xffff_ffff,
    ] {
        let state = entry(&[(8, target)]);
        let memory = memory(&[r(8, 0, 0, 0, 0x08), NOP], &[EXIT, SYSCALL]);
        assert_eq!(run(&state, &memory, 100), (3, code(Fault::Fetch)), "{target:x}");
        let linking = crate::every_way::memory(&[r(8, 0, 31, 0, 0x09), NOP], &[EXIT, SYSCALL]);
        assert_eq!(run(&state, &linking, 100), (3, code(Fault::Fetch)), "{target:x}");
    }
    // An index within 256 MiB stays in slot 0: the target is a no-op of the sled's end.
    assert_eq!(ends(&[jump(0x02, 0x0fff_fff8), NOP]), (5, code(Fault::Fetch)));
}

#[test]
fn branches_at_the_end_of_the_slot() {
    let at = |pc: u32, words: &[u32]| {
        let state = State {
            pc,
            next_pc: pc + 4,
            ..State::entry()
        };
        let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        run(&state, &Memory::new(&[region(pc, bytes)]).expect("one region"), 100)
    };
    // The slot of a branch in the last word lies outside: the fetch of the slot faults, though the target is legal.
    assert_eq!(at(0x0fff_fffc, &[i(BEQ, 0, 0, -4)]), (2, code(Fault::Fetch)));
    assert_eq!(at(0x0fff_fffc, &[i(0x15, 0, 0, -4)]), (2, code(Fault::Fetch)));
    assert_eq!(
        at(0x0fff_fff8, &[i(BEQ, 0, 0, -1), i(BEQ, 0, 0, -1)]),
        (2, code(Fault::DelaySlot))
    );
}

#[test]
fn branches_in_slots() {
    let branches = [
        i(BEQ, 8, 9, 4),
        i(BNE, 8, 9, 4),
        i(0x06, 8, 0, 4),
        i(0x07, 8, 0, 4),
        i(0x14, 8, 9, 4),
        i(0x15, 8, 9, 4),
        i(0x16, 8, 0, 4),
        i(0x17, 8, 0, 4),
        i(0x01, 8, 0x00, 4),
        i(0x01, 8, 0x01, 4),
        i(0x01, 8, 0x02, 4),
        i(0x01, 8, 0x03, 4),
        i(0x01, 8, 0x10, 4),
        i(0x01, 8, 0x11, 4),
        i(0x01, 8, 0x12, 4),
        i(0x01, 8, 0x13, 4),
        jump(0x02, 0x1000),
        jump(0x03, 0x1000),
        r(8, 0, 0, 0, 0x08),
        r(8, 0, 31, 0, 0x09),
    ];
    for branch in branches {
        assert_eq!(
            ends(&[i(BEQ, 0, 0, 4), branch]),
            (2, code(Fault::DelaySlot)),
            "{branch:08x}"
        );
    }
    // In the slot of a branch that is not taken, or that goes behind its slot, a branch is one like any other.
    let legal = [EXIT, i(BNE, 0, 0, 4), i(BEQ, 0, 0, 1), i(BEQ, 0, 0, 1), SYSCALL];
    assert_eq!(ends(&legal), (5, 0));
    let behind = [EXIT, i(BEQ, 0, 0, 1), i(BEQ, 0, 0, 1), NOP, SYSCALL];
    assert_eq!(ends(&behind), (5, 0));
}

#[test]
fn games_with_links() {
    let base = i(LUI, 0, 8, 0x2000);
    let one = i(ADDIU, 0, 9, 1);
    // Ends with the result of the last sc as exit code.
    let result = |program: &[u32]| {
        let end = [EXIT, r(9, 0, 4, 0, 0x21), SYSCALL];
        ends(&[&[base, one], program, &end].concat()).1
    };
    assert_eq!(result(&[i(SC, 8, 9, 0)]), 0, "without ll");
    assert_eq!(result(&[i(LL, 8, 10, 0), i(SC, 8, 9, 0)]), 1);
    assert_eq!(result(&[i(LL, 8, 10, 0), i(SC, 8, 9, 4)]), 0, "another word");
    assert_eq!(result(&[i(LL, 8, 10, 0), i(SC, 8, 11, 0), i(SC, 8, 9, 0)]), 0, "twice");
    assert_eq!(
        result(&[i(LL, 8, 10, 0), i(SC, 8, 11, 4), i(SC, 8, 9, 0)]),
        0,
        "after one that failed"
    );
    assert_eq!(
        result(&[i(LL, 8, 10, 0), i(SW, 8, 9, 0), i(SC, 8, 9, 0)]),
        1,
        "after a store"
    );
    assert_eq!(
        result(&[i(LL, 8, 10, 4), i(LL, 8, 10, 0), i(SC, 8, 9, 0)]),
        1,
        "the last link counts"
    );
    assert_eq!(
        result(&[i(LL, 8, 10, 0), i(LL, 8, 10, 4), i(SC, 8, 9, 0)]),
        0,
        "the last link counts"
    );
    // A link to what cannot be written is of no use.
    assert_eq!(
        ends(&[i(LUI, 0, 8, 0x4000), i(LL, 8, 9, 0), i(SC, 8, 9, 0)]),
        (3, code(Fault::Forbidden))
    );
    // A loop that waits for a link that it breaks itself.
    let waiting = [base, i(LL, 8, 9, 0), i(SC, 8, 9, 4), i(BEQ, 9, 0, -3), NOP];
    run_endlessly(&State::entry(), &memory(&waiting, &[]), 100_000);
}

#[test]
fn exit_codes_that_look_like_success() {
    let with = |value: i32| ends(&[EXIT, i(ADDIU, 0, 4, value), SYSCALL]).1;
    assert_eq!([0, 1, 255, 256, 257, -1].map(with), [0, 1, 255, 0, 1, 255]);
    // A program may say the code of a fault; that is not 0 either.
    assert_eq!(with(136), 136);
    // Nothing is accepted but the exit: neither a fault in the slot of a branch to it, nor a halted state's old code.
    let mut machine = MipsMachine::at(
        State {
            exit_code: 0,
            ..entry(&[(2, 4246)])
        },
        memory(&[i(BEQ, 0, 0, 1), 0x0000_000d, SYSCALL], &[]),
    );
    machine.run_until_halt(100).expect("forward");
    let end = Mips.inspect(&machine.state()).expect("a state");
    assert_eq!(
        (end.exited, end.exit_code, machine.halted_at()),
        (true, code(Fault::Break), Some(2))
    );
}

#[test]
fn reading_what_is_not_there() {
    // Every slot's last word, the address space's last, and the image's own code can be read; nothing faults.
    let mut program = Vec::new();
    for slot in 0..16 {
        program.extend([
            i(LUI, 0, 8, slot << 12 | 0xfff),
            i(ORI, 8, 8, 0xfffc),
            i(LW, 8, 9, 0),
            r(10, 9, 10, 0, 0x25),
        ]);
    }
    program.extend([EXIT, r(10, 0, 4, 0, 0x21), SYSCALL]);
    assert_eq!(ends(&program), (67, 0));
}
