//! Fixed positions in fixed layouts: reading and writing that the compiler proves to be in bounds.

/// The `N` bytes from `AT`.
#[inline]
pub(crate) fn part<const AT: usize, const N: usize, const LEN: usize>(bytes: &[u8; LEN]) -> [u8; N] {
    const { assert!(AT + N <= LEN, "the field lies inside the layout") }
    std::array::from_fn(|i| bytes[AT + i])
}

/// Writes `value` from `AT`.
#[inline]
pub(crate) fn put<const AT: usize, const N: usize, const LEN: usize>(bytes: &mut [u8; LEN], value: [u8; N]) {
    const { assert!(AT + N <= LEN, "the field lies inside the layout") }
    bytes[AT..AT + N].copy_from_slice(&value);
}
