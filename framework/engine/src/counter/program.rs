use bytes::Bytes;
use opml_commit::{Keccak256, Root, domain_tag};

use crate::Store;

const MACHINE_TAG: Root = domain_tag("counter.machine");
const LOOP_TAG: Root = domain_tag("counter.loop");

/// The root of a number: the number itself.
pub fn word_of(value: u64) -> Root {
    let mut word = Root::ZERO;
    word.0[24..].copy_from_slice(&value.to_be_bytes());
    word
}

/// The number of a root: its last 8 bytes.
pub fn number_of(word: &Root) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = word.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// A counter program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CounterProgram {
    /// `steps` times v ← v·multiplier + addend.
    Machine {
        /// a
        multiplier: u64,
        /// b
        addend: u64,
        /// n, at least 1
        steps: u64,
    },
    /// `count` times the body.
    Loop {
        /// The body.
        body: Box<CounterProgram>,
        /// Passes, at least 1.
        count: u64,
    },
}

impl CounterProgram {
    /// A loop of `count` passes over this program.
    pub fn repeated(self, count: u64) -> CounterProgram {
        CounterProgram::Loop {
            body: Box::new(self),
            count,
        }
    }

    /// What the store holds under the root.
    pub fn preimage(&self) -> Vec<u8> {
        match self {
            CounterProgram::Machine {
                multiplier,
                addend,
                steps,
            } => [multiplier, addend, steps].map(|number| number.to_be_bytes()).concat(),
            CounterProgram::Loop { body, count } => [&body.root().0[..], &count.to_be_bytes()].concat(),
        }
    }

    /// The program's root.
    pub fn root(&self) -> Root {
        match self {
            CounterProgram::Machine { .. } => machine_program(&self.preimage()),
            CounterProgram::Loop { .. } => loop_program(&self.preimage()),
        }
    }

    /// Puts this program and its bodies in `store`.
    pub fn put(&self, store: &dyn Store) {
        store.put(self.root(), Bytes::from(self.preimage()));
        if let CounterProgram::Loop { body, .. } = self {
            body.put(store);
        }
    }

    /// The definition: what the program makes of `value`.
    pub fn run(&self, value: u64) -> u64 {
        match self {
            CounterProgram::Machine {
                multiplier,
                addend,
                steps,
            } => (0..*steps).fold(value, |value, _| value.wrapping_mul(*multiplier).wrapping_add(*addend)),
            CounterProgram::Loop { body, count } => (0..*count).fold(value, |value, _| body.run(value)),
        }
    }
}

pub(super) fn machine_program(preimage: &[u8]) -> Root {
    Keccak256::default().chain(MACHINE_TAG).chain(preimage).finish()
}

pub(super) fn loop_program(preimage: &[u8]) -> Root {
    Keccak256::default().chain(LOOP_TAG).chain(preimage).finish()
}
