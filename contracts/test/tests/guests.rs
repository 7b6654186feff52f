//! Runs of the guest images that disputes are about, on each machine: live, replayed from witnesses, and replayed by the contract.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use opml_conformance::{Noise, each_seed};
use opml_contracts_test::{Guest, Lockstep, ProvenStep, survives_damage};
use opml_engine::VmBackend;
use opml_mips::Mips;
use opml_riscv::RiscV;

/// Every step of a small node; then what damage does to the shortest witness, the longest, and that of the halted machine.
fn small_node<V: VmBackend + Copy + 'static>(vm: V) {
    let guest = Guest::clamp(Arc::new(vm), 5);
    let mut lockstep = Lockstep::new(vm.name(), vm);
    let mut machine = guest.machine(&vm);
    let mut last = machine.root();
    let mut lengths: BTreeMap<usize, ProvenStep> = BTreeMap::new();
    for number in 0..guest.steps {
        let (step, _) = lockstep.step(machine.as_mut());
        assert_eq!(step.before, last, "step {number} begins where the one before it ended");
        last = step.after;
        lengths.entry(step.witness.len()).or_insert(step);
    }
    assert_eq!(machine.halted_at(), Some(guest.steps));
    let end = vm.inspect(&machine.state()).expect("a state");
    assert_eq!((end.exited, end.exit_code), (true, 0));
    // Once halted, it stays: the next step is one of a halted machine, and proves nothing but its state.
    let (halted, _) = lockstep.step(machine.as_mut());
    assert_eq!((halted.before, halted.after), (last, last));
    let state_bytes = machine.state().len();
    assert_eq!(halted.witness.len(), state_bytes);
    println!("{} steps, witnesses of {:?} bytes", guest.steps, lengths.keys());
    assert!(guest.steps > 1000 && lengths.len() >= 3);
    let ends = [lengths.values().next(), lengths.values().next_back(), Some(&halted)];
    for step in ends.into_iter().flatten() {
        let [refused, other] = survives_damage(&mut lockstep, step, state_bytes);
        assert!(refused > 0 && other > 0);
    }
}

#[test]
fn every_step_of_a_small_node_is_replayed_alike_on_mips() {
    small_node(Mips);
}

#[test]
fn every_step_of_a_small_node_is_replayed_alike_on_riscv() {
    small_node(RiscV);
}

/// Three hundred steps of an inference of two million; others in a long run.
fn inference<V: VmBackend + Copy + 'static>(vm: V) {
    let guest = Guest::digits(Arc::new(vm));
    let lockstep = RefCell::new(Lockstep::new(vm.name(), vm));
    let entry = guest.machine(&vm);
    each_seed(3, |seed| {
        let mut noise = Noise::new(seed);
        let mut numbers: Vec<u64> = (0..100).map(|_| noise.below(guest.steps)).collect();
        numbers.sort_unstable();
        let mut machine = entry.fork();
        for number in numbers {
            if machine.step() <= number {
                machine.run_to(number).expect("forward");
                lockstep.borrow_mut().step(machine.as_mut());
            }
        }
    });
}

#[test]
fn random_steps_of_an_inference_are_replayed_alike_on_mips() {
    inference(Mips);
}

#[test]
fn random_steps_of_an_inference_are_replayed_alike_on_riscv() {
    inference(RiscV);
}
