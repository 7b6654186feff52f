use libfuzzer_sys::fuzzer_mutate;

/// Ends a target's mutator: puts a changed input where the fuzzer takes it from, or lets the fuzzer change bytes when there is none that fits.
pub fn replace(data: &mut [u8], size: usize, max_size: usize, changed: Option<Vec<u8>>) -> usize {
    match changed.filter(|changed| changed.len() <= max_size) {
        Some(changed) => {
            data[..changed.len()].copy_from_slice(&changed);
            changed.len()
        }
        None => fuzzer_mutate(data, size, max_size),
    }
}
