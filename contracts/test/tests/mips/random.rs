//! Single random steps: any word, any state, a little memory in every kind of slot.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use opml_conformance::each_seed;
use opml_contracts_test::Lockstep;
use opml_mips::Mips;

use crate::cases::{self, Random};

/// What the random steps of one family cost and did.
#[derive(Default)]
struct Seen {
    steps: u64,
    going_on: u64,
    sum: u64,
    most: u64,
}

#[test]
fn random_steps_lead_to_the_same_states() {
    let lockstep = RefCell::new(Lockstep::new("mips", Mips));
    let mut families: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut ends = BTreeSet::new();
    each_seed(5000, |seed| {
        let case = cases::random_case(&mut Random::new(seed));
        let mut machine = case.machine();
        let (step, spent) = lockstep.borrow_mut().step(&mut machine);
        let end = machine.processor();
        let seen = families.entry(case.family).or_default();
        seen.steps += 1;
        seen.sum += spent.execution;
        seen.most = seen.most.max(spent.execution);
        if !end.exited {
            seen.going_on += 1;
        } else if step.before != step.after {
            ends.insert(end.exit_code);
        }
    });
    println!("execution gas  steps   mean   most");
    for (family, seen) in families {
        let mean = seen.sum / seen.steps;
        println!("{family:12} {:>7} {mean:>6} {:>6}", seen.steps, seen.most);
        assert!(
            seen.steps >= 450 && seen.going_on >= 100,
            "{family}: {} of {} go on",
            seen.going_on,
            seen.steps
        );
    }
    for fault in 128..=137 {
        assert!(ends.contains(&fault), "no step ended in fault {fault}");
    }
}

#[test]
fn random_damage_is_refused_or_read_alike() {
    let lockstep = RefCell::new(Lockstep::new("mips", Mips));
    let mut refused = 0;
    each_seed(400, |seed| {
        let mut random = Random::new(seed);
        let (step, _) = lockstep
            .borrow_mut()
            .step(&mut cases::random_case(&mut random).machine());
        for damage in 0..4 {
            let damaged = damaged(&mut random, &step.witness, damage);
            match lockstep.borrow_mut().judge(&damaged) {
                Some((before, _)) => assert_ne!(before, step.before, "damage {damage} changes nothing"),
                None => refused += 1,
            }
        }
    });
    assert!(refused > 800, "{refused} refused");
}

/// The witness with one damage of the kind `damage`: a bit flipped, the end cut, bytes appended, some bytes replaced.
fn damaged(random: &mut Random, witness: &[u8], damage: usize) -> Vec<u8> {
    let mut bytes = witness.to_vec();
    let place = random.below(bytes.len());
    match damage {
        0 => bytes[place] ^= 1 << random.below(8),
        1 => bytes.truncate(place),
        2 => {
            let more = 1 + random.below(200);
            bytes.extend(random.bytes(more));
        }
        _ => {
            let end = bytes.len().min(place + 1 + random.below(40));
            bytes[place] = bytes[place].wrapping_add(1 + random.below(255) as u8);
            let noise = random.bytes(end - place - 1);
            bytes[place + 1..end].copy_from_slice(&noise);
        }
    }
    bytes
}
