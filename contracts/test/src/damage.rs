use crate::lockstep::{Lockstep, ProvenStep};

/// What is wrong with a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    /// Only so many bytes of it were sent.
    Cut(usize),
    /// So many zero bytes follow it.
    Longer(usize),
    /// A bit of a byte is flipped.
    Flipped {
        /// The byte.
        byte: usize,
        /// The bit, 0 the lowest.
        bit: u8,
    },
}

/// Every damage to a witness: each shorter length, some greater ones, and each bit flipped.
fn damages(witness: &[u8]) -> impl Iterator<Item = (Damage, Vec<u8>)> + '_ {
    let cut = (0..witness.len()).map(|length| (Damage::Cut(length), witness[..length].to_vec()));
    let longer = [1, 3, 4, 31, 32, 127, 128, 132, 160].map(|more| {
        let bytes = [witness, &vec![0; more]].concat();
        (Damage::Longer(more), bytes)
    });
    let flipped = (0..8 * witness.len()).map(|place| {
        let (byte, bit) = (place / 8, (place % 8) as u8);
        let mut bytes = witness.to_vec();
        bytes[byte] ^= 1 << bit;
        (Damage::Flipped { byte, bit }, bytes)
    });
    cut.chain(longer).chain(flipped)
}

/// Does every damage to the witness of a step of a machine whose packed state has `state_bytes` bytes, and sees what the rules and
/// the contract make of it: how often both refuse it, and how often both read a step from another state. What is cut, what is longer, and
/// what changes a proven byte or the root that it is proven against is always refused; a bit that was flipped never leaves the state
/// before the step as it was.
///
/// # Panics
/// When something else happens, or the contract refuses without a name.
pub fn survives_damage(lockstep: &mut Lockstep, step: &ProvenStep, state_bytes: usize) -> [u64; 2] {
    let mut counts = [0, 0];
    let proves = step.witness.len() > state_bytes;
    for (damage, witness) in damages(&step.witness) {
        let judged = lockstep.judge(&witness);
        match damage {
            Damage::Flipped { byte, .. } if byte + 32 < state_bytes || !proves => {
                assert!(
                    judged.is_none_or(|(before, _)| before != step.before),
                    "{damage:?}: {judged:?}"
                );
            }
            _ => assert_eq!(judged, None, "{damage:?}"),
        }
        counts[usize::from(judged.is_some())] += 1;
    }
    counts
}
