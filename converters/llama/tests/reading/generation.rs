//! The converted graphs write what the model's formulas say, and conversions that cannot be are refused in words.

use std::path::Path;

use opml_graph::{Converter, LoopNote, Model, ModelSet, SilentHost, read_model_set};
use opml_llama::{LayerRole, LlamaConverter, LlamaSource, Role, StoredType};
use opml_ops::{GAP, Source, run};

use crate::gguf_writer::Meta;
use crate::tiny_model::{VOCABULARY, tiny_model};

const OPTIONS: &str = r#"{"generate": {"prompt": 8, "tokens": 6, "batch": 4}}"#;

/// A file of the tiny model with a tokenizer.
pub(crate) fn written(folder: &Path, stored: StoredType) -> std::path::PathBuf {
    let mut file = tiny_model(stored);
    let tokens: Vec<String> = (0..VOCABULARY).map(|token| format!("t{token}")).collect();
    let scores = (0..VOCABULARY).map(|token| Meta::F32(-(token as f32))).collect();
    file.set("tokenizer.ggml.model", Meta::text("llama"))
        .set("tokenizer.ggml.unknown_token_id", Meta::U32(0))
        .set("tokenizer.ggml.scores", Meta::Array(6, scores))
        .set(
            "tokenizer.ggml.tokens",
            Meta::Array(8, tokens.into_iter().map(Meta::Text).collect()),
        );
    let path = folder.join("tiny.gguf");
    std::fs::write(&path, file.bytes()).expect("a writable folder");
    path
}

pub(crate) fn converted(path: &Path, options: &str) -> Result<ModelSet, opml_graph::ConvertError> {
    let mut bytes = Vec::new();
    LlamaConverter.convert(path, options, &mut bytes, &SilentHost)?;
    Ok(read_model_set(bytes.into()).expect("a model file"))
}

/// All nodes' outputs in one pass of a graph, by the operators' definitions.
pub(crate) fn locals(model: &Model, carry: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut locals: Vec<Vec<u8>> = Vec::new();
    for node in &model.nodes {
        let record = &node.record;
        let mut output = vec![0; record.output_bytes() as usize];
        if record.tag() != GAP {
            let inputs: Vec<&[u8]> = (0..record.input_count())
                .filter_map(|place| record.input(place).map(|value| (place, value)))
                .map(|(place, value)| match value.source {
                    Some(Source::Constant) => &model.constants[node.constants[place].expect("a constant")].bytes[..],
                    Some(Source::Carry) => &carry[value.index as usize][..],
                    _ => &locals[value.index as usize][..],
                })
                .collect();
            if let Some(initial) = record.output_initial() {
                output.copy_from_slice(inputs[initial]);
            }
            let mut scratch = vec![0; record.scratch_bytes() as usize];
            run(record, &inputs, &mut output, 0, &mut scratch).expect("a total operator");
        }
        locals.push(output);
    }
    locals
}

/// What a pass hands on.
pub(crate) fn handed_on(model: &Model, locals: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let first = (model.output_index as usize) << model.output_height;
    locals[first..first + model.carry.len()].to_vec()
}

/// All tokens of a text that begins with `prompt`.
fn text(set: &ModelSet, prompt: &[i32]) -> Vec<i32> {
    let note = LoopNote::from_text(&set.notes[LoopNote::NAME]).expect("a note");
    let ports = &set.graphs[0].carry;
    let mut carry: Vec<Vec<u8>> = ports.iter().map(|port| vec![0; port.bytes() as usize]).collect();
    for (place, token) in prompt.iter().enumerate() {
        carry[0][4 * place..4 * place + 4].copy_from_slice(&token.to_le_bytes());
    }
    carry[1] = (prompt.len() as i32 - 1).to_le_bytes().into();
    for (graph, passes) in set.graphs.iter().zip(&note.passes) {
        for _ in 0..*passes {
            carry = handed_on(graph, &locals(graph, &carry));
        }
    }
    let all = carry[0].as_chunks().0.iter().map(|word| i32::from_le_bytes(*word));
    all.take(prompt.len() + 6).collect()
}

/// The model by its formulas in f64, every position of the text at once.
struct Formulas {
    source: LlamaSource,
}

impl Formulas {
    fn matrix(&self, role: Role) -> Vec<Vec<f64>> {
        let tensor = self.source.tensor(role).expect("a tensor").expect("it is there");
        let rows = (0..tensor.rows()).map(|row| tensor.row(row).expect("a row"));
        rows.map(|row| row.into_iter().map(f64::from).collect()).collect()
    }

    fn of(&self, layer: usize, role: LayerRole) -> Vec<Vec<f64>> {
        self.matrix(Role::Layer(layer, role))
    }

    fn norm(&self, x: &[f64], role: Role) -> Vec<f64> {
        let mean = x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
        let scale = 1.0 / (mean + f64::from(self.source.architecture().rms_epsilon)).sqrt();
        let weights = &self.matrix(role)[0];
        x.iter().zip(weights).map(|(x, weight)| x * scale * weight).collect()
    }

    fn turned(&self, x: &mut [f64], position: usize) {
        let architecture = self.source.architecture();
        for head in x.chunks_mut(architecture.head_size) {
            for (pair, frequency) in architecture.rope.frequencies().into_iter().enumerate() {
                let (sin, cos) = (position as f64 * frequency).sin_cos();
                let [a, b] = [head[2 * pair], head[2 * pair + 1]];
                (head[2 * pair], head[2 * pair + 1]) = (a * cos - b * sin, a * sin + b * cos);
            }
        }
    }

    /// The token after `tokens`.
    fn next(&self, tokens: &[i32]) -> i32 {
        let architecture = self.source.architecture().clone();
        let embedding = self.matrix(Role::Embedding);
        let mut rows: Vec<Vec<f64>> = tokens.iter().map(|token| embedding[*token as usize].clone()).collect();
        let size = architecture.head_size;
        for layer in 0..architecture.layers {
            let project = |x: &[f64], role| product(&self.of(layer, role), x);
            let normal: Vec<Vec<f64>> = rows
                .iter()
                .map(|row| self.norm(row, Role::Layer(layer, LayerRole::AttentionNorm)))
                .collect();
            let of_role = |role| normal.iter().map(|x| project(x, role)).collect::<Vec<_>>();
            let (mut queries, mut keys) = (of_role(LayerRole::Query), of_role(LayerRole::Key));
            let values = of_role(LayerRole::Value);
            for position in 0..tokens.len() {
                self.turned(&mut queries[position], position);
                self.turned(&mut keys[position], position);
            }
            for position in 0..tokens.len() {
                let mut seen = Vec::new();
                for head in 0..architecture.heads {
                    let group = head / (architecture.heads / architecture.kv_heads) * size;
                    let query = &queries[position][head * size..][..size];
                    let scores = keys[..=position]
                        .iter()
                        .map(|key| dot(query, &key[group..][..size]) / (size as f64).sqrt());
                    let scores: Vec<f64> = scores.collect();
                    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let weights: Vec<f64> = scores.iter().map(|score| (score - greatest).exp()).collect();
                    let sum: f64 = weights.iter().sum();
                    seen.extend((0..size).map(|place| {
                        let terms = weights.iter().zip(&values);
                        terms
                            .map(|(weight, value)| weight / sum * value[group + place])
                            .sum::<f64>()
                    }));
                }
                let back = project(&seen, LayerRole::AttentionOutput);
                rows[position].iter_mut().zip(back).for_each(|(x, back)| *x += back);
                let normal = self.norm(&rows[position], Role::Layer(layer, LayerRole::FeedNorm));
                let (gate, up) = (project(&normal, LayerRole::Gate), project(&normal, LayerRole::Up));
                let gated: Vec<f64> = gate
                    .iter()
                    .zip(up)
                    .map(|(gate, up)| gate / (1.0 + (-gate).exp()) * up)
                    .collect();
                let down = project(&gated, LayerRole::Down);
                rows[position].iter_mut().zip(down).for_each(|(x, down)| *x += down);
            }
        }
        let last = self.norm(rows.last().expect("a token"), Role::OutputNorm);
        let logits = product(&embedding, &last);
        let greatest = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        greatest.expect("a token") as i32
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn product(matrix: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, x)).collect()
}

#[test]
fn the_graphs_write_what_the_formulas_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), StoredType::F32);
    let set = converted(&path, OPTIONS).expect("a conversion");
    let formulas = Formulas {
        source: LlamaSource::open(&path).expect("the file"),
    };
    // Shorter and longer than a batch, and as long as a prompt may be.
    for prompt in [&[5][..], &[1, 60, 33, 7, 79], &[3, 1, 4, 1, 5, 9, 2, 6]] {
        let mut expected = prompt.to_vec();
        for _ in 0..6 {
            expected.push(formulas.next(&expected));
        }
        assert_eq!(text(&set, prompt), expected, "after {prompt:?}");
    }
}

/// Every way in which matrices are stored becomes graphs that pass through the same loop, the same bytes each time.
#[test]
fn every_stored_type_is_converted() {
    for stored in [StoredType::F16, StoredType::Q8_0, StoredType::Q4_1, StoredType::Q6K] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path(), stored);
        let file = |options: &str| {
            let mut bytes = Vec::new();
            let converted = LlamaConverter.convert(&path, options, &mut bytes, &SilentHost);
            converted.map(|()| bytes).expect("a conversion")
        };
        assert_eq!(file(OPTIONS), file(OPTIONS), "{}", stored.name());
        let set = read_model_set(file(OPTIONS).into()).expect("a model file");
        assert_eq!(set.graphs.len(), 2);
        assert_eq!(
            LoopNote::from_text(&set.notes[LoopNote::NAME]),
            Ok(LoopNote {
                passes: vec![2, 6],
                request: vec!["tokens".into(), "position".into()],
                output: "tokens".into()
            })
        );
        assert!(opml_llama::Tokenizer::from_json(&set.notes["tokenizer"]).is_ok());
        let written = text(&set, &[3, 5]);
        assert!(written.iter().all(|token| (0..VOCABULARY as i32).contains(token)));
    }
}

#[test]
fn what_cannot_be_converted_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), StoredType::F32);
    let refusal = |options: &str| converted(&path, options).expect_err("a refusal").message;
    let generate = |text: &str| refusal(&format!(r#"{{"generate": {{{text}}}}}"#));
    assert_eq!(
        generate(r#""prompt": 10, "tokens": 5, "batch": 4"#),
        "`generate.prompt` is 10, which is no multiple of `generate.batch`, 4"
    );
    assert_eq!(generate(r#""prompt": 16, "tokens": 0"#), "`generate.tokens` is 0");
    assert_eq!(
        generate(r#""prompt": 112, "tokens": 17"#),
        "a prompt of 112 tokens and 17 more are 129; the model has 128 positions"
    );
    assert_eq!(
        refusal(r#"{"quantize": {"scheme": "int8"}}"#),
        "`quantize.scheme: int8` is not supported here; there are `int8-blocks` and `int4-blocks`"
    );
    let sampling = |text: &str| generate(&format!(r#""prompt": 16, "tokens": 1, "sampling": {{{text}}}"#));
    assert_eq!(
        sampling(r#""temperature": 0"#),
        "`generate.sampling.temperature` is 0; it must be above 0"
    );
    assert_eq!(
        sampling(r#""top_k": 81"#),
        "`generate.sampling.top_k` is 81; the model has 80 tokens, and at least one is drawn from"
    );
    assert_eq!(
        sampling(r#""top_k": 8, "top_p": 1.5"#),
        "`generate.sampling.top_p` is 1.5; it must be above 0 and at most 1"
    );
    assert_eq!(
        refusal(r#"{"shapes": {}}"#),
        "`model` is not understood: unknown field `shapes`, expected `generate` or `quantize` at line 1 column 9"
    );
}

#[test]
fn texts_and_batches_that_no_value_holds_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = tiny_model(StoredType::Q4_0);
    file.set("llama.context_length", Meta::U32(1 << 26));
    let path = folder.path().join("long.gguf");
    std::fs::write(&path, file.bytes()).expect("written");
    let refusal = |prompt: usize, batch: usize| {
        let options = format!(r#"{{"generate": {{"prompt": {prompt}, "tokens": 8, "batch": {batch}}}}}"#);
        let error = converted(&path, &options).expect_err("a refusal");
        assert_eq!(error.code, 2);
        error.message
    };
    assert_eq!(
        refusal(1 << 25, 16),
        "a layer's keys take 17179873280 bytes in one value of 33554440 rows; a value has at most 268435328"
    );
    assert_eq!(
        refusal(1 << 18, 1 << 18),
        "a batch's activations take 536870912 bytes in one value of 262144 rows; a value has at most 268435328"
    );
}

/// Zeros at a value's end do not change its root, so that biases of zeros in two lengths have the same one.
#[test]
fn constants_of_one_root_and_several_sizes_are_several() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), StoredType::Q8_0);
    let mut file = tiny_model(StoredType::Q8_0);
    let tokenizer = LlamaSource::open(&path).and_then(|source| source.tokenizer());
    let tokenizer = tokenizer.expect("a tokenizer");
    let tokens: Vec<&str> = tokenizer.definition().tokens.iter().map(String::as_str).collect();
    file.set("tokenizer.ggml.model", Meta::text("gpt2"))
        .set("tokenizer.ggml.merges", Meta::texts(&[]))
        .set("tokenizer.ggml.tokens", Meta::texts(&tokens));
    for (name, width) in [("attn_q", 256), ("attn_k", 128), ("attn_v", 128)] {
        file.tensor(&format!("blk.0.{name}.bias"), &[width], 0, vec![0; 4 * width as usize]);
    }
    std::fs::write(&path, file.bytes()).expect("written");
    let set = converted(&path, OPTIONS).expect("a conversion");
    let zeros = set.graphs[0].constants.iter();
    let mut sizes: Vec<usize> = zeros
        .filter(|constant| constant.bytes.iter().all(|byte| *byte == 0))
        .map(|constant| constant.size())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [512, 1024]);
}
