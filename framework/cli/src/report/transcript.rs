use std::collections::BTreeMap;

use opml_contracts::Deployment;
use serde::{Deserialize, Serialize};

/// Everything that a judge needs to go through a play again: the contracts and every transaction to the service. Bytes are
/// hexadecimal, amounts decimal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Transcript {
    /// `service`, `stage KIND`, `machine NAME`.
    pub(crate) contracts: BTreeMap<String, Contract>,
    /// The calldata that registers the model, which may have happened before.
    pub(crate) registration: String,
    pub(crate) transactions: Vec<Transaction>,
}

/// Where a contract stands and what it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contract {
    pub(crate) address: String,
    pub(crate) code_hash: String,
}

/// A transaction that succeeded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    /// The sender's role.
    pub(crate) by: String,
    pub(crate) sender: String,
    pub(crate) action: String,
    /// Wei.
    pub(crate) value: String,
    pub(crate) data: String,
    pub(crate) timestamp: u64,
    pub(crate) gas: u64,
}

impl Transcript {
    /// The contracts of a deployment, which are this program's own.
    pub(crate) fn contracts(deployment: &Deployment) -> BTreeMap<String, Contract> {
        let entry = |part: String, account: &opml_player::Account| {
            let code_hash = own_code_hash(&part).unwrap_or_default();
            let address = account.to_string();
            (part, Contract { address, code_hash })
        };
        let stages = deployment.stages.iter();
        let vms = deployment.vms.iter();
        std::iter::once(entry("service".into(), &deployment.service))
            .chain(stages.map(|(kind, account)| entry(format!("stage {kind}"), account)))
            .chain(vms.map(|(name, account)| entry(format!("machine {name}"), account)))
            .collect()
    }
}

/// This program's own contracts, by part.
pub(crate) fn own_artifacts() -> BTreeMap<String, opml_contracts::Artifact> {
    let service = Deployment::service_artifact().map(|artifact| ("service".to_string(), artifact));
    let installed = opml_contracts::Installation::standard().unwrap_or_default();
    let parts = installed.into_iter().map(|installation| {
        let name = match installation.part {
            opml_contracts::Part::Stage(kind) => format!("stage {kind}"),
            opml_contracts::Part::Vm(name) => format!("machine {name}"),
        };
        (name, installation.artifact)
    });
    service.into_iter().chain(parts).collect()
}

fn own_code_hash(part: &str) -> Option<String> {
    own_artifacts()
        .get(part)
        .map(|artifact| artifact.code_hash().to_string())
}

/// `0x` and hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_string(), |text, byte| format!("{text}{byte:02x}"))
}

/// The bytes of `0x` and hexadecimal digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}
