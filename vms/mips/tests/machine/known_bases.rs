//! What translated code knows of a base register holds only as far as the register says: each program here walks one out of what
//! was checked.

use std::sync::Arc;

use opml_engine::Machine;
use opml_machine::Memory;
use opml_mips::{Code, Fault, MipsMachine, State, Translation};

use crate::random::region;

/// r8 ← the word that slot 4 begins with.
const BASE: [u32; 2] = [
    0x3c09_4000, // lui r9, 0x4000
    0x8d28_0000, // lw r8, 0(r9)
];
const STORE: u32 = 0xad00_0000; // sw r0, 0(r8)

/// addiu r8, r8, amount
const fn add(amount: i16) -> u32 {
    0x2508_0000 | amount as u16 as u32
}

/// Runs `program` over `base`, everywhere translated and plainly; both end with `fault` in the same state.
fn ends_with(base: u32, program: &[u32], fault: Fault) {
    let mut image = vec![0; 0x1000];
    image[..16].copy_from_slice(b"the first bytes.");
    let words = BASE.iter().chain(program);
    words.for_each(|word| image.extend_from_slice(&word.to_le_bytes()));
    let last = region(0xffff_fff0, b"the last bytes..".to_vec());
    let base = region(0x4000_0000, base.to_le_bytes().to_vec());
    let memory = Memory::new(&[region(0, image), last, base]).expect("the regions are disjoint");
    let code = Arc::new(Code::new(&memory.leading(0), Translation::AtOnce));
    let mut fast = MipsMachine::with_code(State::entry(), memory.fork(), code);
    let mut plain = MipsMachine::new(memory);
    fast.run_until_halt(1 << 20).expect("forward");
    plain.run_plainly(fast.step());
    assert_eq!(plain.halted_at(), fast.halted_at(), "{program:08x?}");
    assert_eq!(fast.processor(), plain.processor(), "{program:08x?}");
    assert_eq!(fast.root(), plain.root(), "{program:08x?}");
    assert_eq!(plain.processor().exit_code, fault as u8, "{program:08x?}");
}

#[test]
fn an_aligned_base_moves_off_its_boundary() {
    for amount in [1, 2, 3, -1, -2, 6] {
        ends_with(
            0x2010_0000,
            &[STORE, add(4), STORE, add(amount), STORE],
            Fault::Misaligned,
        );
        ends_with(0x2010_0000, &[STORE, add(amount), 0x8d0a_0008], Fault::Misaligned); // lw r10, 8(r8)
    }
    ends_with(0x2010_0000, &[STORE, add(1), 0xa500_0000], Fault::Misaligned); // sh r0, 0(r8)
    ends_with(0x2010_0000, &[0x850a_0000, add(2), 0x8d0a_0000], Fault::Misaligned); // lh then lw
    ends_with(0x2010_0002, &[0x850a_0000, 0x8d0a_0000], Fault::Misaligned);
}

#[test]
fn a_writable_base_leaves_the_writable_slots() {
    let up = [STORE, add(0x7ff0), STORE, add(0x7ff0), STORE, add(0x7ff0), STORE];
    ends_with(0x3fff_0000 - 16, &up, Fault::Forbidden);
    ends_with(
        0x3ffe_fff0,
        &[STORE, add(0x7ff0), add(0x7ff0), 0xad00_7ffc],
        Fault::Forbidden,
    );
    let down = [STORE, add(-0x7ff0), STORE, add(-0x7ff0), STORE, add(-0x7ff0), STORE];
    ends_with(0x2001_0000, &down, Fault::Forbidden);
    ends_with(
        0x2001_0000,
        &[STORE, add(-0x7ff0), add(-0x7ff0), 0xad00_8000],
        Fault::Forbidden,
    );
    // There and back is where it was; one step more is not.
    ends_with(
        0x2001_0000,
        &[
            STORE,
            add(-0x7ff0),
            add(0x7ff0),
            STORE,
            add(-0x7ff0),
            add(-0x7ff0),
            STORE,
            add(-0x40),
            STORE,
        ],
        Fault::Forbidden,
    );
}

#[test]
fn a_base_walks_out_in_a_loop() {
    // Four bytes in the delay slot of an endless branch: out of slot 3 after 0x8000 stores.
    ends_with(0x3ffe_0000, &[STORE, 0x1000_fffe, add(4)], Fault::Forbidden);
    ends_with(0x2002_0000, &[STORE, 0x1000_fffe, add(-4)], Fault::Forbidden);
    ends_with(0x2010_0000, &[STORE, 0x1000_fffe, add(0x3f)], Fault::Misaligned);
}

#[test]
fn ways_that_meet_know_what_both_know() {
    // r10 says whether the base is checked and moved before the store that both ways reach.
    for (way, base) in [(0, 0x4000_0000), (1, 0x3fff_ff00)] {
        let program = [
            0x240a_0000 | way, // addiu r10, r0, way
            0x1140_0004,       // beq r10, r0, the last store
            0,
            STORE,
            add(0x100),
            STORE,
            STORE,
        ];
        ends_with(base, &program, Fault::Forbidden);
    }
    // Both ways are checked, and one has less room behind the base.
    let unequal = [
        0x240a_0001, // addiu r10, r0, 1
        STORE,
        0x1140_0002, // beq r10, r0, past the first addition
        0,
        add(0x7ff0),
        add(0x7ff0),
        0xad00_7ffc, // sw r0, 0x7ffc(r8)
    ];
    ends_with(0x3ffe_fff0, &unequal, Fault::Forbidden);
    // A link register that a delay slot changes is not the address that was linked.
    let call = [
        0x0c00_0405, // jal the function
        0,
        0x0000_000d, // break
        0x03e0_0008, // the function: jr r31
        0x23ff_0000, // addi r31, r31, 0
    ];
    ends_with(0, &call, Fault::Break);
}

#[test]
fn offsets_that_pass_address_zero() {
    // lw r16…r20, offsets(r8), a byte and a halfword, and a break: enough accesses for one look-up of the base.
    let loads = |offsets: [i16; 5]| {
        let words = (16u32..).zip(offsets);
        let mut program: Vec<u32> = words
            .map(|(register, offset)| 0x8d00_0000 | register << 16 | u32::from(offset as u16))
            .collect();
        program.extend([0x8115_0003, 0x9516_0002, 0x0000_000d]); // lb r21, 3(r8); lhu r22, 2(r8); break
        program
    };
    for base in [
        0,
        4,
        8,
        16,
        0xffff_fffc,
        0xffff_fff8,
        0xffff_fff0,
        0x7fff_fff8,
        0x8000_0000,
    ] {
        ends_with(base, &loads([-16, -8, -4, 0, 4]), Fault::Break);
        ends_with(base, &loads([0, 4, 8, 12, 16]), Fault::Break);
        ends_with(base, &loads([-8, 8, 0x7ffc, -0x8000, 4]), Fault::Break);
    }
}
