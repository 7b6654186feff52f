use crate::lockstep::ProvenStep;

/// What is wrong with a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
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

/// Every damage to a witness of so many bytes: each shorter length, some greater ones, and each bit flipped.
pub fn damages(step: &ProvenStep) -> impl Iterator<Item = (Damage, Vec<u8>)> + '_ {
    let witness = &step.witness;
    let cut = (0..witness.len()).map(|length| (Damage::Cut(length), witness[..length].to_vec()));
    let longer = [1, 3, 4, 31, 32, 127, 128, 132, 160].map(|more| {
        let bytes = [&witness[..], &vec![0; more]].concat();
        (Damage::Longer(more), bytes)
    });
    let flipped = (0..8 * witness.len()).map(|place| {
        let (byte, bit) = (place / 8, (place % 8) as u8);
        let mut bytes = witness.clone();
        bytes[byte] ^= 1 << bit;
        (Damage::Flipped { byte, bit }, bytes)
    });
    cut.chain(longer).chain(flipped)
}
