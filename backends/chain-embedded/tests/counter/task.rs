//! The outermost counter stage: a counter loop whose output is a value, so that its root is a slot's.

use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, slot_root};
use opml_engine::counter::{CounterLoop, CounterProgram, number_of, word_of};
use opml_engine::{Claim, Fault, Narrowed, Opening, Point, Stage, StageError, Store, Trace};
use opml_player::Entrance;

/// The twin of `CounterTask.sol`.
pub(crate) struct CounterTask {
    inner: CounterLoop,
}

impl CounterTask {
    pub(crate) fn new(next: Arc<dyn Stage>) -> CounterTask {
        CounterTask {
            inner: CounterLoop::new(next),
        }
    }
}

fn bytes_of(number: &Root) -> Bytes {
    Bytes::copy_from_slice(&number.0[24..])
}

impl Stage for CounterTask {
    fn kind(&self) -> &'static str {
        "task"
    }

    fn evaluate(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Root, StageError> {
        let number = self.inner.evaluate(program, inputs, store, fault)?;
        let value = bytes_of(&number);
        let root = slot_root(&value);
        store.put(root, value);
        Ok(root)
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let value = store.get(&claim.output).ok_or(StageError::Missing {
            what: "the output",
            root: claim.output,
        })?;
        let mut number = Root::ZERO;
        number.0[24..].copy_from_slice(&value);
        let inner = Claim {
            output: number,
            ..*claim
        };
        Ok(Box::new(TaskTrace {
            inner: self.inner.open(&inner, store, fault)?,
            value,
        }))
    }
}

struct TaskTrace {
    inner: Box<dyn Trace>,
    value: Bytes,
}

impl Trace for TaskTrace {
    fn opening(&mut self, arity: u64, store: &dyn Store) -> Result<Opening, StageError> {
        let inner = self.inner.opening(arity, store)?;
        Ok(Opening {
            payload: [&self.value[..], &inner.payload].concat(),
            ..inner
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        self.inner.reveal(points)
    }

    fn narrow(&mut self, part: u64, store: &dyn Store) -> Result<Narrowed, StageError> {
        self.inner.narrow(part, store)
    }
}

/// A request of one number; its slot root is the claim's inputs, whose last 8 bytes are where the counter starts.
pub(crate) struct CounterEntrance(pub(crate) CounterProgram);

impl Entrance for CounterEntrance {
    fn header(&self) -> Bytes {
        self.0.preimage().into()
    }

    fn enter(&self, values: &[Bytes], store: &dyn Store) -> Result<(Root, Root), StageError> {
        self.0.put(store);
        Ok((self.0.root(), slot_root(&values[0])))
    }
}

/// The number that the true work gives.
pub(crate) fn truth(program: &CounterProgram, value: &[u8]) -> Vec<u8> {
    word_of(program.run(number_of(&slot_root(value)))).0[24..].to_vec()
}
