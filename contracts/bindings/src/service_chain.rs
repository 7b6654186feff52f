use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use bytes::Bytes;
use opml_commit::Root;
use opml_player::{Account, Action, Chain, ChainError, Event, GameId, Move, Observed, Receipt, Registration, Terms};

use crate::words::{abi_game, address, root, word};
use crate::{Deployment, Log, Outcome, Sent, Service, Transaction, Transport, TransportError, actions, events};

/// The players' chain over a transport, with the contracts deployed on it.
pub struct ServiceChain<T> {
    transport: T,
    deployment: Deployment,
}

impl<T: Transport> ServiceChain<T> {
    /// A chain on which the contracts stand.
    pub fn new(transport: T, deployment: Deployment) -> ServiceChain<T> {
        ServiceChain { transport, deployment }
    }

    /// Where the contracts are.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The way to the chain.
    pub fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Reads something from the service.
    pub fn read<C: SolCall>(&mut self, call: &C) -> Result<C::Return, ChainError> {
        let service = self.deployment.service;
        let outcome = self
            .transport
            .call(&Account::default(), &service, call.abi_encode().into())
            .map_err(|error| unusable(C::SIGNATURE, error))?;
        let returned = self.accepted("call", outcome)?;
        C::abi_decode_returns(&returned).map_err(|error| unusable(C::SIGNATURE, error))
    }

    fn accepted(&self, action: &'static str, outcome: Outcome) -> Result<Bytes, ChainError> {
        match outcome {
            Outcome::Returned(data) => Ok(data),
            Outcome::Reverted(reason) => Err(ChainError::Refused {
                action,
                reason: self.deployment.refusals.explain(&reason),
            }),
            Outcome::Halted(reason) => Err(ChainError::Halted { action, reason }),
        }
    }

    fn send(&mut self, by: &Account, action: &'static str, value: u128, data: Bytes) -> Result<Receipt, ChainError> {
        let transaction = Transaction {
            from: *by,
            to: Some(self.deployment.service),
            value,
            data: data.clone(),
        };
        let sent = self.transport.send(&transaction).map_err(|error| match error {
            TransportError::Funds { reason } => ChainError::Funds {
                account: *by,
                action,
                reason,
            },
            TransportError::Node { reason } => unusable(action, reason),
        })?;
        let Sent {
            outcome,
            gas,
            gas_cost,
            block,
            timestamp,
            logs,
            ..
        } = sent;
        self.accepted(action, outcome)?;
        let own = logs.iter().filter(|log| log.address == self.deployment.service);
        Ok(Receipt {
            block,
            timestamp,
            gas,
            value,
            data,
            gas_cost,
            events: own.map(|log| decoded(events::decode(log))).collect::<Result<_, _>>()?,
        })
    }

    /// The index of a game's machine stage, which never changes.
    fn machine_stage(&mut self, game: &GameId) -> Result<u8, ChainError> {
        let state = self.read(&Service::gameOfCall { id: abi_game(game) })?;
        Ok(state.shape & 15)
    }

    fn model(&self, terms: &Terms) -> Result<Service::Model, ChainError> {
        let stages = terms.stages.iter().map(|kind| self.deployment.stage(kind));
        let stages = stages.collect::<Result<Vec<_>, _>>()?;
        Ok(Service::Model {
            program: word(&terms.program),
            stages: stages.iter().map(address).collect(),
            vm: address(&self.deployment.vm(&terms.vm)?),
            image: word(&terms.image),
            arity: terms.arity,
            inputBytes: terms.input_bytes.clone(),
            outputBytes: terms.output_bytes,
            inputsOffchain: terms.inputs_offchain,
            window: terms.window,
            clockBase: terms.clocks.iter().map(|clock| clock.base).collect(),
            clockUnit: terms.clocks.iter().map(|clock| clock.unit).collect(),
            proposerBond: terms.proposer_bond,
            challengerBond: terms.challenger_bond,
        })
    }
}

impl<T: Transport> Chain for ServiceChain<T> {
    fn now(&mut self) -> Result<u64, ChainError> {
        self.transport.now().map_err(|error| unusable("the time", error))
    }

    fn advance(&mut self, seconds: u64) -> Result<(), ChainError> {
        self.transport
            .advance(seconds)
            .map_err(|error| unusable("waiting", error))
    }

    fn balance(&mut self, account: &Account) -> Result<u128, ChainError> {
        self.transport
            .balance(account)
            .map_err(|error| unusable("a balance", error))
    }

    fn credit(&mut self, account: &Account) -> Result<u128, ChainError> {
        let credit: U256 = self.read(&Service::creditCall {
            party: address(account),
        })?;
        u128::try_from(credit).map_err(|error| unusable("credit", error))
    }

    fn register(&mut self, by: &Account, terms: &Terms) -> Result<Registration, ChainError> {
        let model = self.model(terms)?;
        let id = self.read(&Service::modelIdCall { model: model.clone() })?;
        let data = Bytes::from(Service::registerCall { model }.abi_encode());
        let receipt = match self.read(&Service::modelNumberCall { model: id })? {
            0 => Some(self.send(by, "register", 0, data.clone())?),
            _ => None,
        };
        Ok(Registration {
            model: root(&id),
            data,
            receipt,
        })
    }

    fn act(&mut self, by: &Account, action: &Action) -> Result<Receipt, ChainError> {
        let machine = match action {
            Action::Play { game, moves } if moves.iter().any(|made| matches!(made, Move::Narrow { .. })) => {
                Some(self.machine_stage(game)?)
            }
            _ => None,
        };
        let (value, data) = actions::encode(action, address(by), machine);
        self.send(by, action.name(), value, data)
    }

    fn events(&mut self, from: u64) -> Result<Vec<Observed>, ChainError> {
        let service = self.deployment.service;
        let logs = self
            .transport
            .logs(from, &service)
            .map_err(|error| unusable("events", error))?;
        let observed = |log: &Log| {
            decoded(events::decode(log)).map(|event| Observed {
                block: log.block,
                event,
            })
        };
        logs.iter().map(observed).collect()
    }

    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, ChainError> {
        self.transport
            .block_hash(number)
            .map_err(|error| unusable("a block", error))
    }

    fn block_time(&mut self, number: u64) -> Result<Option<u64>, ChainError> {
        self.transport
            .block_time(number)
            .map_err(|error| unusable("a block", error))
    }

    fn poll_seconds(&self) -> Option<u64> {
        self.transport.poll_seconds()
    }
}

fn decoded(event: Result<Event, String>) -> Result<Event, ChainError> {
    event.map_err(|reason| unusable("an event", reason))
}

pub(crate) fn unusable(what: &str, reason: impl ToString) -> ChainError {
    ChainError::Node {
        what: what.into(),
        reason: reason.to_string(),
    }
}
