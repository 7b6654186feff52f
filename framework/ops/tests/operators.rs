//! Operators equal their formulas, on whole outputs and on ranges, and never panic.

mod cases;
mod oracle;

use cases::{Case, Random, any_node, conv2d, matmul, max_pool, whole_graph};
use opml_ops::{
    MAX_SCRATCH_BYTES, Operator, RECORD_BYTES, Record, RunError, SCRATCH_BASE, Value, admit, admit_whole_graph,
    output_of, work_units,
};
use proptest::prelude::*;

fn check(case: &Case, seed: u64) {
    admit(&case.record).expect("a case is admitted");
    if case.record.output_initial().is_none() {
        assert!(work_units(&case.record) >= u64::from(case.record.output_bytes()));
    }
    let (dims, expected) = oracle::output(&case.record, &case.inputs);
    let (dtype, shape) = output_of(&case.record).expect("a case has an output");
    assert_eq!(dtype.bytes() as usize * dims.iter().product::<usize>(), expected.len());
    assert_eq!(shape.dims().iter().map(|dim| *dim as usize).collect::<Vec<_>>(), dims);
    assert_eq!(case.run_all(), expected, "{:?}", case.record);
    let random = &mut Random::new(seed);
    let element = dtype.bytes() as usize;
    for _ in 0..4 {
        let elements = expected.len() / element;
        let start = random.below(elements as u64 + 1) as usize;
        let length = element * random.below((elements - start) as u64 + 1) as usize;
        let start = element * start;
        let range = start..start + length;
        assert_eq!(
            case.run(start, length),
            expected[range.clone()],
            "{range:?} of {:?}",
            case.record
        );
    }
    for (block, expected) in expected.chunks(128).enumerate() {
        assert_eq!(
            case.run(block * 128, expected.len()),
            expected,
            "block {block} of {:?}",
            case.record
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nodes_equal_their_formulas(seed in any::<u64>()) {
        check(&any_node(seed), seed);
    }

    #[test]
    fn every_typed_operator_equals_its_formula(seed in any::<u64>()) {
        for operator in cases::TYPED_OPERATORS {
            check(&cases::typed_node(*operator, seed), seed);
        }
    }

    #[test]
    fn requantize_equals_its_formula(acc in any::<i32>(), multiplier in any::<i32>(), shift in any::<i32>()) {
        prop_assert_eq!(opml_ops::requantize(acc, multiplier, shift), oracle::requantize(acc, multiplier, shift));
    }

    /// Damage to a record either keeps it runnable or is refused; nothing panics.
    #[test]
    fn damaged_records_never_panic(seed in any::<u64>(), changes in 1usize..4) {
        let mut case = any_node(seed);
        let random = &mut Random::new(seed ^ 1);
        let mut bytes = case.record.to_bytes();
        for _ in 0..changes {
            let end = if random.below(4) == 0 { RECORD_BYTES / 4 } else { 90 };
            let place = match random.below(3) { 0 => 164 + random.below(16), _ => random.below(end as u64) } as usize * 4;
            let word = match random.below(4) {
                0 => random.next() as u32,
                1 => u32::MAX - random.below(3) as u32,
                _ => random.below(20) as u32,
            };
            bytes[place..place + 4].copy_from_slice(&word.to_le_bytes());
        }
        case.record = Record::from_bytes(&bytes).unwrap();
        let admitted = admit(&case.record).is_ok();
        prop_assert_eq!(work_units(&case.record) > 0, admitted);
        let length = case.record.output_bytes().min(1 << 16) as usize;
        let mut scratch = vec![0; case.record.scratch_bytes().min(1 << 16) as usize];
        let ran = opml_ops::run(&case.record, &case.slices(), &mut vec![0; length], 0, &mut scratch);
        prop_assert!(admitted || ran.is_err());
    }

    #[test]
    fn whole_graphs_equal_their_nodes(rows in 1u32..4, depths in proptest::collection::vec(1u32..70, 2..5), seed in any::<u32>()) {
        let (case, nodes) = whole_graph(rows, &depths, u64::from(seed));
        admit(&case.record).unwrap();
        let needs = admit_whole_graph(&case.record, &case.inputs[0]).unwrap();
        prop_assert_eq!(needs.scratch_bytes, u64::from(case.record.scratch_bytes()));
        let last = nodes.last().unwrap();
        let expected = oracle::output(&last.record, &last.inputs).1;
        prop_assert_eq!(&case.run_all(), &expected);
        let start = expected.len() / 3;
        prop_assert_eq!(case.run(start, expected.len() - start), &expected[start..]);
    }

    #[test]
    fn damaged_node_tables_never_panic(seed in any::<u32>(), changes in 1usize..4) {
        let (mut case, _) = whole_graph(2, &[9, 70, 5], u64::from(seed));
        let random = &mut Random::new(u64::from(seed));
        for _ in 0..changes {
            let node = random.below((case.inputs[0].len() / RECORD_BYTES) as u64) as usize;
            let place = node * RECORD_BYTES + 4 * random.below(60) as usize;
            let word = if random.below(3) == 0 { random.next() as u32 } else { random.below(20) as u32 };
            case.inputs[0][place..place + 4].copy_from_slice(&word.to_le_bytes());
        }
        let admitted = admit_whole_graph(&case.record, &case.inputs[0]);
        let mut output = vec![0; case.record.output_bytes() as usize];
        const MOST: u64 = 1 << 24;
        let needs = admitted.as_ref().map_or(4096, |needs| needs.scratch_bytes);
        let mut scratch = vec![0; needs.min(MOST) as usize];
        if let Err(error) = opml_ops::run(&case.record, &case.slices(), &mut output, 0, &mut scratch) {
            // A local that lies far away needs more scratch than a test has.
            prop_assert!(admitted.is_err() || needs > MOST, "an admitted whole graph did not run: {error}, {needs} bytes");
        }
    }
}

#[test]
fn chosen_sizes_equal_their_formulas() {
    for (rows, depth, outputs) in [(1, 1, 1), (1, 4, 64), (2, 5, 65), (3, 784, 10), (1, 3, 129), (4, 8, 72)] {
        check(&matmul(rows, depth, outputs, 7), 7);
    }
    // 1×1, a window as large as the padded image, depthwise, stride beyond the kernel, padding beyond the kernel.
    check(&conv2d([1, 5, 4, 4], 9, 1, [1, 1, 1, 1, 0, 0, 0, 0, 1, 1], 1), 1);
    check(&conv2d([1, 2, 3, 3], 70, 1, [5, 5, 1, 1, 1, 1, 1, 1, 1, 1], 2), 2);
    check(&conv2d([2, 6, 5, 6], 6, 6, [3, 3, 1, 2, 1, 1, 1, 1, 1, 1], 3), 3);
    check(&conv2d([1, 1, 9, 9], 3, 1, [2, 1, 4, 3, 0, 0, 0, 0, 2, 1], 4), 4);
    check(&conv2d([1, 1, 2, 2], 2, 1, [2, 2, 1, 1, 3, 4, 2, 3, 1, 1], 5), 5);
    check(&max_pool([1, 1, 2, 2], [1, 2, 1, 1, 2, 3, 1, 2], 6), 6);
}

#[test]
fn tags_and_names_are_one_to_one() {
    for operator in Operator::ALL {
        assert_eq!(Operator::from_tag(*operator as u32), Some(*operator));
    }
    let names: Vec<_> = Operator::ALL.iter().map(|operator| operator.name()).collect();
    let table = include_str!("../../../specs/operators.md");
    for (operator, name) in Operator::ALL.iter().zip(names) {
        assert!(
            table.contains(&format!("| {} | {name} |", *operator as u32)),
            "{name} is not in the table"
        );
    }
    assert_eq!(Operator::from_tag(0), None);
    assert_eq!(Operator::from_tag(3), None);
}

#[test]
fn refusals_name_what_is_wrong() {
    let refused = |change: fn(&mut Record), says: &str| {
        let mut case = conv2d([1, 2, 6, 6], 4, 2, [3, 3, 1, 1, 1, 1, 1, 1, 1, 1], 1);
        change(&mut case.record);
        let message = admit(&case.record).unwrap_err().to_string();
        assert!(message.contains(says), "`{message}` does not say `{says}`");
    };
    refused(|record| record.set_attribute(1, 128), "attribute 1 (minimum) is 128");
    refused(
        |record| record.set_attribute(3, 200),
        "attribute 3 (input zero point) is 200",
    );
    refused(|record| record.set_attribute(6, 0), "attribute 6 (stride) is 0");
    refused(|record| record.set_attribute(8, 1 << 16), "attribute 8 (padding)");
    refused(
        |record| record.set_attribute(14, 3),
        "a divisor of input and output channels",
    );
    refused(|record| record.set_attribute(15, 1), "attribute 15 (unused)");
    refused(|record| record.set_attribute(4, 50), "input 1 must have shape");
    refused(
        |record| record.set_attribute(6, 2),
        "the output must be i8 [1, 4, 3, 6]",
    );
    refused(|record| record.set_block_log2(6), "block_log2");
    refused(
        |record| record.set_scratch_bytes(3),
        "scratch_bytes is 3; it must lie in 26",
    );
    refused(
        |record| record.set_scratch_bytes(MAX_SCRATCH_BYTES + 1),
        "scratch_bytes",
    );
    refused(|record| record.set_output_initial(Some(0)), "cannot start as an input");
    let mut update = cases::update_rows(&[4, 3], 2, 1);
    update.record.set_output_initial(None);
    assert_eq!(
        admit(&update.record).unwrap_err().to_string(),
        "the operator's output must start as input 0"
    );
    let mut select = cases::select_rows(&[4, 3], 2, 1);
    select.record.set_attribute(0, 5);
    assert_eq!(
        admit(&select.record).unwrap_err().to_string(),
        "attribute 0 (rows) is 5; it must be at most the rows that there are"
    );
    let mut unknown = matmul(1, 1, 1, 1).record.to_bytes();
    unknown[0] = 250;
    let unknown = Record::from_bytes(&unknown).unwrap();
    assert_eq!(admit(&unknown).unwrap_err().to_string(), "no operator has the tag 250");
}

/// What a whole graph's nodes must not read is named by `admit_whole_graph` and does not run.
#[test]
fn whole_graphs_read_only_what_is_there() {
    let refused = |node: usize, change: &dyn Fn(&mut Record)| {
        let (mut case, _) = whole_graph(1, &[9, 6, 6], 1);
        admit_whole_graph(&case.record, &case.inputs[0]).expect("the graph is admitted before the change");
        let bytes = &mut case.inputs[0][node * RECORD_BYTES..][..RECORD_BYTES];
        let mut record = Record::from_bytes(bytes).unwrap();
        change(&mut record);
        bytes.copy_from_slice(&record.to_bytes());
        let reference = RunError::Reference { node: node as u32 };
        assert_eq!(admit_whole_graph(&case.record, &case.inputs[0]), Err(reference));
        let mut output = vec![0; case.record.output_bytes() as usize];
        let mut scratch = vec![0; case.record.scratch_bytes() as usize];
        let ran = opml_ops::run(&case.record, &case.slices(), &mut output, 0, &mut scratch);
        assert_eq!(ran, Err(reference));
    };
    // Nodes: 0 product, 1 clamp, 2 gap, 3 alias, 4 product, 5 clamp, …
    refused(1, &|record| record.set_input_index(0, 1));
    refused(1, &|record| record.set_input_index(0, 5));
    refused(3, &|record| record.set_input_index(0, 2));
    refused(4, &|record| record.set_input_index(1, 1 << 20));
    refused(0, &|record| record.set_input_index(0, 1));
    refused(0, &|record| record.set_input_index(0, u32::MAX));
    refused(1, &|record| {
        let output = record.output().unwrap();
        record.set_output(Value {
            index: SCRATCH_BASE,
            ..output
        });
    });
    refused(1, &|record| {
        let output = record.output().unwrap();
        record.set_output(Value { index: 0, ..output });
    });
}

#[test]
fn wrong_sizes_are_errors() {
    let case = matmul(2, 3, 4, 1);
    let mut inputs = case.slices();
    inputs[1] = &inputs[1][1..];
    assert!(opml_ops::run(&case.record, &inputs, &mut [0; 8], 0, &mut []).is_err());
    assert!(opml_ops::run(&case.record, &case.slices(), &mut [0; 8], 1, &mut []).is_err());
    assert!(opml_ops::run(&case.record, &case.slices(), &mut [0; 8], usize::MAX, &mut []).is_err());
    let case = conv2d([1, 1, 2, 2], 1, 1, [1, 1, 1, 1, 0, 0, 0, 0, 1, 1], 1);
    assert!(opml_ops::run(&case.record, &case.slices(), &mut [0; 4], 0, &mut [0; 4]).is_err());
}
