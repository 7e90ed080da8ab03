//! Chance that depends on nothing but the seed and what it is drawn for, so that any thread may draw it.

/// A stream of draws (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    /// The stream of `seed` for a purpose and a place, such as a day and a card.
    pub(crate) fn new(seed: u64, purpose: u64, place: u64) -> Self {
        let mut start = Self(seed ^ purpose.wrapping_mul(0xd6e8_feb8_6659_fd93));
        let start = start.next() ^ place.wrapping_mul(0xa076_1d64_78bd_642f);
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(((self.next() >> 32) * u64::from(bound)) >> 32).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// The same for counters.
    pub(crate) fn step(&mut self, low: u16, high: u16) -> u16 {
        u16::try_from(self.between(low.into(), high.into())).unwrap_or(high)
    }

    /// True `part` times in a thousand.
    pub(crate) fn per_mille(&mut self, part: u32) -> bool {
        self.below(1_000) < part
    }

    /// One of `choices`, which is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let bound = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        choices[self.below(bound) as usize]
    }

    /// Bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_be_bytes()[..part.len()]);
        }
        bytes
    }
}
