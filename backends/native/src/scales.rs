use opml_ops::Finish;

/// Per-output bias, multiplier and shift.
pub(crate) struct Scales {
    words: Vec<[i32; 3]>,
}

impl Scales {
    /// Reads the three little-endian i32 tensors.
    pub(crate) fn new(bias: &[u8], multiplier: &[u8], shift: &[u8]) -> Scales {
        let words = |bytes: &[u8]| -> Vec<i32> {
            let words = bytes.as_chunks::<4>().0.iter();
            words.map(|word| i32::from_le_bytes(*word)).collect()
        };
        let (bias, multiplier, shift) = (words(bias), words(multiplier), words(shift));
        let scales = bias.into_iter().zip(multiplier.into_iter().zip(shift));
        Scales {
            words: scales
                .map(|(bias, (multiplier, shift))| [bias, multiplier, shift])
                .collect(),
        }
    }

    /// Takes `amount` off the bias of output `n`, wrapping.
    pub(crate) fn lower_bias(&mut self, n: usize, amount: i32) {
        let bias = &mut self.words[n][0];
        *bias = bias.wrapping_sub(amount);
    }

    /// The results of the sums of outputs `first …`.
    pub(crate) fn finish<'a>(
        &'a self,
        finish: &'a Finish,
        first: usize,
        sums: &'a [i32],
    ) -> impl Iterator<Item = u8> + 'a {
        let scales = self.words[first..].iter();
        scales
            .zip(sums)
            .map(|([bias, multiplier, shift], sum)| finish.apply(bias.wrapping_add(*sum), *multiplier, *shift))
    }
}
