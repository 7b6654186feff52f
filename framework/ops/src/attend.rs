use crate::float::{LaneSum, exp};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::matmul_f32::dot;
use crate::scalar::{F32, Scalar};
use crate::signature::{dims, expect_inputs, expect_shape, shape};
use crate::words::word;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Attention of the rows of q over the rows of a cache that each of them sees: softmax(q · keys · scale) · values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attend {
    /// Rows of q and of the output.
    pub rows: usize,
    /// Heads of q and of the output.
    pub heads: usize,
    /// Heads of keys and values: each is read by `heads / groups` heads of q.
    pub groups: usize,
    /// Rows of keys and values.
    pub cached: usize,
    /// Elements of a head of q and of a key.
    pub size: usize,
    /// Elements of a value.
    pub value_size: usize,
    /// What every score is multiplied by.
    pub scale: f32,
    output: Shape,
}

/// Outputs that share one pass over the values.
const LANES: usize = 8;

impl Attend {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<Attend, AdmitError> {
        expect_inputs(record, 4)?;
        let [rows, heads, size] = dims(record, 0, DType::F32)?;
        let [cached, groups, _] = dims(record, 1, DType::F32)?;
        let groups = if heads.is_multiple_of(groups) { groups } else { heads };
        expect_shape(record, 1, DType::F32, shape(&[cached, groups, size])?)?;
        let [_, _, value_size] = dims(record, 2, DType::F32)?;
        expect_shape(record, 2, DType::F32, shape(&[cached, groups, value_size])?)?;
        expect_shape(record, 3, DType::I32, shape(&[1])?)?;
        Ok(Attend {
            rows: rows as usize,
            heads: heads as usize,
            groups: groups as usize,
            cached: cached as usize,
            size: size as usize,
            value_size: value_size as usize,
            scale: f32::from_bits(record.attribute(0)),
            output: shape(&[rows, heads, value_size])?,
        })
    }

    /// Rows of the cache that row `row` of q sees, the first ones: at least one.
    #[inline]
    pub fn visible(&self, position: i32, row: usize) -> usize {
        let position = if position < 0 { 0 } else { position as usize };
        let last = position.saturating_add(row);
        if last < self.cached { last + 1 } else { self.cached }
    }

    /// The head of keys and values that head `head` of q reads.
    #[inline]
    pub fn group(&self, head: usize) -> usize {
        head / (self.heads / self.groups)
    }
}

/// The weights of scores: e^(score − m) / Σ₁₆ e^(score − m), m the greatest score that is a number. Inlined, so that a native kernel
/// compiles it for wider registers.
#[inline(always)]
pub fn weigh(scores: &mut [[u8; 4]]) {
    let mut greatest = f32::NEG_INFINITY;
    for score in scores.iter() {
        let score = F32::read(*score);
        greatest = if score > greatest { score } else { greatest };
    }
    for score in scores.iter_mut() {
        *score = F32::write(exp(F32::read(*score) - greatest));
    }
    let mut sum = LaneSum::new();
    sum.extend(
        scores,
        #[inline(always)]
        |x| x,
    );
    let sum = sum.total();
    for score in scores.iter_mut() {
        *score = F32::write(F32::read(*score) / sum);
    }
}

impl Kernel for Attend {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        Attend::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    /// The scores of one head.
    fn scratch_bytes(&self) -> u64 {
        4 * self.cached as u64
    }

    fn work_units(&self) -> u64 {
        let each = 32 * (self.size as u64 + self.value_size as u64) + 512;
        BASE_UNITS + (self.rows * self.heads) as u64 * (2048 + 64 * self.value_size as u64 + self.cached as u64 * each)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let &[q, keys, values, position] = inputs else {
            return Ok(());
        };
        let [q, keys, values] = [q, keys, values].map(|bytes| bytes.as_chunks::<4>().0);
        let position = word(position, 0);
        let mut from = start / 4;
        let mut rest = output.as_chunks_mut::<4>().0;
        while !rest.is_empty() {
            let (line, first) = (from / self.value_size, from % self.value_size);
            let left = self.value_size - first;
            let (results, after) = rest.split_at_mut(if left < rest.len() { left } else { rest.len() });
            from += results.len();
            rest = after;

            let group = self.group(line % self.heads);
            let visible = self.visible(position, line / self.heads);
            let scores = scratch.as_chunks_mut::<4>().0.get_mut(..visible).unwrap_or_default();
            let q = q
                .get(line * self.size..)
                .and_then(|q| q.get(..self.size))
                .unwrap_or(&[]);
            let mut key = group * self.size;
            for score in scores.iter_mut() {
                let [sum] = dot::<1>(q, keys, 1, key);
                *score = F32::write(sum * self.scale);
                key += self.groups * self.size;
            }
            weigh(scores);
            let (width, own) = (self.groups * self.value_size, group * self.value_size + first);
            let (wide, narrow) = results.as_chunks_mut::<LANES>();
            let mut column = own;
            for results in wide {
                *results = dot::<LANES>(scores, values, width, column).map(F32::write);
                column += LANES;
            }
            for result in narrow {
                let [sum] = dot::<1>(scores, values, width, column);
                *result = F32::write(sum);
                column += 1;
            }
        }
        Ok(())
    }
}
