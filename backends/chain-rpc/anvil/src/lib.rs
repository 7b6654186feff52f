//! Starts Anvil, the Ethereum node that tests play on.
//!
//! The program comes from npm (`npm ci` in `backends/chain-rpc/node`), or from where `$OPML_ANVIL` says. A test that lacks it panics with that
//! advice: these are helpers for tests, which have nobody to give an error to.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a node may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node of a test's own, which ends with it.
pub struct Anvil {
    process: Child,
    port: u16,
}

impl Anvil {
    /// A node with these arguments beside its port.
    pub fn start(arguments: &[&str]) -> Anvil {
        Anvil::start_at(free_port(), arguments)
    }

    /// The same at a port that is known before.
    pub fn start_at(port: u16, arguments: &[&str]) -> Anvil {
        let process = Command::new(program())
            .args(["--port", &port.to_string(), "--silent"])
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .expect("Anvil starts");
        let anvil = Anvil { process, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "Anvil does not listen");
            std::thread::sleep(Duration::from_millis(30));
        }
        anvil
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its JSON-RPC address.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// The result of a method; `null` when it was refused.
    pub fn ask(&self, method: &str, parameters: &Value) -> Value {
        ask(self.port, method, parameters)
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // A node that ended by itself is what a test wanted, or what it complains of.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The JSON-RPC address of a port of this machine.
pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.expect("a free port").port()
}

/// The result of a method of the node at a port; `null` when it was refused.
pub fn ask(port: u16, method: &str, parameters: &Value) -> Value {
    let body = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }).to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the node listens");
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .expect("it is asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    answer["result"].clone()
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("OPML_ANVIL") {
        return path.into();
    }
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    assert!(
        path.exists(),
        "there is no Anvil: run `npm ci` in backends/chain-rpc/node, or name one in $OPML_ANVIL"
    );
    path
}
