use std::sync::Arc;

use opml_commit::{MEMORY_HEIGHT, Root, SLOT_HEIGHT, chunk_zero, fold, keccak256, node};
use opml_engine::{Claim, Opened, Position, RuleError, StageRules, Verdict, VmRules, power_steps};
use opml_graph::{block_program, node_inputs};
use opml_ops::{Source, WHOLE_GRAPH};

use super::Payload;
use super::entry_memory::{self, Call, Mode};
use super::node_claim::{self, Slots, empty_slots};

const KIND: &str = "instruction";

/// The machine stage as the contract sees it: a part is one step. The twin of `InstructionStage.sol`.
#[derive(Clone)]
pub struct InstructionRules {
    vm: Arc<dyn VmRules>,
    image: Root,
}

impl InstructionRules {
    /// The rules of a machine whose slot 0 is `image`.
    pub fn new(vm: Arc<dyn VmRules>, image: Root) -> InstructionRules {
        InstructionRules { vm, image }
    }

    /// The claim of a task whose only stage is the machine: program and inputs, from record ‖ constant roots and the roots of
    /// the request's values.
    pub fn enter(header: &[u8], request: &[Root]) -> Result<(Root, Root), RuleError> {
        node_claim::enter(KIND, header, request)
    }
}

/// What `open` reads of a claim: a node's, or one block's of its output.
struct Work {
    block_index: u32,
    is_block: bool,
    /// Height of the claimed output's subtree: 21 for a whole slot.
    height: u8,
    output_initial: Option<usize>,
    record_root: Root,
    call: Call,
    slots: Slots,
}

impl StageRules for InstructionRules {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn is_machine(&self) -> bool {
        true
    }

    fn open(&self, arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let work = read_work(claim, &mut payload)?;

        let state_length = payload.u16()?;
        let state = payload.take(usize::from(state_length))?;
        let end = self
            .vm
            .inspect(state)
            .map_err(|error| payload.refuse(error.to_string()))?;
        if !end.exited || end.exit_code != 0 {
            return Err(payload.refuse(format!(
                "the end state has exited = {}, exit code {}; it must have halted with 0",
                end.exited, end.exit_code
            )));
        }
        let power = payload.u8()?;
        let path = payload.elided(work.height, MEMORY_HEIGHT)?;
        let index = (3 << (SLOT_HEIGHT - work.height)) + u64::from(work.block_index);
        let proven = fold(claim.output, index, &path);
        if proven != end.memory_root {
            return Err(payload.refuse(format!(
                "the output leads to the memory {proven}, the end state's is {}",
                end.memory_root
            )));
        }
        let output = initial_output(&work, &mut payload)?;
        payload.finish()?;
        let too_long = || payload.refuse(format!("{arity}^{power} steps are more than a game can hold"));
        let steps = power_steps(arity, power).ok_or_else(too_long)?;
        let entry = entry_memory::root(self.image, &work.record_root, work.call, output, &work.slots);
        Ok(Opened {
            anchor: self.vm.entry_root(&entry),
            disputed: keccak256(state),
            count: steps,
            width: steps,
            absent: Root::ZERO,
        })
    }

    fn narrow(&self, _claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let refuse = |reason: String| RuleError { stage: KIND, reason };
        let (before, after) = self.vm.replay(payload).map_err(|error| refuse(error.to_string()))?;
        if before != position.anchor {
            return Err(refuse(format!("the agreed state is {}, not {before}", position.anchor)));
        }
        Ok(match after == position.disputed {
            true => Verdict::Defender,
            false => Verdict::Challenger,
        })
    }
}

/// Reads kind, record and input roots off the front of `payload` and checks them against the claim.
fn read_work(claim: &Claim, payload: &mut Payload<'_>) -> Result<Work, RuleError> {
    let claim_kind = payload.u8()?;
    let is_block = match claim_kind {
        0 => false,
        1 => true,
        other => return Err(payload.refuse(format!("{other} is no kind of claim"))),
    };
    let block_index = if is_block { payload.u32()? } else { 0 };
    let record = payload.record()?;

    let mut constants = [Root::ZERO; opml_ops::MAX_INPUTS];
    let mut slots = empty_slots();
    let input_count = record.input_count()?;
    for input in 0..input_count {
        slots[input] = payload.root()?;
        if record.source(input) == Some(Source::Constant) {
            constants[input] = slots[input];
        }
    }
    let inputs = node_inputs(&slots);
    if inputs != claim.inputs {
        return Err(payload.refuse(format!("the inputs are {inputs}, not {}", claim.inputs)));
    }

    let record_root = record.root();
    let mut program = node_claim::leaf(&record_root, &constants);
    let mut height = SLOT_HEIGHT;
    if is_block {
        let block_log2 = record.block_log2()?;
        if block_index >> (28 - block_log2) != 0 {
            return Err(payload.refuse(format!("a slot has no block {block_index} of 2^{block_log2} bytes")));
        }
        height = block_log2 - 7;
        program = block_program(&program, u32::from(block_log2), block_index);
    }
    if program != claim.program {
        return Err(payload.refuse(format!("the program is {program}, not {}", claim.program)));
    }
    let mode = match (record.tag(), is_block) {
        (WHOLE_GRAPH, true) => return Err(payload.refuse("a packed graph has no blocks")),
        (WHOLE_GRAPH, false) => Mode::Graph,
        (_, true) => Mode::Block,
        (_, false) => Mode::Node,
    };
    Ok(Work {
        block_index,
        is_block,
        height,
        output_initial: record.output_initial()?,
        record_root,
        call: Call {
            mode,
            block_index,
            input_count: input_count as u32,
            output_bytes: record.output_bytes(),
        },
        slots,
    })
}

/// What slot 3 starts as: nothing, an input, or one block of an input (its root and path are in `payload`).
fn initial_output(work: &Work, payload: &mut Payload<'_>) -> Result<Root, RuleError> {
    let Some(initial) = work.output_initial else {
        return Ok(chunk_zero(SLOT_HEIGHT));
    };
    let input = work.slots[initial];
    if !work.is_block {
        return Ok(input);
    }
    let part = payload.root()?;
    let path = payload.elided(work.height, SLOT_HEIGHT)?;
    let proven = fold(part, u64::from(work.block_index), &path);
    if proven != input {
        return Err(payload.refuse(format!("the block leads to the input {proven}, not to {input}")));
    }
    Ok((work.height..SLOT_HEIGHT).fold(part, |below, height| {
        match work.block_index >> (height - work.height) & 1 {
            1 => node(&chunk_zero(height), &below),
            _ => node(&below, &chunk_zero(height)),
        }
    }))
}
