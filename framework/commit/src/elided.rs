use thiserror::Error;

use crate::{Root, chunk_zero};

/// Why the bytes of an elided path were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ElidedPathError {
    /// The bytes end inside the mask or a sibling.
    #[error("the elided path ends too early")]
    TooShort,
    /// The mask names a height outside the path's range.
    #[error("the elision mask {mask:#010x} names a height outside the path")]
    Mask {
        /// The mask.
        mask: u32,
    },
}

/// A path in a byte tree whose zero siblings are not sent (`specs/tree.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElidedPath;

impl ElidedPath {
    /// Encodes the siblings of heights `from …`, bottom-up: mask, then those that are not all-zero subtrees.
    pub fn encode(siblings: &[Root], from: u8) -> Vec<u8> {
        let mut mask = 0u32;
        let mut sent = Vec::new();
        for (height, sibling) in (from..).zip(siblings) {
            if *sibling == chunk_zero(height) {
                mask |= 1 << height;
            } else {
                sent.extend_from_slice(&sibling.0);
            }
        }
        let mut bytes = mask.to_be_bytes().to_vec();
        bytes.extend_from_slice(&sent);
        bytes
    }

    /// Reads the path of heights `from … to − 1` off the front of `bytes`; gives the siblings and the bytes after it.
    pub fn decode(bytes: &[u8], from: u8, to: u8) -> Result<(Vec<Root>, &[u8]), ElidedPathError> {
        let (mask, mut rest) = bytes.split_first_chunk::<4>().ok_or(ElidedPathError::TooShort)?;
        let mask = u32::from_be_bytes(*mask);
        let allowed = (from..to).fold(0u32, |bits, height| bits | 1 << height);
        if mask & !allowed != 0 {
            return Err(ElidedPathError::Mask { mask });
        }
        let mut siblings = Vec::with_capacity(usize::from(to.saturating_sub(from)));
        for height in from..to {
            if mask >> height & 1 == 1 {
                siblings.push(chunk_zero(height));
            } else {
                let (sibling, after) = rest.split_first_chunk::<32>().ok_or(ElidedPathError::TooShort)?;
                siblings.push(Root(*sibling));
                rest = after;
            }
        }
        Ok((siblings, rest))
    }
}
