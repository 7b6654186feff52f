//! The layout of `matmul_blocks`, read back by its description, against the independent decoders.

use opml_llama::gguf::GgufFile;
use opml_llama::{BlockFormat, Blocks, LayerRole, LlamaSource, Role, ScaleType, StoredType};
use proptest::prelude::*;

use crate::decoders::{assert_same, decode_row};
use crate::tiny_model::{noise, tiny_model};

fn number(bytes: &[u8], scale: ScaleType) -> f32 {
    match scale {
        ScaleType::F16 => half::f16::from_le_bytes([bytes[0], bytes[1]]).to_f32(),
        ScaleType::F32 => f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
    }
}

/// The weight of output n at depth k, by the description of the layout.
pub(crate) fn weight(value: &[u8], format: BlockFormat, depth: usize, n: usize, k: usize) -> f32 {
    let BlockFormat {
        bits,
        block,
        scale,
        zero,
        minimums,
    } = format;
    let size = scale.bytes();
    let codes_at = 32 * size * if minimums { 2 } else { 1 };
    let panel = codes_at + 32 * block * bits as usize / 8;
    let start = (n / 32 * (depth / block) + k / block) * panel;
    let (bytes, lane, k) = (&value[start..start + panel], n % 32, k % block);
    let codes = &bytes[codes_at..];
    let code = match bits {
        8 => codes[(k / 4 * 32 + lane) * 4 + k % 4],
        _ => {
            let byte = codes[(k / 8 * 32 + lane) * 4 + k % 4];
            if k % 8 < 4 { byte & 15 } else { byte >> 4 }
        }
    };
    let product = number(&bytes[lane * size..], scale) * (f32::from(code) - f32::from(zero));
    match minimums {
        true => product + number(&bytes[32 * size + lane * size..], scale),
        false => product,
    }
}

fn quantised() -> impl Iterator<Item = StoredType> {
    StoredType::ALL.into_iter().filter(|stored| stored.format().is_some())
}

/// A source whose first key matrix has these bytes.
fn with_keys(stored: StoredType, rows: u64, bytes: Vec<u8>) -> LlamaSource {
    let mut file = tiny_model(stored);
    let keys = file.tensor_mut("blk.0.attn_k.weight");
    assert_eq!(keys.dimensions[1], rows);
    keys.bytes = bytes;
    LlamaSource::from_gguf(GgufFile::from_bytes(file.bytes()).expect("a file")).expect("a model")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn blocks_hold_what_the_stored_type_says(seed: u64) {
        for stored in quantised() {
            let bytes = noise(seed, 128 * 256 / stored.block() * stored.block_bytes());
            let source = with_keys(stored, 128, bytes.clone());
            let tensor = source.tensor(Role::Layer(0, LayerRole::Key)).expect("a tensor").expect("keys");
            let blocks = Blocks::new(tensor.clone(), None).expect("blocks").expect("a quantised type");
            let value = blocks.laid_out(0..128, 1).expect("laid out");
            prop_assert_eq!(value.len() as u64, blocks.bytes(128));
            for (n, row) in bytes.chunks_exact(bytes.len() / 128).enumerate() {
                let expected = decode_row(stored, row);
                let found: Vec<f32> = (0..256).map(|k| weight(&value, blocks.format(), 256, n, k)).collect();
                assert_same(&found, &expected, stored.name());
                assert_same(&tensor.row(n).expect("a row"), &expected, stored.name());
            }
        }
    }
}

#[test]
fn outputs_beyond_the_last_are_zero_bytes() {
    let source = with_embedding(StoredType::Q4_1);
    let table = source.tensor(Role::Embedding).expect("a tensor").expect("a table");
    let blocks = Blocks::new(table, None).expect("blocks").expect("a quantised type");
    assert_eq!(blocks.outputs(), 80);
    let whole = blocks.laid_out(0..80, 1).expect("laid out");
    let parts = [0..64, 64..80].map(|outputs| blocks.laid_out(outputs, 1).expect("laid out"));
    assert_eq!(whole, parts.concat());
    assert_eq!(whole, blocks.laid_out(0..80, 2).expect("laid out on two threads"));
    assert_eq!(whole.len(), 3 * 8 * blocks.format().panel_bytes());
    let last = &whole[2 * 8 * blocks.format().panel_bytes()..];
    for (block, bytes) in last.chunks_exact(blocks.format().panel_bytes()).enumerate() {
        assert!(bytes[32..64].iter().all(|byte| *byte == 0), "scales of block {block}");
        assert!(
            bytes[96..128].iter().all(|byte| *byte == 0),
            "minimums of block {block}"
        );
        for group in bytes[128..].chunks_exact(128) {
            assert!(group[64..].iter().all(|byte| *byte == 0), "codes of block {block}");
        }
    }
}

fn with_embedding(stored: StoredType) -> LlamaSource {
    LlamaSource::from_gguf(GgufFile::from_bytes(tiny_model(stored).bytes()).expect("a file")).expect("a model")
}

/// Two outputs, one block, written out by hand.
#[test]
fn the_bytes_of_a_panel() {
    let mut bytes = vec![0; 128 * 8 * 20];
    for (output, first) in [(0, 0x10), (1, 0x20)] {
        let block = &mut bytes[output * 8 * 20..][..20];
        block[..4].copy_from_slice(&[first, 0x11, first + 2, 0x33]);
        // The lower nibbles count up from the first value, the upper ones down.
        (0..16).for_each(|index| block[4 + index as usize] = index | ((15 - index) << 4));
    }
    let source = with_keys(StoredType::Q4_1, 128, bytes);
    let tensor = source
        .tensor(Role::Layer(0, LayerRole::Key))
        .expect("a tensor")
        .expect("keys");
    let blocks = Blocks::new(tensor, None).expect("blocks").expect("a quantised type");
    let value = blocks.laid_out(0..32, 1).expect("laid out");
    assert_eq!(&value[..6], &[0x10, 0x11, 0x20, 0x11, 0, 0], "scales");
    assert_eq!(&value[64..70], &[0x12, 0x33, 0x22, 0x33, 0, 0], "minimums");
    // Steps 0 … 3 below, 4 … 7 above; output 0, output 1, output 2.
    assert_eq!(
        &value[128..140],
        &[0x40, 0x51, 0x62, 0x73, 0x40, 0x51, 0x62, 0x73, 0, 0, 0, 0]
    );
    // Steps 16 … 23, which are upper nibbles in the file.
    assert_eq!(&value[128 + 2 * 128..][..4], &[0xbf, 0xae, 0x9d, 0x8c]);
}

/// Processors differ in the sign of the NaN that infinity by zero is; a model's bytes do not.
#[test]
fn scales_that_are_no_numbers_are_one_nan() {
    let stored = StoredType::Q6K;
    let mut bytes = vec![0; 128 * stored.block_bytes()];
    for row in bytes.chunks_exact_mut(stored.block_bytes()) {
        row[208..].copy_from_slice(&half::f16::INFINITY.to_le_bytes());
    }
    let source = with_keys(stored, 128, bytes);
    let tensor = source.tensor(Role::Layer(0, LayerRole::Key));
    let tensor = tensor.expect("a tensor").expect("keys");
    let blocks = Blocks::new(tensor.clone(), None)
        .expect("blocks")
        .expect("a quantised type");
    let value = blocks.laid_out(0..32, 1).expect("laid out");
    for scale in value[..4 * 32].as_chunks().0 {
        assert_eq!(u32::from_le_bytes(*scale), 0x7fc0_0000);
    }
    let row = tensor.row(0).expect("a row");
    assert!(row.iter().all(|weight| weight.to_bits() == 0x7fc0_0000));
}
