//! Sums of products by index letters.

use opml_ops::ReduceFunction as Reduce;

use crate::import::graph::Graph;
use crate::import::node::OnnxNode;
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};

/// All operands are laid out over all letters, multiplied, and summed over those that the result lacks; two operands whose letters make up
/// batches, rows, columns and one depth are a product of matrices.
pub(super) fn einsum(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let equation: String = node
        .text("equation", "")?
        .chars()
        .filter(|letter| *letter != ' ')
        .collect();
    if equation.contains('.') {
        return Err(
            Problem::new("an ellipsis in the equation is not supported").with_help("name every axis by a letter")
        );
    }
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left.to_string(), right.to_string()),
        None => {
            let mut once: Vec<char> = equation.chars().filter(|letter| letter.is_alphabetic()).collect();
            once.sort_unstable();
            once.retain(|letter| equation.matches(*letter).count() == 1);
            (equation.clone(), once.into_iter().collect())
        }
    };
    let operands = node.all()?;
    let terms: Vec<Vec<char>> = left.split(',').map(|term| term.chars().collect()).collect();
    let wanted: Vec<char> = right.chars().collect();
    if terms.len() != operands.len()
        || terms
            .iter()
            .zip(&operands)
            .any(|(term, operand)| term.len() != operand.rank())
    {
        return Err(Problem::new(format!(
            "the equation `{equation}` does not fit the inputs"
        )));
    }
    if let ([a, b], [x, y]) = (&terms[..], &operands[..])
        && let Some(product) = matrices(graph, [a, b], [x, y], &wanted)?
    {
        return Ok(product);
    }
    let mut letters = wanted.clone();
    for letter in terms.iter().flatten() {
        if !letters.contains(letter) {
            letters.push(*letter);
        }
    }
    let mut result: Option<Operand> = None;
    for (term, operand) in terms.iter().zip(&operands) {
        let mut view = Vec::new();
        for letter in &letters {
            let source = term.iter().position(|own| own == letter);
            if term.iter().filter(|own| *own == letter).count() > 1 {
                return Err(Problem::new(format!(
                    "the letter `{letter}` occurs twice in one term, which is not supported"
                )));
            }
            view.push(crate::import::expressions::ViewAxis {
                size: source.map_or(1, |source| operand.dims()[source]),
                source,
                start: 0,
                step: i64::from(source.is_some()),
            });
        }
        let laid_out = graph.view(operand, &view, 0)?;
        result = Some(match result {
            Some(before) => graph.mul(&before, &laid_out)?,
            None => laid_out,
        });
    }
    let product = result.ok_or_else(|| Problem::new("it has no inputs"))?;
    let summed: Vec<usize> = (wanted.len()..letters.len()).collect();
    let sum = graph.reduce(Reduce::Sum, &product, &summed)?;
    let dims = sum.dims()[..wanted.len()].to_vec();
    sum.reshaped(dims)
}

fn matrices(
    graph: &mut Graph,
    [a, b]: [&Vec<char>; 2],
    [x, y]: [&Operand; 2],
    wanted: &[char],
) -> Outcome<Option<Operand>> {
    let shared = |letter: &&char| a.contains(letter) && b.contains(letter);
    let batch: Vec<char> = wanted.iter().filter(shared).copied().collect();
    let rows: Vec<char> = wanted
        .iter()
        .filter(|letter| a.contains(letter) && !b.contains(letter))
        .copied()
        .collect();
    let columns: Vec<char> = wanted
        .iter()
        .filter(|letter| b.contains(letter) && !a.contains(letter))
        .copied()
        .collect();
    let depth: Vec<char> = a
        .iter()
        .filter(|letter| b.contains(letter) && !wanted.contains(letter))
        .copied()
        .collect();
    let covered = |term: &Vec<char>, free: &Vec<char>| term.len() == batch.len() + depth.len() + free.len();
    if depth.is_empty() || !covered(a, &rows) || !covered(b, &columns) {
        return Ok(None);
    }
    let size = |letter: &char| match a.iter().position(|own| own == letter) {
        Some(axis) => x.dims()[axis],
        None => b.iter().position(|own| own == letter).map_or(1, |axis| y.dims()[axis]),
    };
    let product = |letters: &[char]| letters.iter().map(size).product::<usize>();
    let laid_out = |graph: &mut Graph, operand: &Operand, term: &[char], order: [&[char]; 3]| {
        let order: Vec<char> = order.concat();
        let axes = order
            .iter()
            .map(|letter| term.iter().position(|own| own == letter).unwrap_or(0));
        graph.transpose(operand, &axes.collect::<Vec<_>>())
    };
    let left = laid_out(graph, x, a, [&batch, &rows, &depth])?;
    let left = left.reshaped(vec![product(&batch), product(&rows), product(&depth)])?;
    let right = laid_out(graph, y, b, [&batch, &depth, &columns])?;
    let right = right.reshaped(vec![product(&batch), product(&depth), product(&columns)])?;
    let result = graph.matmul(&left, &right)?;
    let order: Vec<char> = [&batch[..], &rows, &columns].concat();
    let result = result.reshaped(order.iter().map(size).collect())?;
    let axes = wanted
        .iter()
        .map(|letter| order.iter().position(|own| own == letter).unwrap_or(0));
    graph.transpose(&result, &axes.collect::<Vec<_>>()).map(Some)
}
