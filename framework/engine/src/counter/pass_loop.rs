use std::sync::Arc;

use opml_commit::{Root, VectorTree, fold, height_of};

use super::instruction::flipped;
use super::payload::Payload;
use super::program::{loop_program, number_of, word_of};
use crate::{
    Claim, Fault, Narrowed, Opened, Opening, Point, Position, RuleError, Stage, StageError, StageRules, Store, Trace,
    Verdict,
};

const KIND: &str = "loop";
const PREIMAGE: usize = 40;

/// A loop of counter programs, as a contract sees it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CounterLoopRules;

/// Reads `body ‖ count` off the front of a payload and checks it against the claim.
fn header(payload: &mut Payload<'_>, claim: &Claim) -> Result<(Root, u64), RuleError> {
    let program = payload.take(PREIMAGE)?;
    if loop_program(program) != claim.program {
        return Err(payload.refuse("the program is not the claim's"));
    }
    let mut program = Payload::new(KIND, program);
    let (body, count) = (program.root()?, program.number()?);
    match count {
        0 => Err(payload.refuse("a loop has at least one pass")),
        _ => Ok((body, count)),
    }
}

impl StageRules for CounterLoopRules {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn is_machine(&self) -> bool {
        false
    }

    fn open(&self, _arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let (_, count) = header(&mut payload, claim)?;
        let root = payload.root()?;
        let path = payload.roots(height_of(count))?;
        payload.finish()?;
        if fold(claim.output, count - 1, &path) != root {
            return Err(payload.refuse("the trace does not end in the claimed output"));
        }
        Ok(Opened {
            anchor: root,
            disputed: root,
            count,
            width: 1u64.checked_shl(u32::from(height_of(count))).unwrap_or(u64::MAX),
            absent: Root::ZERO,
        })
    }

    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let (body, count) = header(&mut payload, claim)?;
        let mut inputs = claim.inputs;
        if let Some(before) = position.lower.checked_sub(1) {
            inputs = payload.root()?;
            let path = payload.roots(height_of(count))?;
            if fold(inputs, before, &path) != position.anchor {
                return Err(payload.refuse("the pass before is not in the trace"));
            }
        }
        payload.finish()?;
        Ok(Verdict::Claim(Claim {
            program: body,
            inputs,
            output: position.disputed,
        }))
    }
}

/// A loop of counter programs, as a party computes it; passes are evaluated by the next stage.
pub struct CounterLoop {
    next: Arc<dyn Stage>,
}

impl CounterLoop {
    /// A loop over programs that `next` runs.
    pub fn new(next: Arc<dyn Stage>) -> CounterLoop {
        CounterLoop { next }
    }

    fn passes(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<LoopTrace, StageError> {
        let preimage = store.get(program).filter(|bytes| bytes.len() == PREIMAGE);
        let preimage = preimage.ok_or(StageError::Missing {
            what: "the loop program",
            root: *program,
        })?;
        let mut reader = Payload::new(KIND, &preimage);
        let program_error = |error: RuleError| StageError::Program {
            stage: KIND,
            reason: error.reason,
        };
        let body = reader.root().map_err(program_error)?;
        let count = reader.number().map_err(program_error)?;
        let fault = fault.map(|fault| match fault.path.is_empty() {
            true => Fault {
                path: vec![count.saturating_sub(1)],
                part: fault.part,
            },
            false => fault.clone(),
        });
        if let Some(part) = fault
            .as_ref()
            .and_then(|fault| fault.path.first())
            .filter(|part| **part >= count)
        {
            return Err(StageError::Fault {
                reason: format!("names pass {part}, but there are {count}"),
            });
        }
        let mut leaves: Vec<Root> = Vec::new();
        for pass in 0..count {
            let before = *leaves.last().unwrap_or(inputs);
            let fault = fault.as_ref().and_then(|fault| fault.within(pass));
            let (deeper, here): (Option<Fault>, Option<Fault>) = match fault {
                Some(fault) if fault.path.is_empty() => (None, Some(fault)),
                other => (other, None),
            };
            let mut after = self.next.evaluate(&body, &before, store, deeper.as_ref())?;
            if let Some(fault) = here {
                after = word_of(flipped(number_of(&after), &fault.part)?);
            }
            leaves.push(after);
        }
        Ok(LoopTrace {
            preimage: preimage.to_vec(),
            body,
            inputs: *inputs,
            count,
            output: *leaves.last().unwrap_or(inputs),
            claimed: Root::ZERO,
            tree: VectorTree::new(leaves),
        })
    }
}

impl Stage for CounterLoop {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn evaluate(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Root, StageError> {
        Ok(self.passes(program, inputs, store, fault)?.output)
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let mut trace = self.passes(&claim.program, &claim.inputs, store, fault)?;
        let insists = fault.is_some_and(|fault| fault.path.is_empty()) && trace.output != claim.output;
        if insists {
            let mut leaves: Vec<Root> = (0..trace.count).map(|pass| trace.tree.node(0, pass)).collect();
            if let Some(last) = leaves.last_mut() {
                *last = claim.output;
            }
            trace.output = claim.output;
            trace.tree = VectorTree::new(leaves);
        }
        trace.claimed = claim.output;
        Ok(Box::new(trace))
    }
}

struct LoopTrace {
    preimage: Vec<u8>,
    body: Root,
    inputs: Root,
    count: u64,
    output: Root,
    claimed: Root,
    tree: VectorTree,
}

impl Trace for LoopTrace {
    fn opening(&mut self, _arity: u64, _store: &dyn Store) -> Result<Opening, StageError> {
        if self.output != self.claimed {
            return Err(StageError::Output {
                stage: KIND,
                claimed: self.claimed,
                computed: self.output,
            });
        }
        let root = self.tree.root();
        let mut payload = self.preimage.clone();
        payload.extend_from_slice(&root.0);
        let path = self.tree.path(0, self.count - 1);
        path.iter().for_each(|sibling| payload.extend_from_slice(&sibling.0));
        Ok(Opening {
            opened: Opened {
                anchor: root,
                disputed: root,
                count: self.count,
                width: 1 << self.tree.height(),
                absent: Root::ZERO,
            },
            payload,
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        let node = |point: &Point| match point {
            Point::Node { height, index } => Ok(self.tree.node(*height, *index)),
            Point::Step(_) => Err(StageError::Point {
                stage: KIND,
                reason: "a loop's trace has tree nodes, no steps".into(),
            }),
        };
        points.iter().map(node).collect()
    }

    fn narrow(&mut self, part: u64, _store: &dyn Store) -> Result<Narrowed, StageError> {
        if part >= self.count {
            return Err(StageError::Point {
                stage: KIND,
                reason: format!("pass {part} does not exist; there are {}", self.count),
            });
        }
        let mut payload = self.preimage.clone();
        let mut inputs = self.inputs;
        if let Some(before) = part.checked_sub(1) {
            inputs = self.tree.node(0, before);
            let path = self.tree.path(0, before);
            for root in std::iter::once(&inputs).chain(&path) {
                payload.extend_from_slice(&root.0);
            }
        }
        Ok(Narrowed {
            verdict: Verdict::Claim(Claim {
                program: self.body,
                inputs,
                output: self.tree.node(0, part),
            }),
            payload,
        })
    }
}
