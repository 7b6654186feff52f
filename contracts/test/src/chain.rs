use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_sol_types::SolCall;
use revm::context::result::{ExecutionResult, Output};
use revm::context::{Context, ContextTr, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::MainnetContext;
use revm::primitives::TxKind;
use revm::primitives::hardfork::SpecId;
use revm::state::AccountInfo;
use revm::{Database, ExecuteCommitEvm, ExecuteEvm, InspectEvm, MainBuilder, MainContext, MainnetEvm};
use thiserror::Error;

use crate::profile::{Meter, Profile};

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
    /// Gas of the transaction, as its receipt says: with the calldata floor and after refunds.
    pub transaction: u64,
    /// The same without the calldata floor.
    pub unfloored: u64,
    /// Gas of the code alone: without base and calldata, before refunds.
    pub execution: u64,
}

/// What a transaction left.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What it cost.
    pub spent: Spent,
    /// Its logs.
    pub logs: Vec<Log>,
}

type Storage = CacheDB<EmptyDB>;
type Evm = MainnetEvm<MainnetContext<Storage>>;

/// A chain with nothing but contracts under test; every call is a transaction of its own.
pub struct TestChain {
    evm: Evm,
}

impl Default for TestChain {
    fn default() -> Self {
        TestChain {
            evm: context(Storage::new(EmptyDB::default())).build_mainnet(),
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

    /// A chain as it was before calldata had a floor price: a transaction can run out of gas anywhere.
    pub fn without_floor() -> Self {
        let context = context(Storage::new(EmptyDB::default()));
        let old = context.modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::CANCUN));
        TestChain {
            evm: old.build_mainnet(),
        }
    }

    /// Gives an account its balance.
    pub fn fund(&mut self, account: Address, wei: U256) {
        let info = AccountInfo::default().with_balance(wei);
        self.evm.ctx.db_mut().insert_account_info(account, info);
    }

    /// Sets the time of the blocks to come, in seconds.
    pub fn set_time(&mut self, seconds: u64) {
        self.evm.ctx.modify_block(|block| block.timestamp = U256::from(seconds));
    }

    /// A word of a contract's storage.
    pub fn storage(&mut self, contract: Address, slot: B256) -> B256 {
        let Ok(word) = self.evm.ctx.db_mut().storage(contract, slot.into());
        word.into()
    }

    /// Overwrites a word of a contract's storage.
    pub fn set_storage(&mut self, contract: Address, slot: B256, word: B256) {
        let Ok(()) = self
            .evm
            .ctx
            .db_mut()
            .insert_account_storage(contract, slot.into(), word.into());
    }

    /// Calls a function; what it returns, and what it cost. The chain stays as it was.
    pub fn call<C: SolCall>(&mut self, contract: Address, call: &C) -> Result<(C::Return, Spent), CallError> {
        let environment = transaction(TxKind::Call(contract), call.abi_encode().into());
        let (data, sent) = self.executed(environment)?;
        match C::abi_decode_returns_validate(&data) {
            Ok(value) => Ok((value, sent.spent)),
            Err(_) => Err(CallError::Undecodable(data)),
        }
    }

    /// What a transaction of an account's with so much gas would leave; the chain stays as it was.
    pub fn attempt(&mut self, from: Address, to: Address, data: Bytes, gas: u64) -> Result<Sent, CallError> {
        self.executed(TxEnv {
            caller: from,
            gas_limit: gas,
            ..transaction(TxKind::Call(to), data)
        })
        .map(|(_, sent)| sent)
    }

    fn executed(&mut self, environment: TxEnv) -> Result<(Bytes, Sent), CallError> {
        let calldata = standard_calldata_gas(&environment.data);
        let result = self
            .evm
            .transact(environment)
            .expect("a well-formed transaction")
            .result;
        outcome(result, calldata)
    }

    /// A transaction with a payment.
    pub fn send(&mut self, from: Address, to: Address, data: Bytes, wei: U256) -> Result<Sent, CallError> {
        let calldata = standard_calldata_gas(&data);
        let environment = TxEnv {
            caller: from,
            value: wei,
            ..transaction(TxKind::Call(to), data)
        };
        let result = self
            .evm
            .transact_commit(environment)
            .expect("a well-formed transaction");
        outcome(result, calldata).map(|(_, sent)| sent)
    }

    /// Where the gas of a transaction goes; the chain stays as it was.
    pub fn profile(&mut self, from: Address, to: Address, data: Bytes) -> Profile {
        let environment = TxEnv {
            caller: from,
            ..transaction(TxKind::Call(to), data.clone())
        };
        let block = self.evm.ctx.block().clone();
        let mut evm = context(self.evm.ctx.db().clone())
            .with_block(block)
            .build_mainnet_with_inspector(Meter::default());
        let done = evm.inspect_tx(environment).expect("a well-formed transaction");
        assert!(done.result.is_success(), "{:?}", done.result);
        let gas = done.result.gas();
        let mut profile = std::mem::take(&mut evm.inspector).finished();
        profile.calldata = standard_calldata_gas(&data);
        profile.refund = gas.inner_refunded();
        profile.floor = gas.floor_gas();
        profile.used = gas.tx_gas_used();
        profile
    }
}

fn context(database: Storage) -> MainnetContext<Storage> {
    Context::mainnet()
        .with_db(database)
        .modify_cfg_chained(|cfg| cfg.disable_nonce_check = true)
}

fn outcome(result: ExecutionResult, calldata: u64) -> Result<(Bytes, Sent), CallError> {
    match result {
        ExecutionResult::Success { gas, output, logs, .. } => {
            let spent = Spent {
                transaction: gas.tx_gas_used(),
                unfloored: gas.spent_sub_refunded(),
                execution: gas.total_gas_spent() - 21_000 - calldata,
            };
            Ok((output.into_data(), Sent { spent, logs }))
        }
        ExecutionResult::Revert { output, .. } => Err(CallError::Reverted(output)),
        ExecutionResult::Halt { reason, .. } => Err(CallError::Halted(format!("{reason:?}"))),
    }
}

/// What calldata costs when the floor does not bind: 16 gas a byte, 4 a zero byte.
fn standard_calldata_gas(data: &[u8]) -> u64 {
    data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum()
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
