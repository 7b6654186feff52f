//! Witnesses that are not what they should be: a named refusal, or another state before the step.

use opml_contracts_test::{Damage, Lockstep, MachineContract, damages};
use opml_mips::{Mips, STATE_BYTES};

use crate::shapes::{Shape, shapes};

/// Where in a packed state its memory root begins.
const MEMORY_ROOT: usize = STATE_BYTES - 32;

#[test]
fn every_damage_is_refused_or_gives_another_state_before_the_step() {
    let mut lockstep = Lockstep::new("mips", Mips);
    for (name, shape, step) in shapes() {
        lockstep.agree(&step);
        let (mut refused, mut other) = (0, 0);
        for (damage, witness) in damages(&step) {
            let judged = lockstep.judge(&witness);
            let told = format!("{name}: {damage:?}: {judged:?}");
            match damage {
                Damage::Cut(_) | Damage::Longer(_) => assert_eq!(judged, None, "{told}"),
                // What is proven cannot be changed, nor the root that it is proven against.
                Damage::Flipped { byte, .. } if byte >= MEMORY_ROOT && shape != Shape::State => {
                    assert_eq!(judged, None, "{told}");
                }
                // A halted state is not looked into: it is its bytes that the game agrees on.
                Damage::Flipped { byte, .. } if byte >= MEMORY_ROOT => {
                    assert!(judged.is_some_and(|(before, _)| before != step.before), "{told}");
                }
                Damage::Flipped { byte: 20, bit } if bit > 0 => assert_eq!(judged, None, "{told}"),
                Damage::Flipped { .. } => assert!(judged.is_none_or(|(before, _)| before != step.before), "{told}"),
            }
            match judged {
                None => refused += 1,
                Some(_) => other += 1,
            }
        }
        println!("{name}: {refused} refused, {other} of another state");
        // r31, lo and ll of any state may be other ones.
        assert!(
            other >= 96 && refused >= 178,
            "{name}: {refused} refused, {other} of another state"
        );
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
