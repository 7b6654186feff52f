use std::path::Path;

use opml_chain_rpc::Key;
use opml_pipeline::KeySpec;

use crate::failure::Failure;

/// The key that a spec points to.
pub(super) fn key(spec: &KeySpec, place: &str) -> Result<Key, Failure> {
    match (&spec.env, &spec.keystore, &spec.password_env) {
        (Some(variable), None, None) => key_from_environment(variable, &format!("{place}.env")),
        (None, Some(file), Some(variable)) => key_from_keystore(file, variable, place),
        _ => Err(Failure::user(format!(
            "{place}: write `env: NAME`, or `keystore: FILE` with `password_env: NAME`"
        ))),
    }
}

/// The key in an environment variable.
pub(crate) fn key_from_environment(variable: &str, place: &str) -> Result<Key, Failure> {
    let text = variable_of(variable, place)?;
    Key::parse(&text).map_err(|error| Failure::user(format!("{place}: ${variable}: {error}")))
}

/// The key in a keystore, whose password is in an environment variable.
pub(crate) fn key_from_keystore(file: &Path, variable: &str, place: &str) -> Result<Key, Failure> {
    let password = variable_of(variable, &format!("{place}.password_env"))?;
    Key::open(file, &password).map_err(|error| Failure::user(format!("{place}.keystore: {error}")))
}

fn variable_of(variable: &str, place: &str) -> Result<String, Failure> {
    std::env::var(variable)
        .map_err(|_| Failure::user(format!("{place}: the environment variable {variable} is not set")))
}
