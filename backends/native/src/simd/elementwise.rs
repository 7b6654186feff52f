//! The operators' own element-wise loops, compiled for wider registers.

use opml_ops::{Binary, Unary};

use super::Kernel;

impl Kernel {
    /// `Unary::floats`.
    pub(crate) fn unary(self, plan: &Unary, x: &[[u8; 4]], output: &mut [[u8; 4]]) {
        match self {
            Kernel::Portable => plan.floats(x, output),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernel only when the processor has AVX2.
            Kernel::Avx2 => unsafe { unary_avx2(plan, x, output) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F.
            Kernel::Avx512Vnni => unsafe { unary_avx512(plan, x, output) },
        }
    }

    /// `Binary::floats`.
    pub(crate) fn binary(self, plan: &Binary, a: &[u8], b: &[u8], output: &mut [u8], start: usize) {
        match self {
            Kernel::Portable => plan.floats(a, b, output, start),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernel only when the processor has AVX2.
            Kernel::Avx2 => unsafe { binary_avx2(plan, a, b, output, start) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F.
            Kernel::Avx512Vnni => unsafe { binary_avx512(plan, a, b, output, start) },
        }
    }

    /// `sums[i] += factor · x[i]`, rounded twice.
    pub(crate) fn add_scaled(self, sums: &mut [f32], factor: f32, x: &[[u8; 4]]) {
        match self {
            Kernel::Portable => add_scaled(sums, factor, x),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernel only when the processor has AVX2.
            Kernel::Avx2 => unsafe { add_scaled_avx2(sums, factor, x) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F.
            Kernel::Avx512Vnni => unsafe { add_scaled_avx512(sums, factor, x) },
        }
    }
}

#[inline(always)]
fn add_scaled(sums: &mut [f32], factor: f32, x: &[[u8; 4]]) {
    for (sum, x) in sums.iter_mut().zip(x) {
        *sum += factor * f32::from_le_bytes(*x);
    }
}

macro_rules! compiled_for {
    ($features:literal, $unary:ident, $binary:ident, $scaled:ident) => {
        /// # Safety
        /// The processor has these features.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $unary(plan: &Unary, x: &[[u8; 4]], output: &mut [[u8; 4]]) {
            plan.floats(x, output);
        }

        /// # Safety
        /// The processor has these features.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $binary(plan: &Binary, a: &[u8], b: &[u8], output: &mut [u8], start: usize) {
            plan.floats(a, b, output, start);
        }

        /// # Safety
        /// The processor has these features.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $scaled(sums: &mut [f32], factor: f32, x: &[[u8; 4]]) {
            add_scaled(sums, factor, x);
        }
    };
}

compiled_for!("avx2", unary_avx2, binary_avx2, add_scaled_avx2);
compiled_for!(
    "avx512f,avx512bw,avx512vl,avx512dq",
    unary_avx512,
    binary_avx512,
    add_scaled_avx512
);
