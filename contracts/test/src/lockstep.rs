use opml_commit::Root;
use opml_engine::{Machine, VmRules};

use crate::chain::Spent;
use crate::machine::MachineContract;

/// One step with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenStep {
    /// The state root before it.
    pub before: Root,
    /// The state root after it.
    pub after: Root,
    /// What proves it.
    pub witness: Vec<u8>,
}

impl ProvenStep {
    /// The machine's next step; the machine does not move.
    ///
    /// # Panics
    /// When the machine fails.
    pub fn next(machine: &dyn Machine) -> ProvenStep {
        let mut machine = machine.fork();
        let witness = machine.prove_step().expect("a witness");
        let before = machine.root();
        machine.run_to(machine.step() + 1).expect("forward");
        ProvenStep {
            before,
            after: machine.root(),
            witness,
        }
    }
}

/// A machine three times over: live, replayed from a proof in Rust, and replayed from the same proof by its contract.
pub struct Lockstep {
    /// The contract.
    pub contract: MachineContract,
    rules: Box<dyn VmRules>,
}

impl Lockstep {
    /// The project's own machine of this name, and its rules.
    pub fn new(name: &str, rules: impl VmRules + 'static) -> Lockstep {
        Lockstep {
            contract: MachineContract::deployed(name),
            rules: Box::new(rules),
        }
    }

    /// Does one step in all three ways.
    ///
    /// # Panics
    /// When they do not lead from the same state to the same state.
    pub fn step(&mut self, machine: &mut dyn Machine) -> (ProvenStep, Spent) {
        let witness = machine.prove_step().expect("a witness");
        let before = machine.root();
        machine.run_to(machine.step() + 1).expect("forward");
        let after = machine.root();
        let step = ProvenStep { before, after, witness };
        let spent = self.agree(&step);
        (step, spent)
    }

    /// Replays a step in both ways.
    ///
    /// # Panics
    /// When they do not lead from its first state to its second.
    pub fn agree(&mut self, step: &ProvenStep) -> Spent {
        let roots = self.rules.replay(&step.witness);
        assert_eq!(roots, Ok((step.before, step.after)), "replayed from its witness");
        match self.contract.step(&step.witness) {
            Ok((before, after, spent)) => {
                assert_eq!((before, after), (step.before, step.after), "replayed by the contract");
                spent
            }
            Err(refusal) => panic!("the contract refuses with {refusal}"),
        }
    }

    /// The state roots that a witness leads to, when both read it; `None` when both refuse it.
    ///
    /// # Panics
    /// When one reads what the other refuses, or reads something else.
    pub fn judge(&mut self, witness: &[u8]) -> Option<(Root, Root)> {
        match (self.rules.replay(witness), self.contract.step(witness)) {
            (Ok(own), Ok((before, after, _))) => {
                assert_eq!(own, (before, after), "the rules against the contract");
                Some(own)
            }
            (Err(_), Err(_)) => None,
            (rules, contract) => panic!("the rules say {rules:?}, the contract {contract:?}"),
        }
    }
}
