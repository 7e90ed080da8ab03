//! Fixed places in fixed-length answers, checked at compile time.

/// The `LEN` bytes at `AT`.
pub(crate) fn part<const AT: usize, const LEN: usize, const N: usize>(bytes: &[u8; N]) -> [u8; LEN] {
    const { assert!(AT + LEN <= N, "outside the bytes") };
    std::array::from_fn(|i| bytes[AT + i])
}

/// Parts one after the other.
pub(crate) struct Joined<const N: usize> {
    bytes: [u8; N],
    filled: usize,
}

impl<const N: usize> Joined<N> {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], filled: 0 }
    }

    /// Appends `part`.
    pub(crate) fn and(mut self, part: &[u8]) -> Self {
        self.bytes[self.filled..self.filled + part.len()].copy_from_slice(part);
        self.filled += part.len();
        self
    }

    /// The whole, which must be full.
    pub(crate) fn done(self) -> [u8; N] {
        debug_assert_eq!(self.filled, N, "a part is missing");
        self.bytes
    }
}
