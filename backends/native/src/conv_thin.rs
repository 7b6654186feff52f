//! Convolutions whose groups have few outputs, as depthwise ones: some windows of a row at a time, tap by tap.

use opml_ops::Convolution;

use crate::phases::Phases;

/// Windows that are computed together.
const LANES: usize = 32;

/// Whether a group has so few outputs that laying out patches costs more than the products, and windows that overlap or nearly do.
pub(crate) fn is_thin(plan: &Convolution) -> bool {
    plan.outputs < 4 && plan.windows()[2].stride <= 4
}

/// The arithmetic of one type of convolution.
pub(crate) trait Arithmetic: Copy {
    /// An element of the image as it is stored.
    type Stored: Copy;
    /// An element, or a weight, to multiply.
    type Factor: Copy;
    /// A sum of products.
    type Sum: Copy;
    /// What stands in the padding.
    const NOTHING: Self::Factor;
    /// No products.
    const EMPTY: Self::Sum;

    /// An element to multiply.
    fn factor(self, stored: Self::Stored) -> Self::Factor;
    /// The sum with one product more.
    fn add(sum: Self::Sum, weight: Self::Factor, x: Self::Factor) -> Self::Sum;
    /// Writes the sums of an output channel.
    fn store(self, channel: usize, sums: &[Self::Sum], results: &mut [[u8; 4]]);
}

/// The planes of whole groups from image and group `first` on.
#[inline(always)]
pub(crate) fn thin_groups<A: Arithmetic>(
    plan: &Convolution,
    arithmetic: A,
    x: &[A::Stored],
    weights: &[A::Factor],
    first: usize,
    output: &mut [u8],
) {
    let [depth, high, wide] = plan.size;
    let [in_z, in_y, in_x] = plan.windows();
    let (in_row, taps) = (in_x.kernel as usize, plan.taps());
    let image = plan.channels * plan.plane();
    let groups = output.len() / (plan.outputs * depth * high * wide * 4);
    let mut rows = output.as_chunks_mut::<4>().0.chunks_exact_mut(wide);
    let mut phases = Phases::new(plan, LANES, A::NOTHING);
    // What a row of windows meets, in the order of the sum: where it begins, and its weight.
    let mut met = Vec::new();
    for group in first..first + groups {
        phases.lay(
            &x[group * image..][..image],
            #[inline(always)]
            move |stored| arithmetic.factor(stored),
        );
        for output_of_group in 0..plan.outputs {
            let channel = group % plan.groups * plan.outputs + output_of_group;
            let weights = &weights[channel * plan.channels * taps..][..plan.channels * taps];
            for row in 0..depth * high {
                let (z, y) = (row / high, row % high);
                let (taps_z, taps_y) = (in_z.taps(z), in_y.taps(y));
                met.clear();
                for input in 0..plan.channels {
                    for tap_z in taps_z.clone() {
                        for tap_y in taps_y.clone() {
                            let place = [in_z.place(z, tap_z), in_y.place(y, tap_y)];
                            let first = input * taps + (tap_z * in_y.kernel as usize + tap_y) * in_row;
                            let weights = weights[first..][..in_row].iter().enumerate();
                            met.extend(weights.map(|(tap, weight)| (phases.start(input, place, tap), *weight)));
                        }
                    }
                }
                let results = rows.next().unwrap_or_default();
                for (block, results) in results.chunks_mut(LANES).enumerate() {
                    let sums = sums::<A>(&met, &phases.values()[block * LANES..]);
                    arithmetic.store(channel, &sums[..results.len()], results);
                }
            }
        }
    }
}

/// The sums of some windows next to each other.
#[inline(always)]
fn sums<A: Arithmetic>(met: &[(usize, A::Factor)], values: &[A::Factor]) -> [A::Sum; LANES] {
    let mut sums = [A::EMPTY; LANES];
    for (start, weight) in met {
        let values = values.get(*start..).and_then(|values| values.first_chunk::<LANES>());
        let Some(values) = values else { continue };
        for lane in 0..LANES {
            sums[lane] = A::add(sums[lane], *weight, values[lane]);
        }
    }
    sums
}
