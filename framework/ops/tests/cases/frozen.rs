//! The frozen vectors of `specs/vectors/operators`: one file an operator, each a list of nodes with their outputs.
//!
//! A node is `{"name", "record": [words in hexadecimal, trailing zeros left out], "inputs": [hexadecimal], "output"}`.

use std::path::PathBuf;

use opml_ops::{RECORD_BYTES, Record};
use serde_json::{Value, json};

use super::Case;

/// A node and the output that it must have for ever.
pub(crate) struct Frozen {
    pub(crate) name: String,
    pub(crate) case: Case,
    pub(crate) output: Vec<u8>,
}

/// The folder of the vectors.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs/vectors/operators")
}

/// All vectors, or those of one operator's file.
pub(crate) fn read(operator: &str) -> Vec<Frozen> {
    let path = folder().join(format!("{operator}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: Vec<Value> = serde_json::from_str(&text).expect("a vector file is a list");
    file.iter().map(from_json).collect()
}

fn from_json(value: &Value) -> Frozen {
    let list = |key: &str| value[key].as_array().expect("a list").clone();
    let mut bytes = vec![0; RECORD_BYTES];
    for (place, word) in list("record").iter().enumerate() {
        let word = u32::from_str_radix(word.as_str().expect("a word"), 16).expect("a hexadecimal word");
        bytes[4 * place..4 * place + 4].copy_from_slice(&word.to_le_bytes());
    }
    Frozen {
        name: value["name"].as_str().expect("a name").into(),
        case: Case {
            record: Record::from_bytes(&bytes).expect("a record's bytes"),
            inputs: list("inputs").iter().map(from_hex).collect(),
        },
        output: from_hex(&value["output"]),
    }
}

pub(crate) fn to_json(frozen: &Frozen) -> Value {
    let words = frozen.case.record.words();
    let used = words.iter().rposition(|word| *word != 0).map_or(0, |place| place + 1);
    json!({
        "name": frozen.name,
        "record": words[..used].iter().map(|word| format!("{word:x}")).collect::<Vec<_>>(),
        "inputs": frozen.case.inputs.iter().map(|bytes| to_hex(bytes)).collect::<Vec<_>>(),
        "output": to_hex(&frozen.output),
    })
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hexadecimal digits").as_bytes();
    let digit = |byte: u8| (byte as char).to_digit(16).expect("a hexadecimal digit") as u8;
    text.chunks(2)
        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
        .collect()
}
