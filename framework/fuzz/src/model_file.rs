//! Model files: small whole ones to begin with, and changes that keep their layout.

use opml_graph::write_model;
use opml_text::TextConverter;

use crate::sealed::sealed;

const TEXTS: [&str; 3] = [
    include_str!("../../../examples/counter/counter.graph.json"),
    include_str!("../../../examples/life/life.graph.json"),
    include_str!("../../../examples/tiles/tiles.graph.json"),
];

/// A whole file, made of one of the graphs that the examples write by hand.
///
/// # Panics
/// When an example is no graph.
pub fn sample(number: u32) -> Vec<u8> {
    let text = TEXTS[number as usize % TEXTS.len()];
    let model = TextConverter.model(text).expect("an example's graph");
    write_model(&model).expect("an example's model")
}

/// The file with a few of its words changed, its digest put right; `None` when it is too short to be one.
pub fn mutate_model_file(file: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut file = file.to_vec();
    let mut state = u64::from(seed) << 1 | 1;
    let mut next = |end: usize| {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) as usize % end.max(1)
    };
    if file.len() < 256 {
        return None;
    }
    for _ in 0..1 + next(3) {
        // The counts, a record or the directory and names after it, or anything.
        let ends = [128, file.len().min(128 + 1072), file.len().min(4096), file.len()];
        let end = ends[next(ends.len())];
        let place = next(end) / 4 * 4;
        let words = [0, 1, 2, 3, 4, 7, 28, 127, 128, 4096, 1 << 28, u32::MAX - 1, u32::MAX];
        let old = file
            .get(place..)?
            .first_chunk()
            .map_or(0, |word| u32::from_le_bytes(*word));
        let word = match next(4) {
            0 => old.wrapping_add(1),
            1 => old.wrapping_sub(1),
            2 => old ^ (1 << next(32)),
            _ => words[next(words.len())],
        };
        let target = file[place..].iter_mut();
        target.zip(word.to_le_bytes()).for_each(|(target, byte)| *target = byte);
    }
    match next(12) {
        0 => file.truncate(file.len() - 4096.min(file.len() / 2)),
        1 => file.extend_from_slice(&[0; 4096]),
        _ => {}
    }
    Some(sealed(&file))
}
