//! The one form of a model's file: where constants lie and what is zero (`specs/model-file.md`).

use crate::Constant;
use crate::model_file::{FURTHER_BYTES, FURTHER_RESERVED, HEADER_BYTES, Layout, PAGE, RESERVED, alignment};

/// Why a file whose parts can be read is not the one that its model is written as; `None` when it is.
pub(crate) fn deviation(file: &[u8], layout: &Layout, names: usize, constants: &[(usize, Constant)]) -> Option<String> {
    let zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let further = file[HEADER_BYTES..layout.nodes].chunks_exact(FURTHER_BYTES);
    let mut unsaid = further.map(|bytes| &bytes[FURTHER_RESERVED]);
    if !unsaid.all(zero) || !zero(&file[RESERVED]) || !zero(&file[layout.names + names..layout.constants]) {
        return Some("bytes of its head that must be zero are not".into());
    }
    let sorted = |pair: &[(usize, Constant)]| {
        let [(_, before), (_, after)] = pair else { return true };
        before.size() > after.size() || before.size() == after.size() && before.root <= after.root
    };
    if !constants.windows(2).all(sorted) {
        return Some("its constants do not lie in order".into());
    }
    let mut end = layout.constants;
    for (place, (at, constant)) in constants.iter().enumerate() {
        let due = end.next_multiple_of(alignment(constant.size()));
        if *at != due {
            return Some(format!("constant {place} lies at byte {at}, not at {due}"));
        }
        if !zero(&file[end..due]) {
            return Some(format!("bytes before constant {place} are not zero"));
        }
        end = due + constant.size();
    }
    if file.len() != end.next_multiple_of(PAGE) {
        return Some(format!(
            "its constants end at byte {end}, but it has {} bytes",
            file.len()
        ));
    }
    (!zero(&file[end..])).then(|| "bytes after its last constant are not zero".into())
}
