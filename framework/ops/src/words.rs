//! Elements of four bytes.

/// Fills `output`, which begins at byte `start` of a tensor of words, with the words that `word` gives by their place.
pub(crate) fn fill(output: &mut [u8], start: usize, mut word: impl FnMut(usize) -> i32) {
    for (result, place) in output.as_chunks_mut::<4>().0.iter_mut().zip(start / 4..) {
        *result = word(place).to_le_bytes();
    }
}

/// The word at `place`; 0 past the end.
#[inline]
pub(crate) fn word(bytes: &[u8], place: usize) -> i32 {
    i32::from_le_bytes(bytes.as_chunks::<4>().0.get(place).copied().unwrap_or([0; 4]))
}
