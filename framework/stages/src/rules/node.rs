use opml_commit::{Root, SLOT_BYTES, SLOT_HEIGHT, chunk_zero, fold_chunk_zeros, height_of};
use opml_engine::{Claim, Opened, Position, RuleError, StageRules, Verdict};
use opml_graph::block_program;

use super::{Payload, node_claim};

const KIND: &str = "node";

/// The node stage as the contract sees it: a part is one block of the output, the trace is the output's own tree. The twin of
/// `NodeStage.sol`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeRules;

impl NodeRules {
    /// The claim of a task whose pipeline begins with a node: program and inputs, from record ‖ constant roots and the roots of
    /// the request's values.
    pub fn enter(header: &[u8], request: &[Root]) -> Result<(Root, Root), RuleError> {
        node_claim::enter(KIND, header, request)
    }
}

impl StageRules for NodeRules {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn is_machine(&self) -> bool {
        false
    }

    fn open(&self, _arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let record = payload.record()?;
        let constants = node_claim::read_constants(&record, &mut payload)?;
        let subtree = payload.root()?;
        payload.finish()?;
        let leaf = node_claim::leaf(&record.root(), &constants);
        if leaf != claim.program {
            return Err(payload.refuse(format!("the program is {leaf}, not {}", claim.program)));
        }
        let size = u64::from(record.output_bytes());
        if size == 0 || size > SLOT_BYTES {
            return Err(payload.refuse(format!("an output of {size} bytes does not fit a slot")));
        }
        let block_log2 = record.block_log2()?;
        let count = size.div_ceil(1 << block_log2);
        let height = height_of(count);
        let proven = fold_chunk_zeros(subtree, block_log2 - 7 + height, SLOT_HEIGHT);
        if proven != claim.output {
            return Err(payload.refuse(format!("the blocks lead to {proven}, not to {}", claim.output)));
        }
        Ok(Opened {
            anchor: subtree,
            disputed: subtree,
            count,
            width: 1 << height,
            absent: chunk_zero(block_log2 - 7),
        })
    }

    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let block_log2 = payload.u8()?;
        payload.finish()?;
        if !(7..=28).contains(&block_log2) || chunk_zero(block_log2 - 7) != position.absent {
            return Err(payload.refuse(format!("blocks of 2^{block_log2} bytes are not this stage's")));
        }
        let index = u32::try_from(position.lower).map_err(|_| payload.refuse("no slot has so many blocks"))?;
        Ok(Verdict::Claim(Claim {
            program: block_program(&claim.program, u32::from(block_log2), index),
            inputs: claim.inputs,
            output: position.disputed,
        }))
    }
}
