//! The words of a spec: what is accepted, and exactly what is said of what is not.

use std::path::Path;

use opml_pipeline::{
    CarrySpec, ClockPlan, InputSpec, LiePart, LieSpec, PartySpec, Spec, SpecError, StageKind, StagePlace, StartSpec,
    Threads, load_spec, parse_spec, plan, schema,
};

const MNIST: &str = include_str!("../../../specs/pipelines/mnist.yaml");

fn parse(text: &str) -> Result<Spec, SpecError> {
    parse_spec(text, Path::new("s.yaml"))
}

/// The message for `MNIST` with `from` replaced by `to`, whether parsing or planning refuses it.
fn refusal(from: &str, to: &str) -> String {
    assert!(MNIST.contains(from), "the spec no longer says {from}");
    match parse(&MNIST.replacen(from, to, 1)) {
        Err(error) => error.to_string(),
        Ok(spec) => plan(&spec).expect_err(to).to_string(),
    }
}

#[test]
fn the_main_spec_means_what_it_says() {
    let spec = parse(MNIST).expect("the main spec");
    let plan = plan(&spec).expect("the main plan");
    assert_eq!(plan.stages, [StageKind::Graph, StageKind::Instruction]);
    let hour = ClockPlan { base: 3600, unit: 3600 };
    assert_eq!(plan.clocks, [hour, hour]);
    assert_eq!((plan.vm.as_str(), plan.backend.as_str()), ("mips", "native"));
    let at = vec![StagePlace::Graph(3), StagePlace::Instruction(6000)];
    assert_eq!(
        spec.parties.proposer,
        PartySpec::Lies(LieSpec {
            at,
            part: LiePart::Output,
            byte: 4,
            register: None
        })
    );
    assert_eq!(spec.parties.challenger, PartySpec::Honest);
    assert_eq!(spec.game.fee.to_string(), "0.01 ether");
}

#[test]
fn threads_are_a_number_or_auto() {
    let spec = parse(&MNIST.replace("threads: auto", "threads: 3")).expect("a number");
    assert_eq!(plan(&spec).expect("a plan").threads, 3);
    assert!(parse(&MNIST.replace("threads: auto", "threads: 0")).is_err());
    assert!(parse(&MNIST.replace("threads: auto", "threads: many")).is_err());
    assert_eq!(Threads::default(), Threads::Auto);
}

#[test]
fn paths_are_relative_to_the_spec() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pipelines/mnist.yaml");
    let spec = load_spec(&path).expect("the main spec");
    assert!(
        spec.model.source.is_absolute()
            && spec.model.source.ends_with("examples/mnist/mlp.onnx")
            && !spec.model.source.to_string_lossy().contains("..")
    );
    let missing = load_spec(Path::new("no/such.yaml"))
        .expect_err("a missing file")
        .to_string();
    assert!(missing.starts_with("cannot read the spec no/such.yaml: "), "{missing}");
}

#[test]
fn unknown_words_name_line_column_and_the_nearest_known_one() {
    assert_eq!(
        refusal("converter: onnx", "convertor: onnx"),
        "s.yaml:6:3: model: unknown field `convertor`, expected one of `converter`, `source`, `quantize`, `shapes`, `dimensions`, `values`, `inputs`, `outputs`, `generate`; did you mean `converter`?"
    );
    assert_eq!(
        refusal("  - graph:", "  - grpah:"),
        "s.yaml:11:5: stages[0]: unknown variant `grpah`, expected one of `loop`, `graph`, `node`, `instruction`; did you mean `graph`?"
    );
    let far = refusal("chain: embedded", "chain: bitcoin");
    assert!(
        far.contains("unknown variant `bitcoin`") && !far.contains("did you mean"),
        "{far}"
    );
    let syntax = refusal("name: mnist", "name: [mnist");
    assert!(syntax.starts_with("s.yaml:"), "{syntax}");
}

#[test]
fn parts_that_do_not_fit_are_named() {
    for (from, to, expected) in [
        (
            "version: 1",
            "version: 2",
            "version: 2 is unknown; this software reads version 1",
        ),
        (
            "arity: 16",
            "arity: 12",
            "game.arity: 12 is not a power of two from 2 to 256",
        ),
        (
            "arity: 16",
            "arity: 512",
            "game.arity: 512 is not a power of two from 2 to 256",
        ),
        ("window: 1d", "window: 0s", "game.window must be longer than zero"),
        ("clock: 1h", "clock: 1h, unit: 0s", "game.unit must be longer than zero"),
        (
            "challenger: 0.1 ether",
            "challenger: 2 ether",
            "game.bonds: the proposer's bond must exceed the challenger's, and both must exceed zero",
        ),
        (
            "  - graph: { backend: native, threads: auto }\n  - instruction: { vm: mips }",
            "  - instruction: { vm: mips }\n  - graph: {}",
            "stages: [instruction, graph] is not a pipeline; write any of loop (also several), graph, node in this order, then instruction",
        ),
        (
            "  - graph: { backend: native, threads: auto }",
            "  - node: {}",
            "stages: a node stage needs a graph stage before it",
        ),
        (
            "{ graph: 3 }, { instruction: 6000 }",
            "{ instruction: 7000 }",
            "parties.proposer.lies.at: [instruction] does not follow the stages [graph, instruction]",
        ),
        (
            ", { instruction: 6000 }], part: output",
            "], part: register",
            "parties.proposer.lies: only the machine has registers and scratch: extend `at` to an instruction",
        ),
        (
            "part: output",
            "part: register",
            "parties.proposer.lies: `part: register` needs `register:` from 1 to 31",
        ),
        (
            "proposer: { lies: { at: [{ graph: 3 }, { instruction: 6000 }], part: output, byte: 4 } }",
            "proposer: none",
            "parties.proposer: `none` leaves nobody to post a result",
        ),
        (
            "name: mnist",
            "name: ../mnist",
            "name: `../mnist` must be made of letters, digits, `-`, `_` and `.`, and begin with a letter or digit",
        ),
    ] {
        assert_eq!(refusal(from, to), expected);
    }
    let duration = refusal("window: 1d", "window: 1 fortnight");
    assert!(
        duration.contains("`1 fortnight` is not a duration: write a whole number and a unit"),
        "{duration}"
    );
}

const LOOPED: &str = "  - loop: { passes: 3 }
  - loop: { passes: 4, carry: [{ input: state, from: next, start: zero }, { input: seen }], output: state }
  - graph: { backend: native, threads: auto }";
const UNLOOPED: &str = "  - graph: { backend: native, threads: auto }";

#[test]
fn loops_stand_before_the_graph_and_the_innermost_says_what_is_handed_on() {
    let text = MNIST.replacen(UNLOOPED, LOOPED, 1).replacen(
        "at: [{ graph: 3 }, { instruction: 6000 }]",
        "at: [{ loop: 2 }, { loop: 1 }, { graph: 3 }]",
        1,
    );
    let text = text.replacen(
        "input: ../../examples/mnist/seven.png",
        "input: [../../examples/mnist/seven.png, [1, 2.5]]",
        1,
    );
    let spec = parse(&text).expect("two loops");
    let plan = plan(&spec).expect("a plan");
    assert_eq!(
        plan.stages,
        [
            StageKind::Loop,
            StageKind::Loop,
            StageKind::Graph,
            StageKind::Instruction
        ]
    );
    let carried = |input: &str, from: Option<&str>, start| CarrySpec {
        input: input.into(),
        from: from.map(String::from),
        start,
    };
    assert_eq!(
        plan.loops[1].carry,
        [
            carried("state", Some("next"), StartSpec::Zero),
            carried("seen", None, StartSpec::Request)
        ]
    );
    assert_eq!(plan.loops[0].passes.map(|passes| passes.get()), Some(3));
    assert!(
        matches!(&spec.input, InputSpec::Several(values) if matches!(values[..], [InputSpec::File(_), InputSpec::Inline(_)]))
    );
}

#[test]
fn loops_that_do_not_fit_are_named() {
    let many = format!("{}{UNLOOPED}", "  - loop: { passes: 2 }\n".repeat(7));
    for (to, expected) in [
        (
            LOOPED.replace("passes: 3 }", "passes: 3, collect: y }"),
            "stages[0].loop.collect: only the innermost loop says what its passes hand on",
        ),
        (
            LOOPED.replace("output: state", "output: state, collect: y"),
            "stages[1].loop: write `collect` or `output`, not both",
        ),
        (
            "  - loop: { passes: 3 }\n  - node: {}".into(),
            "stages: a node stage needs a graph stage before it",
        ),
        (many, "stages: 9 stages are too many; a pipeline has at most 8"),
        (
            format!("{UNLOOPED}\n  - loop: {{ passes: 3 }}"),
            "stages: [graph, loop, instruction] is not a pipeline; write any of loop (also several), graph, node in this order, then instruction",
        ),
    ] {
        assert_eq!(refusal(UNLOOPED, &to), expected);
    }
    let none = refusal(UNLOOPED, &LOOPED.replace("passes: 3", "passes: 0"));
    assert!(none.starts_with("s.yaml:11:"), "{none}");
}

#[test]
fn the_committed_schema_is_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/schema/spec.schema.json");
    if std::env::var_os("OPML_UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, schema()).expect("the schema is writable");
    }
    let committed = std::fs::read_to_string(&path).expect("the schema is committed");
    assert_eq!(committed, schema(), "run with OPML_UPDATE_SCHEMA=1 to write it again");
}
