use opml_contracts::Transport;

use crate::arguments::DeployArguments;
use crate::chain::{
    connect, deploy as put, key_from_environment, key_from_keystore, read_deployment, write_deployment,
};
use crate::failure::Failure;

/// Wei for the deployment on a development node.
const PURSE: u128 = 10_000_000_000_000_000_000;

/// Puts the contracts on a chain once. A file that exists is held against the chain instead.
pub(crate) fn deploy(arguments: &DeployArguments) -> Result<(), Failure> {
    let file = &arguments.output;
    let mut rpc = connect(&arguments.rpc, None, true)?;
    if file.exists() {
        let deployment = read_deployment(file, &mut rpc)?;
        println!(
            "{} is deployed: the service stands at {}, all contracts are this program's",
            file.display(),
            deployment.service
        );
        return Ok(());
    }
    let unusable = |error: opml_contracts::TransportError| Failure::other(format!("{}: {error}", arguments.rpc));
    let account = match (&arguments.key_env, &arguments.keystore, &arguments.password_env) {
        (Some(variable), None, _) => rpc
            .add_key(key_from_environment(variable, "--key-env")?)
            .map_err(unusable)?,
        (None, Some(keystore), Some(variable)) => {
            let key = key_from_keystore(keystore, variable, "--keystore")?;
            rpc.add_key(key).map_err(unusable)?
        }
        (None, Some(_), None) => {
            return Err(Failure::user("--keystore needs --password-env NAME"));
        }
        (None, None, _) if rpc.is_development() => rpc.create_account(PURSE).map_err(unusable)?,
        _ => {
            return Err(Failure::user(
                "a live node needs a key: --key-env NAME, or --keystore FILE --password-env NAME",
            ));
        }
    };
    let before = rpc.balance(&account).map_err(unusable)?;
    let deployment = put(&mut rpc, &account)?;
    let paid = before.saturating_sub(rpc.balance(&account).map_err(unusable)?);
    let chain_id = rpc.chain_id().map_err(unusable)?;
    write_deployment(file, chain_id, &deployment)?;
    println!(
        "deployed on chain {chain_id} by {account} for {paid} wei: the service stands at {}; {} says where all contracts are",
        deployment.service,
        file.display()
    );
    Ok(())
}
