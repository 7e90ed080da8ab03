//! TACs under DES of up to 64 × `W` records whose messages have the same number of blocks: the card's key derived
//! from the master, the CBC-MAC and the comparison, all in rows.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::des::{self, Direction};
use super::transpose::{broadcast, load};
use super::{Lanes, Row, Rows, add, inverted};

/// A master key's left and right half as numbers.
pub(crate) type MasterHalves = [u64; 2];

/// Everything that is computed in, 3 KiB for each word of a row; wiped when dropped, as card keys pass through it.
///
/// Aligned, so that no row of a vector register's size lies across two lines of the cache.
#[derive(Zeroize, ZeroizeOnDrop)]
#[repr(C, align(64))]
pub(crate) struct DesWorkspace<const W: usize> {
    key_left: Rows<W>,
    key_right: Rows<W>,
    /// The card factor, later the messages and the TACs.
    input: Rows<W>,
    /// The card's TAC key: left half exclusive-or right half.
    tac_key: Rows<W>,
    state: Rows<W>,
    /// Values on their way to the rows.
    values: Rows<W>,
}

/// Encryptions that a card key takes: 3DES of a factor and of its complement.
const DERIVATION: usize = 6;

impl<const W: usize> DesWorkspace<W> {
    pub(crate) fn new() -> Box<Self> {
        Box::new(Self {
            key_left: [[0; W]; 64],
            key_right: [[0; W]; 64],
            input: [[0; W]; 64],
            tac_key: [[0; W]; 64],
            state: [[0; W]; 64],
            values: [[0; W]; 64],
        })
    }

    /// A set bit in the lane of every record whose TAC is not the right one. Bits beyond the records mean
    /// nothing. A place that is not in `masters` counts as the key zero.
    ///
    /// The passes are one loop, so that the rounds are compiled into one place: unrolled, they would not fit into
    /// the instruction cache.
    #[inline(always)]
    pub(crate) fn mismatches(&mut self, masters: &[MasterHalves], lanes: &Lanes<'_>) -> Row<W> {
        self.load_masters(masters, lanes);
        load(lanes.factors, &mut self.input);
        let blocks = lanes.blocks.len() + usize::from(lanes.last_block.is_some());
        for pass in 0..DERIVATION + blocks {
            // The card key's left half comes from F, its right half from NOT F; their sum is the TAC key.
            match pass {
                0 => self.state = self.input,
                3 => {
                    self.tac_key = self.state;
                    self.state = inverted(&self.input);
                }
                DERIVATION => {
                    add(&self.state, &mut self.tac_key);
                    self.state = [[0; W]; 64];
                }
                _ => {}
            }
            if let Some(block) = pass.checked_sub(DERIVATION) {
                match lanes.blocks.get(block) {
                    Some(block) => load(block, &mut self.input),
                    None => broadcast(lanes.last_block.unwrap_or_default(), &mut self.input),
                }
                add(&self.input, &mut self.state);
            }
            // 3DES with two keys is K1 K2 K1, twice; then the chain.
            let (key, direction) = match pass {
                0 | 2 | 3 | 5 => (&self.key_left, Direction::Encrypt),
                1 | 4 => (&self.key_right, Direction::Decrypt),
                _ => (&self.tac_key, Direction::Encrypt),
            };
            des::run(&mut self.state, key, direction);
        }
        let values = self.values.as_flattened_mut();
        values.iter_mut().zip(lanes.tacs).for_each(|(value, tac)| *value = u64::from(*tac) << 32);
        load(&values[..lanes.tacs.len()], &mut self.input);
        super::differences(&self.state[..32], &self.input[..32])
    }

    /// One master for all lanes, as is usual, is written straight into the rows.
    #[inline(always)]
    fn load_masters(&mut self, masters: &[MasterHalves], lanes: &Lanes<'_>) {
        let master = |place: u32| usize::try_from(place).ok().and_then(|place| masters.get(place));
        for (half, rows) in [&mut self.key_left, &mut self.key_right].into_iter().enumerate() {
            if let Some(place) = lanes.one_master() {
                broadcast(master(place).map_or(0, |master| master[half]), rows);
                continue;
            }
            let values = self.values.as_flattened_mut();
            for (value, place) in values.iter_mut().zip(lanes.masters) {
                *value = master(*place).map_or(0, |master| master[half]);
            }
            load(&values[..lanes.masters.len()], rows);
        }
    }
}
