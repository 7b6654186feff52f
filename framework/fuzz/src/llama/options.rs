/// What a target converts an input by, one after the other as inputs get longer. Texts are short, so that runs are; the last one is longer
/// than any cache.
const OPTIONS: [&str; COUNT] = [
    "",
    r#"{"generate":{"prompt":4,"tokens":2,"batch":2}}"#,
    r#"{"generate":{"prompt":2,"tokens":1,"batch":2},"quantize":{"scheme":"int8-blocks"}}"#,
    r#"{"generate":{"prompt":1,"tokens":3,"batch":1},"quantize":{"scheme":"int4-blocks"}}"#,
    r#"{"generate":{"prompt":2,"tokens":2,"batch":1,"sampling":{"top_k":4}}}"#,
    r#"{"generate":{"prompt":2,"tokens":2,"batch":2,"sampling":{"temperature":0.5,"top_k":3,"top_p":0.75}}}"#,
    r#"{"generate":{"prompt":33554432,"tokens":1}}"#,
];

/// How many there are.
pub(super) const COUNT: usize = 7;

/// The converter's options for an input of so many bytes.
pub fn llama_options(bytes: usize) -> &'static str {
    OPTIONS[bytes % COUNT]
}
