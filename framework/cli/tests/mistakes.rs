//! What a user can do wrong: one clear error, the right exit code, and nothing left behind.

mod program;

use program::{Ended, files, folder, opml_run, root, variant};

/// Runs `mnist` with a change; gives what it says.
fn refused(changes: &[(&str, &str)]) -> String {
    let folder = folder();
    let spec = variant(folder.path(), "mnist", changes);
    let Ended { code, stderr, .. } = opml_run(folder.path(), &[&spec, "--report", "report.json", "--quiet"]);
    assert_eq!(code, 2, "{changes:?}: {stderr}");
    let left = files(folder.path());
    assert!(
        left.iter().all(|file| file == "spec.yaml" || file == "mnist.opml"),
        "{changes:?} left {left:?}"
    );
    stderr
}

fn example(path: &str) -> String {
    root().join("examples/mnist").join(path).display().to_string()
}

#[test]
fn words_of_the_spec() {
    assert_eq!(
        refused(&[("converter: onnx", "convertor: onnx")]),
        "error: spec.yaml:6:3: model: unknown field `convertor`, expected one of `converter`, `source`, `quantize`, `shapes`, `dimensions`, `values`, `inputs`, `outputs`, `generate`; did you mean `converter`?\n"
    );
    assert_eq!(
        refused(&[("arity: 16", "arity: 10")]),
        "error: spec.yaml: game.arity: 10 is not a power of two from 2 to 256\n"
    );
    let syntax = refused(&[("stages:", "stages: [")]);
    assert!(syntax.starts_with("error: spec.yaml:"), "{syntax}");
    let folder = folder();
    let missing = opml_run(folder.path(), &["nowhere.yaml"]);
    assert_eq!(
        (
            missing.code,
            missing.stderr.starts_with("error: cannot read the spec nowhere.yaml: ")
        ),
        (2, true),
        "{}",
        missing.stderr
    );
}

#[test]
fn parameters_below_the_services_floors() {
    assert_eq!(
        refused(&[("window: 1d", "window: 3s")]),
        "error: game: the service does not register these parameters: OutOfBounds(parameter = window, given = 3, least = 3600, most = 31536000)\n"
    );
}

#[test]
fn operators_that_are_not_supported_and_options_that_are_unknown() {
    let scheme = refused(&[("scheme: int8", "scheme: int4")]);
    assert_eq!(
        scheme,
        format!(
            "error: {}: `quantize.scheme` cannot be `int4`\n  help: did you mean `int8`?\n",
            example("mlp.onnx")
        )
    );
    let unknown = refused(&[("  quantize: { scheme: int8", "  outputs: [answer]  # { scheme: int8")]);
    assert_eq!(
        unknown,
        format!(
            "error: {}: the model has no output `answer`; it has `logits`\n  help: check `outputs` under `model`\n",
            example("mlp.onnx")
        )
    );
}

#[test]
fn files_that_are_missing() {
    let model = refused(&[("mlp.onnx", "gone.onnx")]);
    assert!(
        model.starts_with(&format!(
            "error: cannot read the model.source {}: ",
            example("gone.onnx")
        )),
        "{model}"
    );
    let input = refused(&[("seven.png", "gone.png")]);
    assert!(
        input.starts_with(&format!("error: cannot read the input {}: ", example("gone.png"))),
        "{input}"
    );
    let calibration = refused(&[("calibration.npy", "gone.npy")]);
    assert!(calibration.contains("gone.npy"), "{calibration}");
}

#[test]
fn inputs_that_do_not_fit() {
    let shape = refused(&[("seven.png", "golden/mlp.npy")]);
    let expected = format!(
        "error: the input {} has shape [100, 10] (1000 elements), the model's input `image` is [1, 1, 28, 28] (784 elements)\n",
        example("golden/mlp.npy")
    );
    assert_eq!(shape, expected);
    let kind = refused(&[("seven.png", "README.md")]);
    assert_eq!(
        kind,
        format!(
            "error: cannot read the input {}: its name must end in .png, .npy or .json\n",
            example("README.md")
        )
    );
    let inline = refused(&[(
        &format!("{}/seven.png", example("").trim_end_matches('/')),
        "[0.5, 1.0]",
    )]);
    assert_eq!(
        inline,
        "error: input has shape [2] (2 elements), the model's input `image` is [1, 1, 28, 28] (784 elements)\n"
    );
    let elements = refused(&[(
        &format!("{}/seven.png", example("").trim_end_matches('/')),
        "[0.5, seven]",
    )]);
    assert!(elements.starts_with("error: spec.yaml:"), "{elements}");
}

#[test]
fn models_that_are_damaged() {
    let folder = folder();
    let onnx = std::fs::read(example("mlp.onnx")).expect("the model");
    let damaged = folder.path().join("damaged.onnx");
    for (bytes, what) in [
        (&onnx[..onnx.len() / 2], "truncated"),
        (&b"not a model at all"[..], "text"),
        (&[][..], "empty"),
    ] {
        std::fs::write(&damaged, bytes).expect("a writable folder");
        let message = refused(&[(&example("mlp.onnx"), &damaged.display().to_string())]);
        assert!(
            message.starts_with(&format!("error: {}:", damaged.display())),
            "{what}: {message}"
        );
        assert!(!message.contains("panic"), "{what}: {message}");
    }
}

#[test]
fn lies_that_cannot_be_planted() {
    let planted = "{ graph: 3 }, { instruction: 6000 }], part: output, byte: 4";
    for (lie, expected) in [
        (
            "{ graph: 9 }], byte: 0",
            "error: parties.proposer.lies: it names part 9 of the graph stage, which has 4, 0 to 3\n",
        ),
        (
            "{ graph: 3 }], byte: 10",
            "error: parties.proposer.lies: it names byte 10 of node 3 `fc2`, which has 10\n",
        ),
        (
            "{ graph: 3 }, { instruction: 100 }], byte: 4",
            "error: parties.proposer.lies: it is masked: the work after it gives the true output all the same; plant it elsewhere\n",
        ),
        (
            "{ node: 3 }], byte: 4",
            "error: spec.yaml: parties.proposer.lies.at: [node] does not follow the stages [graph, instruction]\n",
        ),
    ] {
        assert_eq!(refused(&[(planted, lie)]), expected);
    }
    let step = refused(&[(planted, "{ graph: 3 }, { instruction: 999999999 }], byte: 4")]);
    assert!(
        step.starts_with("error: parties.proposer.lies: it names step 999999999, but the program has "),
        "{step}"
    );
}

#[test]
fn plugins_that_cannot_be_used() {
    let missing = refused(&[("plugins: [onnx, dnn, mips]", "plugins: [onnx, dnn, mips, gpu]")]);
    assert!(
        missing.starts_with("error: plugin `gpu` was not found in ")
            && missing.contains("cargo build -p opml-plugin-gpu"),
        "{missing}"
    );
    let unloaded = refused(&[("plugins: [onnx, dnn, mips]", "plugins: [onnx, dnn]")]);
    assert!(
        unloaded.contains("no loaded plugin provides the virtual machine `mips`"),
        "{unloaded}"
    );
    let folder = folder();
    let random = folder.path().join("librandom.so");
    std::fs::write(&random, [0x5a; 4096]).expect("a writable folder");
    let ended = opml_run(folder.path(), &["plugins", &random.display().to_string()]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("cannot be loaded as a library"),
        "{}",
        ended.stderr
    );
    let listed = opml_run(folder.path(), &["plugins"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    for provided in ["converter `onnx`", "compute backend `native`", "virtual machine `mips`"] {
        assert!(listed.stdout.contains(provided), "{}", listed.stdout);
    }
}

#[test]
fn model_files_that_were_altered() {
    let folder = folder();
    let spec = variant(folder.path(), "mnist", &[]);
    let converted = opml_run(folder.path(), &["convert", &spec, "--output", "m.opml"]);
    assert_eq!(converted.code, 0, "{}", converted.stderr);
    let verified = opml_run(folder.path(), &["verify", "m.opml"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    assert!(verified.stdout.starts_with("m.opml: valid\n"), "{}", verified.stdout);
    let good = std::fs::read(folder.path().join("m.opml")).expect("the model file");
    let say = |bytes: &[u8]| {
        std::fs::write(folder.path().join("x.opml"), bytes).expect("a writable folder");
        let ended = opml_run(folder.path(), &["verify", "x.opml"]);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        ended.stderr
    };
    let length = good.len() / 2;
    assert_eq!(
        say(&good[..length]),
        format!(
            "error: x.opml: the model file is truncated: it has {length} bytes, fewer than it announces; convert the model again\n"
        )
    );
    let mut altered = good.clone();
    altered[200] ^= 1;
    assert_eq!(
        say(&altered),
        "error: x.opml: the model file is damaged: the header, a record or a name does not match its digest; convert the model again\n"
    );
    let weight = good.iter().rposition(|byte| *byte != 0).expect("a constant's byte");
    let mut altered = good;
    altered[weight] ^= 1;
    let message = say(&altered);
    assert!(
        message.starts_with("error: x.opml: the model file is damaged: constant "),
        "{message}"
    );
    let missing = opml_run(folder.path(), &["verify", "gone.opml"]);
    assert_eq!(
        (missing.code, missing.stderr.starts_with("error: gone.opml: ")),
        (2, true),
        "{}",
        missing.stderr
    );
}

#[test]
fn reports_and_models_that_cannot_be_written() {
    let folder = folder();
    let spec = variant(folder.path(), "mnist", &[]);
    let ended = opml_run(folder.path(), &[&spec, "--quiet", "--report", "no/such/report.json"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .starts_with("error: cannot write the report no/such/report.json: "),
        "{}",
        ended.stderr
    );
    let ended = opml_run(folder.path(), &[]);
    assert_eq!(ended.code, 2, "help, and the exit code of a mistake");
    assert!(ended.stderr.contains("Usage: opml-run"), "{}", ended.stderr);
}
