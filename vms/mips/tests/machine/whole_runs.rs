//! Whole programs, translated where they are hot and everywhere, against the plain step: at random steps and at the end.

use std::sync::Arc;

use opml_conformance::each_seed;
use opml_engine::Machine;
use opml_machine::Memory;
use opml_mips::{Code, MipsMachine, State, Translation};

use crate::random::{Random, region};

const KERNELS: [&str; 5] = ["matmul_i8", "matmul_f32", "softmax", "memcpy", "keccak"];

fn memory(kernel: u32) -> Memory {
    let image = include_bytes!("../../benches/kernels/kernels.bin").to_vec();
    let input: Vec<u8> = (0..128u32 << 10)
        .map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let call = [kernel, 1].iter().flat_map(|word| word.to_le_bytes()).collect();
    let regions = [
        region(0, image),
        region(0x1800_0000, call),
        region(0x4000_0000, input.clone()),
        region(0x5000_0000, input),
    ];
    Memory::new(&regions).expect("the regions are disjoint")
}

/// Runs a kernel's copies side by side, cut at random steps, to its end.
fn compare(kernel: u32, when: Translation, random: &mut Random) {
    let memory = memory(kernel);
    let name = KERNELS[kernel as usize];
    let code = Arc::new(Code::new(&memory.leading(0), when));
    let mut fast = MipsMachine::with_code(State::entry(), memory.fork(), Arc::clone(&code));
    let mut plain = MipsMachine::new(memory);
    while plain.halted_at().is_none() {
        let steps = u64::from(random.pick(&[1, 2, 17, 1000, 30_000, 100_000, 1_200_000]) + random.below(1000));
        fast.run_to(fast.step() + steps).expect("forward");
        plain.run_plainly(steps);
        assert_eq!(
            fast.processor(),
            plain.processor(),
            "{name}, after step {}",
            plain.step()
        );
        assert_eq!(fast.root(), plain.root(), "{name}, after step {}", plain.step());
        assert_eq!(fast.halted_at(), plain.halted_at(), "{name}");
        if random.below(4) == 0 {
            // A fork begins without the flat form, and shares pages.
            let (mut fork, step) = (fast.fork(), fast.step());
            fork.run_to(step + 999).expect("forward");
            let mut copy = MipsMachine::at(plain.processor().clone(), plain.memory().fork());
            copy.run_plainly(999);
            assert_eq!(fork.root(), copy.root(), "{name}: a fork, 999 steps after {step}");
        }
    }
    assert_eq!(plain.processor().exit_code, 0, "{name}");
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) && when == Translation::AtOnce {
        assert!(code.translated_instructions() > 0, "{name} was not translated");
    }
}

#[test]
fn random_cuts_of_whole_runs() {
    each_seed(1, |seed| {
        for kernel in 0..5 {
            for when in [Translation::AtOnce, Translation::WhenHot] {
                compare(kernel, when, &mut Random(seed * 31 + u64::from(kernel)));
            }
        }
    });
}
