use crate::decode::{Instruction, decode};
use crate::fusion::fuse;
use crate::operation::Operation;
use crate::translation::{Translation, Translations};
use crate::word::Word;

/// The decoded image, laid out to be run: every branch and jump is followed by a copy of its delay slot and
/// [`Operation::EndOfSlot`], then comes the slot as an instruction of its own. A block reaches from any place to the end of
/// the next delay slot, or to [`Operation::Leave`].
pub struct Code {
    pub(crate) instructions: Vec<Instruction>,
    /// By place: the steps from there to the end of the block.
    pub(crate) costs: Vec<u32>,
    /// By place: the address of the instruction.
    pub(crate) addresses: Vec<u32>,
    /// By address / 4: the place.
    pub(crate) places: Vec<u32>,
    /// What is compiled of the image.
    pub(crate) translations: Translations,
}

impl Code {
    /// Decodes the whole words of `image`, which begins at address 0; it is translated when `translation` says.
    pub fn new(image: &[u8], translation: Translation) -> Self {
        let decoded: Vec<Instruction> = (0u32..)
            .step_by(4)
            .zip(image.as_chunks::<4>().0)
            .map(|(address, bytes)| decode(address, Word(u32::from_le_bytes(*bytes))))
            .collect();
        let mut code = Code {
            instructions: Vec::with_capacity(decoded.len() + decoded.len() / 4),
            costs: Vec::new(),
            addresses: Vec::new(),
            places: Vec::with_capacity(decoded.len()),
            translations: Translations::new(image, translation),
        };
        for (address, (index, instruction)) in (0u32..).step_by(4).zip(decoded.iter().enumerate()) {
            code.places.push(code.instructions.len() as u32);
            if !instruction.operation.is_transfer() {
                code.push(address, *instruction);
                continue;
            }
            match decoded.get(index + 1) {
                Some(slot) if !slot.operation.is_transfer() => {
                    code.push(address, *instruction);
                    code.push(address + 4, *slot);
                    code.push(address + 8, Instruction::marker(Operation::EndOfSlot, address + 8));
                }
                _ => code.push(address, Instruction::marker(Operation::Leave, 0)),
            }
        }
        code.push(4 * decoded.len() as u32, Instruction::marker(Operation::Leave, 0));
        code.costs = vec![0; code.instructions.len()];
        let mut cost = 0u32;
        for (own, instruction) in code.costs.iter_mut().zip(&code.instructions).rev() {
            cost = match instruction.operation {
                Operation::EndOfSlot | Operation::Leave => 0,
                _ => cost + 1,
            };
            *own = cost;
        }
        fuse(&mut code.instructions);
        code
    }

    /// Instructions of the image that have been translated so far, by whichever machine; one that two regions share counts
    /// twice. 0 where the host's code cannot be made.
    pub fn translated_instructions(&self) -> u32 {
        self.translations.instructions()
    }

    fn push(&mut self, address: u32, instruction: Instruction) {
        self.instructions.push(instruction);
        self.addresses.push(address);
    }

    /// The place of the instruction at `pc`, if that is decoded.
    #[inline(always)]
    pub(crate) fn place(&self, pc: u32) -> Option<usize> {
        self.places
            .get(pc.rotate_right(2) as usize)
            .map(|place| *place as usize)
    }
}
