use std::collections::BTreeMap;

use opml_player::{Account, ChainError};

use crate::service_chain::unusable;
use crate::{Artifact, ArtifactError, Outcome, Refusals, Transaction, Transport};

/// What a contract is to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A stage, by its kind.
    Stage(String),
    /// A machine, by its name.
    Vm(String),
}

/// Name, contract and artifact of each machine: `build.rs` lists what `artifacts/machines.json` names.
static MACHINES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/machines.rs"));

/// A contract to be deployed beside the service.
#[derive(Clone, Debug)]
pub struct Installation {
    /// What it is.
    pub part: Part,
    /// Its code.
    pub artifact: Artifact,
}

impl Installation {
    /// The project's own stages and machines.
    pub fn standard() -> Result<Vec<Installation>, ArtifactError> {
        let stage = |kind: &str| Part::Stage(kind.into());
        let listed = [
            (
                stage("loop"),
                "LoopStage",
                include_str!("../../artifacts/LoopStage.json"),
            ),
            (
                stage("graph"),
                "GraphStage",
                include_str!("../../artifacts/GraphStage.json"),
            ),
            (
                stage("node"),
                "NodeStage",
                include_str!("../../artifacts/NodeStage.json"),
            ),
            (
                stage("instruction"),
                "InstructionStage",
                include_str!("../../artifacts/InstructionStage.json"),
            ),
        ];
        let machines = MACHINES.iter().copied();
        listed
            .into_iter()
            .chain(machines.map(|(name, contract, json)| (Part::Vm(name.into()), contract, json)))
            .map(|(part, name, json)| {
                Ok(Installation {
                    part,
                    artifact: Artifact::parse(name, json)?,
                })
            })
            .collect()
    }
}

/// Where the contracts are, and what they refuse with.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The service.
    pub service: Account,
    /// Stages by kind.
    pub stages: BTreeMap<String, Account>,
    /// Machines by name.
    pub vms: BTreeMap<String, Account>,
    /// Named errors of all of them.
    pub refusals: Refusals,
}

impl Deployment {
    /// The service's own code.
    pub fn service_artifact() -> Result<Artifact, ArtifactError> {
        Artifact::parse("Service", include_str!("../../artifacts/Service.json"))
    }

    /// Deploys a service, stages and machines from an account that pays for it.
    pub fn deploy(
        transport: &mut dyn Transport,
        by: &Account,
        installations: &[Installation],
    ) -> Result<Deployment, ChainError> {
        let service = Deployment::service_artifact().map_err(|error| unusable("the service's artifact", error))?;
        let mut refusals = Refusals::default();
        let mut deploy = |artifact: &Artifact| {
            refusals.learn(artifact);
            create(transport, by, artifact)
        };
        let service = deploy(&service)?;
        let (mut stages, mut vms) = (BTreeMap::new(), BTreeMap::new());
        for Installation { part, artifact } in installations {
            let account = deploy(artifact)?;
            match part {
                Part::Stage(kind) => stages.insert(kind.clone(), account),
                Part::Vm(name) => vms.insert(name.clone(), account),
            };
        }
        Ok(Deployment {
            service,
            stages,
            vms,
            refusals,
        })
    }

    pub(crate) fn stage(&self, kind: &str) -> Result<Account, ChainError> {
        named("stage", &self.stages, kind)
    }

    pub(crate) fn vm(&self, name: &str) -> Result<Account, ChainError> {
        named("machine", &self.vms, name)
    }
}

fn named(what: &'static str, all: &BTreeMap<String, Account>, name: &str) -> Result<Account, ChainError> {
    all.get(name).copied().ok_or_else(|| ChainError::Unknown {
        what,
        name: name.into(),
        known: all.keys().cloned().collect::<Vec<_>>().join(", "),
    })
}

fn create(transport: &mut dyn Transport, by: &Account, artifact: &Artifact) -> Result<Account, ChainError> {
    let what = format!("the deployment of {}", artifact.name);
    let sent = transport
        .send(&Transaction {
            from: *by,
            to: None,
            value: 0,
            data: artifact.creation_code.clone(),
        })
        .map_err(|error| unusable(&what, error))?;
    match (sent.outcome, sent.created) {
        (Outcome::Returned(_), Some(created)) => Ok(created),
        (outcome, _) => Err(unusable(&what, format!("{outcome:?}"))),
    }
}
