use std::sync::Arc;

use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{Fault, FaultPart, MemoryStore, StageError, Store, evaluate_lie};
use opml_pipeline::{LiePart, LieSpec, PartySpec};
use opml_player::{Account, Entrance, Party};
use opml_stages::Entry;

use super::scene::Scene;
use crate::failure::Failure;

/// How a request enters this model's pipeline.
struct ModelEntrance(Entry);

impl Entrance for ModelEntrance {
    fn header(&self) -> Bytes {
        Bytes::copy_from_slice(self.0.header())
    }

    fn enter(&self, values: &[Bytes], store: &dyn Store) -> Result<(Root, Root), StageError> {
        let inputs = self.0.request(values, store);
        let inputs = inputs.map_err(|error| StageError::Program {
            stage: "request",
            reason: error.to_string(),
        })?;
        Ok((self.0.program(), inputs))
    }
}

/// The party that a spec describes; `None` when it takes no part. A lie that names what does not exist, or that later work
/// masks, is refused here, before anything is staked.
pub(crate) fn party(name: &str, spec: &PartySpec, account: Account, scene: &Scene) -> Result<Option<Party>, Failure> {
    let fault = match spec {
        PartySpec::None => return Ok(None),
        PartySpec::Honest => None,
        PartySpec::Lies(lie) => Some(fault(lie)),
    };
    let party = seated(account, fault, scene);
    if let Some(fault) = &party.fault {
        check(fault, scene).map_err(|error| match error {
            StageError::Fault { reason } => Failure::user(format!("parties.{name}.lies: it {reason}")),
            other => Failure::of_stage(other),
        })?;
    }
    Ok(Some(party))
}

/// A party with a store of its own.
pub(crate) fn seated(account: Account, fault: Option<Fault>, scene: &Scene) -> Party {
    Party {
        account,
        stages: scene.pipeline.stages.clone(),
        store: Arc::new(MemoryStore::default()),
        entrance: Arc::new(ModelEntrance(scene.pipeline.entry.clone())),
        fault,
        stalls_after: None,
    }
}

/// A spec's lie as parties tell it.
pub(crate) fn fault(lie: &LieSpec) -> Fault {
    let part = match lie.part {
        LiePart::Output => FaultPart::Output { byte: lie.byte },
        LiePart::Scratch => FaultPart::Scratch { byte: lie.byte },
        LiePart::Register => FaultPart::Register {
            number: lie.register.unwrap_or(1),
        },
        LiePart::ProgramCounter => FaultPart::ProgramCounter,
    };
    Fault {
        path: lie.at.iter().map(|place| place.parts().1).collect(),
        part,
    }
}

/// Refuses a lie that names what does not exist, or that later work masks.
pub(crate) fn check(fault: &Fault, scene: &Scene) -> Result<(), StageError> {
    let store = MemoryStore::default();
    let (program, inputs) = ModelEntrance(scene.pipeline.entry.clone()).enter(&scene.values, &store)?;
    evaluate_lie(scene.pipeline.stages[0].as_ref(), &program, &inputs, &store, fault).map(|_| ())
}
