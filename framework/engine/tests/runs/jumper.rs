use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opml_commit::Root;
use opml_engine::{FaultPart, Inspection, Machine, VmError, VmRules};

/// A machine whose state is its step, so that any number of steps is done at once.
pub(crate) struct Jumper {
    step: u64,
    halt: u64,
    flips: u64,
    executed: Arc<AtomicU64>,
}

/// The packed state after `step` steps of a machine that halts after `halt` and was changed `flips` times.
pub(crate) fn state(step: u64, halt: u64, flips: u64) -> Vec<u8> {
    [step.min(halt), flips, u64::from(step >= halt)]
        .map(u64::to_be_bytes)
        .concat()
}

impl Jumper {
    /// A machine that halts after `halt` steps, and the counter of the steps that it and its forks do.
    pub(crate) fn boot(halt: u64) -> (Box<dyn Machine>, Arc<AtomicU64>) {
        let executed = Arc::new(AtomicU64::new(0));
        let machine = Jumper {
            step: 0,
            halt,
            flips: 0,
            executed: Arc::clone(&executed),
        };
        (Box::new(machine), executed)
    }
}

impl Machine for Jumper {
    fn step(&self) -> u64 {
        self.step
    }

    fn halted_at(&self) -> Option<u64> {
        (self.step >= self.halt).then_some(self.halt)
    }

    fn run_to(&mut self, step: u64) -> Result<(), VmError> {
        let at = self.step;
        let backward = VmError::Backward { at, asked: step };
        step.checked_sub(at).ok_or(backward)?;
        let done = step.min(self.halt) - at.min(self.halt);
        self.executed.fetch_add(done, Ordering::Relaxed);
        self.step = step;
        Ok(())
    }

    fn run_until_halt(&mut self, limit: u64) -> Result<(), VmError> {
        self.run_to(limit.min(self.halt).max(self.step))
    }

    fn state(&mut self) -> Vec<u8> {
        state(self.step, self.halt, self.flips)
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(Jumper {
            executed: Arc::clone(&self.executed),
            ..*self
        })
    }

    fn prove_step(&mut self) -> Result<Vec<u8>, VmError> {
        Ok(self.state())
    }

    fn prove_memory(&mut self, _height: u8, _index: u64) -> Vec<Root> {
        Vec::new()
    }

    fn memory_node(&mut self, _height: u8, _index: u64) -> Root {
        Root::ZERO
    }

    fn read(&self, _address: u32, length: usize) -> Vec<u8> {
        vec![0; length]
    }

    fn write(&mut self, _address: u32, _bytes: &[u8]) -> Result<(), VmError> {
        Ok(())
    }

    fn corrupt(&mut self, _part: &FaultPart) -> Result<(), VmError> {
        self.flips += 1;
        Ok(())
    }
}

/// The rules of a machine that ends well whenever it halts.
pub(crate) struct EndsWell;

impl VmRules for EndsWell {
    fn entry_root(&self, memory_root: &Root) -> Root {
        *memory_root
    }

    fn inspect(&self, state: &[u8]) -> Result<Inspection, VmError> {
        Ok(Inspection {
            exited: state.last() == Some(&1),
            exit_code: 0,
            memory_root: Root::ZERO,
        })
    }

    fn replay(&self, _witness: &[u8]) -> Result<(Root, Root), VmError> {
        Err(VmError::Witness {
            reason: "is not replayed here".into(),
        })
    }
}
