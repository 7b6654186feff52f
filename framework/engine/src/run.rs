use std::collections::BTreeMap;

use opml_commit::Root;

use crate::{FaultPart, Inspection, MAX_STEPS, Machine, StageError, VmError, VmRules};

/// Steps between the first snapshots of a run to its end; doubled whenever there are too many.
const FIRST_INTERVAL: u64 = 1 << 20;
/// The most snapshots of a run to its end.
const MOST_SNAPSHOTS: usize = 64;
/// Revealed steps closer together than this are not worth a snapshot.
const WORTH_A_SNAPSHOT: u64 = 1 << 10;

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
pub struct Run {
    lie: Option<Lie>,
    /// The entry state, and states of the run to the end.
    kept: BTreeMap<u64, Box<dyn Machine>>,
    /// States at the steps that were asked for last.
    recent: BTreeMap<u64, Box<dyn Machine>>,
    limit: u64,
    end: Option<u64>,
}

impl Run {
    /// An honest run of a machine in its entry state.
    pub fn honest(entry: Box<dyn Machine>) -> Run {
        Run {
            lie: None,
            kept: BTreeMap::from([(0, entry)]),
            recent: BTreeMap::new(),
            limit: MAX_STEPS,
            end: None,
        }
    }

    /// A liar's run. Refused with [`StageError::Fault`] when the program halts before the step of the lie.
    pub fn lying(entry: Box<dyn Machine>, lie: Lie) -> Result<Run, StageError> {
        let mut honest = Run::honest(entry);
        let halt = honest.halt()?;
        if lie.step >= halt {
            return Err(StageError::Fault {
                reason: format!(
                    "names step {}, but the program has {halt} steps, 0 to {}",
                    lie.step,
                    halt - 1
                ),
            });
        }
        honest.kept.retain(|step, _| *step <= lie.step);
        Ok(Run {
            lie: Some(lie),
            limit: halt.saturating_mul(4).saturating_add(1 << 20).min(MAX_STEPS),
            end: None,
            recent: BTreeMap::new(),
            ..honest
        })
    }

    /// The step at which this run halts: at least 1, since entry states are not halted.
    pub fn halt(&mut self) -> Result<u64, StageError> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        let mut machine = self.nearest(u64::MAX);
        let mut interval = FIRST_INTERVAL;
        while machine.halted_at().is_none() || self.lie_ahead(machine.step()) {
            if machine.step() >= self.limit {
                return Err(self.unaccepted(format!("has not halted after {} steps", self.limit)));
            }
            let target = machine.step().saturating_add(interval).min(self.limit);
            self.advance(machine.as_mut(), target, true)?;
            self.kept.insert(machine.step(), machine.fork());
            if self.kept.len() > MOST_SNAPSHOTS {
                interval *= 2;
                self.kept.retain(|step, _| step % interval == 0);
            }
        }
        let end = machine.halted_at().unwrap_or(machine.step()).max(1);
        self.kept.insert(machine.step(), machine);
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
        let mut machine = self.nearest(step);
        self.advance(machine.as_mut(), step, false)?;
        Ok(machine)
    }

    /// The state roots at `steps`, ascending.
    pub fn roots_at(&mut self, steps: &[u64]) -> Result<Vec<Root>, StageError> {
        let mut roots = Vec::with_capacity(steps.len());
        let mut reached = BTreeMap::new();
        let mut machine: Option<Box<dyn Machine>> = None;
        for &step in steps {
            let from = self.nearest_step(step);
            let mut next = match machine.take() {
                Some(machine) if machine.step() <= step && machine.step() >= from => machine,
                _ => self.nearest(step),
            };
            self.advance(next.as_mut(), step, false)?;
            roots.push(next.root());
            let last = reached.last_key_value().map_or(0, |(step, _)| *step);
            if step - last.min(step) >= WORTH_A_SNAPSHOT {
                reached.insert(step, next.fork());
            }
            machine = Some(next);
        }
        if !reached.is_empty() {
            self.recent = reached;
        }
        Ok(roots)
    }

    fn lie_ahead(&self, step: u64) -> bool {
        self.lie.as_ref().is_some_and(|lie| step <= lie.step)
    }

    fn nearest_step(&self, step: u64) -> u64 {
        let below = |states: &BTreeMap<u64, Box<dyn Machine>>| states.range(..=step).next_back().map_or(0, |at| *at.0);
        below(&self.kept).max(below(&self.recent))
    }

    /// A copy of the last held state not after `step`.
    fn nearest(&self, step: u64) -> Box<dyn Machine> {
        let step = self.nearest_step(step);
        let held = self.kept.get(&step).or_else(|| self.recent.get(&step));
        held.expect("the entry state is always held").fork()
    }

    /// Runs to `step`, through the lie if it lies between; with `to_halt`, no further than the halt.
    fn advance(&self, machine: &mut dyn Machine, step: u64, to_halt: bool) -> Result<(), StageError> {
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
