use std::collections::HashMap;

use alloy_primitives::U256;
use opml_commit::keccak256;
use serde_json::Value;

use crate::Artifact;

/// The named errors of a set of contracts, by selector.
#[derive(Clone, Debug, Default)]
pub struct Refusals(HashMap<[u8; 4], Refusal>);

#[derive(Clone, Debug)]
struct Refusal {
    name: String,
    /// Name and type of each piece of evidence.
    evidence: Vec<(String, String)>,
}

impl Refusals {
    /// Adds the errors of a contract.
    pub fn learn(&mut self, artifact: &Artifact) {
        for entry in artifact.abi.iter().filter(|entry| entry["type"] == "error") {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let inputs = entry["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
            let evidence: Vec<_> = inputs
                .iter()
                .map(|input| (text(&input["name"]), text(&input["type"])))
                .collect();
            self.insert(text(&entry["name"]), evidence);
        }
    }

    /// What a contract refused with, as `ClockRunOut(used = 3700, allowance = 3600)`.
    pub fn explain(&self, reason: &[u8]) -> String {
        let Some((selector, arguments)) = reason.split_first_chunk::<4>() else {
            return match reason.is_empty() {
                true => "no reason given".into(),
                false => hex(reason),
            };
        };
        match selector {
            [0x08, 0xc3, 0x79, 0xa0] => format!("Error({})", text_at(arguments, 0)),
            [0x4e, 0x48, 0x7b, 0x71] => format!("Panic({})", panic(arguments)),
            _ => match self.0.get(selector) {
                Some(refusal) => refusal.explain(arguments),
                None => format!("an unknown error {}", hex(reason)),
            },
        }
    }

    fn insert(&mut self, name: String, evidence: Vec<(String, String)>) {
        let types: Vec<&str> = evidence.iter().map(|(_, kind)| kind.as_str()).collect();
        let signature = format!("{name}({})", types.join(","));
        if let Some(selector) = keccak256(signature.as_bytes()).0.first_chunk::<4>() {
            self.0.insert(*selector, Refusal { name, evidence });
        }
    }
}

impl Refusal {
    fn explain(&self, arguments: &[u8]) -> String {
        let shown = self.evidence.iter().enumerate().map(|(place, (name, kind))| {
            let value = match (kind.as_str(), word(arguments, place)) {
                (_, None) => "?".into(),
                ("string", Some(_)) => text_at(arguments, place),
                ("bytes32", Some(word)) => hex(&word),
                ("address", Some(word)) => hex(&word[12..]),
                ("bool", Some(word)) => (word[31] != 0).to_string(),
                (kind, Some(word)) if kind.starts_with("uint") => U256::from_be_bytes(word).to_string(),
                (_, Some(word)) => hex(&word),
            };
            format!("{name} = {value}")
        });
        format!("{}({})", self.name, shown.collect::<Vec<_>>().join(", "))
    }
}

fn word(arguments: &[u8], place: usize) -> Option<[u8; 32]> {
    arguments.get(place.checked_mul(32)?..)?.first_chunk::<32>().copied()
}

/// The dynamic text whose offset is argument `place`.
fn text_at(arguments: &[u8], place: usize) -> String {
    let number = |at: usize| {
        let bytes = arguments.get(at..)?.first_chunk::<32>()?;
        usize::try_from(U256::from_be_bytes(*bytes)).ok()
    };
    let read = || {
        let start = number(place * 32)?;
        let length = number(start)?;
        let first = start.checked_add(32)?;
        arguments.get(first..first.checked_add(length)?)
    };
    match read() {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => "?".into(),
    }
}

fn panic(arguments: &[u8]) -> String {
    match arguments.get(31) {
        Some(0x01) => "assertion failed".into(),
        Some(0x11) => "arithmetic overflow".into(),
        Some(0x12) => "division by zero".into(),
        Some(0x32) => "index out of bounds".into(),
        Some(code) => format!("code {code:#04x}"),
        None => "?".into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".into(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{B256, U256};
    use alloy_sol_types::{Panic, Revert, SolError};
    use proptest::prelude::*;

    use super::Refusals;
    use crate::{Deployment, Service};

    fn of_the_service() -> Refusals {
        let mut refusals = Refusals::default();
        refusals.learn(&Deployment::service_artifact().expect("a committed artifact"));
        refusals
    }

    #[test]
    fn named_errors_show_their_evidence() {
        let refusals = of_the_service();
        let clock = Service::ClockRunOut {
            used: U256::from(3700),
            allowance: U256::from(3600),
        };
        let text = refusals.explain(&clock.abi_encode());
        assert_eq!(text, "ClockRunOut(used = 3700, allowance = 3600)");
        let bounds = Service::OutOfBounds {
            parameter: "window".into(),
            given: U256::from(1),
            least: U256::from(3600),
            most: U256::from(7200),
        };
        let text = refusals.explain(&bounds.abi_encode());
        assert_eq!(
            text,
            "OutOfBounds(parameter = window, given = 1, least = 3600, most = 7200)"
        );
        let task = Service::NoSuchTask {
            task: B256::repeat_byte(0xab),
        };
        let text = refusals.explain(&task.abi_encode());
        assert_eq!(text, format!("NoSuchTask(task = 0x{})", "ab".repeat(32)));
    }

    #[test]
    fn the_languages_own_errors_are_told() {
        let refusals = of_the_service();
        assert_eq!(refusals.explain(&Revert::from("why").abi_encode()), "Error(why)");
        let overflow = Panic { code: U256::from(0x11) };
        assert_eq!(refusals.explain(&overflow.abi_encode()), "Panic(arithmetic overflow)");
        assert_eq!(refusals.explain(&[]), "no reason given");
        assert_eq!(refusals.explain(&[1, 2, 3, 4]), "an unknown error 0x01020304");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(which in 0usize..4, rest in proptest::collection::vec(any::<u8>(), 0..200)) {
            let selectors = [
                Service::OutOfBounds::SELECTOR,
                Service::NotTheMover::SELECTOR,
                Revert::SELECTOR,
                Panic::SELECTOR,
            ];
            let text = of_the_service().explain(&[&selectors[which][..], &rest].concat());
            prop_assert!(!text.is_empty());
        }
    }
}
