//! Records as columns: what the bit-sliced paths read, and how one record is read back for the plain path.

use tongclear_types::{Chain, TransactionRecord};

use crate::bitslice::Lanes;
use crate::tac::TacMessage;

/// Records of one algorithm and one chain.
///
/// Columns lie in groups of a fixed size: a push has one place to find and one bound to check, not one for each
/// column, and a group is what the widest instruction set takes at once.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    chain: Chain,
    groups: Vec<Group>,
    len: usize,
}

/// Records of a group, a power of two: the lanes of the widest instruction set.
pub(super) const GROUP: usize = 512;

#[derive(Debug, Clone)]
struct Group {
    masters: [u32; GROUP],
    factors: [u64; GROUP],
    blocks: [[u64; GROUP]; 3],
    tacs: [u32; GROUP],
    verdicts: [usize; GROUP],
}

const EMPTY: Group = Group {
    masters: [0; GROUP],
    factors: [0; GROUP],
    blocks: [[0; GROUP]; 3],
    tacs: [0; GROUP],
    verdicts: [0; GROUP],
};

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

impl Columns {
    /// Columns for `chain` with room for `n` records.
    pub(super) fn new(chain: Chain, n: usize) -> Self {
        Self { chain, groups: vec![EMPTY; n.div_ceil(GROUP)], len: 0 }
    }

    /// Appends a record of the columns' chain.
    #[inline]
    pub(super) fn push(&mut self, place: u32, record: &TransactionRecord, verdict: usize) {
        let (group, lane) = (self.len / GROUP, self.len % GROUP);
        if group == self.groups.len() {
            self.groups.push(EMPTY);
        }
        let group = &mut self.groups[group];
        let blocks = match self.chain {
            Chain::Purchase => TacMessage::purchase_blocks(record),
            Chain::Load => TacMessage::load_blocks(record),
        };
        let [_, _, factor @ ..] = record.serial.0;
        group.masters[lane] = place;
        group.factors[lane] = u64::from_be_bytes(factor);
        group.blocks.iter_mut().zip(blocks).for_each(|(column, block)| column[lane] = block);
        group.tacs[lane] = u32::from_be_bytes(record.tac);
        group.verdicts[lane] = verdict;
        self.len += 1;
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Forgets the records and keeps the memory.
    pub(super) const fn clear(&mut self) {
        self.len = 0;
    }

    /// The records from `start`, at most `most` and at most to the end of a group, and where their verdicts go.
    pub(super) fn lanes(&self, start: usize, most: usize) -> (Lanes<'_>, &[usize]) {
        let group = &self.groups[start / GROUP];
        let first = start % GROUP;
        let range = first..GROUP.min(first + most.min(self.len - start));
        let lanes = Lanes {
            masters: &group.masters[range.clone()],
            factors: &group.factors[range.clone()],
            blocks: group.blocks.each_ref().map(|column| &column[range.clone()]),
            last_block: match self.chain {
                Chain::Purchase => None,
                Chain::Load => Some(TacMessage::LOAD_PADDING),
            },
            tacs: &group.tacs[range.clone()],
        };
        (lanes, &group.verdicts[range])
    }

    /// The record at `i`, put together again.
    pub(super) fn row(&self, i: usize) -> PlainRow {
        let (group, lane) = (&self.groups[i / GROUP], i % GROUP);
        let blocks = group.blocks.each_ref().map(|column| column[lane]);
        PlainRow {
            place: group.masters[lane],
            factor: group.factors[lane].to_be_bytes(),
            message: TacMessage::of_blocks(self.chain, blocks),
            tac: group.tacs[lane].to_be_bytes(),
            verdict: group.verdicts[lane],
        }
    }
}
