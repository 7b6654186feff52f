//! What a chain's strangers say: logs as events and what players make of them, calldata, reasons of refusals, artifacts.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use opml_commit::Root;
use opml_contracts::{Artifact, Deployment, Log, Refusals, Service, called, decode_event};
use opml_fuzz::{Limited, limited};
use opml_player::{BlockId, Clock, Terms, World};

#[global_allocator]
static MEMORY: Limited = limited();

thread_local! {
    static REFUSALS: Refusals = refusals();
}

fuzz_target!(|data: &[u8]| {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    match way % 4 {
        0 => drop(logs(&mut Unstructured::new(rest))),
        1 => {
            if let Ok(calls) = called(rest) {
                assert!(calls.len() <= rest.len(), "no more calls than bytes");
            }
        }
        2 => assert!(!REFUSALS.with(|refusals| refusals.explain(rest)).is_empty()),
        _ => {
            if let Ok(text) = std::str::from_utf8(rest) {
                let _ = Artifact::parse("fuzz", text);
            }
        }
    }
});

fn refusals() -> Refusals {
    let mut refusals = Refusals::default();
    refusals.learn(&Deployment::service_artifact().expect("a committed artifact"));
    refusals
}

/// Some logs one after the other, heard by somebody who follows one model.
fn logs(bytes: &mut Unstructured<'_>) -> Result<()> {
    let mut world = World::default();
    world.follow(name(0), terms(bytes)?);
    for time in 0..16 {
        let kind = *bytes.choose(Service::ServiceEvents::SELECTORS)?;
        let mut topics = vec![Root(kind)];
        for _ in 0..bytes.int_in_range(0..=3)? {
            topics.push(word(bytes)?);
        }
        let words = (0..bytes.int_in_range(0..=24)?).map(|_| word(bytes));
        let words = words.collect::<Result<Vec<Root>>>()?;
        let log = Log {
            address: Default::default(),
            topics,
            data: words.iter().flat_map(|word| word.0).collect::<Vec<u8>>().into(),
            block: BlockId {
                number: time,
                hash: Root::ZERO,
            },
        };
        if let Ok(event) = decode_event(&log) {
            world.see(&event, time);
        }
        for game in world.games() {
            if let Some((result, _, _)) = world.around(&game.id) {
                world.has_open_games(result);
            }
        }
    }
    Ok(())
}

/// One of a few names, so that logs speak of the same things.
fn name(number: u8) -> Root {
    let mut root = Root::ZERO;
    root.0[31] = number;
    root
}

/// A small number, which is a name too; a large one; or anything.
fn word(bytes: &mut Unstructured<'_>) -> Result<Root> {
    Ok(match bytes.int_in_range(0..=9u8)? {
        0 => Root(bytes.arbitrary()?),
        1 => {
            let mut root = Root::ZERO;
            root.0[16..].copy_from_slice(&bytes.arbitrary::<u128>()?.to_be_bytes());
            root
        }
        2..=4 => name(bytes.int_in_range(0..=7u8)? * 32),
        _ => name(bytes.int_in_range(0..=8)?),
    })
}

fn terms(bytes: &mut Unstructured<'_>) -> Result<Terms> {
    let stages = [
        &["graph", "node", "instruction"][..],
        &["loop", "instruction"],
        &["instruction"],
    ];
    let stages = bytes.choose(&stages)?;
    Ok(Terms {
        program: name(1),
        stages: stages.iter().map(ToString::to_string).collect(),
        vm: "mips".into(),
        image: name(2),
        arity: *bytes.choose(&[2, 16, 256])?,
        input_bytes: vec![4],
        output_bytes: 4,
        inputs_offchain: bytes.arbitrary()?,
        window: 60,
        clocks: vec![Clock { base: 60, unit: 60 }; stages.len()],
        proposer_bond: 2,
        challenger_bond: 1,
    })
}
