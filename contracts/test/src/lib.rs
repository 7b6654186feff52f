//! The contracts in revm, for tests that hold them against the Rust definitions.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use revm::context::result::{ExecutionResult, Output};
use revm::context::{Context, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::MainnetContext;
use revm::primitives::TxKind;
use revm::{ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm};
use thiserror::Error;

/// The most gas that one transaction may have since the Osaka fork.
pub const TRANSACTION_GAS: u64 = 1 << 24;

/// Why a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The contract refused; an error's selector and arguments.
    #[error("the contract reverted with {0}")]
    Reverted(Bytes),
    /// The machine stopped: out of gas, invalid instruction, …
    #[error("the call halted: {0}")]
    Halted(String),
    /// The returned bytes are not what the interface says.
    #[error("the returned bytes {0} do not decode")]
    Undecodable(Bytes),
}

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Gas of the transaction: with the calldata floor.
    pub transaction: u64,
    /// Gas of the code alone: without base and calldata.
    pub execution: u64,
}

/// A chain with nothing but contracts under test; every call is a transaction of its own.
pub struct TestChain {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>>,
}

impl Default for TestChain {
    fn default() -> Self {
        let context = Context::mainnet()
            .with_db(CacheDB::new(EmptyDB::default()))
            .modify_cfg_chained(|cfg| cfg.disable_nonce_check = true);
        TestChain {
            evm: context.build_mainnet(),
        }
    }
}

impl TestChain {
    /// Creates a contract from its creation code.
    ///
    /// # Panics
    /// When the creation fails: then there is nothing to test.
    pub fn deploy(&mut self, creation_code: &Bytes) -> Address {
        let result = self
            .evm
            .transact_commit(transaction(TxKind::Create, creation_code.clone()))
            .expect("a well-formed transaction");
        match result {
            ExecutionResult::Success {
                output: Output::Create(_, Some(address)),
                ..
            } => address,
            other => panic!("the contract was not created: {other:?}"),
        }
    }

    /// Calls a function; what it returns, and what it cost.
    pub fn call<C: SolCall>(&mut self, contract: Address, call: &C) -> Result<(C::Return, Spent), CallError> {
        let data = call.abi_encode();
        let calldata: u64 = data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
        let result = self
            .evm
            .transact(transaction(TxKind::Call(contract), data.into()))
            .expect("a well-formed transaction")
            .result;
        match result {
            ExecutionResult::Success { gas, output, .. } => {
                let data = output.into_data();
                match C::abi_decode_returns_validate(&data) {
                    Ok(value) => {
                        let spent = Spent {
                            transaction: gas.tx_gas_used(),
                            execution: gas.total_gas_spent() - 21_000 - calldata,
                        };
                        Ok((value, spent))
                    }
                    Err(_) => Err(CallError::Undecodable(data)),
                }
            }
            ExecutionResult::Revert { output, .. } => Err(CallError::Reverted(output)),
            ExecutionResult::Halt { reason, .. } => Err(CallError::Halted(format!("{reason:?}"))),
        }
    }
}

fn transaction(kind: TxKind, data: Bytes) -> TxEnv {
    TxEnv {
        kind,
        data,
        gas_limit: TRANSACTION_GAS,
        gas_price: 0,
        ..TxEnv::default()
    }
}
