use bytes::Bytes;
use opml_commit::{CHUNK_BYTES, ElidedPath, Root, SLOT_HEIGHT, SlotTree, chunk_zero};
use opml_engine::{Machine, MachineLength, Region, StageError, Store, machine_length};
use opml_graph::{GuestImage, block_count};
use opml_ops::{MAX_INPUTS, WHOLE_GRAPH};

use super::KIND;
use crate::content::{StoredBlock, StoredNode, node_inputs_of, value};
use crate::rules::entry_memory::{Call, Mode};

const RECORD_ADDRESS: u32 = 0x1000_0000;
const CALL_ADDRESS: u32 = 0x1800_0000;
const OUTPUT_ADDRESS: u32 = 0x3000_0000;
const OUTPUT_SLOT: u64 = 3;
const FIRST_INPUT_SLOT: u32 = 4;

/// A node's, a block's or a packed graph's claim, as found in the store.
pub(super) struct MachineWork {
    node: StoredNode,
    slots: [Root; MAX_INPUTS],
    /// `None`: the whole output.
    block: Option<StoredBlock>,
}

impl MachineWork {
    pub(super) fn find(program: &Root, inputs: &Root, store: &dyn Store) -> Result<MachineWork, StageError> {
        let block = StoredBlock::get(store, program);
        let leaf = block.map_or(*program, |block| block.leaf);
        let work = MachineWork {
            node: StoredNode::get(store, &leaf)?,
            slots: node_inputs_of(store, inputs)?,
            block,
        };
        let bytes = work.node.record.output_bytes();
        let blocks = block.map(|block| (block.index, block_count(bytes, block.block_log2)));
        match blocks {
            Some((_, _)) if work.node.record.tag() == WHOLE_GRAPH => {
                Err(refused("a packed graph has no blocks".into()))
            }
            Some((index, count)) if count.is_none_or(|count| index >= count) => {
                Err(refused(format!("the output has no block {index}")))
            }
            _ => Ok(work),
        }
    }

    /// Height of the output's subtree of slot 3.
    pub(super) fn height(&self) -> u8 {
        self.block.map_or(SLOT_HEIGHT, |block| block.block_log2 as u8 - 7)
    }

    fn block_index(&self) -> u64 {
        self.block.map_or(0, |block| u64::from(block.index))
    }

    /// The output's index among the memory tree's nodes of its height.
    pub(super) fn memory_index(&self) -> u64 {
        (OUTPUT_SLOT << (SLOT_HEIGHT - self.height())) + self.block_index()
    }

    /// The bytes of slot 3 that are the output.
    pub(super) fn output_range(&self) -> std::ops::Range<usize> {
        let end = self.node.record.output_bytes() as usize;
        let width = CHUNK_BYTES << self.height();
        let first = (self.block_index() as usize).saturating_mul(width).min(end);
        first..first.saturating_add(width).min(end)
    }

    /// Where the output lies.
    pub(super) fn output_address(&self) -> u32 {
        OUTPUT_ADDRESS + self.output_range().start as u32
    }

    /// The output in a machine's memory.
    pub(super) fn output(&self, machine: &dyn Machine) -> Bytes {
        Bytes::from(machine.read(self.output_address(), self.output_range().len()))
    }

    fn call(&self) -> Call {
        let record = &self.node.record;
        Call {
            mode: match self.block {
                Some(_) => Mode::Block,
                None if record.tag() == WHOLE_GRAPH => Mode::Graph,
                None => Mode::Node,
            },
            block_index: self.block_index() as u32,
            input_count: record.input_count() as u32,
            output_bytes: record.output_bytes(),
        }
    }

    /// The input that slot 3 starts as, with its root.
    fn initial(&self, store: &dyn Store) -> Result<Option<(Root, Bytes)>, StageError> {
        let Some(initial) = self.node.record.output_initial() else {
            return Ok(None);
        };
        let root = self
            .slots
            .get(initial)
            .filter(|_| initial < self.node.record.input_count());
        let root =
            *root.ok_or_else(|| refused(format!("the output starts as input {initial}, which does not exist")))?;
        let size = self.node.record.input_bytes(initial) as usize;
        Ok(Some((root, value(store, &root, size)?)))
    }

    /// What a machine is booted with. Slots whose root is known are not hashed again.
    pub(super) fn regions(&self, image: &GuestImage, store: &dyn Store) -> Result<Vec<Region>, StageError> {
        let record = Bytes::copy_from_slice(&self.node.record.to_bytes());
        let mut regions = vec![
            region(0, image.bytes.clone(), Some(image.root)),
            region(RECORD_ADDRESS, record, None),
            region(CALL_ADDRESS, Bytes::copy_from_slice(&self.call().to_bytes()), None),
        ];
        if let Some((root, bytes)) = self.initial(store)? {
            match self.block {
                None => regions.push(region(OUTPUT_ADDRESS, bytes, Some(root))),
                Some(_) => {
                    let range = self.output_range();
                    let range = range.start.min(bytes.len())..range.end.min(bytes.len());
                    regions.push(region(self.output_address(), bytes.slice(range), None));
                }
            }
        }
        for (input, root) in self.slots.iter().enumerate().take(self.node.record.input_count()) {
            if *root != chunk_zero(SLOT_HEIGHT) {
                let bytes = value(store, root, self.node.record.input_bytes(input) as usize)?;
                regions.push(region((FIRST_INPUT_SLOT + input as u32) << 28, bytes, Some(*root)));
            }
        }
        Ok(regions)
    }

    /// The payload of an `open` that states the machine's end after `halt` steps, and the length that it states.
    pub(super) fn opening(
        &self,
        end: &mut dyn Machine,
        halt: u64,
        arity: u64,
        store: &dyn Store,
    ) -> Result<(Vec<u8>, MachineLength), StageError> {
        let length = machine_length(arity, halt);
        let length = length.ok_or_else(|| refused(format!("{halt} steps are more than a game can hold")))?;
        let state = end.state();
        let state_length = u16::try_from(state.len()).map_err(|_| refused("the state is too long".into()))?;
        let (height, index) = (self.height(), self.memory_index());
        let mut payload = self.opening_head();
        payload.extend_from_slice(&state_length.to_be_bytes());
        payload.extend_from_slice(&state);
        payload.push(length.power);
        payload.extend_from_slice(&ElidedPath::encode(&end.prove_memory(height, index), height));
        payload.extend_from_slice(&self.opening_tail(store)?);
        Ok((payload, length))
    }

    /// The front of an `open` payload: kind, block index, record, input roots.
    fn opening_head(&self) -> Vec<u8> {
        let mut payload = vec![u8::from(self.block.is_some())];
        if let Some(block) = self.block {
            payload.extend_from_slice(&block.index.to_be_bytes());
        }
        payload.extend_from_slice(&self.node.record.to_bytes());
        let inputs = self.slots.iter().take(self.node.record.input_count());
        inputs.for_each(|root| payload.extend_from_slice(&root.0));
        payload
    }

    /// The end of an `open` payload: what slot 3 starts as, when that is one block of an input.
    fn opening_tail(&self, store: &dyn Store) -> Result<Vec<u8>, StageError> {
        let (Some(block), Some((_, bytes))) = (self.block, self.initial(store)?) else {
            return Ok(Vec::new());
        };
        let (tree, height, index) = (SlotTree::new(&bytes), self.height(), u64::from(block.index));
        let path = ElidedPath::encode(&tree.path(height, index, SLOT_HEIGHT), height);
        Ok([&tree.node(height, index).0[..], &path].concat())
    }
}

fn region(address: u32, bytes: Bytes, slot_root: Option<Root>) -> Region {
    Region {
        address,
        bytes,
        slot_root,
    }
}

fn refused(reason: String) -> StageError {
    StageError::Program { stage: KIND, reason }
}
