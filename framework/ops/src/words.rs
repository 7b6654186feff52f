//! Results of four bytes in a range that may begin and end inside one.

const WORD: usize = 4;

/// Fills `output`, which begins at byte `start` of a tensor of words, with the words that `word` gives by their place.
pub(crate) fn fill(output: &mut [u8], start: usize, mut word: impl FnMut(usize) -> i32) {
    let mut place = start / WORD;
    let mut skip = start % WORD;
    let mut rest = output;
    while !rest.is_empty() {
        let bytes = word(place).to_le_bytes();
        let bytes = bytes.get(skip..).unwrap_or(&[]);
        let (part, after) = rest.split_at_mut(rest.len().min(bytes.len()));
        part.copy_from_slice(bytes.get(..part.len()).unwrap_or(&[]));
        rest = after;
        place += 1;
        skip = 0;
    }
}

/// The word at `place`; 0 past the end.
#[inline]
pub(crate) fn word(bytes: &[u8], place: usize) -> i32 {
    let bytes = bytes.get(WORD * place..).and_then(|rest| rest.first_chunk::<WORD>());
    i32::from_le_bytes(*bytes.unwrap_or(&[0; WORD]))
}
