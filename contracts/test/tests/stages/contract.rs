use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use alloy_primitives::{Address, B256, Bytes};
use opml_commit::Root;
use opml_contracts_test::{CallError, TestChain};
use opml_engine::{Claim, Opened, Position, RuleError, StageRules, Verdict};
use opml_mips::Mips as MipsRules;
use opml_stages::{GraphRules, InstructionRules, LoopRules, NodeRules};

mod artifact {
    alloy_sol_types::sol!(LoopStage, "../artifacts/LoopStage.json");
    alloy_sol_types::sol!(GraphStage, "../artifacts/GraphStage.json");
    alloy_sol_types::sol!(NodeStage, "../artifacts/NodeStage.json");
    alloy_sol_types::sol!(InstructionStage, "../artifacts/InstructionStage.json");
    alloy_sol_types::sol!(Mips, "../artifacts/Mips.json");
}
// The stages have one interface, but for the machine stage's missing `narrow`; calls are encoded by the node stage's.
use artifact::{GraphStage, InstructionStage, LoopStage, Mips, NodeStage as Interface};

/// The contract reverted with an error's selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// The arity that stages are told.
pub(crate) const ARITY: u16 = 4;

/// Which stage contract to create.
pub(crate) struct Stages;

impl Stages {
    pub(crate) fn deployed() -> Self {
        Stages
    }

    pub(crate) fn pass_loop(&self) -> Contract {
        Contract::new(Kind::Loop, &LoopStage::BYTECODE)
    }

    pub(crate) fn graph(&self) -> Contract {
        Contract::new(Kind::Graph, &GraphStage::BYTECODE)
    }

    pub(crate) fn node(&self) -> Contract {
        Contract::new(Kind::Node, &Interface::BYTECODE)
    }

    pub(crate) fn instruction(&self) -> Contract {
        Contract::new(Kind::Instruction, &InstructionStage::BYTECODE)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Loop,
    Graph,
    Node,
    Instruction,
}

/// One stage and the machine, deployed; whatever it decides, the Rust rules must decide too.
pub(crate) struct Contract {
    kind: Kind,
    chain: TestChain,
    stage: Address,
    vm: Address,
    pub(crate) image: Root,
}

impl Contract {
    fn new(kind: Kind, code: &Bytes) -> Self {
        let mut chain = TestChain::default();
        let vm = chain.deploy(&Mips::BYTECODE);
        let stage = chain.deploy(code);
        Contract {
            kind,
            chain,
            stage,
            vm,
            image: Root::ZERO,
        }
    }

    pub(crate) fn enter(&mut self, header: &[u8], request: &[Root]) -> Result<(Root, Root), Refused> {
        let call = Interface::enterCall {
            header: Bytes::copy_from_slice(header),
            request: request.iter().map(word).collect(),
        };
        let entered = self.chain.call(self.stage, &call).map_err(refused);
        let entered = entered.map(|(roots, _)| (Root(roots.program.0), Root(roots.inputs.0)));
        let rules = match self.kind {
            Kind::Loop => LoopRules::enter(header, request),
            Kind::Graph => GraphRules::enter(header, request),
            Kind::Node => NodeRules::enter(header, request),
            Kind::Instruction => InstructionRules::enter(header, request),
        };
        agreed(entered, rules)
    }

    pub(crate) fn open(&mut self, claim: &Claim, payload: &[u8]) -> Result<Opened, Refused> {
        let call = Interface::openCall {
            _0: self.context(),
            claim: claim_words(claim),
            payload: Bytes::copy_from_slice(payload),
        };
        let opened = self.chain.call(self.stage, &call).map_err(refused);
        let opened = opened.map(|(opened, _)| Opened {
            anchor: Root(opened.anchor.0),
            disputed: Root(opened.disputed.0),
            count: opened.count,
            width: opened.width,
            absent: Root(opened.absent.0),
        });
        agreed(opened, self.rules().open(u64::from(ARITY), claim, payload))
    }

    pub(crate) fn narrow(&mut self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, Refused> {
        let judged = match self.kind {
            Kind::Instruction => self.step(position, payload),
            Kind::Loop | Kind::Graph | Kind::Node => self.narrow_vector(claim, position, payload),
        };
        agreed(judged, self.rules().narrow(claim, position, payload))
    }

    /// The machine's step, judged as the game does.
    fn step(&mut self, position: &Position, witness: &[u8]) -> Result<Verdict, Refused> {
        let call = Mips::stepCall {
            witness: Bytes::copy_from_slice(witness),
        };
        let (roots, _) = self.chain.call(self.vm, &call).map_err(refused)?;
        match (Root(roots.pre.0), Root(roots.post.0)) {
            (pre, _) if pre != position.anchor => Err(Refused),
            (_, post) if post == position.disputed => Ok(Verdict::Defender),
            _ => Ok(Verdict::Challenger),
        }
    }

    fn narrow_vector(&mut self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, Refused> {
        let call = Interface::narrowCall {
            _0: self.context(),
            claim: claim_words(claim),
            position: Interface::Position {
                stage: position.stage,
                phase: position.phase as u8,
                lower: position.lower,
                width: position.width,
                count: position.count,
                claim: word(&position.claim),
                anchor: word(&position.anchor),
                disputed: word(&position.disputed),
                absent: word(&position.absent),
                children: word(&position.children),
            },
            payload: Bytes::copy_from_slice(payload),
        };
        let narrowed = self.chain.call(self.stage, &call).map_err(refused);
        narrowed.map(|(narrowed, _)| match narrowed.verdict {
            0 => Verdict::Claim(Claim {
                program: Root(narrowed.claim.program.0),
                inputs: Root(narrowed.claim.inputs.0),
                output: Root(narrowed.claim.output.0),
            }),
            1 => Verdict::Defender,
            2 => Verdict::Challenger,
            other => panic!("verdict {other} is none"),
        })
    }

    fn rules(&self) -> Box<dyn StageRules> {
        match self.kind {
            Kind::Loop => Box::new(LoopRules),
            Kind::Graph => Box::new(GraphRules),
            Kind::Node => Box::new(NodeRules),
            Kind::Instruction => Box::new(InstructionRules::new(Arc::new(MipsRules), self.image)),
        }
    }

    fn context(&self) -> Interface::Context {
        Interface::Context {
            arity: ARITY,
            vm: self.vm,
            image: word(&self.image),
        }
    }
}

type Job = Box<dyn FnOnce(&mut Contract) + Send>;

/// A contract as a game's rules. Its chain stays in a thread of its own.
pub(crate) struct ContractRules {
    like: Box<dyn StageRules>,
    jobs: Mutex<Sender<Job>>,
}

impl ContractRules {
    pub(crate) fn of(deploy: impl FnOnce() -> Contract + Send + 'static) -> Arc<dyn StageRules> {
        let (jobs, waiting) = channel::<Job>();
        let (tell, told) = channel();
        thread::spawn(move || {
            let mut contract = deploy();
            tell.send(contract.rules()).expect("somebody waits for it");
            waiting.iter().for_each(|job| job(&mut contract));
        });
        Arc::new(ContractRules {
            like: told.recv().expect("it is deployed"),
            jobs: Mutex::new(jobs),
        })
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Contract) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, RuleError> {
        let (answer, answered) = channel();
        let job: Job = Box::new(move |contract| answer.send(question(contract)).expect("somebody waits for it"));
        self.jobs
            .lock()
            .expect("nobody panics with it")
            .send(job)
            .expect("the contract agreed with the rules so far");
        let answer = answered.recv().expect("the contract agrees with the rules");
        answer.map_err(|Refused| by_the_contract())
    }
}

impl StageRules for ContractRules {
    fn kind(&self) -> &'static str {
        self.like.kind()
    }

    fn is_machine(&self) -> bool {
        self.like.is_machine()
    }

    fn open(&self, arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        assert_eq!(arity, u64::from(ARITY), "the stages are told this arity");
        let (claim, payload) = (*claim, payload.to_vec());
        self.ask(move |contract| contract.open(&claim, &payload))
    }

    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let (claim, position, payload) = (*claim, *position, payload.to_vec());
        self.ask(move |contract| contract.narrow(&claim, &position, &payload))
    }
}

fn by_the_contract() -> RuleError {
    RuleError {
        stage: "contract",
        reason: "refused".into(),
    }
}

/// What the contract decided, when the Rust rules decided the same.
fn agreed<T: PartialEq + std::fmt::Debug>(
    contract: Result<T, Refused>,
    rules: Result<T, RuleError>,
) -> Result<T, Refused> {
    match (&contract, &rules) {
        (Ok(left), Ok(right)) if left == right => contract,
        (Err(Refused), Err(_)) => contract,
        _ => panic!("the contract says {contract:?}, the rules {rules:?}"),
    }
}

fn word(root: &Root) -> B256 {
    B256::from(root.0)
}

fn claim_words(claim: &Claim) -> Interface::Claim {
    Interface::Claim {
        program: word(&claim.program),
        inputs: word(&claim.inputs),
        output: word(&claim.output),
    }
}

fn refused(error: CallError) -> Refused {
    match &error {
        CallError::Reverted(data) if data.len() >= 4 => Refused,
        _ => panic!("not a named error: {error}"),
    }
}
