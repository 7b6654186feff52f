//! What goes wrong with nodes and accounts is survived, or ends with a clear error. The test starts its own nodes.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytes::Bytes;
use opml_chain_rpc::{NodeError, Options, RpcChain};
use opml_contracts::{Outcome, Transaction, Transport, TransportError};
use opml_player::Account;

const ETHER: u128 = 1_000_000_000_000_000_000;

struct Anvil {
    process: Child,
    port: u16,
}

impl Anvil {
    fn start(port: u16, more: &[&str]) -> Anvil {
        let process = Command::new(binary())
            .args(["--port", &port.to_string(), "--silent"])
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .expect("Anvil starts");
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "Anvil does not listen");
            sleep(Duration::from_millis(30));
        }
        Anvil { process, port }
    }

    fn connect(&self) -> RpcChain {
        RpcChain::connect(&url(self.port), Options::default()).expect("it answers")
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("OPML_ANVIL") {
        return path.into();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    assert!(
        path.exists(),
        "there is no Anvil: run `npm ci` in backends/chain-rpc/node, or name one in $OPML_ANVIL"
    );
    path
}

fn transfer(from: Account, to: Account, value: u128) -> Transaction {
    Transaction {
        from,
        to: Some(to),
        value,
        data: Bytes::new(),
    }
}

/// Asks the node something that the chain's own interface has no word for.
fn ask(port: u16, method: &str, parameters: &str) -> String {
    use std::io::{Read, Write};
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{parameters}}}"#);
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the node");
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn an_account_with_too_little_is_told_what_it_lacks() {
    let node = Anvil::start(free_port(), &[]);
    let mut chain = node.connect();
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
    let node = Anvil::start(free_port(), &[]);
    let mut chain = node.connect();
    let rich = chain.create_account(10 * ETHER).expect("an account");
    let other = Account([0x42; 20]);
    for value in 1..=3u128 {
        let sent = chain.send(&transfer(rich, other, value)).expect("sent");
        assert_eq!(sent.outcome, Outcome::Returned(Bytes::new()));
    }
    let head = chain.blocks().expect("blocks");
    let before = chain.block_hash(head).expect("a hash");
    let answer = ask(node.port, "anvil_reorg", "[2, []]");
    assert!(answer.contains("\"result\""), "{answer}");
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
    let node = Anvil::start(port, &["--state", &state, "--state-interval", "1"]);
    let mut chain = node.connect();
    let rich = chain.create_account(10 * ETHER).expect("an account");
    let other = Account([0x42; 20]);
    chain.send(&transfer(rich, other, 5)).expect("sent");
    sleep(Duration::from_millis(2500));
    drop(node);
    let returning = std::thread::spawn(move || {
        sleep(Duration::from_millis(1500));
        Anvil::start(port, &["--state", &state])
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
    let node = Anvil::start(free_port(), &[]);
    let mut chain = node.connect();
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
    let node = Anvil::start(free_port(), &["--no-mining"]);
    let options = Options {
        stuck_after: Duration::from_millis(700),
        ..Options::default()
    };
    let mut chain = RpcChain::connect(&url(node.port), options).expect("it answers");
    let rich = chain.create_account(10 * ETHER).expect("an account");
    let other = Account([0x42; 20]);
    let port = node.port;
    let pool = std::thread::spawn(move || {
        sleep(Duration::from_millis(300));
        let offered = tip(&ask(port, "txpool_content", "[]"));
        ask(port, "anvil_dropAllTransactions", "[]");
        sleep(Duration::from_millis(250));
        let again = ask(port, "txpool_status", "[]");
        sleep(Duration::from_millis(1500));
        let raised = tip(&ask(port, "txpool_content", "[]"));
        ask(port, "evm_mine", "[]");
        (again, offered, raised)
    });
    let sent = chain.send(&transfer(rich, other, 5)).expect("sent");
    let (again, offered, raised) = pool.join().expect("the pool was looked at");
    assert!(again.contains(r#""pending":"0x1""#), "the dropped one is back: {again}");
    assert!(
        10 * raised >= 11 * offered && raised > offered,
        "{offered} became {raised}"
    );
    assert_eq!(sent.outcome, Outcome::Returned(Bytes::new()));
    assert_eq!(chain.balance(&other).expect("a balance"), 5, "once");
}

/// The tip of the one transaction in the pool.
fn tip(content: &str) -> u128 {
    let (_, rest) = content
        .split_once(r#""maxPriorityFeePerGas":"0x"#)
        .expect("a transaction waits");
    let digits = rest.split('"').next().expect("its tip");
    u128::from_str_radix(digits, 16).expect("hexadecimal digits")
}
