//! Runs of random programs, step by step: pointers point at mapped bytes and branches into the program, so that most go on.

use std::cell::{Cell, RefCell};

use opml_conformance::each_seed;
use opml_contracts_test::Lockstep;
use opml_engine::{Machine, Region};
use opml_machine::Memory;
use opml_mips::{Mips, MipsMachine, State};

use crate::cases::{self, Random, region};

/// Words of a program; it begins at 0x1000.
const WORDS: usize = 256;
/// Registers that no computation writes: r24 to r27 hold code addresses, r28 to r31 point at mapped bytes, the first two at
/// such as may be written.
const CODE: u32 = 24;
const POINTERS: u32 = 28;
/// Starts in one program, and the most steps from each.
const STARTS: usize = 12;
const STEPS: usize = 24;

#[test]
fn random_runs_stay_in_lockstep() {
    let lockstep = RefCell::new(Lockstep::new("mips", Mips));
    let (steps, starts, lasting) = (Cell::new(0), Cell::new(0), Cell::new(0));
    each_seed(100, |seed| {
        let mut random = Random::new(seed);
        let memory = Memory::new(&regions(&mut random)).expect("regions that fit");
        for _ in 0..STARTS {
            let mut machine = MipsMachine::at(state(&mut random), memory.fork());
            for _ in 0..STEPS {
                lockstep.borrow_mut().step(&mut machine);
                steps.set(steps.get() + 1);
                if machine.halted_at().is_some() {
                    break;
                }
            }
            starts.set(starts.get() + 1);
            lasting.set(lasting.get() + u64::from(machine.halted_at().is_none()));
        }
    });
    let (steps, starts, lasting) = (steps.get(), starts.get(), lasting.get());
    println!("{steps} steps in {starts} runs, {lasting} of them without an end");
    assert!(
        steps >= 16_000 && 2 * lasting >= starts,
        "{steps} steps, {lasting} of {starts} last"
    );
}

fn regions(random: &mut Random) -> Vec<Region> {
    let mut code = Vec::new();
    while code.len() < 4 * WORDS {
        let place = code.len() / 4;
        if random.below(8) == 0 {
            code.extend(jump(random, place).to_le_bytes());
        }
        code.extend(straight(random).to_le_bytes());
    }
    let mut regions = vec![region(0x1000, code)];
    for address in [
        0x1000_0000,
        0x1800_0000,
        0x2000_0000,
        0x200f_ff00,
        0x3000_0000,
        0x5000_0000,
        0xffff_fe00,
    ] {
        let length = 0x80 + random.below(0x180);
        let length = length.min((0x1_0000_0000u64 - u64::from(address)) as usize);
        regions.push(region(address, random.bytes(length)));
    }
    regions
}

/// A branch or jump to somewhere in the program; what it may not do, it does rarely.
fn jump(random: &mut Random, place: usize) -> u32 {
    let target = random.below(WORDS) as u32;
    let offset = target.wrapping_sub(place as u32 + 1) & 0xffff;
    let (rs, rt) = (random.below(24) as u32, random.below(24) as u32);
    let kind = [0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13][random.below(8)];
    match random.below(6) {
        0 => [2, 3][random.below(2)] << 26 | (0x400 + target),
        1 => (CODE + random.word() % 4) << 21 | 8,
        2 => (CODE + random.word() % 4) << 21 | rt << 11 | 9,
        3 => 1 << 26 | rs << 21 | kind << 16 | offset,
        _ => [4, 5, 6, 7, 0x14, 0x15, 0x16, 0x17][random.below(8)] << 26 | rs << 21 | rt << 16 | offset,
    }
}

/// A word of any family but jumps, over registers that are no pointers; one in sixty may be anything.
fn straight(random: &mut Random) -> u32 {
    if random.below(60) == 0 {
        return random.word();
    }
    loop {
        let (family, word) = cases::random_word(random);
        // Destinations are rt or rd, below 24 when their two upper bits are not both set.
        let plain = |field: u32| word >> field & 0x18 != 0x18;
        match family {
            "branch" | "trap" | "any" => {}
            _ if faults(word) && random.below(12) != 0 => {}
            "load" | "store" => {
                let base = POINTERS + random.word() % if family == "store" { 2 } else { 4 };
                let near = if random.below(12) == 0 { 0x7f } else { 0x7c };
                if plain(16) {
                    return word & 0xfc1f_0000 | base << 21 | word & near;
                }
            }
            _ if plain(11) && plain(16) => return word,
            _ => {}
        }
    }
}

/// Whether it is a division, which is likely to be one by zero, or a bit field of more than 32 bits, or an addition that may overflow.
fn faults(word: u32) -> bool {
    let (first, last) = (word >> 6 & 31, word >> 11 & 31);
    match (word >> 26, word & 63) {
        (0x00, 0x1a | 0x1b | 0x20 | 0x22) | (0x08, _) => true,
        (0x1f, 0x00) => first + last > 31,
        (0x1f, 0x04) => last < first,
        _ => false,
    }
}

fn state(random: &mut Random) -> State {
    let mut state = State::entry();
    state.pc = 0x1000 + 4 * random.below(WORDS - 8) as u32;
    state.next_pc = state.pc + 4;
    (state.hi, state.lo) = (random.word(), random.value(state.pc));
    for register in &mut state.registers[1..] {
        *register = random.value(state.pc);
    }
    for register in &mut state.registers[CODE as usize..POINTERS as usize] {
        *register = 0x1000 + 4 * random.below(WORDS) as u32;
    }
    let places = [
        0x2000_0000,
        0x200f_ff00,
        0x3000_0000,
        0x2000_0040,
        0x3000_1000,
        0x5000_0000,
        0x1000_0000,
        0xffff_fe00,
    ];
    for (number, register) in (0..).zip(&mut state.registers[POINTERS as usize..]) {
        *register = places[random.below(if number < 2 { 5 } else { places.len() })];
    }
    let linked = state.registers[POINTERS as usize + random.below(4)];
    state.ll = [0, linked | 1, (linked + 4) | 1][random.below(3)];
    state
}
