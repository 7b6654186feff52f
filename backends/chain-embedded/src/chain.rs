use opml_commit::{Root, keccak256};
use opml_contracts::{Log, Outcome, Sent, Transaction, Transport, TransportError};
use opml_player::{Account, BlockId};
use revm::context::result::{EVMError, InvalidTransaction};
use revm::context::{Context, ContextTr, TxEnv};
use revm::context_interface::cfg::gas_params::GasId;
use revm::database::{CacheDB, EmptyDB};
use revm::handler::MainnetContext;
use revm::primitives::{TxKind, U256};
use revm::state::{AccountInfo, Bytecode};
use revm::{Database, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm};

use crate::convert::{address, result};

/// The most gas that a transaction may have.
pub const TRANSACTION_GAS: u64 = 1 << 24;
/// Wei that a unit of gas costs.
pub const GAS_PRICE: u128 = 1_000_000_000;
/// The first block's time, in seconds.
pub const GENESIS_TIME: u64 = 1_700_000_000;
/// The chain's id (EIP-155): mainnet's.
const CHAIN_ID: u64 = 1;
/// Seconds between blocks when nobody waits longer.
const BLOCK_SECONDS: u64 = 12;

/// An Ethereum in this process.
pub struct EmbeddedChain {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>>,
    block: u64,
    timestamp: u64,
    /// By number.
    blocks: Vec<Block>,
    /// Re-organisations so far.
    branch: u64,
    accounts: u64,
    logs: Vec<Log>,
}

impl Default for EmbeddedChain {
    fn default() -> Self {
        let context = Context::mainnet().with_db(CacheDB::new(EmptyDB::default()));
        EmbeddedChain {
            evm: context.build_mainnet(),
            block: 0,
            timestamp: GENESIS_TIME,
            blocks: vec![Block::new(0, 0, GENESIS_TIME)],
            branch: 0,
            accounts: 0,
            logs: Vec::new(),
        }
    }
}

impl EmbeddedChain {
    /// The same chain, on which a byte of calldata, zero or not, costs at least this much gas (rounded down to a multiple of four).
    /// Mainnet's rule is 10 for a zero byte and 40 for another (EIP-7623); a scheduled one is 64 for each (EIP-7976).
    pub fn with_calldata_floor(mut self, gas_per_byte: u64) -> EmbeddedChain {
        let tokens = self.evm.ctx.cfg.gas_params.tx_token_non_zero_byte_multiplier();
        self.evm.ctx.cfg.gas_params.override_gas([
            (GasId::tx_floor_cost_per_token(), gas_per_byte / tokens.max(1)),
            (GasId::tx_floor_token_zero_byte_multiplier(), tokens),
        ]);
        self
    }

    /// A new account with this many wei.
    pub fn create_account(&mut self, wei: u128) -> Account {
        self.accounts += 1;
        // Addresses of keys look like hashes, and what calldata costs depends on their zero bytes.
        let mut account = Account::default();
        account
            .0
            .copy_from_slice(&keccak256(&self.accounts.to_be_bytes()).0[12..]);
        let info = AccountInfo::default().with_balance(U256::from(wei));
        self.evm.ctx.db_mut().insert_account_info(address(&account), info);
        account
    }

    /// Puts a contract's code at an address, as if it had always stood there.
    pub fn place(&mut self, account: &Account, code: bytes::Bytes) {
        let code = Bytecode::new_raw(code.into());
        let info = AccountInfo {
            nonce: 1,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..AccountInfo::default()
        };
        self.evm.ctx.db_mut().insert_account_info(address(account), info);
    }

    /// Gives an account this many wei more.
    pub fn fund(&mut self, account: &Account, wei: u128) -> Result<(), TransportError> {
        let mut info = self.info(account)?;
        info.balance = info.balance.saturating_add(U256::from(wei));
        self.evm.ctx.db_mut().insert_account_info(address(account), info);
        Ok(())
    }

    /// Lets the next block have this time, unless that lies before the last one's.
    pub fn set_next_time(&mut self, timestamp: u64) {
        if timestamp >= self.timestamp {
            self.timestamp = timestamp.saturating_sub(BLOCK_SECONDS);
        }
    }

    /// The chain as it stands.
    pub fn checkpoint(&mut self) -> Checkpoint {
        Checkpoint {
            state: self.evm.ctx.db_mut().clone(),
            block: self.block,
            timestamp: self.timestamp,
            logs: self.logs.len(),
        }
    }

    /// Goes back to a checkpoint: what happened since has not, and blocks from here on have other hashes than those that are gone.
    pub fn reorganise(&mut self, to: &Checkpoint) {
        *self.evm.ctx.db_mut() = to.state.clone();
        (self.block, self.timestamp) = (to.block, to.timestamp);
        self.logs.truncate(to.logs);
        self.blocks.truncate(to.block as usize + 1);
        self.branch += 1;
    }

    fn last(&self) -> BlockId {
        self.blocks[self.blocks.len() - 1].id
    }

    fn environment(&mut self, from: &Account) -> Result<TxEnv, TransportError> {
        let (number, timestamp) = (U256::from(self.block), U256::from(self.timestamp));
        self.evm.ctx.modify_block(|block| {
            block.number = number;
            block.timestamp = timestamp;
            block.gas_limit = 4 * TRANSACTION_GAS;
        });
        Ok(TxEnv {
            caller: address(from),
            gas_limit: TRANSACTION_GAS,
            nonce: self.info(from)?.nonce,
            ..TxEnv::default()
        })
    }

    fn info(&mut self, account: &Account) -> Result<AccountInfo, TransportError> {
        let found = self.evm.ctx.db_mut().basic(address(account));
        Ok(found.map_err(node)?.unwrap_or_default())
    }
}

impl Transport for EmbeddedChain {
    fn call(&mut self, from: &Account, to: &Account, data: bytes::Bytes) -> Result<Outcome, TransportError> {
        let transaction = TxEnv {
            kind: TxKind::Call(address(to)),
            data: data.into(),
            ..self.environment(from)?
        };
        let executed = self.evm.transact(transaction).map_err(refused)?;
        Ok(result(executed.result, self.last()).0)
    }

    fn try_create(&mut self, creation_code: bytes::Bytes) -> Result<Outcome, TransportError> {
        let nobody = Account::default();
        let transaction = TxEnv {
            kind: TxKind::Create,
            data: creation_code.into(),
            ..self.environment(&nobody)?
        };
        let executed = self.evm.transact(transaction).map_err(refused)?;
        Ok(result(executed.result, self.last()).0)
    }

    /// The transaction gets all the gas that its sender can pay for, up to [`TRANSACTION_GAS`].
    fn send(&mut self, transaction: &Transaction) -> Result<Sent, TransportError> {
        self.block += 1;
        self.timestamp += BLOCK_SECONDS;
        self.blocks.push(Block::new(self.block, self.branch, self.timestamp));
        let spare = self.balance(&transaction.from)?.saturating_sub(transaction.value);
        let affordable = u64::try_from(spare / GAS_PRICE).unwrap_or(u64::MAX);
        let environment = TxEnv {
            kind: match &transaction.to {
                Some(to) => TxKind::Call(address(to)),
                None => TxKind::Create,
            },
            value: U256::from(transaction.value),
            data: transaction.data.clone().into(),
            gas_price: GAS_PRICE,
            gas_limit: affordable.min(TRANSACTION_GAS),
            ..self.environment(&transaction.from)?
        };
        let executed = self.evm.transact_commit(environment).map_err(refused)?;
        let gas = executed.tx_gas_used();
        let (outcome, created, logs) = result(executed, self.last());
        self.logs.extend(logs.iter().cloned());
        Ok(Sent {
            outcome,
            created,
            gas,
            gas_cost: u128::from(gas) * GAS_PRICE,
            block: self.block,
            timestamp: self.timestamp,
            logs,
        })
    }

    fn balance(&mut self, account: &Account) -> Result<u128, TransportError> {
        u128::try_from(self.info(account)?.balance).map_err(node)
    }

    fn code(&mut self, account: &Account) -> Result<bytes::Bytes, TransportError> {
        let hash = self.info(account)?.code_hash;
        let code = self.evm.ctx.db_mut().code_by_hash(hash).map_err(node)?;
        Ok(code.original_bytes().0)
    }

    fn chain_id(&mut self) -> Result<u64, TransportError> {
        Ok(CHAIN_ID)
    }

    fn blocks(&mut self) -> Result<u64, TransportError> {
        Ok(self.block)
    }

    fn now(&mut self) -> Result<u64, TransportError> {
        Ok(self.timestamp)
    }

    fn advance(&mut self, seconds: u64) -> Result<(), TransportError> {
        self.timestamp += seconds;
        Ok(())
    }

    fn logs(&mut self, from: u64, address: &Account) -> Result<Vec<Log>, TransportError> {
        let first = self.logs.partition_point(|log| log.block.number < from);
        let wanted = self.logs[first..].iter().filter(|log| log.address == *address);
        Ok(wanted.cloned().collect())
    }

    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, TransportError> {
        let place = usize::try_from(number).map_err(node)?;
        Ok(self.blocks.get(place).map(|block| block.id.hash))
    }

    fn block_time(&mut self, number: u64) -> Result<Option<u64>, TransportError> {
        let place = usize::try_from(number).map_err(node)?;
        Ok(self.blocks.get(place).map(|block| block.time))
    }
}

/// What is kept of a block.
#[derive(Clone, Copy)]
struct Block {
    id: BlockId,
    time: u64,
}

impl Block {
    /// Its hash says no more than its number and its branch.
    fn new(number: u64, branch: u64, time: u64) -> Block {
        let hash = keccak256(&[number.to_be_bytes(), branch.to_be_bytes()].concat());
        Block {
            id: BlockId { number, hash },
            time,
        }
    }
}

/// A chain as it stood after some block.
pub struct Checkpoint {
    state: CacheDB<EmptyDB>,
    block: u64,
    timestamp: u64,
    logs: usize,
}

fn node(error: impl ToString) -> TransportError {
    TransportError::Node {
        reason: error.to_string(),
    }
}

/// The chain did not take the transaction in.
fn refused<E: ToString>(error: EVMError<E>) -> TransportError
where
    EVMError<E>: ToString,
{
    let reason = error.to_string();
    match error {
        EVMError::Transaction(
            InvalidTransaction::LackOfFundForMaxFee { .. }
            | InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
            | InvalidTransaction::GasFloorMoreThanGasLimit { .. },
        ) => TransportError::Funds { reason },
        _ => TransportError::Node { reason },
    }
}
