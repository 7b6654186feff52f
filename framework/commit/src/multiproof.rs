use thiserror::Error;

use crate::{Root, VectorTree, node};

/// Why a multiproof was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MultiproofError {
    /// No leaf was given: there is nothing to fold.
    #[error("a multiproof needs at least one leaf")]
    NoLeaves,
    /// The leaves' indices are not strictly increasing, or one lies outside the tree.
    #[error("the leaf at place {place} is out of order or outside the tree")]
    Order {
        /// Its place in the list.
        place: usize,
    },
    /// The proof ended before the fold did.
    #[error("the multiproof ends too early")]
    TooShort,
    /// Roots of the proof remain after the fold.
    #[error("the multiproof has {surplus} roots too many")]
    Surplus {
        /// How many remain.
        surplus: usize,
    },
}

/// The proof that opens the leaves `indices` (strictly increasing) of `tree`.
pub fn multiproof(tree: &VectorTree, indices: &[u64]) -> Vec<Root> {
    let mut proof = Vec::new();
    let mut row = indices.to_vec();
    for height in 0..tree.height() {
        let mut above: Vec<u64> = Vec::with_capacity(row.len());
        for (place, &index) in row.iter().enumerate() {
            let sibling_listed = (index & 1 == 0 && row.get(place + 1) == Some(&(index + 1)))
                || (index & 1 == 1 && place > 0 && row[place - 1] == index - 1);
            if !sibling_listed {
                proof.push(tree.node(height, index ^ 1));
            }
            if above.last() != Some(&(index >> 1)) {
                above.push(index >> 1);
            }
        }
        row = above;
    }
    proof
}

/// Folds `leaves` (strictly increasing indices) of a tree of `height` along `proof`, left to right in each level.
pub fn multiproof_root(height: u8, leaves: &[(u64, Root)], proof: &[Root]) -> Result<Root, MultiproofError> {
    for (place, (index, _)) in leaves.iter().enumerate() {
        let ordered = place == 0 || leaves[place - 1].0 < *index;
        if !ordered || index.checked_shr(u32::from(height)).unwrap_or(0) != 0 {
            return Err(MultiproofError::Order { place });
        }
    }
    let mut siblings = proof.iter();
    let mut row = leaves.to_vec();
    for _ in 0..height {
        let mut above: Vec<(u64, Root)> = Vec::with_capacity(row.len());
        let mut place = 0;
        while place < row.len() {
            let (index, own) = row[place];
            place += 1;
            let parent = if index & 1 == 1 {
                node(siblings.next().ok_or(MultiproofError::TooShort)?, &own)
            } else if row.get(place).is_some_and(|next| next.0 == index + 1) {
                place += 1;
                node(&own, &row[place - 1].1)
            } else {
                node(&own, siblings.next().ok_or(MultiproofError::TooShort)?)
            };
            above.push((index >> 1, parent));
        }
        row = above;
    }
    match siblings.len() {
        0 => row.first().map(|root| root.1).ok_or(MultiproofError::NoLeaves),
        surplus => Err(MultiproofError::Surplus { surplus }),
    }
}
