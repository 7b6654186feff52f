use crate::block_panels::{BLOCK_OUTPUTS, BlockParts, CODE_BYTES, CODE_ROW_BYTES};
use crate::block_row::BlockRow;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_inputs, expect_shape, flag, shape, typed};
use crate::{AdmitError, BlockPanels, DType, MAX_RANK, Record, RunError, Shape};

/// `x [..., M, K] · weights [K, N]`, the weights quantised in blocks along K; x is quantised in the same blocks on the way.
///
/// One accumulator an output, from +0, blocks ascending; inside a block integers, which are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMulBlocks {
    /// Rows of x and of the output, outer dimensions included.
    pub rows: usize,
    /// The weights.
    pub weights: BlockPanels,
    /// What every code is less.
    pub zero: u32,
    output: Shape,
}

impl MatMulBlocks {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<MatMulBlocks, AdmitError> {
        expect_inputs(record, 2)?;
        let x = typed(record, 0, DType::F32)?;
        let rank = AdmitError::InputRank {
            input: 0,
            expected: 2,
            given: x.rank(),
        };
        let (_, [_, depth]) = x.dims().split_last_chunk::<2>().ok_or(rank)?;
        let (outputs, bits, block, zero) = (
            record.attribute(0),
            record.attribute(1),
            record.attribute(2),
            record.attribute(4),
        );
        let refused = |place: usize, name: &'static str, rule: &'static str| AdmitError::Attribute {
            place,
            name,
            value: record.signed_attribute(place),
            rule,
        };
        if outputs == 0 {
            return Err(refused(0, "outputs", "at least 1"));
        }
        if bits != 4 && bits != 8 {
            return Err(refused(1, "code bits", "4 or 8"));
        }
        if block != 16 && block != 32 {
            return Err(refused(2, "block length", "16 or 32"));
        }
        if !depth.is_multiple_of(block) {
            return Err(refused(2, "block length", "a divisor of the depth"));
        }
        let wide = flag(record, 3, "scale type")?;
        if zero > 255 {
            return Err(refused(4, "code zero", "in 0 … 255"));
        }
        let weights = BlockPanels {
            outputs,
            depth: *depth,
            bits,
            block,
            wide,
            minimums: flag(record, 5, "minimums")?,
        };
        expect_shape(record, 1, DType::U8, weights.shape().map_err(|_| AdmitError::Window)?)?;
        let mut dims = [0; MAX_RANK];
        let dims = dims.get_mut(..x.rank()).unwrap_or_default();
        dims.copy_from_slice(x.dims());
        if let Some(last) = dims.last_mut() {
            *last = outputs;
        }
        Ok(MatMulBlocks {
            rows: (x.elements() / depth) as usize,
            weights,
            zero,
            output: shape(dims)?,
        })
    }

    /// Adds a block to the sums of `LANES` outputs from lane `lane` of a panel on.
    #[inline(always)]
    fn add_block<const LANES: usize>(
        &self,
        sums: &mut [f32; LANES],
        parts: BlockParts,
        lane: usize,
        (codes, scale, code_sum): (&[u8], f32, i32),
    ) {
        let products: [i32; LANES] = match self.weights.bits {
            4 => products_of_halves(parts.rows, lane, codes),
            _ => products_of_bytes(parts.rows, lane, codes),
        };
        let less = (self.zero as i32).wrapping_mul(code_sum);
        let minimum_factor = scale * code_sum as f32;
        for (place, (sum, product)) in sums.iter_mut().zip(products).enumerate() {
            let factor = scale * self.weights.scale(parts.scales, lane + place);
            *sum += factor * product.wrapping_sub(less) as f32;
            if self.weights.minimums {
                *sum += minimum_factor * self.weights.scale(parts.minimums, lane + place);
            }
        }
    }

    /// The sums of `LANES` outputs from lane `lane` of a panel on.
    #[inline(always)]
    fn dot<const LANES: usize>(&self, panel: &[u8], lane: usize, row: &BlockRow) -> [f32; LANES] {
        let mut sums = [0.0; LANES];
        let blocks = panel.chunks_exact(self.weights.block_bytes());
        for (block, numbers) in blocks.zip(row.blocks(self.weights.block as usize)) {
            self.add_block(&mut sums, self.weights.parts(block), lane, numbers);
        }
        sums
    }
}

/// Outputs that share one pass over a row.
const LANES: usize = 8;

/// The four bytes of codes that each of `LANES` outputs from lane `lane` on has in a row.
#[inline(always)]
fn lanes<const LANES: usize>(row: &[u8; CODE_ROW_BYTES], lane: usize) -> &[[u8; CODE_BYTES]; LANES] {
    let lanes = row.as_chunks::<CODE_BYTES>().0;
    let lanes = lanes.get(lane..).and_then(|lanes| lanes.first_chunk::<LANES>());
    lanes.unwrap_or(&[[0; CODE_BYTES]; LANES])
}

/// Σ_k code·a of a block, codes of 8 bits.
#[inline(always)]
fn products_of_bytes<const LANES: usize>(rows: &[[u8; CODE_ROW_BYTES]], lane: usize, a: &[u8]) -> [i32; LANES] {
    let mut sums = [0i32; LANES];
    for (a, row) in a.as_chunks::<CODE_BYTES>().0.iter().zip(rows) {
        let a = a.map(|a| i32::from(a as i8));
        for (sum, codes) in sums.iter_mut().zip(lanes::<LANES>(row, lane)) {
            for (a, code) in a.iter().zip(codes) {
                *sum = sum.wrapping_add(a.wrapping_mul(i32::from(*code)));
            }
        }
    }
    sums
}

/// Σ_k code·a of a block, codes of 4 bits.
#[inline(always)]
fn products_of_halves<const LANES: usize>(rows: &[[u8; CODE_ROW_BYTES]], lane: usize, a: &[u8]) -> [i32; LANES] {
    let mut sums = [0i32; LANES];
    for (a, row) in a.as_chunks::<{ 2 * CODE_BYTES }>().0.iter().zip(rows) {
        let a = a.map(|a| i32::from(a as i8));
        let (low, high) = a.split_at(CODE_BYTES);
        for (sum, codes) in sums.iter_mut().zip(lanes::<LANES>(row, lane)) {
            for ((low, high), code) in low.iter().zip(high).zip(codes) {
                *sum = sum
                    .wrapping_add(low.wrapping_mul(i32::from(*code & 0xf)))
                    .wrapping_add(high.wrapping_mul(i32::from(*code >> 4)));
            }
        }
    }
    sums
}

impl Kernel for MatMulBlocks {
    const ATTRIBUTES: usize = 6;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        MatMulBlocks::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    /// A row, quantised.
    fn scratch_bytes(&self) -> u64 {
        BlockRow::bytes(self.weights.depth as usize, self.weights.block as usize) as u64
    }

    fn work_units(&self) -> u64 {
        let (depth, blocks) = (u64::from(self.weights.depth), self.weights.blocks() as u64);
        let each = 64 + 4 * depth + 96 * blocks;
        BASE_UNITS + u64::from(self.output.elements()) * each + self.rows as u64 * (96 * depth + 128 * blocks)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, weights] = inputs else {
            return Ok(());
        };
        let (depth, block) = (self.weights.depth as usize, self.weights.block as usize);
        let Some(mut row) = BlockRow::new(scratch, depth, block) else {
            return Ok(());
        };
        let outputs = self.weights.outputs as usize;
        let panel_bytes = self.weights.panel_bytes();
        let mut from = start / 4 % outputs;
        let mut rows = x.as_chunks().0.chunks_exact(depth).skip(start / 4 / outputs);
        let mut rest = output.as_chunks_mut::<4>().0;
        while let Some(x) = rows.next().filter(|_| !rest.is_empty()) {
            row.fill(x, block);
            let count = if outputs - from < rest.len() {
                outputs - from
            } else {
                rest.len()
            };
            let (mut results, after) = rest.split_at_mut(count);
            while !results.is_empty() {
                let (panel, lane) = (from / BLOCK_OUTPUTS, from % BLOCK_OUTPUTS);
                let panel = weights
                    .get(panel * panel_bytes..)
                    .and_then(|rest| rest.get(..panel_bytes));
                let panel = panel.unwrap_or(&[]);
                let wide = results.len() >= LANES && lane + LANES <= BLOCK_OUTPUTS;
                let done = if wide { LANES } else { 1 };
                let (now, later) = results.split_at_mut(done);
                if wide {
                    let sums = self.dot::<LANES>(panel, lane, &row);
                    now.iter_mut()
                        .zip(sums)
                        .for_each(|(result, sum)| *result = F32::write(sum));
                } else {
                    let sums = self.dot::<1>(panel, lane, &row);
                    now.iter_mut()
                        .zip(sums)
                        .for_each(|(result, sum)| *result = F32::write(sum));
                }
                results = later;
                from += done;
            }
            from = 0;
            rest = after;
        }
        Ok(())
    }
}
