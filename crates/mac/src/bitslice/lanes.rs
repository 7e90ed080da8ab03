//! The records that fill the lanes of one run, and how their keys and TACs become rows.

use super::Rows;
use super::transpose::{broadcast, load};

/// A master key's left and right half as numbers.
pub(crate) type MasterHalves = [u64; 2];

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

/// Writes each lane's master into `rows`, its left and its right half; the key zero for a place that is not in
/// `masters`. One master for all lanes, as is usual, is written straight into the rows.
#[inline(always)]
pub(super) fn load_masters<const W: usize>(
    masters: &[MasterHalves],
    lanes: &Lanes<'_>,
    rows: &mut [Rows<W>; 2],
    values: &mut Rows<W>,
) {
    let master = |place: u32| usize::try_from(place).ok().and_then(|place| masters.get(place));
    for (half, rows) in rows.iter_mut().enumerate() {
        if let Some(place) = lanes.one_master() {
            broadcast(master(place).map_or(0, |master| master[half]), rows);
            continue;
        }
        let values = values.as_flattened_mut();
        for (value, place) in values.iter_mut().zip(lanes.masters) {
            *value = master(*place).map_or(0, |master| master[half]);
        }
        load(&values[..lanes.masters.len()], rows);
    }
}

/// Writes the TACs that the records carry into the upper 32 rows.
#[inline(always)]
pub(super) fn load_tacs<const W: usize>(lanes: &Lanes<'_>, rows: &mut Rows<W>, values: &mut Rows<W>) {
    let values = values.as_flattened_mut();
    values.iter_mut().zip(lanes.tacs).for_each(|(value, tac)| *value = u64::from(*tac) << 32);
    load(&values[..lanes.tacs.len()], rows);
}
