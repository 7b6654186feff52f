//! Tensors of a GGUF file, and changes of them.

use super::{noise, words};
use crate::random::Random;

/// A tensor: what its info says, and its bytes.
#[derive(Clone)]
pub(super) struct Tensor {
    pub(super) name: Vec<u8>,
    /// The fastest first.
    pub(super) dimensions: Vec<u64>,
    /// The number of its stored type.
    pub(super) stored: u32,
    /// Where it is said to begin, if not where it does.
    pub(super) offset: Option<u64>,
    pub(super) bytes: Vec<u8>,
}

/// The most bytes that a changed tensor is given so that it is whole.
const MOST: usize = 1 << 13;

/// Bytes that a tensor's dimensions and type ask for; `None` where they are none or many.
pub(super) fn size(tensor: &Tensor) -> Option<usize> {
    let (block, bytes) = noise::block(tensor.stored)?;
    let mut sizes = tensor.dimensions.iter();
    let values = sizes.try_fold(1usize, |product, size| {
        product.checked_mul(usize::try_from(*size).ok()?)
    })?;
    (values / block).checked_mul(bytes).filter(|size| *size <= 4 * MOST)
}

/// Changes one thing of the tensors.
pub(super) fn change(tensors: &mut Vec<Tensor>, random: &mut Random) {
    let Some(place) = random.place(tensors.len()) else {
        return;
    };
    match random.below(12) {
        0 => drop(tensors.remove(place)),
        1 => tensors.push(tensors[place].clone()),
        2 => {
            let other = random.below(tensors.len());
            tensors.swap(place, other);
        }
        3 => {
            let mut added = tensors[place].clone();
            added.name = random.among(words::TENSORS).into();
            tensors.push(added);
        }
        4 => {
            // A layer more, of the same weights.
            let layer: Vec<Tensor> = tensors
                .iter()
                .filter(|tensor| tensor.name.starts_with(b"blk.0."))
                .cloned()
                .collect();
            tensors.extend(layer.into_iter().map(|mut tensor| {
                tensor.name[4] = b'1';
                tensor
            }));
        }
        _ => change_one(&mut tensors[place], random),
    }
}

fn change_one(tensor: &mut Tensor, random: &mut Random) {
    match random.below(10) {
        0 => tensor.name = random.among(words::TENSORS).into(),
        1 => {
            if let Some(place) = random.place(tensor.dimensions.len()) {
                tensor.dimensions[place] = random.size() as u64;
            }
        }
        2 => tensor.dimensions = (0..random.below(6)).map(|_| random.size() as u64).collect(),
        3 => tensor.dimensions.reverse(),
        4 => tensor.stored = random.among(words::STORED),
        5 => {
            tensor.offset = match random.below(3) {
                0 => None,
                1 => Some(random.integer() as u64),
                _ => Some(32 * random.below(512) as u64),
            };
        }
        6 => tensor.bytes.fill(random.among(&[0, 0, 0x3c, 0x7c, 0x7f, 0xff])),
        7 => {
            let bytes = random.below(MOST);
            tensor.bytes.truncate(bytes);
        }
        _ => {
            for _ in 0..1 + random.below(8) {
                if let Some(place) = random.place(tensor.bytes.len()) {
                    tensor.bytes[place] = random.among(&[0, 1, 0x3c, 0x7b, 0x7c, 0x7e, 0x7f, 0x80, 0xfc, 0xff]);
                }
            }
        }
    }
    if random.below(3) > 0
        && let Some(bytes) = size(tensor).filter(|bytes| *bytes <= MOST)
    {
        tensor.bytes.resize(bytes, 0x11);
    }
}
