//! Witnesses that are not what they should be: a named refusal, or another state before the step.

use opml_contracts_test::{Lockstep, MachineContract, survives_damage};
use opml_mips::{Mips, STATE_BYTES};

use crate::shapes::{Shape, shapes};

/// Where in a packed state its memory root begins.
const MEMORY_ROOT: usize = STATE_BYTES - 32;

#[test]
fn every_damage_is_refused_or_gives_another_state_before_the_step() {
    let mut lockstep = Lockstep::new("mips", Mips);
    for (name, shape, step) in shapes() {
        lockstep.agree(&step);
        assert_eq!(shape == Shape::State, step.witness.len() == STATE_BYTES, "{name}");
        let [refused, other] = survives_damage(&mut lockstep, &step, STATE_BYTES);
        println!("{name}: {refused} refused, {other} of another state");
        // Every register, hi, lo, ll, the exit code and most of both program counters may be other ones.
        assert!(other >= 1100, "{name}: {other} of another state");
        // Every cut, and seven bits of the exited byte.
        assert!(refused >= step.witness.len() as u64 + 16, "{name}: {refused} refused");
    }
}

fn refusal(contract: &mut MachineContract, witness: &[u8]) -> String {
    let answer = contract.step(witness);
    answer.expect_err("a malformed witness is refused")
}

#[test]
fn each_refusal_has_its_name() {
    let mut contract = MachineContract::deployed("mips");
    let all = shapes();
    let (_, _, step) = all.iter().find(|(name, _, _)| *name == "sw, the output").unwrap();
    let (_, _, halted) = all.iter().find(|(name, _, _)| *name == "halted").unwrap();
    let witness = &step.witness;
    let altered = |at: usize, bits: u8| {
        let mut bytes = witness.clone();
        bytes[at] ^= bits;
        bytes
    };
    let mask = STATE_BYTES + 128;
    let sent = 25 - u32::from_be_bytes(witness[mask..mask + 4].try_into().unwrap()).count_ones() as usize;
    let data = mask + 4 + 32 * sent;

    let mut refused = |witness: &[u8], expected: &str| {
        let refusal = refusal(&mut contract, witness);
        assert!(refusal.starts_with(expected), "{refusal} is not {expected}");
    };
    refused(&[], "PayloadTooShort(needed = 178, left = 0)");
    refused(&witness[..177], "PayloadTooShort(needed = 178, left = 177)");
    refused(&witness[..178], "PayloadTooShort(needed = 128, left = 0)");
    refused(&witness[..mask + 3], "PayloadTooShort(needed = 4, left = 3)");
    let path = format!("PayloadTooShort(needed = {}, left = {})", 32 * sent, 32 * sent - 1);
    refused(&witness[..data - 1], &path);
    refused(&witness[..data], "PayloadTooShort(needed = 128, left = 0)");
    refused(&witness[..data + 127], "PayloadTooShort(needed = 128, left = 127)");
    refused(&witness[..data + 130], "PayloadTooShort(needed = 4, left = 2)");
    refused(&witness[..witness.len() - 1], "PayloadTooShort(needed = ");
    refused(&[witness, &[0][..]].concat(), "PayloadSurplus(left = 1)");
    refused(&[&halted.witness, &[0; 132][..]].concat(), "PayloadSurplus(left = 132)");
    refused(&altered(20, 2), "ExitedByte(exited = 2)");
    refused(&altered(20, 0xff), "ExitedByte(exited = 255)");
    refused(&altered(20, 1), "PayloadSurplus(left = ");
    refused(&altered(MEMORY_ROOT, 1), "MemoryMismatch(");
    refused(&altered(STATE_BYTES, 1), "MemoryMismatch(");
    refused(&altered(mask, 2), "ElisionOutsidePath(mask = ");
    refused(&altered(data, 1), "DataMismatch(");
    refused(&altered(data + 128, 0x40), "ElisionOutsidePath(mask = ");
    refused(&altered(witness.len() - 1, 1), "DataMismatch(");
}
