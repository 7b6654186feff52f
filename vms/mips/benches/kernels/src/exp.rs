/// e^x for x from −87 to 0, to about one unit in the last place: 2^n · p(x − n·ln 2), every operation rounded to single
/// precision.
pub(crate) fn exp(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let n = (x * core::f32::consts::LOG2_E - 0.5) as i32;
    let whole = n as f32;
    let r = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
        1.0,
        1.0,
    ] {
        sum = sum * r + coefficient;
    }
    sum * f32::from_bits(((n + 127) as u32) << 23)
}
