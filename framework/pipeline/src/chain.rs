use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The chain on which the game is played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ChainSpec {
    /// An Ethereum inside this process.
    #[default]
    Embedded,
    /// An Ethereum behind a node.
    Node(Box<NodeSpecification>),
}

/// What an editor is told of it.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) enum ChainSchema {
    Embedded(EmbeddedSchema),
    Node(Box<NodeSpecification>),
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) enum EmbeddedSchema {
    /// An Ethereum inside this process.
    Embedded,
}

/// An Ethereum behind a node. Embedded chains and Anvil advance their time; on a live one everybody waits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeSpecification {
    /// Where its JSON-RPC is: `http://…` or `https://…`.
    pub rpc: String,
    /// The file that `opml-run deploy` wrote. Anvil needs none: the contracts are deployed for the play.
    pub deployment: Option<PathBuf>,
    /// What signs for each party. Anvil needs none: accounts are made and funded for the play.
    pub keys: Option<KeysSpec>,
    /// Blocks that must follow a transaction's own; by default none on Anvil and two elsewhere.
    pub confirmations: Option<u64>,
}

/// What signs for each party. A spec never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeysSpec {
    /// Asks and pays.
    pub requester: KeySpec,
    /// Posts and defends the result.
    pub proposer: KeySpec,
    /// Disputes it.
    pub challenger: KeySpec,
}

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// The environment variable that holds the private key's hexadecimal digits.
    pub env: Option<String>,
    /// Or: an encrypted keystore (Web3 secret storage).
    pub keystore: Option<PathBuf>,
    /// The environment variable that holds the keystore's password.
    pub password_env: Option<String>,
}

impl<'de> Deserialize<'de> for ChainSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ChainSpec, D::Error> {
        deserializer.deserialize_any(Words)
    }
}

struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = ChainSpec;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("`embedded` or `{ rpc: … }`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<ChainSpec, E> {
        match word {
            "embedded" => Ok(ChainSpec::Embedded),
            other => Err(E::unknown_variant(other, &["embedded", "{ rpc: … }"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ChainSpec, A::Error> {
        NodeSpecification::deserialize(MapAccessDeserializer::new(map)).map(|node| ChainSpec::Node(Box::new(node)))
    }
}
