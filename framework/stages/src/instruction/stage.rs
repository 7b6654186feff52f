use std::sync::Arc;

use opml_commit::Root;
use opml_engine::{Change, Claim, Fault, FaultPart, Lie, Machine, Run, Stage, StageError, Store, Trace, VmBackend};
use opml_graph::GuestImage;

use super::KIND;
use super::trace::InstructionTrace;
use super::work::MachineWork;
use crate::content::{content, sized};
use crate::output_fault::output_byte;

/// The machine stage as a party computes it.
///
/// A lie at step s makes state s + 1 false; one whose path has ended makes the output false from the last step on.
#[derive(Clone)]
pub struct InstructionStage {
    vm: Arc<dyn VmBackend>,
    image: GuestImage,
}

impl InstructionStage {
    /// The stage of a machine whose slot 0 is `image`.
    pub fn new(vm: Arc<dyn VmBackend>, image: GuestImage) -> InstructionStage {
        InstructionStage { vm, image }
    }

    fn boot(&self, work: &MachineWork, store: &dyn Store) -> Result<Box<dyn Machine>, StageError> {
        Ok(self.vm.boot(&work.regions(&self.image, store)?)?)
    }

    /// This party's run. `claimed` is the output that a liar whose path has ended insists on.
    fn run(
        &self,
        work: &MachineWork,
        store: &dyn Store,
        fault: Option<&Fault>,
        claimed: Option<&Root>,
    ) -> Result<Run, StageError> {
        let entry = self.boot(work, store)?;
        let Some(fault) = fault else {
            return Ok(Run::honest(entry));
        };
        match (&fault.path[..], claimed) {
            ([step], _) => Run::lying(entry, self.lie_at(work, *step, fault)?),
            ([], claimed) => {
                let mut honest = Run::honest(entry.fork());
                let last = honest.halt()? - 1;
                let lie = match claimed {
                    None => self.lie_at(work, last, fault)?,
                    Some(claimed) => {
                        let (mut end, _) = honest.accepted_end(self.vm.as_ref())?;
                        if end.memory_node(work.height(), work.memory_index()) == *claimed {
                            return Ok(honest);
                        }
                        Lie {
                            step: last,
                            change: Change::Write {
                                address: work.output_address(),
                                bytes: sized(
                                    content(store, "the claimed output", claimed)?,
                                    work.output_range().len(),
                                )
                                .to_vec(),
                            },
                        }
                    }
                };
                Run::lying(entry, lie)
            }
            (path, _) => Err(StageError::Fault {
                reason: format!("goes {} stages below the machine, where there is none", path.len() - 1),
            }),
        }
    }

    fn lie_at(&self, work: &MachineWork, step: u64, fault: &Fault) -> Result<Lie, StageError> {
        if let FaultPart::Output { byte } = fault.part {
            let range = work.output_range();
            let within = FaultPart::Output {
                byte: byte.wrapping_sub(range.start as u64),
            };
            output_byte(
                &format!("the output at {} of slot 3", range.start),
                &within,
                range.len(),
            )
            .map_err(|_| StageError::Fault {
                reason: format!(
                    "names byte {byte} of slot 3; the output has the bytes {} to {}",
                    range.start,
                    range.end.max(1) - 1
                ),
            })?;
        }
        Ok(Lie {
            step,
            change: Change::Corrupt(fault.part),
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
        let work = MachineWork::find(program, inputs, store)?;
        let mut run = self.run(&work, store, fault, None)?;
        let (mut end, _) = run.accepted_end(self.vm.as_ref())?;
        let root = end.memory_node(work.height(), work.memory_index());
        store.put(root, work.output(end.as_ref()));
        Ok(root)
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
