/// Numbers that are computed from their place: f32, little-endian, without end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DrawnNumbers {
    /// Every number is 1.
    Ones,
    /// 2^24 values, evenly spread around 0; the standard deviation is 0.02.
    Even { seed: u64 },
}

/// Between two neighbouring values: 0.02·√3 / 2^23.
const STEP: f32 = 4.129_531e-9;
/// The odd constant of the SplitMix64 generator (Steele, Lea and Flood, 2014): 2^64 over the golden ratio.
const PACE: u64 = 0x9e37_79b9_7f4a_7c15;

impl DrawnNumbers {
    fn number(self, place: u64) -> f32 {
        match self {
            DrawnNumbers::Ones => 1.0,
            DrawnNumbers::Even { seed } => {
                let word = mixed(seed.wrapping_add(place.wrapping_add(1).wrapping_mul(PACE)));
                ((word >> 40) as i32 - (1 << 23)) as f32 * STEP
            }
        }
    }

    /// Fills `target` with the bytes from `at` on; both are whole numbers.
    pub(crate) fn read(self, at: u64, target: &mut [u8]) {
        for (place, bytes) in (at / 4..).zip(target.chunks_exact_mut(4)) {
            bytes.copy_from_slice(&self.number(place).to_le_bytes());
        }
    }
}

/// SplitMix64's output function.
fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::{DrawnNumbers, PACE, mixed};

    #[test]
    fn words_are_those_of_the_published_generator() {
        // The first two of seed 1234567, from the generator's reference program.
        let words = [1u64, 2].map(|count| mixed(1_234_567u64.wrapping_add(count.wrapping_mul(PACE))));
        assert_eq!(words, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn any_cut_gives_the_same_numbers() {
        let numbers = DrawnNumbers::Even { seed: 7 };
        let mut whole = [0; 64];
        numbers.read(1 << 40, &mut whole);
        let mut part = [0; 8];
        numbers.read((1 << 40) + 16, &mut part);
        assert_eq!(part, whole[16..24]);
    }

    #[test]
    fn the_deviation_is_that_of_an_untrained_model() {
        let numbers = DrawnNumbers::Even { seed: 1 };
        let mean = (0..100_000).map(|place| f64::from(numbers.number(place))).sum::<f64>() / 1e5;
        let square = (0..100_000)
            .map(|place| f64::from(numbers.number(place)).powi(2))
            .sum::<f64>()
            / 1e5;
        assert!(mean.abs() < 3e-4, "{mean}");
        assert!((square.sqrt() - 0.02).abs() < 2e-4, "{}", square.sqrt());
    }
}
