//! The one source of chance: a ChaCha stream and the few draws that a collector needs.
//!
//! Every collector has streams of its own, so that its script does not depend on which others play.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tongclear_types::CollectorId;

/// What a stream is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// What the collector will do.
    Script,
    /// How long it waits between attempts.
    Jitter,
}

/// A seeded stream of draws.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of `seed` for one collector and purpose.
    pub(crate) fn new(seed: u64, collector: CollectorId, purpose: Purpose) -> Self {
        let first = match purpose {
            Purpose::Script => 0,
            Purpose::Jitter => 1,
        };
        let [a, b, c, d, e, f] = collector.0;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from_be_bytes([first, 0, a, b, c, d, e, f]));
        Self(rng)
    }

    /// A number below `bound`, which is at least 1; the bias of at most bound/2^64 does not matter here.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        debug_assert!(bound > 0);
        let product = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).expect("the upper half of 128 bits")
    }

    /// An index below `len`, which is at least 1.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).expect("at most 64 bits"))).expect("below a usize")
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// A time from `low_ms` to `high_ms` milliseconds, both included.
    pub(crate) fn millis(&mut self, low_ms: u64, high_ms: u64) -> Duration {
        Duration::from_millis(self.between(low_ms, high_ms))
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: u8) -> bool {
        self.below(100) < u64::from(percent)
    }
}
