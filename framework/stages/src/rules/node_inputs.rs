//! A node's inputs, opened against the vectors that they come from; the twin of `NodeInputs.sol`.

use std::collections::BTreeMap;

use opml_commit::{Root, height_of, multiproof_root};
use opml_engine::RuleError;
use opml_ops::Source;

use super::node_claim::{Slots, empty_slots};
use super::{Payload, RecordWords};

/// The roots of slots 4 … 15 of node `part`: constants from the leaf, the others, in slot order, off the front of `payload`; a
/// local that does not precede the node is an empty slot and is not sent.
pub(super) fn read(
    record: &RecordWords,
    constants: &Slots,
    part: u64,
    payload: &mut Payload<'_>,
) -> Result<Slots, RuleError> {
    let mut slots = empty_slots();
    for input in 0..record.input_count()? {
        match record.source(input) {
            Some(Source::Constant) => slots[input] = constants[input],
            Some(Source::Carry | Source::Feed) => slots[input] = payload.root()?,
            Some(Source::Local) if u64::from(record.index(input)) < part => slots[input] = payload.root()?,
            Some(Source::Local) => {}
            None => return Err(record.unknown_source(input)),
        }
    }
    Ok(slots)
}

/// A vector that inputs come from.
pub(super) struct Vector {
    /// Which.
    pub(super) source: Source,
    /// Inputs at this index or above are not opened.
    pub(super) limit: u64,
    /// Its length.
    pub(super) count: u32,
    /// Its root.
    pub(super) root: Root,
}

/// Checks the inputs that come from `vector` by one multiproof at the front of `payload`. Nothing to check: nothing is read.
pub(super) fn check(
    record: &RecordWords,
    slots: &Slots,
    vector: &Vector,
    payload: &mut Payload<'_>,
) -> Result<(), RuleError> {
    let leaves = gather(record, slots, vector, payload)?;
    if leaves.is_empty() {
        return Ok(());
    }
    let height = height_of(u64::from(vector.count));
    let indices: Vec<u64> = leaves.iter().map(|leaf| leaf.0).collect();
    let proof = payload.roots(siblings(height, indices))?;
    let proven = multiproof_root(height, &leaves, &proof).map_err(|error| payload.refuse(error.to_string()))?;
    match proven == vector.root {
        true => Ok(()),
        false => Err(payload.refuse(format!(
            "the {:?} inputs lead to {proven}, not to {}",
            vector.source, vector.root
        ))),
    }
}

/// The distinct indices that are read from the vector, increasing, and their roots.
fn gather(
    record: &RecordWords,
    slots: &Slots,
    vector: &Vector,
    payload: &Payload<'_>,
) -> Result<Vec<(u64, Root)>, RuleError> {
    let mut leaves = BTreeMap::new();
    for (input, root) in slots.iter().enumerate().take(record.input_count()?) {
        let index = u64::from(record.index(input));
        if record.source(input) == Some(vector.source) && index < vector.limit {
            let given = *leaves.entry(index).or_insert(*root);
            if given != *root {
                return Err(payload.refuse(format!("two roots are given for {:?} value {index}", vector.source)));
            }
        }
    }
    Ok(leaves.into_iter().collect())
}

/// How many siblings a multiproof of these indices has.
fn siblings(height: u8, mut row: Vec<u64>) -> usize {
    let mut count = 0;
    for _ in 0..height {
        let below = row.len();
        row.iter_mut().for_each(|index| *index >>= 1);
        row.dedup();
        count += 2 * row.len() - below;
    }
    count
}
