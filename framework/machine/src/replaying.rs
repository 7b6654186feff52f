use opml_commit::{CHUNK_BYTES, ElidedPath, ElidedPathError, MEMORY_HEIGHT, Root, fold, keccak256};
use opml_engine::VmError;

use crate::{Access, Processor};

type Chunk = [u8; CHUNK_BYTES];

/// A chunk of memory and the siblings above it.
struct Opened {
    index: u64,
    chunk: Chunk,
    path: Vec<Root>,
}

impl Opened {
    fn fold(&self) -> Root {
        fold(keccak256(&self.chunk), self.index, &self.path)
    }

    fn word(&mut self, address: u32) -> &mut [u8; 4] {
        &mut self.chunk.as_chunks_mut::<4>().0[(address >> 2 & 31) as usize]
    }
}

/// Memory as far as a witness shows it: the twin of the contract's.
struct Replaying<'a> {
    rest: &'a [u8],
    root: Root,
    code: Option<Opened>,
    /// The data chunk, when it is not the code chunk.
    data: Option<Opened>,
}

/// Replays one step of a `P` from its witness (`specs/machine.md`): the state roots before and after.
///
/// Refused with [`VmError::Witness`]: a witness that is malformed, too long, or does not prove its memory root.
pub fn replay<P: Processor>(witness: &[u8]) -> Result<(Root, Root), VmError> {
    let (packed, rest) = witness
        .split_at_checked(P::STATE_BYTES)
        .ok_or_else(|| invalid("it ends inside the state"))?;
    let (mut state, root) = P::unpack(packed)?;
    let mut memory = Replaying {
        rest,
        root,
        code: None,
        data: None,
    };
    state.step(&mut memory)?;
    match memory.rest.len() {
        0 => Ok((keccak256(packed), keccak256(&state.pack(&memory.root)))),
        surplus => Err(invalid(&format!("{surplus} bytes remain after it"))),
    }
}

fn invalid(reason: &str) -> VmError {
    VmError::Witness {
        reason: reason.to_owned(),
    }
}

impl Replaying<'_> {
    /// Reads the chunk `index` and its siblings of heights below `heights` off the witness.
    fn open(&mut self, index: u64, heights: u8) -> Result<Opened, VmError> {
        let (chunk, rest) = self
            .rest
            .split_first_chunk::<CHUNK_BYTES>()
            .ok_or_else(|| invalid("it ends inside a chunk"))?;
        let (path, rest) =
            ElidedPath::decode(rest, 0, heights).map_err(|error: ElidedPathError| invalid(&error.to_string()))?;
        self.rest = rest;
        Ok(Opened {
            index,
            chunk: *chunk,
            path,
        })
    }

    fn code(&mut self) -> Result<&mut Opened, VmError> {
        self.code.as_mut().ok_or_else(|| invalid("it has no code chunk"))
    }

    /// The open chunk that holds `address`: read and proven at the first use.
    fn chunk(&mut self, address: u32) -> Result<&mut Opened, VmError> {
        let index = u64::from(address >> 7);
        let code = self.code()?.index;
        let Some(shared) = meet(code, index).checked_sub(1) else {
            return self.code();
        };
        let data = match self.data.take() {
            Some(data) if data.index == index => data,
            Some(_) => return Err(invalid("a step touches one data chunk")),
            None => {
                let data = self.open(index, shared)?;
                if self.code()?.path.get(usize::from(shared)) != Some(&data.fold()) {
                    return Err(invalid("the data chunk is not in the code chunk's memory"));
                }
                data
            }
        };
        Ok(self.data.insert(data))
    }
}

/// The height of the lowest node above both chunks.
fn meet(left: u64, right: u64) -> u8 {
    (u64::BITS - (left ^ right).leading_zeros()) as u8
}

impl Access for Replaying<'_> {
    type Error = VmError;

    fn fetch(&mut self, address: u32) -> Result<u32, VmError> {
        let mut code = self.open(u64::from(address >> 7), MEMORY_HEIGHT)?;
        if code.fold() != self.root {
            return Err(invalid("the code chunk is not in the state's memory"));
        }
        let word = u32::from_le_bytes(*code.word(address));
        self.code = Some(code);
        Ok(word)
    }

    fn load(&mut self, address: u32) -> Result<u32, VmError> {
        Ok(u32::from_le_bytes(*self.chunk(address)?.word(address)))
    }

    fn store(&mut self, address: u32, word: u32) -> Result<(), VmError> {
        let chunk = self.chunk(address)?;
        *chunk.word(address) = word.to_le_bytes();
        let (index, below) = (chunk.index, chunk.fold());
        let code = self.code()?;
        if let Some(shared) = meet(code.index, index).checked_sub(1) {
            code.path[usize::from(shared)] = below;
        }
        self.root = code.fold();
        Ok(())
    }
}
