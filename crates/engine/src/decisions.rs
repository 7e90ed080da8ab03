//! Decisions as a run carries them out: inputs of the run of the window that was open when they were taken, frozen by its
//! close like its packages (ADR 28).
//!
//! A suspended record is read back from its sealed package; a break brings its figures with it. Nothing here writes.

use tongclear_ledger::{Adjustment, Original};
use tongclear_package::PackageView;
use tongclear_registry::Registry;
use tongclear_store::decisions::{DecisionRow, RecordPlace, Subject, decisions_of_window};
use tongclear_store::{RegistryVersion, SuspendedItem, WindowId};
use tongclear_types::{
    BcdDate, BcdTime, CardId, Fen, MerchantCode, OperatorCode, TerminalId, TerminalNumber, TransactionRecord,
    Tti,
};

use crate::clearing::row::{Bearings, Row};
use crate::vault::package_path;
use crate::{Centre, EngineError};

/// A decision with what it moves.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) adjustment: Adjustment,
    /// The suspended record that it pays, whole or in part.
    pub(crate) released: Option<Waiting>,
}

/// A suspended record, whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) item: SuspendedItem,
    pub(crate) record: TransactionRecord,
}

impl Waiting {
    /// As a run takes it: it comes from no package of the window.
    pub(crate) fn as_row(&self, bearings: Bearings) -> Row {
        let passed = tongclear_types::Verdict::Accepted(tongclear_types::Flags::NONE);
        Row::new(u32::MAX, self.item.row, &self.record, passed, bearings)
    }
}

/// The suspended item at a place.
pub(crate) fn item_at<'a>(suspended: &'a [SuspendedItem], place: &RecordPlace) -> Option<&'a SuspendedItem> {
    suspended.iter().find(|item| item.package == place.package() && item.row == place.row)
}

/// Reads a suspended record back from its package.
pub(crate) async fn waiting(centre: &Centre, item: &SuspendedItem) -> Result<Waiting, EngineError> {
    let package = centre.store.package(item.package).await?.ok_or_else(|| {
        let (collector, sequence) = (item.package.collector, item.package.sequence.0);
        EngineError::CheckFailed(format!(
            "package {collector}-{sequence} has a suspended record, but intake never accepted it; run `tongclear check`"
        ))
    })?;
    let path = package_path(package.merchant, package.key);
    let bytes = centre.vault.get_verified(&path, &package.digest).await?;
    let damaged = |reason: String| EngineError::Damaged { path: path.to_string(), reason };
    let view = PackageView::reopen(&bytes).map_err(|refusal| damaged(refusal.to_string()))?;
    let record = view.record(item.row).ok_or_else(|| damaged(format!("row {} is missing", item.row)))?;
    Ok(Waiting { item: *item, record })
}

/// A suspended record as decisions find it.
pub(crate) fn original(waiting: &Waiting) -> Original {
    let Waiting { item, record } = waiting;
    let place = place(item);
    Original {
        reference: place.reference(),
        origin: tongclear_ledger::Origin::Suspended,
        merchant: item.merchant,
        operator: item.operator,
        chain: item.chain,
        amount: Fen::from(item.amount_fen),
        list_price: Fen::from(record.list_price_fen),
        theirs: None,
    }
}

/// Where a suspended record lies.
#[must_use]
pub fn place(item: &SuspendedItem) -> RecordPlace {
    let (collector, package_sequence) = (item.package.collector, item.package.sequence);
    RecordPlace { collector, package_sequence, row: item.row }
}

/// What the decisions of `window` do, by reference and origin; `suspended` are the records that earlier windows suspended.
///
/// The contract is the one in force for the record's date in the registry of the window, or, should that have none any
/// more, in the registry under which it was approved, which had one.
///
/// # Errors
/// [`EngineError::CheckFailed`] when a decision is about nothing that waits; faults of store and vault.
pub(crate) async fn taken_in(
    centre: &Centre,
    window: WindowId,
    registry: &Registry,
    suspended: &[SuspendedItem],
) -> Result<Vec<Taken>, EngineError> {
    let mut taken = Vec::new();
    for row in decisions_of_window(&*centre.store, window).await? {
        if !row.decision.resolution.is_final() {
            continue;
        }
        let subject = &row.decision.subject;
        let (original, date, waits) = match subject {
            Subject::Suspended { record } => {
                let item = item_at(suspended, record).ok_or_else(|| nothing_waits(&row, record))?;
                let waits = waiting(centre, item).await?;
                (original(&waits), item.date.to_civil(), Some(waits))
            }
            _ => {
                let (original, date) = subject.original().ok_or_else(|| nothing(&row))?;
                (original, Some(date), None)
            }
        };
        let date = date.ok_or_else(|| nothing(&row))?;
        let then = registry_then(centre, row.registry, registry, &original, date).await?;
        let contracts = then.as_ref().unwrap_or(registry).contracts();
        let contract = contracts.find(original.merchant, original.operator, date).map(|(_, it)| it);
        let adjustment = Adjustment::of(&original, row.decision.resolution, contract)
            .map_err(|error| EngineError::CheckFailed(format!("decision {}: {error}", row.id)))?;
        let released = waits.filter(|_| row.decision.resolution.pays());
        taken.push(Taken { adjustment, released });
    }
    taken.sort_by_key(|it| (it.adjustment.reference, it.adjustment.origin));
    Ok(taken)
}

/// The registry of the approval, where the one of the window has no contract any more.
async fn registry_then(
    centre: &Centre,
    version: RegistryVersion,
    registry: &Registry,
    original: &Original,
    date: jiff::civil::Date,
) -> Result<Option<Registry>, EngineError> {
    match registry.contracts().find(original.merchant, original.operator, date) {
        Some(_) => Ok(None),
        None => centre.registry_as_of(version).await.map(Some),
    }
}

fn nothing_waits(row: &DecisionRow, record: &RecordPlace) -> EngineError {
    EngineError::CheckFailed(format!(
        "decision {} is about {record}, which no earlier window suspended; run `tongclear check`",
        row.id
    ))
}

fn nothing(row: &DecisionRow) -> EngineError {
    EngineError::CheckFailed(format!("decision {} has no figures; run `tongclear check`", row.id))
}

/// A suspended record that a decision releases in a window: from then on it counts as accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// Where it lies.
    pub place: RecordPlace,
    /// Who took it.
    pub merchant: MerchantCode,
    /// Whose card.
    pub operator: OperatorCode,
    /// The card.
    pub card: CardId,
    /// Transaction type.
    pub tti: Tti,
    /// Offline counter.
    pub offline_counter: u16,
    /// Online counter.
    pub online_counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// Its number.
    pub terminal_number: TerminalNumber,
    /// The amount as sent.
    pub amount_fen: u32,
    /// What is paid of it.
    pub paid: Fen,
    /// Date as sent.
    pub date: BcdDate,
    /// Time as sent.
    pub time: BcdTime,
}

/// The records that decisions of a closed window release, by place.
///
/// # Errors
/// [`EngineError::CheckFailed`] when a decision is about nothing that waits; faults of store and vault.
pub async fn released(centre: &Centre, window: &crate::ClosedWindow) -> Result<Vec<Released>, EngineError> {
    let taken = taken_before(centre, window).await?;
    let mut released: Vec<Released> =
        taken.iter().filter_map(|it| it.released.map(|of| (it, of))).map(as_released).collect();
    released.sort_by_key(|it| it.place);
    Ok(released)
}

fn as_released((taken, Waiting { item, record }): (&Taken, Waiting)) -> Released {
    Released {
        place: place(&item),
        merchant: item.merchant,
        operator: item.operator,
        card: item.card,
        tti: record.tti,
        offline_counter: record.offline_counter,
        online_counter: record.online_counter,
        terminal: item.terminal,
        terminal_number: item.terminal_number,
        amount_fen: item.amount_fen,
        paid: taken.adjustment.paid,
        date: item.date,
        time: item.time,
    }
}

/// What the decisions of a closed window do, as the store has it; most windows have none, and then nothing else is read.
pub(crate) async fn taken_before(
    centre: &Centre,
    window: &crate::ClosedWindow,
) -> Result<Vec<Taken>, EngineError> {
    if decisions_of_window(&*centre.store, window.row.id).await?.is_empty() {
        return Ok(Vec::new());
    }
    let registry = centre.registry_as_of(window.snapshot.registry).await?;
    let suspended = centre.store.suspended_before(window.row.id).await?;
    taken_in(centre, window.row.id, &registry, &suspended).await
}
