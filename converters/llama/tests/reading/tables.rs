//! Embedding tables and transposed matrices.

use opml_llama::gguf::GgufFile;
use opml_llama::{Embedding, LayerRole, LlamaSource, MOST_BYTES, Role, Scheme, StoredType};

use crate::decoders::{assert_same, decode_row};
use crate::tiny_model::{VOCABULARY, WIDTH, tiny_model};

fn source(stored: StoredType) -> (LlamaSource, Vec<u8>) {
    let mut file = tiny_model(stored);
    let table = file.tensor_mut("token_embd.weight").bytes.clone();
    let file = GgufFile::from_bytes(file.bytes()).expect("a file");
    (LlamaSource::from_gguf(file).expect("a model"), table)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let words = bytes.chunks_exact(4);
    words
        .map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect()
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

#[test]
fn rows_and_codes_stand_for_the_stored_values() {
    for stored in StoredType::ALL {
        let (source, bytes) = source(stored);
        let tensor = source.tensor(Role::Embedding).expect("a tensor").expect("a table");
        let table = Embedding::new(tensor, None).expect("a table");
        let rows = floats(&written(|to| table.write_rows(0..256, to).expect("written")));
        let expected: Vec<f32> = bytes
            .chunks_exact(bytes.len() / VOCABULARY as usize)
            .flat_map(|row| decode_row(stored, row))
            .collect();
        assert_same(&rows, &expected, stored.name());
        let codes = written(|to| table.write_codes(0..256, to).expect("written"));
        let scales = floats(&written(|to| table.write_scales(0..256, to).expect("written")));
        let minimums = floats(&written(|to| table.write_minimums(0..256, to).expect("written")));
        let Some(format) = table.format() else {
            assert!(codes.is_empty() && scales.is_empty() && minimums.is_empty());
            continue;
        };
        assert_eq!(scales.len(), codes.len() / format.block);
        assert_eq!(minimums.len(), if format.minimums { scales.len() } else { 0 });
        let gathered = codes.iter().enumerate().map(|(index, code)| {
            let product = scales[index / format.block] * (f32::from(*code) - f32::from(format.zero));
            minimums
                .get(index / format.block)
                .map_or(product, |minimum| product + minimum)
        });
        assert_same(&gathered.collect::<Vec<f32>>(), &expected, stored.name());
    }
}

#[test]
fn columns_are_cut_between_blocks() {
    let (source, _) = source(StoredType::Q4K);
    let tensor = source.tensor(Role::Embedding).expect("a tensor").expect("a table");
    let table = Embedding::new(tensor, None).expect("a table");
    assert_eq!(table.parts(false), [0..256]);
    let whole = written(|to| table.write_codes(0..256, to).expect("written"));
    let part = written(|to| table.write_codes(64..128, to).expect("written"));
    let expected: Vec<u8> = whole.chunks(256).flat_map(|row| row[64..128].to_vec()).collect();
    assert_eq!(part, expected);
    let whole = floats(&written(|to| table.write_minimums(0..256, to).expect("written")));
    let part = floats(&written(|to| table.write_minimums(64..128, to).expect("written")));
    let expected: Vec<f32> = whole.chunks(8).flat_map(|row| row[2..4].to_vec()).collect();
    assert_same(&part, &expected, "minimums");
}

#[test]
fn a_plain_table_is_quantised_on_request() {
    let (source, _) = source(StoredType::Bf16);
    let tensor = source.tensor(Role::Embedding).expect("a tensor").expect("a table");
    let table = Embedding::new(tensor, Some(Scheme::Int8Blocks)).expect("a table");
    assert_eq!(table.format(), Some(Scheme::Int8Blocks.format()));
    let codes = written(|to| table.write_codes(0..256, to).expect("written"));
    assert_eq!(codes.len() as u64, VOCABULARY * WIDTH);
}

#[test]
fn transposed_matrices_have_outputs_side_by_side() {
    let (source, _) = source(StoredType::F16);
    let tensor = source
        .tensor(Role::Layer(1, LayerRole::Down))
        .expect("a tensor")
        .expect("down");
    assert_eq!((tensor.rows(), tensor.columns()), (256, 512));
    assert_eq!(tensor.transposed_parts(), [0..256]);
    let part = tensor.transposed(32..96, 1).expect("turned");
    assert_eq!(part, tensor.transposed(32..96, 3).expect("turned on more threads"));
    let part = floats(&part);
    assert_eq!(part.len(), 512 * 64);
    for (output, row) in (32..96).enumerate() {
        let row = tensor.row(row).expect("a row");
        let column: Vec<f32> = part.chunks(64).map(|line| line[output]).collect();
        assert_same(&column, &row, "a row");
    }
}

#[test]
fn a_row_that_is_not_there_is_refused() {
    let (source, _) = source(StoredType::F32);
    let tensor = source.tensor(Role::OutputNorm).expect("a tensor").expect("a norm");
    assert_eq!((tensor.rows(), tensor.columns()), (1, 256));
    assert_eq!(
        tensor.row(1).expect_err("refused").to_string(),
        "tensor `output_norm.weight` has 1 rows; row 1 was asked for"
    );
}

#[test]
fn a_value_leaves_room_for_the_length_of_a_slot() {
    assert_eq!(MOST_BYTES, (1 << 28) - 128);
}
