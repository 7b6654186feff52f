//! Graphs written by hand: a text is refused by name, or becomes a valid model.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opml_fuzz::{Limited, limited};
use opml_graph::{read_model, verify_constants, write_model};
use opml_text::TextConverter;

#[global_allocator]
static MEMORY: Limited = limited();

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let model = match TextConverter.model(text) {
        Ok(model) => model,
        Err(error) => {
            assert_eq!(error.code, 2, "{error}: not the user's mistake");
            return;
        }
    };
    // Ports may still not fit what reads them; then writing says so.
    let Ok(written) = write_model(&model) else {
        return;
    };
    let read = read_model(written.clone().into()).expect("what was written can be read");
    verify_constants(&read, 1, |_, _| {}).expect("what was written is true");
    assert!(
        write_model(&read).is_ok_and(|again| again == written),
        "one model, one sequence of bytes"
    );
});
