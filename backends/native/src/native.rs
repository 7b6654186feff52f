use std::sync::OnceLock;

use opml_graph::{ComputeBackend, ComputeError, GuestImage};
use opml_ops::{
    Attend, Binary, Conv2dI8, ConvF32, ConvInteger, ConvTransposeF32, DequantizeLinear, Gather, MatMulBlocks,
    MatMulF32, MatMulI8, MatMulInteger, Operator, Pool, QuantizeLinear, Record, RunError, Unary, View,
};

use crate::attend::attend;
use crate::conv_f32::conv_f32;
use crate::conv_integer::conv_integer;
use crate::conv_transpose_f32::conv_transpose_f32;
use crate::conv2d::conv2d;
use crate::elementwise::{self, threads_for};
use crate::gather::gather;
use crate::lookup::lookup;
use crate::matmul::matmul;
use crate::matmul_blocks::matmul_blocks;
use crate::matmul_f32::matmul_f32;
use crate::matmul_integer::matmul_integer;
use crate::max_pool::max_pool;
use crate::share::share_output;
use crate::simd::Kernel;
use crate::view::view;

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
        let operator = Operator::from_tag(tag).ok_or_else(|| refused(opml_ops::AdmitError::Tag(tag)))?;
        let shared = threads_for(operator, record, threads);
        match (operator, inputs) {
            (Operator::MatMulF32, &[a, b]) => {
                let plan = MatMulF32::plan(record).map_err(refused)?;
                matmul_f32(&plan, self.kernel, [a, b], output, threads);
                Ok(())
            }
            (Operator::MatMulBlocks, &[x, weights]) => {
                let plan = MatMulBlocks::plan(record).map_err(refused)?;
                matmul_blocks(&plan, self.kernel, [x, weights], output, threads);
                Ok(())
            }
            (Operator::Attend, &[q, keys, values, position]) => {
                let plan = Attend::plan(record).map_err(refused)?;
                attend(&plan, self.kernel, [q, keys, values, position], output, threads);
                Ok(())
            }
            (Operator::ConvF32, inputs) => {
                let plan = ConvF32::plan(record).map_err(refused)?;
                match conv_f32(&plan, self.kernel, inputs, output, threads) {
                    true => Ok(()),
                    false => self.defined(record, inputs, output, shared),
                }
            }
            (Operator::ConvTransposeF32, inputs) => {
                let plan = ConvTransposeF32::plan(record).map_err(refused)?;
                conv_transpose_f32(&plan, self.kernel, inputs, output, threads);
                Ok(())
            }
            (Operator::MatMulInteger, inputs) => {
                let plan = MatMulInteger::plan(record).map_err(refused)?;
                matmul_integer(&plan, self.kernel, inputs, output, threads);
                Ok(())
            }
            (Operator::ConvInteger, inputs) => {
                let plan = ConvInteger::plan(record).map_err(refused)?;
                conv_integer(&plan, self.kernel, inputs, output, threads);
                Ok(())
            }
            (Operator::Pool, &[x]) => {
                let plan = Pool::plan(record).map_err(refused)?;
                match max_pool(&plan, self.kernel, x, output, threads) {
                    true => Ok(()),
                    false => self.defined(record, inputs, output, shared),
                }
            }
            (Operator::QuantizeLinear, &[x, scale, zero]) => {
                let plan = QuantizeLinear::plan(record).map_err(refused)?;
                elementwise::quantize(&plan, self.kernel, [x, scale, zero], output, shared);
                Ok(())
            }
            (Operator::DequantizeLinear, &[x, scale, zero]) => {
                let plan = DequantizeLinear::plan(record).map_err(refused)?;
                elementwise::dequantize(&plan, self.kernel, [x, scale, zero], output, shared);
                Ok(())
            }
            (Operator::Gather, &[source, indices]) => {
                let plan = Gather::plan(record).map_err(refused)?;
                gather(&plan, self.kernel, [source, indices], output, shared);
                Ok(())
            }
            (Operator::View, &[source]) => {
                let plan = View::plan(record).map_err(refused)?;
                view(&plan, self.kernel, source, output, shared);
                Ok(())
            }
            (Operator::Lookup, &[x, table]) => {
                let bytes = output.len() / x.len();
                lookup(bytes, self.kernel, [x, table], output, shared);
                Ok(())
            }
            (Operator::Unary, &[x]) => {
                let plan = Unary::plan(record).map_err(refused)?;
                match plan.is_float() {
                    true => {
                        elementwise::unary(&plan, self.kernel, x, output, shared);
                        Ok(())
                    }
                    false => self.defined(record, inputs, output, shared),
                }
            }
            (Operator::Binary, &[a, b]) => {
                let plan = Binary::plan(record).map_err(refused)?;
                match plan.is_float() {
                    true => {
                        elementwise::binary(&plan, self.kernel, [a, b], output, shared);
                        Ok(())
                    }
                    false => self.defined(record, inputs, output, shared),
                }
            }
            (Operator::MatMulI8, &[x, weights, bias, multiplier, shift]) => {
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
            (Operator::Conv2dI8, &[x, weights, bias, multiplier, shift]) => {
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
            _ => self.defined(record, inputs, output, shared),
        }
    }

    fn guest_images(&self) -> Vec<GuestImage> {
        crate::guest_images()
    }
}

impl NativeVariant {
    /// Computes an admitted node by its definition, ranges of its output on threads of their own.
    fn defined(
        &self,
        record: &Record,
        inputs: &[&[u8]],
        output: &mut [u8],
        threads: usize,
    ) -> Result<(), ComputeError> {
        let failed: OnceLock<RunError> = OnceLock::new();
        share_output(output, threads, |start, output| {
            let mut scratch = vec![0; record.scratch_bytes() as usize];
            if let Err(error) = opml_ops::run(record, inputs, output, start, &mut scratch) {
                let _ = failed.set(error);
            }
        });
        match failed.into_inner() {
            None => Ok(()),
            Some(error) => Err(ComputeError::NotAdmitted {
                tag: record.tag(),
                reason: error.to_string(),
            }),
        }
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
