//! Texts that language models go on with.

use std::sync::Arc;

use opml_graph::Port;
use opml_llama::Tokenizer;
use opml_llama::tokenizer::{Speaker, SpecialTokens};
use opml_pipeline::PromptSpec;

use crate::failure::Failure;
use crate::input::Numbers;
use crate::prepare::Converted;

/// What a model's tokens stand for; nothing of a model that is none of language.
pub(crate) fn tokenizer(converted: &Converted) -> Result<Option<Arc<Tokenizer>>, Failure> {
    let Some(note) = converted.notes.get(Tokenizer::NOTE) else {
        return Ok(None);
    };
    let tokenizer = Tokenizer::from_json(note)
        .map_err(|error| Failure::other(format!("the model file's note `tokenizer` is malformed: {error}")))?;
    Ok(Some(Arc::new(tokenizer)))
}

/// A prompt as the request's values: the tokens, and where the last one stands.
pub(crate) fn prompt_values(
    prompt: &PromptSpec,
    tokenizer: Option<&Tokenizer>,
    converted: &Converted,
    ports: &[Port],
) -> Result<Vec<Numbers>, Failure> {
    let tokenizer = tokenizer.ok_or_else(|| Failure::user("input.prompt: the model takes no text"))?;
    let counts: Vec<u32> = ports.iter().map(|port| port.shape.elements()).collect();
    let (positions, draws) = match counts[..] {
        [positions, 1] => (positions, false),
        [positions, 1, 1] => (positions, true),
        _ => {
            return Err(Failure::user(format!(
                "input.prompt: the model's request has values of {counts:?} elements, a text is its tokens, the place of the last one and perhaps a seed"
            )));
        }
    };
    if prompt.seed.is_some() && !draws {
        return Err(
            Failure::user("input.seed: the model takes the likeliest token and draws none")
                .help("leave it out, or say how tokens are drawn in `model.generate.sampling`"),
        );
    }
    let text = match (prompt.chat, tokenizer.chat()) {
        (false, _) => prompt.prompt.clone(),
        (true, Some(chat)) => chat.prompt(&[(Speaker::User, &prompt.prompt)]),
        (true, None) => {
            return Err(
                Failure::user("input.chat: the model says nothing of how a chat is written")
                    .help("leave out `chat` and write the prompt as the model expects it"),
            );
        }
    };
    let special = if prompt.chat {
        SpecialTokens::Read
    } else {
        SpecialTokens::AsText
    };
    let ids = tokenizer.encode(&text, tokenizer.add_bos(), special);
    let most = longest_prompt(converted).unwrap_or(positions as usize);
    if ids.is_empty() {
        return Err(Failure::user("input.prompt: the text has no tokens").help("write at least a word"));
    }
    if ids.len() > most {
        return Err(Failure::user(format!(
            "input.prompt: the text has {} tokens, the model was converted for prompts of at most {most}",
            ids.len()
        ))
        .help("raise `model.generate.prompt`, or shorten the text"));
    }
    let mut all: Vec<f64> = ids.iter().map(|id| f64::from(*id)).collect();
    all.resize(positions as usize, 0.0);
    let mut values = vec![Numbers::Real(all), Numbers::Real(vec![ids.len() as f64 - 1.0])];
    if draws {
        // The same 32 bits as a signed number.
        let seed = prompt.seed.unwrap_or(0) as i32;
        values.push(Numbers::Real(vec![seed.into()]));
    }
    Ok(values)
}

/// The longest prompt of a model that writes one token a pass of its last graph.
fn longest_prompt(converted: &Converted) -> Option<usize> {
    let note = opml_graph::LoopNote::from_text(converted.notes.get(opml_graph::LoopNote::NAME)?).ok()?;
    let positions = converted.model.carry.first()?.shape.elements() as usize;
    positions.checked_sub(*note.passes.last()? as usize)
}

/// The text of tokens, up to a token that ends it.
pub(crate) fn written(tokenizer: &Tokenizer, tokens: &[f64], prompt: usize) -> String {
    let ids = tokens.iter().map(|token| *token as u32);
    let ended = |(place, id): &(usize, u32)| *place < prompt || !tokenizer.ends(*id);
    let ids: Vec<u32> = ids.enumerate().take_while(ended).map(|(_, id)| id).collect();
    tokenizer.decode(&ids)
}
