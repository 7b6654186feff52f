use opml_commit::{MEMORY_HEIGHT, Root, SLOT_HEIGHT, fold, keccak256};
use opml_engine::{FaultPart, Machine, Region, VmBackend, VmError};

use crate::Noise;

/// A machine over `regions`, whose program must halt with exit code 0: state roots, forks, proofs and lies fit together, and
/// every sampled step that is proven is replayed to the state that was run to.
pub fn vm_suite(backend: &dyn VmBackend, regions: &[Region]) {
    let boot = || backend.boot(regions).expect("the regions fit the memory map");
    let mut entry = boot();
    let inspection = backend.inspect(&entry.state()).expect("an entry state");
    assert_eq!(
        (entry.step(), entry.halted_at(), inspection.exited),
        (0, None, false),
        "the entry state"
    );
    assert_eq!(
        entry.root(),
        backend.entry_root(&inspection.memory_root),
        "the entry root"
    );
    assert_eq!(
        entry.root(),
        keccak256(&entry.state()),
        "a root is the hash of the state"
    );

    let mut end = boot();
    end.run_until_halt(1 << 40).expect("the machine runs");
    let halt = end.halted_at().expect("the program halts");
    let inspection = backend.inspect(&end.state()).expect("an end state");
    assert!(inspection.exited && inspection.exit_code == 0, "the program ends well");
    assert_eq!(end.step(), halt, "a run to the halt ends there");

    steps(backend, &boot, halt);
    halted(backend, end.as_mut(), halt);
    memory(end.as_mut(), &inspection.memory_root);
    lies(&boot, halt);
}

fn sampled(halt: u64) -> Vec<u64> {
    let mut noise = Noise::new(halt);
    let mut steps: Vec<u64> = (0..64).map(|_| noise.below(halt)).collect();
    steps.extend([0, halt - 1]);
    steps.extend(0..halt.min(32));
    steps.sort_unstable();
    steps.dedup();
    steps
}

fn steps(backend: &dyn VmBackend, boot: &dyn Fn() -> Box<dyn Machine>, halt: u64) {
    let sampled = sampled(halt);
    let roots = boot().roots_at(&sampled).expect("ascending steps");
    let mut machine = boot();
    for (step, root) in sampled.iter().zip(&roots) {
        machine.run_to(*step).expect("forward");
        assert_eq!(machine.step(), *step);
        assert_eq!(
            machine.root(),
            *root,
            "the root at step {step} does not depend on the way there"
        );
        let witness = machine.prove_step().expect("a step can be proven");
        assert_eq!(machine.root(), *root, "proving moves nothing");
        let (before, after) = backend.replay(&witness).expect("its witness is valid");
        let mut next = machine.fork();
        next.run_to(step + 1).expect("forward");
        assert_eq!((before, after), (*root, next.root()), "step {step}");
        assert_eq!(machine.root(), *root, "a fork leaves its origin alone");
        damaged(backend, &witness, (before, after));
    }
    if halt > 1 {
        let mut machine = boot();
        machine.run_to(1).expect("forward");
        let back = machine.run_to(0);
        assert_eq!(back, Err(VmError::Backward { at: 1, asked: 0 }), "machines run forward");
    }
}

/// A damaged witness is refused, or is of another state; of the same state it says the same.
fn damaged(backend: &dyn VmBackend, witness: &[u8], truth: (Root, Root)) {
    let mut noise = Noise::new(witness.len() as u64);
    for _ in 0..24 {
        let place = noise.below(witness.len() as u64) as usize;
        let mut flipped = witness.to_vec();
        flipped[place] ^= 1 << noise.below(8);
        if let Ok((before, after)) = backend.replay(&flipped) {
            assert!(
                before != truth.0 || after == truth.1,
                "byte {place} flipped decides otherwise"
            );
        }
        assert!(backend.replay(&witness[..place]).is_err(), "a witness of {place} bytes");
    }
    assert!(backend.replay(&[witness, &[0]].concat()).is_err(), "surplus bytes");
}

fn halted(backend: &dyn VmBackend, end: &mut dyn Machine, halt: u64) {
    let root = end.root();
    let mut later = end.fork();
    later.run_to(halt + 1000).expect("a halted machine's steps count on");
    assert_eq!(
        (later.step(), later.halted_at(), later.root()),
        (halt + 1000, Some(halt), root)
    );
    let witness = later.prove_step().expect("it steps to itself");
    assert_eq!(backend.replay(&witness), Ok((root, root)));
}

fn memory(machine: &mut dyn Machine, root: &Root) {
    let mut noise = Noise::new(7);
    for _ in 0..64 {
        let height = noise.below(u64::from(MEMORY_HEIGHT) + 1) as u8;
        let index = noise.below(1 << (MEMORY_HEIGHT - height));
        let path = machine.prove_memory(height, index);
        assert_eq!(path.len(), usize::from(MEMORY_HEIGHT - height));
        assert_eq!(
            fold(machine.memory_node(height, index), index, &path),
            *root,
            "node ({height}, {index})"
        );
    }
    for slot in 0..16u32 {
        let chunk = machine.read(slot << 28, 128);
        let index = u64::from(slot) << SLOT_HEIGHT;
        assert_eq!(
            machine.memory_node(0, index),
            keccak256(&chunk),
            "the first chunk of slot {slot}"
        );
    }
}

fn lies(boot: &dyn Fn() -> Box<dyn Machine>, halt: u64) {
    let mut machine = boot();
    machine.run_to(halt / 2).expect("forward");
    let parts = [
        FaultPart::Output { byte: 5 },
        FaultPart::Scratch { byte: 0x10_0000 },
        FaultPart::Register { number: 4 },
        FaultPart::ProgramCounter,
    ];
    for part in parts {
        let mut liar = machine.fork();
        liar.corrupt(&part).expect("the machine has this part");
        assert_ne!(liar.root(), machine.root(), "{part:?}");
        liar.corrupt(&part).expect("as before");
        assert_eq!(liar.root(), machine.root(), "{part:?} twice");
    }
    for part in [FaultPart::Register { number: 0 }, FaultPart::Register { number: 32 }] {
        assert!(machine.fork().corrupt(&part).is_err(), "{part:?} does not exist");
    }
    let mut liar = machine.fork();
    liar.write(0x3000_0080, &[1, 2, 3]).expect("slot 3 is written");
    assert_eq!(liar.read(0x3000_007f, 5)[1..4], [1, 2, 3]);
    assert!(liar.write(0x4000_0000, &[1]).is_err(), "inputs are not written");
    assert!(liar.write(0x2fff_ffff, &[1, 2]).is_ok(), "slot 3 follows slot 2");
    assert!(liar.write(0x3fff_ffff, &[1, 2]).is_err(), "slot 4 follows slot 3");
}
