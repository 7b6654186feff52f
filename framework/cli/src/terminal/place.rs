use super::count;
use crate::workload::Bodies;

/// A part of a part, in words: `path` has one index for each of the stages `kinds`, outermost first.
pub(crate) fn place(kinds: &[&str], bodies: &Bodies, path: &[u64]) -> String {
    let mut passes = kinds.iter().zip(path).filter(|(kind, _)| **kind == "loop");
    let model = bodies.graph(passes.next_back().map_or(0, |(_, pass)| *pass));
    let named = kinds.iter().zip(path).map(|(kind, part)| match *kind {
        "loop" => format!("pass {part}"),
        "node" => format!("block {part}"),
        "instruction" => format!("instruction {}", count(*part)),
        "graph" => match usize::try_from(*part).ok().and_then(|part| model.nodes.get(part)) {
            Some(node) => format!("node {part} `{}`", node.name),
            None => format!("node {part}"),
        },
        _ => format!("part {part}"),
    });
    named.collect::<Vec<_>>().join(", ")
}
