use super::definition::VERSION;
use super::merges::Merges;
use super::{ChatTemplate, Definition, LeadingSpace, Order, Split, Style, TokenKind, Tokenizer, TokenizerError};
use crate::gguf::{GgufError, Metadata};

/// The tokenizer in a GGUF file's metadata.
pub(crate) fn tokenizer_from_gguf(metadata: &Metadata) -> Result<Tokenizer, TokenizerError> {
    let needed = |key: &str| GgufError::MissingKey { key: key.to_string() };
    let model = metadata.text("tokenizer.ggml.model")?;
    let model = model.ok_or_else(|| needed("tokenizer.ggml.model"))?;
    let tokens = metadata.texts("tokenizer.ggml.tokens")?;
    let tokens = tokens.ok_or_else(|| needed("tokenizer.ggml.tokens"))?;
    let (style, order) = match model {
        "gpt2" => {
            let merges = metadata.texts("tokenizer.ggml.merges")?;
            let merges = merges.ok_or_else(|| needed("tokenizer.ggml.merges"))?;
            let mut pairs = Merges::new(&tokens);
            merges.into_iter().try_for_each(|merge| pairs.push_text(merge))?;
            (Style::Bytes(split(metadata)?), Order::Merges(pairs.into_pairs()))
        }
        "llama" => {
            let scores = metadata.floats("tokenizer.ggml.scores")?;
            let scores = scores.ok_or_else(|| needed("tokenizer.ggml.scores"))?;
            let space = metadata.boolean("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);
            let leading = if space {
                LeadingSpace::Every
            } else {
                LeadingSpace::Never
            };
            (Style::Pieces(leading), Order::Scores(scores))
        }
        other => {
            return Err(TokenizerError::Unsupported {
                part: "model",
                name: other.to_string(),
            });
        }
    };
    let llama3 = style == Style::Bytes(Split::Llama3);
    let pieces = matches!(style, Style::Pieces(_));
    let mut eos = Vec::new();
    for key in ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"] {
        eos.extend(metadata.integer(key)?.filter(|token| !eos.contains(token)));
    }
    Tokenizer::new(Definition {
        version: VERSION,
        style,
        kinds: kinds(metadata, tokens.len())?,
        tokens: tokens.into_iter().map(String::from).collect(),
        order,
        whole_words: llama3,
        unknown: metadata.integer("tokenizer.ggml.unknown_token_id")?.filter(|_| pieces),
        bos: metadata.integer("tokenizer.ggml.bos_token_id")?,
        eos,
        add_bos: metadata
            .boolean("tokenizer.ggml.add_bos_token")?
            .unwrap_or(llama3 || pieces),
        chat: metadata
            .text("tokenizer.chat_template")?
            .and_then(ChatTemplate::from_jinja),
    })
}

fn split(metadata: &Metadata) -> Result<Split, TokenizerError> {
    let name = metadata.text("tokenizer.ggml.pre")?.unwrap_or("default");
    Split::from_gguf(name).ok_or_else(|| TokenizerError::Unsupported {
        part: "pre-tokenizer",
        name: name.to_string(),
    })
}

/// The tokens that are not ordinary; kinds are numbered 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
fn kinds(metadata: &Metadata, tokens: usize) -> Result<Vec<(u32, TokenKind)>, TokenizerError> {
    let Some(numbers) = metadata.integers("tokenizer.ggml.token_type")? else {
        return Ok(Vec::new());
    };
    if numbers.len() != tokens {
        return Err(TokenizerError::Lengths {
            tokens,
            what: "types",
            found: numbers.len(),
        });
    }
    let mut kinds = Vec::new();
    for (token, kind) in numbers.into_iter().enumerate() {
        let kind = match kind {
            0 | 1 => continue,
            2 => TokenKind::Unknown,
            3 => TokenKind::Control,
            4 => TokenKind::User,
            5 => TokenKind::Unused,
            6 => TokenKind::Byte,
            kind => return Err(TokenizerError::Kind { token, kind }),
        };
        kinds.push((token as u32, kind));
    }
    Ok(kinds)
}
