//! The embedded chain is an Ethereum: gas, limits, balances, time.

use bytes::Bytes;
use opml_chain_embedded::{EmbeddedChain, GAS_PRICE, GENESIS_TIME, TRANSACTION_GAS};
use opml_contracts::{Outcome, Sent, Transaction, Transport, TransportError};
use opml_player::Account;

const ETHER: u128 = 1_000_000_000_000_000_000;

fn send(chain: &mut EmbeddedChain, from: Account, to: Option<Account>, value: u128, data: &[u8]) -> Sent {
    let transaction = Transaction {
        from,
        to,
        value,
        data: Bytes::copy_from_slice(data),
    };
    chain.send(&transaction).expect("it is included")
}

/// Creation code of a contract whose code is `size` zero bytes.
fn code_of(size: u16) -> Vec<u8> {
    let [high, low] = size.to_be_bytes();
    vec![0x61, high, low, 0x60, 0x00, 0xf3]
}

/// Creation code of a contract with this code.
fn deploying(code: &[u8]) -> Vec<u8> {
    let length = code.len() as u8;
    [
        &[
            0x60, length, 0x60, 0x0c, 0x60, 0x00, 0x39, 0x60, length, 0x60, 0x00, 0xf3,
        ],
        code,
    ]
    .concat()
}

#[test]
fn a_transfer_costs_21000_and_moves_the_value() {
    let mut chain = EmbeddedChain::default();
    let [from, to] = [(); 2].map(|()| chain.create_account(ETHER));
    let sent = send(&mut chain, from, Some(to), 5, &[]);
    assert_eq!((sent.gas, sent.gas_cost), (21_000, 21_000 * GAS_PRICE));
    assert_eq!(chain.balance(&to).expect("a balance"), ETHER + 5);
    assert_eq!(chain.balance(&from).expect("a balance"), ETHER - 5 - sent.gas_cost);
}

#[test]
fn calldata_has_its_floor_price() {
    let mut chain = EmbeddedChain::default();
    let [from, to] = [(); 2].map(|()| chain.create_account(ETHER));
    let sent = send(&mut chain, from, Some(to), 0, &[1; 100]);
    assert_eq!(sent.gas, 21_000 + 40 * 100);
    let sent = send(&mut chain, from, Some(to), 0, &[0; 100]);
    assert_eq!(sent.gas, 21_000 + 10 * 100);
}

#[test]
fn a_transaction_has_at_most_the_capped_gas() {
    assert_eq!(TRANSACTION_GAS, 16_777_216);
    let mut chain = EmbeddedChain::default();
    let from = chain.create_account(ETHER);
    // JUMPDEST, PUSH1 0, JUMP: runs until its gas is used up.
    let created = send(&mut chain, from, None, 0, &deploying(&[0x5b, 0x60, 0x00, 0x56])).created;
    let sent = send(&mut chain, from, created, 0, &[]);
    assert_eq!(
        (sent.outcome, sent.gas),
        (Outcome::Halted("OutOfGas(Basic)".into()), 16_777_216)
    );
}

#[test]
fn code_has_at_most_24576_bytes() {
    let mut chain = EmbeddedChain::default();
    let from = chain.create_account(ETHER);
    assert!(send(&mut chain, from, None, 0, &code_of(24_576)).created.is_some());
    let refused = send(&mut chain, from, None, 0, &code_of(24_577));
    assert!(matches!(refused.outcome, Outcome::Halted(_)), "{refused:?}");
}

#[test]
fn time_passes_by_blocks_and_when_it_is_told_to() {
    let mut chain = EmbeddedChain::default();
    let from = chain.create_account(ETHER);
    assert_eq!(chain.now().expect("the time"), GENESIS_TIME);
    let first = send(&mut chain, from, Some(from), 0, &[]);
    assert_eq!((first.block, first.timestamp), (1, GENESIS_TIME + 12));
    chain.advance(3600).expect("time passes");
    // TIMESTAMP, PUSH0, MSTORE, 32 bytes from 0 returned.
    let code = deploying(&[0x42, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
    let clock = send(&mut chain, from, None, 0, &code);
    assert_eq!(clock.timestamp, GENESIS_TIME + 3600 + 24);
    let told = chain.call(&from, &clock.created.expect("a contract"), Bytes::new());
    let mut word = [0; 32];
    word[24..].copy_from_slice(&clock.timestamp.to_be_bytes());
    assert_eq!(told, Ok(Outcome::Returned(Bytes::copy_from_slice(&word))));
    assert_eq!(chain.blocks(), Ok(2));
}

#[test]
fn who_cannot_pay_is_told_so() {
    let mut chain = EmbeddedChain::default();
    let poor = chain.create_account(1000 * GAS_PRICE);
    let transaction = Transaction {
        from: poor,
        to: Some(poor),
        value: 1,
        data: Bytes::new(),
    };
    let refused = chain.send(&transaction);
    assert!(matches!(refused, Err(TransportError::Funds { .. })), "{refused:?}");
    let rich = chain.create_account(ETHER);
    let beyond = chain.send(&Transaction {
        from: rich,
        value: 2 * ETHER,
        ..transaction
    });
    assert!(matches!(beyond, Err(TransportError::Funds { .. })), "{beyond:?}");
}
