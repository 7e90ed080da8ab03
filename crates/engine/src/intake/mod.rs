//! Intake: packages come in, and are answered only when they are durable.
//!
//! A batch is one database transaction that excludes other intakes and the close of the window. Inside it every
//! package is judged against what was accepted before, the bytes are put into the vault, and then the rows are
//! committed. Cut anywhere, a batch leaves at most files that no row names, which the next arrival overwrites.
//!
//! **Invariant:** no byte that arrives is lost: it lies in the vault as a package or in quarantine.

mod find;
mod parcel;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tongclear_mac::{KeyCustody as _, KeyRing, SealMaster};
use tongclear_package::{Door, Neighbours, PACKAGE_LEN_MAX, PackageView, QuarantineReason, Refusal};
use tongclear_registry::Registry;
use tongclear_store::{
    Digest, IntakeTransaction, NewPackage, NewQuarantine, PackageKey, Received, SequenceNeighbours,
    TerminalSpan, WindowId, cut,
};
use tongclear_types::{CollectorId, Fen, MerchantCode, TerminalId, UnixMillis};

use self::parcel::{Contents, Parcel};
use crate::vault::{package_path, quarantine_path};
use crate::{Centre, EngineError, Progress, Stage};

pub use self::find::{Found, find_packages};

/// Packages of a batch at most.
const BATCH_PACKAGES_MAX: usize = 128;
/// Bytes of a batch at most, unless a single package is larger.
const BATCH_BYTES_MAX: u64 = 64 << 20;
/// Files that are made durable at the same time.
const WRITES_AT_ONCE: usize = 16;

/// What a sender is told about a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is durable and belongs to the open window.
    Received,
    /// The same bytes were accepted before; nothing changed.
    AlreadyReceived,
    /// It was refused at the door and is kept with the reason.
    Quarantined(Refusal),
}

/// A package that arrived over a wire.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Who brought it, for the list of what was refused.
    pub source: String,
    /// Its bytes, at most [`PACKAGE_LEN_MAX`].
    pub bytes: Bytes,
}

/// What became of an arrival, once that is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What its sender is told.
    pub answer: Answer,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// What it brought, when it was received now.
    pub received: Received,
}

/// What an intake did.
#[derive(Debug, Default)]
pub struct IntakeReport {
    /// Packages accepted now, their records and amounts.
    pub received: Received,
    /// Packages that had been accepted before.
    pub already_received: u64,
    /// Where each refused package came from, and why it was refused.
    pub quarantined: Vec<(String, Refusal)>,
    /// What was no file or could not be looked at, and why.
    pub passed_over: Vec<(PathBuf, String)>,
}

/// Takes package files into the open window.
///
/// # Errors
/// [`EngineError::Refused`] without a registry; faults of disk, vault and store, after which every batch that
/// was not yet answered can be handed in again.
pub async fn take_in(
    centre: &Centre,
    keys: &KeyRing,
    files: &[PathBuf],
    progress: &dyn Progress,
) -> Result<IntakeReport, EngineError> {
    let registry = centre.registry().await?.body;
    let door = CentreDoor { registry: &registry, keys };
    let mut report = IntakeReport::default();
    progress.begin(Stage::Intake, files.len() as u64);
    let mut files = files.iter().peekable();
    while files.peek().is_some() {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(file) = files.next_if(|_| batch.len() < BATCH_PACKAGES_MAX && bytes < BATCH_BYTES_MAX)
        {
            let parcel = Parcel::read(file)?;
            bytes += parcel.len();
            batch.push(parcel);
        }
        let answers = take_in_batch(centre, &door, &batch).await?;
        report.count(&batch, answers)?;
        progress.advance(Stage::Intake, batch.len() as u64);
    }
    progress.end(Stage::Intake);
    Ok(report)
}

/// Takes arrivals into the open window as one batch, and answers each in their order when all of it is durable.
///
/// # Errors
/// Faults of vault and store, after which every arrival can be handed in again.
pub async fn take_in_arrivals(
    centre: &Centre,
    registry: &Registry,
    keys: &KeyRing,
    arrivals: Vec<Arrival>,
) -> Result<Vec<Answered>, EngineError> {
    let parcel = |Arrival { source, bytes }| Parcel { source, contents: Contents::Whole(bytes), known: None };
    let batch: Vec<Parcel> = arrivals.into_iter().map(parcel).collect();
    take_in_batch(centre, &CentreDoor { registry, keys }, &batch).await
}

/// Judges what lies in quarantine afresh.
///
/// # Errors
/// As [`take_in`].
pub async fn retry_quarantine(
    centre: &Centre,
    keys: &KeyRing,
    progress: &dyn Progress,
) -> Result<IntakeReport, EngineError> {
    let registry = centre.registry().await?.body;
    let door = CentreDoor { registry: &registry, keys };
    let mut report = IntakeReport::default();
    let rows = centre.store.quarantine().await?;
    progress.begin(Stage::Intake, rows.len() as u64);
    for row in rows {
        retry(centre, &door, row.refused, &mut report).await?;
        progress.advance(Stage::Intake, 1);
    }
    progress.end(Stage::Intake);
    Ok(report)
}

async fn retry(
    centre: &Centre,
    door: &CentreDoor<'_>,
    refused: NewQuarantine,
    report: &mut IntakeReport,
) -> Result<(), EngineError> {
    if refused.bytes > PACKAGE_LEN_MAX as u64 {
        report.quarantined.push((refused.source, too_long(refused.bytes)));
        return Ok(());
    }
    let path = quarantine_path(&refused.digest);
    if !centre.vault.exists(&path).await? {
        // Accepted meanwhile by another intake.
        return Ok(());
    }
    let bytes = centre.vault.get_verified(&path, &refused.digest).await?;
    let source = refused.source.clone();
    let parcel = Parcel { source, contents: Contents::Whole(bytes), known: Some(refused) };
    let batch = [parcel];
    let answers = take_in_batch(centre, door, &batch).await?;
    report.count(&batch, answers)
}

impl IntakeReport {
    /// Adds what became of a batch.
    fn count(&mut self, batch: &[Parcel], answers: Vec<Answered>) -> Result<(), EngineError> {
        for (parcel, Answered { answer, received, .. }) in batch.iter().zip(answers) {
            match answer {
                Answer::AlreadyReceived => self.already_received += 1,
                Answer::Quarantined(refusal) => self.quarantined.push((parcel.source.clone(), refusal)),
                Answer::Received => {
                    self.received.packages += received.packages;
                    self.received.transactions += received.transactions;
                    self.received.amount_fen = self.received.amount_fen.checked_add(received.amount_fen)?;
                }
            }
        }
        Ok(())
    }
}

/// What is known at the door.
struct CentreDoor<'a> {
    registry: &'a Registry,
    keys: &'a KeyRing,
}

impl Door for CentreDoor<'_> {
    fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode> {
        self.registry.collector(&collector).map(|collector| collector.merchant)
    }

    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.keys.seal_master(version)
    }
}

/// Takes one batch in: decided, durable, committed, and only then answered.
async fn take_in_batch(
    centre: &Centre,
    door: &CentreDoor<'_>,
    batch: &[Parcel],
) -> Result<Vec<Answered>, EngineError> {
    let now = centre.clock.now();
    // What is too long to be a package may take long to copy: not while others wait for the transaction.
    for parcel in batch {
        if let Contents::TooLong { file, digest, .. } = &parcel.contents
            && centre.vault.put_file(&quarantine_path(digest), file).await? != *digest
        {
            return Err(EngineError::changed_while_read(file));
        }
    }
    let mut transaction = centre.store.begin_intake().await?;
    let mut answers = Vec::with_capacity(batch.len());
    let mut writes = Vec::new();
    for parcel in batch {
        answers.push(decide(&mut *transaction, door, parcel, now, &mut writes).await?);
    }
    cut::pass("intake.decided");
    stream::iter(writes)
        .map(Ok)
        .try_for_each_concurrent(WRITES_AT_ONCE, |(path, bytes): Write<'_>| async move {
            centre.vault.put(&path, bytes.clone()).await?;
            cut::pass("intake.written");
            Ok::<(), EngineError>(())
        })
        .await?;
    cut::pass("intake.in_vault");
    transaction.commit().await?;
    cut::pass("intake.committed");
    for (parcel, answered) in batch.iter().zip(&answers) {
        // Accepted now, perhaps quarantined before: the copy there has done its duty, and a fault while it goes takes
        // nothing back.
        if answered.answer == Answer::Received
            && let Contents::Whole(_) = &parcel.contents
            && let Err(fault) = centre.vault.remove(&quarantine_path(&answered.digest)).await
        {
            tracing::warn!(%fault, "a copy stays in quarantine");
        }
    }
    Ok(answers)
}

/// What the vault must hold before a batch may be committed.
type Write<'a> = (object_store::path::Path, &'a Bytes);

/// Decides about one parcel inside the batch's transaction; what the vault must hold goes into `writes`.
async fn decide<'a>(
    transaction: &mut dyn IntakeTransaction,
    door: &CentreDoor<'_>,
    parcel: &'a Parcel,
    now: UnixMillis,
    writes: &mut Vec<Write<'a>>,
) -> Result<Answered, EngineError> {
    let bytes = match &parcel.contents {
        Contents::Whole(bytes) => bytes,
        Contents::TooLong { digest, bytes, .. } => {
            let refusal = too_long(*bytes);
            transaction.quarantine(&quarantine_row(parcel, *digest, *bytes, &refusal, now)).await?;
            return Ok(Answered::without_money(Answer::Quarantined(refusal), *digest));
        }
    };
    let digest = Digest::of(bytes);
    // Who stands around it is asked once, for the answer to the same bytes as for the checks at the door.
    let known = match tongclear_package::peek_key(bytes) {
        Some((collector, sequence)) => transaction.neighbours(PackageKey { collector, sequence }).await?,
        None => SequenceNeighbours::default(),
    };
    if known.same.is_some_and(|(accepted, _)| accepted == digest) {
        return Ok(Answered::without_money(Answer::AlreadyReceived, digest));
    }
    match admit(door, bytes, &known) {
        Ok(view) => {
            let package = new_package(&view, transaction.open_window(), digest, now)?;
            transaction.accept(&package).await?;
            transaction.release_quarantined(&digest).await?;
            writes.push((package_path(package.merchant, package.key), bytes));
            let received =
                Received { packages: 1, transactions: package.records.into(), amount_fen: package.amount };
            Ok(Answered { answer: Answer::Received, digest, received })
        }
        Err(refusal) => {
            let row = quarantine_row(parcel, digest, bytes.len() as u64, &refusal, now);
            // Judged afresh with the same result, nothing arrived and nothing changed.
            if parcel.known.as_ref().is_none_or(|known| !same_judgement(known, &row)) {
                transaction.quarantine(&row).await?;
                writes.push((quarantine_path(&digest), bytes));
            }
            Ok(Answered::without_money(Answer::Quarantined(refusal), digest))
        }
    }
}

impl Answered {
    fn without_money(answer: Answer, digest: Digest) -> Self {
        Self { answer, digest, received: Received::default() }
    }
}

/// All checks at the door, in their documented order.
fn admit<'a>(
    door: &CentreDoor<'_>,
    bytes: &'a [u8],
    known: &SequenceNeighbours,
) -> Result<PackageView<'a>, Refusal> {
    let view = tongclear_package::admit(bytes, door)?;
    let neighbours =
        Neighbours { same: known.same.map(|(_, seal)| seal), before: known.before, after: known.after };
    tongclear_package::place(&view, &neighbours)?;
    Ok(view)
}

fn new_package(
    view: &PackageView<'_>,
    window: WindowId,
    digest: Digest,
    received_at: UnixMillis,
) -> Result<NewPackage, EngineError> {
    let header = view.header();
    let amount = i64::try_from(header.amount_sum_fen).ok().and_then(|fen| Fen::new(fen).ok());
    Ok(NewPackage {
        key: PackageKey { collector: header.collector, sequence: header.sequence },
        merchant: header.merchant,
        window,
        digest,
        seal: view.seal(),
        previous_seal: header.previous_seal,
        records: header.record_count,
        amount: amount.ok_or_else(|| EngineError::Internal("an admitted sum is out of range".into()))?,
        received_at,
        terminals: terminal_spans(view),
    })
}

/// The numbers that each terminal used in the package.
pub(crate) fn terminal_spans(view: &PackageView<'_>) -> Vec<TerminalSpan> {
    let mut spans: BTreeMap<TerminalId, TerminalSpan> = BTreeMap::new();
    for record in view.records() {
        let (terminal, number) = (record.terminal, record.terminal_number);
        let span = spans.entry(terminal).or_insert(TerminalSpan {
            terminal,
            first: number,
            last: number,
            records: 0,
        });
        span.first = span.first.min(number);
        span.last = span.last.max(number);
        span.records += 1;
    }
    spans.into_values().collect()
}

fn quarantine_row(
    parcel: &Parcel,
    digest: Digest,
    bytes: u64,
    refusal: &Refusal,
    arrived_at: UnixMillis,
) -> NewQuarantine {
    NewQuarantine {
        digest,
        bytes,
        source: parcel.source.clone(),
        reason: refusal.reason.name().to_owned(),
        field: refusal.field.to_owned(),
        value: refusal.value.clone(),
        expected: refusal.expected.clone(),
        arrived_at,
    }
}

fn same_judgement(a: &NewQuarantine, b: &NewQuarantine) -> bool {
    (&a.reason, &a.field, &a.value, &a.expected) == (&b.reason, &b.field, &b.value, &b.expected)
}

fn too_long(bytes: u64) -> Refusal {
    Refusal {
        reason: QuarantineReason::MalformedPackage,
        field: "length",
        value: bytes.to_string(),
        expected: format!("at most {PACKAGE_LEN_MAX}"),
    }
}
