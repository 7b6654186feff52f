use std::collections::BTreeMap;
use std::path::Path;

use opml_commit::keccak256;
use opml_contracts::{Deployment, Refusals, Transport};
use opml_player::Account;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::report::{Contract, Transcript, from_hex, own_artifacts};
use crate::whole_file::WholeFile;

/// Where contracts stand on a chain, as `opml-run deploy` writes it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeploymentFile {
    chain_id: u64,
    contracts: BTreeMap<String, Contract>,
}

/// Writes a deployment file, whole or not at all.
pub(crate) fn write_deployment(path: &Path, chain_id: u64, deployment: &Deployment) -> Result<(), Failure> {
    let file = DeploymentFile {
        chain_id,
        contracts: Transcript::contracts(deployment),
    };
    let text = serde_json::to_string_pretty(&file).map_err(Failure::other)?;
    let written = WholeFile::create(path).and_then(|mut file| {
        writeln!(file.writer(), "{text}")?;
        file.place()
    });
    written
        .map(|_| ())
        .map_err(|error| Failure::user(format!("cannot write the deployment {}: {error}", path.display())))
}

/// Reads a deployment file, and holds what stands at its addresses against this program's own contracts.
pub(crate) fn read_deployment(path: &Path, chain: &mut dyn Transport) -> Result<Deployment, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable("deployment", path, error))?;
    let wrong = |reason: String| Failure::user(format!("{}: {reason}", path.display()));
    let file: DeploymentFile = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let chain_id = chain.chain_id().map_err(Failure::other)?;
    if chain_id != file.chain_id {
        return Err(wrong(format!(
            "the contracts are on chain {}, the node is of chain {chain_id}",
            file.chain_id
        )));
    }
    let mut refusals = Refusals::default();
    let mut found: BTreeMap<String, Account> = BTreeMap::new();
    for (part, artifact) in own_artifacts() {
        let entry = file
            .contracts
            .get(&part)
            .ok_or_else(|| wrong(format!("it has no `{part}`")).help("deploy with this version of the program"))?;
        let account = from_hex(&entry.address)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Account);
        let account = account.ok_or_else(|| wrong(format!("`{}` is no address", entry.address)))?;
        let code = chain.code(&account).map_err(Failure::other)?;
        if keccak256(&code) != artifact.code_hash() {
            let there = if code.is_empty() {
                "there is no contract"
            } else {
                "another contract stands"
            };
            return Err(wrong(format!(
                "{there} at {account}, which should be the `{part}` of this program"
            ))
            .help("deploy with this version of the program"));
        }
        refusals.learn(&artifact);
        found.insert(part, account);
    }
    let of = |kind: &str| -> BTreeMap<String, Account> {
        let named = found
            .iter()
            .filter_map(|(part, account)| Some((part.strip_prefix(kind)?, account)));
        named.map(|(name, account)| (name.to_string(), *account)).collect()
    };
    let service = found.get("service").copied();
    Ok(Deployment {
        service: service.ok_or_else(|| wrong("it has no `service`".into()))?,
        stages: of("stage "),
        vms: of("machine "),
        refusals,
    })
}
