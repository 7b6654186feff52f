//! The service's `step`, on steps of a guest's run: who wins, what is refused, and what becomes of the stakes.

use std::sync::Arc;

use opml_commit::keccak256;
use opml_contracts_test::{Court, Guest, ProvenStep, TRANSACTION_GAS, TestChain};
use opml_mips::Mips;

const BOND: u128 = 1_000_000_000_000_000_000;
const STAKE: u128 = 75_000_000_000_000_000;

fn guest() -> Guest {
    Guest::clamp(Arc::new(Mips), 3)
}

/// The first step of a run from `from` on whose witness has a data chunk (`data`) or none, with its number.
fn step_of(guest: &Guest, from: u64, data: bool) -> (u64, ProvenStep) {
    let mut machine = guest.machine(&Mips);
    machine.run_to(from).expect("forward");
    loop {
        let step = ProvenStep::next(machine.as_ref());
        if data == (step.witness.len() > 900) {
            return (machine.step(), step);
        }
        machine.run_to(machine.step() + 1).expect("forward");
    }
}

#[test]
fn the_side_that_is_right_wins_at_every_step() {
    let guest = guest();
    let mut court = Court::new("mips", &guest);
    let mut machine = guest.machine(&Mips);
    for number in 0..guest.steps + 3 {
        let step = ProvenStep::next(machine.as_ref());
        court.judge(number, &step, true);
        court.judge(number, &step, false);
        machine.run_to(number + 1).expect("forward");
    }
}

#[test]
fn a_step_that_is_not_the_positions_is_refused() {
    let guest = guest();
    let mut court = Court::new("mips", &guest);
    let (number, step) = step_of(&guest, 100, true);
    let (later, other) = step_of(&guest, 200, true);
    assert_ne!((number, &step.before), (later, &other.before));
    court.put(number, &step.before, &step.after);
    let mut refused = |number, disputed, witness: &[u8], name: &str| {
        let refusal = court
            .attempt(number, disputed, witness, TRANSACTION_GAS)
            .expect_err(name);
        assert!(refusal.starts_with(name), "{refusal} is not {name}");
    };
    refused(number, &step.after, &other.witness, "NotThePosition(");
    refused(number, &other.after, &step.witness, "NotThePosition(");
    refused(number + 1, &step.after, &step.witness, "NotThePosition(");
    refused(number, &step.after, &step.witness[1..], "");
    refused(
        number,
        &step.after,
        &step.witness[..step.witness.len() - 1],
        "PayloadTooShort(",
    );
    refused(
        number,
        &step.after,
        &[&step.witness[..], &[0]].concat(),
        "PayloadSurplus(left = 1)",
    );
    let mut damaged = step.witness.clone();
    damaged[30] ^= 1;
    refused(number, &step.after, &damaged, "NotThePosition(");
    damaged[146] ^= 1;
    refused(number, &step.after, &damaged, "MemoryMismatch(");
    assert_eq!(court.narrow(number, &step), "NoFurtherStage(stage = 0)");

    // Its result has no model, and so no machine.
    assert_eq!(
        court.attempt_in_no_game(&step.witness),
        "NoReplay(vm = 0x0000000000000000000000000000000000000000)"
    );

    court.pass(3601);
    let late = court.attempt(number, &step.after, &step.witness, TRANSACTION_GAS);
    assert_eq!(late, Err("ClockRunOut(used = 3601, allowance = 3600)".into()));
}

#[test]
fn too_little_gas_is_never_a_verdict() {
    let guest = guest();
    let mut court = Court::on(TestChain::without_floor(), "mips", &guest);
    for data in [false, true] {
        let (number, step) = step_of(&guest, 100, data);
        for disputed in [step.after, keccak256(b"another")] {
            court.put(number, &step.before, &disputed);
            let mut reasons = std::collections::BTreeSet::new();
            let mut gas = 40_000;
            let judged = loop {
                match court.attempt(number, &disputed, &step.witness, gas) {
                    Ok(judged) => break judged,
                    // In the service, or in the machine, which then says nothing.
                    Err(reason) => reasons.insert(reason.split('(').next().unwrap_or_default().to_owned()),
                };
                gas += 61;
            };
            assert_eq!(judged.defender, disputed == step.after, "with {gas} gas");
            assert!(reasons.remove("OutOfGas"));
            reasons.remove("NoReplay");
            assert!(reasons.is_empty(), "{reasons:?}");
        }
    }
}

#[test]
fn a_step_in_a_game_that_is_over_is_refused_alone_and_skipped_in_a_batch() {
    let guest = guest();
    let mut court = Court::new("mips", &guest);
    let (number, step) = step_of(&guest, 50, false);
    court.put(number, &step.before, &step.after);
    assert_eq!(court.batch(number, &step.after, &step.witness), Ok(true));
    let other = keccak256(b"another");
    let refused = court
        .batch(number, &other, &step.witness)
        .expect_err("another position");
    assert!(refused.starts_with("NotThePosition("), "{refused}");
    court.conclude(number, &step.after, &step.witness);
    assert_eq!(court.batch(number, &step.after, &step.witness), Ok(false));
    let refused = court.attempt(number, &step.after, &step.witness, TRANSACTION_GAS);
    let refused = refused.expect_err("the game is over");
    assert!(refused.starts_with("NotThePosition("), "{refused}");
}

#[test]
fn a_won_stake_waits_with_the_bond() {
    let guest = guest();
    let (number, step) = step_of(&guest, 50, false);
    let won = || {
        let mut court = Court::new("mips", &guest);
        court.put(number, &step.before, &step.after);
        court.conclude(number, &step.after, &step.witness);
        assert_eq!(court.credits(), [0, 0, 0, 0]);
        court
    };
    let mut collected = won();
    collected.collect();
    assert_eq!(collected.credits(), [STAKE, 0, 0, 0]);
    collected.collect();
    assert_eq!(collected.credits(), [STAKE, 0, 0, 0]);
    collected.finalise();
    assert_eq!(collected.credits(), [BOND + STAKE, 0, 0, 0]);

    let mut waiting = won();
    waiting.finalise();
    assert_eq!(waiting.credits(), [BOND + STAKE, 0, 0, 0]);
    waiting.collect();
    assert_eq!(waiting.credits(), [BOND + STAKE, 0, 0, 0]);
}

#[test]
fn every_game_that_is_won_adds_a_stake() {
    let guest = guest();
    let (number, step) = step_of(&guest, 50, false);
    for collected in [false, true] {
        let mut court = Court::new("mips", &guest);
        court.put(number, &step.before, &step.after);
        court.conclude(number, &step.after, &step.witness);
        court.challenge_again();
        court.put(number, &step.before, &step.after);
        court.conclude(number, &step.after, &step.witness);
        assert_eq!(court.credits(), [0; 4]);
        if collected {
            court.collect();
            assert_eq!(court.credits(), [2 * STAKE, 0, 0, 0]);
        }
        court.finalise();
        assert_eq!(court.credits(), [BOND + 2 * STAKE, 0, 0, 0]);
    }
}

#[test]
fn a_lost_result_pays_its_convictor_and_keeps_what_it_won_before() {
    let guest = guest();
    let (number, step) = step_of(&guest, 50, false);
    let other = keccak256(b"another");
    let mut court = Court::new("mips", &guest);
    court.put(number, &step.before, &other);
    court.conclude(number, &other, &step.witness);
    assert_eq!(court.credits(), [0, STAKE + BOND / 2, 0, 0]);
    court.collect();
    assert_eq!(court.credits(), [0, STAKE + BOND / 2, 0, 0]);

    let mut court = Court::new("mips", &guest);
    court.put(number, &step.before, &step.after);
    court.conclude(number, &step.after, &step.witness);
    court.challenge_again();
    court.put(number, &step.before, &other);
    court.conclude(number, &other, &step.witness);
    assert_eq!(court.credits(), [STAKE, 0, STAKE + BOND / 2, 0]);
}

#[test]
fn a_settled_result_keeps_what_it_won() {
    let guest = guest();
    let (number, step) = step_of(&guest, 50, false);
    for contrary in [false, true] {
        let mut court = Court::new("mips", &guest);
        court.put(number, &step.before, &step.after);
        court.conclude(number, &step.after, &step.witness);
        let mut value = guest.output.to_vec();
        value[0] ^= u8::from(contrary);
        court.rival(&value);
        court.put(number, &step.before, &step.after);
        court.conclude(number, &step.after, &step.witness);
        court.finalise();
        assert_eq!(court.credits(), [BOND + STAKE, 0, 0, 0]);
        court.settle();
        let settled = match contrary {
            false => [BOND + STAKE, 0, 0, BOND + STAKE],
            true => [BOND + STAKE + BOND / 2, 0, 0, STAKE],
        };
        assert_eq!(court.credits(), settled);
        court.collect();
        assert_eq!(court.credits(), settled);
    }
}
