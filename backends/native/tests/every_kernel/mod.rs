//! A case by every kernel and on several threads.

use opml_graph::ComputeBackend;
use opml_native::Native;

use crate::cases::Case;

/// Holds every kernel's output against the definition's, byte by byte.
pub(crate) fn check(case: &Case, threads: &[usize]) {
    let expected = case.run_all();
    let variants = Native::variants()
        .into_iter()
        .map(|variant| Box::new(variant) as Box<dyn ComputeBackend>);
    for (place, native) in variants
        .chain([Box::new(Native) as Box<dyn ComputeBackend>])
        .enumerate()
    {
        for threads in threads {
            let mut output = match case.record.output_initial() {
                Some(input) => case.inputs[input].clone(),
                None => vec![0xa5; expected.len()],
            };
            let ran = native.run_node(&case.record, &case.slices(), &mut output, *threads);
            assert_eq!(ran, Ok(()));
            assert_eq!(
                output, expected,
                "variant {place}, {threads} threads, {:?}",
                case.record
            );
        }
    }
}
