//! A world for the tests: the embedded chain with the counter's contracts, and parties that play on it.
#![allow(dead_code)]

pub(crate) mod table;
pub(crate) mod task;

use std::sync::Arc;

use bytes::Bytes;
use opml_chain_embedded::EmbeddedChain;
use opml_commit::Root;
use opml_contracts::{Artifact, Deployment, Installation, Part, ServiceChain, Transport};
use opml_engine::counter::{CounterInstruction, CounterLoop, CounterProgram};
use opml_engine::{Fault, FaultPart, MemoryStore, Stage};
use opml_player::{Account, Clock, Party, Request, Role, Terms};

use task::{CounterEntrance, CounterTask};

pub(crate) const ETHER: u128 = 1_000_000_000_000_000_000;
pub(crate) const PURSE: u128 = 100 * ETHER;

pub(crate) struct World {
    pub(crate) chain: ServiceChain<EmbeddedChain>,
    pub(crate) requester: Account,
    pub(crate) proposer: Account,
    pub(crate) challenger: Account,
    program: CounterProgram,
    kinds: Vec<String>,
}

macro_rules! harness {
    ($name:literal) => {
        Artifact::parse(
            $name,
            include_str!(concat!("../../../../contracts/test/artifacts/", $name, ".json")),
        )
        .expect("a committed artifact")
    };
}

impl World {
    /// `passes` of the outermost loop; with `inner`, a loop of so many passes in each; `steps` of the machine in each.
    pub(crate) fn new(passes: u64, inner: Option<u64>, steps: u64) -> World {
        World::on(EmbeddedChain::default(), passes, inner, steps)
    }

    /// The same on this chain.
    pub(crate) fn on(mut embedded: EmbeddedChain, passes: u64, inner: Option<u64>, steps: u64) -> World {
        let deployer = embedded.create_account(PURSE);
        let stage = |kind: &str, artifact| Installation {
            part: Part::Stage(kind.into()),
            artifact,
        };
        let installations = [
            stage("task", harness!("CounterTask")),
            stage("loop", harness!("CounterLoop")),
            stage("instruction", harness!("CounterInstruction")),
            Installation {
                part: Part::Vm("counter".into()),
                artifact: harness!("CounterInstruction"),
            },
        ];
        let deployment = Deployment::deploy(&mut embedded, &deployer, &installations).expect("it deploys");
        let [requester, proposer, challenger] = [(); 3].map(|()| embedded.create_account(PURSE));
        let mut program = CounterProgram::Machine {
            multiplier: 6_364_136_223_846_793_005,
            addend: 1_442_695_040_888_963_407,
            steps,
        };
        let mut kinds = vec!["task", "instruction"];
        if let Some(inner) = inner {
            program = program.repeated(inner);
            kinds.insert(1, "loop");
        }
        World {
            chain: ServiceChain::new(embedded, deployment),
            requester,
            proposer,
            challenger,
            program: program.repeated(passes),
            kinds: kinds.into_iter().map(String::from).collect(),
        }
    }

    pub(crate) fn request(&self) -> Request {
        Request {
            terms: Terms {
                program: self.program.root(),
                stages: self.kinds.clone(),
                vm: "counter".into(),
                image: Root::ZERO,
                arity: 16,
                input_bytes: vec![5],
                output_bytes: 8,
                inputs_offchain: false,
                window: 24 * 3600,
                clocks: vec![Clock { base: 3600, unit: 60 }; self.kinds.len()],
                proposer_bond: ETHER,
                challenger_bond: ETHER / 10,
            },
            requester: self.requester,
            nonce: 7,
            values: vec![Bytes::from_static(b"input")],
            fee: ETHER / 100,
            posting_time: 48 * 3600,
            begun: None,
        }
    }

    pub(crate) fn truth(&self) -> Vec<u8> {
        task::truth(&self.program, b"input")
    }

    /// A party that lies at this path of parts, or is honest.
    pub(crate) fn party(&self, role: Role, lie: Option<&[u64]>) -> Party {
        let account = match role {
            Role::Requester => self.requester,
            Role::Proposer => self.proposer,
            Role::Challenger => self.challenger,
        };
        self.party_of(account, lie)
    }

    /// The same with an account of its own.
    pub(crate) fn newcomer(&mut self, lie: Option<&[u64]>) -> Party {
        let account = self.chain.transport().create_account(PURSE);
        self.party_of(account, lie)
    }

    fn party_of(&self, account: Account, lie: Option<&[u64]>) -> Party {
        let mut stages: Vec<Arc<dyn Stage>> = vec![Arc::new(CounterInstruction)];
        if self.kinds.len() == 3 {
            stages.insert(0, Arc::new(CounterLoop::new(stages[0].clone())));
        }
        stages.insert(0, Arc::new(CounterTask::new(stages[0].clone())));
        Party {
            account,
            stages,
            store: Arc::new(MemoryStore::default()),
            entrance: Arc::new(CounterEntrance(self.program.clone())),
            fault: lie.map(|path| Fault {
                path: path.to_vec(),
                part: FaultPart::Output { byte: 3 },
            }),
            stalls_after: None,
        }
    }

    /// Wei that the service holds.
    pub(crate) fn held(&mut self) -> u128 {
        let service = self.chain.deployment().service;
        self.chain.transport().balance(&service).expect("a balance")
    }
}
