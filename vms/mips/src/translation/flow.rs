use std::collections::{BTreeSet, HashMap};

use super::facts::Facts;
use super::region::{Block, End, Place, Region};

/// What is known at the beginning of each of a region's blocks, whichever way led there.
pub(super) fn facts_at_beginnings(region: &Region) -> Vec<Facts> {
    let indices: HashMap<Place, usize> = (0..)
        .zip(&region.blocks)
        .map(|(index, block)| (block.place, index))
        .collect();
    let mut known: Vec<Option<Facts>> = vec![None; region.blocks.len()];
    known.iter_mut().take(1).for_each(|first| *first = Some(Facts::none()));
    let mut waiting = BTreeSet::from([0]);
    while let Some(index) = waiting.pop_first() {
        let (Some(block), Some(Some(facts))) = (region.blocks.get(index), known.get(index)) else {
            continue;
        };
        for (place, facts) in after(block, *facts) {
            let Some(next) = place.and_then(|place| indices.get(&place)) else {
                continue;
            };
            let is_loop = region.paths.to_check(*next).is_some();
            let met = known[*next].map_or(facts, |known| known.meet(&facts, is_loop));
            if known[*next] != Some(met) {
                known[*next] = Some(met);
                waiting.insert(*next);
            }
        }
    }
    known
        .into_iter()
        .map(|facts| facts.unwrap_or_else(Facts::none))
        .collect()
}

/// The places that may follow a block, each with what is known there.
fn after(block: &Block, mut facts: Facts) -> [(Option<Place>, Facts); 2] {
    block
        .instructions
        .iter()
        .for_each(|instruction| facts.pass(instruction));
    let mut skipped = facts;
    if let End::Transfer(transfer, slot) = &block.end {
        facts.link(transfer, block.end_pc().wrapping_add(8));
        skipped = facts;
        facts.pass(slot);
        if !transfer.operation.is_likely() {
            skipped.pass(slot);
        }
    }
    [(block.taken(), facts), (block.not_taken(), skipped)]
}
