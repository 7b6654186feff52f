//! Whole tasks on the embedded chain, with the project's own contracts: every pipeline, lies in each of its stages.

use std::sync::Arc;

use bytes::Bytes;
use opml_chain_embedded::EmbeddedChain;
use opml_commit::Root;
use opml_conformance::{LoopSample, Sample, fed_constants, iterated, layered, nested, packable, two_bodies};
use opml_contracts::{Deployment, Installation, ServiceChain};
use opml_engine::{Fault, FaultPart, MemoryStore, StageError, Store, Winner};
use opml_graph::SilentHost;
use opml_mips::Mips;
use opml_native::{Native, guest_images};
use opml_player::{Account, Clock, Entrance, Outcome, Party, PlayerError, PlayerEvent, Request, Role, Terms, play};
use opml_stages::{Entry, Machinery, Pipeline, Workload};

const ETHER: u128 = 1_000_000_000_000_000_000;

struct Entering(Entry);

impl Entrance for Entering {
    fn header(&self) -> Bytes {
        Bytes::copy_from_slice(self.0.header())
    }

    fn enter(&self, values: &[Bytes], store: &dyn Store) -> Result<(Root, Root), StageError> {
        let inputs = self.0.request(values, store).expect("the request fits");
        Ok((self.0.program(), inputs))
    }
}

/// A workload in a pipeline, with a request for it.
struct Case {
    kinds: &'static [&'static str],
    pipeline: Pipeline,
    image: Root,
    values: Vec<Bytes>,
    output_bytes: u32,
}

impl Case {
    fn new(kinds: &'static [&'static str], workload: Workload, values: Vec<Bytes>, output_bytes: u32) -> Case {
        let image = guest_images().into_iter().find(|image| image.vm == "mips");
        let machinery = Machinery {
            compute: Arc::new(Native),
            threads: 1,
            vm: Arc::new(Mips),
            image: image.expect("its image"),
            host: Arc::new(SilentHost),
        };
        Case {
            kinds,
            pipeline: Pipeline::new(kinds, workload, &machinery).expect("the samples enter"),
            image: machinery.image.root,
            values,
            output_bytes,
        }
    }

    fn graph(kinds: &'static [&'static str], sample: Sample) -> Case {
        let bytes = sample.model.outputs[0].bytes();
        Case::new(kinds, Arc::new(sample.model).into(), sample.feed, bytes)
    }

    fn of_loop(kinds: &'static [&'static str], sample: LoopSample) -> Case {
        let bytes = sample.model.output_port().expect("an output").bytes();
        Case::new(kinds, sample.model.into(), sample.values, bytes)
    }

    fn party(&self, account: Account, fault: Option<Fault>) -> Party {
        Party {
            account,
            stages: self.pipeline.stages.clone(),
            store: Arc::new(MemoryStore::default()),
            entrance: Arc::new(Entering(self.pipeline.entry.clone())),
            fault,
            stalls_after: None,
        }
    }

    /// Plays a task on a chain of its own; proposer and challenger lie as they are told.
    fn play(&self, lies: [Option<Fault>; 2]) -> (Outcome, Vec<PlayerEvent>) {
        let mut embedded = EmbeddedChain::default();
        let [deployer, requester, proposer, challenger] = [(); 4].map(|()| embedded.create_account(100 * ETHER));
        let installations = Installation::standard().expect("committed artifacts");
        let deployment = Deployment::deploy(&mut embedded, &deployer, &installations).expect("it deploys");
        let mut chain = ServiceChain::new(embedded, deployment);
        let request = Request {
            terms: Terms {
                program: self.pipeline.entry.program(),
                stages: self.kinds.iter().map(|kind| String::from(*kind)).collect(),
                vm: "mips".into(),
                image: self.image,
                arity: 4,
                input_bytes: self.values.iter().map(|value| value.len() as u32).collect(),
                output_bytes: self.output_bytes,
                inputs_offchain: false,
                window: 24 * 3600,
                clocks: vec![Clock { base: 3600, unit: 60 }; self.kinds.len()],
                proposer_bond: ETHER,
                challenger_bond: ETHER / 10,
            },
            requester,
            nonce: 1,
            values: self.values.clone(),
            fee: ETHER / 100,
            posting_time: 48 * 3600,
            begun: None,
        };
        let [hers, his] = lies;
        let (proposer, challenger) = (self.party(proposer, hers), self.party(challenger, his));
        let mut events = Vec::new();
        let outcome = play(&mut chain, &request, &proposer, Some(&challenger), &mut events);
        (outcome.expect("it is played"), events)
    }

    /// An undisputed task, then one for each lie of either party's: whoever lies loses by a verdict.
    fn check(&self, lies: &[(&[u64], u64)]) {
        let (honest, _) = self.play([None, None]);
        assert!(honest.resolution.is_none() && honest.is_final);
        for (path, byte) in lies {
            // A sum that saturates masks some lies: then one about the next byte is told.
            let lies = (*byte..byte + 16).map(|byte| Fault {
                path: path.to_vec(),
                part: FaultPart::Output { byte },
            });
            let lie = lies.into_iter().find(|lie| self.shows(lie)).expect("some lie shows");
            for (liar, winner) in [(0, Winner::Challenger), (1, Winner::Defender)] {
                let mut lies = [None, None];
                lies[liar] = Some(lie.clone());
                let (outcome, events) = self.play(lies);
                let resolution = outcome.resolution.expect("a dispute");
                assert_eq!(resolution.winner, Some(winner), "{lie:?}: {events:#?}");
                // A challenger whose lie has no work behind it agrees with all work at some point, and has nothing to say any more.
                let speechless = events.iter().any(|event| {
                    matches!(event, PlayerEvent::Stuck { by: Role::Challenger, reason } if *reason == PlayerError::NothingToReject.to_string())
                });
                assert_eq!(resolution.by_timeout, speechless, "{lie:?}: {events:#?}");
                assert!(
                    liar == 1 || !speechless,
                    "an honest challenger always has something to say"
                );
                assert_eq!(outcome.is_final, winner == Winner::Defender);
                assert_eq!(outcome.value == honest.value, outcome.is_final);
            }
        }
    }

    fn shows(&self, lie: &Fault) -> bool {
        let store = MemoryStore::default();
        let inputs = self.pipeline.entry.request(&self.values, &store).expect("it fits");
        let program = self.pipeline.entry.program();
        opml_engine::evaluate_lie(self.pipeline.stages[0].as_ref(), &program, &inputs, &store, lie).is_ok()
    }
}

#[test]
fn graphs_are_judged() {
    Case::graph(&["instruction"], layered(1)).check(&[(&[], 5)]);
    Case::graph(&["graph", "instruction"], layered(2)).check(&[(&[3], 0), (&[1], 9)]);
    Case::graph(&["graph", "node", "instruction"], layered(3)).check(&[(&[3, 2], 0)]);
}

#[test]
fn a_loop_is_judged() {
    let case = Case::of_loop(&["loop", "graph", "instruction"], iterated(4));
    case.check(&[(&[], 0), (&[2], 0), (&[0, 1], 0)]);
    Case::of_loop(&["loop", "graph", "node", "instruction"], two_bodies(5)).check(&[(&[1], 150), (&[3, 1, 1], 0)]);
}

#[test]
fn loops_in_loops_are_judged() {
    let case = Case::of_loop(&["loop", "loop", "graph", "instruction"], nested(6));
    case.check(&[(&[0], 150), (&[1, 1], 150), (&[1, 2, 0], 0)]);
    Case::of_loop(&["loop", "loop", "graph", "instruction"], fed_constants(7)).check(&[(&[1, 0], 150)]);
}

#[test]
fn a_loop_over_packed_graphs_is_judged() {
    Case::of_loop(&["loop", "instruction"], packable(8)).check(&[(&[], 0), (&[1], 0)]);
}
