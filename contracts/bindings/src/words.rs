//! The engine's types as the contracts' and back.

use alloy_primitives::{Address, B256};
use opml_commit::Root;
use opml_engine::{Claim, Phase, Position};
use opml_player::{Account, GameId};

use crate::service::{Game, Service};

pub(crate) fn word(root: &Root) -> B256 {
    B256::from(root.0)
}

pub(crate) fn root(word: &B256) -> Root {
    Root(word.0)
}

pub(crate) fn address(account: &Account) -> Address {
    Address::from(account.0)
}

pub(crate) fn account(address: &Address) -> Account {
    Account(address.into_array())
}

pub(crate) fn words(roots: &[Root]) -> Vec<B256> {
    roots.iter().map(word).collect()
}

pub(crate) fn abi_claim(claim: &Claim) -> Service::Claim {
    Service::Claim {
        program: word(&claim.program),
        inputs: word(&claim.inputs),
        output: word(&claim.output),
    }
}

pub(crate) fn claim(abi: &Service::Claim) -> Claim {
    Claim {
        program: root(&abi.program),
        inputs: root(&abi.inputs),
        output: root(&abi.output),
    }
}

pub(crate) fn abi_game(id: &GameId) -> Game::GameId {
    Game::GameId {
        result: word(&id.result),
        challenger: address(&id.challenger),
    }
}

pub(crate) fn abi_position(position: &Position) -> Service::Position {
    Service::Position {
        stage: position.stage,
        phase: position.phase as u8,
        lower: position.lower,
        width: position.width,
        count: position.count,
        claim: word(&position.claim),
        anchor: word(&position.anchor),
        disputed: word(&position.disputed),
        absent: word(&position.absent),
        children: word(&position.children),
    }
}

/// `None` when the phase is no phase.
pub(crate) fn position(abi: &Service::Position) -> Option<Position> {
    let phase = match abi.phase {
        1 => Phase::Open,
        2 => Phase::Reveal,
        3 => Phase::Reject,
        4 => Phase::Narrow,
        _ => return None,
    };
    Some(Position {
        stage: abi.stage,
        phase,
        lower: abi.lower,
        width: abi.width,
        count: abi.count,
        claim: root(&abi.claim),
        anchor: root(&abi.anchor),
        disputed: root(&abi.disputed),
        absent: root(&abi.absent),
        children: root(&abi.children),
    })
}
