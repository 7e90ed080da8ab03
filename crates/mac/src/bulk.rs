//! Thousands of TACs at once: the same answers as [`verify_tac`](crate::verify_tac), records in columns.
//!
//! Both ciphers go through the bit-sliced path, the last diversification included, with the best vector instructions
//! that the machine has; the few records left over at the end of a column go through the plain one.

mod columns;

use std::fmt;

use tongclear_types::{Chain, TransactionRecord};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::bitslice::{self, DesWorkspace, MasterHalves, Sm4Workspace, Workspace};
use crate::{Algorithm, InstructionSet, InstructionSetError, MasterKey, mac_matches};
use columns::{Columns, PlainRow};

/// Fewer records than this are verified one at a time: full rows, however few lanes are in use, cost as much as
/// so many records of the plain path. Measured with `examples/tac_speed.rs`. Narrower rows for what is left over do
/// not pay: with the instructions of AVX-512, 256 lanes take as long as 512.
const fn bit_sliced_min(algorithm: Algorithm, set: InstructionSet) -> usize {
    match (algorithm, set) {
        (Algorithm::Des, InstructionSet::Portable) => 8,
        (Algorithm::Des, InstructionSet::Avx2 | InstructionSet::Avx512) => 5,
        (Algorithm::Sm4, InstructionSet::Portable) => 36,
        (Algorithm::Sm4, InstructionSet::Avx2 | InstructionSet::Avx512) => 20,
    }
}

/// A master key's place in the [`BulkVerifier`] that gave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeySlot {
    algorithm: Algorithm,
    place: u32,
}

/// Records to be verified, in columns; [`TacBatch::clear`] keeps its memory for the next ones.
///
/// It holds no keys.
#[derive(Debug, Clone)]
pub struct TacBatch {
    des: ByChain,
    sm4: ByChain,
    len: usize,
}

#[derive(Debug, Clone)]
struct ByChain {
    purchases: Columns,
    loads: Columns,
}

impl ByChain {
    fn new(purchases: usize) -> Self {
        let purchases = Columns::new(Chain::Purchase, purchases);
        Self { purchases, loads: Columns::new(Chain::Load, 0) }
    }

    const fn clear(&mut self) {
        self.purchases.clear();
        self.loads.clear();
    }
}

impl Default for TacBatch {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl TacBatch {
    /// A batch with room for `n` DES purchases, by far the most frequent kind.
    #[must_use]
    pub fn with_capacity(n: usize) -> Self {
        Self { des: ByChain::new(n), sm4: ByChain::new(0), len: 0 }
    }

    /// Appends `record`, whose card's TAC key comes from the master of `key`, and says where its verdict will
    /// be. A record whose type cannot be cleared has no TAC to verify: `None`, and the batch stays as it was.
    #[inline]
    pub fn push(&mut self, key: KeySlot, record: &TransactionRecord) -> Option<usize> {
        let verdict = self.len;
        let columns = match key.algorithm {
            Algorithm::Des => &mut self.des,
            Algorithm::Sm4 => &mut self.sm4,
        };
        match record.tti.chain()? {
            Chain::Purchase => columns.purchases.push(key.place, record, verdict),
            Chain::Load => columns.loads.push(key.place, record, verdict),
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
        self.des.clear();
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
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct BulkVerifier {
    #[zeroize(skip)]
    instruction_set: InstructionSet,
    #[zeroize(skip)]
    masters: Vec<MasterKey>,
    /// The same keys as the bit-sliced path wants them.
    halves: Vec<MasterHalves>,
}

impl BulkVerifier {
    /// A verifier without keys that uses the best instruction set of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self { instruction_set: InstructionSet::detect(), masters: Vec::new(), halves: Vec::new() }
    }

    /// Uses `set` instead; the verdicts are the same.
    ///
    /// # Errors
    /// When this machine lacks it.
    pub fn with_instruction_set(self, set: InstructionSet) -> Result<Self, InstructionSetError> {
        let mut verifier = self;
        verifier.instruction_set = set.checked()?;
        Ok(verifier)
    }

    /// The instruction set in use.
    #[must_use]
    pub const fn instruction_set(&self) -> InstructionSet {
        self.instruction_set
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
        for (algorithm, columns) in [(Algorithm::Des, &batch.des), (Algorithm::Sm4, &batch.sm4)] {
            for columns in [&columns.purchases, &columns.loads] {
                self.verify_columns(algorithm, columns, verdicts);
            }
        }
    }

    fn verify_columns(&self, algorithm: Algorithm, columns: &Columns, verdicts: &mut [bool]) {
        let rest = columns.len() % bitslice::lanes(bitslice::words(self.instruction_set));
        let plain = if rest < bit_sliced_min(algorithm, self.instruction_set) { rest } else { 0 };
        let end = columns.len() - plain;
        for row in (end..columns.len()).map(|i| columns.row(i)) {
            verdicts[row.verdict] = self.plain(algorithm, &row);
        }
        if end > 0 {
            let job = ColumnsJob { verifier: self, algorithm, columns, end, verdicts };
            bitslice::run(self.instruction_set, job);
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

impl Default for BulkVerifier {
    fn default() -> Self {
        Self::new()
    }
}

/// The bit-sliced verification of the first `end` records of `columns`.
struct ColumnsJob<'a> {
    verifier: &'a BulkVerifier,
    algorithm: Algorithm,
    columns: &'a Columns,
    end: usize,
    verdicts: &'a mut [bool],
}

impl bitslice::Job for ColumnsJob<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const W: usize>(mut self) {
        match self.algorithm {
            Algorithm::Des => self.each_group::<W, DesWorkspace<W>>(),
            Algorithm::Sm4 => self.each_group::<W, Sm4Workspace<W>>(),
        }
    }
}

impl ColumnsJob<'_> {
    /// A trait and not a closure for what differs between the ciphers: a closure is not inlined for certain, and
    /// then it is compiled without the set's instructions.
    #[inline(always)]
    fn each_group<const W: usize, S: Workspace<W>>(&mut self) {
        let mut workspace = S::new();
        for start in (0..self.end).step_by(bitslice::lanes(W)) {
            let (lanes, places) = self.columns.lanes(start, (self.end - start).min(bitslice::lanes(W)));
            let mismatches = workspace.mismatches(&self.verifier.halves, &lanes);
            // Lane `i` is word `i % W`, bit `63 - i / W`.
            for (bit, places) in places.chunks(W).enumerate() {
                for (word, place) in mismatches.iter().zip(places) {
                    self.verdicts[*place] = word << bit >> 63 == 0;
                }
            }
            let known = |place: u32| self.verifier.holds(self.algorithm, place).is_some();
            if !lanes.one_master().is_some_and(known) {
                for (place, master) in places.iter().zip(lanes.masters) {
                    self.verdicts[*place] &= known(*master);
                }
            }
        }
    }
}

fn halves(master: &MasterKey) -> MasterHalves {
    let half = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let (left, right) = master.bytes().split_at(8);
    [half(left), half(right)]
}

/// How many keys; never a key.
impl fmt::Debug for BulkVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BulkVerifier({} keys)", self.masters.len())
    }
}

#[cfg(test)]
mod tests;
