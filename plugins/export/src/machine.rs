use opml_commit::Root;
use opml_engine::{FaultPart, Machine, VmError};
use opml_plugin_abi::abi_stable::sabi_trait::TD_Opaque;
use opml_plugin_abi::abi_stable::std_types::{ROption, RResult, RSlice, RSliceMut, RVec};
use opml_plugin_abi::{self as abi, Error, Machine_TO, MachineObject, code, fault, guard};

use crate::errors;

/// A machine for the other side.
pub(crate) fn machine(machine: Box<dyn Machine>) -> MachineObject {
    let exported = Exported { machine, broken: None };
    Machine_TO::from_value(exported, TD_Opaque)
}

/// A machine that panicked half way through a change is in no state at all: it answers with that panic from then on.
struct Exported {
    machine: Box<dyn Machine>,
    broken: Option<Error>,
}

impl Exported {
    fn look<T>(&self, body: impl FnOnce(&dyn Machine) -> Result<T, VmError>) -> RResult<T, Error> {
        match &self.broken {
            Some(error) => RResult::RErr(error.clone()),
            None => guard(|| body(&*self.machine).map_err(errors::of_vm)),
        }
    }

    fn change<T>(&mut self, body: impl FnOnce(&mut dyn Machine) -> Result<T, VmError>) -> RResult<T, Error> {
        if let Some(error) = &self.broken {
            return RResult::RErr(error.clone());
        }
        let result = guard(|| body(&mut *self.machine).map_err(errors::of_vm));
        if let RResult::RErr(error) = &result
            && error.code == code::PANICKED
        {
            self.broken = Some(error.clone());
        }
        result
    }
}

fn roots(roots: Vec<Root>) -> RVec<abi::Root> {
    roots.into_iter().map(|root| root.0).collect()
}

impl abi::Machine for Exported {
    fn step(&self) -> RResult<u64, Error> {
        self.look(|machine| Ok(machine.step()))
    }

    fn halted_at(&self) -> RResult<ROption<u64>, Error> {
        self.look(|machine| Ok(machine.halted_at().into()))
    }

    fn run_to(&mut self, step: u64) -> RResult<(), Error> {
        self.change(|machine| machine.run_to(step))
    }

    fn run_until_halt(&mut self, limit: u64) -> RResult<(), Error> {
        self.change(|machine| machine.run_until_halt(limit))
    }

    fn state(&mut self) -> RResult<RVec<u8>, Error> {
        self.change(|machine| Ok(machine.state().into()))
    }

    fn roots_at(&mut self, steps: RSlice<'_, u64>) -> RResult<RVec<abi::Root>, Error> {
        self.change(|machine| machine.roots_at(steps.as_slice()).map(roots))
    }

    fn fork(&self) -> RResult<MachineObject, Error> {
        self.look(|copied| Ok(machine(copied.fork())))
    }

    fn prove_step(&mut self) -> RResult<RVec<u8>, Error> {
        self.change(|machine| machine.prove_step().map(RVec::from))
    }

    fn prove_memory(&mut self, height: u8, index: u64) -> RResult<RVec<abi::Root>, Error> {
        self.change(|machine| Ok(roots(machine.prove_memory(height, index))))
    }

    fn memory_node(&mut self, height: u8, index: u64) -> RResult<abi::Root, Error> {
        self.change(|machine| Ok(machine.memory_node(height, index).0))
    }

    fn read(&self, address: u32, mut bytes: RSliceMut<'_, u8>) -> RResult<(), Error> {
        self.look(|machine| {
            let read = machine.read(address, bytes.len());
            if read.len() != bytes.len() {
                let reason = format!("{} bytes were read instead of {}", read.len(), bytes.len());
                return Err(VmError::Backend { reason });
            }
            bytes.as_mut_slice().copy_from_slice(&read);
            Ok(())
        })
    }

    fn write(&mut self, address: u32, bytes: RSlice<'_, u8>) -> RResult<(), Error> {
        self.change(|machine| machine.write(address, bytes.as_slice()))
    }

    fn corrupt(&mut self, part: abi::FaultPart) -> RResult<(), Error> {
        let Some(part) = fault_part(part) else {
            let message = format!("part {} of a state, number {}, is unknown", part.kind, part.value);
            return RResult::RErr(Error::new(code::MALFORMED, message));
        };
        self.change(|machine| machine.corrupt(&part))
    }

    fn own_bytes(&self) -> RResult<u64, Error> {
        self.look(|machine| Ok(machine.own_bytes()))
    }
}

fn fault_part(part: abi::FaultPart) -> Option<FaultPart> {
    Some(match part.kind {
        fault::OUTPUT => FaultPart::Output { byte: part.value },
        fault::SCRATCH => FaultPart::Scratch { byte: part.value },
        fault::REGISTER => FaultPart::Register {
            number: u8::try_from(part.value).ok()?,
        },
        fault::PROGRAM_COUNTER => FaultPart::ProgramCounter,
        _ => return None,
    })
}
