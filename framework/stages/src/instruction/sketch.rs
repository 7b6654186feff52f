use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use opml_commit::{Keccak256, Root, keccak256, subtree_root};
use opml_engine::{Claim, Fault, Machine, Narrowed, Opened, Opening, Point, Stage, StageError, Store, Trace, Verdict};

use super::work::MachineWork;
use super::{InstructionStage, KIND};
use crate::content::sized;

/// How many steps are looked at for the one whose witness is the longest.
const LOOKED_AT: u64 = 64;
/// The latest step around which is looked, so that finding it stays short.
const LATEST: u64 = 1 << 20;

/// At which step a sketched dispute ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SketchedStep {
    /// At this one.
    At(u64),
    /// At the last one, as that of a party whose lie was told in a stage above.
    Last,
    /// At the one with the longest witness of some dozens in the middle of the run.
    Dear,
}

/// The machine stage of a dispute that is only priced, never fought: one honest run is made of each claim, for all parties and games together.
///
/// Everything that a contract reads is as in a real dispute, but for the states between the first one and the disputed step, which are invented:
/// a contract cannot tell, since it hashes and compares them and no more. So the transactions of a dispute over a sketch have a real one's
/// sizes and paths, at any arity, without a re-execution. A lie is one about the output: the highest bit of each byte is flipped.
pub struct InstructionSketch {
    stage: InstructionStage,
    step: SketchedStep,
    known: Mutex<BTreeMap<(Root, Root), Arc<Survey>>>,
}

/// An honest run as it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surveyed {
    /// Its steps.
    pub steps: u64,
    /// The one at which disputes end.
    pub disputed_step: u64,
    /// What one execution took, with the snapshots that a party takes for its answers.
    pub seconds: f64,
}

/// What is known of a claim's run.
struct Survey {
    work: MachineWork,
    entry: Root,
    steps: u64,
    seconds: f64,
    output: (Root, Bytes),
    /// Behind a lock, since machines are for one thread.
    end: Mutex<Box<dyn Machine>>,
    disputed_step: u64,
    witness: Vec<u8>,
    /// The states before and after the disputed step.
    states: [Root; 2],
}

impl InstructionSketch {
    /// Sketches runs of `stage` in which `step` is disputed.
    pub fn new(stage: InstructionStage, step: SketchedStep) -> InstructionSketch {
        InstructionSketch {
            stage,
            step,
            known: Mutex::default(),
        }
    }

    /// Runs `program(inputs)` unless that is known already.
    pub fn survey(&self, program: &Root, inputs: &Root, store: &dyn Store) -> Result<Surveyed, StageError> {
        let survey = self.known(program, inputs, store)?;
        Ok(Surveyed {
            steps: survey.steps,
            disputed_step: survey.disputed_step,
            seconds: survey.seconds,
        })
    }

    fn known(&self, program: &Root, inputs: &Root, store: &dyn Store) -> Result<Arc<Survey>, StageError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(survey) = known.get(&(*program, *inputs)) {
            return Ok(Arc::clone(survey));
        }
        let survey = Arc::new(self.run(program, inputs, store)?);
        known.insert((*program, *inputs), Arc::clone(&survey));
        Ok(survey)
    }

    fn run(&self, program: &Root, inputs: &Root, store: &dyn Store) -> Result<Survey, StageError> {
        let work = MachineWork::find(program, inputs, store)?;
        let started = Instant::now();
        let mut run = self.stage.run(&work, store, None, None)?;
        let steps = run.halt()?;
        let (mut end, _) = run.accepted_end(self.stage.vm.as_ref())?;
        let seconds = started.elapsed().as_secs_f64();
        let output = (
            end.memory_node(work.height(), work.memory_index()),
            work.output(end.as_ref()),
        );
        let disputed_step = match self.step {
            SketchedStep::At(step) if step >= steps => {
                return Err(StageError::Fault {
                    reason: format!(
                        "names step {step}, but the program has {steps} steps, 0 to {}",
                        steps - 1
                    ),
                });
            }
            SketchedStep::At(step) => step,
            SketchedStep::Last => steps - 1,
            SketchedStep::Dear => dearest(run.at((steps / 2).min(LATEST))?, steps)?,
        };
        let states = run.roots_at(&[disputed_step, disputed_step + 1])?;
        let [before, after] = states[..] else {
            return Err(refused("the machine gives no states".into()));
        };
        Ok(Survey {
            entry: run.at(0)?.root(),
            steps,
            seconds,
            output,
            end: Mutex::new(end),
            witness: run.at(disputed_step)?.prove_step()?,
            disputed_step,
            states: [before, after],
            work,
        })
    }
}

/// The step with the longest witness of the first few from where the machine is.
fn dearest(mut machine: Box<dyn Machine>, steps: u64) -> Result<u64, StageError> {
    let mut found = (0, machine.step());
    let end = machine.step().saturating_add(LOOKED_AT).min(steps);
    while machine.step() < end {
        let step = machine.step();
        found = found.max((machine.prove_step()?.len(), step));
        machine.run_to(step + 1)?;
    }
    Ok(found.1)
}

impl Stage for InstructionSketch {
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
        let survey = self.known(program, inputs, store)?;
        let (truth, bytes) = &survey.output;
        let (root, bytes) = match fault {
            None => (*truth, bytes.clone()),
            Some(_) => {
                let flipped: Bytes = bytes.iter().map(|byte| byte ^ 0x80).collect();
                (subtree_root(&flipped, survey.work.height()), flipped)
            }
        };
        store.put(root, bytes);
        Ok(root)
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let survey = self.known(&claim.program, &claim.inputs, store)?;
        Ok(Box::new(SketchedTrace {
            survey,
            claimed: claim.output,
            honest: fault.is_none(),
        }))
    }
}

/// A party's side of a sketch.
struct SketchedTrace {
    survey: Arc<Survey>,
    claimed: Root,
    honest: bool,
}

impl SketchedTrace {
    /// The state after `step` steps: real on both sides of the disputed step, invented elsewhere. A liar's states differ after it.
    fn root(&self, step: u64) -> Root {
        let Survey {
            disputed_step, states, ..
        } = self.survey.as_ref();
        let lies = !self.honest && step > *disputed_step;
        match step.checked_sub(*disputed_step) {
            Some(0) => states[0],
            Some(1) if self.honest => states[1],
            _ => Keccak256::default()
                .chain(b"opml.sketch")
                .chain([u8::from(lies)])
                .chain(step.to_be_bytes())
                .finish(),
        }
    }

    /// The end, in which the output is the claimed one.
    fn end(&self, store: &dyn Store) -> Result<Box<dyn Machine>, StageError> {
        let survey = self.survey.as_ref();
        let mut end = survey.end.lock().unwrap_or_else(PoisonError::into_inner).fork();
        if self.claimed != survey.output.0 {
            let output = store.get(&self.claimed).ok_or(StageError::Missing {
                what: "the claimed output",
                root: self.claimed,
            })?;
            let range = survey.work.output_range();
            end.write(survey.work.output_address(), sized(output, range.len()).as_ref())?;
        }
        Ok(end)
    }
}

impl Trace for SketchedTrace {
    fn opening(&mut self, arity: u64, store: &dyn Store) -> Result<Opening, StageError> {
        let mut end = self.end(store)?;
        let (work, steps) = (&self.survey.work, self.survey.steps);
        let (payload, length) = work.opening(end.as_mut(), steps, arity, store)?;
        Ok(Opening {
            opened: Opened {
                anchor: self.survey.entry,
                disputed: keccak256(&end.state()),
                count: length.steps,
                width: length.steps,
                absent: Root::ZERO,
            },
            payload,
        })
    }

    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError> {
        let roots = points.iter().map(|point| match point {
            Point::Step(step) => Ok(self.root(*step)),
            Point::Node { .. } => Err(StageError::Point {
                stage: KIND,
                reason: "a machine has steps, no tree nodes".into(),
            }),
        });
        roots.collect()
    }

    fn narrow(&mut self, part: u64, _store: &dyn Store) -> Result<Narrowed, StageError> {
        if part != self.survey.disputed_step {
            return Err(StageError::Point {
                stage: KIND,
                reason: format!("only step {} is sketched", self.survey.disputed_step),
            });
        }
        Ok(Narrowed {
            verdict: match self.honest {
                true => Verdict::Defender,
                false => Verdict::Challenger,
            },
            payload: self.survey.witness.clone(),
        })
    }
}

fn refused(reason: String) -> StageError {
    StageError::Program { stage: KIND, reason }
}
