//! Keccak-256 of whole blocks.

const RATE: usize = 136;

/// Bytes of the message: whole blocks.
pub(crate) const MESSAGE: usize = 30 * RATE;

const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The lanes in the order in which ρ and π move them, and by how much ρ rotates each.
const MOVES: [(usize, u32); 24] = [
    (10, 1),
    (7, 3),
    (11, 6),
    (17, 10),
    (18, 15),
    (3, 21),
    (5, 28),
    (16, 36),
    (8, 45),
    (21, 55),
    (24, 2),
    (4, 14),
    (15, 27),
    (23, 41),
    (19, 56),
    (13, 8),
    (12, 25),
    (2, 43),
    (20, 62),
    (14, 18),
    (22, 39),
    (9, 61),
    (6, 20),
    (1, 44),
];

/// The Keccak-256 digest of `message`, whose length is a multiple of 136.
pub(crate) fn hash(message: &[u8]) -> [u8; 32] {
    let mut lanes = [0u64; 25];
    let mut padding = [0u8; RATE];
    (padding[0], padding[RATE - 1]) = (1, 0x80);
    for block in message.as_chunks::<RATE>().0.iter().chain([&padding]) {
        for (lane, bytes) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
            *lane ^= u64::from_le_bytes(*bytes);
        }
        permute(&mut lanes);
    }
    let mut digest = [0; 32];
    for (bytes, lane) in digest.as_chunks_mut::<8>().0.iter_mut().zip(lanes) {
        *bytes = lane.to_le_bytes();
    }
    digest
}

#[inline(never)]
fn permute(lanes: &mut [u64; 25]) {
    for constant in ROUNDS {
        let mut columns = [0; 5];
        for x in 0..5 {
            columns[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
        }
        for x in 0..5 {
            let parity = columns[(x + 4) % 5] ^ columns[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                lanes[x + 5 * y] ^= parity;
            }
        }
        let mut moved = lanes[1];
        for (place, amount) in MOVES {
            let next = lanes[place];
            lanes[place] = moved.rotate_left(amount);
            moved = next;
        }
        for row in lanes.as_chunks_mut::<5>().0 {
            let old = *row;
            for x in 0..5 {
                row[x] ^= !old[(x + 1) % 5] & old[(x + 2) % 5];
            }
        }
        lanes[0] ^= constant;
    }
}
