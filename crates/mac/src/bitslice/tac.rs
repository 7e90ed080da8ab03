//! TACs of up to [`LANES`] records whose messages have the same number of blocks: the card's key derived from
//! the master, the CBC-MAC and the comparison, all in rows.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::des::{Direction, Halves};
use super::transpose::{broadcast, load};
use super::{LANES, NO_ROWS, Row, Rows};

/// A master key's left and right half as numbers.
pub(crate) type MasterHalves = [u64; 2];

/// Records in columns of equal length, at most [`LANES`].
#[derive(Clone, Copy)]
pub(crate) struct Lanes<'a, const BLOCKS: usize> {
    /// Places in the list of masters.
    pub(crate) masters: &'a [u32],
    /// Card factors.
    pub(crate) factors: &'a [u64],
    /// Padded messages, block by block.
    pub(crate) blocks: [&'a [u64]; BLOCKS],
    /// The TACs that the records carry.
    pub(crate) tacs: &'a [u32],
}

/// Everything that is computed in, some 12 KiB; wiped when dropped, as card keys pass through it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Workspace {
    key_left: Rows,
    key_right: Rows,
    /// The card factor, later the messages and the TACs.
    input: Rows,
    /// The card's TAC key: left half exclusive-or right half.
    tac_key: Rows,
    state: Halves,
    values: [u64; LANES],
}

impl Workspace {
    pub(crate) fn new() -> Box<Self> {
        Box::new(Self {
            key_left: NO_ROWS,
            key_right: NO_ROWS,
            input: NO_ROWS,
            tac_key: NO_ROWS,
            state: Halves::ZERO,
            values: [0; LANES],
        })
    }

    /// A set bit, lane 0 the highest of word 0, for every record whose TAC is not the right one. Bits beyond the
    /// records mean nothing. Every place in `lanes.masters` must be one of `masters`.
    pub(crate) fn mismatches<const BLOCKS: usize>(
        &mut self,
        masters: &[MasterHalves],
        lanes: &Lanes<'_, BLOCKS>,
    ) -> Row {
        self.load_masters(masters, lanes.masters);
        load(lanes.factors, &mut self.input);
        self.tac_key = NO_ROWS;
        // Left half from F, right half from NOT F; their sum is the TAC key.
        for inverted in [false, true] {
            self.state.set(&self.input, inverted);
            self.state.encrypt_3des(&self.key_left, &self.key_right);
            self.state.add_to(&mut self.tac_key, 64);
        }
        self.state = Halves::ZERO;
        for block in lanes.blocks {
            load(block, &mut self.input);
            self.state.add(&self.input);
            self.state.run(&self.tac_key, Direction::Encrypt);
        }
        // A TAC is the left 4 bytes, so only the upper 32 rows count.
        self.values.iter_mut().zip(lanes.tacs).for_each(|(value, tac)| *value = u64::from(*tac) << 32);
        load(&self.values[..lanes.tacs.len()], &mut self.input);
        self.state.add_to(&mut self.input, 32);
        let mut mismatches = Row::default();
        for row in &self.input[..32] {
            mismatches.iter_mut().zip(row).for_each(|(any, word)| *any |= word);
        }
        mismatches
    }

    /// One master for all lanes, as is usual, is written straight into the rows.
    fn load_masters(&mut self, masters: &[MasterHalves], places: &[u32]) {
        let master = |place: u32| usize::try_from(place).ok().and_then(|place| masters.get(place));
        let halves = [&mut self.key_left, &mut self.key_right];
        let first = places.first().copied().unwrap_or_default();
        let uniform = places.iter().all(|place| *place == first);
        for (half, rows) in halves.into_iter().enumerate() {
            if uniform {
                broadcast(master(first).map_or(0, |master| master[half]), rows);
                continue;
            }
            for (value, place) in self.values.iter_mut().zip(places) {
                *value = master(*place).map_or(0, |master| master[half]);
            }
            load(&self.values[..places.len()], rows);
        }
    }
}
