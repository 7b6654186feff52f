//! Whole tasks with the project's own contracts, on the embedded chain and on a node: every pipeline, lies of both parties in each of its stages.

use std::sync::Arc;

use bytes::Bytes;
use opml_anvil::Anvil;
use opml_chain_embedded::EmbeddedChain;
use opml_chain_rpc::{Options, RpcChain};
use opml_commit::Root;
use opml_conformance::{LoopSample, Sample, fed_constants, iterated, layered, nested, packable, two_bodies};
use opml_contracts::{Deployment, Installation, ServiceChain, Transport};
use opml_engine::{Fault, FaultPart, MemoryStore, StageError, Store, Winner};
use opml_graph::SilentHost;
use opml_mips::Mips;
use opml_native::{Native, guest_images};
use opml_player::{Account, Clock, Entrance, Outcome, Party, PlayerError, PlayerEvent, Request, Role, Terms, play};
use opml_stages::{Entry, Machinery, Pipeline, Workload};

const ETHER: u128 = 1_000_000_000_000_000_000;

/// Where tasks are played.
enum Ground<'a> {
    Embedded,
    Node(&'a Anvil),
}

impl Ground<'_> {
    /// The contracts, deployed anew, and accounts for requester, proposer and challenger.
    fn prepare(&self) -> (ServiceChain<Box<dyn Transport>>, [Account; 3]) {
        match self {
            Ground::Embedded => {
                let mut chain = EmbeddedChain::default();
                let accounts = [(); 4].map(|()| chain.create_account(100 * ETHER));
                deployed(Box::new(chain), accounts)
            }
            Ground::Node(node) => {
                let mut chain = RpcChain::connect(&node.url(), Options::default()).expect("it answers");
                let accounts = [(); 4].map(|()| chain.create_account(100 * ETHER).expect("an account"));
                deployed(Box::new(chain), accounts)
            }
        }
    }
}

fn deployed(
    mut chain: Box<dyn Transport>,
    [deployer, parties @ ..]: [Account; 4],
) -> (ServiceChain<Box<dyn Transport>>, [Account; 3]) {
    let installations = Installation::standard().expect("committed artifacts");
    let deployment = Deployment::deploy(chain.as_mut(), &deployer, &installations).expect("it deploys");
    (ServiceChain::new(chain, deployment), parties)
}

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
            watch: None,
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

    /// Plays a task with contracts of its own; proposer and challenger lie as they are told.
    fn play(&self, ground: &Ground<'_>, lies: [Option<Fault>; 2]) -> (Outcome, Vec<PlayerEvent>) {
        let (mut chain, [requester, proposer, challenger]) = ground.prepare();
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
    fn check(&self, ground: &Ground<'_>, lies: &[(&[u64], u64)]) {
        let (honest, _) = self.play(ground, [None, None]);
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
                let (outcome, events) = self.play(ground, lies);
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

fn graphs(ground: &Ground<'_>) {
    Case::graph(&["instruction"], layered(1)).check(ground, &[(&[], 5)]);
    Case::graph(&["graph", "instruction"], layered(2)).check(ground, &[(&[3], 0), (&[1], 9)]);
    Case::graph(&["graph", "node", "instruction"], layered(3)).check(ground, &[(&[3, 2], 0)]);
}

fn a_loop(ground: &Ground<'_>) {
    let case = Case::of_loop(&["loop", "graph", "instruction"], iterated(4));
    case.check(ground, &[(&[], 0), (&[2], 0), (&[0, 1], 0)]);
    let case = Case::of_loop(&["loop", "graph", "node", "instruction"], two_bodies(5));
    case.check(ground, &[(&[1], 150), (&[3, 1, 1], 0)]);
}

fn loops_in_loops(ground: &Ground<'_>) {
    let case = Case::of_loop(&["loop", "loop", "graph", "instruction"], nested(6));
    case.check(ground, &[(&[0], 150), (&[1, 1], 150), (&[1, 2, 0], 0)]);
    Case::of_loop(&["loop", "loop", "graph", "instruction"], fed_constants(7)).check(ground, &[(&[1, 0], 150)]);
}

fn a_loop_over_packed_graphs(ground: &Ground<'_>) {
    Case::of_loop(&["loop", "instruction"], packable(8)).check(ground, &[(&[], 0), (&[1], 0)]);
}

#[test]
fn graphs_are_judged() {
    graphs(&Ground::Embedded);
}

#[test]
fn a_loop_is_judged() {
    a_loop(&Ground::Embedded);
}

#[test]
fn loops_in_loops_are_judged() {
    loops_in_loops(&Ground::Embedded);
}

#[test]
fn a_loop_over_packed_graphs_is_judged() {
    a_loop_over_packed_graphs(&Ground::Embedded);
}

#[test]
fn a_node_judges_alike() {
    let node = Anvil::start(&[]);
    for pipelines in [graphs, a_loop, loops_in_loops, a_loop_over_packed_graphs] {
        pipelines(&Ground::Node(&node));
    }
}
