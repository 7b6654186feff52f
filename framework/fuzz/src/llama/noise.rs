//! Stored values: how types store them, and ordinary ones.

/// Values and bytes of a block of each type that is read, by its number in a GGUF file.
const BLOCKS: [(u32, usize, usize); 13] = [
    (0, 1, 4),
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (10, 256, 84),
    (11, 256, 110),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
    (30, 1, 2),
];

/// Values and bytes of a block of a type; `None` of a type that is not read.
pub(super) fn block(stored: u32) -> Option<(usize, usize)> {
    let known = BLOCKS.iter().find(|(number, ..)| *number == stored);
    known.map(|(_, values, bytes)| (*values, *bytes))
}

/// So many stored values, the same for the same seed. Floats, and scales in blocks, are between −1 and 1.
///
/// # Panics
/// When the type is not read.
pub(super) fn values(stored: u32, count: usize, seed: usize) -> Vec<u8> {
    let (values, bytes) = block(stored).expect("a type that is read");
    let byte = |place: usize| (((seed * 31 + place) * 0x9e37) >> 5) as u8;
    let mut stream = Vec::with_capacity(count / values * bytes);
    for place in 0..count / values {
        match stored {
            0 => stream.extend_from_slice(&(f32::from(byte(place) as i8) / 128.0).to_le_bytes()),
            1 => stream.extend_from_slice(&[byte(place), 0x30 | byte(place + 7) & 0x8b]),
            30 => stream.extend_from_slice(&[byte(place), 0x3e | byte(place + 7) & 0x80]),
            _ => stream.extend((0..bytes).map(|within| byte(place * bytes + within) & 0x3b)),
        }
    }
    stream
}
