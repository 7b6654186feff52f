use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, slot_root};
use opml_engine::{Claim, Fault, Stage, StageError, Store, Trace};
use opml_graph::{LoopModel, validate_loop};

use super::KIND;
use super::carry::Carry;
use super::program::LoopProgram;
use super::trace::LoopTrace;
use super::work::LoopWork;
use crate::content::put_vector;
use crate::{GraphStage, PipelineError};

/// The loop stage as a party computes it: passes are run by the next stage, one after another, and only what the next pass starts
/// from is held.
///
/// A lie that ends at a pass is told of what it hands on; its byte counts over all carried values in order.
pub struct LoopStage {
    loops: Vec<Arc<LoopProgram>>,
    next: Arc<dyn Stage>,
    /// The next stage, where it is the graph stage: passes then hand on values, and nothing is hashed between them.
    graphs: Option<Arc<GraphStage>>,
    watch: Option<Arc<dyn PassWatch>>,
}

/// Is shown what passes hand on while an honest run goes through them.
pub trait PassWatch: Send + Sync {
    /// `done` of `passes` passes are through; `carry` are the values after the last of them, nothing for those that are absent.
    fn passed(&self, done: u64, passes: u64, carry: &[Option<Bytes>]) -> Result<(), StageError>;
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
            graphs: None,
            watch: None,
        })
    }

    /// The same stage, whose passes `graphs` (the next stage) runs without a hash between them.
    #[must_use]
    pub fn over_graphs(self, graphs: Arc<GraphStage>) -> LoopStage {
        LoopStage {
            graphs: Some(graphs),
            ..self
        }
    }

    /// The same stage, whose honest runs are watched.
    #[must_use]
    pub fn watched(self, watch: Option<Arc<dyn PassWatch>>) -> LoopStage {
        LoopStage { watch, ..self }
    }

    /// The honest run over graphs: what the last pass hands on.
    fn values(
        &self,
        work: &LoopWork,
        graphs: &GraphStage,
        store: &dyn Store,
    ) -> Result<Vec<Option<Bytes>>, StageError> {
        let mut carry = work.start(store)?.into_values();
        for pass in 0..work.passes() {
            let program = work.program.body(pass)?;
            carry = graphs.outputs(&program, carry, &work.feed_leaf(pass), store)?;
            carry.truncate(work.program.sizes.len());
            if let Some(watch) = &self.watch {
                watch.passed(pass + 1, work.passes(), &carry)?;
            }
        }
        Ok(carry)
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

/// Puts a loop's output, one value of the last carry or all of them, in the store and gives its root.
fn put_output(mut values: Vec<Option<Bytes>>, output: Option<u32>, store: &dyn Store) -> Root {
    let mut put = |value: &mut Option<Bytes>| match value.take() {
        Some(bytes) => {
            let root = slot_root(&bytes);
            store.put(root, bytes);
            root
        }
        None => Root::ZERO,
    };
    match output {
        Some(value) => values.get_mut(value as usize).map_or(Root::ZERO, put),
        None => {
            let roots: Vec<Root> = values.iter_mut().map(&mut put).collect();
            put_vector(store, &roots)
        }
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
        if let (None, Some(graphs)) = (fault, &self.graphs) {
            let values = self.values(&work, graphs, store)?;
            return Ok(put_output(values, work.program.header.output, store));
        }
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
