use opml_ops::{Attend, weigh};

use crate::pool;
use crate::product::{store_row, stored};
use crate::share::worthwhile;
use crate::simd::{Factors, FloatRows, Kernel, TILE_COLUMNS, TILE_ROWS};

/// Rows of values that stay near the processor while lines go over them.
const NEAR: usize = 64;

/// Tiles that go over the same keys at most.
const MOST_TILES: usize = 4;

/// One head of one row of q: its place among all of them, and its output.
type Line<'a> = (usize, &'a mut [u8]);

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn attend(
    plan: &Attend,
    kernel: Kernel,
    [q, keys, values, position]: [&[u8]; 4],
    output: &mut [u8],
    threads: usize,
) {
    let node = Node {
        plan,
        kernel,
        q: q.as_chunks().0,
        keys: keys.as_chunks().0,
        values: values.as_chunks().0,
        position: i32::from_le_bytes(*position.first_chunk().unwrap_or(&[0; 4])),
    };
    let lines = plan.rows * plan.heads;
    let each = node.visible(lines - 1) * (plan.size + plan.value_size);
    // Lines of one group lie side by side: they go over the same keys and values.
    let mut lines: Vec<Line> = output.chunks_exact_mut(4 * plan.value_size).enumerate().collect();
    lines.sort_by_key(|(line, _)| (plan.group(line % plan.heads), *line));
    let threads = worthwhile(threads, (lines.len() * each) as u64);
    let node = &node;
    let group = plan.rows * (plan.heads / plan.groups);
    // Lines that go over the keys and values together: more where there are many.
    let together = TILE_ROWS * (group / (2 * TILE_ROWS)).clamp(1, MOST_TILES);
    let groups = lines.chunks_mut(group);
    let pieces = groups.flat_map(|group| group.chunks_mut(together)).map(|lines| {
        move || {
            kernel.compiled(
                #[inline(always)]
                || node.lines(lines),
            )
        }
    });
    pool::all(pieces.collect(), threads);
}

struct Node<'a> {
    plan: &'a Attend,
    kernel: Kernel,
    q: &'a [[u8; 4]],
    keys: &'a [[u8; 4]],
    values: &'a [[u8; 4]],
    position: i32,
}

impl Node<'_> {
    /// Rows of the cache that a line sees.
    fn visible(&self, line: usize) -> usize {
        self.plan.visible(self.position, line / self.plan.heads)
    }

    /// Some lines of one group, in ascending order.
    #[inline(always)]
    fn lines(&self, lines: &mut [Line]) {
        let Some((last, _)) = lines.last() else {
            return;
        };
        let seen = self.visible(*last);
        let mut scores = vec![[0; 4]; lines.len() * seen];
        self.score(lines, seen, &mut scores);
        for ((line, _), scores) in lines.iter().zip(scores.chunks_exact_mut(seen)) {
            weigh(&mut scores[..self.visible(*line)]);
        }
        self.mix(lines, seen, &scores);
    }

    /// The scores of the first `seen` rows for each line.
    #[inline(always)]
    fn score(&self, lines: &[Line], seen: usize, scores: &mut [[u8; 4]]) {
        let Attend { size, groups, .. } = *self.plan;
        let (stride, width) = (groups * size, self.kernel.tile_columns());
        let own = self.plan.group(lines[0].0 % self.plan.heads) * size;
        let mut q = Vec::with_capacity(lines.len() * size);
        for (line, _) in lines {
            q.extend_from_slice(&self.q[line * size..][..size]);
        }
        let mut columns = vec![[0; 4]; size * width];
        let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        for first in (0..seen).step_by(width) {
            let wide = width.min(seen - first);
            let rows = FloatRows {
                elements: &self.keys[first * stride + own..],
                stride,
                count: wide,
            };
            self.kernel.transpose(rows, &mut columns, width);
            for (q, scores) in q.chunks(TILE_ROWS * size).zip(scores.chunks_mut(TILE_ROWS * seen)) {
                let factors = Factors {
                    a: q.as_flattened(),
                    a_stride: size,
                    b: columns.as_flattened(),
                    b_stride: width,
                    depth: size,
                };
                self.kernel.tile(factors, q.len() / size, wide, &mut sums);
                for (scores, sums) in scores.chunks_exact_mut(seen).zip(&sums) {
                    for (score, sum) in scores[first..first + wide].iter_mut().zip(sums) {
                        *score = stored(sum * self.plan.scale);
                    }
                }
            }
        }
    }

    /// The values that each line sees, by its weights.
    #[inline(always)]
    fn mix(&self, lines: &mut [Line], seen: usize, weights: &[[u8; 4]]) {
        let Attend { value_size, groups, .. } = *self.plan;
        let stride = groups * value_size;
        let own = self.plan.group(lines[0].0 % self.plan.heads) * value_size;
        let mut sums = vec![0.0; lines.len() * value_size];
        for first in (0..seen).step_by(NEAR) {
            for (place, sums) in sums.chunks_exact_mut(value_size).enumerate() {
                let count = NEAR.min(self.visible(lines[place].0).saturating_sub(first));
                let rows = FloatRows {
                    elements: &self.values[first * stride + own..],
                    stride,
                    count,
                };
                let factors = &weights[place * seen + first..][..count];
                self.kernel.add_scaled_rows(factors, rows, sums);
            }
        }
        for ((_, output), sums) in lines.iter_mut().zip(sums.chunks_exact(value_size)) {
            store_row(output.as_chunks_mut().0, sums, None);
        }
    }
}
