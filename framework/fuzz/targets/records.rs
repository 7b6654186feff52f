//! Node records: whatever the words are, nothing panics; what is admitted runs to an end, and the same in parts as at once.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use opml_fuzz::{Limited, limited};
use opml_ops::{
    DType, GAP, MAX_INPUTS, Operator, RECORD_BYTES, Record, Shape, Source, Value, admit, admit_whole_graph,
    output_initial_of, output_of, run, scratch_of, work_units,
};

#[global_allocator]
static MEMORY: Limited = limited();

/// The most that a node may cost to be run.
const MOST_UNITS: u64 = 1 << 21;
const MOST_BYTES: u64 = 1 << 18;

fuzz_target!(|data: &[u8]| {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    match way % 2 {
        0 => raw(rest),
        _ => {
            // Bytes that end too early make no record.
            let _ = made(&mut Unstructured::new(rest));
        }
    }
});

/// The record's own bytes; a table of records and its inputs' bytes follow.
fn raw(bytes: &[u8]) {
    let Some((bytes, rest)) = bytes.split_at_checked(RECORD_BYTES) else {
        assert!(Record::from_bytes(bytes).is_err());
        return;
    };
    let record = Record::from_bytes(bytes).expect("as many bytes as a record has");
    assert_eq!(record.to_bytes(), bytes);
    ask(&record);
    let _ = admit_whole_graph(&record, rest);
    execute(&record, rest);
}

/// A record whose words fit together as far as its operator can tell what they must be.
fn made(bytes: &mut Unstructured<'_>) -> Result<()> {
    let operator = *bytes.choose(Operator::ALL)?;
    let scalar = Value {
        source: None,
        index: 0,
        dtype: DType::I8,
        shape: Shape::new(&[]).expect("a scalar"),
    };
    let mut record = Record::new(operator as u32, scalar);
    for index in 0..bytes.int_in_range(0..=MAX_INPUTS as u32)? {
        let dims = (0..bytes.int_in_range(0..=6)?)
            .map(|_| dim(bytes))
            .collect::<Result<Vec<u32>>>()?;
        let dtype = DType::from_code(bytes.int_in_range(1..=7)?).unwrap_or(DType::I8);
        let Ok(shape) = Shape::new(&dims) else {
            return Ok(());
        };
        record.push_input(Value {
            source: Some(Source::Feed),
            index,
            dtype,
            shape,
        });
    }
    for place in 0..bytes.int_in_range(0..=40)? {
        let word = match bytes.int_in_range(0..=3u8)? {
            0 => bytes.arbitrary()?,
            _ => bytes.int_in_range(0..=5u32)?,
        };
        record.set_attribute(place, word);
    }
    ask(&record);
    if let (Ok((dtype, shape)), Ok(scratch)) = (output_of(&record), scratch_of(&record)) {
        record.set_output(Value { dtype, shape, ..scalar });
        record.set_scratch_bytes(u32::try_from(scratch).unwrap_or(u32::MAX));
        record.set_output_initial(output_initial_of(operator));
        record.set_block_log2(bytes.int_in_range(6..=29)?);
        ask(&record);
        execute(&record, bytes.bytes(bytes.len())?);
    }
    Ok(())
}

fn dim(bytes: &mut Unstructured<'_>) -> Result<u32> {
    match bytes.int_in_range(0..=15u8)? {
        0 => bytes.arbitrary(),
        _ => bytes.int_in_range(1..=6),
    }
}

/// Everything that can be asked of a record.
fn ask(record: &Record) {
    let checked = record.check();
    let admitted = admit(record);
    assert!(
        checked.is_ok() || admitted.is_err() || record.tag() == GAP,
        "what is malformed is not admitted"
    );
    let _ = (
        output_of(record),
        scratch_of(record),
        work_units(record),
        format!("{record:?}"),
    );
    let _ = (0..MAX_INPUTS).map(|input| record.input(input)).collect::<Vec<_>>();
    if let Err(error) = admitted {
        assert!(!error.to_string().is_empty());
    }
}

/// Runs a small admitted node on `bytes`, repeated, as all of its inputs.
fn execute(record: &Record, bytes: &[u8]) {
    let Some(output) = record.output().filter(|_| admit(record).is_ok()) else {
        return;
    };
    let sizes: Vec<u32> = (0..record.input_count())
        .map(|input| record.input_bytes(input))
        .collect();
    let all = sizes.iter().map(|size| u64::from(*size)).sum::<u64>();
    let all = all + u64::from(output.bytes()) + u64::from(record.scratch_bytes());
    if all > MOST_BYTES || work_units(record) > MOST_UNITS {
        return;
    }
    let mut stream = bytes.iter().copied().chain([0]).cycle();
    let inputs: Vec<Vec<u8>> = sizes
        .iter()
        .map(|size| stream.by_ref().take(*size as usize).collect())
        .collect();
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let part = |start: usize, end: usize| {
        let mut output = match record.output_initial() {
            Some(initial) => inputs[initial][start..end].to_vec(),
            None => vec![0xA5; end - start],
        };
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        run(record, &inputs, &mut output, start, &mut scratch).map(|()| output)
    };
    let length = output.bytes() as usize;
    let whole = part(0, length);
    let middle = length / 2 / output.dtype.bytes() as usize * output.dtype.bytes() as usize;
    if let (Ok(whole), Ok(first), Ok(second)) = (&whole, part(0, middle), part(middle, length)) {
        assert!(
            whole[..middle] == first && whole[middle..] == second,
            "a part is a part of the whole"
        );
    }
}
