//! Plain weights in blocks, by the rules that `Scheme` states.

use opml_llama::gguf::GgufFile;
use opml_llama::{Blocks, LayerRole, LlamaSource, Role, Scheme, StoredType};

use crate::block_layouts::weight;
use crate::decoders::assert_same;
use crate::tiny_model::tiny_model;

fn source(change: impl FnOnce(&mut [u8])) -> LlamaSource {
    let mut file = tiny_model(StoredType::F32);
    change(&mut file.tensor_mut("blk.0.attn_k.weight").bytes);
    LlamaSource::from_gguf(GgufFile::from_bytes(file.bytes()).expect("a file")).expect("a model")
}

fn blocks(source: &LlamaSource, scheme: Scheme) -> Blocks<'_> {
    let tensor = source
        .tensor(Role::Layer(0, LayerRole::Key))
        .expect("a tensor")
        .expect("keys");
    Blocks::new(tensor, Some(scheme)).expect("blocks").expect("a scheme")
}

fn set(bytes: &mut [u8], weights: &[f32]) {
    for (place, weight) in bytes.chunks_exact_mut(4).zip(weights) {
        place.copy_from_slice(&weight.to_le_bytes());
    }
}

/// The first 32 weights of the first output, as the layout has them.
fn first_block(weights: &[f32], scheme: Scheme) -> Vec<f32> {
    let source = source(|bytes| {
        bytes[..128].fill(0);
        set(bytes, weights);
    });
    let blocks = blocks(&source, scheme);
    let value = blocks.laid_out(0..32, 1).expect("laid out");
    (0..weights.len())
        .map(|k| weight(&value, blocks.format(), 256, 0, k))
        .collect()
}

#[test]
fn eight_bits_are_of_the_greatest_magnitude() {
    // The scale is 1, halves go to the even integer.
    let weights = [127.0, 0.5, 1.5, -2.5, -127.0, 126.4, 0.0];
    assert_same(
        &first_block(&weights, Scheme::Int8Blocks),
        &[127.0, 0.0, 2.0, -2.0, -127.0, 126.0, 0.0],
        "int8",
    );
}

#[test]
fn four_bits_give_the_greatest_weight_minus_eight() {
    let weights = [3.0, -8.0, 8.0, 0.5, 7.4, -7.6];
    assert_same(
        &first_block(&weights, Scheme::Int4Blocks),
        &[3.0, -8.0, 7.0, 0.0, 7.0, -8.0],
        "the first of equal magnitude",
    );
    let weights = [16.0, -16.0, 2.9];
    assert_same(
        &first_block(&weights, Scheme::Int4Blocks),
        &[16.0, -14.0, 2.0],
        "a scale below zero",
    );
}

#[test]
fn nothing_and_next_to_nothing_are_zero() {
    for scheme in [Scheme::Int8Blocks, Scheme::Int4Blocks] {
        let found = first_block(&[0.0, -1e-30, 1e-12, -0.0], scheme);
        assert!(found.iter().all(|weight| *weight == 0.0), "{found:?}");
    }
}

#[test]
fn weights_that_no_scale_holds_are_refused() {
    for (weight, scheme) in [
        (f32::NAN, Scheme::Int8Blocks),
        (f32::INFINITY, Scheme::Int4Blocks),
        (1e9, Scheme::Int8Blocks),
    ] {
        let source = source(|bytes| set(&mut bytes[4 * 256 * 3..], &[0.0, weight]));
        let error = blocks(&source, scheme).laid_out(0..32, 1).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "tensor `blk.0.attn_k.weight` has a weight in row 3 that cannot be quantised: it is not finite or too large"
        );
    }
}

#[test]
fn what_is_quantised_stays_as_it_is() {
    let file = tiny_model(StoredType::Q6K).bytes();
    let source = LlamaSource::from_gguf(GgufFile::from_bytes(file).expect("a file")).expect("a model");
    assert_eq!(
        Some(blocks(&source, Scheme::Int4Blocks).format()),
        StoredType::Q6K.format()
    );
}

#[test]
fn schemes_have_names() {
    assert_eq!(Scheme::from_name("int8-blocks"), Some(Scheme::Int8Blocks));
    assert_eq!(Scheme::from_name("int4-blocks"), Some(Scheme::Int4Blocks));
    assert_eq!(Scheme::from_name("int8"), None);
}
