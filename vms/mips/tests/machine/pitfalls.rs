//! One test for each defect that virtual machines of fraud proofs have had.

use opml_commit::{ElidedPath, fold, keccak256, slot_root};
use opml_engine::{Machine, VmError, VmRules};
use opml_machine::Memory;
use opml_mips::{Fault, Mips, MipsMachine, STATE_BYTES, State};

use crate::every_way::{code, entry, execute, fault, fault_from, memory, step};
use crate::random::{Random, region};
use crate::words::{ADDIU, LW, NOP, SW, SYSCALL, i, jump, r};

/// The operations of memory: op and the bytes of an access that must be aligned.
const ALIGNED_LOADS: [(u32, u32); 4] = [(0x21, 2), (0x25, 2), (0x23, 4), (0x30, 4)];
const ALIGNED_STORES: [(u32, u32); 3] = [(0x29, 2), (0x2b, 4), (0x38, 4)];

#[test]
fn unmasked_shift_amounts() {
    for amount in [32, 33, 63, 0x8000_0001, 0xffff_ffff, 0x1234_5600] {
        let by = amount & 31;
        let shifted =
            |function, bit| execute(r(8, 9, 10, bit, function), &[(8, amount), (9, 0x8000_0001)]).registers[10];
        assert_eq!(shifted(0x04, 0), 0x8000_0001 << by, "sllv by {amount}");
        assert_eq!(shifted(0x06, 0), 0x8000_0001u32 >> by, "srlv by {amount}");
        assert_eq!(
            shifted(0x07, 0),
            (0x8000_0001u32 as i32 >> by) as u32,
            "srav by {amount}"
        );
        assert_eq!(shifted(0x06, 1), 0x8000_0001u32.rotate_right(by), "rotrv by {amount}");
    }
}

#[test]
fn missing_linking_branches() {
    // bltzal, bgezal, bltzall, bgezall
    for (rt, likely, on_negative) in [
        (0x10, false, true),
        (0x11, false, false),
        (0x12, true, true),
        (0x13, true, false),
    ] {
        for (value, negative) in [(0x8000_0000, true), (0xffff_ffff, true), (0, false), (1, false)] {
            let after = execute(i(0x01, 8, rt, 0x10), &[(8, value)]);
            let goes = match (negative == on_negative, likely) {
                (true, _) => (0x1004, 0x1004 + 0x40),
                (false, false) => (0x1004, 0x1008),
                (false, true) => (0x1008, 0x100c),
            };
            assert_eq!((after.pc, after.next_pc), goes, "rt {rt:x} of {value:x}");
            assert_eq!(after.registers[31], 0x1008, "rt {rt:x} of {value:x} links");
        }
    }
}

#[test]
fn unknown_system_calls_that_succeed() {
    let exit = 4246;
    let mut random = Random(5);
    let numbers = (0..8192).chain((0..200).map(|_| random.next()));
    for number in numbers.filter(|number| *number != exit) {
        assert_eq!(
            fault(SYSCALL, &[(2, number)]),
            code(Fault::Syscall),
            "system call {number}"
        );
    }
    let after = execute(SYSCALL, &[(2, exit), (4, 0x1_0007)]);
    assert_eq!((after.exited, after.exit_code, after.pc), (true, 7, 0x1000));
}

#[test]
fn a_mapping_call_that_reaches_code() {
    // mmap and mmap2 of Linux at addresses whose end wraps: there is no such call.
    for number in [4090, 4210] {
        let arguments = [(2, number), (4, 0xffff_f000), (5, 0x3000), (6, 7), (7, 0x10)];
        assert_eq!(fault(SYSCALL, &arguments), code(Fault::Syscall));
    }
}

#[test]
fn memory_that_wraps_around() {
    // Base + offset wraps modulo 2^32: the store is to slot 0 and forbidden, the load reads the image.
    assert_eq!(fault(i(SW, 8, 9, 0x1004), &[(8, 0xffff_fffc)]), code(Fault::Forbidden));
    assert_eq!(
        execute(i(LW, 8, 9, 0x1004), &[(8, 0xffff_fffc)]).registers[9],
        i(LW, 8, 9, 0x1004)
    );
    assert_eq!(fault(i(SW, 8, 9, -4), &[(8, 0)]), code(Fault::Forbidden));
    // A store at the last word of slot 3 stays in slot 3, one behind it is forbidden.
    let last = step(&entry(&[(8, 0x3fff_fffc), (9, 7)]), &memory(&[i(SW, 8, 9, 0)], &[1]));
    assert_eq!(last.read(0x3fff_fffc, 8), [7, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(fault(i(SW, 8, 9, 4), &[(8, 0x3fff_fffc)]), code(Fault::Forbidden));
    // swl at the first byte of slot 2 does not reach into slot 1, swr at the last of slot 3 not into slot 4.
    let first = step(
        &entry(&[(8, 0x2000_0000), (9, u32::MAX)]),
        &memory(&[i(0x2a, 8, 9, 0)], &[]),
    );
    assert_eq!(first.read(0x1fff_fffc, 8), [0, 0, 0, 0, 255, 0, 0, 0]);
    let end = step(
        &entry(&[(8, 0x3fff_ffff), (9, u32::MAX)]),
        &memory(&[i(0x2e, 8, 9, 0)], &[]),
    );
    assert_eq!(end.read(0x3fff_fffc, 8), [0, 0, 0, 255, 0, 0, 0, 0]);
}

#[test]
fn silent_alignment() {
    for (op, bytes) in ALIGNED_LOADS.into_iter().chain(ALIGNED_STORES) {
        for base in [0x2000_0100, 0x4000_0000, 0x1000, 0x3fff_fffc] {
            for offset in (0..4).filter(|offset| offset % bytes != 0) {
                let state = State {
                    ll: base | 1,
                    ..entry(&[(8, base), (9, 0x1234_5678)])
                };
                let memory = memory(&[i(op, 8, 9, offset as i32)], &[0x9abc_def0]);
                assert_eq!(
                    fault_from(&state, &memory),
                    code(Fault::Misaligned),
                    "op {op:x} at {base:x} + {offset}"
                );
            }
        }
    }
    // A target need not be aligned; the fetch is where it faults, with pc at the odd address.
    let after = execute(r(8, 0, 0, 0, 0x08), &[(8, 0x1002)]);
    assert_eq!((after.exited, after.pc, after.next_pc), (false, 0x1004, 0x1002));
    let at = State {
        pc: 0x1002,
        next_pc: 0x1006,
        ..State::entry()
    };
    assert_eq!(fault_from(&at, &memory(&[NOP, NOP], &[])), code(Fault::Fetch));
}

#[test]
fn jumps_by_the_wrong_base() {
    for (op, links) in [(0x02, false), (0x03, true)] {
        // In the last word of slot 0 the base is that of the slot's address, 0x1000_0000, not the jump's.
        let state = State {
            pc: 0x0fff_fffc,
            next_pc: 0x1000_0000,
            ..State::entry()
        };
        let memory = Memory::new(&[region(0x0fff_fffc, jump(op, 0x2000).to_le_bytes().to_vec())]).expect("one region");
        let after = step(&state, &memory).processor().clone();
        assert_eq!((after.pc, after.next_pc), (0x1000_0000, 0x1000_2000));
        assert_eq!(after.registers[31], if links { 0x1000_0004 } else { 0 });
        // In a delay slot a jump is a fault, whatever base it would take.
        let in_slot = State {
            next_pc: 0x2000_0000,
            ..State::entry()
        };
        let memory = crate::every_way::memory(&[jump(op, 0x2000)], &[]);
        assert_eq!(fault_from(&in_slot, &memory), code(Fault::DelaySlot));
    }
}

#[test]
fn moves_to_hi_and_lo_that_clobber_rd() {
    for (function, hi, lo) in [(0x11, 5, 2), (0x13, 1, 5)] {
        for rd in 0..32 {
            let mut state = entry(&[(8, 5)]);
            (1..32)
                .filter(|number| *number != 8)
                .for_each(|number| state.registers[number] = 100 + number as u32);
            (state.hi, state.lo) = (1, 2);
            let after = step(&state, &memory(&[r(8, 0, rd, 0, function)], &[]))
                .processor()
                .clone();
            assert_eq!((after.hi, after.lo, after.registers), (hi, lo, state.registers));
        }
    }
}

#[test]
fn an_exit_flag_above_one() {
    let mut machine = MipsMachine::new(memory(&[NOP], &[]));
    let honest = machine.prove_step().expect("every step has a witness");
    for flag in 2..=255 {
        let mut witness = honest.clone();
        witness[20] = flag;
        let reason = format!("its exited byte is {flag}, neither 0 nor 1");
        assert_eq!(Mips.replay(&witness), Err(VmError::Witness { reason: reason.clone() }));
        assert_eq!(
            Mips.inspect(&witness[..STATE_BYTES]).err(),
            Some(VmError::Witness { reason })
        );
    }
}

#[test]
fn division_by_zero_that_has_no_result() {
    for function in [0x1a, 0x1b] {
        for dividend in [0, 1, 0x8000_0000, u32::MAX] {
            assert_eq!(fault(r(8, 9, 0, 0, function), &[(8, dividend)]), code(Fault::Division));
        }
    }
    let lowest = execute(r(8, 9, 0, 0, 0x1a), &[(8, 0x8000_0000), (9, u32::MAX)]);
    assert_eq!((lowest.lo, lowest.hi), (0x8000_0000, 0));
}

#[test]
fn sixty_four_bit_arithmetic_without_sign_extension() {
    // What the 64-bit instructions would shift, add, multiply, load or store is reserved.
    let shifts = [0x14, 0x16, 0x17, 0x1c, 0x1d, 0x1e, 0x1f, 0x2c, 0x2d, 0x2e, 0x2f];
    for function in shifts.into_iter().chain(0x38..=0x3f) {
        assert_eq!(
            fault(r(8, 9, 10, 1, function), &[(8, 1), (9, 1)]),
            code(Fault::Reserved),
            "fn {function:x}"
        );
    }
    for op in [0x18, 0x19, 0x1a, 0x1b, 0x27, 0x2c, 0x2d, 0x34, 0x37, 0x3c, 0x3f] {
        assert_eq!(
            fault(i(op, 8, 9, 0), &[(8, 0x2000_0000)]),
            code(Fault::Reserved),
            "op {op:x}"
        );
    }
    // Products are signed over their whole width.
    let product = |op: u32, function| {
        let mut state = entry(&[(8, 0xffff_fffe), (9, 3)]);
        (state.hi, state.lo) = (0, 1);
        let after = step(&state, &memory(&[op << 26 | r(8, 9, 0, 0, function)], &[]))
            .processor()
            .clone();
        (after.hi, after.lo)
    };
    assert_eq!(product(0x00, 0x18), (0xffff_ffff, 0xffff_fffa), "mult");
    assert_eq!(product(0x00, 0x19), (2, 0xffff_fffa), "multu");
    assert_eq!(product(0x1c, 0x00), (0xffff_ffff, 0xffff_fffb), "madd");
    assert_eq!(product(0x1c, 0x01), (2, 0xffff_fffb), "maddu");
    assert_eq!(product(0x1c, 0x04), (0, 7), "msub");
    assert_eq!(product(0x1c, 0x05), (0xffff_fffd, 7), "msubu");
}

#[test]
fn a_region_that_is_readable_off_chain_only() {
    let mut image = vec![0; 0x1000];
    image.extend(i(LW, 8, 9, 0).to_le_bytes());
    let mut regions = vec![region(0, image)];
    regions.extend((1..16).map(|slot| region(slot << 28 | 0x400, slot.to_le_bytes().to_vec())));
    let memory = Memory::new(&regions).expect("the regions are disjoint");
    for slot in 1..16u32 {
        // `step` replays the load from its witness.
        let loaded = step(&entry(&[(8, slot << 28 | 0x400)]), &memory);
        assert_eq!(loaded.processor().registers[9], slot);
        let absent = step(&entry(&[(8, slot << 28 | 0x0fff_fffc)]), &memory);
        assert_eq!(absent.processor().registers[9], 0);
    }
}

#[test]
fn an_output_read_from_the_wrong_place() {
    let program = [
        i(0x0f, 0, 8, 0x3000),
        i(ADDIU, 0, 9, 0x41),
        i(0x28, 8, 9, 0),
        i(0x28, 8, 9, 2),
    ];
    let mut machine = MipsMachine::new(memory(&program, &[]));
    machine.run_to(4).expect("forward");
    assert_eq!(machine.read(0x3000_0000, 4), [0x41, 0, 0x41, 0]);
    assert_eq!(machine.memory_node(21, 3), slot_root(&[0x41, 0, 0x41]));
    let root = machine.memory().root();
    assert_eq!(fold(slot_root(&[0x41, 0, 0x41]), 3, &machine.prove_memory(21, 3)), root);
}

#[test]
fn two_roots_for_one_memory() {
    let absent = memory(&[i(SW, 8, 9, 0), i(SW, 8, 0, 0)], &[]);
    let root = absent.fork().root();
    // A zero that is stored, mounted, or written and taken back is the zero that was never there.
    for address in [0x2000_0000, 0x3fff_fffc, 0x200f_fffc] {
        let mut stored = step(&entry(&[(8, address)]), &absent);
        assert_eq!(stored.memory().root(), root, "a stored zero");
        let mut twice = MipsMachine::at(entry(&[(8, address), (9, 7)]), absent.fork());
        twice.run_to(1).expect("forward");
        assert_ne!(twice.memory().root(), root, "a seven");
        twice.run_to(2).expect("forward");
        assert_eq!(twice.memory().root(), root, "a seven taken back");
    }
    let mut image = vec![0; 0x1000];
    image.extend(
        [i(SW, 8, 9, 0), i(SW, 8, 0, 0)]
            .iter()
            .flat_map(|word| word.to_le_bytes()),
    );
    image.extend([0; 5000]);
    let regions = [
        region(0, image),
        region(0x4000_0000, vec![0; 300]),
        region(0x3000_0000, vec![0; 5000]),
    ];
    assert_eq!(
        Memory::new(&regions).expect("the regions are disjoint").root(),
        root,
        "mounted zeros"
    );
}

/// A step that stores to slot 2 over a memory whose chunks all differ, and its witness.
fn store() -> (MipsMachine, Vec<u8>) {
    let mut image = vec![0; 0x1000];
    image.extend(i(SW, 8, 9, 0).to_le_bytes());
    image.extend((0..2000u32).map(|place| (place * 7) as u8));
    let stack = (0..4096u32).map(|place| (place * 13 / 8) as u8).collect();
    let memory = Memory::new(&[region(0, image), region(0x2000_0000, stack)]).expect("the regions are disjoint");
    let mut machine = MipsMachine::at(entry(&[(8, 0x2000_0080), (9, 7)]), memory);
    let witness = machine.prove_step().expect("every step has a witness");
    assert!(Mips.replay(&witness).is_ok());
    (machine, witness)
}

/// A chunk, and the elided path of its `heights` lowest siblings.
fn opening(machine: &mut MipsMachine, address: u32, heights: usize) -> Vec<u8> {
    let chunk = machine.memory().chunk(address);
    let path = machine.prove_memory(0, u64::from(address >> 7));
    [chunk.to_vec(), ElidedPath::encode(&path[..heights], 0)].concat()
}

fn refused(witness: &[u8], reason: &str) {
    let reason = reason.to_owned();
    assert_eq!(Mips.replay(witness), Err(VmError::Witness { reason }));
}

/// The heights below the node where the code's and the data's paths meet: slots 0 and 2.
const BELOW_THE_MEET: usize = 22;

#[test]
fn a_proof_of_the_wrong_leaf() {
    let (mut machine, witness) = store();
    let code = opening(&mut machine, 0x1000, 25);
    let data = opening(&mut machine, 0x2000_0080, BELOW_THE_MEET);
    let with = |code: &[u8], data: &[u8]| [&witness[..STATE_BYTES], code, data].concat();
    assert_eq!(with(&code, &data), witness);
    // Each of these is a true chunk of the same memory with its true path, of another address.
    for address in [0x2000_0000, 0x2000_0100, 0x2000_0f80, 0x2010_0000] {
        let other = opening(&mut machine, address, BELOW_THE_MEET);
        refused(&with(&code, &other), "the data chunk is not in the code chunk's memory");
    }
    for address in [0x1080, 0x1100, 0x2000_0080] {
        let other = opening(&mut machine, address, 25);
        refused(&with(&other, &data), "the code chunk is not in the state's memory");
    }
    // The right chunk, changed, or under another state's root.
    let mut changed = witness.clone();
    changed[STATE_BYTES + 127] ^= 1;
    refused(&changed, "the code chunk is not in the state's memory");
    let mut other_root = witness.clone();
    other_root[STATE_BYTES - 1] ^= 1;
    refused(&other_root, "the code chunk is not in the state's memory");
}

#[test]
fn a_proof_with_surplus_or_missing_bytes() {
    let (mut machine, witness) = store();
    for surplus in 1..=130usize {
        let longer = [witness.clone(), vec![0; surplus]].concat();
        refused(&longer, &format!("{surplus} bytes remain after it"));
    }
    for length in 0..witness.len() {
        assert!(
            Mips.replay(&witness[..length]).is_err(),
            "{length} of {} bytes",
            witness.len()
        );
    }
    // A data chunk that the step does not touch, and a code chunk that a halted state does not fetch.
    let data = opening(&mut machine, 0x2000_0080, BELOW_THE_MEET);
    let mut idle = MipsMachine::new(memory(&[NOP], &[]));
    let short = idle.prove_step().expect("every step has a witness");
    let surplus = format!("{} bytes remain after it", data.len());
    refused(&[short.clone(), data].concat(), &surplus);
    let mut halted = short.clone();
    halted[20] = 1;
    refused(&halted, &format!("{} bytes remain after it", short.len() - STATE_BYTES));
    let root = keccak256(&halted[..STATE_BYTES]);
    assert_eq!(Mips.replay(&halted[..STATE_BYTES]), Ok((root, root)));
}

#[test]
fn a_path_whose_mask_means_two_things() {
    // The mask says which siblings are roots of zeros and left out. Bits beyond the path are refused; a root of zeros that is sent
    // all the same proves the same step.
    let (_, witness) = store();
    let proven = Mips.replay(&witness);
    let mask = STATE_BYTES + 128;
    for bit in 25..32 {
        let mut padded = witness.clone();
        padded[mask + 3 - bit / 8] ^= 1 << (bit % 8);
        assert!(
            matches!(Mips.replay(&padded), Err(VmError::Witness { .. })),
            "bit {bit}"
        );
    }
    let elided = u32::from_be_bytes(witness[mask..mask + 4].try_into().expect("four bytes"));
    for height in 0..25 {
        let sent = (0..height).filter(|below| elided >> below & 1 == 0).count();
        let at = mask + 4 + 32 * sent;
        let mut other = witness.clone();
        other[mask..mask + 4].copy_from_slice(&(elided ^ 1 << height).to_be_bytes());
        if elided >> height & 1 == 1 {
            other.splice(at..at, opml_commit::chunk_zero(height).0);
            assert_eq!(Mips.replay(&other), proven, "height {height}, sent");
        } else {
            other.drain(at..at + 32);
            refused(&other, "the code chunk is not in the state's memory");
        }
    }
}
