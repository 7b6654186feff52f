//! Sequences of instructions that are run in one dispatch.
//!
//! An int8 product sum is loads, multiplications and additions, none of which can fault, store or transfer control. A
//! sequence of them gets an operation of its own at its first place; the entries behind it stay as they are, so that a jump
//! into the sequence finds them, and costs and addresses do not change. Running the sequence is running its members in
//! order.

use crate::decode::Instruction;
use crate::operation::Operation;
use Operation::{AddUnsigned, LoadByte, MultiplyToRegister};

/// The sequences, longest first.
const SEQUENCES: [(Operation, &[Operation]); 9] = [
    (Operation::FourLoadBytes, &[LoadByte, LoadByte, LoadByte, LoadByte]),
    (
        Operation::FourMultiplications,
        &[
            MultiplyToRegister,
            MultiplyToRegister,
            MultiplyToRegister,
            MultiplyToRegister,
        ],
    ),
    (
        Operation::FourAdditions,
        &[AddUnsigned, AddUnsigned, AddUnsigned, AddUnsigned],
    ),
    (
        Operation::LoadByteMultiplyAdd,
        &[LoadByte, MultiplyToRegister, AddUnsigned],
    ),
    (
        Operation::TwoMultiplicationsAdd,
        &[MultiplyToRegister, MultiplyToRegister, AddUnsigned],
    ),
    (Operation::LoadByteAdd, &[LoadByte, AddUnsigned]),
    (Operation::MultiplyThenAdd, &[MultiplyToRegister, AddUnsigned]),
    (Operation::TwoLoadBytes, &[LoadByte, LoadByte]),
    (Operation::TwoAdditions, &[AddUnsigned, AddUnsigned]),
];

/// Gives every place the operation of the longest sequence that begins there.
pub(crate) fn fuse(instructions: &mut [Instruction]) {
    let plain: Vec<Operation> = instructions.iter().map(|instruction| instruction.operation).collect();
    for (place, instruction) in instructions.iter_mut().enumerate() {
        if !matches!(plain[place], LoadByte | MultiplyToRegister | AddUnsigned) {
            continue;
        }
        let begins = |(_, members): &&(Operation, &[Operation])| plain[place..].starts_with(members);
        if let Some((fused, _)) = SEQUENCES.iter().find(begins) {
            instruction.operation = *fused;
        }
    }
}
