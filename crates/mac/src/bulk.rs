//! Thousands of TACs at once: the same answers as [`verify_tac`](crate::verify_tac), records in columns.
//!
//! DES goes through the bit-sliced path, the last diversification included; SM4, whose S-box does not slice
//! well, goes through the plain one, as do the few DES records left over at the end of a column.

mod columns;

use std::fmt;

use tongclear_types::TransactionRecord;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::bitslice::{LANES, MasterHalves, Workspace};
use crate::tac::TacMessage;
use crate::{Algorithm, MasterKey, TacInput, mac_matches};
use columns::{DesColumns, PlainRow};

/// Blocks of a padded DES message: 22 + 2 and 24 + 8 bytes.
const PURCHASE_BLOCKS: usize = 3;
const LOAD_BLOCKS: usize = 4;
/// Fewer DES records than this are verified one at a time: full rows, however few lanes are in use, cost as
/// much as 12 records of the plain path.
const BIT_SLICED_MIN: usize = 12;

/// A master key's place in the [`BulkVerifier`] that gave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeySlot {
    algorithm: Algorithm,
    place: u32,
}

/// Records to be verified, in columns; [`TacBatch::clear`] keeps its memory for the next ones.
///
/// It holds no keys.
#[derive(Debug, Clone, Default)]
pub struct TacBatch {
    purchases: DesColumns<PURCHASE_BLOCKS>,
    loads: DesColumns<LOAD_BLOCKS>,
    sm4: Vec<PlainRow>,
    len: usize,
}

impl TacBatch {
    /// A batch with room for `n` DES purchases, by far the most frequent kind.
    #[must_use]
    pub fn with_capacity(n: usize) -> Self {
        Self { purchases: DesColumns::with_capacity(n), ..Self::default() }
    }

    /// Appends `record`, whose card's TAC key comes from the master of `key`, and says where its verdict will
    /// be. A record whose type cannot be cleared has no TAC to verify: `None`, and the batch stays as it was.
    pub fn push(&mut self, key: KeySlot, record: &TransactionRecord) -> Option<usize> {
        let message = TacInput::of(record)?.message();
        let [_, _, factor @ ..] = record.serial.0;
        let verdict = self.len;
        match (key.algorithm, &message) {
            (Algorithm::Des, TacMessage::Purchase(bytes)) => {
                self.purchases.push(key.place, factor, bytes, record.tac, verdict);
            }
            (Algorithm::Des, TacMessage::Load(bytes)) => {
                self.loads.push(key.place, factor, bytes, record.tac, verdict);
            }
            (Algorithm::Sm4, _) => {
                self.sm4.push(PlainRow { place: key.place, factor, message, tac: record.tac, verdict });
            }
        }
        self.len += 1;
        Some(verdict)
    }

    /// Records in the batch.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets the records.
    pub fn clear(&mut self) {
        self.purchases.clear();
        self.loads.clear();
        self.sm4.clear();
        self.len = 0;
    }
}

/// Verifies batches under the master keys that it was given.
///
/// ```
/// use tongclear_mac::{Algorithm, BulkVerifier, MasterKey, TacBatch};
/// let mut verifier = BulkVerifier::new();
/// let slot = verifier.add_key(&MasterKey::new(Algorithm::Des, [7; 16]));
/// let mut verdicts = Vec::new();
/// verifier.verify(&TacBatch::with_capacity(1000), &mut verdicts);
/// assert!(verdicts.is_empty());
/// # let _ = slot;
/// ```
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct BulkVerifier {
    #[zeroize(skip)]
    masters: Vec<MasterKey>,
    /// The same keys as the bit-sliced path wants them; zero for SM4.
    halves: Vec<MasterHalves>,
}

impl BulkVerifier {
    /// A verifier without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the master from which one step of diversification leads to card keys: with two levels, the
    /// operator's master already diversified by the issuer factor.
    pub fn add_key(&mut self, master: &MasterKey) -> KeySlot {
        let place =
            u32::try_from(self.masters.len()).expect("a key takes 16 bytes: memory ends before u32 does");
        self.masters.push(master.clone());
        self.halves.push(halves(master));
        KeySlot { algorithm: master.algorithm(), place }
    }

    /// Replaces `verdicts` by one verdict for each record of `batch`, in the order in which they were pushed:
    /// whether its TAC is right. A slot of another verifier, if it has no key here, makes it wrong.
    pub fn verify(&self, batch: &TacBatch, verdicts: &mut Vec<bool>) {
        verdicts.clear();
        verdicts.resize(batch.len, false);
        let mut workspace = Workspace::new();
        self.verify_des(&batch.purchases, &mut workspace, verdicts);
        self.verify_des(&batch.loads, &mut workspace, verdicts);
        for row in &batch.sm4 {
            verdicts[row.verdict] = self.plain(Algorithm::Sm4, row);
        }
    }

    fn verify_des<const BLOCKS: usize>(
        &self,
        columns: &DesColumns<BLOCKS>,
        workspace: &mut Workspace,
        verdicts: &mut [bool],
    ) {
        let mut start = 0;
        while start < columns.len() {
            let end = columns.len().min(start + LANES);
            if end - start < BIT_SLICED_MIN {
                for row in (start..end).map(|i| columns.row(i)) {
                    verdicts[row.verdict] = self.plain(Algorithm::Des, &row);
                }
            } else {
                let lanes = columns.lanes(start..end);
                let mismatches = workspace.mismatches(&self.halves, &lanes);
                for (lane, verdict) in columns.verdicts(start..end).iter().enumerate() {
                    let right = mismatches[lane / 64] << (lane % 64) >> 63 == 0;
                    verdicts[*verdict] = right && self.holds(Algorithm::Des, lanes.masters[lane]).is_some();
                }
            }
            start = end;
        }
    }

    /// The master at `place`, if it is one of that algorithm.
    fn holds(&self, algorithm: Algorithm, place: u32) -> Option<&MasterKey> {
        let master = self.masters.get(usize::try_from(place).ok()?)?;
        (master.algorithm() == algorithm).then_some(master)
    }

    fn plain(&self, algorithm: Algorithm, row: &PlainRow) -> bool {
        self.holds(algorithm, row.place).is_some_and(|master| {
            let tac = master.card_key(row.factor).tac_of_message(&row.message);
            mac_matches(&tac, &row.tac)
        })
    }
}

fn halves(master: &MasterKey) -> MasterHalves {
    let half = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    match master.algorithm() {
        Algorithm::Des => {
            let (left, right) = master.bytes().split_at(8);
            [half(left), half(right)]
        }
        Algorithm::Sm4 => [0; 2],
    }
}

/// How many keys; never a key.
impl fmt::Debug for BulkVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BulkVerifier({} keys)", self.masters.len())
    }
}

#[cfg(test)]
mod tests;
