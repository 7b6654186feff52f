//! Keccak-256 of many equal short messages, by the widest instructions that the processor has.
//!
//! A message of up to 135 bytes is one permutation, and the messages of a tree's level do not depend on one another: each
//! 64-bit lane of a vector register holds a word of another message. This is the only folder of the crate with `unsafe`:
//! the kernels for one instruction set each, called only after the processor has said that it has it.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod permutation;
mod portable;

use std::sync::OnceLock;

use crate::Root;

/// Bytes that one permutation takes in.
const RATE: usize = 136;

/// A way to hash many equal short messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeccakKernel(Width);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    /// One message at a time, on any processor.
    One,
    /// Four messages in 256-bit registers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Eight messages in 512-bit registers.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl KeccakKernel {
    /// One message at a time, on any processor.
    pub const PORTABLE: KeccakKernel = KeccakKernel(Width::One);

    /// Every kernel that this processor can run, the fastest last.
    pub fn available() -> Vec<KeccakKernel> {
        let mut widths = vec![Width::One];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                widths.push(Width::Avx2);
            }
            if is_x86_feature_detected!("avx512f") {
                widths.push(Width::Avx512);
            }
        }
        widths.into_iter().map(KeccakKernel).collect()
    }

    /// The fastest kernel that this processor can run and that passes its trial there; tried once in a process. A wrong
    /// root would cost its server a bond, so no processor is trusted unseen.
    pub fn best() -> KeccakKernel {
        static BEST: OnceLock<KeccakKernel> = OnceLock::new();
        *BEST.get_or_init(|| {
            let passing = KeccakKernel::available()
                .into_iter()
                .rev()
                .find(|kernel| kernel.passes_trial());
            passing.unwrap_or(KeccakKernel::PORTABLE)
        })
    }

    /// The kernel's name, as benchmarks print it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Width::One => "portable",
            #[cfg(target_arch = "x86_64")]
            Width::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Width::Avx512 => "avx512",
        }
    }

    /// Whether the kernel gives what the portable one gives, for both message lengths and every remainder of its width.
    fn passes_trial(self) -> bool {
        const MOST: usize = 17;
        fn agrees<const BYTES: usize>(kernel: KeccakKernel) -> bool {
            let mut messages = [[0; BYTES]; MOST];
            for (place, byte) in messages.as_flattened_mut().iter_mut().enumerate() {
                *byte = (place.wrapping_mul(2_654_435_761) >> 7) as u8;
            }
            (0..=MOST).all(|count| {
                let roots = |kernel: KeccakKernel| {
                    let mut roots = [Root::ZERO; MOST];
                    kernel.hash(&messages[..count], &mut roots[..count]);
                    roots
                };
                roots(kernel) == roots(KeccakKernel::PORTABLE)
            })
        }
        agrees::<64>(self) && agrees::<128>(self)
    }

    /// `roots[i] = keccak256(messages[i])`; nothing is counted.
    ///
    /// # Panics
    /// When there are not as many roots as messages.
    pub(crate) fn hash<const BYTES: usize>(self, messages: &[[u8; BYTES]], roots: &mut [Root]) {
        const {
            assert!(
                BYTES.is_multiple_of(64) && BYTES < RATE,
                "words are read in eights, for one permutation"
            )
        };
        assert_eq!(messages.len(), roots.len(), "every message has its root");
        match self.0 {
            // A lone message would leave all lanes but one empty.
            _ if messages.len() == 1 => portable::hash(messages, roots),
            Width::One => portable::hash(messages, roots),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a kernel comes from `available` alone, which lists this one only when the processor has AVX2.
            Width::Avx2 => unsafe { avx2::hash(messages, roots) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F.
            Width::Avx512 => unsafe { avx512::hash(messages, roots) },
        }
    }
}

/// The messages of nodes: each two roots, one after the other.
///
/// # Panics
/// When the number of roots is odd.
pub(crate) fn pairs(roots: &[Root]) -> &[[u8; 64]] {
    let (pairs, rest) = roots.as_chunks::<2>();
    assert!(rest.is_empty(), "nodes have two children each");
    // SAFETY: a `Root` is transparently its thirty-two bytes, so two of them are sixty-four bytes of alignment one.
    unsafe { core::slice::from_raw_parts(pairs.as_ptr().cast(), pairs.len()) }
}
