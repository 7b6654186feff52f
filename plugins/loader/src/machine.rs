use opml_commit::Root;
use opml_engine::{FaultPart, Machine, VmError};
use opml_plugin_abi::abi_stable::std_types::{RResult, RSlice, RSliceMut};
use opml_plugin_abi::{self as abi, Error, MachineObject, fault};

use crate::failure::Caller;

/// A machine in a plugin.
pub(crate) struct PluginMachine {
    plugin: Caller,
    object: MachineObject,
}

impl PluginMachine {
    pub(crate) fn new(plugin: &Caller, object: MachineObject) -> PluginMachine {
        PluginMachine {
            plugin: plugin.clone(),
            object,
        }
    }

    fn check<T>(&self, method: &str, result: RResult<T, Error>) -> Result<T, VmError> {
        result.into_result().map_err(|error| self.plugin.vm(method, error))
    }

    fn expect<T>(&self, method: &str, result: RResult<T, Error>) -> T {
        self.plugin.expect(method, result.into_result())
    }
}

impl Machine for PluginMachine {
    fn step(&self) -> u64 {
        self.expect("step", self.object.step())
    }

    fn halted_at(&self) -> Option<u64> {
        self.expect("halted_at", self.object.halted_at()).into_option()
    }

    fn run_to(&mut self, step: u64) -> Result<(), VmError> {
        let result = self.object.run_to(step);
        self.check("run_to", result)
    }

    fn run_until_halt(&mut self, limit: u64) -> Result<(), VmError> {
        let result = self.object.run_until_halt(limit);
        self.check("run_until_halt", result)
    }

    fn state(&mut self) -> Vec<u8> {
        let state = self.object.state();
        self.expect("state", state).into_vec()
    }

    fn roots_at(&mut self, steps: &[u64]) -> Result<Vec<Root>, VmError> {
        let roots = self.object.roots_at(RSlice::from_slice(steps));
        Ok(self.check("roots_at", roots)?.into_iter().map(Root).collect())
    }

    fn fork(&self) -> Box<dyn Machine> {
        let object = self.expect("fork", self.object.fork());
        Box::new(PluginMachine::new(&self.plugin, object))
    }

    fn own_bytes(&self) -> u64 {
        self.expect("own_bytes", self.object.own_bytes())
    }

    fn prove_step(&mut self) -> Result<Vec<u8>, VmError> {
        let witness = self.object.prove_step();
        Ok(self.check("prove_step", witness)?.into_vec())
    }

    fn prove_memory(&mut self, height: u8, index: u64) -> Vec<Root> {
        let siblings = self.object.prove_memory(height, index);
        self.expect("prove_memory", siblings).into_iter().map(Root).collect()
    }

    fn memory_node(&mut self, height: u8, index: u64) -> Root {
        let root = self.object.memory_node(height, index);
        Root(self.expect("memory_node", root))
    }

    fn read(&self, address: u32, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let result = self.object.read(address, RSliceMut::from_mut_slice(&mut bytes));
        self.expect("read", result);
        bytes
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), VmError> {
        let result = self.object.write(address, RSlice::from_slice(bytes));
        self.check("write", result)
    }

    fn corrupt(&mut self, part: &FaultPart) -> Result<(), VmError> {
        let (kind, value) = match *part {
            FaultPart::Output { byte } => (fault::OUTPUT, byte),
            FaultPart::Scratch { byte } => (fault::SCRATCH, byte),
            FaultPart::Register { number } => (fault::REGISTER, u64::from(number)),
            FaultPart::ProgramCounter => (fault::PROGRAM_COUNTER, 0),
        };
        let result = self.object.corrupt(abi::FaultPart { kind, value });
        self.check("corrupt", result)
    }
}
