use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use bytes::Bytes;
use opml_player::{Action, Move};

use crate::Service;
use crate::service::Game;
use crate::words::{abi_claim, abi_game, abi_position, word, words};

/// An action's payment and calldata. `own` is the sender, to whom it withdraws; `machine` the index of the game's machine stage,
/// where a `narrow` is the contract's `step`.
pub(crate) fn encode(action: &Action, own: Address, machine: Option<u8>) -> (u128, Bytes) {
    let data = match action {
        Action::Request {
            model,
            nonce,
            deadline,
            header,
            values,
            ..
        } => Service::requestCall {
            model: word(model),
            nonce: *nonce,
            deadline: *deadline,
            header: header.clone().into(),
            values: values.iter().map(|value| value.clone().into()).collect(),
        }
        .abi_encode(),
        Action::Commit { commitment } => Service::commitCall {
            commitment: word(commitment),
        }
        .abi_encode(),
        Action::Propose {
            task,
            value,
            salt,
            earlier,
            ..
        } => Service::proposeCall {
            task: word(task),
            value: value.clone().into(),
            salt: word(salt),
            earlier: word(earlier),
        }
        .abi_encode(),
        Action::Challenge { result, .. } => Service::challengeCall { result: word(result) }.abi_encode(),
        Action::Play { game, moves } => match moves.as_slice() {
            [only] => encode_move(abi_game(game), only, machine),
            _ => Service::multicallCall {
                calls: moves
                    .iter()
                    .map(|made| encode_move(abi_game(game), made, machine).into())
                    .collect(),
            }
            .abi_encode(),
        },
        Action::Finalise { task } => Service::finaliseCall { task: word(task) }.abi_encode(),
        Action::Settle { result } => Service::settleCall { result: word(result) }.abi_encode(),
        Action::Close { game } => Service::closeCall { id: abi_game(game) }.abi_encode(),
        Action::Refund { task } => Service::refundCall { task: word(task) }.abi_encode(),
        Action::Deliver { task, value } => Service::deliverCall {
            task: word(task),
            value: value.clone().into(),
        }
        .abi_encode(),
        Action::Withdraw => Service::withdrawCall { to: own }.abi_encode(),
    };
    (payment(action), data.into())
}

fn payment(action: &Action) -> u128 {
    match action {
        Action::Request { fee, .. } => *fee,
        Action::Propose { bond, .. } | Action::Challenge { bond, .. } => *bond,
        _ => 0,
    }
}

fn encode_move(id: Game::GameId, made: &Move, machine: Option<u8>) -> Vec<u8> {
    let position = abi_position(made.position());
    match made {
        Move::Open { claim, payload, .. } => Service::openCall {
            id,
            position,
            claim: abi_claim(claim),
            payload: payload.clone().into(),
        }
        .abi_encode(),
        Move::Reveal { roots, .. } => Service::revealCall {
            id,
            position,
            roots: words(roots),
        }
        .abi_encode(),
        Move::Reject { roots, child, .. } => Service::rejectCall {
            id,
            position,
            roots: words(roots),
            child: U256::from(*child),
        }
        .abi_encode(),
        Move::Narrow {
            position: last,
            payload,
            ..
        } if machine == Some(last.stage) => Service::stepCall {
            id,
            last: Service::LastPosition {
                lower: last.lower,
                count: last.count,
                claim: position.claim,
                disputed: position.disputed,
            },
            witness: payload.clone().into(),
        }
        .abi_encode(),
        Move::Narrow { claim, payload, .. } => Service::narrowCall {
            id,
            position,
            claim: abi_claim(claim),
            payload: payload.clone().into(),
        }
        .abi_encode(),
        Move::Timeout { .. } => Service::timeoutCall { id, position }.abi_encode(),
    }
}
