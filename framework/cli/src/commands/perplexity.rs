use bytes::Bytes;
use opml_graph::{Host, Model};
use opml_llama::tokenizer::SpecialTokens;
use opml_ops::Source;
use opml_pipeline::{GenerateSpec, load_spec, plan};

use crate::arguments::PerplexityArguments;
use crate::failure::Failure;
use crate::node_by_node::{output_of, walk};
use crate::prepare::{convert_model, load_plugins, machinery};
use crate::terminal::{TerminalHost, count};
use crate::text;

/// Prompt tokens a pass of the graph that is not looked at; positions are a multiple of it.
const BATCH: u32 = 16;

/// Prints how well the spec's model foretells a text.
pub(crate) fn perplexity(arguments: &PerplexityArguments) -> Result<(), Failure> {
    let mut spec = load_spec(&arguments.spec).map_err(Failure::user)?;
    let plan = plan(&spec).map_err(|error| Failure::user(format!("{}: {error}", arguments.spec.display())))?;
    let written = std::fs::read_to_string(&arguments.text)
        .map_err(|error| Failure::unreadable("text", &arguments.text, error))?;
    spec.model.generate = Some(GenerateSpec {
        prompt: arguments.context.next_multiple_of(BATCH),
        tokens: 1,
        batch: Some(BATCH),
        sampling: None,
    });
    let host = TerminalHost::new(arguments.quiet, plan.threads);
    let plugins = load_plugins(&spec.plugins, &host)?;
    let folder = tempfile::tempdir().map_err(Failure::other)?;
    let converted = convert_model(&spec, &plugins, &folder.path().join("model.opml"), &host)?;
    let machinery = machinery(&plan, &plugins, &host)?;
    let no_text = || {
        Failure::user(format!(
            "{}: the model is none of language",
            spec.model.source.display()
        ))
    };
    let tokenizer = text::tokenizer(&converted)?.ok_or_else(no_text)?;
    let mut tokens = tokenizer.encode(&written, tokenizer.add_bos(), SpecialTokens::AsText);
    let all = tokens.len();
    tokens.truncate(arguments.context as usize);
    if tokens.len() < 2 {
        return Err(Failure::user(format!(
            "{}: the text has {all} tokens; of the first nothing is foretold",
            arguments.text.display()
        ))
        .help("give a longer text"));
    }
    let graph = converted.graphs.last().ok_or_else(no_text)?;
    let logits = logits_of(graph).ok_or_else(no_text)?;
    let first = (graph.output_index as usize) << graph.output_height;
    let mut carry: Vec<Bytes> = graph
        .carry
        .iter()
        .map(|port| vec![0; port.bytes() as usize].into())
        .collect();
    let mut read: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
    read.resize(carry.first().map_or(0, Bytes::len), 0);
    let read = Bytes::from(read);
    let mut sum = 0.0;
    for (place, next) in tokens.iter().skip(1).enumerate() {
        if host.cancelled() {
            return Err(Failure::cancelled());
        }
        host.progress("reading", place as u64, tokens.len() as u64 - 1);
        for (value, bytes) in carry
            .iter_mut()
            .zip([read.clone(), Bytes::from((place as u32).to_le_bytes().to_vec())])
        {
            *value = bytes;
        }
        let locals = walk(graph, &carry, &[], |_, node, inputs| {
            output_of(&machinery, node, inputs)
        })?;
        sum += surprise(&locals[logits], *next as usize).ok_or_else(no_text)?;
        carry = locals[first..first + carry.len()].to_vec();
    }
    host.clear();
    let foretold = tokens.len() - 1;
    anstream::println!(
        "perplexity {:.4} over {} tokens{}",
        (sum / foretold as f64).exp(),
        count(foretold as u64),
        match all - tokens.len() {
            0 => String::new(),
            more => format!("; {} more lie beyond the context", count(more as u64)),
        }
    );
    Ok(())
}

/// The node from whose output the likeliest token is taken.
fn logits_of(graph: &Model) -> Option<usize> {
    let node = graph.nodes.iter().find(|node| node.name == "next.greatest")?;
    let value = node.record.input(0)?;
    (value.source == Some(Source::Local)).then_some(value.index as usize)
}

/// −ln of a token's chance.
fn surprise(logits: &[u8], token: usize) -> Option<f64> {
    let logits: Vec<f64> = logits
        .as_chunks()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word).into())
        .collect();
    let greatest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|logit| (logit - greatest).exp()).sum();
    Some(sum.ln() + greatest - logits.get(token)?)
}

#[cfg(test)]
mod tests {
    use super::surprise;

    #[test]
    fn a_chance_is_a_logit_s_share() {
        let logits: Vec<u8> = [1.0f32, 3.0, 2.0]
            .iter()
            .flat_map(|logit| logit.to_le_bytes())
            .collect();
        let sum = 1f64.exp() + 3f64.exp() + 2f64.exp();
        for (token, logit) in [1f64, 3.0, 2.0].into_iter().enumerate() {
            let expected = -(logit.exp() / sum).ln();
            assert!(surprise(&logits, token).is_some_and(|found| (found - expected).abs() < 1e-12));
        }
        assert_eq!(surprise(&logits, 3), None);
    }
}
