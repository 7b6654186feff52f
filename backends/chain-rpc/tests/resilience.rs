//! What goes wrong with nodes and accounts is survived, or ends with a clear error. The test starts its own nodes.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use bytes::Bytes;
use opml_anvil::{Anvil, ask, free_port, url};
use opml_chain_rpc::{Key, NodeError, Options, RpcChain};
use opml_contracts::{Outcome, Transaction, Transport, TransportError};
use opml_player::Account;
use serde_json::{Value, json};

const ETHER: u128 = 1_000_000_000_000_000_000;

fn connect(node: &Anvil) -> RpcChain {
    RpcChain::connect(&node.url(), Options::default()).expect("it answers")
}

fn transfer(from: Account, to: Account, value: u128) -> Transaction {
    Transaction {
        from,
        to: Some(to),
        value,
        data: Bytes::new(),
    }
}

#[test]
fn an_account_with_too_little_is_told_what_it_lacks() {
    let node = Anvil::start(&[]);
    let mut chain = connect(&node);
    let poor = chain.create_account(ETHER).expect("an account");
    let sent = chain.send(&transfer(poor, Account([7; 20]), 2 * ETHER));
    assert_eq!(
        sent,
        Err(TransportError::Funds {
            reason: format!("{poor} needs 2000000000000000000 wei to send and has 1000000000000000000")
        })
    );
    let sent = chain.send(&transfer(poor, Account([7; 20]), ETHER));
    let Err(TransportError::Funds { reason }) = sent else {
        panic!("{sent:?}")
    };
    assert!(reason.starts_with(&format!("{poor} needs ")), "{reason}");
    assert!(reason.contains("and has 1000000000000000000"), "{reason}");
    let stranger = chain.send(&transfer(Account([9; 20]), poor, 1));
    assert_eq!(
        stranger,
        Err(TransportError::Node {
            reason: format!("there is no key for {}", Account([9; 20]))
        })
    );
}

#[test]
fn what_a_reorganisation_takes_out_is_sent_again() {
    let node = Anvil::start(&[]);
    let mut chain = connect(&node);
    let rich = chain.create_account(10 * ETHER).expect("an account");
    let other = Account([0x42; 20]);
    for value in 1..=3u128 {
        let sent = chain.send(&transfer(rich, other, value)).expect("sent");
        assert_eq!(sent.outcome, Outcome::Returned(Bytes::new()));
    }
    let head = chain.blocks().expect("blocks");
    let before = chain.block_hash(head).expect("a hash");
    node.ask("anvil_reorg", &json!([2, []]));
    assert_ne!(
        chain.block_hash(head).expect("a hash"),
        before,
        "the block is another one"
    );
    assert_eq!(chain.balance(&other).expect("a balance"), 1, "two transfers are gone");
    chain.logs(0, &other).expect("logs");
    assert_eq!(chain.balance(&other).expect("a balance"), 6, "and done again, once");
    chain.logs(0, &other).expect("logs");
    assert_eq!(chain.balance(&other).expect("a balance"), 6);
}

#[test]
fn a_node_that_disappears_and_returns_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state.json").display().to_string();
    let port = free_port();
    let node = Anvil::start_at(port, &["--state", &state, "--state-interval", "1"]);
    let mut chain = connect(&node);
    let rich = chain.create_account(10 * ETHER).expect("an account");
    let other = Account([0x42; 20]);
    chain.send(&transfer(rich, other, 5)).expect("sent");
    sleep(Duration::from_millis(2500));
    drop(node);
    let returning = std::thread::spawn(move || {
        sleep(Duration::from_millis(1500));
        Anvil::start_at(port, &["--state", &state])
    });
    let sent = chain.send(&transfer(rich, other, 6)).expect("sent when it is back");
    assert!(sent.block > 0);
    let _node = returning.join().expect("it is back");
    assert_eq!(chain.balance(&other).expect("a balance"), 11);
}

#[test]
fn a_node_that_stays_away_is_given_up_with_a_clear_error() {
    let port = free_port();
    let options = Options {
        patience: Duration::from_millis(400),
        ..Options::default()
    };
    let error = RpcChain::connect(&url(port), options).err().expect("nobody is there");
    let NodeError::Away { url: at, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*at, url(port));
    assert!(
        error.to_string().ends_with("; what was sent is kept, run it again"),
        "{error}"
    );
}

#[test]
fn a_refusal_is_found_before_anything_is_spent() {
    let node = Anvil::start(&[]);
    let mut chain = connect(&node);
    let rich = chain.create_account(10 * ETHER).expect("an account");
    // push1 0 push1 0 revert
    let created = chain.send(&Transaction {
        from: rich,
        to: None,
        value: 0,
        data: Bytes::from_static(&[0x60, 0x00, 0x60, 0x00, 0xfd]),
    });
    let sent = created.expect("it is tried");
    assert_eq!(sent.outcome, Outcome::Reverted(Bytes::new()));
    assert_eq!((sent.gas, sent.created), (0, None));
    assert_eq!(chain.balance(&rich).expect("a balance"), 10 * ETHER);
}

/// A transaction that the node drops from its pool is sent again, and one that waits too long is replaced with a higher fee: each is
/// done once.
#[test]
fn what_is_dropped_or_stuck_is_done_once() {
    let node = Anvil::start(&["--no-mining"]);
    let options = Options {
        stuck_after: Duration::from_millis(700),
        ..Options::default()
    };
    let mut chain = RpcChain::connect(&node.url(), options).expect("it answers");
    let rich = chain.create_account(10 * ETHER).expect("an account");
    let other = Account([0x42; 20]);
    let port = node.port();
    let pool = std::thread::spawn(move || {
        sleep(Duration::from_millis(300));
        let offered = tip(&ask(port, "txpool_content", &json!([])));
        ask(port, "anvil_dropAllTransactions", &json!([]));
        sleep(Duration::from_millis(250));
        let again = ask(port, "txpool_status", &json!([]));
        sleep(Duration::from_millis(1500));
        let raised = tip(&ask(port, "txpool_content", &json!([])));
        ask(port, "evm_mine", &json!([]));
        (again, offered, raised)
    });
    let sent = chain.send(&transfer(rich, other, 5)).expect("sent");
    let (again, offered, raised) = pool.join().expect("the pool was looked at");
    assert_eq!(again["pending"], "0x1", "the dropped one is back");
    assert!(
        10 * raised >= 11 * offered && raised > offered,
        "{offered} became {raised}"
    );
    assert_eq!(sent.outcome, Outcome::Returned(Bytes::new()));
    assert_eq!(chain.balance(&other).expect("a balance"), 5, "once");
}

/// A key that another program uses at the same time: whose transaction was overtaken is told so, and what it was.
#[test]
fn a_nonce_that_somebody_else_used_is_said() {
    let node = Anvil::start(&["--no-mining"]);
    let key = Key::fresh();
    let account = key.account();
    let mut chain = connect(&node);
    chain.add_key(key).expect("a key");
    node.ask("anvil_setBalance", &json!([account.to_string(), "0x8ac7230489e80000"]));
    let waits = std::thread::spawn(move || chain.send(&transfer(account, Account([1; 20]), 1)));
    while node.ask("txpool_status", &json!([]))["pending"] != "0x1" {
        sleep(Duration::from_millis(20));
    }
    node.ask("anvil_impersonateAccount", &json!([account.to_string()]));
    let other = json!([{
        "from": account.to_string(),
        "to": Account([2; 20]).to_string(),
        "value": "0x2",
        "nonce": "0x0",
        "maxFeePerGas": "0x1bf08eb000",
        "maxPriorityFeePerGas": "0x1bf08eb000",
    }]);
    let taken = node.ask("eth_sendTransaction", &other);
    assert!(taken.is_string(), "{taken}");
    node.ask("evm_mine", &json!([]));
    let told = waits
        .join()
        .expect("it ends")
        .expect_err("it was overtaken")
        .to_string();
    let expected = format!(
        "the transaction with nonce 0 of {account} was replaced by another one: another program sends with the same key; \
         this one was not executed, send it again"
    );
    assert!(told.contains(&expected), "{told}");
    let mut chain = connect(&node);
    assert_eq!(chain.balance(&Account([1; 20])), Ok(0));
    assert_eq!(chain.balance(&Account([2; 20])), Ok(2));
}

#[test]
fn a_transaction_is_waited_for_until_it_is_confirmed() {
    let node = Anvil::start(&["--block-time", "1"]);
    let options = Options {
        confirmations: Some(2),
        ..Options::default()
    };
    let mut chain = RpcChain::connect(&node.url(), options).expect("it answers");
    let rich = chain.create_account(ETHER).expect("an account");
    let sent = chain.send(&transfer(rich, Account([3; 20]), 7)).expect("sent");
    let head = chain.blocks().expect("a height");
    assert!(head >= sent.block + 2, "block {} at height {head}", sent.block);
    assert_eq!(chain.balance(&Account([3; 20])).expect("a balance"), 7);
}

/// Stands before a node and refuses every few requests in one of the two ways in which nodes limit them.
fn limiting(port: u16) -> u16 {
    use std::io::{Read, Write};
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let own = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut client) = stream else { return };
            let refusal = match number % 5 {
                1 => {
                    Some("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_string())
                }
                3 => {
                    let body = r#"{"jsonrpc":"2.0","id":0,"error":{"code":-32005,"message":"limit exceeded"}}"#;
                    Some(format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    ))
                }
                _ => None,
            };
            let request = whole_request(&mut client);
            match refusal {
                Some(refusal) => {
                    let _ = client.write_all(refusal.as_bytes());
                }
                None => {
                    let mut node = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the node");
                    let _ = node.write_all(&request);
                    let mut answer = Vec::new();
                    let _ = node.read_to_end(&mut answer);
                    let _ = client.write_all(&answer);
                }
            }
        }
    });
    own
}

/// One request, which asks that the connection be closed after it.
fn whole_request(client: &mut std::net::TcpStream) -> Vec<u8> {
    use std::io::Read;
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = client.read(&mut part).unwrap_or(0);
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some(head) = text.find("\r\n\r\n") else {
            if read == 0 {
                return request;
            }
            continue;
        };
        let length = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next())
            .and_then(|digits| digits.trim().parse::<usize>().ok());
        if read == 0 || request.len() >= head + 4 + length.unwrap_or(0) {
            break;
        }
    }
    let end = request
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .map_or(0, |line| line + 2);
    [&request[..end], b"Connection: close\r\n", &request[end..]].concat()
}

#[test]
fn a_node_that_limits_requests_is_asked_again() {
    let node = Anvil::start(&[]);
    let limited = limiting(node.port());
    let mut chain = RpcChain::connect(&url(limited), Options::default()).expect("it answers in the end");
    let rich = chain.create_account(ETHER).expect("an account");
    for value in 1..=5 {
        let sent = chain
            .send(&transfer(rich, Account([4; 20]), value))
            .expect("sent in the end");
        assert_eq!(sent.outcome, Outcome::Returned(Bytes::new()));
    }
    assert_eq!(chain.balance(&Account([4; 20])).expect("a balance"), 15, "each once");
}

/// Code that works once: it reverts when its first word is set, and sets it.
const ONCE: [u8; 24] = [
    // Creates the fifteen bytes that follow.
    0x60, 0x0f, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3, //
    0x5f, 0x54, 0x15, 0x60, 0x09, 0x57, 0x5f, 0x5f, 0xfd, 0x5b, 0x60, 0x01, 0x5f, 0x55, 0x00,
];

/// What a crash left as open though it is in a block: what can be done once is taken up, what can be done again is done again.
#[test]
fn what_a_crash_left_open_is_taken_up_or_done_again() {
    let node = Anvil::start(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::fresh();
    let account = key.account();
    node.ask("anvil_setBalance", &json!([account.to_string(), "0x8ac7230489e80000"]));
    let connect = || {
        let options = Options {
            journals: Some(folder.path().into()),
            ..Options::default()
        };
        let mut chain = RpcChain::connect(&node.url(), options).expect("it answers");
        chain.add_key(key.clone()).expect("a key");
        chain
    };
    let mut chain = connect();
    let created = chain.send(&Transaction {
        from: account,
        to: None,
        value: 0,
        data: Bytes::from_static(&ONCE),
    });
    let once = created.expect("sent").created.expect("a contract");
    let first = chain.send(&transfer(account, once, 0)).expect("it works once");
    let paid = chain.send(&transfer(account, Account([5; 20]), 3)).expect("paid");
    drop(chain);
    let journal = std::fs::read_dir(folder.path())
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .expect("a journal");
    let text = std::fs::read_to_string(&journal).expect("its text");
    let open: String = text
        .lines()
        .map(|line| match line.trim_start().starts_with("\"settled\"") {
            true => "\"settled\": null\n".to_string(),
            false => format!("{line}\n"),
        })
        .collect();
    assert_ne!(open, text, "something was settled");
    std::fs::write(&journal, open).expect("written");

    let mut chain = connect();
    let again = chain.send(&transfer(account, once, 0)).expect("it is taken up");
    assert_eq!(
        (again.block, again.outcome),
        (first.block, Outcome::Returned(Bytes::new()))
    );
    let another = chain.send(&transfer(account, Account([5; 20]), 3)).expect("paid again");
    assert!(another.block > paid.block, "it is another payment");
    assert_eq!(chain.balance(&Account([5; 20])).expect("a balance"), 6);
    let twice = chain.send(&transfer(account, once, 0)).expect("it is tried");
    assert!(
        matches!(twice.outcome, Outcome::Reverted(_)),
        "nothing is left to take up: {twice:?}"
    );
}

/// The tip of the one transaction in the pool.
fn tip(content: &Value) -> u128 {
    let accounts = content["pending"].as_object().expect("a transaction waits");
    let waiting = accounts
        .values()
        .flat_map(|by_nonce| by_nonce.as_object().into_iter().flatten());
    let [(_, transaction)] = waiting.collect::<Vec<_>>()[..] else {
        panic!("one transaction waits: {content}")
    };
    let tip = transaction["maxPriorityFeePerGas"].as_str().expect("its tip");
    u128::from_str_radix(&tip[2..], 16).expect("hexadecimal digits")
}
