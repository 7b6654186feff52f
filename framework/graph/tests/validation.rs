//! What `validate` refuses, by name.

mod samples;

use opml_graph::{Model, ValidateError, pack_whole_graph, validate};
use opml_ops::{DType, Shape, Source, Value};
use samples::small_model;

fn refusal(change: impl Fn(&mut Model)) -> String {
    let mut model = small_model();
    change(&mut model);
    validate(&model).expect_err("a changed model").to_string()
}

fn input(source: Source, index: u32, dims: &[u32]) -> Value {
    Value {
        source: Some(source),
        index,
        dtype: DType::I8,
        shape: Shape::new(dims).expect("a shape"),
    }
}

fn replace_input(model: &mut Model, node: usize, value: Value) {
    let old = model.nodes[node].record.clone();
    let mut record = opml_ops::Record::new(old.tag(), old.output().expect("an output"));
    record.set_block_log2(old.block_log2());
    record.push_input(value);
    (0..opml_ops::ATTRIBUTE_WORDS).for_each(|place| record.set_attribute(place, old.attribute(place)));
    model.nodes[node].record = record;
}

#[test]
fn the_sample_is_valid() {
    assert_eq!(validate(&small_model()), Ok(()));
}

#[test]
fn references_must_exist_come_before_and_agree() {
    let cases: [(Value, &str); 4] = [
        (
            input(Source::Local, 1, &[300]),
            "node 1 `reshape`: input 0 reads node 1, which does not come before it",
        ),
        (
            input(Source::Feed, 3, &[4, 75]),
            "node 1 `reshape`: input 0 reads feed value 3, which does not exist",
        ),
        (
            input(Source::Carry, 0, &[300]),
            "node 1 `reshape`: input 0 reads carry value 0, which does not exist",
        ),
        (
            input(Source::Local, 0, &[299]),
            "node 1 `reshape`: input 0 reads node 0 as i8 [299], but it is i8 [4, 75]",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(refusal(|model| replace_input(model, 1, value)), expected);
    }
}

#[test]
fn constants_blocks_and_outputs_are_checked() {
    assert_eq!(
        refusal(|model| model.nodes[2].constants[1] = Some(9)),
        "node 2 `add`: input 1 is a constant that the model lacks"
    );
    assert_eq!(
        refusal(|model| model.nodes[2].constants[1] = Some(1)),
        "node 2 `add`: input 1 is a constant of 5000 bytes, the record says 300"
    );
    assert_eq!(
        refusal(|model| model.nodes[0].constants[0] = Some(0)),
        "node 0 `clamp`: input 0 has a constant but is not one"
    );
    assert_eq!(
        refusal(|model| model.nodes[0].record.set_block_log2(6)),
        "node 0 `clamp`: blocks of 2^6 bytes are not subtrees of a slot"
    );
    assert_eq!(
        refusal(|model| model.nodes[2].record.set_output_initial(Some(3))),
        "node 2 `add`: output_initial names input 3, whose size is not the output's"
    );
    assert_eq!(
        refusal(|model| model.output_index = 3),
        "the output: block 3 lies past the last node"
    );
    assert_eq!(
        refusal(|model| model.output_index = 0),
        "the output: local 0 is not output 0"
    );
    assert_eq!(
        refusal(|model| model.output_height = 9),
        "the output: a block of height 9 does not lie in a trace of height 2"
    );
    assert_eq!(
        refusal(|model| model.outputs.clear()),
        "the output: 0 outputs do not fit a block of 1"
    );
    assert_eq!(
        validate(&Model {
            nodes: vec![],
            ..small_model()
        }),
        Err(ValidateError::Empty)
    );
}

#[test]
fn a_packed_graph_is_admitted_by_the_operators() {
    let packed = pack_whole_graph(&small_model()).expect("a small model packs");
    packed.record.check().expect("a well-formed record");
    opml_ops::admit(&packed.record).expect("an admitted record");
    let needs = opml_ops::admit_whole_graph(&packed.record, &packed.table.bytes);
    assert_eq!(
        needs.expect("an admitted graph").scratch_bytes,
        u64::from(packed.record.scratch_bytes())
    );
}
