use std::sync::Arc;

use opml_commit::{Root, subtree_root};
use opml_engine::{
    Change, Claim, Fault, FaultPart, Lie, Machine, Run, RunWatch, Stage, StageError, Store, Trace, VmBackend,
};
use opml_graph::{GuestImage, Host, SilentHost};

use super::KIND;
use super::progress::RunProgress;
use super::trace::InstructionTrace;
use super::work::MachineWork;
use crate::content::sized;
use crate::output_fault::output_byte;

/// The machine stage as a party computes it.
///
/// A lie at step s makes state s + 1 false; one whose path has ended makes the output false from the last step on.
#[derive(Clone)]
pub struct InstructionStage {
    pub(super) vm: Arc<dyn VmBackend>,
    image: GuestImage,
    watch: Arc<dyn RunWatch>,
}

impl InstructionStage {
    /// The stage of a machine whose slot 0 is `image`.
    pub fn new(vm: Arc<dyn VmBackend>, image: GuestImage) -> InstructionStage {
        InstructionStage {
            vm,
            image,
            watch: Arc::new(RunProgress(Arc::new(SilentHost))),
        }
    }

    /// The same stage, whose long runs show `host` how far they are and end with [`StageError::Cancelled`] when it asks.
    pub fn heard_by(self, host: Arc<dyn Host>) -> InstructionStage {
        InstructionStage {
            watch: Arc::new(RunProgress(host)),
            ..self
        }
    }

    /// Runs `program(inputs)` honestly: the output's root, whose content is put in the store, and the step at which the
    /// machine halts.
    pub fn run_to_end(&self, program: &Root, inputs: &Root, store: &dyn Store) -> Result<(Root, u64), StageError> {
        self.finish(program, inputs, store, None)
    }

    fn finish(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<(Root, u64), StageError> {
        let work = MachineWork::find(program, inputs, store)?;
        let mut run = match fault {
            Some(_) => self.run(&work, store, fault, None)?,
            None => Run::straight(self.boot(&work, store)?).watched(Arc::clone(&self.watch)),
        };
        let steps = run.halt()?;
        let (mut end, _) = run.accepted_end(self.vm.as_ref())?;
        let root = end.memory_node(work.height(), work.memory_index());
        let output = work.output(end.as_ref());
        if fault.is_some() && subtree_root(&output, work.height()) != root {
            return Err(StageError::Fault {
                reason:
                    "makes the machine write past the end of the output, which is no value then; plant it elsewhere"
                        .into(),
            });
        }
        store.put(root, output);
        Ok((root, steps))
    }

    fn boot(&self, work: &MachineWork, store: &dyn Store) -> Result<Box<dyn Machine>, StageError> {
        Ok(self.vm.boot(&work.regions(&self.image, store)?)?)
    }

    /// This party's run. `claimed` is the output that a liar whose path has ended insists on.
    pub(super) fn run(
        &self,
        work: &MachineWork,
        store: &dyn Store,
        fault: Option<&Fault>,
        claimed: Option<&Root>,
    ) -> Result<Run, StageError> {
        let honest = Run::honest(self.boot(work, store)?).watched(Arc::clone(&self.watch));
        let Some(fault) = fault else {
            return Ok(honest);
        };
        match &fault.path[..] {
            [step] => honest.with_lie(self.lie_at(work, *step, fault)?),
            [] => self.lying_at_the_end(honest, work, store, fault, claimed),
            path => Err(StageError::Fault {
                reason: format!("goes {} stages below the machine, where there is none", path.len() - 1),
            }),
        }
    }

    /// A run whose output is false from the last step on: the claimed one if it is hers; else, for a challenger, his own false
    /// one, and when the lie does not show here, the true one.
    fn lying_at_the_end(
        &self,
        mut honest: Run,
        work: &MachineWork,
        store: &dyn Store,
        fault: &Fault,
        claimed: Option<&Root>,
    ) -> Result<Run, StageError> {
        let (mut end, _) = honest.accepted_end(self.vm.as_ref())?;
        let step = honest.halt()? - 1;
        let Some(claimed) = claimed else {
            return honest.with_lie(self.lie_at(work, step, fault)?);
        };
        if end.memory_node(work.height(), work.memory_index()) == *claimed {
            return Ok(honest);
        }
        match store.get(claimed) {
            Some(output) => {
                let change = Change::Write {
                    address: work.output_address(),
                    bytes: sized(output, work.output_range().len()).to_vec(),
                };
                honest.with_lie(Lie { step, change })
            }
            None => match self.lie_at(work, step, fault) {
                Ok(lie) => honest.with_lie(lie),
                Err(_) => Ok(honest),
            },
        }
    }

    fn lie_at(&self, work: &MachineWork, step: u64, fault: &Fault) -> Result<Lie, StageError> {
        let range = work.output_range();
        let part = match fault.part {
            FaultPart::Output { .. } => FaultPart::Output {
                byte: (range.start + output_byte("the output", &fault.part, range.len())?) as u64,
            },
            other => other,
        };
        Ok(Lie {
            step,
            change: Change::Corrupt(part),
        })
    }
}

impl Stage for InstructionStage {
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
        self.finish(program, inputs, store, fault).map(|(output, _)| output)
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let work = MachineWork::find(&claim.program, &claim.inputs, store)?;
        let run = self.run(&work, store, fault, Some(&claim.output))?;
        Ok(Box::new(InstructionTrace::new(
            Arc::clone(&self.vm),
            work,
            run,
            claim.output,
        )))
    }
}
