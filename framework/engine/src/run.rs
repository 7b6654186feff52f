use std::sync::Arc;

use opml_commit::Root;

use crate::snapshots::{SNAPSHOT_BYTES, Snapshots};
use crate::{FaultPart, Inspection, MAX_STEPS, Machine, RunWatch, StageError, VmError, VmRules, WATCHED_STEPS};

/// What a liar changes in her machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// One bit of a part.
    Corrupt(FaultPart),
    /// Memory in slots 2 and 3.
    Write {
        /// Where.
        address: u32,
        /// The new bytes.
        bytes: Vec<u8>,
    },
}

/// A lie in a run: the state after step `step` (state number `step + 1`) is the true one, changed; what follows is computed
/// from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lie {
    /// The step whose result is false.
    pub step: u64,
    /// What is false about it.
    pub change: Change,
}

/// A party's run of a machine, with snapshots, so that later states do not cost a run from the beginning.
///
/// The run to the end, all reveals and the step of a game of arity up to 16 over T ≥ 2^10 steps execute at most 1.2·T steps
/// together, as long as the snapshots stay within their bytes. Snapshots lie at most T/24 steps apart, at multiples of a power
/// of two. Revealed steps that lie further apart than they do are such multiples too and cost nothing; the first reveal of
/// steps that lie closer costs at most four snapshots' distances, and all that follow half of one.
pub struct Run {
    lie: Option<Lie>,
    snapshots: Snapshots,
    limit: u64,
    end: Option<u64>,
    executed: u64,
    watch: Option<Arc<dyn RunWatch>>,
}

impl Run {
    /// An honest run of a machine in its entry state.
    pub fn honest(entry: Box<dyn Machine>) -> Run {
        Run::within(entry, SNAPSHOT_BYTES)
    }

    /// An honest run whose snapshots hold at most `bytes` bytes beyond the entry state; the end state counts, and is held in
    /// any case.
    pub fn within(entry: Box<dyn Machine>, bytes: u64) -> Run {
        Run::over(Snapshots::new(entry, bytes))
    }

    /// An honest run for its end alone: it takes no snapshots on its way.
    pub fn straight(entry: Box<dyn Machine>) -> Run {
        Run::over(Snapshots::none(entry))
    }

    fn over(snapshots: Snapshots) -> Run {
        Run {
            lie: None,
            snapshots,
            limit: MAX_STEPS,
            end: None,
            executed: 0,
            watch: None,
        }
    }

    /// The same run, which asks `watch` every [`WATCHED_STEPS`] steps whether to go on.
    pub fn watched(self, watch: Arc<dyn RunWatch>) -> Run {
        Run {
            watch: Some(watch),
            ..self
        }
    }

    /// A liar's run. Refused with [`StageError::Fault`] when the program halts before the step of the lie.
    pub fn lying(entry: Box<dyn Machine>, lie: Lie) -> Result<Run, StageError> {
        Run::honest(entry).with_lie(lie)
    }

    /// What this honest run becomes by a lie; what comes before the lie is not computed again. Refused as by [`Run::lying`].
    pub fn with_lie(mut self, lie: Lie) -> Result<Run, StageError> {
        let halt = self.halt()?;
        if lie.step >= halt {
            return Err(StageError::Fault {
                reason: format!(
                    "names step {}, but the program has {halt} steps, 0 to {}",
                    lie.step,
                    halt - 1
                ),
            });
        }
        self.snapshots.forget_after(lie.step);
        Ok(Run {
            lie: Some(lie),
            limit: halt.saturating_mul(4).saturating_add(1 << 20).min(MAX_STEPS),
            end: None,
            ..self
        })
    }

    /// Steps that this run has executed so far, those that it did again among them. Steps of a halted machine cost nothing and
    /// do not count.
    pub fn executed(&self) -> u64 {
        self.executed
    }

    /// The step at which this run halts: at least 1, since entry states are not halted.
    pub fn halt(&mut self) -> Result<u64, StageError> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        let mut machine = self.fork_at_or_before(u64::MAX);
        self.advance(machine.as_mut(), self.limit, true)?;
        if !self.is_at_rest(machine.as_ref()) {
            return Err(self.unaccepted(format!("has not halted after {} steps", self.limit)));
        }
        let end = machine.halted_at().unwrap_or(machine.step()).max(1);
        self.snapshots.hold_end(machine.step(), machine);
        self.end = Some(end);
        Ok(end)
    }

    /// The machine at its end, when that is one that a contract accepts: halted with exit code 0.
    pub fn accepted_end(&mut self, rules: &dyn VmRules) -> Result<(Box<dyn Machine>, Inspection), StageError> {
        let halt = self.halt()?;
        let mut machine = self.at(halt)?;
        let inspection = rules.inspect(&machine.state())?;
        match inspection.exited && inspection.exit_code == 0 {
            true => Ok((machine, inspection)),
            false => Err(self.unaccepted(format!("ended with exit code {}", inspection.exit_code))),
        }
    }

    /// A machine after `step` steps.
    pub fn at(&mut self, step: u64) -> Result<Box<dyn Machine>, StageError> {
        let mut machine = self.fork_at_or_before(step);
        self.advance(machine.as_mut(), step, false)?;
        Ok(machine)
    }

    /// The state roots at `steps`, ascending.
    pub fn roots_at(&mut self, steps: &[u64]) -> Result<Vec<Root>, StageError> {
        let first = steps.first().copied().unwrap_or(0);
        self.snapshots.ask_from(self.snapshots.nearest(first).0);
        let mut roots = Vec::with_capacity(steps.len());
        let mut machine: Option<Box<dyn Machine>> = None;
        for &step in steps {
            let from = self.snapshots.nearest(step).0;
            let mut next = match machine.take() {
                Some(machine) if machine.step() <= step && machine.step() >= from => machine,
                _ => self.fork_at_or_before(step),
            };
            self.advance(next.as_mut(), step, false)?;
            roots.push(next.root());
            self.snapshots.take_asked(step, next.as_ref());
            machine = Some(next);
        }
        Ok(roots)
    }

    fn lie_ahead(&self, step: u64) -> bool {
        self.lie.as_ref().is_some_and(|lie| step <= lie.step)
    }

    /// Whether nothing happens to this machine any more.
    fn is_at_rest(&self, machine: &dyn Machine) -> bool {
        machine.halted_at().is_some() && !self.lie_ahead(machine.step())
    }

    fn fork_at_or_before(&self, step: u64) -> Box<dyn Machine> {
        self.snapshots.nearest(step).1.fork()
    }

    /// Runs to `step`, with a snapshot wherever one is due; with `to_halt`, no further than the halt.
    fn advance(&mut self, machine: &mut dyn Machine, step: u64, to_halt: bool) -> Result<(), StageError> {
        let before = self.executed;
        let advanced = self.advance_asking(machine, step, to_halt);
        if let Some(watch) = self.watch.as_ref().filter(|_| self.executed - before >= WATCHED_STEPS) {
            watch.rests(self.executed);
        }
        advanced
    }

    fn advance_asking(&mut self, machine: &mut dyn Machine, step: u64, to_halt: bool) -> Result<(), StageError> {
        let mut asked_at = self.executed;
        while machine.step() < step && !self.is_at_rest(machine) {
            let due = self.snapshots.next_due(machine.step());
            let ask = machine.step().saturating_add(asked_at + WATCHED_STEPS - self.executed);
            self.leap(machine, due.min(ask).min(step), to_halt)?;
            if machine.step() == due && !self.is_at_rest(machine) {
                self.snapshots.take(due, machine);
            }
            if self.executed - asked_at >= WATCHED_STEPS {
                asked_at = self.executed;
                if self.watch.as_ref().is_some_and(|watch| !watch.goes_on(self.executed)) {
                    return Err(StageError::Cancelled);
                }
            }
        }
        match to_halt {
            true => Ok(()),
            false => Ok(machine.run_to(step)?),
        }
    }

    /// Runs to `step`, through the lie if it lies between; with `to_halt`, no further than the halt.
    fn leap(&mut self, machine: &mut dyn Machine, step: u64, to_halt: bool) -> Result<(), StageError> {
        let before = steps_done(machine);
        if let Some(lie) = self
            .lie
            .as_ref()
            .filter(|lie| machine.step() <= lie.step && lie.step < step)
        {
            machine.run_to(lie.step + 1)?;
            match &lie.change {
                Change::Corrupt(part) => machine.corrupt(part)?,
                Change::Write { address, bytes } => machine.write(*address, bytes)?,
            }
        }
        match to_halt {
            true => machine.run_until_halt(step)?,
            false => machine.run_to(step)?,
        }
        self.executed += steps_done(machine).saturating_sub(before);
        Ok(())
    }

    fn unaccepted(&self, reason: String) -> StageError {
        match self.lie {
            Some(_) => StageError::Fault {
                reason: format!("gives a machine that no contract accepts: it {reason}"),
            },
            None => StageError::Vm(VmError::Guest { reason }),
        }
    }
}

/// Steps up to the halt.
fn steps_done(machine: &dyn Machine) -> u64 {
    let step = machine.step();
    machine.halted_at().map_or(step, |halt| halt.min(step))
}
