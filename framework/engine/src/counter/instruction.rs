use bytes::Bytes;
use opml_commit::{Root, keccak256};

use super::machine::{CounterVm, STATE_BYTES};
use super::payload::Payload;
use super::program::{machine_program, number_of, word_of};
use crate::{
    Change, Claim, Fault, FaultPart, Lie, Narrowed, Opened, Opening, Point, Position, Region, RuleError, Run, Stage,
    StageError, StageRules, Store, Trace, Verdict, VmBackend, VmRules, machine_length, power_steps,
};

const KIND: &str = "instruction";
const NUMBERS: usize = 24;
/// Where the value lies in the machine's one word.
const VALUE_ADDRESS: u32 = 24;

/// The counter machine's stage, as a contract sees it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CounterInstructionRules;

impl StageRules for CounterInstructionRules {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn is_machine(&self) -> bool {
        true
    }

    fn open(&self, arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let program = payload.take(NUMBERS)?;
        if machine_program(program) != claim.program {
            return Err(payload.refuse("the program is not the claim's"));
        }
        let state = payload.take(STATE_BYTES)?;
        let end = CounterVm
            .inspect(state)
            .map_err(|error| payload.refuse(error.to_string()))?;
        if !end.exited || end.exit_code != 0 {
            return Err(payload.refuse("the end state has not halted with exit code 0"));
        }
        if word_of(number_of(&end.memory_root)) != claim.output {
            return Err(payload.refuse("the end state has another output than the claim"));
        }
        let power = payload.take(1)?[0];
        payload.finish()?;
        let steps = power_steps(arity, power).ok_or_else(|| payload.refuse("the length exceeds 2^40"))?;
        Ok(Opened {
            anchor: CounterVm.entry_root(&numbers(program, &claim.inputs)),
            disputed: keccak256(state),
            count: steps,
            width: steps,
            absent: Root::ZERO,
        })
    }

    fn narrow(&self, _claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let refuse = |reason: String| RuleError { stage: KIND, reason };
        let (before, after) = CounterVm.replay(payload).map_err(|error| refuse(error.to_string()))?;
        if before != position.anchor {
            return Err(refuse(format!("the agreed state is {}, not {before}", position.anchor)));
        }
        Ok(match after == position.disputed {
            true => Verdict::Defender,
            false => Verdict::Challenger,
        })
    }
}

/// The word that a machine starts with.
fn numbers(program: &[u8], inputs: &Root) -> Root {
    let mut word = word_of(number_of(inputs));
    word.0[..NUMBERS].copy_from_slice(program);
    word
}

/// The counter machine's stage, as a party computes it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CounterInstruction;

impl CounterInstruction {
    fn run(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
        claimed: Option<&Root>,
    ) -> Result<(Run, Vec<u8>), StageError> {
        let preimage = store.get(program).filter(|bytes| bytes.len() == NUMBERS);
        let preimage = preimage.ok_or(StageError::Missing {
            what: "the counter program",
            root: *program,
        })?;
        let entry = CounterVm.boot(&[Region {
            address: 0,
            bytes: Bytes::copy_from_slice(&numbers(&preimage, inputs).0),
            slot_root: None,
        }])?;
        let run = match fault {
            None => Run::honest(entry),
            Some(fault) => {
                let lie = self.lie(entry.fork(), fault, claimed)?;
                Run::lying(entry, lie)?
            }
        };
        Ok((run, preimage.to_vec()))
    }

    fn lie(&self, entry: Box<dyn crate::Machine>, fault: &Fault, claimed: Option<&Root>) -> Result<Lie, StageError> {
        match (&fault.path[..], claimed) {
            ([step], _) => Ok(Lie {
                step: *step,
                change: Change::Corrupt(fault.part),
            }),
            ([], Some(claimed)) => Ok(Lie {
                step: Run::honest(entry).halt()? - 1,
                change: Change::Write {
                    address: VALUE_ADDRESS,
                    bytes: number_of(claimed).to_be_bytes().to_vec(),
                },
            }),
            ([], None) => Ok(Lie {
                step: Run::honest(entry).halt()? - 1,
                change: Change::Corrupt(fault.part),
            }),
            (path, _) => Err(StageError::Fault {
                reason: format!("goes {} stages below the machine, where there is none", path.len() - 1),
            }),
        }
    }
}

impl Stage for CounterInstruction {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn evaluate(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Root, StageError> {
        let (mut run, _) = self.run(program, inputs, store, fault, None)?;
        let (_, end) = run.accepted_end(&CounterVm)?;
        Ok(word_of(number_of(&end.memory_root)))
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let (run, preimage) = self.run(&claim.program, &claim.inputs, store, fault, Some(&claim.output))?;
        let anchor = CounterVm.entry_root(&numbers(&preimage, &claim.inputs));
        Ok(Box::new(InstructionTrace {
            run,
            preimage,
            anchor,
            claimed: claim.output,
        }))
    }
}

struct InstructionTrace {
    run: Run,
    preimage: Vec<u8>,
    anchor: Root,
    claimed: Root,
}

impl Trace for InstructionTrace {
    fn opening(&mut self, arity: u64, _store: &dyn Store) -> Result<Opening, StageError> {
        let halt = self.run.halt()?;
        let (mut machine, end) = self.run.accepted_end(&CounterVm)?;
        let computed = word_of(number_of(&end.memory_root));
        if computed != self.claimed {
            return Err(StageError::Output {
                stage: KIND,
                claimed: self.claimed,
                computed,
            });
        }
        let length = machine_length(arity, halt).ok_or_else(|| StageError::Program {
            stage: KIND,
            reason: format!("{halt} steps are more than a game can hold"),
        })?;
        let state = machine.state();
        Ok(Opening {
            opened: Opened {
                anchor: self.anchor,
                disputed: keccak256(&state),
                count: length.steps,
                width: length.steps,
                absent: Root::ZERO,
            },
            payload: [&self.preimage[..], &state, &[length.power]].concat(),
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        let steps = points.iter().map(|point| match point {
            Point::Step(step) => Ok(*step),
            Point::Node { .. } => Err(StageError::Point {
                stage: KIND,
                reason: "a machine has steps, no tree nodes".into(),
            }),
        });
        self.run.roots_at(&steps.collect::<Result<Vec<_>, _>>()?)
    }

    fn narrow(&mut self, part: u64, _store: &dyn Store) -> Result<Narrowed, StageError> {
        let mut machine = self.run.at(part)?;
        let payload = machine.prove_step()?;
        let (_, truth) = CounterVm.replay(&payload)?;
        let own = self.run.roots_at(&[part.saturating_add(1)])?;
        Ok(Narrowed {
            verdict: match own[..] == [truth] {
                true => Verdict::Defender,
                false => Verdict::Challenger,
            },
            payload,
        })
    }
}

/// The lowest bit of byte `byte` (least significant first) of a counter value flipped.
pub(super) fn flipped(value: u64, part: &FaultPart) -> Result<u64, StageError> {
    match part {
        FaultPart::Output { byte: byte @ 0..=7 } => Ok(value ^ 1 << (8 * byte)),
        other => Err(StageError::Fault {
            reason: format!("names {other:?}; a counter's value has bytes 0 to 7 and nothing else"),
        }),
    }
}
