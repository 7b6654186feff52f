//! Where an operator on values larger than a slot is cut.

use opml_ops::DType;

use super::cut::{Application, Part};
use super::graph::Graph;
use super::operand::Operand;
use super::pieces::Range;

/// Parts at most that one operator is cut into.
const MOST_PARTS: usize = 1 << 12;
/// Sizes of parts are multiples of this where that makes no more of them: kernels work on as many neighbouring outputs at a time.
const EVEN: usize = 64;

/// The output axis that an operator is cut along, and how.
pub(super) struct Plan {
    pub(super) axis: usize,
    pub(super) ranges: Vec<Range>,
    /// Whether no part needs to be cut along another axis again.
    pub(super) suffices: bool,
    /// What it costs besides: 0 nothing, 1 known parts are cut anew, 2 computed ones are.
    pub(super) recut: u8,
}

impl Graph {
    /// How cutting along an output axis would do; `None` when it would not help.
    pub(super) fn plan(
        &self,
        application: &Application,
        inputs: &[&Operand],
        dtype: DType,
        axis: usize,
    ) -> Option<Plan> {
        let grain = application.grain(axis);
        let units = application.output[axis] / grain;
        let whole = Range {
            axis,
            start: 0,
            size: units * grain,
        };
        if units < 2 {
            return None;
        }
        let sizes = |range: Range| -> Option<Vec<u64>> {
            Some(self.sizes(application, inputs, dtype, range, &application.part(range)?))
        };
        let (all, least) = (sizes(whole)?, sizes(Range { size: grain, ..whole })?);
        let limit = self.value_limit;
        if !all.iter().zip(&least).any(|(all, least)| *all > limit && least < all) {
            return None;
        }
        let fits = |size: usize| {
            let given = sizes(Range { size, ..whole }).unwrap_or_default();
            let cut = given.iter().zip(&all).filter(|(given, all)| given < all);
            cut.map(|(given, _)| *given).all(|given| given <= limit)
        };
        let (mut fitting, mut beyond) = (1, units);
        while beyond - fitting > 1 {
            let middle = fitting + (beyond - fitting) / 2;
            *(if fits(middle * grain) {
                &mut fitting
            } else {
                &mut beyond
            }) = middle;
        }
        let most = fitting * grain;
        let given = inputs
            .iter()
            .find_map(|input| self.given_ranges(application, input, axis, most));
        let ranges = match given {
            Some(ranges) => ranges,
            None => even_ranges(axis, units, fitting, grain)?,
        };
        let cut_anew = |(place, input): (usize, &&Operand)| match input {
            Operand::Pieces(pieces) => {
                let moves = ranges.iter().any(|range| {
                    let read = application
                        .part(*range)
                        .and_then(|part| part.inputs.get(place).copied().flatten());
                    read.is_some_and(|read| !pieces.ranges().any(|(range, _)| range == read))
                });
                match (moves, pieces.is_constant()) {
                    (false, _) => 0,
                    (true, true) => 1,
                    (true, false) => 2,
                }
            }
            _ => 0,
        };
        Some(Plan {
            axis,
            suffices: ranges
                .iter()
                .all(|range| sizes(*range).is_some_and(|sizes| sizes.iter().all(|size| *size <= limit))),
            recut: inputs.iter().enumerate().map(cut_anew).max().unwrap_or(0),
            ranges,
        })
    }

    /// Bytes of the output's part and of what it reads; what lies in a slot already counts nothing.
    fn sizes(
        &self,
        application: &Application,
        inputs: &[&Operand],
        dtype: DType,
        range: Range,
        reads: &Part,
    ) -> Vec<u64> {
        let part = |dims: &[usize], dtype: DType, range: Range| {
            bytes_of(dims, dtype) / dims[range.axis] as u64 * range.size as u64
        };
        let input = |(input, read): (&&Operand, &Option<Range>)| match (input, read) {
            (Operand::Value { .. }, _) => 0,
            (input, None) => input.bytes(),
            (input, Some(read)) => part(input.dims(), input.dtype(), *read),
        };
        let output = part(application.output, dtype, range);
        [output]
            .into_iter()
            .chain(inputs.iter().zip(&reads.inputs).map(input))
            .collect()
    }

    /// The ranges in which an input lies already, if the output can be cut in them.
    fn given_ranges(&self, application: &Application, input: &Operand, axis: usize, most: usize) -> Option<Vec<Range>> {
        let Operand::Pieces(pieces) = input else {
            return None;
        };
        let grain = application.grain(axis);
        let ranges: Vec<Range> = pieces.ranges().map(|(range, _)| Range { axis, ..range }).collect();
        let place = application
            .inputs
            .iter()
            .position(|dims| std::ptr::eq(*dims, input.dims()))?;
        let same = |range: &Range| {
            let own = Range {
                axis: pieces.axis,
                ..*range
            };
            let aligned = range.start.is_multiple_of(grain) && range.size.is_multiple_of(grain) && range.size <= most;
            aligned
                && application
                    .part(*range)
                    .is_some_and(|part| part.inputs[place] == Some(own))
        };
        let covers = pieces.dims[pieces.axis] == application.output[axis];
        (covers && ranges.iter().all(same)).then_some(ranges)
    }
}

/// The bytes of a tensor.
pub(super) fn bytes_of(dims: &[usize], dtype: DType) -> u64 {
    dims.iter().product::<usize>() as u64 * u64::from(dtype.bytes())
}

/// `units` times `grain` elements in as few parts of at most `most` units as can be, all of about the same size.
pub(super) fn even_ranges(axis: usize, units: usize, most: usize, grain: usize) -> Option<Vec<Range>> {
    let count = units.div_ceil(most);
    if count > MOST_PARTS {
        return None;
    }
    let each = units.div_ceil(count);
    let even = each.next_multiple_of(EVEN);
    let each = if even <= most { even } else { each } * grain;
    let starts = (0..units * grain).step_by(each);
    let range = |start: usize| Range {
        axis,
        start,
        size: each.min(units * grain - start),
    };
    Some(starts.map(range).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_even_and_cover_the_axis() {
        let sizes = |units, most, grain| {
            let ranges = even_ranges(0, units, most, grain).unwrap();
            ranges.iter().map(|range| range.size).collect::<Vec<_>>()
        };
        assert_eq!(sizes(10, 10, 1), [10]);
        assert_eq!(sizes(10, 9, 1), [5, 5]);
        assert_eq!(sizes(70_001, 65_535, 1), [35_008, 34_993]);
        assert_eq!(sizes(5, 2, 3), [6, 6, 3]);
        assert!(even_ranges(0, MOST_PARTS + 1, 1, 1).is_none());
    }
}
