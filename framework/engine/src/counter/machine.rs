use opml_commit::{Root, keccak256};

use crate::{FaultPart, Inspection, Machine, Region, VmBackend, VmError, VmRules};

/// Bytes in a machine state.
pub const STATE_BYTES: usize = 34;

/// The counter machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct CounterVm;

#[derive(Clone)]
struct CounterMachine {
    numbers: Root,
    exited: bool,
    exit_code: u8,
    step: u64,
    halted_at: Option<u64>,
}

fn packed(numbers: &Root, exited: bool, exit_code: u8) -> Vec<u8> {
    [&numbers.0[..], &[u8::from(exited), exit_code]].concat()
}

fn number(numbers: &Root, place: usize) -> u64 {
    numbers.0[place * 8..place * 8 + 8]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn stepped(numbers: &Root) -> (Root, bool, u8) {
    let [multiplier, addend, left, value] = [0, 1, 2, 3].map(|place| number(numbers, place));
    if left == 0 {
        return (*numbers, true, 1);
    }
    let mut after = *numbers;
    after.0[16..24].copy_from_slice(&(left - 1).to_be_bytes());
    after.0[24..].copy_from_slice(&value.wrapping_mul(multiplier).wrapping_add(addend).to_be_bytes());
    (after, left == 1, 0)
}

impl VmRules for CounterVm {
    fn entry_root(&self, memory_root: &Root) -> Root {
        keccak256(&packed(memory_root, false, 0))
    }

    fn inspect(&self, state: &[u8]) -> Result<Inspection, VmError> {
        match state {
            [numbers @ .., exited @ 0..=1, exit_code] if state.len() == STATE_BYTES => Ok(Inspection {
                exited: *exited == 1,
                exit_code: *exit_code,
                memory_root: Root::from_slice(numbers).unwrap_or_default(),
            }),
            _ => Err(VmError::Witness {
                reason: format!("{} bytes are no counter state", state.len()),
            }),
        }
    }

    fn replay(&self, witness: &[u8]) -> Result<(Root, Root), VmError> {
        let before = self.inspect(witness)?;
        if before.exited {
            return Ok((keccak256(witness), keccak256(witness)));
        }
        let (numbers, exited, fault) = stepped(&before.memory_root);
        let exit_code = if fault == 0 { before.exit_code } else { fault };
        Ok((keccak256(witness), keccak256(&packed(&numbers, exited, exit_code))))
    }
}

impl VmBackend for CounterVm {
    fn name(&self) -> &str {
        "counter"
    }

    fn boot(&self, regions: &[Region]) -> Result<Box<dyn Machine>, VmError> {
        let numbers = match regions {
            [region] if region.address == 0 => Root::from_slice(&region.bytes),
            _ => None,
        };
        let refused = || VmError::Region {
            address: regions.first().map_or(0, |region| region.address),
            length: regions.iter().map(|region| region.bytes.len()).sum(),
        };
        Ok(Box::new(CounterMachine {
            numbers: numbers.ok_or_else(refused)?,
            exited: false,
            exit_code: 0,
            step: 0,
            halted_at: None,
        }))
    }
}

impl CounterMachine {
    fn advance(&mut self) {
        let (numbers, exited, fault) = stepped(&self.numbers);
        self.numbers = numbers;
        self.exited = exited;
        if fault != 0 {
            self.exit_code = fault;
        }
        self.step += 1;
        if exited {
            self.halted_at = Some(self.step);
        }
    }
}

impl Machine for CounterMachine {
    fn step(&self) -> u64 {
        self.step
    }

    fn halted_at(&self) -> Option<u64> {
        self.halted_at
    }

    fn run_to(&mut self, step: u64) -> Result<(), VmError> {
        if step < self.step {
            return Err(VmError::Backward {
                at: self.step,
                asked: step,
            });
        }
        self.run_until_halt(step)?;
        self.step = step;
        Ok(())
    }

    fn run_until_halt(&mut self, limit: u64) -> Result<(), VmError> {
        while !self.exited && self.step < limit {
            self.advance();
        }
        Ok(())
    }

    fn state(&mut self) -> Vec<u8> {
        packed(&self.numbers, self.exited, self.exit_code)
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(self.clone())
    }

    fn prove_step(&mut self) -> Result<Vec<u8>, VmError> {
        Ok(self.state())
    }

    fn prove_memory(&mut self, _height: u8, _index: u64) -> Vec<Root> {
        Vec::new()
    }

    fn memory_node(&mut self, _height: u8, _index: u64) -> Root {
        self.numbers
    }

    fn read(&self, address: u32, length: usize) -> Vec<u8> {
        let byte = |at: usize| self.numbers.0.get((address as usize).saturating_add(at)).copied();
        (0..length).map(|at| byte(at).unwrap_or(0)).collect()
    }

    /// The one word lies at address 0, and all of it may be written.
    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), VmError> {
        let first = address as usize;
        let place = self.numbers.0.get_mut(first..first.saturating_add(bytes.len()));
        place
            .ok_or(VmError::Region {
                address,
                length: bytes.len(),
            })?
            .copy_from_slice(bytes);
        Ok(())
    }

    /// `Output`: a byte of the value, least significant first. `Scratch`: a byte of a ‖ b ‖ left. There is nothing else.
    fn corrupt(&mut self, part: &FaultPart) -> Result<(), VmError> {
        let place = match part {
            FaultPart::Output { byte: byte @ 0..=7 } => 31 - byte,
            FaultPart::Scratch { byte: byte @ 0..=23 } => *byte,
            other => {
                return Err(VmError::Backend {
                    reason: format!("the counter machine has no {other:?}"),
                });
            }
        };
        self.numbers.0[place as usize] ^= 1;
        Ok(())
    }
}
