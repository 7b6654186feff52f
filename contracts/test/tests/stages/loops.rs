//! The loop stage's contract, and whole games over loops whose rules are the contracts.

use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, keccak256, node, slot_root};
use opml_conformance::{
    LoopSample, Noise, Pairing, challenger_lies, defender_lies, fed_constants, nested, packable, probed, two_bodies,
};
use opml_engine::{Choice, Claim, Fault, FaultPart, MemoryStore, Phase, Position, StageRules, Store, Trace, Verdict};
use opml_graph::{Body, BodyKind, EntryRule, Feed, LoopHeader, SilentHost, Start};
use opml_mips::Mips;
use opml_native::{Native, guest_images};
use opml_stages::{Machinery, Pipeline};

use super::contract::{ARITY, ContractRules, Refused, Stages};

const TO_BLOCKS: &[&str] = &["loop", "graph", "node", "instruction"];
const IN_LOOPS: &[&str] = &["loop", "loop", "graph", "instruction"];
const PACKED: &[&str] = &["loop", "instruction"];

fn pipeline(kinds: &[&str], sample: &LoopSample) -> Pipeline {
    let machinery = Machinery {
        compute: Arc::new(Native),
        threads: 1,
        vm: Arc::new(Mips),
        image: guest_images()
            .into_iter()
            .find(|image| image.vm == "mips")
            .expect("its image"),
        host: Arc::new(SilentHost),
        watch: None,
    };
    Pipeline::new(kinds, Arc::clone(&sample.model), &machinery).expect("the samples enter")
}

fn contracts(kinds: &[&'static str]) -> Vec<Arc<dyn StageRules>> {
    let image = guest_images()
        .into_iter()
        .find(|image| image.vm == "mips")
        .expect("its image")
        .root;
    let of_kind = |kind: &&'static str| {
        let kind = *kind;
        ContractRules::of(move || match kind {
            "loop" => Stages::deployed().pass_loop(),
            "graph" => Stages::deployed().graph(),
            "node" => Stages::deployed().node(),
            _ => {
                let mut contract = Stages::deployed().instruction();
                contract.image = image;
                contract
            }
        })
    };
    kinds.iter().map(of_kind).collect()
}

/// A game under the contracts, which before each legal payload are shown damaged ones, against a lie at this path; and an honest
/// defence of the same place.
fn disputes(kinds: &[&'static str], sample: &LoopSample, lies: &[(&[u64], u64)]) {
    let pipeline = pipeline(kinds, sample);
    let rules = contracts(kinds);
    for (path, byte) in lies {
        let pairing = |rules| Pairing {
            rules,
            ..Pairing::new(&pipeline, &sample.values, u64::from(ARITY))
        };
        // A sum that saturates masks some lies: then one about the next byte is told.
        let mut lies = (*byte..byte + 16).map(|byte| Fault {
            path: path.to_vec(),
            part: FaultPart::Output { byte },
        });
        let pairing_with_damage = pairing(probed(&rules, 24, *byte));
        let told = lies.find(|lie| defender_lies(&pairing_with_damage, lie).is_ok());
        let lie = told.expect("some lie about this part can be told");
        let honest = pairing(rules.clone());
        challenger_lies(&honest, Some(lie), Choice::Compare);
        challenger_lies(&honest, None, Choice::Steer(path.to_vec()));
    }
}

#[test]
fn contracts_judge_a_loop_to_its_blocks() {
    let lies: &[(&[u64], u64)] = &[(&[], 7), (&[0], 280), (&[1, 5], 0), (&[3, 1, 1], 0), (&[4], 200)];
    disputes(TO_BLOCKS, &two_bodies(1), lies);
}

#[test]
fn contracts_judge_loops_in_loops() {
    disputes(IN_LOOPS, &nested(2), &[(&[0], 150), (&[1, 2], 280), (&[0, 1, 1], 100)]);
    disputes(IN_LOOPS, &fed_constants(3), &[(&[1, 0], 170), (&[2, 0, 0], 0)]);
}

#[test]
fn contracts_judge_a_loop_over_packed_graphs() {
    disputes(PACKED, &packable(4), &[(&[], 0), (&[3], 59)]);
}

#[test]
fn requests_enter_as_parties_say() {
    for (kinds, sample) in [
        (TO_BLOCKS, two_bodies(5)),
        (IN_LOOPS, nested(6)),
        (IN_LOOPS, fed_constants(7)),
        (PACKED, packable(8)),
    ] {
        let entry = pipeline(kinds, &sample).entry;
        let inputs = entry.request(&sample.values, &MemoryStore::default()).expect("it fits");
        let roots: Vec<Root> = sample.values.iter().map(|value| slot_root(value)).collect();
        let mut contract = Stages::deployed().pass_loop();
        assert_eq!(contract.enter(entry.header(), &roots), Ok((entry.program(), inputs)));
        assert_eq!(
            contract.enter(entry.header(), &roots[1..]),
            Err(Refused),
            "too few values"
        );
        let more = [&roots[..], &roots[..1]].concat();
        assert_eq!(contract.enter(entry.header(), &more), Err(Refused), "too many values");
        for place in (0..entry.header().len()).step_by(7) {
            assert_eq!(
                contract.enter(&entry.header()[..place], &roots),
                Err(Refused),
                "cut to {place}"
            );
            let mut other = entry.header().to_vec();
            other[place] ^= 1;
            // Another program, or none: never this one.
            if let Ok((program, _)) = contract.enter(&other, &roots) {
                assert_ne!(program, entry.program());
            }
        }
    }
}

fn any_header(noise: &mut Noise) -> LoopHeader {
    let bodies = (0..1 + noise.below(4)).map(|_| Body {
        kind: BodyKind::Vectors,
        program: keccak256(&noise.bytes(4)),
        passes: match noise.below(12) {
            0 => 1 << 32,
            1 => noise.below(1 << 20),
            _ => noise.below(5),
        },
    });
    LoopHeader {
        entry_rule: Root::ZERO,
        bodies: bodies.collect(),
        carry_count: noise.below(5) as u32,
        output: Some(noise.below(4) as u32).filter(|_| noise.below(8) > 0),
    }
}

fn any_rule(noise: &mut Noise, header: &LoopHeader) -> EntryRule {
    let starts = (0..header.carry_count).map(|_| match noise.below(4) {
        0 => Start::Zero,
        1 => Start::Constant(keccak256(&noise.bytes(4))),
        _ => Start::Request(noise.below(4) as u32),
    });
    let starts = starts.collect();
    let feed = match noise.below(5) {
        0 => Feed::None,
        1 => Feed::Constant(keccak256(&noise.bytes(4))),
        _ => Feed::Request {
            first: noise.below(3) as u32,
            shapes: header
                .bodies
                .iter()
                .map(|_| (0..noise.below(4)).map(|_| noise.below(9) as u32 / 3).collect())
                .collect(),
        },
    };
    EntryRule { starts, feed }
}

/// Headers, rules and requests of any kind: the contract and the rules agree, and some enter.
#[test]
fn any_entry_is_answered_alike() {
    let mut contract = Stages::deployed().pass_loop();
    let mut entered = 0;
    for seed in 0..600 {
        let mut noise = Noise::new(seed);
        let mut header = any_header(&mut noise);
        let mut rule = any_rule(&mut noise, &header).to_bytes();
        match noise.below(6) {
            0 => {
                let place = noise.below(rule.len() as u64) as usize;
                rule[place] ^= 1 << noise.below(8);
            }
            1 => rule.truncate(noise.below(rule.len() as u64) as usize),
            2 => rule.push(0),
            _ => {}
        }
        header.entry_rule = keccak256(&rule);
        let mut bytes = header.to_bytes();
        if noise.below(10) == 0 {
            let place = noise.below(bytes.len() as u64) as usize;
            bytes[place] ^= 1 << noise.below(8);
        }
        bytes.extend(rule);
        for values in 0..12u8 {
            let request: Vec<Root> = (0..values).map(|value| slot_root(&[value])).collect();
            entered += u32::from(contract.enter(&bytes, &request).is_ok());
        }
    }
    assert!(entered > 30, "{entered} enter");
}

/// A loop claim with its honest trace.
fn opened(kinds: &[&str], sample: &LoopSample) -> (Claim, Position, Box<dyn Trace>, MemoryStore) {
    let pipeline = pipeline(kinds, sample);
    let store = MemoryStore::default();
    let (program, first) = (pipeline.entry.program(), &pipeline.stages[0]);
    let inputs = pipeline.entry.request(&sample.values, &store).expect("it fits");
    let output = first.evaluate(&program, &inputs, &store, None).expect("honest");
    let claim = Claim {
        program,
        inputs,
        output,
    };
    let mut trace = first.open(&claim, &store, None).expect("honest");
    let opened = trace.opening(4, &store).expect("honest").opened;
    let begun = opml_engine::moves::open(&Position::start(0, claim.hash()), &opened).expect("legal");
    (claim, begun, trace, store)
}

fn at(begun: &Position, trace: &mut dyn Trace, pass: u64) -> Position {
    let own = trace.reveal(&[opml_engine::Point::Node { height: 0, index: pass }]);
    Position {
        phase: Phase::Narrow,
        lower: pass,
        width: 1,
        disputed: own.expect("a leaf")[0],
        ..*begun
    }
}

/// Which body a pass runs follows from its number: no payload says it, and none that is made for another pass is accepted.
#[test]
fn a_pass_runs_the_body_that_its_number_says() {
    for (kinds, sample) in [
        (TO_BLOCKS, two_bodies(9)),
        (IN_LOOPS, nested(10)),
        (PACKED, packable(11)),
    ] {
        let header = sample.model.header(kinds == PACKED).expect("it packs");
        let (claim, begun, mut trace, store) = opened(kinds, &sample);
        let mut contract = Stages::deployed().pass_loop();
        let passes = header.passes();
        for pass in 0..passes {
            let payload = trace.narrow(pass, &store).expect("honest").payload;
            for place in 0..passes {
                let position = at(&begun, trace.as_mut(), place);
                match contract.narrow(&claim, &position, &payload) {
                    Ok(Verdict::Claim(part)) => {
                        assert_eq!(place, pass, "a payload serves one pass");
                        let body = header.body_of(pass).expect("a body");
                        assert_eq!(part.program, header.bodies[body].program);
                        assert_eq!(part.output, position.disputed);
                    }
                    other => assert!(place != pass && other == Err(Refused), "{place} of {pass}: {other:?}"),
                }
            }
            let beyond = Position {
                lower: passes,
                ..at(&begun, trace.as_mut(), pass)
            };
            assert_eq!(
                contract.narrow(&claim, &beyond, &payload),
                Err(Refused),
                "past the last pass"
            );
        }
        // The same loop with its bodies exchanged is another program.
        let mut exchanged = header.clone();
        exchanged.bodies.reverse();
        exchanged.bodies[0].passes += 1;
        let honest = trace.narrow(0, &store).expect("honest").payload;
        let payload = [&exchanged.to_bytes(), &honest[header.to_bytes().len()..]].concat();
        let position = at(&begun, trace.as_mut(), 0);
        assert_eq!(contract.narrow(&claim, &position, &payload), Err(Refused));
    }
}

/// The carry before a pass is the leaf before it, and nothing else that is in the trace; what it is fed is its own leaf.
#[test]
fn carries_and_feeds_of_other_passes_are_refused() {
    let sample = two_bodies(12);
    let header = sample.model.header(false).expect("a header").to_bytes();
    let (claim, begun, mut trace, store) = opened(TO_BLOCKS, &sample);
    let mut contract = Stages::deployed().pass_loop();
    let front = header.len() + 64;
    // Leaf and path of three siblings: the carry's, then the feed's.
    let part = |payload: &Bytes, which: usize| payload.slice(front + which * 128..front + (which + 1) * 128);
    let payloads: Vec<Bytes> = (1..5)
        .map(|pass| trace.narrow(pass, &store).expect("honest").payload.into())
        .collect();
    for (pass, own) in (1..5).zip(&payloads) {
        let position = at(&begun, trace.as_mut(), pass);
        assert!(contract.narrow(&claim, &position, own).is_ok());
        for other in payloads.iter().filter(|other| *other != own) {
            for which in 0..2 {
                let parts = [0, 1].map(|place| part(if place == which { other } else { own }, place));
                let mixed = [&own[..front], &parts[0], &parts[1]].concat();
                // Two passes that are fed nothing and lie side by side have the same proof.
                if mixed != own[..] {
                    assert_eq!(contract.narrow(&claim, &position, &mixed), Err(Refused));
                }
            }
        }
    }
    // The inputs' own carry does not stand for the carry before a later pass.
    let own = &payloads[0];
    let start = [&own[..front], &own[header.len()..header.len() + 32], &own[front + 32..]].concat();
    let position = at(&begun, trace.as_mut(), 1);
    assert_eq!(contract.narrow(&claim, &position, &start), Err(Refused));
}

/// The output is the value that the header selects, of the last pass.
#[test]
fn another_output_does_not_open() {
    let sample = two_bodies(13);
    let (claim, _, mut trace, store) = opened(TO_BLOCKS, &sample);
    let mut contract = Stages::deployed().pass_loop();
    let payload = trace.opening(4, &store).expect("honest").payload;
    assert!(contract.open(&claim, &payload).is_ok());
    let pass = |index| opml_engine::Point::Node { height: 0, index };
    let carries = trace.reveal(&[pass(3), pass(4)]).expect("leaves");
    trace.narrow(4, &store).expect("honest");
    let values = store.get(&carries[1]).expect("what the last pass hands on is held");
    for place in [0, 2] {
        let output = Root::from_slice(&values[32 * place..32 * (place + 1)]).expect("a root");
        let other = Claim { output, ..claim };
        assert_eq!(contract.open(&other, &payload), Err(Refused), "value {place}");
    }
    for output in [carries[0], carries[1], node(&carries[0], &carries[1])] {
        assert_eq!(contract.open(&Claim { output, ..claim }, &payload), Err(Refused));
    }
}
