//! Runs of the guest image that disputes are about.

use std::cell::RefCell;
use std::sync::Arc;

use opml_conformance::each_seed;
use opml_contracts_test::{Guest, Lockstep};
use opml_engine::VmRules;
use opml_mips::Mips;

use crate::cases::Random;

#[test]
fn every_step_of_a_small_node_is_replayed_alike() {
    let guest = Guest::clamp(Arc::new(Mips), 5);
    let mut lockstep = Lockstep::new("mips", Mips);
    let mut machine = guest.machine(&Mips);
    let mut last = machine.root();
    for number in 0..guest.steps {
        let (step, _) = lockstep.step(machine.as_mut());
        assert_eq!(step.before, last, "step {number} begins where the one before it ended");
        last = step.after;
    }
    assert_eq!(machine.halted_at(), Some(guest.steps));
    let end = Mips.inspect(&machine.state()).expect("a state");
    assert_eq!((end.exited, end.exit_code), (true, 0));
    println!("{} steps", guest.steps);
    // Once halted, it stays: the next step is one of a halted machine.
    let (step, _) = lockstep.step(machine.as_mut());
    assert_eq!((step.before, step.after, step.witness.len()), (last, last, 178));
}

/// Three hundred steps of an inference of two million; others for each second of a long run.
#[test]
fn random_steps_of_an_inference_are_replayed_alike() {
    let guest = Guest::digits(Arc::new(Mips));
    let lockstep = RefCell::new(Lockstep::new("mips", Mips));
    let entry = guest.machine(&Mips);
    each_seed(3, |seed| {
        let mut random = Random::new(seed);
        let mut numbers: Vec<u64> = (0..100).map(|_| random.word() as u64 % guest.steps).collect();
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
