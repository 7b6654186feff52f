use opml_commit::Root;
use opml_contracts::{Log, Outcome};
use opml_player::{Account, BlockId};
use revm::context::result::{ExecutionResult, Output};
use revm::primitives::Address;

pub(crate) fn address(account: &Account) -> Address {
    Address::from(account.0)
}

/// What a transaction left: its outcome, the contract it created, its logs.
pub(crate) fn result(result: ExecutionResult, block: BlockId) -> (Outcome, Option<Account>, Vec<Log>) {
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            let logs = logs.into_iter().map(|log| Log {
                address: Account(log.address.into_array()),
                topics: log.data.topics().iter().map(|topic| Root(topic.0)).collect(),
                data: log.data.data.0.clone(),
                block,
            });
            let logs = logs.collect();
            match output {
                Output::Call(data) => (Outcome::Returned(data.0), None, logs),
                Output::Create(data, created) => {
                    let created = created.map(|address| Account(address.into_array()));
                    (Outcome::Returned(data.0), created, logs)
                }
            }
        }
        ExecutionResult::Revert { output, .. } => (Outcome::Reverted(output.0), None, Vec::new()),
        ExecutionResult::Halt { reason, .. } => (Outcome::Halted(format!("{reason:?}")), None, Vec::new()),
    }
}
