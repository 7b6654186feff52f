//! The chain of a spec: the embedded one, or one behind a node.

mod deployed;
mod keys;
mod underway;

use std::path::Path;

use opml_chain_embedded::EmbeddedChain;
use opml_chain_rpc::{Options, RpcChain};
use opml_contracts::{Deployment, Installation, ServiceChain, Transport};
use opml_pipeline::{ChainSpec, NodeSpecification};
use opml_player::{Account, Role};

pub(crate) use deployed::{read_deployment, write_deployment};
pub(crate) use keys::{key_from_environment, key_from_keystore};
pub(crate) use underway::Underway;

use crate::failure::Failure;

/// Wei for whoever deploys on a chain of one's own.
const DEPLOYMENT: u128 = 10_000_000_000_000_000_000;
/// Seconds between the blocks of a chain of one's own, as on mainnet.
const BLOCK_SECONDS: u64 = 12;
/// Where journals and tasks that are underway are kept.
pub(crate) const KEPT: &str = ".opml/chain";

/// A chain that is ready for a play.
pub(crate) struct Ready {
    pub(crate) chain: ServiceChain<Box<dyn Transport>>,
    pub(crate) accounts: [(Role, Account); 3],
    pub(crate) backend: &'static str,
    pub(crate) url: Option<String>,
    /// Whether the chain outlives the play: a task that is broken off can be gone on with.
    pub(crate) lasting: bool,
}

const ROLES: [Role; 3] = [Role::Requester, Role::Proposer, Role::Challenger];

/// Makes the spec's chain ready. On a chain of one's own every account begins with `purse` wei.
pub(crate) fn ready(spec: &ChainSpec, purse: u128) -> Result<Ready, Failure> {
    match spec {
        ChainSpec::Embedded => {
            let mut evm = EmbeddedChain::default();
            let deployer = evm.create_account(DEPLOYMENT);
            let accounts = ROLES.map(|role| (role, evm.create_account(purse)));
            let deployment = deploy(&mut evm, &deployer)?;
            Ok(Ready {
                chain: ServiceChain::new(Box::new(evm), deployment),
                accounts,
                backend: "embedded",
                url: None,
                lasting: false,
            })
        }
        ChainSpec::Node(node) => on_node(node, purse),
    }
}

fn on_node(spec: &NodeSpecification, purse: u128) -> Result<Ready, Failure> {
    let mut rpc = connect(&spec.rpc, spec.confirmations, spec.keys.is_some())?;
    let unusable = |error: opml_contracts::TransportError| Failure::other(format!("{}: {error}", spec.rpc));
    let accounts = match &spec.keys {
        Some(keys) => {
            let mut accounts = ROLES.map(|role| (role, Account::default()));
            for ((role, account), key) in accounts
                .iter_mut()
                .zip([&keys.requester, &keys.proposer, &keys.challenger])
            {
                let place = format!("chain.keys.{}", role.name());
                let key = keys::key(key, &place)?;
                *account = rpc.add_key(key).map_err(unusable)?;
            }
            accounts
        }
        None if rpc.is_development() => {
            rpc.space_blocks(BLOCK_SECONDS).map_err(unusable)?;
            let mut accounts = ROLES.map(|role| (role, Account::default()));
            for (_, account) in &mut accounts {
                *account = rpc.create_account(purse).map_err(unusable)?;
            }
            accounts
        }
        None => {
            return Err(Failure::user("chain.keys: a live node needs a key for each party")
                .help("keys: { requester: { env: NAME }, proposer: { keystore: FILE, password_env: NAME }, … }"));
        }
    };
    let deployment = match &spec.deployment {
        Some(file) => read_deployment(file, &mut rpc)?,
        None if rpc.is_development() => {
            let deployer = rpc.create_account(DEPLOYMENT).map_err(unusable)?;
            deploy(&mut rpc, &deployer)?
        }
        None => {
            return Err(
                Failure::user("chain.deployment: a live node needs the contracts' addresses")
                    .help(format!("opml-run deploy --rpc {} --output deployment.json", spec.rpc)),
            );
        }
    };
    Ok(Ready {
        chain: ServiceChain::new(Box::new(rpc), deployment),
        accounts,
        backend: "rpc",
        url: Some(spec.rpc.clone()),
        lasting: spec.keys.is_some(),
    })
}

/// The chain behind a node. Journals of keys that outlive the process are kept in a folder.
pub(crate) fn connect(url: &str, confirmations: Option<u64>, kept: bool) -> Result<RpcChain, Failure> {
    let options = Options {
        confirmations,
        journals: kept.then(|| Path::new(KEPT).to_path_buf()),
        ..Options::default()
    };
    RpcChain::connect(url, options).map_err(|error| Failure::user(format!("chain.rpc: {error}")))
}

/// Deploys the contracts.
pub(crate) fn deploy(transport: &mut dyn Transport, by: &Account) -> Result<Deployment, Failure> {
    let installations = Installation::standard().map_err(Failure::other)?;
    Deployment::deploy(transport, by, &installations).map_err(Failure::other)
}
