use std::time::Instant;

use opml_commit::Root;

use crate::{
    Account, Action, Chain, ChainError, Move, Observer, Party, PlayerError, PlayerEvent, Receipt, Role, Terms,
};

/// The chain with an observer beside it: every transaction is told.
pub(crate) struct Table<'a> {
    pub(crate) chain: &'a mut dyn Chain,
    pub(crate) observer: &'a mut dyn Observer,
    sent: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn new(chain: &'a mut dyn Chain, observer: &'a mut dyn Observer) -> Table<'a> {
        Table {
            chain,
            observer,
            sent: 0,
        }
    }

    /// Sends an action; `since` is when its sender began to compute it.
    pub(crate) fn act(
        &mut self,
        by: Role,
        account: &Account,
        action: &Action,
        since: Instant,
    ) -> Result<Receipt, ChainError> {
        let seconds = since.elapsed().as_secs_f64();
        let receipt = self.chain.act(account, action)?;
        self.tell(by, action.name(), &receipt, seconds);
        Ok(receipt)
    }

    /// Registers a model and gives its id.
    pub(crate) fn register(&mut self, by: Role, account: &Account, terms: &Terms) -> Result<Root, ChainError> {
        let registration = self.chain.register(account, terms)?;
        if let Some(receipt) = &registration.receipt {
            self.tell(by, "register", receipt, 0.0);
        }
        let model = registration.model;
        self.observer.saw(&PlayerEvent::Registered { model });
        Ok(model)
    }

    fn tell(&mut self, by: Role, action: &'static str, receipt: &Receipt, seconds: f64) {
        self.observer.saw(&PlayerEvent::Sent {
            transaction: self.sent,
            by,
            action,
            gas: receipt.gas,
            calldata_bytes: receipt.calldata_bytes,
            gas_cost: receipt.gas_cost,
            block: receipt.block,
            seconds,
        });
        self.sent += 1;
    }

    /// Sends moves and tells each of them.
    pub(crate) fn play(
        &mut self,
        by: Role,
        party: &Party,
        action: &Action,
        moves: &[Move],
        since: Instant,
    ) -> Result<Receipt, ChainError> {
        let receipt = self.act(by, &party.account, action, since)?;
        let seconds = since.elapsed().as_secs_f64();
        for (place, made) in moves.iter().enumerate() {
            let first = place == 0;
            let position = *made.position();
            let stage = party.stages.get(usize::from(position.stage));
            self.observer.saw(&PlayerEvent::Moved {
                transaction: self.sent - 1,
                stage: stage.map_or("", |stage| stage.kind()),
                kind: made.name(),
                by,
                position,
                gas: if first { receipt.gas } else { 0 },
                calldata_bytes: if first { receipt.calldata_bytes } else { 0 },
                seconds: if first { seconds } else { 0.0 },
            });
        }
        Ok(receipt)
    }

    /// Lets time pass until `moment` is over.
    pub(crate) fn pass(&mut self, moment: u64) -> Result<(), ChainError> {
        let now = self.chain.now()?;
        match moment.checked_sub(now) {
            Some(left) => self.chain.advance(left + 1),
            None => Ok(()),
        }
    }
}

/// The chain's error as that of a role.
pub(crate) fn of(role: Role) -> impl Fn(ChainError) -> PlayerError {
    move |source| PlayerError::Chain { role, source }
}
