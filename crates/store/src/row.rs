//! What goes in and comes out of the store: plain values, one type a table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tongclear_ledger::{Account, Position, Transfer};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CardId, Chain, CollectorId, Disposition, Fen, MerchantCode, OperatorCode,
    PackageSequence, Reason, Tally, TerminalId, TerminalNumber, UnixMillis,
};

use crate::Stamp;

/// Declares a row number that the database or the centre hands out.
macro_rules! row_number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

row_number!(
    /// Number of a registry load, from 1.
    RegistryVersion
);
row_number!(
    /// Number of a key load, from 1; each generation is a complete sealed ring.
    KeyGeneration
);
row_number!(
    /// Number of a deny-list load, from 1, over all card operators.
    DenyListId
);
row_number!(
    /// Number of a window, from 1, in the order in which windows opened.
    WindowId
);

/// SHA-256; 64 lower-case hex digits in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

/// 64 lower-case hex digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 32];
        let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if lower => Ok(Self(bytes)),
            _ => Err(format!("{text:?} is not a SHA-256 of 64 lower-case hex digits")),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// A body with the number under which it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<N, T> {
    /// The number.
    pub number: N,
    /// The body.
    pub body: T,
}

/// A deny list that was taken; its bytes lie in the vault under operator, version and digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyListRow {
    /// In which order it was loaded.
    pub id: DenyListId,
    /// Whose cards it lists.
    pub operator: OperatorCode,
    /// Its version, ascending per operator.
    pub version: u32,
    /// From when it is in force, local time, `YYYY-MM-DDThh:mm:ss`.
    pub effective: jiff::civil::DateTime,
    /// How many cards it lists.
    pub entries: u64,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// How far a window has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// Takes packages; there is exactly one.
    Open,
    /// Its list of packages and what they are judged against are frozen.
    Closed,
    /// Every record has its disposition, the transfers are posted.
    Cleared,
    /// Positions and value dates are fixed.
    Settled,
    /// The bank has confirmed.
    Paid,
}

impl WindowState {
    /// All states, in order.
    pub const ALL: [Self; 5] = [Self::Open, Self::Closed, Self::Cleared, Self::Settled, Self::Paid];

    /// The name in the database and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cleared => "cleared",
            Self::Settled => "settled",
            Self::Paid => "paid",
        }
    }

    /// For people, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Open => "开放",
            Self::Closed => "已关闭",
            Self::Cleared => "已清分",
            Self::Settled => "已结算",
            Self::Paid => "已付款",
        }
    }
}

impl fmt::Display for WindowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a closed window is judged against, fixed at its close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSnapshot {
    /// The business date.
    pub date: BusinessDate,
    /// The registry as it was.
    pub registry: RegistryVersion,
    /// The key ring as it was.
    pub keys: KeyGeneration,
    /// The last deny list loaded before; none when there was none.
    pub deny_lists: Option<DenyListId>,
    /// When it was closed.
    pub closed_at: UnixMillis,
}

/// One window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowRow {
    /// Its number.
    pub id: WindowId,
    /// How far it has come.
    pub state: WindowState,
    /// Present from the close on.
    pub snapshot: Option<WindowSnapshot>,
    /// Packages in it.
    pub packages: u64,
    /// Records in those packages.
    pub transactions: u64,
    /// Sum of their amounts.
    pub amount: Fen,
}

/// What names a package for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey {
    /// Who sent it.
    pub collector: CollectorId,
    /// Its number.
    pub sequence: PackageSequence,
}

/// The numbers that one terminal used in one package: the smallest, the largest, and how many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TerminalSpan {
    /// The terminal.
    pub terminal: TerminalId,
    /// Its smallest number in the package.
    pub first: TerminalNumber,
    /// Its largest.
    pub last: TerminalNumber,
    /// Its records.
    pub records: u32,
}

/// A package to accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPackage {
    /// Collector and sequence.
    pub key: PackageKey,
    /// Whose package.
    pub merchant: MerchantCode,
    /// The window it belongs to, for ever.
    pub window: WindowId,
    /// SHA-256 of all its bytes.
    pub digest: Digest,
    /// Its seal.
    pub seal: [u8; 32],
    /// Its previous-seal field.
    pub previous_seal: [u8; 8],
    /// Records.
    pub records: u32,
    /// Sum of their amounts.
    pub amount: Fen,
    /// When it became durable.
    pub received_at: UnixMillis,
    /// The terminals in it, sorted.
    pub terminals: Vec<TerminalSpan>,
}

/// An accepted package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageRow {
    /// Collector and sequence.
    pub key: PackageKey,
    /// Whose package.
    pub merchant: MerchantCode,
    /// The window it belongs to.
    pub window: WindowId,
    /// SHA-256 of all its bytes.
    pub digest: Digest,
    /// Its seal.
    pub seal: [u8; 32],
    /// Its previous-seal field.
    pub previous_seal: [u8; 8],
    /// Records.
    pub records: u32,
    /// Sum of their amounts.
    pub amount: Fen,
    /// When it became durable.
    pub received_at: UnixMillis,
}

/// Bytes to quarantine; the same bytes again replace the row and count one more arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuarantine {
    /// SHA-256 of the bytes; they lie in the vault under this name.
    pub digest: Digest,
    /// How many bytes.
    pub bytes: u64,
    /// Where they came from: a path or a peer.
    pub source: String,
    /// Why, as `package.md` names it.
    pub reason: String,
    /// Which field.
    pub field: String,
    /// What it held.
    pub value: String,
    /// What it should have held.
    pub expected: String,
    /// When they arrived.
    pub arrived_at: UnixMillis,
}

/// Bytes in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    /// What was refused, as it was judged last.
    pub refused: NewQuarantine,
    /// How often the same bytes came.
    pub arrivals: u64,
}

/// Sequences of a collector that have not arrived although a later one has; both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingPackages {
    /// Whose.
    pub collector: CollectorId,
    /// The first one missing.
    pub first: PackageSequence,
    /// The last one missing.
    pub last: PackageSequence,
}

/// What became of one package's records, one tally a [`Disposition`] in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageResult {
    /// Which package.
    pub key: PackageKey,
    /// Indexed by disposition.
    pub tallies: [Tally; Disposition::ALL.len()],
}

/// A record whose money waits for a decision, with what makes a later record its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspendedItem {
    /// The package it came in.
    pub package: PackageKey,
    /// Its row there, from 0.
    pub row: u32,
    /// Who would be paid.
    pub merchant: MerchantCode,
    /// Whose card.
    pub operator: OperatorCode,
    /// Which card.
    pub card: CardId,
    /// Purchase or load.
    pub chain: Chain,
    /// That chain's counter.
    pub counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// Its number.
    pub terminal_number: TerminalNumber,
    /// Amount.
    pub amount_fen: u32,
    /// Date as sent.
    pub date: BcdDate,
    /// Time as sent.
    pub time: BcdTime,
    /// TAC as sent.
    pub tac: [u8; 4],
    /// Why it waits.
    pub reason: Reason,
}

/// A file of the vault that a run wrote, and what it held: nobody reads it back under another digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunFile {
    /// Where it lies.
    pub path: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// Everything that one clearing run commits, in one transaction, with the window's step to `cleared`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearingCommit {
    /// Which window; it must be `closed`.
    pub window: WindowId,
    /// Digest of the results.
    pub digest: Digest,
    /// Merkle root over its records.
    pub root: Option<Digest>,
    /// Totals of the run: [`crate::RunTotals`] as JSON.
    pub totals_json: String,
    /// The files it wrote, by path.
    pub files: Vec<RunFile>,
    /// One a package of the window.
    pub packages: Vec<PackageResult>,
    /// Postings of the run.
    pub transfers: Vec<Transfer>,
    /// Records suspended by this run.
    pub suspended: Vec<SuspendedItem>,
    /// When and by whom.
    pub stamp: Stamp,
}

/// A committed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Which window.
    pub window: WindowId,
    /// Digest of the results.
    pub digest: Digest,
    /// Merkle root over its records; none when an earlier version committed it.
    pub root: Option<Digest>,
    /// Totals of the run: [`crate::RunTotals`] as JSON.
    pub totals_json: String,
    /// When it was committed.
    pub cleared_at: UnixMillis,
}

/// Everything that one settlement commits, in one transaction, with the window's step to `settled`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementCommit {
    /// Which window; it must be `cleared`.
    pub window: WindowId,
    /// One a participant and value date.
    pub positions: Vec<Position>,
    /// When and by whom.
    pub stamp: Stamp,
}

/// Debit and credit totals of an account, apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountBalance {
    /// Which account.
    pub account: Account,
    /// Sum of what left it.
    pub debits: Fen,
    /// Sum of what came in.
    pub credits: Fen,
}

/// The ledger at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerState {
    /// Every transfer, by id.
    pub transfers: Vec<Transfer>,
    /// Every account's totals, by account.
    pub balances: Vec<AccountBalance>,
}
