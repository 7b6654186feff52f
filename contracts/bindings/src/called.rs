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

/// Batches that lie inside one another at most.
const DEEPEST_BATCH: usize = 16;
/// Bytes that a call in a batch takes at least: where it lies, its length, and its selector in a word.
const LEAST_CALL_BYTES: usize = 96;

/// Reads calldata; a batch gives its calls in order. The error says why it is none of the service's.
pub fn called(data: &[u8]) -> Result<Vec<Called>, String> {
    let mut calls = Vec::new();
    // The encoding lets several calls lie in the same bytes, and so a few bytes mean any number of calls; nobody honest writes that.
    let mut left = data.len() / LEAST_CALL_BYTES;
    collect(data, 0, &mut left, &mut calls)?;
    Ok(calls)
}

fn collect(data: &[u8], depth: usize, left: &mut usize, calls: &mut Vec<Called>) -> Result<(), String> {
    let call = ServiceCalls::abi_decode(data).map_err(|error| error.to_string())?;
    let ServiceCalls::multicall(batch) = &call else {
        calls.push(one(call).ok_or("a number in it is out of range")?);
        return Ok(());
    };
    if depth == DEEPEST_BATCH {
        return Err(format!("more than {DEEPEST_BATCH} batches lie inside one another"));
    }
    for inner in &batch.calls {
        *left = left
            .checked_sub(1)
            .ok_or("several calls of a batch lie in the same bytes")?;
        collect(inner, depth + 1, left, calls)?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use alloy_sol_types::SolCall;

    use super::{Called, called};
    use crate::Service;

    fn batch(calls: Vec<Vec<u8>>) -> Vec<u8> {
        let calls = calls.into_iter().map(Into::into).collect();
        Service::multicallCall { calls }.abi_encode()
    }

    fn nested(depth: usize) -> Vec<u8> {
        (0..depth).fold(Service::withdrawCall::SELECTOR.to_vec(), |inner, _| batch(vec![inner]))
    }

    #[test]
    fn batches_are_read_in_order_and_to_a_depth() {
        let withdraw = Service::withdrawCall { to: [1; 20].into() }.abi_encode();
        let read = called(&batch(vec![withdraw.clone(), batch(vec![withdraw.clone()]), withdraw])).expect("calldata");
        assert_eq!(read, vec![Called::Other { name: "withdraw" }; 3]);
        assert_eq!(called(&batch(Vec::new())), Ok(Vec::new()));
        let refused = called(&nested(17)).expect_err("too deep");
        assert_eq!(refused, "more than 16 batches lie inside one another");
        assert!(called(&nested(2000)).is_err());
    }

    #[test]
    fn a_few_bytes_do_not_mean_many_calls() {
        // Each batch has two calls, whose places are the same.
        let same = |inner: Vec<u8>| {
            let mut data = batch(vec![inner, Vec::new()]);
            let first = data[4 + 64..4 + 96].to_vec();
            data[4 + 96..4 + 128].copy_from_slice(&first);
            data
        };
        let withdraw = Service::withdrawCall { to: [1; 20].into() }.abi_encode();
        let data = (0..14).fold(withdraw, |inner, _| same(inner));
        let refused = called(&data).expect_err("two to the fourteenth calls");
        assert_eq!(refused, "several calls of a batch lie in the same bytes");
    }
}
