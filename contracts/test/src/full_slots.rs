use opml_commit::{CHUNK_BYTES, MEMORY_HEIGHT, Root, fold, keccak256};
use opml_engine::VmRules;
use opml_machine::Processor;

use crate::lockstep::ProvenStep;

/// A step in a memory whose sixteen slots hold no zero chunk at all, so that no sibling is elided: `state` at `pc` executes
/// `word` and touches memory at `data` or not at all. The other bytes of both chunks and all siblings have no zero byte.
///
/// # Panics
/// When the step is no step of the machine, or touches memory elsewhere.
pub fn full_slots<P: Processor>(rules: &dyn VmRules, state: &P, pc: u32, word: u32, data: Option<u32>) -> ProvenStep {
    let mut chunk = dense(1);
    chunk[(pc & 0x7c) as usize..][..4].copy_from_slice(&word.to_le_bytes());
    let (code, mut tail) = (pc >> 7, Vec::new());
    let mut siblings: Vec<Root> = (0..MEMORY_HEIGHT).map(|height| sibling(2, height)).collect();
    if let Some(address) = data.filter(|address| address >> 7 != code) {
        let index = address >> 7;
        let top = (u32::BITS - 1 - (index ^ code).leading_zeros()) as u8;
        let (data, path) = (dense(3), (0..top).map(|height| sibling(4, height)).collect::<Vec<_>>());
        siblings[usize::from(top)] = fold(keccak256(&data), u64::from(index), &path);
        tail.extend(part(&data, &path));
    }
    let root = fold(keccak256(&chunk), u64::from(code), &siblings);
    let witness = [state.pack(&root), part(&chunk, &siblings), tail].concat();
    let (before, after) = rules.replay(&witness).expect("a step");
    ProvenStep { before, after, witness }
}

/// A chunk and its path without elision.
fn part(chunk: &[u8], path: &[Root]) -> Vec<u8> {
    let siblings = path.iter().flat_map(|root| root.0);
    [chunk, &[0; 4]].concat().into_iter().chain(siblings).collect()
}

fn dense(seed: u8) -> Vec<u8> {
    (0..CHUNK_BYTES).map(|place| place as u8 ^ seed | 1).collect()
}

fn sibling(seed: u8, height: u8) -> Root {
    let mut root = keccak256(&[seed, height]);
    root.0.iter_mut().for_each(|byte| *byte |= u8::from(*byte == 0));
    root
}
