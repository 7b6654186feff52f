//! The taps of neighbouring windows, laid out as a matrix: a row for each channel and tap, a column for each window.

use opml_ops::Convolution;

use crate::phases::Phases;

/// Room for the taps of as many windows as a kernel takes at once.
pub(crate) struct Patches<T> {
    values: Vec<T>,
    width: usize,
    padding: T,
}

impl<T: Copy> Patches<T> {
    /// Rows of `width` windows each; `padding` stands where a tap lies outside the image.
    pub(crate) fn new(plan: &Convolution, width: usize, padding: T) -> Patches<T> {
        Patches {
            values: vec![padding; plan.channels * plan.taps() * width],
            width,
            padding,
        }
    }

    /// The rows, `width` values each; beyond the windows that were laid out last they mean nothing.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Lays out `wide` windows from `first` on.
    #[inline(always)]
    pub(crate) fn lay(&mut self, plan: &Convolution, phases: &Phases<T>, first: usize, wide: usize) {
        let [_, high, row] = plan.size;
        let [in_z, in_y, in_x] = plan.windows();
        let (in_row, taps) = (in_x.kernel as usize, plan.taps());
        let taps_of = |line: usize| (in_z.taps(line / high), in_y.taps(line % high));
        let meets_padding = |line: usize| {
            let (along_z, along_y) = taps_of(line);
            along_z.len() * along_y.len() * in_row < taps
        };
        if (first / row..=(first + wide - 1) / row).any(meets_padding) {
            self.values.fill(self.padding);
        }
        let mut done = 0;
        while done < wide {
            // The windows of one row lie side by side.
            let (from, line) = ((first + done) % row, (first + done) / row);
            let count = (row - from).min(wide - done);
            let (along_z, along_y) = taps_of(line);
            for tap_z in along_z {
                for tap_y in along_y.clone() {
                    let place = [in_z.place(line / high, tap_z), in_y.place(line % high, tap_y)];
                    let first = (tap_z * in_y.kernel as usize + tap_y) * in_row;
                    for channel in 0..plan.channels {
                        for tap in 0..in_row {
                            let target = (channel * taps + first + tap) * self.width + done;
                            let values = &phases.values()[phases.start(channel, place, tap) + from..][..count];
                            copy_few(values, &mut self.values[target..][..count]);
                        }
                    }
                }
            }
            done += count;
        }
    }
}

/// Copies a few values; a call for so few would cost more than the copy.
#[inline(always)]
pub(crate) fn copy_few<T: Copy>(from: &[T], to: &mut [T]) {
    let (parts, rest) = from.as_chunks::<8>();
    let (targets, last) = to.as_chunks_mut::<8>();
    targets.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
}
