use opml_graph::{ComputeBackend, ComputeError, GuestImage};
use opml_ops::{Conv2dI8, MatMulI8, Operator, Record, RunError};

use crate::conv2d::conv2d;
use crate::matmul::matmul;
use crate::simd::Kernel;

/// Computes nodes on this machine's processor, by the fastest kernels that it can run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Native;

impl Native {
    /// A backend for each set of kernels that this processor can run, the fastest last; all compute the same.
    pub fn variants() -> Vec<NativeVariant> {
        let kernels = Kernel::available().into_iter();
        kernels.map(|kernel| NativeVariant { kernel }).collect()
    }
}

impl ComputeBackend for Native {
    fn name(&self) -> &str {
        "native"
    }

    fn run_node(
        &self,
        record: &Record,
        inputs: &[&[u8]],
        output: &mut [u8],
        threads: usize,
    ) -> Result<(), ComputeError> {
        let kernel = Kernel::best();
        NativeVariant { kernel }.run_node(record, inputs, output, threads)
    }

    fn guest_images(&self) -> Vec<GuestImage> {
        crate::guest_images()
    }
}

/// [`Native`] with kernels chosen beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeVariant {
    kernel: Kernel,
}

impl ComputeBackend for NativeVariant {
    fn name(&self) -> &str {
        "native"
    }

    fn run_node(
        &self,
        record: &Record,
        inputs: &[&[u8]],
        output: &mut [u8],
        threads: usize,
    ) -> Result<(), ComputeError> {
        let tag = record.tag();
        let refused = |error: opml_ops::AdmitError| ComputeError::NotAdmitted {
            tag,
            reason: error.to_string(),
        };
        opml_ops::admit(record).map_err(refused)?;
        check_sizes(record, inputs, output)?;
        match (Operator::from_tag(tag), inputs) {
            (Some(Operator::MatMulI8), &[x, weights, bias, multiplier, shift]) => {
                let plan = MatMulI8::plan(record).map_err(refused)?;
                matmul(
                    &plan,
                    self.kernel,
                    [x, weights, bias, multiplier, shift],
                    output,
                    threads,
                );
                Ok(())
            }
            (Some(Operator::Conv2dI8), &[x, weights, bias, multiplier, shift]) => {
                let plan = Conv2dI8::plan(record).map_err(refused)?;
                conv2d(
                    &plan,
                    self.kernel,
                    [x, weights, bias, multiplier, shift],
                    output,
                    threads,
                );
                Ok(())
            }
            _ => {
                let mut scratch = vec![0; record.scratch_bytes() as usize];
                opml_ops::run(record, inputs, output, 0, &mut scratch).map_err(|error| match error {
                    RunError::Admit(error) => refused(error),
                    other => ComputeError::NotAdmitted {
                        tag,
                        reason: other.to_string(),
                    },
                })
            }
        }
    }

    fn guest_images(&self) -> Vec<GuestImage> {
        crate::guest_images()
    }
}

fn check_sizes(record: &Record, inputs: &[&[u8]], output: &[u8]) -> Result<(), ComputeError> {
    let stated = (0..record.input_count()).map(|input| {
        let actual = inputs.get(input).map_or(0, |bytes| bytes.len());
        (format!("input {input}"), record.input_bytes(input), actual)
    });
    let sizes = stated.chain([("the output".into(), record.output_bytes(), output.len())]);
    for (what, expected, actual) in sizes {
        if actual != expected as usize {
            return Err(ComputeError::Size {
                tag: record.tag(),
                what,
                expected: expected as usize,
                actual,
            });
        }
    }
    Ok(())
}
