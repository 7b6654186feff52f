use super::merging::Merging;
use super::special::{Part, Specials};
use super::vocabulary::{SPACE, Vocabulary};
use super::{ChatTemplate, Decoder, Definition, LeadingSpace, Split, Style, TokenKind, TokenizerError};

/// Whether special tokens are read in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialTokens {
    /// Their names in a text are the tokens: for prompts that a template made.
    Read,
    /// Their names are text like any other: for what others wrote.
    AsText,
}

/// Turns texts into tokens and back.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    definition: Definition,
    vocabulary: Vocabulary,
    merging: Merging,
    users: Specials,
    all: Specials,
}

impl Tokenizer {
    /// The name of the note of a model file that holds a tokenizer.
    pub const NOTE: &'static str = "tokenizer";

    /// A tokenizer of its parts.
    pub fn new(definition: Definition) -> Result<Tokenizer, TokenizerError> {
        definition.check()?;
        let vocabulary = Vocabulary::new(&definition);
        Ok(Tokenizer {
            merging: Merging::new(&definition, &vocabulary),
            users: Specials::new(&vocabulary, &[TokenKind::User]),
            all: Specials::new(&vocabulary, &[TokenKind::User, TokenKind::Control]),
            vocabulary,
            definition,
        })
    }

    /// A tokenizer from the text that [`Tokenizer::to_json`] made.
    pub fn from_json(text: &str) -> Result<Tokenizer, TokenizerError> {
        let definition = serde_json::from_str(text).map_err(|error| TokenizerError::Json {
            reason: error.to_string(),
        })?;
        Tokenizer::new(definition)
    }

    /// Its definition as a text, the same for the same tokenizer.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.definition).unwrap_or_default()
    }

    /// What it is made of.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// How many tokens there are.
    pub fn tokens(&self) -> usize {
        self.definition.tokens.len()
    }

    /// Whether a text usually begins with the token that begins texts.
    pub fn add_bos(&self) -> bool {
        self.definition.add_bos
    }

    /// Whether a token ends a text.
    pub fn ends(&self, token: u32) -> bool {
        self.definition.eos.contains(&token)
    }

    /// How turns of a talk are written, if that is known.
    pub fn chat(&self) -> Option<&ChatTemplate> {
        self.definition.chat.as_ref()
    }

    /// The tokens of a text, after the one that begins texts if `add_bos` asks for it and there is one.
    pub fn encode(&self, text: &str, add_bos: bool, special: SpecialTokens) -> Vec<u32> {
        let mut tokens: Vec<u32> = self.definition.bos.filter(|_| add_bos).into_iter().collect();
        let specials = match special {
            SpecialTokens::Read => &self.all,
            SpecialTokens::AsText => &self.users,
        };
        for (index, part) in specials.parts(text).into_iter().enumerate() {
            match (part, self.definition.style) {
                (Part::Token(token), _) => tokens.push(token),
                (Part::Text(text), Style::Bytes(split)) => self.encode_words(text, split, &mut tokens),
                (Part::Text(text), Style::Pieces(leading)) => {
                    let space = match leading {
                        LeadingSpace::Never => false,
                        LeadingSpace::First => index == 0,
                        LeadingSpace::Every => true,
                    };
                    self.encode_pieces(text, space, &mut tokens);
                }
            }
        }
        tokens
    }

    /// Turns tokens back into text as they come.
    pub fn decoder(&self) -> Decoder<&Tokenizer> {
        Decoder::new(self)
    }

    /// The text of tokens; what is not UTF-8 in it is shown as U+FFFD, control tokens are left out.
    pub fn decode(&self, tokens: &[u32]) -> String {
        let mut decoder = self.decoder();
        let mut text: String = tokens.iter().map(|token| decoder.push(*token)).collect();
        text.push_str(&decoder.finish());
        text
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn encode_words(&self, text: &str, split: Split, tokens: &mut Vec<u32>) {
        for word in split.words(text) {
            let word = word.as_bytes();
            let whole = self.vocabulary.token(word).filter(|_| self.definition.whole_words);
            if let Some(token) = whole {
                tokens.push(token);
                continue;
            }
            self.merging.merge(word, 1..=word.len(), &self.vocabulary, |_, token| {
                tokens.extend(token.or(self.definition.unknown));
            });
        }
    }

    fn encode_pieces(&self, text: &str, leading_space: bool, tokens: &mut Vec<u32>) {
        let text = text.replace(' ', SPACE);
        let text = if leading_space { format!("{SPACE}{text}") } else { text };
        let ends = text
            .char_indices()
            .map(|(start, character)| start + character.len_utf8());
        self.merging
            .merge(text.as_bytes(), ends, &self.vocabulary, |symbol, token| match token {
                Some(token) => tokens.push(token),
                None => {
                    let bytes: Option<Vec<u32>> = symbol.iter().map(|byte| self.vocabulary.byte(*byte)).collect();
                    match bytes {
                        Some(bytes) => tokens.extend(bytes),
                        None => tokens.extend(self.definition.unknown),
                    }
                }
            });
    }
}
