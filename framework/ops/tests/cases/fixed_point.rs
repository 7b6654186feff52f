//! Nodes of the operators in fixed point.

use opml_ops::{DType, FixedUnaryFunction, Operator};

use super::Case;
use super::Random;
use super::typed::{dims, pick, rank, tensor};

const SIGNED: [DType; 3] = [DType::I8, DType::I16, DType::I32];

/// A node of one of these operators.
pub(super) fn fixed_point(random: &mut Random, operator: Operator) -> Case {
    let rank = rank(random, 4);
    let shape = dims(random, rank, 7);
    let axis = random.below(rank as u64) as i32;
    let result = pick(random, &SIGNED);
    match operator {
        Operator::FixedUnary => {
            let function = pick(random, FixedUnaryFunction::ALL);
            let bits = [0; 2].map(|_| random.below(31) as i32);
            let from = pick(random, &SIGNED);
            let mut x = tensor(random, from, &shape);
            shrink(random, &mut x.2, from);
            Case::new(
                operator as u32,
                vec![x],
                &[function as i32, bits[0], bits[1], result as i32],
            )
        }
        Operator::FixedSoftmax => {
            let from = pick(random, &[DType::I8, DType::U8, DType::I16, DType::I32]);
            let (result, zeros) = pick(
                random,
                &[
                    (DType::I8, [-128, 0, 127]),
                    (DType::U8, [0, 3, 255]),
                    (DType::I16, [-32768, 0, 77]),
                ],
            );
            // What makes Q26 of a step somewhere between 2^−10 and 1, or any words.
            let multiplier = random.multiplier();
            let shift = match random.below(4) {
                0 => random.shift(),
                _ => 4 + random.below(10) as i32,
            };
            let words = [
                axis,
                multiplier,
                shift,
                result as i32,
                random.below(17) as i32,
                pick(random, &zeros),
            ];
            let mut x = tensor(random, from, &shape);
            shrink(random, &mut x.2, from);
            Case::new(operator as u32, vec![x], &words)
        }
        _ => {
            let from = pick(random, &SIGNED);
            let mut x = tensor(random, from, &shape);
            shrink(random, &mut x.2, from);
            let mut inputs = vec![x];
            for _ in 0..random.below(3) {
                let mut parameter = tensor(random, DType::I32, &shape[axis as usize..]);
                shrink(random, &mut parameter.2, DType::I32);
                inputs.push(parameter);
            }
            let epsilon = pick(random, &[0, 0, 1, 5, 1 << 20, -1]);
            let flag = random.below(2) as i32;
            let bits = [0; 2].map(|_| random.below(31) as i32);
            let zero = pick(random, &[0, 0, -128, 5]);
            let words = [axis, epsilon, flag, bits[0], bits[1], result as i32, zero];
            Case::new(operator as u32, inputs, &words)
        }
    }
}

/// Now and then: all elements of a type fewer bits, the same for all, or each its own.
fn shrink(random: &mut Random, bytes: &mut [u8], dtype: DType) {
    let (how, size) = (random.below(3), dtype.bytes() as usize);
    let common = random.below(8 * size as u64) as u32;
    for element in bytes.chunks_mut(size).filter(|_| how != 0) {
        let own = random.below(8 * size as u64) as u32;
        let mut wide = [0; 4];
        wide[4 - size..].copy_from_slice(element);
        let value = i32::from_le_bytes(wide) >> (32 - 8 * size as u32) >> if how == 1 { common } else { own };
        element.copy_from_slice(&value.to_le_bytes()[..size]);
    }
}
