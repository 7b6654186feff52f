use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::definition::{MOST_TOKENS, VERSION};
use super::folder_parts::{first_token, style};
use super::merges::Merges;
use super::vocabulary::byte_token;
use super::{ChatTemplate, Definition, Order, Style, TokenKind, Tokenizer, TokenizerError};
use crate::architecture::ArchitectureError;
use crate::safetensors::{Config, SafetensorsError, SafetensorsFolder};

const TOKENIZER: &str = "tokenizer.json";
const SETTINGS: &str = "tokenizer_config.json";
/// How many numbers below the greatest may have no token.
const MOST_UNNAMED: usize = 1 << 16;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    special: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    single_word: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: Option<String>,
    vocab: BTreeMap<String, u32>,
    merges: Vec<Merge>,
    unk_token: Option<String>,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Text(String),
    Pair(String, String),
}

/// The tokenizer of a folder: `tokenizer.json`, and what `tokenizer_config.json` and `config.json` say of the tokens that
/// begin and end texts.
pub(crate) fn tokenizer_from_folder(folder: &SafetensorsFolder) -> Result<Tokenizer, TokenizerError> {
    let file: File = folder.json(TOKENIZER)?.ok_or_else(|| SafetensorsError::MissingFile {
        file: TOKENIZER.to_string(),
    })?;
    let settings: Map<String, Value> = folder.json(SETTINGS)?.unwrap_or_default();
    definition(file, &Config::new(SETTINGS, settings), folder.config()).and_then(Tokenizer::new)
}

fn definition(file: File, settings: &Config, config: &Config) -> Result<Definition, TokenizerError> {
    let unsupported = |part, name: &str| TokenizerError::Unsupported {
        part,
        name: name.to_string(),
    };
    if let Some(kind) = file.model.kind.as_deref().filter(|kind| *kind != "BPE") {
        return Err(unsupported("model", kind));
    }
    let strips = |added: &&Added| added.lstrip || added.rstrip || added.single_word;
    if let Some(added) = file.added_tokens.iter().find(strips) {
        return Err(unsupported("token that looks at its neighbours", &added.content));
    }
    let style = style(&file.normalizer, &file.pre_tokenizer)?;
    let tokens = tokens(&file)?;
    let token = |text: &str| tokens.iter().position(|token| token == text).map(|token| token as u32);
    let mut merges = Merges::new(&tokens);
    for merge in &file.model.merges {
        match merge {
            Merge::Text(text) => merges.push_text(text)?,
            Merge::Pair(left, right) => merges.push_pair(left, right)?,
        }
    }
    let merges = merges.into_pairs();
    let named = |key| -> Result<Option<u32>, TokenizerError> {
        let value = settings.get(key);
        let text = value.and_then(|value| value.as_str().or_else(|| value.get("content")?.as_str()));
        Ok(text.and_then(token))
    };
    let first = first_token(&file.post_processor).and_then(token);
    let bos = first
        .or(named("bos_token")?)
        .or(config.tokens("bos_token_id").map_err(boxed)?.first().copied());
    let mut eos = config.tokens("eos_token_id").map_err(boxed)?;
    eos.extend(named("eos_token")?.filter(|token| !eos.contains(token)));
    let chat = settings.get("chat_template").and_then(Value::as_str);
    Ok(Definition {
        version: VERSION,
        style,
        kinds: kinds(&file, &tokens, style),
        order: Order::Merges(merges),
        whole_words: file.model.ignore_merges,
        unknown: file.model.unk_token.as_deref().and_then(token),
        bos,
        eos,
        add_bos: settings
            .boolean("add_bos_token")
            .map_err(boxed)?
            .unwrap_or(first.is_some()),
        chat: chat.and_then(ChatTemplate::from_jinja),
        tokens,
    })
}

fn boxed(error: ArchitectureError) -> TokenizerError {
    Box::new(error).into()
}

/// The tokens by number; a number that no token has is an empty text. An added token stands over one of the vocabulary.
fn tokens(file: &File) -> Result<Vec<String>, TokenizerError> {
    let vocabulary = &file.model.vocab;
    let numbers = vocabulary
        .values()
        .copied()
        .chain(file.added_tokens.iter().map(|added| added.id));
    let count = numbers.max().map_or(0, |last| last as usize + 1);
    let named = vocabulary.len() + file.added_tokens.len();
    if count > MOST_TOKENS {
        return Err(TokenizerError::Tokens {
            count,
            most: MOST_TOKENS,
        });
    }
    if count > named + MOST_UNNAMED {
        return Err(TokenizerError::Unnamed { count, named });
    }
    let mut tokens: Vec<Option<&String>> = vec![None; count];
    for (text, token) in vocabulary {
        if tokens[*token as usize].replace(text).is_some() {
            return Err(TokenizerError::Twice { token: *token });
        }
    }
    for added in &file.added_tokens {
        tokens[added.id as usize] = Some(&added.content);
    }
    Ok(tokens
        .into_iter()
        .map(|text| text.cloned().unwrap_or_default())
        .collect())
}

/// The tokens that are not ordinary. The unknown token is one of the special ones.
fn kinds(file: &File, tokens: &[String], style: Style) -> Vec<(u32, TokenKind)> {
    let mut kinds: HashMap<u32, TokenKind> = HashMap::new();
    for (token, text) in tokens.iter().enumerate() {
        let byte = file.model.byte_fallback && matches!(style, Style::Pieces(_)) && byte_token(text).is_some();
        if text.is_empty() || byte {
            let kind = if byte { TokenKind::Byte } else { TokenKind::Unused };
            kinds.insert(token as u32, kind);
        }
    }
    for added in &file.added_tokens {
        let kind = if added.special {
            TokenKind::Control
        } else {
            TokenKind::User
        };
        kinds.insert(added.id, kind);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_unstable_by_key(|(token, _)| *token);
    kinds
}
