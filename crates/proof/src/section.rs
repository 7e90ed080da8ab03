//! A section: what one card partition holds of one merchant, hashed record by record as the run judges it.

use serde::{Deserialize, Serialize};
use tongclear_package::CANONICAL_LEN;
use tongclear_types::{Disposition, DispositionTallies, Fen, MoneyError};

use crate::hash::{Hash, Hasher, Tag};
use crate::tree;

/// Records of a chunk, the leaf of a section's tree: 23 KB a leaf, so that the tree stays small beside its records.
pub const CHUNK_RECORDS: usize = 256;

/// Records that wait to be hashed: 720 bytes a section.
const WAITING_RECORDS: usize = 8;

/// What one card partition holds of one merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The card partition.
    pub partition: u16,
    /// What became of its records.
    pub dispositions: DispositionTallies,
    /// Hash of its records that were not accepted.
    pub unpaid: Hash,
    /// Root over all its records.
    pub records: Hash,
}

impl Section {
    /// The section as a leaf of its merchant's tree.
    pub(crate) fn leaf(&self) -> Hash {
        let mut leaf = Hasher::new(Tag::Section);
        leaf.u16(self.partition).tallies(&self.dispositions);
        leaf.bytes(self.unpaid.0).bytes(self.records.0).finish()
    }
}

/// The hash of records that were not accepted, by their canonical bytes.
pub(crate) fn unpaid_hash<'a>(records: impl IntoIterator<Item = &'a [u8; CANONICAL_LEN]>) -> Hash {
    let mut hash = Hasher::new(Tag::Unpaid);
    records.into_iter().for_each(|record| {
        hash.bytes(record);
    });
    hash.finish()
}

/// A section while its records go by; no record is kept.
#[derive(Clone)]
pub struct SectionBuilder {
    dispositions: DispositionTallies,
    unpaid: Hasher,
    /// The chunk being filled.
    chunk: Hasher,
    in_chunk: usize,
    /// The last of its records, which are hashed a few at a time: bytes just written are slow to read back.
    waiting: Vec<u8>,
    chunks: Vec<Hash>,
}

impl Default for SectionBuilder {
    fn default() -> Self {
        Self {
            dispositions: DispositionTallies::default(),
            unpaid: Hasher::new(Tag::Unpaid),
            chunk: Hasher::new(Tag::Chunk),
            in_chunk: 0,
            waiting: Vec::new(),
            chunks: Vec::new(),
        }
    }
}

impl SectionBuilder {
    /// Takes the next record in the order of the export.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    #[inline]
    pub fn add(
        &mut self,
        disposition: Disposition,
        amount: Fen,
        record: &[u8; CANONICAL_LEN],
    ) -> Result<(), MoneyError> {
        self.dispositions.get_mut(disposition).add(amount)?;
        if disposition != Disposition::Accepted {
            self.unpaid.bytes(record);
        }
        self.waiting.extend_from_slice(record);
        self.in_chunk += 1;
        if self.in_chunk == CHUNK_RECORDS {
            self.end_chunk();
        } else if self.waiting.len() == WAITING_RECORDS * CANONICAL_LEN {
            self.hash_waiting();
        }
        Ok(())
    }

    fn hash_waiting(&mut self) {
        self.chunk.bytes(self.waiting.as_slice());
        self.waiting.clear();
    }

    fn end_chunk(&mut self) {
        self.hash_waiting();
        self.chunks.push(self.chunk.finish_and_restart(Tag::Chunk));
        self.in_chunk = 0;
    }

    /// The section of `partition`; none when there was no record.
    #[must_use]
    pub fn finish(mut self, partition: u16) -> Option<Section> {
        if self.in_chunk > 0 {
            self.end_chunk();
        }
        (!self.chunks.is_empty()).then(|| Section {
            partition,
            dispositions: self.dispositions,
            unpaid: self.unpaid.finish(),
            records: tree::hash_root(&self.chunks),
        })
    }
}
