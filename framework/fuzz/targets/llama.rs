//! The converter of LLaMA models: a GGUF file or a folder, packed into one input, is refused as the user's mistake, or becomes graphs
//! that make a valid loop, and a tokenizer. The options follow from the input's length. An input that is a JSON object is the note of a
//! tokenizer, as any model file may have one.
#![no_main]

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use opml_fuzz::{Folder, Limited, Packed, limited, llama_options, llama_sample, mutate_llama, replace};
use opml_graph::{
    CarryStart, ConvertError, Converter, Loop, LoopBody, LoopFeed, LoopModel, LoopNote, ModelSet, SilentHost, Work,
    read_model_set, validate_loop, verify_constants, write_model_set_to,
};
use opml_llama::tokenizer::{Speaker, SpecialTokens};
use opml_llama::{LlamaConverter, Tokenizer};

#[global_allocator]
static MEMORY: Limited = limited();

/// A text with all that tokenizers tell apart.
const TEXT: &str = "The  ab abc 1234 it's\n\n\t🙂é<s>▁a<|im_end|> \u{0} ::= x";

thread_local! {
    static FOLDER: OnceCell<Folder> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| {
    FOLDER.with(|folder| examine(folder.get_or_init(Folder::new), data));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // Now and then a whole input is begun with anew; one change in four is one of bytes.
    let changed = match seed % 32 {
        0 => Some(llama_sample(seed / 32)),
        1..=23 => mutate_llama(&data[..size], seed),
        _ => None,
    };
    replace(data, size, max_size, changed)
});

fn examine(folder: &Folder, input: &[u8]) {
    if input.starts_with(b"{") {
        let note = std::str::from_utf8(input).unwrap_or_default();
        if let Ok(tokenizer) = Tokenizer::from_json(note) {
            use_tokenizer(&tokenizer.to_json());
        }
        return;
    }
    let path = if input.starts_with(b"GGUF") {
        folder.write("model.gguf", input)
    } else {
        let Some(packed) = Packed::read(input).filter(|packed| !packed.draws_much()) else {
            return;
        };
        for (name, file) in packed.files() {
            match file.is_empty() {
                true => folder.remove(name),
                false => drop(folder.write(name, file)),
            }
        }
        folder.path("config.json")
    };
    let options = llama_options(input.len());
    let written = match converted(&path, options) {
        Ok(written) => written,
        Err(error) => {
            assert_eq!(error.code, 2, "{error}: not the user's mistake");
            return;
        }
    };
    let set = read_model_set(written.clone().into()).expect("what was written can be read");
    // Each takes as long again.
    if input.len().is_multiple_of(3) {
        let again = converted(&path, options).expect("what was converted is converted again");
        assert!(again == written, "one source, one sequence of bytes");
        let mut again = Vec::new();
        write_model_set_to(&set, &mut again).expect("what was read can be written");
        assert!(again == written, "one model, one sequence of bytes");
    }
    for graph in &set.graphs {
        verify_constants(graph, 1, |_, _| {}).expect("what was written is true");
    }
    assert_eq!(validate_loop(&looped(&set)), Ok(()), "the graphs are bodies of a loop");
    use_tokenizer(&set.notes[Tokenizer::NOTE]);
}

fn converted(path: &Path, options: &str) -> Result<Vec<u8>, ConvertError> {
    let mut written = Vec::new();
    LlamaConverter.convert(path, options, &mut written, &SilentHost)?;
    Ok(written)
}

/// The loop that the model file describes.
fn looped(set: &ModelSet) -> LoopModel {
    let note = LoopNote::from_text(&set.notes[LoopNote::NAME]).expect("the note of a loop");
    assert_eq!(note.passes.len(), set.graphs.len());
    let carry = &set.graphs[0].carry;
    let place = |name: &String| {
        carry
            .iter()
            .position(|port| port.name == *name)
            .expect("a carried value")
    };
    let mut starts = vec![CarryStart::Zero; carry.len()];
    for (index, name) in (0..).zip(&note.request) {
        starts[place(name)] = CarryStart::Request(index);
    }
    let bodies = set.graphs.iter().zip(&note.passes).map(|(graph, passes)| LoopBody {
        passes: *passes,
        work: Work::Graph(Arc::new(graph.clone())),
    });
    LoopModel {
        name: String::new(),
        outermost: Loop {
            bodies: bodies.collect(),
        },
        output: place(&note.output) as u32,
        starts,
        feed: LoopFeed::None,
    }
}

fn use_tokenizer(text: &str) {
    let tokenizer = Tokenizer::from_json(text).expect("the note of a tokenizer");
    assert_eq!(tokenizer.to_json(), text, "one tokenizer, one text");
    let own: String = tokenizer
        .definition()
        .tokens
        .iter()
        .take(8)
        .map(String::as_str)
        .collect();
    let chat = tokenizer.chat().map(|chat| chat.prompt(&[(Speaker::User, TEXT)]));
    for text in [TEXT, &own].into_iter().chain(chat.as_deref()) {
        for special in [SpecialTokens::Read, SpecialTokens::AsText] {
            let tokens = tokenizer.encode(text, tokenizer.add_bos(), special);
            assert!(tokens.iter().all(|token| (*token as usize) < tokenizer.tokens()));
            tokenizer.decode(&tokens);
        }
    }
}
