//! The same safe code compiled for several instruction sets: the only unsafe code of this crate.
//!
//! A [`Job`] is written once, over rows of `W` words, without a word about vectors. Each function here compiles
//! it anew with the features of one set switched on, so the compiler makes rows of four words one register of
//! AVX2 and rows of eight one of AVX-512. That works only if all of the job is inlined here, hence
//! `#[inline(always)]` on everything below [`Job::run`]: what is called instead of inlined is right, but slow.
//!
//! Unsafe is nothing but the calls: a machine without the features would stop at an unknown instruction. So a
//! call is made only after the machine was asked.

use crate::InstructionSet;

/// Work on rows of any width.
pub(crate) trait Job: Sized {
    /// What it yields.
    type Output;

    /// Does the work on rows of `W` words, which must be inlined.
    fn run<const W: usize>(self) -> Self::Output;
}

/// Words in a row that suit `set`: one register, for the portable path measured.
pub(crate) const fn words(set: InstructionSet) -> usize {
    match set {
        InstructionSet::Portable => PORTABLE,
        InstructionSet::Avx2 => AVX2,
        InstructionSet::Avx512 => AVX512,
    }
}

/// Measured with `examples/tac_speed.rs`.
const PORTABLE: usize = 4;
/// 256 bits.
const AVX2: usize = 4;
/// 512 bits.
const AVX512: usize = 8;

/// Runs `job` with the instructions of `set`, portably if the machine lacks them.
pub(crate) fn run<J: Job>(set: InstructionSet, job: J) -> J::Output {
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 if set.is_available() => {
            #[expect(unsafe_code, reason = "calls code compiled for AVX-512")]
            // SAFETY: the guard has just asked the machine for every feature that `x86::avx512` enables.
            unsafe {
                x86::avx512(job)
            }
        }
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 if set.is_available() => {
            #[expect(unsafe_code, reason = "calls code compiled for AVX2")]
            // SAFETY: the guard has just asked the machine for the one feature that `x86::avx2` enables.
            unsafe {
                x86::avx2(job)
            }
        }
        _ => job.run::<PORTABLE>(),
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! One function for each set; the features here are those that `InstructionSet::is_available` asks for.

    use super::{AVX2, AVX512, Job};

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    pub(super) fn avx512<J: Job>(job: J) -> J::Output {
        job.run::<AVX512>()
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn avx2<J: Job>(job: J) -> J::Output {
        job.run::<AVX2>()
    }
}
