use opml_ops::{MatMulInteger, PANEL_OUTPUTS};

use crate::integer_product::{Bias, Factor, Panel, products, row_sum, signed, store_sums, zero_point};
use crate::share::{share_rows, worthwhile};
use crate::simd::{Kernel, ROWS};

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn matmul_integer(
    plan: &MatMulInteger,
    kernel: Kernel,
    inputs: &[&[u8]],
    output: &mut [u8],
    threads: usize,
) {
    let &[a, b, a_zero, b_zero, ref bias @ ..] = inputs else {
        return;
    };
    let (left, right) = (plan.rows * plan.depth, plan.depth * plan.columns);
    let size = plan.rows * plan.columns;
    let a: Vec<u8> = a.iter().map(|byte| signed(*byte, plan.signed[0])).collect();
    let threads = worthwhile(threads, (size * plan.depth) as u64);
    let node = Node {
        plan,
        kernel,
        a_zero,
        b_zero,
        bias: Bias::of(bias),
    };
    plan.each_product(0, output.len() / 4 / size, |product, in_a, in_b| {
        let (a, b) = (&a[in_a * left..][..left], &b[in_b * right..][..right]);
        let output = &mut output[4 * product * size..][..4 * size];
        share_rows(output, 4 * plan.columns, ROWS, threads, |first, output| {
            kernel.compiled(
                #[inline(always)]
                || node.rows(a, b, first, output),
            );
        });
    });
}

struct Node<'a> {
    plan: &'a MatMulInteger,
    kernel: Kernel,
    a_zero: &'a [u8],
    b_zero: &'a [u8],
    bias: Bias<'a>,
}

impl Node<'_> {
    /// The rows of one product from `first` on.
    #[inline(always)]
    fn rows(&self, a: &[u8], b: &[u8], first: usize, output: &mut [u8]) {
        let plan = self.plan;
        let [a_signed, b_signed] = plan.signed;
        let columns = plan.columns;
        let output = output.as_chunks_mut::<4>().0;
        let own = a[first * plan.depth..]
            .chunks_exact(plan.depth)
            .take(output.len() / columns);
        let factor = |(place, row)| Factor {
            row,
            zero: zero_point(self.a_zero[if plan.each[0] { first + place } else { 0 }], a_signed),
            sum: row_sum(row),
            initial: 0,
        };
        let factors: Vec<Factor> = own.enumerate().map(factor).collect();
        let mut panel = Panel::new(plan.depth, &factors);
        for column in (0..columns).step_by(PANEL_OUTPUTS) {
            let wide = PANEL_OUTPUTS.min(columns - column);
            let mut zeros = [0; PANEL_OUTPUTS];
            for (lane, zero) in zeros.iter_mut().enumerate().take(wide) {
                *zero = zero_point(self.b_zero[if plan.each[1] { column + lane } else { 0 }], b_signed);
            }
            panel.fill(|k, row| {
                let source = &b[k * columns + column..][..wide];
                row[..wide]
                    .iter_mut()
                    .zip(source)
                    .for_each(|(byte, source)| *byte = signed(*source, b_signed));
            });
            for (block, factors) in factors.chunks(ROWS).enumerate() {
                products(self.kernel, &panel, wide, factors, &zeros, |row, sums| {
                    if self.plan.bias {
                        for (lane, sum) in sums.iter_mut().enumerate().take(wide) {
                            *sum = sum.wrapping_add(self.bias.at(column + lane));
                        }
                    }
                    store_sums(&mut output[(block * ROWS + row) * columns + column..][..wide], sums);
                });
            }
        }
    }
}
