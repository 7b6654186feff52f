//! A language model from its settings to the verdict: text in, text out, drawn by a seed, and a lie in it convicted.

mod program;

use program::{folder, opml_run, variant};
use serde_json::Value;

const LIE: &str = "proposer: { lies: { at: [{ loop: 4 }, { graph: 37 }], part: output, byte: 3 } }";

/// The report of a run, and what was printed.
fn ran(changes: &[(&str, &str)]) -> (Value, String) {
    let folder = folder();
    let file = variant(folder.path(), "tiny-llama", changes);
    let ended = opml_run(folder.path(), &[&file, "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let text = std::fs::read_to_string(folder.path().join("report.json")).expect("the report");
    (serde_json::from_str(&text).expect("JSON"), ended.stdout)
}

/// What the model writes after the prompt.
fn text(seed: &str) -> String {
    let seed = format!("seed: {seed} }}");
    let (report, printed) = ran(&[(LIE, "proposer: honest"), ("seed: 7 }", &seed)]);
    assert!(report["dispute"].is_null());
    assert!(
        report["native"]["tokens_per_second"]
            .as_f64()
            .is_some_and(|speed| speed > 0.0)
    );
    let line = printed.lines().find_map(|line| line.strip_prefix("  text     "));
    line.expect("the text as it is written").to_string()
}

#[test]
fn a_lie_in_a_drawn_text_is_convicted() {
    let (report, printed) = ran(&[]);
    assert_eq!(
        report["pipeline"],
        serde_json::json!(["loop", "graph", "node", "instruction"])
    );
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(report["dispute"]["by_timeout"], false);
    let path = report["dispute"]["final_step"]["path"].as_array().expect("a path");
    assert_eq!(path[..2], [4, 37]);
    assert!(printed.contains("pass 4, node 37 `layer.1.feed_norm`"), "{printed}");
}

#[test]
fn the_seed_decides_the_text() {
    assert_eq!(text("7"), text("7"));
    assert_ne!(text("7"), text("4294967295"));
}

/// The program's output on a terminal, by Python's `pty`.
fn on_a_terminal(folder: &std::path::Path, arguments: &[&str]) -> String {
    const SPAWN: &str = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let ran = std::process::Command::new("python3")
        .args(["-c", SPAWN, env!("CARGO_BIN_EXE_opml-run")])
        .args(arguments)
        .current_dir(folder)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("Python starts");
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{printed}");
    printed
}

#[test]
fn a_terminal_shows_how_far_the_text_is() {
    let folder = folder();
    let file = variant(folder.path(), "tiny-llama", &[(LIE, "proposer: honest")]);
    let printed = on_a_terminal(folder.path(), &[&file, "--report", "report.json"]);
    let line = printed.lines().find(|line| line.starts_with("  text     "));
    let line = line.expect("the line of text");
    // What lies between saving and restoring the cursor is cleared before anything is written over it.
    let mut parts = line.split("\u{1b}7");
    let mut text = parts.next().expect("the first part").to_string();
    let mut statuses = Vec::new();
    for part in parts {
        let (status, rest) = part.split_once("\u{1b}8").expect("the cursor is restored");
        statuses.push(status);
        text += rest.strip_prefix("\u{1b}[K").expect("a status is cleared");
    }
    let held = |what: &str| statuses.iter().any(|status| status.contains(what));
    assert!(held("reading the prompt, "), "{statuses:?}");
    assert!(held("tokens, ") && held(" tokens/s"), "{statuses:?}");
    let report = std::fs::read_to_string(folder.path().join("report.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let plain = opml_run(folder.path(), &[&file, "--reuse-model"]);
    let plain = plain
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("  text     ").map(String::from));
    assert_eq!(
        text.strip_prefix("  text     ").map(str::trim_end),
        plain.as_deref().map(str::trim_end)
    );
    assert!(report["native"]["tokens_per_second"].is_f64());
}

#[test]
fn a_model_file_may_be_used_again() {
    let folder = folder();
    let file = variant(folder.path(), "tiny-llama", &[(LIE, "proposer: honest")]);
    let first = opml_run(folder.path(), &[&file, "--model-file", "kept.opml"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let again = [&file[..], "--model-file", "kept.opml", "--reuse-model"];
    assert_eq!(opml_run(folder.path(), &again).code, 0);
    let mut bytes = std::fs::read(folder.path().join("kept.opml")).expect("a model file");
    let middle = bytes.len() - 8192;
    bytes[middle] ^= 1;
    std::fs::write(folder.path().join("kept.opml"), bytes).expect("a writable file");
    let refused = opml_run(folder.path(), &again);
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    assert!(
        refused
            .stderr
            .contains("kept.opml: the model file is damaged: constant")
            && refused
                .stderr
                .contains("leave out `--reuse-model` to convert the model again"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_is_wrong_with_a_prompt_is_said() {
    let refused = |from: &str, to: &str| {
        let folder = folder();
        let file = variant(folder.path(), "tiny-llama", &[(from, to)]);
        let ended = opml_run(folder.path(), &[&file]);
        assert_eq!(ended.code, 2, "{}", ended.stdout);
        ended
            .stderr
            .replace("\r", "\n")
            .lines()
            .rev()
            .take(2)
            .collect::<Vec<_>>()
            .join("|")
    };
    assert_eq!(
        refused("Is it so?", "Is it really so, or is it not?"),
        "  help: raise `model.generate.prompt`, or shorten the text|error: input.prompt: the text has 31 tokens, the model was converted for prompts of at most 16"
    );
    assert_eq!(
        refused(", sampling: { temperature: 0.8, top_k: 20, top_p: 0.9 }", ""),
        "  help: leave it out, or say how tokens are drawn in `model.generate.sampling`|error: input.seed: the model takes the likeliest token and draws none"
    );
}

#[test]
fn a_model_says_how_well_it_foretells_a_text() {
    let folder = folder();
    let file = variant(folder.path(), "tiny-llama", &[]);
    std::fs::write(folder.path().join("text"), "It is so, it is so.").expect("a writable folder");
    let read = |context: &str| {
        let ended = opml_run(
            folder.path(),
            &["perplexity", &file, "--text", "text", "--context", context],
        );
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.stdout
    };
    // Drawn weights know nothing: about as surprising as any of 512 tokens.
    let all = read("64");
    let said = all.strip_prefix("perplexity ").expect("a perplexity");
    let (number, rest) = said.split_once(' ').expect("a number");
    assert!((300.0..900.0).contains(&number.parse().expect("a number")), "{all}");
    assert_eq!(rest, "over 19 tokens\n");
    assert!(read("8").ends_with(" over 7 tokens; 12 more lie beyond the context\n"));
    std::fs::write(folder.path().join("text"), "").expect("a writable folder");
    let refused = opml_run(folder.path(), &["perplexity", &file, "--text", "text"]);
    assert_eq!(refused.code, 2);
}
