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

    /// Does `work` as this kernel's instruction set lets a compiler do it: what is inlined into it may use the wider registers.
    #[inline]
    pub(crate) fn compiled<R>(self, work: impl FnOnce() -> R) -> R {
        match self {
            Kernel::Portable => work(),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernel only when the processor has AVX2.
            Kernel::Avx2 => unsafe { work_avx2(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F.
            Kernel::Avx512Vnni => unsafe { work_avx512(work) },
        }
    }
}

macro_rules! compiled_for {
    ($features:literal, $unary:ident, $binary:ident, $work:ident) => {
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
        unsafe fn $work<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
    };
}

compiled_for!("avx2", unary_avx2, binary_avx2, work_avx2);
compiled_for!(
    "avx512f,avx512bw,avx512vl,avx512dq",
    unary_avx512,
    binary_avx512,
    work_avx512
);
