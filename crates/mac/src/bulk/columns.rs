//! Records as columns: what the bit-sliced path reads, and how one record is read back for the plain path.

use std::ops::Range;

use crate::bitslice::Lanes;
use crate::block::PAD;
use crate::tac::{LOAD_BYTES, PURCHASE_BYTES, TacMessage};

/// One record for the plain path.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlainRow {
    /// The master's place in the verifier.
    pub(super) place: u32,
    /// The card factor.
    pub(super) factor: [u8; 8],
    pub(super) message: TacMessage,
    pub(super) tac: [u8; 4],
    /// Where the verdict goes.
    pub(super) verdict: usize,
}

/// Records whose padded messages have `BLOCKS` blocks. All columns have the same length.
#[derive(Debug, Clone)]
pub(super) struct DesColumns<const BLOCKS: usize> {
    masters: Vec<u32>,
    factors: Vec<u64>,
    blocks: [Vec<u64>; BLOCKS],
    tacs: Vec<u32>,
    verdicts: Vec<usize>,
}

impl<const BLOCKS: usize> DesColumns<BLOCKS> {
    pub(super) fn with_capacity(n: usize) -> Self {
        Self {
            masters: Vec::with_capacity(n),
            factors: Vec::with_capacity(n),
            blocks: std::array::from_fn(|_| Vec::with_capacity(n)),
            tacs: Vec::with_capacity(n),
            verdicts: Vec::with_capacity(n),
        }
    }

    /// `message` is shorter than the blocks, so that its padding has a place.
    pub(super) fn push(&mut self, place: u32, factor: [u8; 8], message: &[u8], tac: [u8; 4], verdict: usize) {
        debug_assert!(message.len() < 8 * BLOCKS && message.len() + 8 >= 8 * BLOCKS);
        self.masters.push(place);
        self.factors.push(u64::from_be_bytes(factor));
        let (whole, rest) = message.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[rest.len()] = PAD;
        let values = whole.iter().chain([&last]).map(|block| u64::from_be_bytes(*block));
        self.blocks.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        self.tacs.push(u32::from_be_bytes(tac));
        self.verdicts.push(verdict);
    }

    pub(super) fn len(&self) -> usize {
        self.tacs.len()
    }

    pub(super) fn clear(&mut self) {
        self.masters.clear();
        self.factors.clear();
        self.blocks.iter_mut().for_each(Vec::clear);
        self.tacs.clear();
        self.verdicts.clear();
    }

    pub(super) fn lanes(&self, range: Range<usize>) -> Lanes<'_, BLOCKS> {
        Lanes {
            masters: &self.masters[range.clone()],
            factors: &self.factors[range.clone()],
            blocks: std::array::from_fn(|block| &self.blocks[block][range.clone()]),
            tacs: &self.tacs[range],
        }
    }

    pub(super) fn verdicts(&self, range: Range<usize>) -> &[usize] {
        &self.verdicts[range]
    }

    /// The record at `i`, put together again.
    pub(super) fn row(&self, i: usize) -> PlainRow {
        let mut padded = [0; 32];
        for (to, column) in padded.as_chunks_mut::<8>().0.iter_mut().zip(&self.blocks) {
            *to = column[i].to_be_bytes();
        }
        let message = if BLOCKS * 8 > LOAD_BYTES {
            TacMessage::Load(leading(&padded))
        } else {
            TacMessage::Purchase(leading::<PURCHASE_BYTES>(&padded))
        };
        PlainRow {
            place: self.masters[i],
            factor: self.factors[i].to_be_bytes(),
            message,
            tac: self.tacs[i].to_be_bytes(),
            verdict: self.verdicts[i],
        }
    }
}

impl<const BLOCKS: usize> Default for DesColumns<BLOCKS> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

/// The first `N` bytes.
fn leading<const N: usize>(bytes: &[u8; 32]) -> [u8; N] {
    std::array::from_fn(|i| bytes[i])
}
