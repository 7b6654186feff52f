//! The reader of specs: a text is refused with its place, or is a spec that is planned or refused by name.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use opml_fuzz::{Limited, limited};
use opml_pipeline::{SpecError, StageKind, parse_spec, plan};

#[global_allocator]
static MEMORY: Limited = limited();

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let spec = match parse_spec(text, Path::new("fuzz.yaml")) {
        Ok(spec) => spec,
        Err(error) => {
            assert!(
                matches!(error, SpecError::Parse { .. }),
                "nothing was read from a file: {error}"
            );
            assert!(error.to_string().starts_with("fuzz.yaml"), "{error}");
            return;
        }
    };
    let Ok(plan) = plan(&spec) else {
        return;
    };
    assert_eq!(plan.stages.last(), Some(&StageKind::Instruction));
    assert_eq!(plan.stages.len(), plan.clocks.len());
    assert!(plan.threads > 0 && plan.stages.len() <= 8);
    assert!(plan.clocks.iter().all(|clock| clock.base > 0 && clock.unit > 0));
});
