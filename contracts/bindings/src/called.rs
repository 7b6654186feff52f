//! What a transaction to the service asked for, read back from its calldata.

use alloy_sol_types::{SolCall, SolInterface};
use bytes::Bytes;
use opml_commit::Root;
use opml_engine::Position;
use opml_player::{Clock, GameId};

use crate::Service;
use crate::Service::ServiceCalls;
use crate::service::Game;
use crate::words::{account, position, root};

/// What a model was registered with, as calldata tells it: its judges by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The first stage's program.
    pub program: Root,
    /// Addresses of the stages, outermost first.
    pub stages: Vec<opml_player::Account>,
    /// Address of the machine.
    pub vm: opml_player::Account,
    /// The guest image's slot root.
    pub image: Root,
    /// Children per reveal.
    pub arity: u16,
    /// Seconds in which a result may be challenged.
    pub window: u64,
    /// One a stage.
    pub clocks: Vec<Clock>,
    /// Wei.
    pub proposer_bond: u128,
    /// Wei.
    pub challenger_bond: u128,
}

/// One call of the service; of a batch, one of its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// `register`.
    Register(Registered),
    /// `request`, with the number of values and the deadline.
    Request {
        /// Values given.
        values: usize,
        /// The last second in which results may be posted.
        deadline: u64,
    },
    /// `propose`, with the output's bytes.
    Propose {
        /// The output's bytes.
        value: Bytes,
    },
    /// `challenge`.
    Challenge {
        /// The result.
        result: Root,
    },
    /// `open`.
    Open {
        /// The game.
        game: GameId,
        /// The position it answers.
        position: Position,
        /// What proves it.
        payload: Bytes,
    },
    /// `reveal`.
    Reveal {
        /// The game.
        game: GameId,
        /// The position it answers.
        position: Position,
        /// What was shown.
        roots: Vec<Root>,
    },
    /// `reject`.
    Reject {
        /// The game.
        game: GameId,
        /// The position it answers.
        position: Position,
        /// Which child.
        child: u64,
    },
    /// `narrow`.
    Narrow {
        /// The game.
        game: GameId,
        /// The position it answers.
        position: Position,
        /// What proves it.
        payload: Bytes,
    },
    /// `step`.
    Step {
        /// The game.
        game: GameId,
        /// The step.
        lower: u64,
        /// The disputed state after it.
        disputed: Root,
        /// The machine's witness.
        witness: Bytes,
    },
    /// `timeout`.
    Timeout {
        /// The game.
        game: GameId,
        /// The position that stands.
        position: Position,
    },
    /// Any other function, by its name.
    Other {
        /// The function.
        name: &'static str,
    },
}

/// Reads calldata; a batch gives its calls in order. The error says why it is none of the service's.
pub fn called(data: &[u8]) -> Result<Vec<Called>, String> {
    let call = ServiceCalls::abi_decode(data).map_err(|error| error.to_string())?;
    if let ServiceCalls::multicall(batch) = &call {
        let calls = batch.calls.iter().map(|inner| called(inner));
        return Ok(calls.collect::<Result<Vec<_>, _>>()?.concat());
    }
    one(call)
        .map(|call| vec![call])
        .ok_or_else(|| "a number in it is out of range".into())
}

fn one(call: ServiceCalls) -> Option<Called> {
    Some(match call {
        ServiceCalls::register(it) => Called::Register(registered(&it.model)),
        ServiceCalls::request(it) => Called::Request {
            values: it.values.len(),
            deadline: it.deadline,
        },
        ServiceCalls::propose(it) => Called::Propose {
            value: it.value.0.clone(),
        },
        ServiceCalls::challenge(it) => Called::Challenge {
            result: root(&it.result),
        },
        ServiceCalls::open(it) => Called::Open {
            game: game(&it.id),
            position: position(&it.position)?,
            payload: it.payload.0.clone(),
        },
        ServiceCalls::reveal(it) => Called::Reveal {
            game: game(&it.id),
            position: position(&it.position)?,
            roots: it.roots.iter().map(root).collect(),
        },
        ServiceCalls::reject(it) => Called::Reject {
            game: game(&it.id),
            position: position(&it.position)?,
            child: u64::try_from(it.child).ok()?,
        },
        ServiceCalls::narrow(it) => Called::Narrow {
            game: game(&it.id),
            position: position(&it.position)?,
            payload: it.payload.0.clone(),
        },
        ServiceCalls::step(it) => Called::Step {
            game: game(&it.id),
            lower: it.last.lower,
            disputed: root(&it.last.disputed),
            witness: it.witness.0.clone(),
        },
        ServiceCalls::timeout(it) => Called::Timeout {
            game: game(&it.id),
            position: position(&it.position)?,
        },
        other => Called::Other {
            name: name(other.selector()),
        },
    })
}

fn name(selector: [u8; 4]) -> &'static str {
    match selector {
        Service::finaliseCall::SELECTOR => "finalise",
        Service::settleCall::SELECTOR => "settle",
        Service::closeCall::SELECTOR => "close",
        Service::refundCall::SELECTOR => "refund",
        Service::withdrawCall::SELECTOR => "withdraw",
        Service::commitCall::SELECTOR => "commit",
        Service::collectCall::SELECTOR => "collect",
        Service::deliverCall::SELECTOR => "deliver",
        Service::setDelegateCall::SELECTOR => "setDelegate",
        _ => "another function",
    }
}

fn game(id: &Game::GameId) -> GameId {
    GameId {
        result: root(&id.result),
        challenger: account(&id.challenger),
    }
}

fn registered(model: &Service::Model) -> Registered {
    Registered {
        program: root(&model.program),
        stages: model.stages.iter().map(account).collect(),
        vm: account(&model.vm),
        image: root(&model.image),
        arity: model.arity,
        window: model.window,
        clocks: model
            .clockBase
            .iter()
            .zip(&model.clockUnit)
            .map(|(base, unit)| Clock {
                base: *base,
                unit: *unit,
            })
            .collect(),
        proposer_bond: model.proposerBond,
        challenger_bond: model.challengerBond,
    }
}
