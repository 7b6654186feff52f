//! The guest images compute what the operators say, inside their machines, for whole nodes, blocks and whole graphs.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;

mod guest_run;

use cases::{Case, Random, TYPED_OPERATORS, any_node, conv2d, fixed_node, matmul, whole_graph};
use guest_run::{block_range, boot_and_run, boot_and_run_in, images};
use opml_commit::slot_root;
use opml_native::GUEST_STEPS_PER_UNIT;
use opml_ops::{Operator, Record, WHOLE_GRAPH, admit_whole_graph, work_units};
use proptest::prelude::*;

/// Runs a case whole and in some blocks; gives the steps of the whole run.
fn check(case: &Case) -> u64 {
    let mode = if case.record.tag() == WHOLE_GRAPH { 3 } else { 1 };
    let expected = case.run_all();
    let ended = boot_and_run(&case.record, &case.inputs, mode, 0);
    assert_eq!(ended.exit_code, 0, "{:?}", case.record);
    assert_eq!(ended.output[..expected.len()], expected, "{:?}", case.record);
    assert_eq!(
        ended.output[expected.len()..],
        [0; 128],
        "bytes after the output were written"
    );
    let units = match mode {
        1 => work_units(&case.record),
        _ => {
            let needs = admit_whole_graph(&case.record, &case.inputs[0]);
            needs.expect("a case is admitted").work_units
        }
    };
    assert!(
        ended.steps <= GUEST_STEPS_PER_UNIT * units,
        "{} steps for {units} units: {:?}",
        ended.steps,
        case.record
    );
    if mode == 1 {
        let blocks = expected.len().div_ceil(1 << case.record.block_log2()) as u32;
        for block in [0, blocks / 2, blocks - 1] {
            let mut only = vec![0; expected.len() + 128];
            let range = block_range(&case.record, block);
            only[range.clone()].copy_from_slice(&expected[range]);
            let part = boot_and_run(&case.record, &case.inputs, 2, block);
            assert_eq!(part.exit_code, 0);
            assert_eq!(part.output, only, "block {block} of {:?}", case.record);
            assert!(part.steps <= GUEST_STEPS_PER_UNIT * units);
        }
    }
    ended.steps
}

/// Damages that are tried until some are admitted.
const DAMAGES: usize = 40;

/// The record with one or two of its words changed: of those that say something, and the attributes.
fn damaged(record: &Record, random: &mut Random) -> Record {
    let mut words = *record.words();
    let says: Vec<usize> = (0..words.len())
        .filter(|place| words[*place] != 0 || (164..180).contains(place))
        .collect();
    for _ in 0..=random.below(2) {
        let word = &mut words[says[random.below(says.len() as u64) as usize]];
        *word = match random.below(4) {
            0 => random.below(20) as u32,
            1 => word.wrapping_add(1 + random.below(3) as u32),
            2 => word.wrapping_sub(1 + random.below(3) as u32),
            _ => *word ^ 1 << random.below(32),
        };
    }
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Record::from_bytes(&bytes).expect("a record's bytes")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn random_nodes_equal_the_operators(seed in any::<u64>()) {
        check(&any_node(seed));
    }

    #[test]
    fn whole_graphs_equal_the_operators(rows in 1u32..3, depths in proptest::collection::vec(1u32..40, 2..4), seed in any::<u32>()) {
        check(&whole_graph(rows, &depths, u64::from(seed)).0);
    }

    /// Damage to a record is refused, or leaves another node that runs within its bound like any other, whatever its values are.
    #[test]
    fn damaged_nodes_are_refused_or_run_within_their_bound(seed in any::<u64>()) {
        let random = &mut Random::new(seed);
        let whole = any_node(seed);
        let damaged = (0..DAMAGES).map(|_| damaged(&whole.record, random));
        let small = |record: &Record| work_units(record) < 1 << 18 && record.output_bytes() < 1 << 14;
        let admitted = damaged.filter(|record| {
            opml_ops::admit(record).is_ok() && record.tag() != WHOLE_GRAPH && small(record)
        });
        let admitted: Vec<Record> = admitted.take(2).collect();
        for record in admitted {
            let sizes = (0..record.input_count()).map(|input| record.input_bytes(input) as usize);
            let inputs = sizes.map(|size| (0..size).map(|_| random.next() as u8).collect()).collect();
            check(&Case { record, inputs });
        }
    }

    /// A record that is refused ends with an exit code other than 0, not with a fault.
    #[test]
    fn refused_records_end_orderly(seed in any::<u64>(), place in 0usize..180, word in 0u32..70_000) {
        let case = any_node(seed);
        let mut bytes = case.record.to_bytes();
        bytes[4 * place..4 * place + 4].copy_from_slice(&word.to_le_bytes());
        let record = Record::from_bytes(&bytes).unwrap();
        if opml_ops::admit(&record).is_err() {
            let code = boot_and_run(&record, &case.inputs, 1, 0).exit_code;
            prop_assert!(code == 1 || code == 2, "exit code {code}");
        }
    }
}

#[test]
fn frozen_vectors_hold() {
    for operator in Operator::ALL {
        for frozen in cases::frozen::read(operator.name()) {
            assert_eq!(frozen.case.run_all(), frozen.output);
            check(&frozen.case);
        }
    }
}

#[test]
fn the_committed_images_have_their_roots() {
    for (_, image) in images() {
        assert_eq!(slot_root(&image.bytes), image.root);
        assert!(image.bytes[..0x1000].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn steps_per_multiply_add() {
    let print = |name: &str, case: &Case, multiply_adds: u64| {
        let steps = check(case);
        println!(
            "{name}: {steps} steps, {:.2} a multiply-add",
            steps as f64 / multiply_adds as f64
        );
        steps
    };
    let macs = 784 * 32;
    let steps = print("matmul 1x784x32", &matmul(1, 784, 32, 1), macs);
    assert!(steps <= 5 * macs);
    print("matmul 1x32x10", &matmul(1, 32, 10, 1), 320);
    let window = [3, 3, 1, 1, 1, 1, 1, 1, 1, 1];
    print(
        "conv 1x28x28 to 8, 3x3",
        &conv2d([1, 1, 28, 28], 8, 1, window, 2),
        28 * 28 * 8 * 9,
    );
    let macs = 14 * 14 * 16 * 8 * 9;
    let steps = print(
        "conv 8x14x14 to 16, 3x3",
        &conv2d([1, 8, 14, 14], 16, 1, window, 3),
        macs,
    );
    assert!(steps <= 5 * macs);
    print(
        "depthwise 16x14x14, 3x3",
        &conv2d([1, 16, 14, 14], 16, 16, window, 3),
        14 * 14 * 16 * 9,
    );
}

/// What fixed nodes cost in each machine is what `docs/guest-steps.md` says; with `OPML_UPDATE_STEPS=1` it is written anew.
#[test]
fn steps_of_every_operator_are_those_of_the_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guest-steps.md");
    let text = std::fs::read_to_string(&path).expect("docs/guest-steps.md");
    let head = text.split("| operator").next().expect("a heading");
    let mut table = String::from(
        "| operator | output | counted | mips steps | each | riscv steps | each |\n|---|---|---|---|---|---|---|\n",
    );
    for operator in TYPED_OPERATORS {
        let (case, count) = fixed_node(*operator);
        let shape = case.record.output().expect("an output").shape;
        table += &format!("| {} | {shape} | {count} |", operator.name());
        for (machine, image) in images() {
            let ended = boot_and_run_in(machine, image, &case.record, &case.inputs, 1, 0);
            assert_eq!(ended.output[..case.record.output_bytes() as usize], case.run_all());
            table += &format!(" {} | {:.1} |", ended.steps, ended.steps as f64 / count as f64);
        }
        table += "\n";
    }
    let whole = format!("{head}{table}");
    if std::env::var_os("OPML_UPDATE_STEPS").is_some() {
        std::fs::write(&path, whole).expect("the table is written");
    } else {
        assert!(
            text == whole,
            "the guest takes other steps than docs/guest-steps.md says: run this test with OPML_UPDATE_STEPS=1 and look at the difference"
        );
    }
}
