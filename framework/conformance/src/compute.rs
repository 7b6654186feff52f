use opml_commit::slot_root;
use opml_graph::{ComputeBackend, ComputeError};
use opml_ops::GAP;

use crate::{Noise, Sample, layered, shared_inputs};

/// A compute backend gives what the operators' definition gives, for any number of threads, refuses what is not admitted or of
/// the wrong size, and names its guest images by their roots.
pub fn compute_suite(backend: &dyn ComputeBackend) {
    for seed in 0..4 {
        for sample in [layered(seed), shared_inputs(seed)] {
            equals_the_definition(backend, &sample, seed);
        }
    }
    for image in backend.guest_images() {
        assert_eq!(image.root, slot_root(&image.bytes), "the {} image's root", image.vm);
    }
}

fn equals_the_definition(backend: &dyn ComputeBackend, sample: &Sample, seed: u64) {
    let mut noise = Noise::new(seed);
    for node in sample.model.nodes.iter().filter(|node| node.record.tag() != GAP) {
        let record = &node.record;
        let inputs: Vec<Vec<u8>> = (0..record.input_count())
            .map(|input| match node.constants[input] {
                Some(constant) => sample.model.constants[constant].bytes.to_vec(),
                None => noise.bytes(record.input_bytes(input) as usize),
            })
            .collect();
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let size = record.output_bytes() as usize;
        let mut expected = vec![0; size];
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        opml_ops::run(record, &inputs, &mut expected, 0, &mut scratch).expect("valid models run");
        for threads in [1, 3] {
            let mut output = vec![0; size];
            let ran = backend.run_node(record, &inputs, &mut output, threads);
            assert_eq!(ran, Ok(()), "`{}` on {threads} threads", node.name);
            assert!(
                output == expected,
                "`{}` on {threads} threads is not what its operator says",
                node.name
            );
        }
        let short = backend.run_node(record, &inputs, &mut vec![0; size - 1], 1);
        assert!(
            matches!(short, Err(ComputeError::Size { .. })),
            "a short output gave {short:?}"
        );
        let mut wrong = inputs.clone();
        wrong[0] = &wrong[0][1..];
        let short = backend.run_node(record, &wrong, &mut vec![0; size], 1);
        assert!(
            matches!(short, Err(ComputeError::Size { .. })),
            "a short input gave {short:?}"
        );
        let mut record = record.clone();
        record.set_attribute(opml_ops::ATTRIBUTE_WORDS - 1, 1);
        let refused = backend.run_node(&record, &inputs, &mut vec![0; size], 1);
        assert!(
            matches!(refused, Err(ComputeError::NotAdmitted { .. })),
            "a stray attribute gave {refused:?}"
        );
    }
}
