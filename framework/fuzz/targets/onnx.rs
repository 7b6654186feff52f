//! The ONNX reader and converter: a file is refused as the user's mistake, or becomes a valid model. The options are taken out of the file's
//! own description.
#![no_main]

use std::cell::OnceCell;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use opml_fuzz::{Folder, Limited, last_panic, limited, mutate, options_of, remember_panics, replace, samples_of};
use opml_graph::{SilentHost, read_model, validate, verify_constants, write_model};
use opml_onnx::OnnxConverter;
use prost::Message;
use tract_onnx::pb::ModelProto;

#[global_allocator]
static MEMORY: Limited = limited();

thread_local! {
    static FOLDER: OnceCell<Folder> = const { OnceCell::new() };
}

fuzz_target!(
    init: remember_panics(),
    |data: &[u8]| {
        FOLDER.with(|folder| {
            let folder = folder.get_or_init(|| {
                let folder = Folder::new();
                folder.write("weights", &[1; 4096]);
                folder
            });
            examine(folder, data);
        });
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // One change in four is one of bytes.
    let changed = (!seed.is_multiple_of(4)).then(|| mutate(&data[..size], seed)).flatten();
    replace(data, size, max_size, changed)
});

fn examine(folder: &Folder, file: &[u8]) {
    let path = folder.write("model.onnx", file);
    let decoded = ModelProto::decode(file).unwrap_or_default();
    let mut options = options_of(&decoded).to_string();
    if options.contains("SAMPLES") {
        let samples = folder.write("samples.npy", &samples_of(&decoded).unwrap_or_default());
        options = options.replace("SAMPLES", &samples.display().to_string());
    }
    // Small values, so that small files meet what only large models do, and none is slow for its size alone.
    let converter = match file.len() % 2 {
        0 => OnnxConverter::new(),
        _ => OnnxConverter::new().with_value_limit(1 << 20),
    };
    let model = match converter.model(&path, &options, &SilentHost) {
        Ok(model) => model,
        Err(error) => {
            assert_eq!(error.code, 2, "{error}: not the user's mistake");
            assert!(
                !error.message.contains("malformed in a way"),
                "a panic: {}",
                last_panic()
            );
            return;
        }
    };
    assert_eq!(validate(&model), Ok(()), "what is converted is valid");
    let written = write_model(&model).expect("a valid model can be written");
    let read = read_model(written.clone().into()).expect("what was written can be read");
    verify_constants(&read, 1, |_, _| {}).expect("what was written is true");
    assert!(
        write_model(&read).is_ok_and(|again| again == written),
        "one model, one sequence of bytes"
    );
}
