//! What `tokenizer.json` says apart from its tokens, recognised as one of the forms that are computed.

use serde_json::Value;

use super::{LeadingSpace, Split, Style, TokenizerError};

/// The expression of LLaMA 3's tokenizers.
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

fn unsupported(part: &'static str, found: &Value) -> TokenizerError {
    let kind = found.get("type").and_then(Value::as_str);
    TokenizerError::Unsupported {
        part,
        name: kind.map_or_else(|| found.to_string().chars().take(60).collect(), String::from),
    }
}

/// The members of a sequence; of anything else but `null` itself.
fn members<'a>(value: &'a Value, list: &str) -> Vec<&'a Value> {
    match (
        value.get("type").and_then(Value::as_str),
        value.get(list).and_then(Value::as_array),
    ) {
        (Some("Sequence"), Some(members)) => members.iter().collect(),
        _ if value.is_null() => Vec::new(),
        _ => vec![value],
    }
}

fn is(value: &Value, kind: &str) -> bool {
    value.get("type").and_then(Value::as_str) == Some(kind)
}

fn flag(value: &Value, key: &str, usual: bool) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(usual)
}

/// The style of a tokenizer by its normalizer and pre-tokenizer.
pub(super) fn style(normalizer: &Value, pre_tokenizer: &Value) -> Result<Style, TokenizerError> {
    let cuts = members(pre_tokenizer, "pretokenizers");
    if cuts.iter().any(|cut| is(cut, "ByteLevel")) {
        if !normalizer.is_null() {
            return Err(unsupported("normalizer", normalizer));
        }
        return split(&cuts, pre_tokenizer).map(Style::Bytes);
    }
    let mut leading = LeadingSpace::Never;
    for step in members(normalizer, "normalizers") {
        if is(step, "Prepend") && step.get("prepend").and_then(Value::as_str) == Some("▁") {
            leading = LeadingSpace::Every;
        } else if !(is(step, "Replace") && step.get("content").and_then(Value::as_str) == Some("▁")) {
            return Err(unsupported("normalizer", step));
        }
    }
    for cut in cuts {
        // A scheme that splits makes no merge across spaces, which pieces with several spaces would show.
        if !is(cut, "Metaspace") || flag(cut, "split", true) {
            return Err(unsupported("pre-tokenizer", cut));
        }
        leading = match cut.get("prepend_scheme").and_then(Value::as_str) {
            Some("first") => LeadingSpace::First,
            Some("always") => LeadingSpace::Every,
            None if flag(cut, "add_prefix_space", false) => LeadingSpace::Every,
            _ => LeadingSpace::Never,
        };
    }
    Ok(Style::Pieces(leading))
}

fn split(cuts: &[&Value], whole: &Value) -> Result<Split, TokenizerError> {
    let bytes = |cut: &Value, expression: bool| {
        is(cut, "ByteLevel") && !flag(cut, "add_prefix_space", true) && flag(cut, "use_regex", true) == expression
    };
    match cuts {
        [only] if bytes(only, true) => Ok(Split::Gpt2),
        [digits, rest] if is(digits, "Digits") && flag(digits, "individual_digits", false) && bytes(rest, true) => {
            Ok(Split::SmolLm)
        }
        [expression, rest] if is(expression, "Split") && bytes(rest, false) => {
            let pattern = expression
                .get("pattern")
                .and_then(|pattern| pattern.get("Regex")?.as_str());
            let isolated = expression.get("behavior").and_then(Value::as_str) == Some("Isolated");
            match pattern == Some(LLAMA3) && isolated && !flag(expression, "invert", false) {
                true => Ok(Split::Llama3),
                false => Err(unsupported("pre-tokenizer", expression)),
            }
        }
        _ => Err(unsupported("pre-tokenizer", whole)),
    }
}

/// The name of the special token that the post-processor puts before a text, if it puts one there.
pub(super) fn first_token(post_processor: &Value) -> Option<&str> {
    let steps = members(post_processor, "processors");
    let template = steps.into_iter().find(|step| is(step, "TemplateProcessing"))?;
    template.get("single")?.get(0)?.get("SpecialToken")?.get("id")?.as_str()
}
