//! Random cases: single instructions, and programs.

use opml_mips::State;

use crate::batch::{Batch, PAGE, Pages};
use crate::difference::is_branch;
use crate::random::Random;

/// Words of code that each case has for itself.
const AREA: u32 = 64;
const CODE: u32 = 0x1000;
const BREAK: u32 = 0x0000_000d;
/// The function of op 0 that is reserved, and with which QEMU prints.
const PRINTS: u32 = 0x05;
/// Registers that point into writable pages in [`programs`].
const POINTERS: [u32; 7] = [24, 25, 26, 27, 28, 29, 30];
/// Page, and how many, of memory besides the code: what a program may read, and at the ends of slots what lies around.
const DATA: [(u32, u32); 9] = [
    (0x1000_0000, 1),
    (0x1800_0000, 1),
    (0x1fff_f000, 1),
    (0x2000_0000, 2),
    (0x200f_f000, 2),
    (0x2fff_f000, 1),
    (0x3000_0000, 2),
    (0x4000_0000, 1),
    (0x4fff_f000, 1),
];

/// A batch of `count` cases of one random instruction each, with `break` around it.
pub(crate) fn instructions(random: &mut Random, count: u32) -> Batch {
    batch(random, count, |random, base| {
        let mut area = [BREAK; AREA as usize];
        let place = random.below(AREA - 1);
        let word = word(random, base);
        area[place as usize] = word;
        if is_branch(word) {
            area[place as usize + 1] = random.pick(&[0, 0, BREAK, area[place as usize]]);
        }
        (area, place)
    })
}

/// A batch of `count` programs, `break` at their ends.
pub(crate) fn programs(random: &mut Random, count: u32) -> Batch {
    let mut batch = batch(random, count, |random, base| {
        let mut area = [BREAK; AREA as usize];
        let forward = random.below(4) != 0;
        for place in 0..AREA as usize - 2 {
            let mut word = calm_word(random, base);
            while place > 0 && is_branch(word) && is_branch(area[place - 1]) && random.below(8) != 0 {
                word = calm_word(random, base);
            }
            area[place] = match word >> 26 {
                2 | 3 if forward => {
                    let target = (base >> 2) + AREA - 1 - random.below(AREA - place as u32);
                    word & 0xfc00_0000 | target
                }
                _ if forward && is_branch(word) && (word as i16) < 0 => word ^ 0xffff,
                _ => word,
            };
        }
        if random.below(4) == 0 {
            let fields = random.pick(&POINTERS) << 21 | random.below(16) << 2;
            let place = random.below(AREA - 8) as usize;
            area[place] = 0x30 << 26 | fields | random.below(24) << 16;
            area[place + 1 + random.below(3) as usize] = 0x38 << 26 | fields | random.below(24) << 16;
        }
        (area, random.below(8))
    });
    for case in &mut batch.cases {
        for number in POINTERS {
            let (page, count) = random.pick(&DATA[3..7]);
            case.registers[number as usize] = page + 4 * (64 + random.below(count * PAGE / 4 - 128));
        }
    }
    batch
}

/// A batch over areas of code, each with the word to start at.
fn batch(
    random: &mut Random,
    count: u32,
    mut area: impl FnMut(&mut Random, u32) -> ([u32; AREA as usize], u32),
) -> Batch {
    let mut code = Vec::new();
    let mut cases = Vec::new();
    for number in 0..count {
        let base = CODE + 4 * AREA * number;
        let (words, place) = area(random, base);
        code.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        cases.push(state(random, base, base + 4 * place));
    }
    let mut pages = vec![Pages::new(CODE, code)];
    for (address, count) in DATA {
        let bytes = (0..PAGE * count).map(|_| random.next() as u8).collect();
        pages.push(Pages::new(address, bytes));
    }
    Batch { pages, cases }
}

/// A state at `pc` of the area at `base`: values, mapped addresses, places in the area.
fn state(random: &mut Random, base: u32, pc: u32) -> State {
    let mut state = State::entry();
    (state.pc, state.next_pc) = (pc, pc + 4);
    for number in 1..32 {
        state.registers[number] = match random.below(8) {
            0..3 => random.value(),
            3 => base + 4 * random.below(AREA),
            _ => address(random),
        };
    }
    (state.hi, state.lo) = (random.value(), random.value());
    state
}

/// An address that is mapped, but for edges; often aligned.
fn address(random: &mut Random) -> u32 {
    let (page, count) = match random.below(3) {
        0 => random.pick(&DATA),
        _ => random.pick(&DATA[3..7]),
    };
    let offset = match random.below(8) {
        0 => random.below(16),
        1 => count * PAGE - 1 - random.below(16),
        _ => 32 + random.below(count * PAGE - 64),
    };
    page + (offset & !random.pick(&[0, 3, 3, 3]))
}

/// A random word; jumps go into the area at `base`, and fields that the peers want zero are mostly zero.
fn word(random: &mut Random, base: u32) -> u32 {
    let word = random.word();
    let rare = random.below(64) == 0;
    match (word >> 26, word & 63) {
        (2 | 3, _) if !rare => word & 0xfc00_0000 | ((base >> 2) + random.below(AREA)),
        (0x00, 0x02) if !rare => word & !(15 << 22),
        (0x00, 0x06) if !rare => word & !(15 << 7),
        (0x00, 0x10 | 0x12) if !rare => word & !(3 << 21),
        (0x06 | 0x07 | 0x16 | 0x17, _) if !rare => word & !(31 << 16),
        (0x00, 0x08 | 0x09) if !rare => word & !(15 << 6),
        (0x00, 0x18 | 0x19) if !rare => word & !(3 << 11 | 31 << 6),
        (0x00, 0x11 | 0x13 | 0x1a | 0x1b) | (0x1c, 0x00 | 0x01 | 0x04 | 0x05) if !rare => word & !(3 << 11),
        (0x00, PRINTS) => word ^ 4,
        _ => word,
    }
}

/// As [`word`], but seldom one that ends a program or leaves the area; loads and stores mostly go through pointers, which
/// hardly anything else writes.
fn calm_word(random: &mut Random, base: u32) -> u32 {
    loop {
        let word = word(random, base);
        if random.below(128) == 0 {
            return word;
        }
        let op = word >> 26;
        let ends = match (op, word & 63) {
            (0x00, 0x08 | 0x09 | 0x0c | 0x0d | 0x1a | 0x1b | 0x20 | 0x22 | 0x30..=0x37) => true,
            (0x00, function) => {
                matches!(function, 0x01 | 0x05 | 0x0e | 0x14..=0x17 | 0x1c..=0x1f | 0x28 | 0x29 | 0x2c..)
            }
            (0x01, _) => matches!(word >> 16 & 31, 0x04..=0x0f | 0x14..=0x1e),
            (0x1c, function) => !matches!(function, 0..=2 | 4 | 5 | 0x20 | 0x21),
            (0x1f, function) => !matches!(function, 0 | 4 | 0x20),
            (0x08 | 0x10..=0x13 | 0x18..=0x1e | 0x27 | 0x2c | 0x2d | 0x2f | 0x31 | 0x32 | 0x34..=0x37 | 0x39.., _) => {
                true
            }
            _ => false,
        };
        let far = is_branch(word) && !matches!(op, 2 | 3) && (word as i16).unsigned_abs() > AREA as u16 / 2;
        if ends || far {
            continue;
        }
        // 24 … 31 become 16 … 23 in the fields rt and rd.
        let spared = match op {
            0x00 | 0x1c | 0x1f => word & !((word << 1 & word & 0x0010_8000) >> 1),
            0x01..=0x07 | 0x14..=0x17 => word,
            _ => word & !((word << 1 & word & 0x0010_0000) >> 1),
        };
        return match op {
            0x20..=0x2e | 0x30 | 0x38 => {
                let offset = random.below(64) & !random.pick(&[3, 3, 3, 3, 3, if op == 0x38 { 3 } else { 0 }]);
                spared & 0xfc1f_0000 | random.pick(&POINTERS) << 21 | offset.wrapping_sub(32) & 0xffff
            }
            _ => spared,
        };
    }
}
