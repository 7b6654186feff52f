//! GPT-2's alphabet: a printable character for each byte. Bytes that are printable in Latin-1 stand for themselves; the
//! others, in order, are the characters from U+0100 on.

/// Whether a byte stands for itself.
fn printable(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff)
}

/// The byte that a character stands for.
fn byte_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    if let Ok(byte) = u8::try_from(code) {
        return Some(byte).filter(|byte| printable(*byte));
    }
    let place = usize::try_from(code - 0x100).ok()?;
    (0..=u8::MAX).filter(|byte| !printable(*byte)).nth(place)
}

/// The bytes that a text in the alphabet stands for; `None` if a character is not of the alphabet.
pub(crate) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    text.chars().map(byte_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_one_character() {
        let characters: Vec<char> = (0..=0x143).filter_map(char::from_u32).collect();
        let mut bytes: Vec<u8> = characters.into_iter().filter_map(byte_of).collect();
        assert_eq!(bytes.len(), 256);
        bytes.sort_unstable();
        bytes.dedup();
        assert_eq!(bytes.len(), 256);
    }

    #[test]
    fn characters_beyond_the_alphabet_are_none() {
        assert_eq!(bytes_of("ĠtheĊ").as_deref(), Some(b" the\n".as_slice()));
        assert_eq!(bytes_of("\u{144}"), None);
        assert_eq!(bytes_of(" "), None);
    }
}
