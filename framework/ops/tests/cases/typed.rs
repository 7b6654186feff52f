//! Nodes of the operators that take many types, and of those in f32.

use opml_ops::{
    ActivationFunction, BinaryFunction, DType, Operator, PoolFunction, ReduceFunction, ScatterFunction, UnaryFunction,
};

use super::{Case, Random};

type Input = (DType, Vec<u32>, Vec<u8>);

const ANY: [DType; 7] = [
    DType::F32,
    DType::I32,
    DType::I8,
    DType::U8,
    DType::I16,
    DType::I64,
    DType::Bool,
];
const INTEGERS: [DType; 5] = [DType::I32, DType::I8, DType::U8, DType::I16, DType::I64];

/// A number of everyday size, or one that is special.
pub(crate) fn float(random: &mut Random) -> f32 {
    const SPECIAL: [f32; 10] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-42,
    ];
    match random.below(24) {
        0 => SPECIAL[random.below(10) as usize],
        1 => f32::from_bits(random.next() as u32),
        2 => random.below(9) as f32 - 4.0,
        _ => (random.next() as i32 as f32) * (1.0 / (1u32 << 29) as f32),
    }
}

/// A tensor of random elements.
pub(crate) fn tensor(random: &mut Random, dtype: DType, dims: &[u32]) -> Input {
    let count = dims.iter().product::<u32>() as usize;
    let bytes = match dtype {
        DType::F32 => (0..count).flat_map(|_| float(random).to_le_bytes()).collect(),
        DType::Bool => (0..count).map(|_| random.below(2) as u8).collect(),
        dtype => random.bytes(count * dtype.bytes() as usize),
    };
    (dtype, dims.to_vec(), bytes)
}

/// Small dimensions of a rank.
pub(super) fn dims(random: &mut Random, rank: usize, most: u64) -> Vec<u32> {
    (0..rank).map(|_| 1 + random.below(most) as u32).collect()
}

pub(super) fn rank(random: &mut Random, most: u64) -> usize {
    1 + random.below(most) as usize
}

pub(super) fn pick<T: Copy>(random: &mut Random, from: &[T]) -> T {
    from[random.below(from.len() as u64) as usize]
}

/// Indices into an axis of this size, some of them from the end, a few outside.
fn indices(random: &mut Random, dims: &[u32], size: u32) -> Input {
    let wide = random.below(2) == 0;
    let count = dims.iter().product::<u32>();
    let mut bytes = Vec::new();
    for _ in 0..count {
        let index = match random.below(12) {
            0 => pick(random, &[i64::MIN, i64::MAX, i64::from(size), -1 - i64::from(size)]),
            _ => random.below(2 * u64::from(size)) as i64 - i64::from(size),
        };
        match wide {
            true => bytes.extend(index.to_le_bytes()),
            false => bytes.extend((index as i32).to_le_bytes()),
        }
    }
    (if wide { DType::I64 } else { DType::I32 }, dims.to_vec(), bytes)
}

/// Shapes that are stretched to one another.
fn stretched(random: &mut Random, operands: usize) -> Vec<Vec<u32>> {
    let rank = rank(random, 4);
    let joint = dims(random, rank, 6);
    (0..operands)
        .map(|operand| {
            let skipped = if operand == 0 {
                0
            } else {
                random.below(rank as u64) as usize
            };
            let own = joint[skipped..].iter();
            own.map(|dim| if random.below(4) == 0 { 1 } else { *dim }).collect()
        })
        .collect()
}

fn movement(random: &mut Random, operator: Operator) -> Case {
    let dtype = pick(random, &ANY);
    let rank = rank(random, 4);
    let shape = dims(random, rank, 5);
    let axis = random.below(rank as u64) as usize;
    let case = |inputs: Vec<Input>, attributes: &[i32]| Case::new(operator as u32, inputs, attributes);
    match operator {
        Operator::View => {
            let mut free: Vec<usize> = (0..rank).collect();
            let out_rank = random.below(5) as usize;
            let fill = random.next();
            let mut words = vec![out_rank as i32, fill as u32 as i32, (fill >> 32) as i32];
            match dtype.bytes() {
                8 => {}
                bytes => {
                    let kept = fill & ((1 << (8 * bytes)) - 1);
                    words[1..3].copy_from_slice(&[kept as u32 as i32, (kept >> 32) as i32]);
                }
            }
            for _ in 0..out_rank {
                let dim = 1 + random.below(6) as i32;
                match free.is_empty() || random.below(5) == 0 {
                    true => words.extend([dim, 0, 0, 0]),
                    false => {
                        let source = free.remove(random.below(free.len() as u64) as usize);
                        let start = random.below(8) as i32 - 2;
                        let step = pick(random, &[1, 1, 1, 2, -1, -2, 0]);
                        words.extend([dim, source as i32 + 1, start, step]);
                    }
                }
            }
            case(vec![tensor(random, dtype, &shape)], &words)
        }
        Operator::Concat => {
            let parts = 1 + random.below(4);
            let inputs = (0..parts).map(|_| {
                let mut own = shape.clone();
                own[axis] = 1 + random.below(5) as u32;
                tensor(random, dtype, &own)
            });
            let inputs = inputs.collect();
            case(inputs, &[axis as i32])
        }
        Operator::Gather => {
            let index_rank = random.below(3) as usize;
            let index_dims = dims(random, index_rank, 4);
            let inputs = vec![tensor(random, dtype, &shape), indices(random, &index_dims, shape[axis])];
            case(inputs, &[axis as i32])
        }
        Operator::GatherElements | Operator::ScatterElements => {
            let mut index_dims: Vec<u32> = shape
                .iter()
                .map(|dim| 1 + random.below(u64::from(*dim)) as u32)
                .collect();
            index_dims[axis] = 1 + random.below(6) as u32;
            let mut inputs = vec![tensor(random, dtype, &shape), indices(random, &index_dims, shape[axis])];
            if operator == Operator::GatherElements {
                return case(inputs, &[axis as i32]);
            }
            inputs.push(tensor(random, dtype, &index_dims));
            case(inputs, &[axis as i32, pick(random, ScatterFunction::ALL) as i32])
        }
        Operator::GatherNd => {
            let batch = random.below(rank as u64) as usize;
            let length = 1 + random.below((rank - batch) as u64) as usize;
            let outer_rank = random.below(2) as usize;
            let outer = dims(random, outer_rank, 4);
            let index_dims = [&shape[..batch], &outer, &[length as u32]].concat();
            let inputs = vec![tensor(random, dtype, &shape), indices(random, &index_dims, 5)];
            case(inputs, &[batch as i32])
        }
        Operator::ScatterNd => {
            let length = 1 + random.below(rank as u64) as usize;
            let outer_rank = random.below(3) as usize;
            let outer = dims(random, outer_rank, 4);
            let inputs = vec![
                tensor(random, dtype, &shape),
                indices(random, &[&outer[..], &[length as u32]].concat(), 5),
                tensor(random, dtype, &[&outer[..], &shape[length..]].concat()),
            ];
            case(inputs, &[pick(random, ScatterFunction::ALL) as i32])
        }
        Operator::Select => {
            let shapes = stretched(random, 3);
            let mut inputs = vec![tensor(random, DType::Bool, &shapes[0])];
            inputs.extend(shapes[1..].iter().map(|dims| tensor(random, dtype, dims)));
            case(inputs, &[])
        }
        Operator::ArgExtreme => {
            let flags = [random.below(2) as i32, random.below(2) as i32];
            case(vec![tensor(random, dtype, &shape)], &[axis as i32, flags[0], flags[1]])
        }
        Operator::TopK => {
            let taken = 1 + random.below(u64::from(shape[axis])) as i32;
            let least = random.below(2) as i32;
            case(vec![tensor(random, dtype, &shape)], &[axis as i32, taken, least])
        }
        _ => {
            let byte = pick(random, &[DType::I8, DType::U8]);
            case(vec![tensor(random, byte, &shape), tensor(random, dtype, &[256])], &[])
        }
    }
}

fn arithmetic(random: &mut Random, operator: Operator) -> Case {
    let rank = rank(random, 4);
    let shape = dims(random, rank, 7);
    let axis = random.below(rank as u64) as i32;
    let case = |inputs: Vec<Input>, attributes: &[i32]| Case::new(operator as u32, inputs, attributes);
    match operator {
        Operator::Cast => {
            let (from, to) = (pick(random, &ANY), pick(random, &ANY));
            let bits = i32::from(from.bytes() == to.bytes() && random.below(2) == 0);
            case(vec![tensor(random, from, &shape)], &[to as i32, bits])
        }
        Operator::Unary => {
            use UnaryFunction::*;
            let function = pick(random, UnaryFunction::ALL);
            let dtype = match function {
                Not => DType::Bool,
                BitNot => pick(random, &INTEGERS),
                Abs | Neg | Sign | Clip if random.below(3) == 0 => pick(random, &INTEGERS),
                _ => DType::F32,
            };
            let parameters = match dtype {
                DType::F32 => [float(random), float(random)].map(|parameter| parameter.to_bits() as i32),
                _ => [random.below(90) as i32 - 60, random.below(90) as i32],
            };
            case(
                vec![tensor(random, dtype, &shape)],
                &[function as i32, parameters[0], parameters[1]],
            )
        }
        Operator::Binary => {
            use BinaryFunction::*;
            let function = pick(random, BinaryFunction::ALL);
            let dtype = match function {
                And | Or | Xor => DType::Bool,
                BitAnd | BitOr | BitXor | ShiftLeft | ShiftRight => pick(random, &INTEGERS),
                Equal => pick(random, &ANY),
                _ if random.below(3) == 0 => pick(random, &INTEGERS),
                _ => DType::F32,
            };
            let shapes = stretched(random, 2);
            let mut inputs: Vec<Input> = shapes.iter().map(|dims| tensor(random, dtype, dims)).collect();
            if matches!(function, Pow | ShiftLeft | ShiftRight) && dtype != DType::F32 {
                for element in inputs[1].2.chunks_mut(dtype.bytes() as usize) {
                    let small = random.below(70) as i64 - 3;
                    element.copy_from_slice(&small.to_le_bytes()[..element.len()]);
                }
            }
            case(inputs, &[function as i32])
        }
        Operator::Reduce => {
            use ReduceFunction::*;
            let function = pick(random, ReduceFunction::ALL);
            let dtype = match function {
                L2 | LogSum | LogSumExp => DType::F32,
                Max | Min => pick(random, &ANY),
                _ if random.below(3) == 0 => pick(random, &INTEGERS),
                _ => DType::F32,
            };
            let axes = random.below(1 << rank) as i32;
            case(vec![tensor(random, dtype, &shape)], &[function as i32, axes])
        }
        Operator::Softmax => case(
            vec![tensor(random, DType::F32, &shape)],
            &[axis, random.below(2) as i32],
        ),
        Operator::Normalize => {
            let normalised = shape[axis as usize..].to_vec();
            let mut inputs = vec![tensor(random, DType::F32, &shape)];
            for _ in 0..random.below(3) {
                inputs.push(tensor(random, DType::F32, &normalised));
            }
            case(inputs, &[axis, 1e-5f32.to_bits() as i32, random.below(2) as i32])
        }
        Operator::Cumulate => {
            let dtype = match random.below(2) {
                0 => DType::F32,
                _ => pick(random, &INTEGERS),
            };
            let flags = [0; 3].map(|_| random.below(2) as i32);
            case(
                vec![tensor(random, dtype, &shape)],
                &[axis, flags[0], flags[1], flags[2]],
            )
        }
        Operator::QuantizeLinear => {
            let shapes = stretched(random, 3);
            let from = pick(random, &[DType::F32, DType::I32]);
            let to = pick(random, &[DType::I8, DType::U8, DType::I16]);
            let inputs = vec![
                tensor(random, from, &shapes[0]),
                tensor(random, DType::F32, &shapes[1]),
                tensor(random, to, &shapes[2]),
            ];
            case(inputs, &[random.below(2) as i32])
        }
        _ => {
            let shapes = stretched(random, 3);
            let from = pick(random, &[DType::I8, DType::U8, DType::I16, DType::I32]);
            let inputs = vec![
                tensor(random, from, &shapes[0]),
                tensor(random, DType::F32, &shapes[1]),
                tensor(random, from, &shapes[2]),
            ];
            case(inputs, &[])
        }
    }
}

/// Attribute words of windows over images of these sizes, none larger than what is padded.
fn windows(random: &mut Random, image: &[u32], kernel: &[u32], padded: bool) -> Vec<i32> {
    let axes = image.iter().zip(kernel).flat_map(|(size, kernel)| {
        let stride = 1 + random.below(3) as i32;
        let most = if *kernel == 1 { 1 } else { (size - 1) / (kernel - 1) };
        let dilation = 1 + random.below(u64::from(most.clamp(1, 2))) as i32;
        let pads = if padded {
            [random.below(3) as i32, random.below(3) as i32]
        } else {
            [0, 0]
        };
        [*kernel as i32, stride, dilation, pads[0], pads[1], 0]
    });
    axes.collect()
}

fn window(random: &mut Random, operator: Operator) -> Case {
    let case = |inputs: Vec<Input>, attributes: &[i32]| Case::new(operator as u32, inputs, attributes);
    let spatial = 1 + random.below(3) as usize;
    let most = [12, 6, 4][spatial - 1];
    let kernel = dims(random, spatial, 3);
    let image: Vec<u32> = kernel.iter().map(|kernel| kernel + random.below(most) as u32).collect();
    match operator {
        Operator::MatMulF32 | Operator::MatMulInteger => {
            let shapes = stretched(random, 2);
            let outer = |dims: &Vec<u32>| dims[dims.len().saturating_sub(2)..].to_vec();
            let (mut a_outer, mut b_outer) = (outer(&shapes[0]), outer(&shapes[1]));
            if random.below(2) == 0 {
                (a_outer, b_outer) = (Vec::new(), Vec::new());
            }
            let [rows, depth, columns] = [7, 20, 90].map(|most| 1 + random.below(most) as u32);
            let (a, b) = (
                [&a_outer[..], &[rows, depth]].concat(),
                [&b_outer[..], &[depth, columns]].concat(),
            );
            if operator == Operator::MatMulF32 {
                return case(
                    vec![tensor(random, DType::F32, &a), tensor(random, DType::F32, &b)],
                    &[],
                );
            }
            let types = [(); 2].map(|()| pick(random, &[DType::I8, DType::U8]));
            let zeros = [rows, columns].map(|each| if random.below(3) == 0 { each } else { 1 });
            let mut inputs = vec![
                tensor(random, types[0], &a),
                tensor(random, types[1], &b),
                tensor(random, types[0], &zeros[..1]),
                tensor(random, types[1], &zeros[1..]),
            ];
            if random.below(2) == 0 {
                inputs.push(tensor(random, DType::I32, &[columns]));
            }
            case(inputs, &[])
        }
        Operator::ConvF32 | Operator::ConvInteger => {
            let groups = 1 + random.below(3) as u32;
            let [batch, channels, outputs] =
                [2, 3, if groups == 1 { 9 } else { 4 }].map(|most| 1 + random.below(most) as u32);
            let x = [&[batch, groups * channels], &image[..]].concat();
            let w = [&[groups * outputs, channels], &kernel[..]].concat();
            let words = [&[groups as i32], &windows(random, &image, &kernel, true)[..]].concat();
            if operator == Operator::ConvF32 {
                let mut inputs = vec![tensor(random, DType::F32, &x), tensor(random, DType::F32, &w)];
                if random.below(2) == 0 {
                    // Finite weights are the usual case.
                    for word in inputs[1].2.as_chunks_mut::<4>().0 {
                        if !f32::from_le_bytes(*word).is_finite() {
                            *word = 0.5f32.to_le_bytes();
                        }
                    }
                }
                if random.below(2) == 0 {
                    inputs.push(tensor(random, DType::F32, &[groups * outputs]));
                }
                return case(inputs, &words);
            }
            let types = [(); 2].map(|()| pick(random, &[DType::I8, DType::U8]));
            let each = if random.below(2) == 0 { groups * outputs } else { 1 };
            let mut inputs = vec![
                tensor(random, types[0], &x),
                tensor(random, types[1], &w),
                tensor(random, types[0], &[1]),
                tensor(random, types[1], &[each]),
            ];
            if random.below(2) == 0 {
                inputs.push(tensor(random, DType::I32, &[groups * outputs]));
            }
            case(inputs, &words)
        }
        Operator::ConvTransposeF32 => {
            let groups = 1 + random.below(2) as u32;
            let [batch, channels, outputs] = [2, 3, 3].map(|most| 1 + random.below(most) as u32);
            let x = [&[batch, groups * channels], &image[..]].concat();
            let w = [&[groups * channels, outputs], &kernel[..]].concat();
            let mut words = [&[groups as i32], &windows(random, &image, &kernel, false)[..]].concat();
            for axis in 0..spatial {
                // A cut of at most the kernel's overhang, and a little more at the end.
                words[1 + 6 * axis + 3] = random.below(u64::from(kernel[axis])) as i32;
                words[1 + 6 * axis + 5] = random.below(2) as i32;
            }
            let mut inputs = vec![tensor(random, DType::F32, &x), tensor(random, DType::F32, &w)];
            if random.below(2) == 0 {
                inputs.push(tensor(random, DType::F32, &[groups * outputs]));
            }
            case(inputs, &words)
        }
        Operator::Pool => {
            let function = pick(random, PoolFunction::ALL);
            let dtype = match function {
                PoolFunction::Max => pick(random, &[DType::F32, DType::I8, DType::U8]),
                _ => DType::F32,
            };
            let power = if function == PoolFunction::Lp {
                1 + random.below(3) as i32
            } else {
                0
            };
            let x = [&dims(random, 2, 3)[..], &image].concat();
            let mut words = [&[function as i32, power], &windows(random, &image, &kernel, true)[..]].concat();
            words[2 + 5] = random.below(2) as i32;
            case(vec![tensor(random, dtype, &x)], &words)
        }
        Operator::PoolPlace => {
            let x = [&dims(random, 2, 3)[..], &image].concat();
            let words = [&[random.below(2) as i32], &windows(random, &image, &kernel, true)[..]].concat();
            let dtype = pick(random, &ANY);
            case(vec![tensor(random, dtype, &x)], &words)
        }
        Operator::Interpolate => {
            let rank = rank(random, 4);
            let shape = dims(random, rank, 6);
            let axis = random.below(rank as u64) as usize;
            let table = dims(random, 2, 5);
            let (index_dims, size) = (table.clone(), shape[axis]);
            let count = table.iter().product::<u32>() as usize;
            let index = random.words(count, |random| random.below(u64::from(size) + 3) as i32 - 1);
            let inputs = vec![
                tensor(random, DType::F32, &shape),
                (DType::I32, index_dims, index),
                tensor(random, DType::F32, &table),
            ];
            case(inputs, &[axis as i32])
        }
        _ => recurrent(random, operator),
    }
}

fn recurrent(random: &mut Random, operator: Operator) -> Case {
    let [steps, batch, hidden] = [3, 2, 9].map(|most| 1 + random.below(most) as u32);
    let gates = match operator {
        Operator::LstmF32 => 4,
        Operator::GruF32 => 3,
        _ => 1,
    };
    let mut inputs = vec![
        tensor(random, DType::F32, &[steps, batch, gates * hidden]),
        tensor(random, DType::F32, &[hidden, gates * hidden]),
        tensor(random, DType::F32, &[batch, hidden]),
    ];
    let mut activation = || pick(random, ActivationFunction::ALL) as i32;
    let activations = [activation(), activation(), activation()];
    let words = match operator {
        Operator::LstmF32 => {
            inputs.push(tensor(random, DType::F32, &[batch, hidden]));
            if random.below(2) == 0 {
                inputs.push(tensor(random, DType::F32, &[3 * hidden]));
            }
            let clip = if random.below(2) == 0 { 0.0 } else { 1.5f32 };
            [&activations[..], &[random.below(2) as i32, clip.to_bits() as i32]].concat()
        }
        Operator::GruF32 => {
            inputs.push(tensor(random, DType::F32, &[hidden]));
            vec![activations[0], activations[1], random.below(2) as i32]
        }
        _ => vec![activations[0]],
    };
    Case::new(operator as u32, inputs, &words)
}

/// Operators that these cases are of.
pub(crate) const OPERATORS: &[Operator] = &[
    Operator::View,
    Operator::Concat,
    Operator::Gather,
    Operator::GatherElements,
    Operator::GatherNd,
    Operator::ScatterElements,
    Operator::ScatterNd,
    Operator::Select,
    Operator::ArgExtreme,
    Operator::TopK,
    Operator::Lookup,
    Operator::Cast,
    Operator::Unary,
    Operator::Binary,
    Operator::Reduce,
    Operator::Softmax,
    Operator::Normalize,
    Operator::Cumulate,
    Operator::QuantizeLinear,
    Operator::DequantizeLinear,
    Operator::MatMulF32,
    Operator::MatMulInteger,
    Operator::ConvF32,
    Operator::ConvInteger,
    Operator::ConvTransposeF32,
    Operator::Pool,
    Operator::PoolPlace,
    Operator::Interpolate,
    Operator::LstmF32,
    Operator::GruF32,
    Operator::RnnF32,
    Operator::FixedUnary,
    Operator::FixedSoftmax,
    Operator::FixedNormalize,
    Operator::MatMulBlocks,
    Operator::Rotary,
    Operator::Attend,
];

/// A small node of one of these operators.
pub(crate) fn typed_node(operator: Operator, seed: u64) -> Case {
    let random = &mut Random::new(seed);
    match OPERATORS.iter().position(|known| *known == operator) {
        Some(0..11) => movement(random, operator),
        Some(11..20) => arithmetic(random, operator),
        Some(20..31) => window(random, operator),
        Some(34..) => super::blocks::block(random, operator),
        Some(_) => super::fixed_point::fixed_point(random, operator),
        None => panic!("{} has no typed cases", operator.name()),
    }
}
