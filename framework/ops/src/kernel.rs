//! What every operator family provides, and the checks that all of them share.

use crate::{ATTRIBUTE_WORDS, AdmitError, DType, Record, RunError, Shape};

/// The most bytes a value may have: a slot less one chunk.
pub const MAX_VALUE_BYTES: u32 = (1 << 28) - 128;
/// The most scratch a node may ask for: slot 2 less its stack.
pub const MAX_SCRATCH_BYTES: u32 = (1 << 28) - (1 << 20);
/// Work units that every node costs before its operator does anything.
pub(crate) const BASE_UNITS: u64 = 2048;

/// An operator applied to the sizes and attributes of one record.
pub(crate) trait Kernel: Sized {
    /// Attribute words that mean something; the others must be zero.
    const ATTRIBUTES: usize;

    /// The input that the output starts as; what `run` does not write stays as that.
    const OUTPUT_INITIAL: Option<usize> = None;

    /// Reads inputs and attributes, checking everything that totality needs.
    fn plan(record: &Record) -> Result<Self, AdmitError>;

    /// The output's type and dimensions.
    fn output(&self) -> (DType, Shape);

    /// The scratch that `run` needs.
    fn scratch_bytes(&self) -> u64 {
        0
    }

    /// The cost of the whole output, in units of a few guest steps.
    fn work_units(&self) -> u64;

    /// Writes output bytes `start .. start + output.len()`; sizes have been checked. With [`OUTPUT_INITIAL`](Self::OUTPUT_INITIAL)
    /// these begin as the same bytes of that input, else with anything.
    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError>;
}

/// Checks all of a record against an operator.
pub(crate) fn admit<K: Kernel>(record: &Record) -> Result<K, AdmitError> {
    record.check()?;
    let kernel = K::plan(record)?;
    let (dtype, shape) = kernel.output();
    let stated = record.output().map(|value| (value.dtype, value.shape));
    if stated != Some((dtype, shape)) {
        return Err(AdmitError::Output { dtype, shape });
    }
    let sizes = (0..record.input_count()).map(|input| record.input_bytes(input));
    if let Some(bytes) = sizes
        .chain([record.output_bytes()])
        .find(|bytes| *bytes > MAX_VALUE_BYTES)
    {
        return Err(AdmitError::ValueSize { bytes });
    }
    if !(7..=28).contains(&record.block_log2()) {
        return Err(AdmitError::BlockLog2(record.block_log2()));
    }
    let needed = kernel.scratch_bytes();
    let given = record.scratch_bytes();
    if u64::from(given) < needed || given > MAX_SCRATCH_BYTES {
        return Err(AdmitError::Scratch { needed, given });
    }
    if record.output_initial() != K::OUTPUT_INITIAL {
        return Err(AdmitError::OutputInitial(K::OUTPUT_INITIAL));
    }
    match (K::ATTRIBUTES..ATTRIBUTE_WORDS).find(|place| record.attribute(*place) != 0) {
        Some(place) => Err(AdmitError::Attribute {
            place,
            name: "unused",
            value: record.signed_attribute(place),
            rule: "0",
        }),
        None => Ok(kernel),
    }
}

/// Checks the sizes of what an operator is given, then runs it.
pub(crate) fn run<K: Kernel>(
    record: &Record,
    inputs: &[&[u8]],
    output: &mut [u8],
    start: usize,
    scratch: &mut [u8],
) -> Result<(), RunError> {
    let kernel = admit::<K>(record)?;
    for input in 0..record.input_count() {
        let expected = record.input_bytes(input);
        let given = inputs.get(input).map_or(0, |bytes| bytes.len());
        if given != expected as usize {
            return Err(RunError::Input { input, expected, given });
        }
    }
    let bytes = output.len();
    let element = kernel.output().0.bytes() as usize;
    if !start.is_multiple_of(element) || !bytes.is_multiple_of(element) {
        return Err(RunError::Range { start, bytes });
    }
    match start.checked_add(bytes) {
        Some(end) if end <= record.output_bytes() as usize => {}
        _ => return Err(RunError::Range { start, bytes }),
    }
    let needed = kernel.scratch_bytes();
    if (scratch.len() as u64) < needed {
        return Err(RunError::Scratch {
            needed,
            given: scratch.len(),
        });
    }
    kernel.run(inputs, output, start, scratch)
}
