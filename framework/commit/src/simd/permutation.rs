//! Keccak-f[1600] (FIPS 202, section 3) over vector registers, written once for every width.
//!
//! Word `x + 5y` of the state is the standard's lane `(x, y)`; each register holds that word of several states.

/// Words in a state.
pub(super) const STATE: usize = 25;

/// What ι adds to word 0 in each round.
pub(super) const ROUND_CONSTANTS: [u64; 24] = [
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

/// Words of the state in which a message of `words` words is padded and has a bit: the first bit after the message, and
/// the last of the rate.
pub(super) const fn padding(words: usize) -> [(usize, u64); 2] {
    [(words, 1), (super::RATE / 8 - 1, 1 << 63)]
}

/// Defines `permute`, the permutation of `[$Word; 25]`. In scope must be, for `$Word` and as functions with `$feature`:
/// `splat(u64)`, `xor(a, b)`, `xor3(a, b, c)`, `chi(a, b, c) = a ^ (!b & c)`, and `rotate::<LEFT, RIGHT>(a)`, the
/// rotation left by `LEFT` = 64 − `RIGHT` bits.
macro_rules! permutation {
    ($feature:literal, $Word:ty) => {
        #[target_feature(enable = $feature)]
        #[inline]
        fn permute(state: &mut [$Word; crate::simd::permutation::STATE]) {
            let mut a = *state;
            for constant in crate::simd::permutation::ROUND_CONSTANTS {
                // θ, of which each word's part is done where the word is read.
                let c = [
                    xor3(xor3(a[0], a[5], a[10]), a[15], a[20]),
                    xor3(xor3(a[1], a[6], a[11]), a[16], a[21]),
                    xor3(xor3(a[2], a[7], a[12]), a[17], a[22]),
                    xor3(xor3(a[3], a[8], a[13]), a[18], a[23]),
                    xor3(xor3(a[4], a[9], a[14]), a[19], a[24]),
                ];
                let d = [
                    xor(c[4], rotate::<1, 63>(c[1])),
                    xor(c[0], rotate::<1, 63>(c[2])),
                    xor(c[1], rotate::<1, 63>(c[3])),
                    xor(c[2], rotate::<1, 63>(c[4])),
                    xor(c[3], rotate::<1, 63>(c[0])),
                ];
                // ρ and π: `turned!(from, by)` is the word that π brings from `from`.
                macro_rules! turned {
                    ($from:literal, $by:literal) => {
                        rotate::<$by, { 64 - $by }>(xor(a[$from], d[$from % 5]))
                    };
                }
                // χ
                let row = |b: [$Word; 5]| {
                    [
                        chi(b[0], b[1], b[2]),
                        chi(b[1], b[2], b[3]),
                        chi(b[2], b[3], b[4]),
                        chi(b[3], b[4], b[0]),
                        chi(b[4], b[0], b[1]),
                    ]
                };
                let rows = [
                    row([
                        xor(a[0], d[0]),
                        turned!(6, 44),
                        turned!(12, 43),
                        turned!(18, 21),
                        turned!(24, 14),
                    ]),
                    row([
                        turned!(3, 28),
                        turned!(9, 20),
                        turned!(10, 3),
                        turned!(16, 45),
                        turned!(22, 61),
                    ]),
                    row([
                        turned!(1, 1),
                        turned!(7, 6),
                        turned!(13, 25),
                        turned!(19, 8),
                        turned!(20, 18),
                    ]),
                    row([
                        turned!(4, 27),
                        turned!(5, 36),
                        turned!(11, 10),
                        turned!(17, 15),
                        turned!(23, 56),
                    ]),
                    row([
                        turned!(2, 62),
                        turned!(8, 55),
                        turned!(14, 39),
                        turned!(15, 41),
                        turned!(21, 2),
                    ]),
                ];
                a.copy_from_slice(rows.as_flattened());
                // ι
                a[0] = xor(a[0], splat(constant));
            }
            *state = a;
        }
    };
}

pub(super) use permutation;
