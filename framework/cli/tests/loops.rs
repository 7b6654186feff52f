//! Specs with loops: the outputs are what an independent calculation gives, and a lie anywhere is found and judged.

mod program;

use program::{folder, opml_run, root, variant};
use serde_json::Value;

fn report(spec: &str, changes: &[(&str, &str)]) -> Value {
    let folder = folder();
    let file = variant(folder.path(), spec, changes);
    let ended = opml_run(folder.path(), &[&file, "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{spec}: {}{}", ended.stdout, ended.stderr);
    let text = std::fs::read_to_string(folder.path().join("report.json")).expect("the report");
    serde_json::from_str(&text).expect("JSON")
}

fn honest(spec: &str, lie: &str) -> Vec<i64> {
    let report = report(spec, &[(lie, "proposer: honest")]);
    assert!(report["dispute"].is_null());
    assert_eq!(report["output"]["final"], true);
    let values = report["output"]["values"].as_array().expect("values");
    values
        .iter()
        .map(|value| value.as_f64().expect("a number") as i64)
        .collect()
}

fn convicted(spec: &str, pipeline: &[&str], path: &[u64]) {
    let report = report(spec, &[]);
    assert_eq!(report["pipeline"], serde_json::json!(pipeline));
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(report["dispute"]["by_timeout"], false);
    assert_eq!(report["dispute"]["final_step"]["path"], serde_json::json!(path));
}

/// All numbers of an example's JSON file.
fn numbers(example: &str) -> Vec<i64> {
    let text = std::fs::read_to_string(root().join("examples").join(example)).expect("an example");
    let rows: Vec<Vec<i64>> = serde_json::from_str(&text).expect("rows of numbers");
    rows.concat()
}

#[test]
fn a_loop_in_a_loop_counts() {
    let lie = "proposer: { lies: { at: [{ loop: 1 }, { loop: 2 }, { graph: 0 }, { instruction: 3070 }], part: output, byte: 0 } }";
    assert_eq!(honest("counter-loops", lie), [5 + 3 * 4 * 3]);
    convicted(
        "counter-loops",
        &["loop", "loop", "graph", "instruction"],
        &[1, 2, 0, 3070],
    );
}

#[test]
fn a_tiled_product_is_the_product() {
    let lie = "proposer: { lies: { at: [{ loop: 2 }, { graph: 0 }, { node: 1 }, { instruction: 8000 }], part: output, byte: 40 } }";
    let tiles = numbers("tiles/tiles.json");
    let mut product = vec![0; 64];
    for pair in tiles.chunks(256) {
        let (left, right) = pair.split_at(128);
        for (place, sum) in product.iter_mut().enumerate() {
            let (row, column) = (place / 8, place % 8);
            *sum += (0..16).map(|k| left[row * 16 + k] * right[k * 8 + column]).sum::<i64>();
        }
    }
    assert_eq!(honest("tiled-matmul", lie), product);
    convicted(
        "tiled-matmul",
        &["loop", "graph", "node", "instruction"],
        &[2, 0, 1, 8000],
    );
}

#[test]
fn an_iterated_network_plays_life() {
    let lie = "proposer: { lies: { at: [{ loop: 9 }, { graph: 1 }, { node: 1 }, { instruction: 49000 }], part: output, byte: 74 } }";
    let mut cells = numbers("life/glider.json");
    for _ in 0..24 {
        let at = |y: i64, x: i64| match (0..16).contains(&y) && (0..16).contains(&x) {
            true => cells[(y * 16 + x) as usize],
            false => 0,
        };
        let next = |place: i64| {
            let (y, x) = (place / 16, place % 16);
            let square: i64 = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| at(y + dy, x + dx))).sum();
            let neighbours = square - at(y, x);
            i64::from(neighbours == 3 || neighbours == 2 && at(y, x) == 1)
        };
        cells = (0..256).map(next).collect();
    }
    assert_eq!(cells.iter().sum::<i64>(), 8, "a glider and a blinker");
    assert_eq!(honest("life", lie), cells);
    convicted("life", &["loop", "graph", "node", "instruction"], &[9, 1, 1, 49_000]);
}

#[test]
fn a_batch_is_its_pictures_one_by_one() {
    convicted("mnist-batch", &["loop", "graph", "instruction"], &[3, 3, 5500]);
    let lie = "proposer: { lies: { at: [{ loop: 3 }, { graph: 3 }, { instruction: 5500 }], part: output, byte: 4 } }";
    let batch = report("mnist-batch", &[(lie, "proposer: honest")]);
    let batch = batch["output"]["values"].as_array().expect("values").clone();
    let pictures = ["7-test0000", "2-test0001", "1-test0002", "0-test0003", "4-test0004"];
    for (row, picture) in batch.chunks(10).zip(pictures) {
        let digit = format!("digits/{picture}.png");
        let alone = report("mnist-honest", &[("seven.png", &digit)]);
        assert_eq!(alone["output"]["values"].as_array().expect("values"), row, "{picture}");
    }
    assert_eq!(batch.len(), 50);
}

#[test]
fn a_false_challenge_of_a_loop_is_lost() {
    let honest = [(
        "proposer: { lies: { at: [{ loop: 9 }, { graph: 1 }, { node: 1 }, { instruction: 49000 }], part: output, byte: 74 } }\n  challenger: honest",
        "proposer: honest\n  challenger: { lies: { at: [{ loop: 9 }, { graph: 1 }, { node: 1 }], byte: 74 } }",
    )];
    let report = report("life", &honest);
    assert_eq!(report["dispute"]["verdict"], "defender");
    assert_eq!(report["output"]["final"], true);
}

#[test]
fn what_does_not_fit_a_loop_is_said() {
    let refused = |spec: &str, from: &str, to: &str| {
        let folder = folder();
        let file = variant(folder.path(), spec, &[(from, to)]);
        let ended = opml_run(folder.path(), &[&file, "--quiet"]);
        assert_eq!(ended.code, 2, "{to}: {}", ended.stderr);
        ended.stderr
    };
    assert_eq!(
        refused("mnist-batch", "collect: logits", "collect: classes"),
        "error: stages[0].loop: the graph has no output `classes`; it has `logits`\n"
    );
    assert_eq!(
        refused("mnist-batch", ", collect: logits", ""),
        "error: stages[0].loop: nothing is handed on from pass to pass: write `carry`, or `collect` an output\n"
    );
    assert_eq!(
        refused("mnist-batch", "passes: 5", "passes: 6"),
        "error: input: there are 5 values, a request takes 6: `image` u8 [1, 1, 28, 28], `image` u8 [1, 1, 28, 28], `image` u8 [1, 1, 28, 28], `image` u8 [1, 1, 28, 28], `image` u8 [1, 1, 28, 28], `image` u8 [1, 1, 28, 28]\n"
    );
    assert_eq!(
        refused(
            "mnist-batch",
            "collect: logits",
            "carry: [{ input: image, from: logits }]"
        ),
        "error: stages[0].loop: the output `logits` is i8 [1, 10], the input `image` that it becomes is u8 [1, 1, 28, 28]\n"
    );
    assert_eq!(
        refused("tiled-matmul", "input: sum, ", "input: total, "),
        "error: stages[0].loop: the graph carries 1 values itself, so its outputs are their next values: `total` is none of its own\n"
    );
    assert_eq!(
        refused("tiled-matmul", "passes: 4", "passes: 3"),
        "error: input: there are 1024 elements, the 6 values of a request have 768: `left` i8 [8, 16], `right` i8 [16, 8], `left` i8 [8, 16], `right` i8 [16, 8], `left` i8 [8, 16], `right` i8 [16, 8]\n"
    );
}
