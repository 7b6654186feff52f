use super::{Fixed, reciprocal_root};

/// What a row's elements share when they are normalised: of n integers, their sum S (0 for root mean square) and 1/√W with
/// W = n·Σ x² − S² + n²·ε, all exact but the root: W is n² times the variance and ε.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    count: u32,
    sum: i64,
    /// 1/√W without its power of two, in Q32, towards 0.
    root: u32,
    /// Bits that a centred element is shifted left by before it is multiplied.
    shift: u32,
    /// Fraction bits of the product.
    fraction: i32,
}

/// Sums of a row's elements and of their squares, the squares' lower and upper words by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    sum: i64,
    lower: u64,
    upper: u64,
}

impl Sums {
    /// One more element.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: i32) {
        let square = (i64::from(x) * i64::from(x)) as u64;
        self.sum += i64::from(x);
        self.lower += square & 0xffff_ffff;
        self.upper += square >> 32;
    }

    /// Σ x².
    fn squares(&self) -> u128 {
        (u128::from(self.upper) << 32) + u128::from(self.lower)
    }
}

/// The least b with n ≤ 2^b.
pub(crate) fn bits_of(n: u32) -> u32 {
    32 - n.saturating_sub(1).leading_zeros()
}

impl Spread {
    /// Of a row of `count` elements of `width` bits, at most 2^28 of 32.
    pub(crate) fn of(sums: Sums, count: u32, width: u32, epsilon: u32, root_mean_square: bool) -> Spread {
        let n = u128::from(count);
        let sum = if root_mean_square { 0 } else { sums.sum };
        let square = u128::from(sum.unsigned_abs());
        let spread = (n * sums.squares()).saturating_sub(square * square) + n * n * u128::from(epsilon);
        // W = m·4^k with m in 1 … 4, its upper 32 bits in Q30.
        let zeros = spread.leading_zeros() & !1;
        let upper = (spread.wrapping_shl(zeros) >> 96) as u32;
        let power = 63u32.saturating_sub(zeros >> 1);
        let root = match spread {
            0 => 0,
            _ => (reciprocal_root(upper) >> 30) as u32,
        };
        // |n·x − S| is less than n·2^width, and than √(n·W) < 2^(k + 1)·√n.
        let bound = bits_of(count) + width;
        let other = power + 1 + bits_of(count).div_ceil(2);
        let shift = 62 - if bound < other { bound } else { other };
        Spread {
            count,
            sum,
            root,
            shift,
            fraction: (shift + power) as i32,
        }
    }

    /// (x − mean) / √(variance + ε): (n·x − S)·(1/√W), the product by upper and lower word, each towards −∞; 0 when W is 0.
    #[inline]
    pub(crate) fn normalised(&self, x: i32) -> Fixed {
        let centred = (i64::from(self.count) * i64::from(x) - self.sum) << (self.shift & 63);
        let (upper, lower) = ((centred >> 32) as i32, centred as u32);
        let lower = (u64::from(lower) * u64::from(self.root)) >> 32;
        Fixed {
            value: i64::from(upper) * i64::from(self.root) + lower as i64,
            fraction: self.fraction,
        }
    }
}
