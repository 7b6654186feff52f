//! Tokens are drawn as top-k and top-p say, by a number that the seed and the place give.

use std::collections::BTreeSet;

use opml_graph::{LoopNote, Model};
use opml_llama::StoredType;

use crate::generation::{converted, handed_on, locals, written};

/// 2^32 over the golden ratio, and MurmurHash3's finaliser.
fn drawn(seed: u32, place: u32) -> f64 {
    let mut word = place.wrapping_mul(0x9e37_79b9).wrapping_add(seed);
    word = (word ^ (word >> 16)).wrapping_mul(0x85eb_ca6b);
    word = (word ^ (word >> 13)).wrapping_mul(0xc2b2_ae35);
    word ^= word >> 16;
    f64::from(word >> 8) / f64::from(1 << 24)
}

/// The token that a number draws, unless rounding could draw its neighbour.
fn expected(logits: &[f32], temperature: f64, top_k: usize, top_p: f64, number: f64) -> Option<i32> {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
    order.truncate(top_k);
    let weight = |token: &usize| (f64::from(logits[*token] - logits[order[0]]) / temperature).exp();
    let whole: f64 = order.iter().map(weight).sum();
    let mut reached = 0.0;
    let mut kept = Vec::new();
    for token in &order {
        if (reached - top_p).abs() < 1e-5 {
            return None;
        }
        if reached < top_p {
            reached += weight(token) / whole;
            kept.push((*token, reached));
        }
    }
    let number = number * reached;
    let near = kept.iter().any(|(_, reached)| (reached - number).abs() < 1e-5);
    let (token, _) = kept.iter().find(|(_, reached)| *reached >= number)?;
    (!near).then_some(*token as i32)
}

fn named(model: &Model, name: &str) -> usize {
    let place = model.nodes.iter().position(|node| node.name == name);
    place.unwrap_or_else(|| panic!("there is no node {name}"))
}

fn number(bytes: &[u8]) -> i32 {
    i32::from_le_bytes(bytes.try_into().expect("four bytes"))
}

#[test]
fn tokens_are_drawn_from_the_nucleus() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), StoredType::F32);
    let options = |rest: &str| {
        format!(
            r#"{{"generate": {{"prompt": 4, "tokens": 8, "batch": 4, "sampling": {{"temperature": 4.0, {rest}}}}}}}"#
        )
    };
    for (rest, top_k, top_p) in [(r#""top_k": 12"#, 12, 2.0), (r#""top_k": 80, "top_p": 0.7"#, 80, 0.7)] {
        let set = converted(&path, &options(rest)).expect("a conversion");
        let note = LoopNote::from_text(&set.notes[LoopNote::NAME]).expect("a note");
        assert_eq!(note.request, ["tokens", "position", "seed"]);
        let write = &set.graphs[1];
        let (logits_at, token_at) = (named(write, "next.logits"), named(write, "next.token"));
        let (mut compared, mut seen) = (0, BTreeSet::new());
        for seed in (0..40u32).map(|seed| seed.wrapping_mul(0x1234_5679)) {
            let mut carry: Vec<Vec<u8>> = write.carry.iter().map(|port| vec![0; port.bytes() as usize]).collect();
            carry[0][..4].copy_from_slice(&5i32.to_le_bytes());
            carry[3] = seed.to_le_bytes().into();
            for place in 1..=2 {
                let all = locals(write, &carry);
                let logits: Vec<f32> = all[logits_at]
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| f32::from_le_bytes(*word))
                    .collect();
                let token = number(&all[token_at]);
                if let Some(expected) = expected(&logits, 4.0, top_k, top_p, drawn(seed, place)) {
                    assert_eq!(token, expected, "seed {seed}, place {place}, {rest}");
                    compared += 1;
                }
                seen.insert(token);
                carry = handed_on(write, &all);
                assert_eq!(number(&carry[3]), seed as i32, "the seed is handed on");
            }
        }
        assert!(compared > 70, "{compared} of 80 draws are far from a border");
        assert!(seen.len() > 5, "only {seen:?} were drawn");
    }
}
