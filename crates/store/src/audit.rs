//! The audit log: what people and nights did to the centre, each entry chained to the one before by its hash.
//!
//! An entry is written in the same transaction as what it tells of, so neither is ever there without the other.
//! Its hash is SHA-256 over these lines, each with a line feed after it: `tongclear audit 1`, the entry's number, the
//! time in Unix milliseconds, the actor, the event as JSON exactly as stored, and the hash of the entry before it in
//! hex (64 zeros before the first).
//!
//! Pure: the stores read the last entry and insert the next; nothing here touches a database.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tongclear_access::{ProposalKind, ProposalState, Role, UserName};
use tongclear_ledger::{Origin, Participant, PaymentState, Position, Reference, Transfer};
use tongclear_types::{BusinessDate, CollectorId, Fen, MerchantCode, OperatorCode, UnixMillis};

use crate::people::{CertificateRow, UserRow};
use crate::{
    ClearingCommit, DenyListId, DenyListRow, Digest, KeyGeneration, PackageKey, RegistryVersion, RunFile,
    SettlementCommit, StoreError, WindowId, WindowRow, column,
};

/// Who did something: a local user of the machine, such as `os:root`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(String);

impl Actor {
    /// Longest name, bytes.
    pub const LEN_MAX: usize = 128;
}

impl FromStr for Actor {
    type Err = String;

    /// A name without control characters, so that it cannot pretend to be another line of what is hashed.
    fn from_str(text: &str) -> Result<Self, String> {
        let printable =
            !text.is_empty() && text.len() <= Self::LEN_MAX && !text.chars().any(char::is_control);
        let refuse =
            || format!("{text:?} is not an actor: 1 to {} bytes, none a control character", Self::LEN_MAX);
        printable.then(|| Self(text.to_owned())).ok_or_else(refuse)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who did something and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: Actor,
}

/// What happened, with the digests of what it left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// A registry was loaded.
    Registry {
        /// Its version.
        version: RegistryVersion,
        /// SHA-256 of the stored text.
        sha256: Digest,
    },
    /// Keys were loaded.
    Keys {
        /// The generation of the ring.
        generation: KeyGeneration,
        /// SHA-256 of the sealed ring.
        sha256: Digest,
    },
    /// A deny list was loaded.
    DenyList {
        /// In which order.
        id: DenyListId,
        /// Whose cards.
        operator: OperatorCode,
        /// Its version.
        version: u32,
        /// How many cards it lists.
        entries: u64,
        /// SHA-256 of its bytes.
        sha256: Digest,
        /// Whether a person lifted the guard on its growth.
        approved: bool,
    },
    /// A window was closed.
    Close {
        /// Which.
        window: WindowId,
        /// Its business date.
        date: BusinessDate,
        /// The registry it is judged against.
        registry: RegistryVersion,
        /// The key ring.
        keys: KeyGeneration,
        /// The last deny list.
        deny_lists: Option<DenyListId>,
        /// Its packages.
        packages: u64,
        /// Their records.
        transactions: u64,
        /// The sum of the records' amounts.
        amount_fen: Fen,
        /// [`packages_digest`] of its packages.
        packages_sha256: Digest,
    },
    /// A clearing run was committed.
    Run {
        /// Of which window.
        window: WindowId,
        /// The digest of its results.
        digest: Digest,
        /// Its Merkle root.
        root: Option<Digest>,
        /// SHA-256 of its totals as stored.
        totals_sha256: Digest,
        /// [`files_digest`] of the files it wrote.
        files_sha256: Digest,
        /// [`transfers_digest`] of its postings.
        transfers_sha256: Digest,
        /// Records that wait for a decision.
        suspended: u64,
    },
    /// A window was settled.
    Settlement {
        /// Which.
        window: WindowId,
        /// [`positions_digest`] of its positions.
        positions_sha256: Digest,
    },
    /// An account was changed, or locked for wrong passwords.
    User {
        /// Whose.
        name: UserName,
        /// What they may, afterwards.
        role: Role,
        /// Of whom they see everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participant: Option<String>,
        /// How.
        change: Change,
    },
    /// A program's token was issued or revoked.
    Token {
        /// Its number.
        id: i64,
        /// Whose.
        user: UserName,
        /// What it is for.
        label: String,
        /// Which of both.
        change: Change,
    },
    /// The centre's certificate authority was made.
    Authority {
        /// SHA-256 of its certificate in PEM.
        certificate_sha256: Digest,
    },
    /// A collector's certificate was issued or revoked.
    Certificate {
        /// Its serial number, hex.
        serial: String,
        /// Whom it names.
        collector: CollectorId,
        /// Which of both.
        change: Change,
    },
    /// A kind of change needs two people from now on, or no longer.
    FourEyes {
        /// Which kind.
        kind: ProposalKind,
        /// Whether.
        required: bool,
    },
    /// A proposal was made, decided or carried out.
    Proposal {
        /// Its number.
        id: i64,
        /// What kind of change.
        kind: ProposalKind,
        /// How far it has come.
        state: ProposalState,
        /// SHA-256 of what takes effect.
        sha256: Digest,
    },
    /// An address is told of events from now on, or no longer.
    Webhook {
        /// Its number.
        id: i64,
        /// The address.
        url: String,
        /// Which of both.
        change: Change,
    },
    /// A card operator's file arrived.
    OperatorFile {
        /// Whose.
        operator: OperatorCode,
        /// For which day.
        date: BusinessDate,
        /// SHA-256 of its bytes.
        sha256: Digest,
        /// Its transactions.
        lines: u64,
        /// Their amounts.
        amount_fen: Fen,
    },
    /// A run of reconciliation was committed.
    Reconciliation {
        /// With whom.
        operator: OperatorCode,
        /// Its number among the operator's.
        run: u32,
        /// The day that the operator's file is for.
        date: BusinessDate,
        /// SHA-256 of that file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<Digest>,
        /// The digest of its results.
        digest: Digest,
        /// [`files_digest`] of the files it wrote.
        files_sha256: Digest,
    },
    /// A payout was made: the bank is told to pay.
    Payout {
        /// When the bank is to pay.
        date: BusinessDate,
        /// Payments.
        payments: u64,
        /// What they add up to.
        amount_fen: Fen,
        /// SHA-256 of the order.
        file_sha256: Digest,
        /// [`payments_digest`](crate::payouts::payments_digest) of its payments.
        payments_sha256: Digest,
        /// [`transfers_digest`] of its postings.
        transfers_sha256: Digest,
    },
    /// A file of the bank was taken in.
    BankFile {
        /// Its number.
        number: u32,
        /// SHA-256 of its bytes.
        sha256: Digest,
        /// Statements in it.
        statements: u64,
        /// Entries that no file had before.
        entries: u64,
        /// [`entries_digest`](crate::payouts::entries_digest) of both.
        entries_sha256: Digest,
        /// [`transfers_digest`] of its postings.
        transfers_sha256: Digest,
    },
    /// The bank told of a payment.
    Payment {
        /// Which.
        reference: Reference,
        /// To whom.
        merchant: MerchantCode,
        /// When the bank was to pay.
        date: BusinessDate,
        /// What has become of it.
        state: PaymentState,
        /// What was ordered.
        ordered_fen: Fen,
        /// What left the bank so far.
        paid_fen: Fen,
        /// What is payable again so far.
        returned_fen: Fen,
        /// What the bank moved beyond that; open until somebody decides.
        difference_fen: Fen,
        /// Why it came back, in the bank's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Money came in from an operator or sponsor.
    Collection {
        /// What it quotes.
        reference: Reference,
        /// From whom.
        participant: Participant,
        /// The bank's day.
        date: BusinessDate,
        /// How much.
        amount_fen: Fen,
    },
    /// All that a window owes merchants is paid.
    Paid {
        /// Which.
        window: WindowId,
    },
    /// Something was decided about a suspended record or a break.
    Decision {
        /// Its number.
        id: i64,
        /// The window that was open, whose run it enters.
        window: WindowId,
        /// The registry that was in force.
        registry: RegistryVersion,
        /// The original.
        reference: Reference,
        /// What the original is.
        origin: Origin,
        /// SHA-256 of the decision as stored.
        sha256: Digest,
        /// The proposal that was approved; none for what moves nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposal: Option<i64>,
    },
}

/// How an account, token, certificate or webhook changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It was revoked or taken away.
    Removed,
    /// What it may was changed.
    Role,
    /// Another password.
    Password,
    /// It may not log in any more.
    Closed,
    /// It may log in again.
    Opened,
    /// Locked for a while: too many wrong passwords.
    Locked,
}

impl AuditEvent {
    /// A change of an account.
    #[must_use]
    pub fn user(user: &UserRow, change: Change) -> Self {
        let participant = user.participant.map(|it| it.to_string());
        Self::User { name: user.name.clone(), role: user.role, participant, change }
    }

    /// A change of a certificate.
    #[must_use]
    pub fn certificate(row: &CertificateRow, change: Change) -> Self {
        Self::Certificate { serial: row.serial.clone(), collector: row.collector, change }
    }

    /// A registry load.
    #[must_use]
    pub fn registry(version: RegistryVersion, body: &str) -> Self {
        Self::Registry { version, sha256: Digest::of(body.as_bytes()) }
    }

    /// A key load.
    #[must_use]
    pub fn keys(generation: KeyGeneration, sealed: &[u8]) -> Self {
        Self::Keys { generation, sha256: Digest::of(sealed) }
    }

    /// A deny-list load.
    #[must_use]
    pub fn deny_list(list: &DenyListRow, approved: bool) -> Self {
        let DenyListRow { id, operator, version, entries, digest, .. } = *list;
        Self::DenyList { id, operator, version, entries, sha256: digest, approved }
    }

    /// The close of `window`; none when it is open.
    #[must_use]
    pub fn close(window: &WindowRow, packages_sha256: Digest) -> Option<Self> {
        window.snapshot.map(|snapshot| Self::Close {
            window: window.id,
            date: snapshot.date,
            registry: snapshot.registry,
            keys: snapshot.keys,
            deny_lists: snapshot.deny_lists,
            packages: window.packages,
            transactions: window.transactions,
            amount_fen: window.amount,
            packages_sha256,
        })
    }

    /// The commit of a run.
    #[must_use]
    pub fn run(commit: &ClearingCommit) -> Self {
        Self::Run {
            window: commit.window,
            digest: commit.digest,
            root: commit.root,
            totals_sha256: Digest::of(commit.totals_json.as_bytes()),
            files_sha256: files_digest(&commit.files),
            transfers_sha256: transfers_digest(&commit.transfers),
            suspended: commit.suspended.len() as u64,
        }
    }

    /// A settlement.
    #[must_use]
    pub fn settlement(commit: &SettlementCommit) -> Self {
        Self::Settlement { window: commit.window, positions_sha256: positions_digest(&commit.positions) }
    }

    /// The name of the kind, as the JSON has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Registry { .. } => "registry",
            Self::Keys { .. } => "keys",
            Self::DenyList { .. } => "deny_list",
            Self::Close { .. } => "close",
            Self::Run { .. } => "run",
            Self::Settlement { .. } => "settlement",
            Self::User { .. } => "user",
            Self::Token { .. } => "token",
            Self::Authority { .. } => "authority",
            Self::Certificate { .. } => "certificate",
            Self::FourEyes { .. } => "four_eyes",
            Self::Proposal { .. } => "proposal",
            Self::Webhook { .. } => "webhook",
            Self::OperatorFile { .. } => "operator_file",
            Self::Reconciliation { .. } => "reconciliation",
            Self::Payout { .. } => "payout",
            Self::BankFile { .. } => "bank_file",
            Self::Payment { .. } => "payment",
            Self::Collection { .. } => "collection",
            Self::Paid { .. } => "paid",
            Self::Decision { .. } => "decision",
        }
    }
}

/// SHA-256 over the lines `collector sequence sha256` of packages, by collector and sequence.
#[must_use]
pub fn packages_digest(packages: impl IntoIterator<Item = (PackageKey, Digest)>) -> Digest {
    lines_digest(
        packages.into_iter().map(|(key, digest)| format!("{} {} {digest}", key.collector, key.sequence.0)),
    )
}

/// SHA-256 over the lines `path sha256` of files, by path.
#[must_use]
pub fn files_digest(files: &[RunFile]) -> Digest {
    let mut files: Vec<&RunFile> = files.iter().collect();
    files.sort_unstable();
    lines_digest(files.into_iter().map(|file| format!("{} {}", file.path, file.digest)))
}

/// SHA-256 over the lines `id amount` of transfers, by id; the id stands for everything but the amount.
#[must_use]
pub fn transfers_digest(transfers: &[Transfer]) -> Digest {
    let mut transfers: Vec<&Transfer> = transfers.iter().collect();
    transfers.sort_unstable_by_key(|transfer| transfer.id());
    lines_digest(transfers.into_iter().map(|transfer| format!("{} {}", transfer.id(), transfer.amount)))
}

/// SHA-256 over one line a position, by participant and value date: participant, value date, and the amounts in fen
/// in the order of the table, with spaces between.
#[must_use]
pub fn positions_digest(positions: &[Position]) -> Digest {
    let mut positions: Vec<&Position> = positions.iter().collect();
    positions.sort_unstable_by_key(|position| (position.participant, position.value_date));
    lines_digest(positions.into_iter().map(|it| {
        let amounts =
            [it.gross, it.fee, it.concession, it.load, it.adjustments, it.carried_in, it.net, it.carried_out];
        let amounts: Vec<String> = amounts.iter().map(ToString::to_string).collect();
        format!("{} {} {}", it.participant, it.value_date, amounts.join(" "))
    }))
}

pub(crate) fn lines_digest(lines: impl Iterator<Item = String>) -> Digest {
    use sha2::Digest as _;
    let mut digest = sha2::Sha256::new();
    for line in lines {
        digest.update(line);
        digest.update("\n");
    }
    Digest(digest.finalize().into())
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub entry: i64,
    /// Who and when.
    pub stamp: Stamp,
    /// An [`AuditEvent`] as JSON, exactly as it was hashed.
    pub event: String,
    /// The hash of the entry before.
    pub previous: Digest,
    /// Its own.
    pub hash: Digest,
}

impl AuditRow {
    /// The entry that follows `last`, given as number and hash.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the numbers are used up, which no real log reaches.
    pub fn after(last: Option<(i64, Digest)>, stamp: &Stamp, event: &AuditEvent) -> Result<Self, StoreError> {
        let (number, previous) = last.unwrap_or((0, GENESIS));
        let corrupt = |reason: &dyn fmt::Display| column::corrupt("audit.entry", number, reason);
        let entry = number.checked_add(1).ok_or_else(|| corrupt(&"there is no number after it"))?;
        let event = serde_json::to_string(event).map_err(|error| corrupt(&error))?;
        let mut row = Self { entry, stamp: stamp.clone(), event, previous, hash: GENESIS };
        row.hash = row.hash_of_content();
        Ok(row)
    }

    /// What the hash of this entry must be, given everything else in it.
    #[must_use]
    pub fn hash_of_content(&self) -> Digest {
        let Self { entry, stamp: Stamp { at, by }, event, previous, .. } = self;
        Digest::of(format!("tongclear audit 1\n{entry}\n{}\n{by}\n{event}\n{previous}\n", at.0).as_bytes())
    }

    /// The event, read back.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is no event of this version.
    pub fn parsed(&self) -> Result<AuditEvent, StoreError> {
        serde_json::from_str(&self.event).map_err(|error| column::corrupt("audit.event", &self.event, error))
    }
}

/// What stands for the hash before the first entry.
const GENESIS: Digest = Digest([0; 32]);

/// Where a log stops being a chain: the first entry that does not follow from the one before, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The entry's number.
    pub entry: i64,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The first entry of `rows`, which come in order, that is not what its predecessor and its own content make it.
#[must_use]
pub fn first_break(rows: &[AuditRow]) -> Option<Broken> {
    let mut last = (0, GENESIS);
    for row in rows {
        let broken = |why| Some(Broken { entry: row.entry, why });
        if row.entry != last.0 + 1 {
            return broken("its number does not follow");
        }
        if row.previous != last.1 {
            return broken("it does not hold the hash of the entry before");
        }
        if row.hash != row.hash_of_content() {
            return broken("its hash is not that of its content");
        }
        last = (row.entry, row.hash);
    }
    None
}

#[cfg(test)]
mod tests;
