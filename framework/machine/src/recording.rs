use core::convert::Infallible;

use opml_commit::ElidedPath;

use crate::{Access, Memory, Processor};

/// Which words a step touches; memory stays as it is.
struct Recording<'a> {
    memory: &'a mut Memory,
    code: Option<u32>,
    data: Option<u32>,
}

impl Access for Recording<'_> {
    type Error = Infallible;

    fn fetch(&mut self, address: u32) -> Result<u32, Infallible> {
        self.code = Some(address);
        Ok(self.memory.view().load(address))
    }

    fn load(&mut self, address: u32) -> Result<u32, Infallible> {
        self.data = Some(address);
        Ok(self.memory.view().load(address))
    }

    fn store(&mut self, address: u32, _word: u32) -> Result<(), Infallible> {
        self.data = Some(address);
        Ok(())
    }
}

/// The witness of the step that `state` does next over `memory` (`specs/machine.md`); neither moves.
pub fn prove_step<P: Processor>(state: &P, memory: &mut Memory) -> Vec<u8> {
    let mut witness = state.pack(&memory.root());
    let mut recording = Recording {
        memory,
        code: None,
        data: None,
    };
    let Ok(()) = state.clone().step(&mut recording);
    let Recording { memory, code, data } = recording;
    let Some(code) = code else { return witness };
    append(&mut witness, memory, code, usize::MAX);
    if let Some(data) = data {
        let meet = u32::BITS - ((code ^ data) >> 7).leading_zeros();
        if let Some(shared) = meet.checked_sub(1) {
            append(&mut witness, memory, data, shared as usize);
        }
    }
    witness
}

/// Appends the chunk that holds `address` and the elided path of its `heights` lowest siblings.
fn append(witness: &mut Vec<u8>, memory: &mut Memory, address: u32, heights: usize) {
    witness.extend_from_slice(&memory.chunk(address));
    let path = memory.path(0, u64::from(address >> 7));
    let own = path.get(..heights).unwrap_or(&path);
    witness.extend_from_slice(&ElidedPath::encode(own, 0));
}
