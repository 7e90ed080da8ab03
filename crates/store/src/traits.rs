//! The storage trait, coarse and batch-shaped: about as many methods as the night has steps.

use async_trait::async_trait;
use tongclear_ledger::{Position, Transfer};
use tongclear_types::{BusinessDate, CardId, TerminalId, TerminalNumber};

use crate::{
    AccountBalance, AuditRow, ClearingCommit, DenyListRow, Digest, KeyGeneration, LedgerState,
    MissingPackages, NewPackage, NewQuarantine, PackageKey, PackageResult, PackageRow, Portable,
    QuarantineRow, RegistryVersion, RunFile, RunRow, SettlementCommit, Stamp, Statements, StoreError,
    SuspendedItem, TerminalSpan, Versioned, WindowId, WindowRow,
};

/// The centre's relational store.
///
/// Every method is one database transaction: it happens whole or not at all, and is durable when it returns.
/// Reads of history (`registry`, `packages`, `run`, `run_files`, `transfers`) never change once their window has passed the
/// step that fixed them.
///
/// Methods that take a [`Stamp`], and the commits, which carry one, append to the audit log in the same transaction.
#[async_trait]
pub trait Store: Portable {
    // --- registry, keys, lists: append-only, numbered from 1 -----------------------------------------------

    /// The registry in force, as the text that was stored.
    async fn latest_registry(&self) -> Result<Option<Versioned<RegistryVersion, String>>, StoreError>;

    /// A past registry; `Corrupt` when that version was never stored.
    async fn registry(&self, version: RegistryVersion) -> Result<String, StoreError>;

    /// Stores `body` as the version after `previous`; [`StoreError::Conflict`] when `previous` is not the latest.
    async fn add_registry(
        &self,
        previous: Option<RegistryVersion>,
        body: &str,
        stamp: &Stamp,
    ) -> Result<RegistryVersion, StoreError>;

    /// The key ring in force, sealed.
    async fn latest_key_ring(&self) -> Result<Option<Versioned<KeyGeneration, Vec<u8>>>, StoreError>;

    /// A past key ring, sealed; `Corrupt` when that generation was never stored.
    async fn key_ring(&self, generation: KeyGeneration) -> Result<Vec<u8>, StoreError>;

    /// Stores `sealed` as the generation after `previous`; [`StoreError::Conflict`] as for the registry.
    async fn add_key_ring(
        &self,
        previous: Option<KeyGeneration>,
        sealed: &[u8],
        stamp: &Stamp,
    ) -> Result<KeyGeneration, StoreError>;

    /// All deny lists taken so far, in load order.
    async fn deny_lists(&self) -> Result<Vec<DenyListRow>, StoreError>;

    /// Stores a list's header; `row.id` must be the next number and its version above the operator's last,
    /// else [`StoreError::Conflict`]. `approved` tells the audit log whether a person lifted the guard on its growth.
    async fn add_deny_list(&self, row: &DenyListRow, approved: bool, stamp: &Stamp)
    -> Result<(), StoreError>;

    // --- windows ---------------------------------------------------------------------------------------------

    /// All windows in the order in which they opened; the last one is the open one.
    async fn windows(&self) -> Result<Vec<WindowRow>, StoreError>;

    /// Closes `open` under `date` against the registry, key ring and lists as they are now, and opens the next.
    ///
    /// [`StoreError::Conflict`] when `open` is not the open window, when an earlier window has `date` or a later
    /// one, or when there is no registry or key ring. Returns the closed window.
    async fn close_window(
        &self,
        open: WindowId,
        date: BusinessDate,
        stamp: &Stamp,
    ) -> Result<WindowRow, StoreError>;

    // --- intake ----------------------------------------------------------------------------------------------

    /// Starts taking packages in. Transactions of several callers exclude each other and
    /// [`Store::close_window`], so that what one of them decides still holds when it commits.
    async fn begin_intake(&self) -> Result<Box<dyn IntakeTransaction>, StoreError>;

    /// The accepted packages of a window, by collector and sequence.
    async fn packages(&self, window: WindowId) -> Result<Vec<PackageRow>, StoreError>;

    /// One accepted package.
    async fn package(&self, key: PackageKey) -> Result<Option<PackageRow>, StoreError>;

    /// The accepted packages in which the terminal's numbers span `number`, by collector and sequence.
    async fn packages_spanning(
        &self,
        terminal: TerminalId,
        number: TerminalNumber,
    ) -> Result<Vec<PackageRow>, StoreError>;

    /// The terminals of a window's packages, by collector, sequence and terminal.
    async fn terminal_spans(&self, window: WindowId) -> Result<Vec<(PackageKey, TerminalSpan)>, StoreError>;

    /// Gaps in the sequences of every collector, over all windows, by collector and sequence.
    async fn missing_packages(&self) -> Result<Vec<MissingPackages>, StoreError>;

    /// What lies in quarantine, by arrival and digest.
    async fn quarantine(&self) -> Result<Vec<QuarantineRow>, StoreError>;

    // --- clearing and settlement ----------------------------------------------------------------------------

    /// Records suspended by windows before `window`, whatever was decided about them since.
    async fn suspended_before(&self, window: WindowId) -> Result<Vec<SuspendedItem>, StoreError>;

    /// Records that `window` suspended, by collector, sequence and row.
    async fn suspended_in(&self, window: WindowId) -> Result<Vec<SuspendedItem>, StoreError>;

    /// Records of a card that any window suspended, in the order of the windows.
    async fn suspended_of_card(&self, card: CardId) -> Result<Vec<(WindowId, SuspendedItem)>, StoreError>;

    /// Commits a run and takes the window from `closed` to `cleared`; posts the transfers and moves the
    /// balances. Transfers that exist with the same content are left alone.
    ///
    /// [`StoreError::Conflict`] when the window is not `closed`; [`StoreError::TransferDiffers`] when a
    /// transfer exists with other content.
    async fn commit_clearing(&self, commit: &ClearingCommit) -> Result<(), StoreError>;

    /// The committed run of a window.
    async fn run(&self, window: WindowId) -> Result<Option<RunRow>, StoreError>;

    /// The files that a cleared window's run wrote, by path.
    async fn run_files(&self, window: WindowId) -> Result<Vec<RunFile>, StoreError>;

    /// What became of each package of a cleared window, by collector and sequence.
    async fn package_results(&self, window: WindowId) -> Result<Vec<PackageResult>, StoreError>;

    /// The transfers of a window's business date, by id.
    async fn transfers(&self, date: BusinessDate) -> Result<Vec<Transfer>, StoreError>;

    /// Every account's totals, by account.
    async fn balances(&self) -> Result<Vec<AccountBalance>, StoreError>;

    /// All transfers, by id, and all balances, by account, as they are at one moment.
    async fn ledger(&self) -> Result<LedgerState, StoreError>;

    /// Fixes the positions and takes the window from `cleared` to `settled`; [`StoreError::Conflict`] when it
    /// is not `cleared`.
    async fn commit_settlement(&self, commit: &SettlementCommit) -> Result<(), StoreError>;

    /// The positions of a settled window, by participant and value date.
    async fn positions(&self, window: WindowId) -> Result<Vec<Position>, StoreError>;

    // --- people, proposals, webhooks; audit -----------------------------------------------------------------------------------------------

    /// A reading transaction for the small tables: one state, whatever is written meanwhile.
    async fn read(&self) -> Result<Box<dyn Statements>, StoreError>;

    /// The writing transaction for the small tables: the only writer until commit or drop.
    async fn write(&self) -> Result<Box<dyn Statements>, StoreError>;

    /// The audit log from its first entry.
    async fn audit_log(&self) -> Result<Vec<AuditRow>, StoreError>;
}

/// What the store knows of a collector's packages around one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SequenceNeighbours {
    /// The accepted package with this sequence: digest of its bytes, and its seal.
    pub same: Option<(Digest, [u8; 32])>,
    /// The seal of the accepted package before it.
    pub before: Option<[u8; 32]>,
    /// The previous-seal field of the accepted package after it.
    pub after: Option<[u8; 8]>,
}

/// One batch of intake; dropped without [`IntakeTransaction::commit`], nothing of it happened.
///
/// After an error of any method the batch can only be dropped, on every database: `commit` then fails with
/// [`StoreError::Database`] and writes nothing.
#[async_trait]
pub trait IntakeTransaction: Send {
    /// The window that accepted packages belong to.
    fn open_window(&self) -> WindowId;

    /// Who stands around `sequence` of the collector, packages accepted in this batch included.
    async fn neighbours(&mut self, key: PackageKey) -> Result<SequenceNeighbours, StoreError>;

    /// Accepts a package, with its terminals' number spans, and counts it to the open window.
    ///
    /// [`StoreError::Conflict`] when its sequence has been accepted already, or when its window is not the open
    /// one.
    async fn accept(&mut self, package: &NewPackage) -> Result<(), StoreError>;

    /// Quarantines bytes.
    async fn quarantine(&mut self, refused: &NewQuarantine) -> Result<(), StoreError>;

    /// Takes bytes out of quarantine, once they have been accepted; nothing happens when they are not there.
    async fn release_quarantined(&mut self, digest: &Digest) -> Result<(), StoreError>;

    /// Makes the batch durable.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
