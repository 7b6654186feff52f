//! One node of every typed operator with shapes that never change, so that what it costs can be compared over time.

use opml_ops::{DType, Operator};

use super::{Case, Random, typed_tensor};

const F: DType = DType::F32;

/// Types and shapes of inputs, attribute words, and what is counted.
type Fixed<'a> = (&'a [(DType, &'a [u32])], &'a [i32], u64);

/// Everyday numbers: no infinities, no NaN.
fn everyday(random: &mut Random, dtype: DType, dims: &[u32]) -> (DType, Vec<u32>, Vec<u8>) {
    let mut tensor = typed_tensor(random, dtype, dims);
    if dtype == F {
        for word in tensor.2.as_chunks_mut::<4>().0 {
            *word = ((random.next() as i32 as f32) * (1.0 / (1u32 << 29) as f32)).to_le_bytes();
        }
    }
    tensor
}

/// The node, and the products, elements or steps that its cost is counted by.
pub(crate) fn fixed_node(operator: Operator) -> (Case, u64) {
    use DType::{Bool, I8, I16, I32, I64, U8};
    // Groups, then kernel, stride, dilation, pads, beyond of two axes.
    const PADDED_3X3: [i32; 13] = [1, 3, 1, 1, 1, 1, 0, 3, 1, 1, 1, 1, 0];
    const HALVING: [i32; 13] = [0, 2, 2, 1, 0, 0, 0, 2, 2, 1, 0, 0, 0];
    let pool: [i32; 14] = std::array::from_fn(|place| if place == 0 { 0 } else { HALVING[place - 1] });
    let (inputs, attributes, count): Fixed = match operator {
        // A transposition.
        Operator::View => (&[(F, &[64, 64])], &[2, 0, 0, 64, 2, 0, 1, 64, 1, 0, 1], 4096),
        Operator::Concat => (&[(F, &[32, 64]), (F, &[32, 64])], &[1], 4096),
        Operator::Gather => (&[(F, &[64, 64]), (I64, &[64])], &[0], 4096),
        Operator::GatherElements => (&[(F, &[64, 64]), (I64, &[64, 64])], &[1], 4096),
        Operator::GatherNd => (&[(F, &[64, 64]), (I64, &[64, 1])], &[0], 4096),
        Operator::ScatterElements => (&[(F, &[64, 64]), (I64, &[64, 64]), (F, &[64, 64])], &[1, 1], 4096),
        Operator::ScatterNd => (&[(F, &[64, 64]), (I64, &[64, 1]), (F, &[64, 64])], &[0], 4096),
        Operator::Select => (&[(Bool, &[64, 64]), (F, &[64, 64]), (F, &[64])], &[], 4096),
        Operator::Cast => (&[(F, &[4096])], &[3], 4096),
        Operator::ArgExtreme => (&[(F, &[64, 64])], &[1], 4096),
        Operator::TopK => (&[(F, &[16, 64])], &[1, 8], 16 * 8),
        Operator::Cumulate => (&[(F, &[64, 64])], &[1], 4096),
        // The logistic function.
        Operator::Unary => (&[(F, &[1024])], &[23], 1024),
        Operator::Binary => (&[(F, &[64, 64]), (F, &[64])], &[0], 4096),
        Operator::Reduce => (&[(F, &[64, 64])], &[0, 2], 4096),
        Operator::Softmax => (&[(F, &[16, 64])], &[1], 1024),
        Operator::Normalize => (&[(F, &[16, 64]), (F, &[64]), (F, &[64])], &[1, 0x3727_c5ac], 1024),
        Operator::MatMulF32 => (&[(F, &[8, 64]), (F, &[64, 32])], &[], 8 * 64 * 32),
        Operator::ConvF32 => (
            &[(F, &[1, 8, 12, 12]), (F, &[8, 8, 3, 3]), (F, &[8])],
            &PADDED_3X3,
            8 * 8 * 9 * 144,
        ),
        Operator::ConvTransposeF32 => {
            let words = &[1, 2, 2, 1, 0, 0, 0, 2, 2, 1, 0, 0, 0];
            (&[(F, &[1, 8, 8, 8]), (F, &[8, 8, 2, 2])], words, 8 * 8 * 4 * 64)
        }
        Operator::Pool => (&[(F, &[1, 8, 16, 16])], &pool, 8 * 256),
        Operator::PoolPlace => (&[(F, &[1, 8, 16, 16])], &HALVING, 8 * 256),
        Operator::Interpolate => (&[(F, &[16, 16]), (I32, &[32, 2]), (F, &[32, 2])], &[0], 2 * 32 * 16),
        Operator::LstmF32 => {
            let inputs: &[(DType, &[u32])] = &[(F, &[4, 1, 64]), (F, &[16, 64]), (F, &[1, 16]), (F, &[1, 16])];
            (inputs, &[0, 1, 1], 4 * 16 * 64)
        }
        Operator::GruF32 => {
            let inputs: &[(DType, &[u32])] = &[(F, &[4, 1, 48]), (F, &[16, 48]), (F, &[1, 16]), (F, &[16])];
            (inputs, &[0, 1], 4 * 16 * 48)
        }
        Operator::RnnF32 => (&[(F, &[4, 1, 16]), (F, &[16, 16]), (F, &[1, 16])], &[1], 4 * 256),
        Operator::MatMulInteger => {
            let inputs: &[(DType, &[u32])] = &[(U8, &[8, 64]), (I8, &[64, 32]), (U8, &[1]), (I8, &[1])];
            (inputs, &[], 8 * 64 * 32)
        }
        Operator::ConvInteger => {
            let inputs: &[(DType, &[u32])] = &[(U8, &[1, 8, 12, 12]), (I8, &[8, 8, 3, 3]), (U8, &[1]), (I8, &[1])];
            (inputs, &PADDED_3X3, 8 * 8 * 9 * 144)
        }
        Operator::QuantizeLinear => (&[(F, &[4096]), (F, &[1]), (U8, &[1])], &[0], 4096),
        Operator::DequantizeLinear => (&[(U8, &[4096]), (F, &[1]), (U8, &[1])], &[], 4096),
        Operator::Lookup => (&[(U8, &[4096]), (F, &[256])], &[], 4096),
        // The logistic function of Q12 in Q15.
        Operator::FixedUnary => (&[(I16, &[1024])], &[1, 12, 15, 5], 1024),
        // A step of 1/16; probabilities in 256ths from −128.
        Operator::FixedSoftmax => (&[(I8, &[16, 64])], &[1, 1 << 30, 8, 3, 8, -128], 1024),
        Operator::FixedNormalize => (
            &[(I8, &[16, 64]), (I32, &[64]), (I32, &[64])],
            &[1, 1, 0, 30, 4, 3],
            1024,
        ),
        Operator::MatMulBlocks => {
            // Codes of 8 bits about 128, blocks of 32, scales in binary16.
            let inputs: &[(DType, &[u32])] = &[(F, &[4, 128]), (U8, &[2, 4, 1088])];
            (inputs, &[64, 8, 32, 0, 128], 4 * 128 * 64)
        }
        Operator::Rotary => (&[(F, &[4, 4, 64]), (F, &[4, 32]), (F, &[4, 32])], &[], 1024),
        // Everything is seen; a scale of 1/8.
        Operator::Attend => {
            let inputs: &[(DType, &[u32])] = &[(F, &[1, 4, 64]), (F, &[32, 2, 64]), (F, &[32, 2, 64]), (I32, &[1])];
            (inputs, &[0x3e00_0000], 4 * 32 * 128)
        }
        operator => panic!("{} has no fixed node", operator.name()),
    };
    let random = &mut Random::new(9);
    let mut inputs: Vec<_> = inputs
        .iter()
        .map(|(dtype, dims)| everyday(random, *dtype, dims))
        .collect();
    match operator {
        // Scales of 2^−8 … 2^−4.
        Operator::MatMulBlocks => {
            for scale in inputs[1]
                .2
                .chunks_mut(1088)
                .flat_map(|block| block[..64].as_chunks_mut().0)
            {
                *scale = (0x1c00 + random.below(0x1000) as u16).to_le_bytes();
            }
        }
        Operator::Attend => inputs[3].2 = 31i32.to_le_bytes().into(),
        _ => {}
    }
    (Case::new(operator as u32, inputs, attributes), count)
}
