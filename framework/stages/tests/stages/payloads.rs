//! Damaged payloads of every move of whole games.

use opml_commit::Root;
use opml_conformance::{Pairing, Sample, defender_lies, layered, one_clamp, probed, shared_inputs};
use opml_engine::{Claim, Fault, FaultPart, Phase, Position};
use proptest::prelude::*;

use crate::bench::{PIPELINES, pipeline};

fn probe(kinds: &[&str], sample: &Sample, node: u64, byte: u64) {
    let pipeline = pipeline(kinds, sample);
    let mut pairing = Pairing::new(&pipeline, &sample.feed, 4);
    pairing.rules = probed(&pipeline.rules, 120, byte);
    let fault = Fault {
        path: if kinds[0] == "graph" { vec![node] } else { vec![] },
        part: FaultPart::Output { byte },
    };
    defender_lies(&pairing, &fault).expect("the lie can be told");
}

#[test]
fn damaged_payloads_are_refused_or_change_nothing() {
    for kinds in PIPELINES {
        for byte in [0, 200, 299] {
            probe(kinds, &layered(4), 3, byte);
        }
        probe(kinds, &layered(4), 4, 7);
        probe(kinds, &shared_inputs(5), 2, 130);
        probe(kinds, &one_clamp(6), 0, 99);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Payloads of any bytes are refused, and nothing panics; records may say anything.
    #[test]
    fn any_bytes_are_answered(
        front in prop::collection::vec(any::<u8>(), 0..60),
        words in prop::collection::vec(prop_oneof![0u32..30, any::<u32>()], 256),
        back in prop::collection::vec(any::<u8>(), 0..700),
        lower in prop_oneof![0u64..5, any::<u64>()],
    ) {
        let record: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let claim = Claim { program: Root::ZERO, inputs: Root::ZERO, output: Root::ZERO };
        let position = Position { phase: Phase::Narrow, lower, ..Position::start(0, claim.hash()) };
        let payloads = [
            [&front[..], &back].concat(),
            [&[0], &record[..], &back].concat(),
            [&[1], &front[..front.len().min(4)], &record, &back].concat(),
            [&record[..], &back].concat(),
        ];
        for rules in &pipeline(PIPELINES[2], &one_clamp(1)).rules {
            for payload in &payloads {
                prop_assert!(rules.open(4, &claim, payload).is_err());
                if payload.len() > 1 {
                    prop_assert!(rules.narrow(&claim, &position, payload).is_err());
                }
            }
        }
    }
}
