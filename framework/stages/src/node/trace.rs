use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, SlotTree, chunk_zero};
use opml_engine::{Claim, Narrowed, Opened, Opening, Point, StageError, Store, Trace, Verdict};

use super::KIND;
use super::work::NodeWork;

/// A party's output behind one node claim.
pub(super) struct NodeTrace {
    work: NodeWork,
    output: Bytes,
    tree: SlotTree,
    claimed: Root,
}

impl NodeTrace {
    pub(super) fn new(work: NodeWork, output: Bytes, claim: &Claim) -> NodeTrace {
        NodeTrace {
            tree: SlotTree::new(&output),
            work,
            output,
            claimed: claim.output,
        }
    }

    /// Node `(height, index)` of the tree over the blocks.
    fn node(&self, height: u8, index: u64) -> Root {
        self.tree.node(self.work.block_height() + height, index)
    }
}

impl Trace for NodeTrace {
    fn opening(&mut self, _arity: u64, _store: &dyn Store) -> Result<Opening, StageError> {
        let computed = self.tree.node(SLOT_HEIGHT, 0);
        if computed != self.claimed {
            return Err(StageError::Output {
                stage: KIND,
                claimed: self.claimed,
                computed,
            });
        }
        let subtree = self.node(self.work.trace_height(), 0);
        let mut payload = self.work.node.record.to_bytes().to_vec();
        for root in self.work.constant_roots().chain([&subtree]) {
            payload.extend_from_slice(&root.0);
        }
        Ok(Opening {
            opened: Opened {
                anchor: subtree,
                disputed: subtree,
                count: u64::from(self.work.count),
                width: 1 << self.work.trace_height(),
                absent: chunk_zero(self.work.block_height()),
            },
            payload,
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        let refused = |what: String| StageError::Point {
            stage: KIND,
            reason: format!("a node's output has blocks, no {what}"),
        };
        let node = |point: &Point| match point {
            Point::Node { height, index } if *height <= self.work.trace_height() => Ok(self.node(*height, *index)),
            Point::Node { height, .. } => Err(refused(format!("tree of height {height}"))),
            Point::Step(step) => Err(refused(format!("step {step}"))),
        };
        points.iter().map(node).collect()
    }

    fn narrow(&mut self, part: u64, store: &dyn Store) -> Result<Narrowed, StageError> {
        if part >= u64::from(self.work.count) {
            return Err(StageError::Point {
                stage: KIND,
                reason: format!("block {part} does not exist; there are {}", self.work.count),
            });
        }
        let output = self.node(0, part);
        store.put(output, self.output.slice(self.work.range(part)));
        Ok(Narrowed {
            verdict: Verdict::Claim(Claim {
                program: self.work.block_program(part, store),
                inputs: self.work.inputs,
                output,
            }),
            payload: vec![self.work.block_log2()],
        })
    }
}
