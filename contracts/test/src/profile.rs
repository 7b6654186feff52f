use std::collections::BTreeMap;

use alloy_primitives::Address;
use revm::Inspector;
use revm::bytecode::opcode;
use revm::interpreter::interpreter_types::{InputsTr, Jumps};
use revm::interpreter::{CallInputs, CallOutcome, Interpreter};

/// What gas was spent on in one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Reading storage.
    Load,
    /// Writing storage.
    Store,
    /// Events.
    Log,
    /// Calling another contract; what that one spends is its own.
    Call,
    /// Keccak-256.
    Hash,
    /// Everything else.
    Compute,
}

/// Where the gas of one transaction went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Calldata at 16 gas a byte, 4 a zero byte.
    pub calldata: u64,
    /// Gas by contract and part.
    pub parts: BTreeMap<(Address, Part), u64>,
    /// What is given back at the end, before the limit of a fifth.
    pub refund: u64,
    /// The least that the transaction costs (EIP-7623).
    pub floor: u64,
    /// What the receipt says.
    pub used: u64,
}

/// Charges each instruction to its contract and part.
#[derive(Default)]
pub(crate) struct Meter {
    parts: BTreeMap<(Address, Part), u64>,
    /// The instruction under way and the gas that was left before it.
    under_way: Option<((Address, Part), u64)>,
    last: Option<(Address, Part)>,
}

impl Meter {
    pub(crate) fn finished(self) -> Profile {
        Profile {
            parts: self.parts,
            ..Profile::default()
        }
    }
}

fn part(instruction: u8) -> Part {
    match instruction {
        opcode::SLOAD => Part::Load,
        opcode::SSTORE => Part::Store,
        opcode::LOG0..=opcode::LOG4 => Part::Log,
        opcode::CALL | opcode::STATICCALL | opcode::DELEGATECALL => Part::Call,
        opcode::KECCAK256 => Part::Hash,
        _ => Part::Compute,
    }
}

impl<C> Inspector<C> for Meter {
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut C) {
        let key = (interpreter.input.target_address(), part(interpreter.bytecode.opcode()));
        self.under_way = Some((key, interpreter.gas.remaining()));
    }

    fn step_end(&mut self, interpreter: &mut Interpreter, _: &mut C) {
        if let Some((key, before)) = self.under_way.take() {
            *self.parts.entry(key).or_default() += before - interpreter.gas.remaining();
            self.last = Some(key);
        }
    }

    /// The caller has paid what it gives along; that is not its own spending.
    fn call(&mut self, _: &mut C, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if let Some(given) = self.last.take().and_then(|key| self.parts.get_mut(&key)) {
            *given -= inputs.gas_limit;
        }
        None
    }
}
