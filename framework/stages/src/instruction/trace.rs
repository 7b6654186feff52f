use std::sync::Arc;

use opml_commit::{Root, keccak256};
use opml_engine::{Narrowed, Opened, Opening, Point, Run, StageError, Store, Trace, Verdict, VmBackend};

use super::KIND;
use super::work::MachineWork;

/// A party's run behind one claim.
pub(super) struct InstructionTrace {
    vm: Arc<dyn VmBackend>,
    work: MachineWork,
    run: Run,
    claimed: Root,
}

impl InstructionTrace {
    pub(super) fn new(vm: Arc<dyn VmBackend>, work: MachineWork, run: Run, claimed: Root) -> InstructionTrace {
        InstructionTrace { vm, work, run, claimed }
    }
}

impl Trace for InstructionTrace {
    fn opening(&mut self, arity: u64, store: &dyn Store) -> Result<Opening, StageError> {
        let halt = self.run.halt()?;
        let (mut end, _) = self.run.accepted_end(self.vm.as_ref())?;
        let (height, index) = (self.work.height(), self.work.memory_index());
        let computed = end.memory_node(height, index);
        if computed != self.claimed {
            return Err(StageError::Output {
                stage: KIND,
                claimed: self.claimed,
                computed,
            });
        }
        let (payload, length) = self.work.opening(end.as_mut(), halt, arity, store)?;
        Ok(Opening {
            opened: Opened {
                anchor: self.run.at(0)?.root(),
                disputed: keccak256(&end.state()),
                count: length.steps,
                width: length.steps,
                absent: Root::ZERO,
            },
            payload,
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        let steps = points.iter().map(|point| match point {
            Point::Step(step) => Ok(*step),
            Point::Node { .. } => Err(StageError::Point {
                stage: KIND,
                reason: "a machine has steps, no tree nodes".into(),
            }),
        });
        self.run.roots_at(&steps.collect::<Result<Vec<_>, _>>()?)
    }

    /// The verdict says whether this party's own state after the step is the true one.
    fn narrow(&mut self, part: u64, _store: &dyn Store) -> Result<Narrowed, StageError> {
        let payload = self.run.at(part)?.prove_step()?;
        let (_, truth) = self.vm.replay(&payload)?;
        let own = self.run.roots_at(&[part.saturating_add(1)])?;
        Ok(Narrowed {
            verdict: match own[..] == [truth] {
                true => Verdict::Defender,
                false => Verdict::Challenger,
            },
            payload,
        })
    }
}
