//! Writes `specs/vectors/operators/<operator>.json` from the formulas, for operators that have no file yet.
//!
//! A file that exists is never changed: what a tag means is frozen.

#[path = "../tests/cases/mod.rs"]
mod cases;
#[path = "../tests/oracle/mod.rs"]
mod oracle;

use cases::frozen::{Frozen, folder, to_json};
use cases::{
    Case, conv2d, elementwise, matmul, matmul_i8_i32, max_pool, select_rows, typed_node, update_rows, whole_graph,
};
use opml_ops::Operator;

fn nodes(operator: Operator) -> Vec<(String, Case)> {
    let named = |name: &str, case: Case| (name.to_string(), case);
    match operator {
        Operator::MatMulI8 => [(1, 1, 1), (2, 9, 10), (1, 16, 70), (3, 5, 64), (1, 70, 8), (5, 3, 130)]
            .iter()
            .flat_map(|(rows, depth, outputs)| {
                (0..3).map(move |seed| {
                    let case = matmul(*rows, *depth, *outputs, seed);
                    (format!("{rows}x{depth}x{outputs}, {seed}"), case)
                })
            })
            .collect(),
        Operator::Conv2dI8 => {
            let plain = [3, 3, 1, 1, 1, 1, 1, 1, 1, 1];
            vec![
                named("padded", conv2d([1, 2, 6, 5], 6, 1, plain, 1)),
                named("batch of two", conv2d([2, 1, 4, 4], 9, 1, plain, 2)),
                named("depthwise", conv2d([1, 4, 5, 5], 4, 4, plain, 3)),
                named("two groups", conv2d([1, 4, 4, 6], 6, 2, plain, 4)),
                named("strides", conv2d([1, 2, 9, 8], 3, 1, [3, 2, 2, 3, 1, 0, 0, 2, 1, 1], 5)),
                named(
                    "dilation",
                    conv2d([1, 1, 9, 9], 2, 1, [3, 3, 1, 2, 0, 1, 2, 0, 2, 3], 6),
                ),
                named(
                    "pointwise",
                    conv2d([1, 9, 3, 3], 70, 1, [1, 1, 1, 1, 0, 0, 0, 0, 1, 1], 7),
                ),
                named(
                    "only padding",
                    conv2d([1, 1, 1, 1], 2, 1, [2, 2, 1, 1, 3, 3, 2, 2, 1, 1], 8),
                ),
                named(
                    "wide kernel",
                    conv2d([1, 1, 7, 7], 2, 1, [5, 5, 1, 1, 2, 2, 2, 2, 1, 1], 9),
                ),
            ]
        }
        Operator::MaxPool2dI8 => vec![
            named("two by two", max_pool([1, 3, 6, 6], [2, 2, 2, 2, 0, 0, 0, 0], 1)),
            named("padded", max_pool([2, 1, 5, 4], [3, 3, 1, 1, 1, 1, 1, 1], 2)),
            named("only padding", max_pool([1, 1, 2, 2], [1, 1, 1, 1, 2, 1, 1, 2], 3)),
            named("uneven", max_pool([1, 1, 9, 7], [2, 3, 3, 2, 0, 1, 2, 0], 4)),
        ],
        Operator::MatMulI8I32 => [(1, 1, 1), (2, 9, 10), (3, 40, 33)]
            .iter()
            .map(|(rows, depth, outputs)| {
                let case = matmul_i8_i32(*rows, *depth, *outputs, 1);
                (format!("{rows}x{depth}x{outputs}"), case)
            })
            .collect(),
        Operator::SelectRows => (0..8)
            .map(|seed| {
                let case = select_rows(&[5, 3, 2], 1 + seed as u32 % 5, seed);
                (format!("{} of 5, {seed}", 1 + seed % 5), case)
            })
            .collect(),
        Operator::UpdateRows => (0..8)
            .map(|seed| {
                let case = update_rows(&[5, 3, 2], 1 + seed as u32 % 5, seed);
                (format!("{} of 5, {seed}", 1 + seed % 5), case)
            })
            .collect(),
        Operator::WholeGraph => Vec::new(),
        operator if cases::TYPED_OPERATORS.contains(&operator) => {
            let count = match operator {
                // One of each function at least, as far as chance goes.
                Operator::Unary => 120,
                Operator::Binary => 80,
                Operator::FixedUnary => 60,
                Operator::FixedSoftmax | Operator::FixedNormalize => 20,
                Operator::Reduce => 30,
                Operator::MatMulBlocks => 24,
                _ => 10,
            };
            // Two panels of two blocks, where weights lie in blocks.
            let most = match operator {
                Operator::MatMulBlocks => 5000,
                _ => 1100,
            };
            let small = |case: &Case| case.record.output_bytes() <= 400 && case.inputs.iter().all(|x| x.len() <= most);
            let cases = (0..).map(|seed| (format!("{seed}"), typed_node(operator, seed)));
            cases.filter(|(_, case)| small(case)).take(count).collect()
        }
        operator => (0..6)
            .map(|seed| {
                let case = elementwise(operator, &[2 + seed as u32, 43], seed);
                (format!("{}x43", 2 + seed), case)
            })
            .collect(),
    }
}

fn whole_graphs() -> Vec<Frozen> {
    let depths: [&[u32]; 2] = [&[9, 12], &[8, 70, 3]];
    let frozen = |depths: &[u32]| {
        let (case, nodes) = whole_graph(2, depths, 1);
        let last = nodes.last().expect("a whole graph has nodes");
        Frozen {
            name: format!("2x{depths:?}"),
            output: oracle::output(&last.record, &last.inputs).1,
            case,
        }
    };
    depths.map(frozen).into()
}

fn main() -> std::io::Result<()> {
    for operator in Operator::ALL {
        let path = folder().join(format!("{}.json", operator.name()));
        if path.exists() {
            continue;
        }
        let frozen = match operator {
            Operator::WholeGraph => whole_graphs(),
            operator => nodes(*operator)
                .into_iter()
                .map(|(name, case)| Frozen {
                    name,
                    output: oracle::output(&case.record, &case.inputs).1,
                    case,
                })
                .collect(),
        };
        let lines: Vec<_> = frozen.iter().map(|frozen| to_json(frozen).to_string()).collect();
        std::fs::write(&path, format!("[\n{}\n]\n", lines.join(",\n")))?;
        println!("{} nodes in {}", frozen.len(), path.display());
    }
    Ok(())
}
