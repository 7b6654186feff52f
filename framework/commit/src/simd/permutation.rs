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

/// Defines `permuted`, the permutation of `[$Word; 25]`. In scope must be, for `$Word` and as functions with `$feature`:
/// `splat(u64)`, `xor(a, b)`, `xor3(a, b, c)`, `chi(a, b, c) = a ^ (!b & c)`, and `rotate::<LEFT, RIGHT>(a)`, the
/// rotation left by `LEFT` = 64 − `RIGHT` bits.
macro_rules! permutation {
    ($feature:literal, $Word:ty) => {
        #[target_feature(enable = $feature)]
        #[inline]
        fn permuted(state: [$Word; crate::simd::permutation::STATE]) -> [$Word; crate::simd::permutation::STATE] {
            let mut a = state;
            for constant in crate::simd::permutation::ROUND_CONSTANTS {
                // θ, of which each word's part is done where the word is read.
                let c0 = xor3(xor3(a[20], a[15], a[10]), a[5], a[0]);
                let c1 = xor3(xor3(a[21], a[16], a[11]), a[6], a[1]);
                let c2 = xor3(xor3(a[22], a[17], a[12]), a[7], a[2]);
                let c3 = xor3(xor3(a[23], a[18], a[13]), a[8], a[3]);
                let c4 = xor3(xor3(a[24], a[19], a[14]), a[9], a[4]);
                let r = [
                    rotate::<1, 63>(c1),
                    rotate::<1, 63>(c2),
                    rotate::<1, 63>(c3),
                    rotate::<1, 63>(c4),
                    rotate::<1, 63>(c0),
                ];
                let d = [
                    xor(c4, r[0]),
                    xor(c0, r[1]),
                    xor(c1, r[2]),
                    xor(c2, r[3]),
                    xor(c3, r[4]),
                ];
                // ρ and π: the word that π brings from elsewhere, turned.
                macro_rules! from {
                    ($word:literal, $by:literal) => {
                        rotate::<$by, { 64 - $by }>(xor(a[$word], d[$word % 5]))
                    };
                }
                let b = [
                    [
                        xor(a[0], d[0]),
                        from!(6, 44),
                        from!(12, 43),
                        from!(18, 21),
                        from!(24, 14),
                    ],
                    [
                        from!(3, 28),
                        from!(9, 20),
                        from!(10, 3),
                        from!(16, 45),
                        from!(22, 61),
                    ],
                    [
                        from!(1, 1),
                        from!(7, 6),
                        from!(13, 25),
                        from!(19, 8),
                        from!(20, 18),
                    ],
                    [
                        from!(4, 27),
                        from!(5, 36),
                        from!(11, 10),
                        from!(17, 15),
                        from!(23, 56),
                    ],
                    [
                        from!(2, 62),
                        from!(8, 55),
                        from!(14, 39),
                        from!(15, 41),
                        from!(21, 2),
                    ],
                ];
                // χ
                for (y, b) in b.iter().enumerate() {
                    for x in 0..5 {
                        a[5 * y + x] = chi(b[x], b[(x + 1) % 5], b[(x + 2) % 5]);
                    }
                }
                // ι
                a[0] = xor(a[0], splat(constant));
            }
            a
        }
    };
}

pub(super) use permutation;
