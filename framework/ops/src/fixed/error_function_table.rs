//! Taylor series of the error function about the middles of eighths, computed when the crate is compiled.

/// Eighths from 0 on; beyond them the error function is 1 in every format.
pub(super) const EIGHTHS: usize = 40;
/// Terms of a series that are kept, after the value itself.
pub(super) const TERMS: usize = 7;

/// erf(c + u/16) = value + C₁·u + … + C₇·u⁷ about c, the middle of an eighth.
#[derive(Clone, Copy)]
pub(super) struct Series {
    /// erf(c) in Q62.
    pub(super) value: i64,
    /// C₇ … C₁, C_k in Q(33 + k).
    pub(super) terms: [i32; TERMS],
}

/// The series of every eighth.
pub(super) const SERIES: [Series; EIGHTHS] = series();

/// Terms of the series that the table itself is summed from.
const LONG: usize = 28;
/// Fraction bits while the table is made.
const FRACTION: u32 = 100;
/// 2/√π in Q100: the slope at 0.
const SLOPE: i128 = 0x12_0dd7_5042_9b6d_11ae_3a91_4fed;

/// Taylor coefficients about `sixteenths`/16 of erf', whose value there is `slope`: as erf''(x) = −2x·erf'(x), g_{k+1} = −2·(c·g_k + g_{k−1}) / (k + 1).
const fn slopes(slope: i128, sixteenths: i128) -> [i128; LONG] {
    let mut slopes = [slope; LONG];
    slopes[1] = -(slope * sixteenths) / 8;
    let mut place = 1;
    while place + 1 < LONG {
        let sum = slopes[place] * sixteenths / 8 + 2 * slopes[place - 1];
        slopes[place + 1] = -sum / (place as i128 + 1);
        place += 1;
    }
    slopes
}

/// How much erf grows over 2^−`log2` from where its slope has these coefficients, and its slope there.
const fn advanced(slopes: &[i128; LONG], log2: u32) -> (i128, i128) {
    let (mut growth, mut slope, mut place) = (0, 0, 0);
    while place < LONG {
        let scaled = slopes[place] >> (log2 * place as u32);
        slope += scaled;
        growth += (scaled >> log2) / (place as i128 + 1);
        place += 1;
    }
    (growth, slope)
}

/// `value` in Q100 with fewer fraction bits, rounded.
const fn rounded(value: i128, fraction: u32) -> i128 {
    (value + (1 << (FRACTION - fraction - 1))) >> (FRACTION - fraction)
}

const fn series() -> [Series; EIGHTHS] {
    let mut table = [Series {
        value: 0,
        terms: [0; TERMS],
    }; EIGHTHS];
    // From 0 to the first middle, then from middle to middle.
    let (mut value, mut slope) = advanced(&slopes(SLOPE, 0), 4);
    let mut place = 0;
    while place < EIGHTHS {
        let about = slopes(slope, 2 * place as i128 + 1);
        table[place].value = rounded(value, 62) as i64;
        let mut term = 1;
        while term <= TERMS {
            // C_k = g_{k−1} / (k·16^k).
            let fraction = 33 + term as u32 - 4 * term as u32;
            let coefficient = rounded(about[term - 1] / term as i128, fraction);
            table[place].terms[TERMS - term] = coefficient as i32;
            term += 1;
        }
        let (growth, next) = advanced(&about, 3);
        value += growth;
        slope = next;
        place += 1;
    }
    table
}
