//! The definition, and the vectors, against the tables of the page.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use opml_machine::Access;
use opml_mips::{State, step};

use crate::page::Page;
use crate::random::Random;
use crate::vectors::all_vectors;

const RESERVED: u8 = 129;
const DELAY_SLOT: u8 = 130;

/// Memory that has one instruction, and zeros.
struct One(u32);

impl Access for One {
    type Error = Infallible;

    fn fetch(&mut self, _: u32) -> Result<u32, Infallible> {
        Ok(self.0)
    }

    fn load(&mut self, _: u32) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn store(&mut self, _: u32, _: u32) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The fault that `word` ends with in `state`, if any.
fn fault(state: &State, word: u32) -> Option<u8> {
    let mut after = state.clone();
    let Ok(()) = step(&mut after, &mut One(word));
    let exit = word & 0xfc00_003f == 0x0c && state.registers[2] == 4246;
    (after.exited && !exit).then_some(after.exit_code)
}

#[test]
fn the_page_is_read_as_it_stands() {
    let page = Page::read();
    let names: BTreeSet<&str> = page
        .instructions
        .iter()
        .map(|instruction| instruction.name.as_str())
        .collect();
    assert_eq!((page.instructions.len(), names.len()), (99, 99), "{names:?}");
    let faults: Vec<(&str, u8)> = page
        .faults
        .iter()
        .map(|(name, number)| (name.as_str(), *number))
        .collect();
    let expected = [
        ("BREAK", 136),
        ("DELAY_SLOT", 130),
        ("DIVISION", 134),
        ("FETCH", 128),
        ("FORBIDDEN", 132),
        ("MISALIGNED", 131),
        ("OVERFLOW", 133),
        ("RESERVED", 129),
        ("SYSCALL", 137),
        ("TRAP", 135),
    ];
    assert_eq!(faults, expected);
    let of = |word: u32| {
        page.instruction(word)
            .map(|found| (found.name.as_str(), found.faults.join(" ")))
    };
    let with = |name, faults: &str| Some((name, faults.to_owned()));
    assert_eq!(of(0x0000_0000), with("sll", ""));
    assert_eq!(of(0x0020_0002), with("rotr", ""));
    assert_eq!(of(0x0000_0046), with("rotrv", ""));
    assert_eq!(of(0x0000_0020), with("add", "OVERFLOW"));
    assert_eq!(of(0x0000_0027), with("nor", ""));
    assert_eq!(of(0x0000_0034), with("teq", "TRAP"));
    assert_eq!(of(0x040e_0000), with("tnei", "TRAP"));
    assert_eq!(of(0x0413_0000), with("bgezall", "DELAY_SLOT"));
    assert_eq!(of(0x5400_0000), with("bnel", "DELAY_SLOT"));
    assert_eq!(of(0x0000_0009), with("jalr", "DELAY_SLOT"));
    assert_eq!(of(0x7000_0005), with("msubu", ""));
    assert_eq!(of(0x7c00_0620), with("seh", ""));
    assert_eq!(of(0x7c00_0004), with("ins", "RESERVED"));
    assert_eq!(of(0x9400_0000), with("lhu", "MISALIGNED"));
    assert_eq!(of(0xb800_0000), with("swr", "FORBIDDEN"));
    assert_eq!(of(0xe000_0000), with("sc", "FORBIDDEN MISALIGNED"));
    assert_eq!(of(0x041f_0000), with("synci", ""));
    assert_eq!(of(0x0000_000c), with("syscall", "SYSCALL"));
    assert_eq!(of(0x0000_000d), with("break", "BREAK"));
    assert_eq!(of(0x7c00_003b), None);
}

#[test]
fn a_word_is_reserved_exactly_when_no_line_lists_it() {
    let page = Page::read();
    let mut random = Random(11);
    let mut state = random.state();
    (state.exited, state.pc, state.next_pc) = (false, 0x1000, 0x1004);
    let in_slot = State {
        next_pc: 0x2000,
        ..state.clone()
    };
    let mut reserved = 0u32;
    for op in 0..64u32 {
        for fields in 0..1u32 << 16 {
            // Every value of rt, sa and fn, with any rs and rd.
            let (rt, sa, function) = (fields >> 11, fields >> 6 & 31, fields & 63);
            let word = op << 26 | random.below(32) << 21 | rt << 16 | random.below(32) << 11 | sa << 6 | function;
            let instruction = page.instruction(word);
            let expected = instruction.is_none_or(|instruction| instruction.refuses(word));
            assert_eq!(
                fault(&state, word) == Some(RESERVED),
                expected,
                "{word:08x} {instruction:?}"
            );
            let branch =
                instruction.is_some_and(|instruction| instruction.faults.iter().any(|name| name == "DELAY_SLOT"));
            let there = fault(&in_slot, word);
            assert_eq!(
                (there == Some(RESERVED), there == Some(DELAY_SLOT)),
                (expected, branch),
                "{word:08x}"
            );
            reserved += u32::from(expected);
        }
    }
    assert!((1 << 20..3 << 20).contains(&reserved), "{reserved} of 2^22");
}

#[test]
fn random_words_have_the_faults_of_their_lines_and_no_others() {
    let page = Page::read();
    opml_conformance::each_seed(2, |seed| {
        let mut random = Random(seed);
        for instruction in &page.instructions {
            let mut seen: BTreeSet<u8> = BTreeSet::new();
            for _ in 0..3000 {
                let mut state = random.state();
                (state.exited, state.pc) = (false, 0x1000);
                state.next_pc = random.pick(&[0x1004, 0x1004, 0x2000]);
                state.registers[2] = random.pick(&[state.registers[2], 4246]);
                let word = instruction.word(random.next());
                if word >> 21 & 31 != 0 && random.below(8) == 0 {
                    state.registers[(word >> 21 & 31) as usize] = word as i16 as u32;
                }
                seen.extend(fault(&state, word));
            }
            let listed: BTreeSet<u8> = instruction.faults.iter().map(|name| page.faults[name]).collect();
            assert_eq!(seen, listed, "{}", instruction.name);
        }
    });
}

#[test]
fn every_line_has_its_vectors() {
    let page = Page::read();
    let mut without_fault: BTreeSet<&str> = BTreeSet::new();
    let mut with_fault: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    let mut codes: BTreeSet<u8> = BTreeSet::new();
    let mut reserved_ops: BTreeSet<u32> = BTreeSet::new();
    let vectors = all_vectors();
    for vector in &vectors {
        let Some((before, after, word)) = vector.step() else {
            continue;
        };
        let fetched = before.pc & 3 == 0 && before.pc >> 28 == 0;
        let exit = fetched && word & 0xfc00_003f == 0x0c && before.registers[2] == 4246;
        let fault = (after.exited && !exit).then_some(after.exit_code);
        codes.extend(fault);
        let instruction = page.instruction(word).filter(|_| fetched);
        match (instruction, fault) {
            (Some(instruction), None) => {
                without_fault.insert(&instruction.name);
            }
            (Some(instruction), Some(fault)) => {
                with_fault.entry(&instruction.name).or_default().insert(fault);
            }
            (None, _) if fetched => {
                assert_eq!(fault, Some(RESERVED), "{word:08x}");
                reserved_ops.insert(word >> 26);
            }
            (None, _) => {}
        }
    }
    let mut missing = Vec::new();
    for instruction in &page.instructions {
        let name = instruction.name.as_str();
        if name != "break" && !without_fault.contains(name) {
            missing.push(format!("{name} without a fault"));
        }
        for fault in &instruction.faults {
            if !with_fault
                .get(name)
                .is_some_and(|seen| seen.contains(&page.faults[fault]))
            {
                missing.push(format!("{name} with {fault}"));
            }
        }
    }
    let listed = |op: u32| {
        page.instructions
            .iter()
            .any(|instruction| instruction.word(0) >> 26 == op)
    };
    let unlisted = (0..64).filter(|op| !listed(*op) && !reserved_ops.contains(op));
    missing.extend(unlisted.map(|op| format!("op {op:02x}, which is reserved")));
    assert!(missing.is_empty(), "no vector shows {missing:#?}");
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), (128..=137).collect::<Vec<_>>());
}
