//! The model file's reader: whatever is read is a valid model that is written as the same bytes, and everything that is made of a model can
//! be made of it.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use opml_fuzz::{Limited, limited, mutate_model_file, replace, sample, sealed};
use opml_graph::{
    GuestImage, Model, check_costs, check_packed_cost, pack_whole_graph, read_model, validate, verify_constants,
    write_model,
};
use opml_stages::Entry;

#[global_allocator]
static MEMORY: Limited = limited();

fuzz_target!(|data: &[u8]| {
    examine(data);
    examine(&sealed(data));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // Now and then a whole file is begun with anew; one change in four is one of bytes.
    let changed = match seed % 16 {
        0 => Some(sample(seed / 16)),
        1..=11 => mutate_model_file(&data[..size], seed),
        _ => None,
    };
    replace(data, size, max_size, changed)
});

fn examine(file: &[u8]) {
    let Ok(model) = read_model(Bytes::copy_from_slice(file)) else {
        return;
    };
    assert_eq!(validate(&model), Ok(()), "what is read is valid");
    use_it(&model);
    let verified = verify_constants(&model, 1, |done, total| assert!(done <= total)).is_ok();
    let written = write_model(&model).expect("what is read can be written");
    if verified {
        assert_eq!(written, file, "one model, one sequence of bytes");
    }
}

fn use_it(model: &Model) {
    let image = GuestImage {
        vm: "mips".into(),
        root: opml_commit::Root::ZERO,
        bytes: Bytes::new(),
        steps_per_unit: 40,
    };
    // Each of these may refuse a valid model, and must give a reason then.
    let _ = check_costs(model, &image);
    model.parameters();
    for kinds in [
        &["graph", "instruction"][..],
        &["graph", "node", "instruction"],
        &["instruction"],
    ] {
        let _ = Entry::new(model, kinds);
    }
    if let Ok(packed) = pack_whole_graph(model) {
        let _ = check_packed_cost(&packed, &image);
        let admitted = opml_ops::admit_whole_graph(&packed.record, &packed.table.bytes);
        assert!(
            admitted.is_ok(),
            "a valid model packs into a graph that is admitted: {admitted:?}"
        );
    }
}
