use crate::{Keccak256, Root};

/// The 32-byte word of a domain tag: its ASCII text, then zeros.
///
/// # Panics
/// When the text is longer than 32 bytes; tags are literals.
pub const fn domain_tag(text: &str) -> Root {
    let text = text.as_bytes();
    assert!(text.len() <= 32, "a domain tag has at most 32 bytes");
    let mut word = [0; 32];
    let mut at = 0;
    while at < text.len() {
        word[at] = text[at];
        at += 1;
    }
    Root(word)
}

/// Keccak-256 of roots in order.
pub fn hash_words<'a>(words: impl IntoIterator<Item = &'a Root>) -> Root {
    words
        .into_iter()
        .fold(Keccak256::default(), |hash, word| hash.chain(word.0))
        .finish()
}
