use std::sync::Arc;

use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{Fault, Stage, StageError, Store};

use crate::Account;

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Asks for an execution and pays the fee.
    Requester,
    /// Posts the result and defends it.
    Proposer,
    /// Disputes it.
    Challenger,
}

impl Role {
    /// The role's name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Role::Requester => "requester",
            Role::Proposer => "proposer",
            Role::Challenger => "challenger",
        }
    }
}

/// How a task enters a pipeline: the twin of the first stage contract's `enter`.
pub trait Entrance: Send + Sync {
    /// What the contract's `enter` reads: the program's header.
    fn header(&self) -> Bytes;

    /// The claim's program and inputs; puts the values and everything that leads to them into the store.
    fn enter(&self, values: &[Bytes], store: &dyn Store) -> Result<(Root, Root), StageError>;
}

/// A proposer's or a challenger's means: an account, what it computes with, and how it behaves.
#[derive(Clone)]
pub struct Party {
    /// Its account.
    pub account: Account,
    /// Its stages, outermost first.
    pub stages: Vec<Arc<dyn Stage>>,
    /// Its store; parties share nothing but the chain.
    pub store: Arc<dyn Store>,
    /// How requests enter its pipeline.
    pub entrance: Arc<dyn Entrance>,
    /// Its lie: all its work is computed with it. `None` for an honest party.
    pub fault: Option<Fault>,
    /// The number of transactions in the game after which it stops answering; `None` for never.
    pub stalls_after: Option<usize>,
}

impl Party {
    /// The kind of one of its stages; nothing when there is no such stage.
    pub(crate) fn stage_kind(&self, stage: u8) -> &'static str {
        self.stages.get(usize::from(stage)).map_or("", |stage| stage.kind())
    }

    /// What this party gets for `program(inputs)`: the output's root and bytes.
    pub(crate) fn evaluate(&self, program: &Root, inputs: &Root) -> Result<Root, StageError> {
        let store = self.store.as_ref();
        self.stages[0].evaluate(program, inputs, store, self.fault.as_ref())
    }
}
