use std::sync::Arc;

use opml_commit::{Root, VectorTree, multiproof};
use opml_engine::{Claim, Narrowed, Opened, Opening, Point, StageError, Store, Trace, Verdict};
use opml_ops::{ALIAS, GAP, Record, Source};

use super::KIND;
use super::locals::Locals;
use super::program::GraphProgram;

/// A party's locals behind one graph claim.
pub(super) struct GraphTrace {
    graph: Arc<GraphProgram>,
    locals: Locals,
    tree: VectorTree,
    claimed: Root,
}

impl GraphTrace {
    pub(super) fn new(graph: Arc<GraphProgram>, locals: Locals, claim: &Claim) -> GraphTrace {
        let nodes = graph.model.nodes.len();
        let tree = VectorTree::new((0..nodes).map(|node| locals.root(&graph, node)).collect());
        GraphTrace {
            graph,
            locals,
            tree,
            claimed: claim.output,
        }
    }

    /// The distinct indices below `limit` that the record reads from a source, increasing.
    fn indices(record: &Record, source: Source, limit: u64) -> Vec<u64> {
        let mut indices: Vec<u64> = (0..record.input_count())
            .filter_map(|input| record.input(input))
            .filter(|value| value.source == Some(source) && u64::from(value.index) < limit)
            .map(|value| u64::from(value.index))
            .collect();
        indices.sort_unstable();
        indices.dedup();
        indices
    }

    /// What follows record and path in a `narrow` payload: constant roots, carry and feed, the other inputs, their proofs.
    fn inputs_payload(&self, node: usize, record: &Record) -> Vec<Root> {
        let part = node as u64;
        let of_inputs = |wanted: fn(Source) -> bool| {
            (0..record.input_count())
                .filter(move |input| {
                    let value = record.input(*input);
                    value.and_then(|value| value.source).is_some_and(wanted)
                })
                .map(|input| self.locals.input_root(&self.graph, node, input))
        };
        let carry = VectorTree::new(self.locals.carry.1.clone());
        let feed = VectorTree::new(self.locals.feed.1.clone());
        let mut roots: Vec<Root> = of_inputs(|source| source == Source::Constant).collect();
        roots.extend([self.locals.carry.0, self.locals.feed.0]);
        roots.extend(of_inputs(|source| source != Source::Constant));
        for (tree, source, limit) in [
            (&carry, Source::Carry, u64::MAX),
            (&feed, Source::Feed, u64::MAX),
            (&self.tree, Source::Local, part),
        ] {
            let indices = Self::indices(record, source, limit);
            if !indices.is_empty() {
                roots.extend(multiproof(tree, &indices));
            }
        }
        roots
    }
}

fn append(payload: &mut Vec<u8>, roots: &[Root]) {
    roots.iter().for_each(|root| payload.extend_from_slice(&root.0));
}

fn decided(right: bool) -> Verdict {
    match right {
        true => Verdict::Defender,
        false => Verdict::Challenger,
    }
}

impl Trace for GraphTrace {
    fn opening(&mut self, _arity: u64, _store: &dyn Store) -> Result<Opening, StageError> {
        let header = &self.graph.header;
        let (height, index) = (header.output_height as u8, u64::from(header.output_index));
        let computed = self.tree.node(height, index);
        if computed != self.claimed {
            return Err(StageError::Output {
                stage: KIND,
                claimed: self.claimed,
                computed,
            });
        }
        let root = self.tree.root();
        let mut payload = header.to_bytes().to_vec();
        append(&mut payload, &[root]);
        append(&mut payload, &self.tree.path(height, index));
        Ok(Opening {
            opened: Opened {
                anchor: root,
                disputed: root,
                count: u64::from(header.node_count),
                width: 1 << self.tree.height(),
                absent: Root::ZERO,
            },
            payload,
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        let node = |point: &Point| match point {
            Point::Node { height, index } => Ok(self.tree.node(*height, *index)),
            Point::Step(step) => Err(StageError::Point {
                stage: KIND,
                reason: format!("a graph has nodes, no step {step}"),
            }),
        };
        points.iter().map(node).collect()
    }

    fn narrow(&mut self, part: u64, store: &dyn Store) -> Result<Narrowed, StageError> {
        let graph = Arc::clone(&self.graph);
        let node = usize::try_from(part).unwrap_or(usize::MAX);
        let record = &graph.node(node)?.record;
        let own = self.locals.root(&graph, node);
        let mut payload = graph.header.to_bytes().to_vec();
        payload.push(u8::from(record.tag() != GAP));
        append(&mut payload, &graph.table.path(0, part));
        if record.tag() == GAP {
            return Ok(Narrowed {
                verdict: decided(own.is_zero()),
                payload,
            });
        }
        payload.extend_from_slice(&record.to_bytes());
        append(&mut payload, &self.inputs_payload(node, record));
        if record.tag() == ALIAS {
            return Ok(Narrowed {
                verdict: decided(own == self.locals.input_root(&graph, node, 0)),
                payload,
            });
        }
        let (program, inputs) = self.locals.prime(&graph, node, store)?;
        store.put(own, self.locals.bytes(node));
        Ok(Narrowed {
            verdict: Verdict::Claim(Claim {
                program,
                inputs,
                output: own,
            }),
            payload,
        })
    }
}
