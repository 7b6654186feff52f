//! A language model's tokens on the terminal, as passes give them.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use opml_engine::StageError;
use opml_llama::Tokenizer;
use opml_llama::tokenizer::Decoder;
use opml_stages::PassWatch;

use crate::terminal::Tail;

/// Writes tokens to the terminal as passes give them, and after them how far the work is.
pub(crate) struct TokenStream {
    tokenizer: Arc<Tokenizer>,
    /// Tokens of the prompt.
    prompt: usize,
    /// Tokens that are written after it, unless one ends the text.
    tokens: usize,
    state: Mutex<Progress>,
}

struct Progress {
    decoder: Decoder<Arc<Tokenizer>>,
    /// Where the last token that was shown stands.
    shown: usize,
    ended: bool,
    /// When the prompt had been worked through.
    prompted: Option<Instant>,
    tail: Tail,
}

impl TokenStream {
    /// Begins a line of text; the prompt's tokens, so many, are not shown.
    pub(crate) fn begin(tokenizer: Arc<Tokenizer>, prompt: usize, tokens: usize) -> TokenStream {
        anstream::print!("  text     ");
        let mut tail = Tail::of_standard_output();
        tail.show(&format!("reading the prompt, {prompt} tokens"));
        TokenStream {
            state: Mutex::new(Progress {
                decoder: Decoder::new(Arc::clone(&tokenizer)).after_prompt(),
                shown: prompt.saturating_sub(1),
                ended: false,
                prompted: None,
                tail,
            }),
            tokenizer,
            prompt,
            tokens,
        }
    }

    /// Ends the line, with nothing after the text.
    pub(crate) fn end(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.tail.hide();
        }
        anstream::println!();
    }

    /// How far the work is when the text's last token stands at `last`.
    fn status(&self, last: usize, prompted: Option<Instant>) -> String {
        let written = (last + 1).saturating_sub(self.prompt);
        match prompted {
            None => format!(
                "reading the prompt, {} of {} tokens",
                (last + 1).min(self.prompt),
                self.prompt
            ),
            Some(since) if written > 1 => {
                let rate = (written - 1) as f64 / since.elapsed().as_secs_f64().max(1e-9);
                format!("{written} of {} tokens, {rate:.1} tokens/s", self.tokens)
            }
            Some(_) => format!("{written} of {} tokens", self.tokens),
        }
    }
}

/// The text with pictures for control characters: what a model writes may not steer a terminal.
fn harmless(text: &str) -> String {
    let picture = |character: char| match character {
        '\n' | '\t' => character,
        '\0'..' ' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    text.chars().map(picture).collect()
}

fn word(value: Option<&Option<Bytes>>, place: usize) -> Option<u32> {
    let bytes = value?.as_ref()?.get(4 * place..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

impl PassWatch for TokenStream {
    fn passed(&self, _done: u64, _passes: u64, carry: &[Option<Bytes>]) -> Result<(), StageError> {
        let (Ok(mut state), Some(last)) = (self.state.lock(), word(carry.get(1), 0)) else {
            return Ok(());
        };
        let last = last as usize;
        state.tail.hide();
        while state.shown < last && !state.ended {
            state.shown += 1;
            match word(carry.first(), state.shown) {
                Some(token) if !self.tokenizer.ends(token) => {
                    anstream::print!("{}", harmless(&state.decoder.push(token)))
                }
                _ => state.ended = true,
            }
        }
        // A terminal that takes no text is no reason to end the run.
        let _ = std::io::stdout().flush();
        if state.prompted.is_none() && last >= self.prompt {
            state.prompted = Some(Instant::now());
        }
        let status = self.status(last, state.prompted);
        state.tail.show(&status);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_text_steers_the_terminal() {
        assert_eq!(
            super::harmless("a\u{1b}[2J\r\n\tb\u{7f}\u{9b}é"),
            "a␛[2J␍\n\tb␡\u{fffd}é"
        );
    }
}
