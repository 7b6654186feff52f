use opml_engine::{Fault, FaultPart, StageError};

/// The byte of an output of `bytes` bytes that a fault whose path has ended changes.
pub(crate) fn output_byte(what: &str, part: &FaultPart, bytes: usize) -> Result<usize, StageError> {
    match part {
        FaultPart::Output { byte } => {
            usize::try_from(*byte)
                .ok()
                .filter(|byte| *byte < bytes)
                .ok_or_else(|| StageError::Fault {
                    reason: format!("names byte {byte} of {what}, which has {bytes}"),
                })
        }
        other => Err(StageError::Fault {
            reason: format!("ends at {what}, but only the machine has {other:?}"),
        }),
    }
}

/// The part that a fault names first, when there are `count` of them; `None` for a fault whose path has ended.
pub(crate) fn first_part(stage: &str, fault: &Fault, count: u64) -> Result<Option<u64>, StageError> {
    match fault.path.first() {
        Some(part) if *part >= count => Err(StageError::Fault {
            reason: format!(
                "names part {part} of the {stage} stage, which has {count}, 0 to {}",
                count.max(1) - 1
            ),
        }),
        part => Ok(part.copied()),
    }
}

/// Flips the highest bit of byte `byte`.
pub(crate) fn flipped(bytes: &[u8], byte: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[byte] ^= 0x80;
    bytes
}
