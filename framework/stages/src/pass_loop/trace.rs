use opml_commit::{Root, VectorTree, multiproof};
use opml_engine::{Claim, Fault, Narrowed, Opened, Opening, Point, StageError, Store, Trace, Verdict};
use opml_ops::Source;

use super::KIND;
use super::carry::Carry;
use super::checkpoints::Checkpoints;
use super::program::PackedGraph;
use super::work::LoopWork;

/// A party's carries behind one loop claim: all their roots, the values of some.
pub(super) struct LoopTrace {
    work: LoopWork,
    /// With its place.
    fault: Option<Fault>,
    tree: VectorTree,
    checkpoints: Checkpoints,
    /// The carry after the last pass.
    last: Carry,
    claimed: Root,
}

impl LoopTrace {
    /// Runs all passes. `store` is only read.
    pub(super) fn run(
        work: LoopWork,
        store: &dyn Store,
        fault: Option<Fault>,
        claim: &Claim,
    ) -> Result<LoopTrace, StageError> {
        let mut checkpoints = Checkpoints::new(work.passes());
        let mut leaves = Vec::new();
        let mut carry = work.start(store)?;
        for pass in 0..work.passes() {
            checkpoints.see(pass, &carry);
            carry = work.pass(pass, &carry, store, fault.as_ref())?;
            leaves.push(carry.root);
        }
        Ok(LoopTrace {
            work,
            fault,
            tree: VectorTree::new(leaves),
            checkpoints,
            last: carry,
            claimed: claim.output,
        })
    }

    /// The same trace, in which another carry is said to come last.
    pub(super) fn ending_with(mut self, last: Carry) -> LoopTrace {
        let passes = self.work.passes();
        let leaves = (0..passes).map(|pass| match pass + 1 == passes {
            true => last.root,
            false => self.tree.node(0, pass),
        });
        self.tree = VectorTree::new(leaves.collect());
        self.last = last;
        self
    }

    /// The output as this trace has it, with its path to the last leaf.
    fn output(&self) -> (Root, Vec<Root>) {
        match self.work.program.header.output {
            None => (self.last.root, Vec::new()),
            Some(value) => {
                let tree = self.last.tree();
                (tree.node(0, u64::from(value)), tree.path(0, u64::from(value)))
            }
        }
    }

    /// The carry before a pass, computed from the nearest one held.
    fn before(&self, pass: u64, store: &dyn Store) -> Result<Carry, StageError> {
        let held = self.checkpoints.before(pass);
        let (from, mut carry) = match held {
            Some((from, carry)) => (from, carry.clone()),
            None => (0, self.work.start(store)?),
        };
        for between in from..pass {
            carry = self.work.pass(between, &carry, store, self.fault.as_ref())?;
        }
        Ok(carry)
    }

    /// Puts the carry after a pass in the store when it is false: the liar's next stage insists on it.
    fn put_after(&self, pass: u64, before: &Carry, store: &dyn Store) -> Result<(), StageError> {
        if pass + 1 == self.work.passes() {
            self.last.put(store);
            return Ok(());
        }
        let here = self.fault.as_ref().and_then(|fault| fault.within(pass));
        if here.is_some_and(|fault| fault.path.is_empty()) {
            self.work.pass(pass, before, store, self.fault.as_ref())?.put(store);
        }
        Ok(())
    }
}

fn append(payload: &mut Vec<u8>, roots: &[Root]) {
    roots.iter().for_each(|root| payload.extend_from_slice(&root.0));
}

/// What a packed graph's `narrow` shows besides: the record, its constants, what enters it, and the proof of what is fed.
fn packed_payload(graph: &PackedGraph, carry: &Root, feed: &Root, store: &dyn Store) -> Result<Vec<u8>, StageError> {
    let record = &graph.node.record;
    let fed = graph.fed(feed, store)?;
    let mut payload = record.to_bytes().to_vec();
    let described = || (0..record.input_count()).filter_map(|input| Some((input, record.input(input)?)));
    for (input, value) in described() {
        if value.source == Some(Source::Constant) {
            append(&mut payload, &graph.node.constants[input..=input]);
        }
    }
    for (input, _) in described() {
        append(&mut payload, graph.entering(input, carry, &fed).as_slice());
    }
    let read = described().filter(|(_, value)| value.source == Some(Source::Feed));
    let mut indices: Vec<u64> = read.map(|(_, value)| u64::from(value.index)).collect();
    indices.sort_unstable();
    indices.dedup();
    if !indices.is_empty() {
        append(&mut payload, &multiproof(&VectorTree::new(fed), &indices));
    }
    Ok(payload)
}

impl Trace for LoopTrace {
    fn opening(&mut self, _arity: u64, _store: &dyn Store) -> Result<Opening, StageError> {
        let (computed, path) = self.output();
        if computed != self.claimed {
            return Err(StageError::Output {
                stage: KIND,
                claimed: self.claimed,
                computed,
            });
        }
        let (root, passes) = (self.tree.root(), self.work.passes());
        let mut payload = self.work.program.bytes.clone();
        append(&mut payload, &[root]);
        append(&mut payload, &path);
        append(&mut payload, &self.tree.path(0, passes - 1));
        Ok(Opening {
            opened: Opened {
                anchor: root,
                disputed: root,
                count: passes,
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
                reason: format!("a loop has passes, no step {step}"),
            }),
        };
        points.iter().map(node).collect()
    }

    fn narrow(&mut self, part: u64, store: &dyn Store) -> Result<Narrowed, StageError> {
        let passes = self.work.passes();
        if part >= passes {
            return Err(StageError::Point {
                stage: KIND,
                reason: format!("pass {part} does not exist; there are {passes}"),
            });
        }
        let before = self.before(part, store)?;
        let feed = self.work.feed_leaf(part);
        let (program, inputs) = self.work.prime(part, &before, store)?;
        self.put_after(part, &before, store)?;

        let mut payload = self.work.program.bytes.clone();
        append(&mut payload, &[self.work.carry, self.work.feed]);
        if let Some(earlier) = part.checked_sub(1) {
            append(&mut payload, &[before.root]);
            append(&mut payload, &self.tree.path(0, earlier));
        }
        if !self.work.feed.is_zero() {
            append(&mut payload, &[feed]);
            append(&mut payload, &self.work.feed_path(part));
        }
        if let Some(graph) = self.work.program.packed(part) {
            payload.extend(packed_payload(graph, &before.root, &feed, store)?);
        }
        Ok(Narrowed {
            verdict: Verdict::Claim(Claim {
                program,
                inputs,
                output: self.tree.node(0, part),
            }),
            payload,
        })
    }
}
