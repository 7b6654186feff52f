use crate::decode::{Instruction, decode};
use crate::operation::Operation;
use crate::word::Word;

/// The decoded image, an instruction a word.
pub struct Code {
    pub(crate) instructions: Vec<Instruction>,
    /// By place: the steps from there to the end of the block, which is a branch or jump, the last word, or, not counted,
    /// an instruction that ends the program.
    pub(crate) costs: Vec<u32>,
}

impl Code {
    /// Decodes the whole words of `image`, which begins at address 0.
    pub(crate) fn decode(image: &[u8]) -> Self {
        let words = image.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let instructions: Vec<Instruction> = (0u32..)
            .step_by(4)
            .zip(words)
            .map(|(address, word)| decode(address, Word(word)))
            .collect();
        let mut costs = vec![0; instructions.len()];
        let mut behind = 0;
        for (cost, instruction) in costs.iter_mut().zip(&instructions).rev() {
            *cost = match instruction.operation {
                Operation::End => 0,
                operation if operation.ends_block() => 1,
                _ => behind + 1,
            };
            behind = *cost;
        }
        Code { instructions, costs }
    }
}
