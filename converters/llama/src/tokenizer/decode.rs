use std::ops::Deref;

use super::vocabulary::SPACE;
use super::{LeadingSpace, Style, TokenKind, Tokenizer};

/// Turns tokens into text one by one. A character whose bytes come in several tokens is given with the last of them.
#[derive(Clone, Debug)]
pub struct Decoder<T> {
    tokenizer: T,
    /// The beginning of a character.
    pending: Vec<u8>,
    /// Whether the space that encoding put before the text is still to be left out.
    leading: bool,
}

impl<T: Deref<Target = Tokenizer>> Decoder<T> {
    /// A decoder of a text from its beginning; it holds what it is given of the tokenizer, a reference or a shared one.
    pub fn new(tokenizer: T) -> Decoder<T> {
        let leading = match tokenizer.definition().style {
            Style::Bytes(_) | Style::Pieces(LeadingSpace::Never) => false,
            Style::Pieces(LeadingSpace::First | LeadingSpace::Every) => true,
        };
        Decoder {
            tokenizer,
            pending: Vec::new(),
            leading,
        }
    }

    /// A decoder that goes on after a prompt: it leaves no leading space out.
    pub fn after_prompt(mut self) -> Decoder<T> {
        self.leading = false;
        self
    }

    /// The bytes of the next token, which are any bytes; none for control tokens and for numbers that are no token.
    pub fn push_bytes(&mut self, token: u32) -> Vec<u8> {
        let vocabulary = self.tokenizer.vocabulary();
        let kind = vocabulary.kind(token);
        let Some(symbol) = vocabulary.symbol(token) else {
            return Vec::new();
        };
        if matches!(kind, Some(TokenKind::Control | TokenKind::Unused)) {
            return Vec::new();
        }
        let pieces = matches!(self.tokenizer.definition().style, Style::Pieces(_));
        let mut bytes = match str::from_utf8(symbol) {
            Ok(text) if pieces && kind != Some(TokenKind::Byte) => text.replace(SPACE, " ").into_bytes(),
            _ => symbol.to_vec(),
        };
        if self.leading && bytes.first() == Some(&b' ') {
            bytes.remove(0);
        }
        self.leading = false;
        bytes
    }

    /// The text that the next token completes. Bytes that can no longer become a character are shown as U+FFFD.
    pub fn push(&mut self, token: u32) -> String {
        let bytes = self.push_bytes(token);
        self.pending.extend(bytes);
        let mut text = String::new();
        loop {
            match str::from_utf8(&self.pending) {
                Ok(whole) => {
                    text.push_str(whole);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let valid = error.valid_up_to();
                    text.push_str(str::from_utf8(&self.pending[..valid]).unwrap_or_default());
                    match error.error_len() {
                        Some(wrong) => {
                            text.push(char::REPLACEMENT_CHARACTER);
                            self.pending.drain(..valid + wrong);
                        }
                        None => {
                            self.pending.drain(..valid);
                            return text;
                        }
                    }
                }
            }
        }
    }

    /// What is left when no token follows: U+FFFD for a character that was not completed.
    pub fn finish(self) -> String {
        match self.pending.is_empty() {
            true => String::new(),
            false => char::REPLACEMENT_CHARACTER.to_string(),
        }
    }
}
