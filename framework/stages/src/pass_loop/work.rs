use std::sync::Arc;

use opml_commit::Root;
use opml_engine::{Fault, FaultPart, Stage, StageError, Store};

use super::KIND;
use super::carry::Carry;
use super::padded::PaddedVector;
use super::program::LoopProgram;
use crate::content::{graph_inputs_of, padded_vector};
use crate::output_fault::{first_part, output_byte};
use crate::scratch::Scratch;

/// A loop claim's work: what is run, from what, by whom.
pub(super) struct LoopWork {
    pub(super) program: Arc<LoopProgram>,
    /// Root of the carry before the first pass.
    pub(super) carry: Root,
    /// Root of what the passes are fed; the zero word when they are fed nothing.
    pub(super) feed: Root,
    feeds: PaddedVector,
    next: Arc<dyn Stage>,
}

impl LoopWork {
    pub(super) fn find(
        program: &Arc<LoopProgram>,
        inputs: &Root,
        store: &dyn Store,
        next: &Arc<dyn Stage>,
    ) -> Result<LoopWork, StageError> {
        let (carry, feed) = graph_inputs_of(store, inputs)?;
        let passes = program.header.passes();
        let leaves = match feed.is_zero() {
            true => Vec::new(),
            false => padded_vector(store, &feed, passes)?,
        };
        Ok(LoopWork {
            program: Arc::clone(program),
            carry,
            feed,
            feeds: PaddedVector::new(leaves, passes),
            next: Arc::clone(next),
        })
    }

    pub(super) fn passes(&self) -> u64 {
        self.program.header.passes()
    }

    /// What pass `pass` is fed.
    pub(super) fn feed_leaf(&self, pass: u64) -> Root {
        self.feeds.leaf(pass)
    }

    /// The path of what pass `pass` is fed.
    pub(super) fn feed_path(&self, pass: u64) -> Vec<Root> {
        self.feeds.path(pass)
    }

    /// The carry before the first pass.
    pub(super) fn start(&self, store: &dyn Store) -> Result<Carry, StageError> {
        Carry::read(store, &self.carry, &self.program.sizes)
    }

    /// The fault with a path that names a pass: a false output of the loop is one of its last pass.
    pub(super) fn place(&self, fault: &Fault) -> Result<Fault, StageError> {
        if first_part(KIND, fault, self.passes())?.is_some() {
            return Ok(fault.clone());
        }
        let value = self.program.header.output.map(|value| value as usize);
        let before = self.program.sizes.iter().take(value.unwrap_or(0)).sum::<usize>();
        let size = match value {
            Some(value) => self.program.sizes.get(value).copied().unwrap_or(0),
            None => self.program.sizes.iter().sum(),
        };
        let byte = before + output_byte("the loop's output", &fault.part, size)?;
        Ok(Fault {
            path: vec![self.passes() - 1],
            part: FaultPart::Output { byte: byte as u64 },
        })
    }

    /// Puts what the claim of a pass needs in the store; gives its program and inputs.
    pub(super) fn prime(&self, pass: u64, before: &Carry, store: &dyn Store) -> Result<(Root, Root), StageError> {
        before.put(store);
        self.program.prime(pass, &before.root, &self.feed_leaf(pass), store)
    }

    /// The carry after pass `pass`. Whatever the pass leaves besides is forgotten; `store` is only read. `fault` has its place.
    pub(super) fn pass(
        &self,
        pass: u64,
        before: &Carry,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Carry, StageError> {
        let fault = fault.and_then(|fault| fault.within(pass));
        let deeper = fault.as_ref().filter(|fault| !fault.path.is_empty());
        let scratch = Scratch::over(store);
        let (program, inputs) = self.prime(pass, before, &scratch)?;
        let root = self.next.evaluate(&program, &inputs, &scratch, deeper)?;
        let after = Carry::read(&scratch, &root, &self.program.sizes)?;
        match &fault {
            Some(here) if here.path.is_empty() => after.with_fault(&format!("what pass {pass} hands on"), &here.part),
            _ => Ok(after),
        }
    }
}
