use std::collections::{BTreeMap, BTreeSet};

use opml_commit::Root;
use opml_engine::{Claim, Fault, Narrowed, StageError, Trace};

use crate::traces::{TraceKey, Traces};
use crate::{Narrowing, Party, PlayerError, Role, TaskView, Terms};

/// Traces that a party holds at the same time, all games together.
const TRACES: usize = 16;

/// Where a party does its work: its own output of each task, and its traces of what is disputed. Games share both, so that a hundred
/// games on one result cost one trace of it.
pub(crate) struct Desk {
    party: Party,
    role: Role,
    /// By task.
    outputs: BTreeMap<Root, Root>,
    traces: Traces,
    /// Stage, claim and part of what was narrowed, so that the store holds what the next stage reads.
    narrowed: BTreeSet<(u8, Root, u64)>,
}

impl Desk {
    pub(crate) fn new(party: Party, role: Role) -> Desk {
        Desk {
            party,
            role,
            outputs: BTreeMap::new(),
            traces: Traces::holding(TRACES),
            narrowed: BTreeSet::new(),
        }
    }

    pub(crate) fn party(&self) -> &Party {
        &self.party
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// The output of a task, if it was computed.
    pub(crate) fn known_output(&self, task: &Root) -> Option<Root> {
        self.outputs.get(task).copied()
    }

    /// Enters the task into the party's own pipeline and computes its output there, once.
    pub(crate) fn output(&mut self, task: &TaskView, terms: &Terms) -> Result<Root, PlayerError> {
        if let Some(output) = self.outputs.get(&task.task) {
            return Ok(*output);
        }
        if self.party.stages.len() != terms.stages.len() {
            return Err(PlayerError::StageCount {
                role: self.role,
                given: self.party.stages.len(),
                needed: terms.stages.len(),
            });
        }
        let role = self.role;
        let failed = |source| PlayerError::Stage { role, source };
        let store = self.party.store.as_ref();
        let own = self.party.entrance.enter(&task.values, store).map_err(failed)?;
        for (what, chain, own) in [("program", terms.program, own.0), ("input", task.inputs, own.1)] {
            if chain != own {
                return Err(PlayerError::OtherTask { what, chain, own });
            }
        }
        let output = self.party.evaluate(&terms.program, &task.inputs).map_err(failed)?;
        self.outputs.insert(task.task, output);
        Ok(output)
    }

    /// The party's trace of `claim`, to which the `way` leads from a result's own claim.
    pub(crate) fn trace(&mut self, way: &[Narrowing], claim: &Claim) -> Result<&mut dyn Trace, PlayerError> {
        let role = self.role;
        let failed = |source| PlayerError::Stage { role, source };
        let mut fault = self.party.fault.clone();
        for (stage, step) in way.iter().enumerate() {
            if !self.narrowed.contains(&(stage as u8, step.claim.hash(), step.part)) {
                self.narrow_there(stage, &step.claim, step.part, fault.clone())
                    .map_err(failed)?;
            }
            fault = fault.and_then(|fault| fault.within(step.part));
        }
        self.open(way.len(), claim, fault).map_err(failed)
    }

    /// Narrows the party's trace of `claim` to a part; what the next stage reads is in the store then.
    pub(crate) fn narrow(&mut self, way: &[Narrowing], claim: &Claim, part: u64) -> Result<Narrowed, PlayerError> {
        let role = self.role;
        self.trace(way, claim)?;
        let fault = way.iter().fold(self.party.fault.clone(), |fault, step| {
            fault.and_then(|fault| fault.within(step.part))
        });
        self.narrow_there(way.len(), claim, part, fault)
            .map_err(|source| PlayerError::Stage { role, source })
    }

    fn narrow_there(
        &mut self,
        stage: usize,
        claim: &Claim,
        part: u64,
        fault: Option<Fault>,
    ) -> Result<Narrowed, StageError> {
        let store = self.party.store.clone();
        let narrowed = self.open(stage, claim, fault)?.narrow(part, store.as_ref())?;
        self.narrowed.insert((stage as u8, claim.hash(), part));
        Ok(narrowed)
    }

    fn open(&mut self, stage: usize, claim: &Claim, fault: Option<Fault>) -> Result<&mut dyn Trace, StageError> {
        let key = TraceKey {
            stage: stage as u8,
            claim: claim.hash(),
            fault: fault.clone(),
        };
        let party = &self.party;
        self.traces.get(key, || {
            let stage = party.stages.get(stage).ok_or_else(|| StageError::Program {
                stage: "pipeline",
                reason: format!("there is no stage {stage}"),
            })?;
            stage.open(claim, party.store.as_ref(), fault.as_ref())
        })
    }
}
