use bytes::Bytes;
use opml_commit::Root;
use opml_engine::Region;
use opml_ops::{DType, MAX_INPUTS, Record, Shape, Source, Value};

/// What the call chunk says beside the record's own numbers.
pub(crate) struct Call {
    pub(crate) mode: u32,
    pub(crate) block: u32,
}

/// A record with an output of `elements` floats and inputs of the same size.
pub(crate) fn record(elements: u32, tag: u32, inputs: &[(Source, u32)]) -> Record {
    let value = |source, index| Value {
        source,
        index,
        dtype: DType::F32,
        shape: Shape::new(&[elements]).expect("one dimension"),
    };
    let mut record = Record::new(tag, value(None, 0));
    record.set_block_log2(28);
    for (source, index) in inputs {
        record.push_input(value(Some(*source), *index));
    }
    record
}

/// The constants of a node leaf: `roots` in the places of the record's constant inputs.
pub(crate) fn constants_of(record: &Record, roots: &[Root]) -> [Root; MAX_INPUTS] {
    let mut constants = [Root::ZERO; MAX_INPUTS];
    let mut roots = roots.iter();
    for (input, constant) in constants.iter_mut().enumerate() {
        if record
            .input(input)
            .is_some_and(|value| value.source == Some(Source::Constant))
        {
            *constant = *roots.next().expect("a root for each constant");
        }
    }
    constants
}

/// Roots one after the other.
pub(crate) fn packed(roots: &[Root]) -> Vec<u8> {
    roots.iter().flat_map(|root| root.0).collect()
}

/// The memory that a machine is entered with, as `specs/machine.md` says; `initial`: slot 3 starts as input 0, in block
/// mode as its block only.
pub(crate) fn regions(program: &[u32], record: &Record, call: &Call, inputs: &[Vec<u8>], initial: bool) -> Vec<Region> {
    let region = |address: u32, bytes: Vec<u8>| Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    };
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let chunk = [call.mode, call.block, inputs.len() as u32, record.output_bytes()];
    let mut regions = vec![
        region(0x1000, words(program)),
        region(0x1000_0000, record.to_bytes().to_vec()),
        region(0x1800_0000, words(&chunk)),
    ];
    if initial {
        let from = if call.mode == 2 {
            (call.block as usize) << record.block_log2()
        } else {
            0
        };
        let until = if call.mode == 2 {
            from + (1 << record.block_log2())
        } else {
            inputs[0].len()
        };
        let bytes = inputs[0][from..until.min(inputs[0].len())].to_vec();
        regions.push(region(0x3000_0000 + from as u32, bytes));
    }
    for (slot, input) in (4u32..).zip(inputs) {
        regions.push(region(slot << 28, input.clone()));
    }
    regions
}
