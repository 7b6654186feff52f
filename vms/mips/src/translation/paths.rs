use std::collections::HashMap;

use super::region::{Block, Place};

/// Where a region's loops begin, and how long the ways between such places are.
///
/// The first block counts as one of them. Every cycle passes one, so that steps need to be checked there only.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    /// By block: whether it is the first, or what a way back leads to.
    is_beginning: Vec<bool>,
    /// By block: the most steps from it until a beginning, or out of the region.
    longest: Vec<i64>,
}

/// Where a depth-first search is with a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    /// The block is on the way to where the search is.
    Open,
    Done,
}

impl Paths {
    pub(super) fn of(blocks: &[Block]) -> Paths {
        let indices: HashMap<Place, usize> = (0..).zip(blocks).map(|(index, block)| (block.place, index)).collect();
        let next: Vec<[Option<usize>; 2]> = blocks
            .iter()
            .map(|block| [block.not_taken(), block.taken()].map(|place| indices.get(&place?).copied()))
            .collect();
        let mut is_beginning = vec![false; blocks.len()];
        is_beginning.iter_mut().take(1).for_each(|first| *first = true);
        let mut visits = vec![Visit::Not; blocks.len()];
        // The blocks, each after all that follow it and are no beginnings.
        let mut order = Vec::with_capacity(blocks.len());
        // A block on the way, and which of its followers come next.
        let mut way: Vec<(usize, usize)> = (0..blocks.len().min(1)).map(|first| (first, 0)).collect();
        while let Some((block, follower)) = way.last_mut() {
            visits[*block] = Visit::Open;
            let Some(next) = next[*block].get(*follower) else {
                visits[*block] = Visit::Done;
                order.push(*block);
                way.pop();
                continue;
            };
            *follower += 1;
            match next.map(|next| (next, visits[next])) {
                Some((next, Visit::Not)) => way.push((next, 0)),
                Some((next, Visit::Open)) => is_beginning[next] = true,
                Some((_, Visit::Done)) | None => {}
            }
        }
        let mut longest = vec![0; blocks.len()];
        for block in order {
            let further = next[block].iter().flatten().filter(|next| !is_beginning[**next]);
            longest[block] = blocks[block].cost() + further.map(|next| longest[*next]).max().unwrap_or(0);
        }
        Paths { is_beginning, longest }
    }

    /// The steps that must be left when the block `index` begins, when it is a place to check that.
    pub(super) fn to_check(&self, index: usize) -> Option<i64> {
        self.is_beginning[index].then(|| self.longest[index])
    }
}
