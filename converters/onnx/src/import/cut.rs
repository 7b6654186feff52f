//! How operators are computed in parts: which ranges of the inputs a range of the output depends on.
//!
//! Only output axes are cut. No rule cuts what is summed or compared along, so each element of a part is computed by the same operations in
//! the same order as in the whole.

use opml_ops::Operator;

use super::pieces::Range;

/// Words of a view before its axes, and of each axis.
const VIEW_HEAD: usize = 3;
const VIEW_AXIS: usize = 4;

/// An operator over inputs of these dimensions.
pub(super) struct Application<'a> {
    pub(super) operator: Operator,
    pub(super) inputs: Vec<&'a [usize]>,
    pub(super) output: &'a [usize],
    pub(super) attributes: &'a [u32],
    /// Whether a view reads a part of its input or goes on reading all of it.
    pub(super) narrows: bool,
}

/// What one part of an output is computed from.
pub(super) struct Part {
    /// What is read of each input; `None`: all of it.
    pub(super) inputs: Vec<Option<Range>>,
    pub(super) attributes: Vec<u32>,
}

impl Application<'_> {
    /// What the part of the output that has this range is computed from; `None` when it depends on more than ranges.
    /// Start and size are multiples of [`grain`](Self::grain).
    pub(super) fn part(&self, range: Range) -> Option<Part> {
        match self.operator {
            Operator::View => return self.view(range),
            Operator::ConvF32 | Operator::ConvInteger if range.axis == 1 => return self.channels(range),
            _ => {}
        }
        let axes = self.axes(range.axis)?;
        let of = |axis: &Option<usize>| axis.map(|axis| Range { axis, ..range });
        Some(Part {
            inputs: axes.iter().map(of).collect(),
            attributes: self.attributes.to_vec(),
        })
    }

    /// What sizes of parts along an output axis are multiples of.
    pub(super) fn grain(&self, axis: usize) -> usize {
        match self.operator {
            Operator::ConvF32 | Operator::ConvInteger if axis == 1 => match self.word(0) {
                groups @ 2.. => self.output[1] / groups,
                _ => 1,
            },
            _ => 1,
        }
    }

    /// An attribute word.
    pub(super) fn word(&self, place: usize) -> usize {
        self.attributes.get(place).map_or(0, |word| *word as usize)
    }

    fn rank(&self, input: usize) -> usize {
        self.inputs.get(input).map_or(0, |dims| dims.len())
    }

    /// The axis of each input that is cut as the output's axis is.
    fn axes(&self, axis: usize) -> Option<Vec<Option<usize>>> {
        let mut axes = vec![None; self.inputs.len()];
        let first = |mut axes: Vec<Option<usize>>| {
            *axes.first_mut()? = Some(axis);
            Some(axes)
        };
        match self.operator {
            Operator::Unary | Operator::Cast | Operator::Lookup => first(axes),
            Operator::Binary | Operator::Select | Operator::QuantizeLinear | Operator::DequantizeLinear => {
                Some((0..axes.len()).map(|input| self.stretched(input, axis)).collect())
            }
            Operator::Concat => (axis != self.word(0)).then(|| vec![Some(axis); axes.len()]),
            Operator::Gather => {
                let (along, index) = (self.word(0), self.rank(1));
                match axis {
                    _ if axis < along => axes[0] = Some(axis),
                    _ if axis < along + index => axes[1] = Some(axis - along),
                    _ => axes[0] = Some(axis + 1 - index),
                }
                Some(axes)
            }
            Operator::GatherElements => (axis != self.word(0)).then(|| vec![Some(axis); 2]),
            Operator::GatherNd => {
                let (batch, outer) = (self.word(0), self.rank(1) - 1);
                let tuple = *self.inputs[1].last()?;
                match axis {
                    _ if axis < batch => axes.fill(Some(axis)),
                    _ if axis < outer => axes[1] = Some(axis),
                    _ => axes[0] = Some(axis - outer + batch + tuple),
                }
                Some(axes)
            }
            Operator::ScatterElements => {
                let alike = self.inputs.iter().all(|dims| dims.get(axis) == self.output.get(axis));
                (axis != self.word(0) && alike).then(|| vec![Some(axis); 3])
            }
            Operator::ScatterNd => {
                let behind = axis.checked_sub(*self.inputs[1].last()?)?;
                Some(vec![Some(axis), None, Some(self.rank(1) - 1 + behind)])
            }
            Operator::ArgExtreme | Operator::TopK | Operator::Cumulate | Operator::Softmax | Operator::Interpolate => {
                if axis == self.word(0) {
                    None
                } else {
                    first(axes)
                }
            }
            Operator::Normalize => {
                if axis < self.word(0) {
                    first(axes)
                } else {
                    None
                }
            }
            Operator::Reduce => {
                if self.word(1) >> axis & 1 == 0 {
                    first(axes)
                } else {
                    None
                }
            }
            Operator::MatMulF32 | Operator::MatMulInteger => Some(self.product(axis)),
            Operator::ConvF32 | Operator::ConvInteger if axis == 0 => first(axes),
            Operator::ConvTransposeF32 => {
                match (axis, self.word(0)) {
                    (0, _) => axes[0] = Some(0),
                    (1, 1) => {
                        axes[1] = Some(1);
                        axes.iter_mut().skip(2).for_each(|bias| *bias = Some(0));
                    }
                    _ => return None,
                }
                Some(axes)
            }
            Operator::Pool if axis < 2 => first(axes),
            _ => None,
        }
    }

    /// The axis of an input that is stretched to the output, unless it is repeated along it.
    fn stretched(&self, input: usize, axis: usize) -> Option<usize> {
        let own = (axis + self.rank(input)).checked_sub(self.output.len())?;
        (self.inputs[input][own] == self.output[axis]).then_some(own)
    }

    /// Rows of a, columns of b, and the outer axes of both; the axis of the sum is none of the output's.
    fn product(&self, axis: usize) -> Vec<Option<usize>> {
        let mut axes = vec![None; self.inputs.len()];
        let each = |input: usize| (self.inputs.get(input)?.iter().product::<usize>() > 1).then_some(0);
        match self.output.len() - 1 - axis {
            0 => {
                axes[1] = Some(self.rank(1) - 1);
                axes.iter_mut().skip(3).for_each(|zero_point| *zero_point = each(3));
            }
            1 => {
                axes[0] = Some(self.rank(0) - 2);
                axes.iter_mut()
                    .skip(2)
                    .take(1)
                    .for_each(|zero_point| *zero_point = each(2));
            }
            _ => axes
                .iter_mut()
                .take(2)
                .enumerate()
                .for_each(|(input, own)| *own = self.stretched(input, axis)),
        }
        axes
    }

    /// Output channels of a convolution: as many filters, and the input channels of their groups.
    fn channels(&self, range: Range) -> Option<Part> {
        let mut attributes = self.attributes.to_vec();
        let filters = Range { axis: 0, ..range };
        let mut inputs = vec![None, Some(filters)];
        let groups = self.word(0);
        if groups > 1 {
            let (each, channels) = (self.output[1] / groups, self.inputs[1][1]);
            let (start, count) = (range.start / each, range.size / each);
            inputs[0] = Some(Range {
                axis: 1,
                start: start * channels,
                size: count * channels,
            });
            *attributes.first_mut()? = count as u32;
        }
        for (place, dims) in self.inputs.iter().enumerate().skip(2) {
            // A bias, or the zero point of the weights; the input's zero point is one number.
            let each = self.operator == Operator::ConvF32 || place == 3 && dims.iter().product::<usize>() > 1;
            inputs.push(each.then_some(filters));
        }
        Some(Part { inputs, attributes })
    }

    fn view(&self, range: Range) -> Option<Part> {
        let mut attributes = self.attributes.to_vec();
        let words = attributes.get_mut(VIEW_HEAD + VIEW_AXIS * range.axis..)?;
        let (source, start, step) = (*words.get(1)?, *words.get(2)? as i32, *words.get(3)? as i32);
        words[0] = range.size as u32;
        let Some(source) = (source as usize).checked_sub(1) else {
            return Some(Part {
                inputs: vec![None],
                attributes,
            });
        };
        let first = i64::from(start) + i64::from(step) * range.start as i64;
        let read = self.narrows.then(|| {
            let last = first + i64::from(step) * (range.size as i64 - 1);
            reads(source, self.inputs[0][source], first, last)
        });
        let start = first - read.map_or(0, |read| read.start as i64);
        words[2] = i32::try_from(start).ok()? as u32;
        Some(Part {
            inputs: vec![read],
            attributes,
        })
    }

    /// What a view reads of each axis of its input.
    pub(super) fn view_reads(&self) -> Vec<Range> {
        let mut ranges: Vec<Range> = (0..self.rank(0))
            .map(|axis| reads(axis, self.inputs[0][axis], 0, 0))
            .collect();
        for words in self.attributes[VIEW_HEAD..]
            .as_chunks::<VIEW_AXIS>()
            .0
            .iter()
            .take(self.output.len())
        {
            if let Some(source) = (words[1] as usize).checked_sub(1) {
                let (first, step) = (i64::from(words[2] as i32), i64::from(words[3] as i32));
                let last = first + step * (i64::from(words[0]) - 1);
                ranges[source] = reads(source, self.inputs[0][source], first, last);
            }
        }
        ranges
    }

    /// A view's attributes when its input is these ranges of what it was, and whether it then gives its input as it is.
    pub(super) fn view_of(&self, ranges: &[Range]) -> (Vec<u32>, bool) {
        let mut attributes = self.attributes.to_vec();
        let mut same = self.output.len() == ranges.len();
        let axes = attributes[VIEW_HEAD..].as_chunks_mut::<VIEW_AXIS>().0;
        for (axis, words) in axes.iter_mut().take(self.output.len()).enumerate() {
            match (words[1] as usize).checked_sub(1).and_then(|source| ranges.get(source)) {
                Some(range) => {
                    words[2] = (words[2] as i32).wrapping_sub(range.start as i32) as u32;
                    same &= range.axis == axis && words[0] as usize == range.size && words[2] == 0 && words[3] == 1;
                }
                None => same = false,
            }
        }
        (attributes, same)
    }
}

/// What lies inside an axis of what is read from `first` to `last`; an element at the border where nothing does, so that all stays outside.
fn reads(axis: usize, length: usize, first: i64, last: i64) -> Range {
    let inside = |place: i64| place.clamp(0, length as i64 - 1) as usize;
    let (low, high) = (inside(first.min(last)), inside(first.max(last)));
    Range {
        axis,
        start: low,
        size: high - low + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a product's and an embedding's parts read.
    #[test]
    fn only_output_axes_are_cut() {
        let reads = |operator, inputs: [&[usize]; 2], output: &[usize]| {
            let application = Application {
                operator,
                inputs: inputs.to_vec(),
                output,
                attributes: &[0],
                narrows: true,
            };
            let axes = (0..output.len()).map(|axis| application.axes(axis).unwrap());
            axes.collect::<Vec<_>>()
        };
        let product = reads(Operator::MatMulF32, [&[5, 2, 3], &[1, 3, 4]], &[5, 2, 4]);
        assert_eq!(product, [vec![Some(0), None], vec![Some(1), None], vec![None, Some(2)]]);
        let rows = reads(Operator::Gather, [&[9, 8], &[2]], &[2, 8]);
        assert_eq!(rows, [vec![None, Some(0)], vec![Some(1), None]]);
    }
}
