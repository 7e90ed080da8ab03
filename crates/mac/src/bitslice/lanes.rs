//! The records that fill the lanes of one run.

/// Records in columns of equal length, at most as many as there are lanes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lanes<'a> {
    /// Places in the list of masters.
    pub(crate) masters: &'a [u32],
    /// Card factors.
    pub(crate) factors: &'a [u64],
    /// Padded messages, 8 bytes by 8 bytes, as far as records differ.
    pub(crate) blocks: [&'a [u64]; 3],
    /// The 8 bytes after those, the same for all, if there are any: nothing but padding.
    pub(crate) last_block: Option<u64>,
    /// The TACs that the records carry.
    pub(crate) tacs: &'a [u32],
}

impl Lanes<'_> {
    /// The master of all records, if it is the same for all.
    #[inline(always)]
    pub(crate) fn one_master(&self) -> Option<u32> {
        let first = self.masters.first().copied().unwrap_or_default();
        // Not `all`, which stops early and so cannot look at many at once.
        (self.masters.iter().fold(0, |differences, place| differences | (place ^ first)) == 0)
            .then_some(first)
    }
}
