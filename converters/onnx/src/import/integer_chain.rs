//! Values that go from one integer product to the next without being written as f32.

use std::collections::BTreeMap;

use opml_graph::Model;
use opml_ops::{DType, Operator, PoolFunction as Pool, Record, Source, UnaryFunction as Unary};

/// What lies between a product and the products that alone read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The function of one f32 number that the sums go through.
    pub(crate) activation: Option<usize>,
    /// The pool that takes greatest elements after that; codes are ordered as what they stand for.
    pub(crate) pool: Option<usize>,
    /// One of the products that read the result; they all take it by one range.
    pub(crate) reader: usize,
}

impl Chain {
    /// The nodes between the products.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = usize> {
        self.activation.into_iter().chain(self.pool)
    }
}

/// The chains by the products that they begin at.
pub(crate) fn chains(model: &Model, targets: &[usize]) -> BTreeMap<usize, Chain> {
    let readers = readers(model);
    // The product that reads a value, if products alone read it as what they multiply.
    let product = |value: usize| -> Option<usize> {
        let all = readers.get(&value)?;
        let only = all
            .iter()
            .all(|reader| matches!(reader, Reader::Node { node, input: 0 } if targets.contains(node)));
        match all.first() {
            Some(Reader::Node { node, .. }) if only => Some(*node),
            _ => None,
        }
    };
    // The one node that reads a value, if it is of a kind.
    let only = |value: usize, kind: fn(&Record) -> bool| match readers.get(&value)?[..] {
        [Reader::Node { node, input: 0 }] if kind(&model.nodes[node].record) => Some(node),
        _ => None,
    };
    let chain = |start: usize| -> Option<Chain> {
        let activation = only(start, is_activation);
        let pool = only(activation.unwrap_or(start), is_max_pool);
        let reader = product(pool.or(activation).unwrap_or(start))?;
        Some(Chain {
            activation,
            pool,
            reader,
        })
    };
    targets
        .iter()
        .filter_map(|target| Some((*target, chain(*target)?)))
        .collect()
}

/// Who reads a local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Node { node: usize, input: usize },
    Output,
}

fn readers(model: &Model) -> BTreeMap<usize, Vec<Reader>> {
    let mut readers: BTreeMap<usize, Vec<Reader>> = BTreeMap::new();
    for (node, at) in model.nodes.iter().enumerate() {
        for input in 0..at.record.input_count() {
            if let Some(value) = at.record.input(input)
                && value.source == Some(Source::Local)
            {
                let readers = readers.entry(value.index as usize).or_default();
                readers.push(Reader::Node { node, input });
            }
        }
    }
    let first = (model.output_index as usize) << model.output_height;
    for output in first..first + model.outputs.len() {
        readers.entry(output).or_default().push(Reader::Output);
    }
    readers
}

fn gives_floats(record: &Record) -> bool {
    [record.input(0), record.output()]
        .iter()
        .all(|value| value.is_some_and(|value| value.dtype == DType::F32))
}

fn is_activation(record: &Record) -> bool {
    Operator::from_tag(record.tag()) == Some(Operator::Unary) && gives_floats(record)
}

fn is_max_pool(record: &Record) -> bool {
    Operator::from_tag(record.tag()) == Some(Operator::Pool)
        && record.attribute(0) == Pool::Max as u32
        && gives_floats(record)
}

/// Whether a record of an activation is relu.
pub(crate) fn is_relu(record: &Record) -> bool {
    record.attribute(0) == Unary::Relu as u32
}
