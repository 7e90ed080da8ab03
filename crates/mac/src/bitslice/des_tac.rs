//! TACs under DES of up to 64 × `W` records whose messages have the same number of blocks: the card's key derived
//! from the master, the CBC-MAC and the comparison, all in rows.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::des::{self, Direction};
use super::transpose::{broadcast, load};
use super::{Lanes, MasterHalves, Row, Rows, Workspace, add, inverted, load_masters, load_tacs};

/// Everything that is computed in, 3 KiB for each word of a row; wiped when dropped, as card keys pass through it.
///
/// Aligned, so that no row of a vector register's size lies across two lines of the cache.
#[derive(Zeroize, ZeroizeOnDrop)]
#[repr(C, align(64))]
pub(crate) struct DesWorkspace<const W: usize> {
    /// The master's left and right half.
    keys: [Rows<W>; 2],
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

impl<const W: usize> Workspace<W> for DesWorkspace<W> {
    fn new() -> Box<Self> {
        Box::new(Self {
            keys: [[[0; W]; 64]; 2],
            input: [[0; W]; 64],
            tac_key: [[0; W]; 64],
            state: [[0; W]; 64],
            values: [[0; W]; 64],
        })
    }

    /// The passes are one loop, so that the rounds are compiled into one place: unrolled, they would not fit into
    /// the instruction cache.
    #[inline(always)]
    fn mismatches(&mut self, masters: &[MasterHalves], lanes: &Lanes<'_>) -> Row<W> {
        load_masters(masters, lanes, &mut self.keys, &mut self.values);
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
                0 | 2 | 3 | 5 => (&self.keys[0], Direction::Encrypt),
                1 | 4 => (&self.keys[1], Direction::Decrypt),
                _ => (&self.tac_key, Direction::Encrypt),
            };
            des::run(&mut self.state, key, direction);
        }
        load_tacs(lanes, &mut self.input, &mut self.values);
        super::differences(&self.state[..32], &self.input[..32])
    }
}
