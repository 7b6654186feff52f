//! Node claims: programs, inputs, and how a task enters at a node; the twin of `Node.sol`.

use opml_commit::{Root, SLOT_HEIGHT, chunk_zero, hash_words};
use opml_engine::RuleError;
use opml_graph::node_inputs;
use opml_ops::{MAX_INPUTS, Source};

use super::{Payload, RecordWords};

/// The roots of slots 4 … 15.
pub(super) type Slots = [Root; MAX_INPUTS];

/// The node leaf: record root and twelve constant roots, absent ones the zero word.
pub(super) fn leaf(record_root: &Root, constants: &Slots) -> Root {
    hash_words(std::iter::once(record_root).chain(constants))
}

/// Twelve slots without bytes.
pub(super) fn empty_slots() -> Slots {
    [chunk_zero(SLOT_HEIGHT); MAX_INPUTS]
}

/// Takes the roots of the record's constants, in slot order, off the front of `payload`.
pub(super) fn read_constants(record: &RecordWords, payload: &mut Payload<'_>) -> Result<Slots, RuleError> {
    let mut constants = [Root::ZERO; MAX_INPUTS];
    for (input, root) in constants.iter_mut().enumerate().take(record.input_count()?) {
        if record.source(input) == Some(Source::Constant) {
            *root = payload.root()?;
        }
    }
    Ok(constants)
}

/// The claim of a task whose pipeline begins at a node: program and inputs. Its inputs are constants and the request's values.
pub(super) fn enter(stage: &'static str, header: &[u8], request: &[Root]) -> Result<(Root, Root), RuleError> {
    let mut payload = Payload::new(stage, header);
    let record = payload.record()?;
    let constants = read_constants(&record, &mut payload)?;
    payload.finish()?;
    let mut slots = empty_slots();
    let mut expected = 0;
    for input in 0..record.input_count()? {
        let index = record.index(input) as usize;
        match record.source(input) {
            Some(Source::Constant) => slots[input] = constants[input],
            Some(Source::Feed) => {
                let value = request.get(index);
                slots[input] = *value.ok_or_else(|| request_size(&payload, index.saturating_add(1), request))?;
                expected = expected.max(index + 1);
            }
            _ => return Err(record.unknown_source(input)),
        }
    }
    match expected == request.len() {
        true => Ok((leaf(&record.root(), &constants), node_inputs(&slots))),
        false => Err(request_size(&payload, expected, request)),
    }
}

fn request_size(payload: &Payload<'_>, expected: usize, request: &[Root]) -> RuleError {
    payload.refuse(format!("the request has {} values, not {expected}", request.len()))
}
