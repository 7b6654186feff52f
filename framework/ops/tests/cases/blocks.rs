//! Nodes of the operators that language models are made of.

use opml_ops::{BlockPanels, DType, Operator};

use super::Case;
use super::Random;
use super::typed::{dims, float, pick, tensor};

/// A node of one of these operators.
pub(super) fn block(random: &mut Random, operator: Operator) -> Case {
    match operator {
        Operator::MatMulBlocks => {
            let block = pick(random, &[16, 32]);
            let x = [
                &dims(random, random_rank(random), 2)[..],
                &[size(random, 3), block * size(random, 3)],
            ]
            .concat();
            let outputs = match random.below(3) {
                0 => size(random, 5),
                _ => size(random, 70),
            };
            let weights = BlockPanels {
                outputs,
                depth: x[x.len() - 1],
                bits: pick(random, &[4, 8]),
                block,
                wide: random.below(2) == 0,
                minimums: random.below(2) == 0,
            };
            let zero = pick(random, &[0, 8, 128, 255, 3]);
            matmul_blocks(random, &x, &weights, zero)
        }
        Operator::Rotary => {
            let [rows, heads, head] = [4, 3, 9].map(|most| size(random, most));
            let (head, interleaved) = (head + 1, random.below(2) as i32);
            let angles = [rows, size(random, u64::from(head / 2))];
            let inputs = [&[rows, heads, head][..], &angles, &angles];
            let inputs = inputs.map(|dims| tensor(random, DType::F32, dims));
            Case::new(operator as u32, inputs.into(), &[interleaved])
        }
        _ => {
            let [rows, groups, shared, cached, head, value] = [4, 2, 3, 40, 9, 12].map(|most| size(random, most));
            let position = match random.below(6) {
                0 => pick(random, &[i32::MIN, i32::MAX, -1]),
                _ => random.below(u64::from(cached) + 2) as i32,
            };
            attend(random, [rows, groups, shared, cached, head, value], position)
        }
    }
}

fn size(random: &mut Random, most: u64) -> u32 {
    1 + random.below(most) as u32
}

fn random_rank(random: &Random) -> usize {
    random.clone().below(3) as usize
}

/// x of these dimensions by random blocks, whose scales are everyday numbers, or any.
pub(crate) fn matmul_blocks(random: &mut Random, x: &[u32], weights: &BlockPanels, zero: i32) -> Case {
    let shape = weights.shape().expect("a case's weights have a shape");
    let mut bytes = random.bytes(shape.elements() as usize);
    let everyday = random.below(4) != 0;
    for output in 0..weights.outputs as usize {
        for block in 0..weights.blocks() {
            for minimum in [false, true].into_iter().take(1 + usize::from(weights.minimums)) {
                let number = (random.next() as i32 as f32) * (1.0 / (1u64 << 36) as f32);
                let number = match (everyday, weights.wide) {
                    (true, true) => number.to_le_bytes().to_vec(),
                    // Of everyday size as binary16: 2^−8 … 2^−4.
                    (true, false) => (0x1c00 + random.below(0x1000) as u16).to_le_bytes().to_vec(),
                    (false, true) => float(random).to_le_bytes().to_vec(),
                    (false, false) => (random.next() as u16).to_le_bytes().to_vec(),
                };
                match minimum {
                    false => weights.set_scale(&mut bytes, output, block, &number),
                    true => weights.set_minimum(&mut bytes, output, block, &number),
                }
            }
        }
    }
    let inputs = vec![tensor(random, DType::F32, x), (DType::U8, shape.dims().to_vec(), bytes)];
    let words = [
        weights.outputs as i32,
        weights.bits as i32,
        weights.block as i32,
        i32::from(weights.wide),
        zero,
        i32::from(weights.minimums),
    ];
    Case::new(Operator::MatMulBlocks as u32, inputs, &words)
}

/// Attention with these rows, groups, heads a group, cached rows, elements of a head and of a value.
pub(crate) fn attend(random: &mut Random, sizes: [u32; 6], position: i32) -> Case {
    let [rows, groups, shared, cached, head, value] = sizes;
    let inputs = [
        [rows, groups * shared, head],
        [cached, groups, head],
        [cached, groups, value],
    ];
    let mut inputs: Vec<_> = inputs.map(|dims| tensor(random, DType::F32, &dims)).into();
    if random.below(4) != 0 {
        // A number that is none at one place makes it one everywhere: mostly finite ones.
        let words = inputs.iter_mut().flat_map(|input| input.2.as_chunks_mut::<4>().0);
        words
            .filter(|word| matches!(f32::from_le_bytes(**word).abs(), x if x.is_nan() || x >= 1e9))
            .for_each(|word| *word = 0.5f32.to_le_bytes());
    }
    inputs.push((DType::I32, vec![1], position.to_le_bytes().to_vec()));
    let scale = match random.below(8) {
        0 => float(random),
        _ => 1.0 / (head as f32).sqrt(),
    };
    Case::new(Operator::Attend as u32, inputs, &[scale.to_bits() as i32])
}
