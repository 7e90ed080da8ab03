//! TACs under SM4 of up to 64 × `W` records: the card's key derived from the master, the CBC-MAC and the
//! comparison, all in rows. Both kinds of messages have two blocks once they are padded.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::sm4::{self, Block, RoundKeys, Substituted};
use super::transpose::{broadcast, load};
use super::{Lanes, MasterHalves, Row, Rows, Workspace, add, inverted, load_masters, load_tacs};

/// Everything that is computed in, 12 KiB for each word of a row; wiped when dropped, as card keys pass through it.
#[derive(Zeroize, ZeroizeOnDrop)]
#[repr(C, align(64))]
pub(crate) struct Sm4Workspace<const W: usize> {
    /// The master's round keys, then the cards'.
    round_keys: RoundKeys<W>,
    key: Block<W>,
    state: Block<W>,
    substituted: Substituted<W>,
    halves: [Rows<W>; 2],
    /// Values on their way to the rows.
    values: Rows<W>,
}

impl<const W: usize> Workspace<W> for Sm4Workspace<W> {
    fn new() -> Box<Self> {
        Box::new(Self {
            round_keys: [[[0; W]; 32]; 32],
            key: [[[0; W]; 32]; 4],
            state: [[[0; W]; 32]; 4],
            substituted: [[0; W]; 64],
            halves: [[[0; W]; 64]; 2],
            values: [[0; W]; 64],
        })
    }

    /// The passes are one loop for the same reason as those of DES.
    #[inline(always)]
    fn mismatches(&mut self, masters: &[MasterHalves], lanes: &Lanes<'_>) -> Row<W> {
        load_masters(masters, lanes, &mut self.halves, &mut self.values);
        self.key.as_flattened_mut().copy_from_slice(self.halves.as_flattened());
        // What is encrypted: F and NOT F under the master, then the two blocks of the chain under what that gave.
        load(lanes.factors, &mut self.halves[0]);
        self.halves[1] = inverted(&self.halves[0]);
        self.state = [[[0; W]; 32]; 4];
        for pass in 0..3 {
            if pass < 2 {
                sm4::schedule(&mut self.key, &mut self.round_keys, &mut self.substituted);
            }
            add(self.halves.as_flattened(), self.state.as_flattened_mut());
            sm4::encrypt(&mut self.state, &self.round_keys, &mut self.substituted);
            match pass {
                0 => {
                    self.key = self.state;
                    self.state = [[[0; W]; 32]; 4];
                    load(lanes.blocks[0], &mut self.halves[0]);
                    load(lanes.blocks[1], &mut self.halves[1]);
                }
                1 => {
                    load(lanes.blocks[2], &mut self.halves[0]);
                    broadcast(lanes.last_block.unwrap_or_default(), &mut self.halves[1]);
                }
                _ => {}
            }
        }
        load_tacs(lanes, &mut self.halves[0], &mut self.values);
        super::differences(&self.state[0], &self.halves[0][..32])
    }
}
