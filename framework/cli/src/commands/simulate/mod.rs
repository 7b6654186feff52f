//! `simulate`: random strategies against the real contracts.

mod bank;
mod shop;
mod table;

use std::path::Path;

use opml_chain_embedded::EmbeddedChain;
use opml_contracts::{Deployment, Installation, ServiceChain};
use opml_graph::Host;
use opml_simulation::{Plan, SimulationError, simulate as run};

use self::bank::EmbeddedBank;
use self::shop::ModelShop;
use crate::arguments::SimulateArguments;
use crate::failure::Failure;
use crate::play::measure;
use crate::play::scene::open;
use crate::terminal::GWEI;

/// Wei for the deployment.
const DEPLOYMENT: u128 = 10_000_000_000_000_000_000;

/// Plays random tasks over the spec's model and prints who gained and who lost.
pub(crate) fn simulate(spec_path: &Path, arguments: &SimulateArguments) -> Result<(), Failure> {
    let (scene, host) = open(spec_path, arguments.quiet)?;
    let truth = measure::native(&scene, true)?.output;
    let mut evm = EmbeddedChain::default();
    let deployer = evm.create_account(DEPLOYMENT);
    let installations = Installation::standard().map_err(Failure::other)?;
    let deployment = Deployment::deploy(&mut evm, &deployer, &installations).map_err(Failure::other)?;
    let mut bank = EmbeddedBank(ServiceChain::new(evm, deployment));
    let shop = ModelShop::new(&scene, truth);
    let wanted = Plan {
        tasks: arguments.tasks,
        seed: arguments.seed,
        gas_price: u128::from(arguments.gas_price) * GWEI,
    };
    let ledger = run(&mut bank, &shop, wanted, &mut |done| {
        host.progress("simulating tasks", done, arguments.tasks);
        !host.cancelled()
    });
    host.clear();
    let ledger = ledger.map_err(|error| match error {
        SimulationError::Chain(error) => {
            Failure::user(format!("game: the service does not take these parameters: {error}"))
        }
        other => Failure::other(other),
    })?;
    table::print(&ledger, arguments.gas_price);
    match ledger.violations.first() {
        None => Ok(()),
        Some(first) => Err(Failure::other(format!(
            "{} things happened that must not; the first: {first}",
            ledger.violations.len()
        ))),
    }
}
