use opml_graph::{ComputeBackend, ComputeError, GuestImage};
use opml_ops::{Record, RunError};

/// Computes nodes on this machine's processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

impl ComputeBackend for Native {
    fn name(&self) -> &str {
        "native"
    }

    fn run_node(
        &self,
        record: &Record,
        inputs: &[&[u8]],
        output: &mut [u8],
        _threads: usize,
    ) -> Result<(), ComputeError> {
        let tag = record.tag();
        let expected = record.output_bytes() as usize;
        if output.len() != expected {
            return Err(ComputeError::Size {
                tag,
                what: "the output".into(),
                expected,
                actual: output.len(),
            });
        }
        let admitted = |error: opml_ops::AdmitError| ComputeError::NotAdmitted {
            tag,
            reason: error.to_string(),
        };
        opml_ops::admit(record).map_err(admitted)?;
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        opml_ops::run(record, inputs, output, 0, &mut scratch).map_err(|error| match error {
            RunError::Input { input, expected, given } => ComputeError::Size {
                tag,
                what: format!("input {input}"),
                expected: expected as usize,
                actual: given,
            },
            other => ComputeError::NotAdmitted {
                tag,
                reason: other.to_string(),
            },
        })
    }

    fn guest_images(&self) -> Vec<GuestImage> {
        crate::guest_images()
    }
}
