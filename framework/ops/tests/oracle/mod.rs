//! Every operator written straight from its formula in `specs/operators.md`, one output element at a time.
#![allow(dead_code)]

mod arithmetic;
mod blocks;
mod fixed;
mod fixed_functions;
mod fixed_series;
mod movement;
mod tensor;
mod windows;

use opml_ops::{Operator, Record};

fn word(bytes: &[u8], place: usize) -> i32 {
    i32::from_le_bytes(bytes[4 * place..4 * place + 4].try_into().unwrap())
}

pub(crate) fn requantize(acc: i32, multiplier: i32, shift: i32) -> i32 {
    let shift = shift as u32 % 64;
    let product = acc as i64 * multiplier as i64;
    let rounded = match shift {
        0 => product,
        _ => product.wrapping_add(1 << (shift - 1)) >> shift,
    };
    rounded.clamp(i32::MIN as i64, i32::MAX as i64) as i32
}

fn bounded(value: i64, minimum: i32, maximum: i32) -> u8 {
    value.clamp(minimum as i64, maximum as i64) as u8
}

/// Saturated at 32 bits after each addition, then bounded.
fn finish(requantized: i32, zero_point: i32, minimum: i32, maximum: i32) -> u8 {
    bounded(i64::from(requantized.saturating_add(zero_point)), minimum, maximum)
}

fn dims(record: &Record, input: usize) -> Vec<usize> {
    let shape = record.input(input).unwrap().shape;
    shape.dims().iter().map(|dim| *dim as usize).collect()
}

/// w(k, n of group g) by the layout [groups · ceil(Ng/64)] [ceil(K/4)] [64] [4].
fn weight(panels: &[u8], per_group: usize, depth: usize, group: usize, n: usize, k: usize) -> i64 {
    let panel = group * per_group.div_ceil(64) + n / 64;
    let place = ((panel * depth.div_ceil(4) + k / 4) * 64 + n % 64) * 4 + k % 4;
    panels[place] as i8 as i64
}

/// The output of any operator but whole graphs: dimensions and bytes.
pub(crate) fn output(record: &Record, inputs: &[Vec<u8>]) -> (Vec<usize>, Vec<u8>) {
    let a = |place: usize| record.signed_attribute(place);
    match Operator::from_tag(record.tag()).unwrap() {
        Operator::MatMulI8 => {
            let (rows, depth) = (dims(record, 0)[0], dims(record, 0)[1]);
            let outputs = dims(record, 2)[0];
            let mut bytes = Vec::new();
            for m in 0..rows {
                for n in 0..outputs {
                    let mut acc = word(&inputs[2], n) as i64;
                    for k in 0..depth {
                        let x = inputs[0][m * depth + k] as i8 as i64;
                        acc += x * weight(&inputs[1], outputs, depth, 0, n, k);
                    }
                    let value = requantize(acc as i32, word(&inputs[3], n), word(&inputs[4], n));
                    bytes.push(finish(value, a(0), a(1), a(2)));
                }
            }
            (vec![rows, outputs], bytes)
        }
        Operator::Conv2dI8 => conv2d(record, inputs),
        Operator::MaxPool2dI8 => max_pool(record, inputs),
        Operator::ClampI8 => {
            let bytes = inputs[0].iter().map(|x| bounded(*x as i8 as i64, a(0), a(1)));
            (dims(record, 0), bytes.collect())
        }
        Operator::AddI8 => {
            let pairs = inputs[0].iter().zip(&inputs[1]);
            let bytes = pairs.map(|(left, right)| {
                let left = requantize(*left as i8 as i32 - a(0), a(2), a(3));
                let right = requantize(*right as i8 as i32 - a(1), a(4), a(5));
                finish(left.saturating_add(right), a(6), a(7), a(8))
            });
            (dims(record, 0), bytes.collect())
        }
        Operator::QuantizeU8 => {
            let bytes = inputs[0].iter().map(|x| (*x as i32 - 128) as u8);
            (dims(record, 0), bytes.collect())
        }
        Operator::Alias => {
            let shape = record.output().unwrap().shape;
            let dims = shape.dims().iter().map(|dim| *dim as usize);
            (dims.collect(), inputs[0].clone())
        }
        Operator::AddI32 => {
            let sum = |place| word(&inputs[0], place).wrapping_add(word(&inputs[1], place));
            let count = dims(record, 0).iter().product();
            (
                dims(record, 0),
                (0..count).flat_map(|place| sum(place).to_le_bytes()).collect(),
            )
        }
        Operator::MatMulI8I32 => {
            let ([rows, depth], outputs) = (dims(record, 0)[..].try_into().unwrap(), dims(record, 1)[1]);
            let mut bytes = Vec::new();
            for m in 0..rows {
                for n in 0..outputs {
                    let mut acc = word(&inputs[2], m * outputs + n) as i64;
                    for k in 0..depth {
                        acc += inputs[0][m * depth + k] as i8 as i64 * inputs[1][k * outputs + n] as i8 as i64;
                    }
                    bytes.extend((acc as i32).to_le_bytes());
                }
            }
            (vec![rows, outputs], bytes)
        }
        Operator::SelectRows => {
            let (source, taken) = (dims(record, 0), a(0) as usize);
            let rows: Vec<&[u8]> = inputs[0].chunks(inputs[0].len() / source[0]).collect();
            let first = (word(&inputs[1], 0) as i64).clamp(0, (source[0] - taken) as i64) as usize;
            ([&[taken], &source[1..]].concat(), rows[first..first + taken].concat())
        }
        Operator::UpdateRows => {
            let (target, written) = (dims(record, 0), dims(record, 2)[0]);
            let mut rows: Vec<&[u8]> = inputs[0].chunks(inputs[0].len() / target[0]).collect();
            let first = (word(&inputs[1], 0) as i64).clamp(0, (target[0] - written) as i64) as usize;
            for (row, anew) in inputs[2].chunks(inputs[2].len() / written).enumerate() {
                rows[first + row] = anew;
            }
            (target, rows.concat())
        }
        Operator::WholeGraph => panic!("whole graphs are tested node by node"),
        operator => {
            let families = [
                movement::output,
                arithmetic::output,
                windows::output,
                fixed::output,
                blocks::output,
            ];
            let found = families.iter().find_map(|family| family(operator, record, inputs));
            found
                .unwrap_or_else(|| panic!("{} has no formula", operator.name()))
                .output()
        }
    }
}

fn output_size(size: usize, before: i32, after: i32, dilation: i32, kernel: i32, stride: i32) -> usize {
    ((size as i32 + before + after - dilation * (kernel - 1) - 1) / stride + 1) as usize
}

/// The image's value at a padded place, or nothing for padding.
fn tap(plane: &[u8], height: usize, width: usize, y: i32, x: i32) -> Option<i8> {
    let inside = (0..height as i32).contains(&y) && (0..width as i32).contains(&x);
    inside.then(|| plane[y as usize * width + x as usize] as i8)
}

fn conv2d(record: &Record, inputs: &[Vec<u8>]) -> (Vec<usize>, Vec<u8>) {
    let a = |place: usize| record.signed_attribute(place);
    let [batch, channels, height, width] = dims(record, 0)[..].try_into().unwrap();
    let (outputs, groups) = (dims(record, 2)[0], a(14) as usize);
    let high = output_size(height, a(8), a(10), a(12), a(4), a(6));
    let wide = output_size(width, a(9), a(11), a(13), a(5), a(7));
    let (per_group, group_channels) = (outputs / groups, channels / groups);
    let depth = group_channels * (a(4) * a(5)) as usize;
    let mut bytes = Vec::new();
    for b in 0..batch {
        for o in 0..outputs {
            for y in 0..high as i32 {
                for x in 0..wide as i32 {
                    let mut acc = word(&inputs[2], o) as i64;
                    let mut k = 0;
                    let group = o / per_group;
                    for c in 0..group_channels {
                        let channel = b * channels + group * group_channels + c;
                        let plane = &inputs[0][channel * height * width..][..height * width];
                        for i in 0..a(4) {
                            for j in 0..a(5) {
                                let (row, column) = (y * a(6) + i * a(12) - a(8), x * a(7) + j * a(13) - a(9));
                                if let Some(value) = tap(plane, height, width, row, column) {
                                    let w = weight(&inputs[1], per_group, depth, group, o % per_group, k);
                                    acc += (value as i64 - a(3) as i64) * w;
                                }
                                k += 1;
                            }
                        }
                    }
                    let value = requantize(acc as i32, word(&inputs[3], o), word(&inputs[4], o));
                    bytes.push(finish(value, a(0), a(1), a(2)));
                }
            }
        }
    }
    (vec![batch, outputs, high, wide], bytes)
}

fn max_pool(record: &Record, inputs: &[Vec<u8>]) -> (Vec<usize>, Vec<u8>) {
    let a = |place: usize| record.signed_attribute(place);
    let [batch, channels, height, width] = dims(record, 0)[..].try_into().unwrap();
    let high = output_size(height, a(4), a(6), 1, a(0), a(2));
    let wide = output_size(width, a(5), a(7), 1, a(1), a(3));
    let mut bytes = Vec::new();
    for plane in inputs[0].chunks(height * width) {
        for y in 0..high as i32 {
            for x in 0..wide as i32 {
                let taps = (0..a(0)).flat_map(|i| (0..a(1)).map(move |j| (i, j)));
                let values =
                    taps.filter_map(|(i, j)| tap(plane, height, width, y * a(2) + i - a(4), x * a(3) + j - a(5)));
                bytes.push(values.max().unwrap_or(-128) as u8);
            }
        }
    }
    (vec![batch, channels, high, wide], bytes)
}
