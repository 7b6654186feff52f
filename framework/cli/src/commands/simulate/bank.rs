use opml_chain_embedded::EmbeddedChain;
use opml_commit::Root;
use opml_contracts::{Service, ServiceChain};
use opml_player::{Account, Action, Chain, ChainError, Observed, Receipt, Registration, Terms};
use opml_simulation::Bank;

/// The embedded chain, where accounts cost nothing.
pub(super) struct EmbeddedBank(pub(super) ServiceChain<EmbeddedChain>);

impl Chain for EmbeddedBank {
    fn now(&mut self) -> Result<u64, ChainError> {
        self.0.now()
    }

    fn advance(&mut self, seconds: u64) -> Result<(), ChainError> {
        self.0.advance(seconds)
    }

    fn balance(&mut self, account: &Account) -> Result<u128, ChainError> {
        self.0.balance(account)
    }

    fn credit(&mut self, account: &Account) -> Result<u128, ChainError> {
        self.0.credit(account)
    }

    fn register(&mut self, by: &Account, terms: &Terms) -> Result<Registration, ChainError> {
        self.0.register(by, terms)
    }

    fn act(&mut self, by: &Account, action: &Action) -> Result<Receipt, ChainError> {
        self.0.act(by, action)
    }

    fn events(&mut self, from: u64) -> Result<Vec<Observed>, ChainError> {
        self.0.events(from)
    }

    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, ChainError> {
        self.0.block_hash(number)
    }

    fn block_time(&mut self, number: u64) -> Result<Option<u64>, ChainError> {
        self.0.block_time(number)
    }
}

impl Bank for EmbeddedBank {
    fn open_account(&mut self, wei: u128) -> Result<Account, ChainError> {
        Ok(self.0.transport().create_account(wei))
    }

    fn held_and_burnt(&mut self) -> Result<(u128, u128), ChainError> {
        let service = self.0.deployment().service;
        let burnt = self.0.read(&Service::burntCall {})?;
        let held = self.0.balance(&service)?;
        Ok((held, u128::try_from(burnt).unwrap_or(u128::MAX)))
    }
}
