use std::time::{Duration, Instant};

use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::RpcRecv;
use alloy::transports::http::{Http, reqwest};
use alloy::transports::{RpcError, TransportErrorKind};
use bytes::Bytes;
use serde_json::Value;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// The first wait before a request is made again; each further one is twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// The code of "limit exceeded" (EIP-1474).
const LIMIT_EXCEEDED: i64 = -32005;

/// Why a node did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NodeError {
    /// The address is none.
    #[error("`{url}` is not the address of a node: {reason}")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It was away, or busy, for longer than the stated patience.
    #[error("the node at {url} did not answer within {seconds} s: {reason}; what was sent is kept, run it again")]
    Away {
        /// Where it should be.
        url: String,
        /// How long it was asked.
        seconds: u64,
        /// The last failure.
        reason: String,
    },
    /// It answered with an error.
    #[error("{method}: the node says: {message} ({code})")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// The error's code.
        code: i64,
        /// The error's words.
        message: String,
        /// What a contract gave as its reason, if one did.
        data: Option<Bytes>,
    },
    /// Its answer does not decode.
    #[error("{method}: the node's answer cannot be used: {reason}")]
    Answer {
        /// What was asked.
        method: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// An Ethereum node, asked until it answers or patience ends.
pub(crate) struct Node {
    url: String,
    client: RpcClient,
    runtime: Runtime,
    patience: Duration,
}

/// What an attempt came to.
enum Attempt<T> {
    Answered(T),
    Later(String),
    Failed(NodeError),
}

impl Node {
    pub(crate) fn new(url: &str, patience: Duration) -> Result<Node, NodeError> {
        let wrong = |reason: String| NodeError::Address {
            url: url.into(),
            reason,
        };
        let address: reqwest::Url = url.parse().map_err(|error| wrong(format!("{error}")))?;
        if address.scheme() != "http" && address.scheme() != "https" {
            return Err(wrong("it must begin with http:// or https://".into()));
        }
        let http = reqwest::Client::builder().timeout(REQUEST).build();
        let http = http.map_err(|error| wrong(error.to_string()))?;
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Node {
            url: url.into(),
            client: RpcClient::new(Http::with_client(http, address), false),
            runtime: runtime.map_err(|error| wrong(error.to_string()))?,
            patience,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks, and asks again after a growing wait while the node is away or says that it is asked too often.
    pub(crate) fn request<T: RpcRecv>(&self, method: &'static str, parameters: Value) -> Result<T, NodeError> {
        let started = Instant::now();
        let mut wait = FIRST_WAIT;
        loop {
            let reason = match self.attempt(method, &parameters) {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Failed(error) => return Err(error),
                Attempt::Later(reason) => reason,
            };
            if started.elapsed() + wait > self.patience {
                return Err(NodeError::Away {
                    url: self.url.clone(),
                    seconds: self.patience.as_secs(),
                    reason,
                });
            }
            std::thread::sleep(wait);
            wait = (2 * wait).min(LONGEST_WAIT);
        }
    }

    fn attempt<T: RpcRecv>(&self, method: &'static str, parameters: &Value) -> Attempt<T> {
        let answer = self
            .runtime
            .block_on(async { self.client.request::<_, T>(method, parameters.clone()).await });
        let error = match answer {
            Ok(answer) => return Attempt::Answered(answer),
            Err(error) => error,
        };
        match error {
            RpcError::ErrorResp(payload) => {
                let busy = payload.code == LIMIT_EXCEEDED || payload.code == 429;
                match busy && !too_many_logs(&payload.message) {
                    true => Attempt::Later(payload.message.into_owned()),
                    false => Attempt::Failed(NodeError::Refused {
                        method,
                        code: payload.code,
                        data: payload.as_revert_data().map(|data| data.0),
                        message: payload.message.into_owned(),
                    }),
                }
            }
            RpcError::Transport(TransportErrorKind::HttpError(error)) => match error.status {
                408 | 429 | 500..=599 => Attempt::Later(error.to_string()),
                _ => Attempt::Failed(NodeError::Answer {
                    method,
                    reason: error.to_string(),
                }),
            },
            RpcError::Transport(error) => Attempt::Later(innermost(&error)),
            other => Attempt::Failed(NodeError::Answer {
                method,
                reason: other.to_string(),
            }),
        }
    }
}

/// Nodes refuse too wide a range of blocks with the code of a rate limit, too; asking again would not help.
pub(crate) fn too_many_logs(message: &str) -> bool {
    let message = message.to_lowercase();
    ["range", "results", "logs", "response size"]
        .iter()
        .any(|word| message.contains(word))
}

/// The cause below all wrappings: "connection refused", rather than "error sending request".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
