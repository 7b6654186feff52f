use std::sync::Arc;

use opml_commit::Root;
use opml_engine::{Claim, Fault, Stage, StageError, Store, Trace};
use opml_graph::{LoopModel, validate_loop};

use super::KIND;
use super::carry::Carry;
use super::program::LoopProgram;
use super::trace::LoopTrace;
use super::work::LoopWork;
use crate::PipelineError;

/// The loop stage as a party computes it: passes are run by the next stage, one after another, and only what the next pass starts
/// from is held.
///
/// A lie that ends at a pass is told of what it hands on; its byte counts over all carried values in order.
pub struct LoopStage {
    loops: Vec<Arc<LoopProgram>>,
    next: Arc<dyn Stage>,
}

impl LoopStage {
    /// The stage of all loops of a model that have `above` others around them. `packed`: graphs are bodies as one record each,
    /// and `next` is the machine stage; else it is the loop stage further inside, or the graph stage.
    pub fn new(
        model: &LoopModel,
        above: usize,
        packed: bool,
        next: Arc<dyn Stage>,
    ) -> Result<LoopStage, PipelineError> {
        validate_loop(model)?;
        let of_loop = |passes: &opml_graph::Loop| {
            let header = match above {
                0 => model.header(packed),
                _ => passes.header(packed),
            };
            let header = header.map_err(crate::EntryError::from)?;
            Ok(Arc::new(LoopProgram::new(passes, header, packed)?))
        };
        let loops = model.outermost.at_depth(above).into_iter().map(of_loop);
        Ok(LoopStage {
            loops: loops.collect::<Result<_, PipelineError>>()?,
            next,
        })
    }

    fn work(&self, program: &Root, inputs: &Root, store: &dyn Store) -> Result<LoopWork, StageError> {
        let known = self.loops.iter().find(|known| known.program == *program);
        let known = known.ok_or_else(|| StageError::Program {
            stage: KIND,
            reason: format!("the claim is about program {program}, which is no loop of the model at this depth"),
        })?;
        LoopWork::find(known, inputs, store, &self.next)
    }
}

impl Stage for LoopStage {
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
        let work = self.work(program, inputs, store)?;
        let fault = fault.map(|fault| work.place(fault)).transpose()?;
        let mut carry = work.start(store)?;
        for pass in 0..work.passes() {
            carry = work.pass(pass, &carry, store, fault.as_ref())?;
        }
        match work.program.header.output {
            Some(value) => Ok(carry.put_value(value as usize, store)),
            None => {
                carry.put(store);
                Ok(carry.root)
            }
        }
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let work = self.work(&claim.program, &claim.inputs, store)?;
        // The lie was told by a loop around this one, of the carry that this one ends with.
        let told_above = |fault: &Fault| fault.path.is_empty() && work.program.header.output.is_none();
        let trace = match fault {
            Some(fault) if told_above(fault) => {
                match Carry::read(store, &claim.output, &work.program.sizes) {
                    // Hers: she insists on it.
                    Ok(claimed) => LoopTrace::run(work, store, None, claim)?.ending_with(claimed),
                    // A challenger's: his own false one, and when the lie does not show here, the true one.
                    Err(_) => {
                        let own = work.place(fault).ok();
                        LoopTrace::run(work, store, own, claim)?
                    }
                }
            }
            Some(fault) => {
                let placed = work.place(fault)?;
                LoopTrace::run(work, store, Some(placed), claim)?
            }
            None => LoopTrace::run(work, store, None, claim)?,
        };
        Ok(Box::new(trace))
    }
}
