//! Disputes: what waits for a decision, what speaks for and against it, and whether a decision may be taken
//! (`docs/disputes.md`).
//!
//! Reads only. Decisions are proposed and approved at the desk and carried out by the run of the window that is open then.

mod breaks;
mod evidence;
mod suggest;

use std::collections::{BTreeMap, HashMap};

use tongclear_ledger::{Adjustment, Origin, Reference, Resolution};
use tongclear_life::TransferLine;
use tongclear_life::dispute::{Because, DecisionView, Dispute, Suggestion, WorkItem};
use tongclear_life::reconciled::ItemState;
use tongclear_mac::{KeyRing, Passphrase};
use tongclear_store::decisions::{
    Decision, DecisionRow, RecordPlace, Subject, decisions, decisions_about, waiting as waiting_proposals,
};
use tongclear_store::{SuspendedItem, WindowState, four_eyes};
use tongclear_types::{BusinessDate, Disposition, Fen, PackageSequence};

use self::breaks::{Break, breaks};
use self::suggest::Tac;
use crate::centre::{ClosedWindow, closed_windows};
use crate::decisions::{item_at, original, place, waiting};
use crate::reconcile::age_days;
use crate::why::archive::Archive;
use crate::{Centre, EngineError};

/// Characters of a reason, and of evidence, at most.
pub const WORDS_MAX: usize = 1_000;

/// Everything that waits for a decision, the oldest first; with a passphrase TACs are computed that no run has verified.
///
/// # Errors
/// A wrong passphrase; faults of store and vault.
pub async fn work_list(
    centre: &Centre,
    passphrase: Option<&Passphrase>,
) -> Result<Vec<WorkItem>, EngineError> {
    let mut desk = Desk::open(centre, passphrase).await?;
    let mut items = Vec::new();
    for (window, item) in desk.suspended().await? {
        if desk.decided(place(&item).reference(), true).is_none() {
            items.push(desk.of_suspended(&window, &item).await?.0);
        }
    }
    for found in breaks(centre).await? {
        let reference = reference_of(&found);
        if reference.is_some_and(|reference| desk.decided(reference, false).is_none()) {
            items.extend(desk.of_break(&found));
        }
    }
    items.sort_by_key(|item| (item.since, item.reference, item.origin));
    Ok(items)
}

/// Everything about one item, decided or not.
///
/// # Errors
/// [`EngineError::Refused`] when nothing of that name waits or was decided; as [`work_list`].
pub async fn dispute(
    centre: &Centre,
    reference: Reference,
    passphrase: Option<&Passphrase>,
) -> Result<Dispute, EngineError> {
    let mut desk = Desk::open(centre, passphrase).await?;
    let decisions = decided_about(centre, reference).await?;
    let mut dispute = Dispute {
        item: None,
        balances_fen: None,
        tac_right: None,
        neighbours: Vec::new(),
        numbers_missing: (false, false),
        decisions,
    };
    let suspended = desk.suspended().await?;
    if let Some((window, item)) = suspended.iter().find(|(_, item)| place(item).reference() == reference) {
        let (work, found) = desk.of_suspended(window, item).await?;
        let record = found.waits.record;
        dispute.item = desk.decided(reference, true).is_none().then_some(work);
        dispute.balances_fen = Some((record.balance_before_fen, record.balance_after_fen));
        dispute.tac_right = match found.evidence.tac {
            Tac::Right => Some(true),
            Tac::Wrong => Some(false),
            Tac::NoKey | Tac::NotAsked => None,
        };
        dispute.neighbours = found.neighbours;
        dispute.numbers_missing = (found.evidence.missing_below, found.evidence.missing_above);
        return Ok(dispute);
    }
    let found = breaks(centre).await?.into_iter().find(|it| reference_of(it) == Some(reference));
    if let Some(found) = found {
        dispute.item = desk.of_break(&found).filter(|_| desk.decided(reference, false).is_none());
        return Ok(dispute);
    }
    if dispute.decisions.is_empty() {
        return Err(EngineError::Refused(nothing_waits(centre, reference).await?));
    }
    Ok(dispute)
}

/// What a reference names: a suspended record that is not decided, or else a break.
///
/// # Errors
/// [`EngineError::Refused`] naming what became of the record, when there is nothing to decide; faults of store and vault.
pub async fn subject_of(centre: &Centre, reference: Reference) -> Result<Subject, EngineError> {
    let past = decisions_about(&*centre.store, reference).await?;
    let decided = |suspended: bool| {
        past.iter().find(|row| {
            row.decision.resolution.is_final()
                && (row.decision.subject.origin() == Origin::Suspended) == suspended
        })
    };
    let already = |row: &DecisionRow| {
        let what = row.decision.resolution;
        EngineError::Refused(format!("{reference} was decided already: {what}, decision {}", row.id))
    };
    let suspended = all_suspended(centre).await?;
    let item = suspended.iter().find(|item| place(item).reference() == reference);
    if let (Some(item), None) = (item, decided(true)) {
        return Ok(Subject::Suspended { record: place(item) });
    }
    let found = breaks(centre).await?.into_iter().find(|it| reference_of(it) == Some(reference));
    match (found, decided(false), decided(true)) {
        (Some(_), Some(row), _) | (None, Some(row), _) | (None, None, Some(row)) => Err(already(row)),
        (Some(found), None, _) => whole(centre, found).await,
        (None, None, None) => Err(EngineError::Refused(nothing_waits(centre, reference).await?)),
    }
}

/// Checks a decision against the centre as it is, and says in words what it does.
///
/// # Errors
/// [`EngineError::Refused`] when there is nothing to decide, the parts do not re-add, no contract is in force, or the words are
/// missing or too long; faults of store and vault.
pub async fn examine(centre: &Centre, decision: &Decision) -> Result<String, EngineError> {
    let reason = decision.reason.trim();
    if reason.is_empty() {
        return Err(EngineError::Refused("the reason is empty: say why".to_owned()));
    }
    let words = [Some(&decision.reason), decision.evidence.as_ref()];
    if words.into_iter().flatten().any(|text| text.chars().count() > WORDS_MAX) {
        return Err(EngineError::Refused(format!(
            "reason and evidence have at most {WORDS_MAX} characters each"
        )));
    }
    let reference = decision.subject.reference();
    let now = subject_of(centre, reference).await?;
    if now != decision.subject {
        return Err(EngineError::Refused(format!(
            "{reference} is not what it was when this was proposed ({}); propose it again",
            now.origin()
        )));
    }
    let (original, date) = match &decision.subject {
        Subject::Suspended { record } => {
            let suspended = all_suspended(centre).await?;
            let item = item_at(&suspended, record).ok_or_else(|| {
                EngineError::Refused(format!("{record} is not suspended: there is nothing to decide"))
            })?;
            let waits = waiting(centre, item).await?;
            (original(&waits), item.date.to_civil())
        }
        subject => match subject.original() {
            Some((original, date)) => (original, Some(date)),
            None => return Err(EngineError::Internal(format!("{reference} has no figures"))),
        },
    };
    let registry = centre.registry().await?.body;
    let contracts = registry.contracts();
    let contract = date.and_then(|date| contracts.find(original.merchant, original.operator, date));
    let adjustment = Adjustment::of(&original, decision.resolution, contract.map(|(_, it)| it))
        .map_err(|error| EngineError::Refused(format!("{reference}: {error}")))?;
    Ok(words_of(&adjustment, decision, original.amount))
}

fn words_of(adjustment: &Adjustment, decision: &Decision, amount: Fen) -> String {
    let Adjustment { reference, origin, merchant, operator, paid, refused, .. } = adjustment;
    let what = match decision.resolution {
        Resolution::Split { .. } => format!("pay {paid} fen, refuse {refused} fen"),
        other => other.to_string(),
    };
    let evidence = decision.evidence.as_ref().map(|it| format!("\nevidence: {it}")).unwrap_or_default();
    format!(
        "{what}: {reference} ({origin}, {amount} fen, merchant {merchant}, operator {operator})\nreason: {}{evidence}",
        decision.reason
    )
}

/// What was decided about an original so far, with who proposed and approved it and what it moved.
pub(crate) async fn decided_about(
    centre: &Centre,
    reference: Reference,
) -> Result<Vec<DecisionView>, EngineError> {
    let rows = decisions_about(&*centre.store, reference).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let windows = centre.store.windows().await?;
    let mut views = Vec::new();
    for row in rows {
        let window = closed_windows(&windows).find(|window| window.row.id == row.window);
        let transfers = match window.filter(|window| window.state() >= WindowState::Cleared) {
            Some(window) => centre.store.transfers(window.date()).await?,
            None => Vec::new(),
        };
        let transfers =
            transfers.iter().filter(|it| it.reference == Some(reference)).map(|it| TransferLine {
                id: it.id(),
                code: it.code,
                debit: it.debit,
                credit: it.credit,
                amount_fen: it.amount,
            });
        let proposal = match row.proposal {
            Some(id) => four_eyes::proposal(&*centre.store, id).await?,
            None => None,
        };
        views.push(DecisionView {
            id: row.id,
            reference,
            origin: row.decision.subject.origin(),
            resolution: row.decision.resolution,
            reason: row.decision.reason,
            evidence: row.decision.evidence,
            proposed_by: proposal.map(|it| it.proposed_by.to_string()),
            decided_by: row.by.to_string(),
            decided_at: row.at.0,
            window: window.map(|window| window.date()),
            transfers: transfers.collect(),
        });
    }
    Ok(views)
}

/// Every record that any window suspended.
async fn all_suspended(centre: &Centre) -> Result<Vec<SuspendedItem>, EngineError> {
    let windows = centre.store.windows().await?;
    match windows.last() {
        Some(open) => Ok(centre.store.suspended_before(open.id).await?),
        None => Ok(Vec::new()),
    }
}

fn reference_of(found: &Break) -> Option<Reference> {
    found.subject.as_ref().map(Subject::reference)
}

/// A break with what only our record's package says of it.
async fn whole(centre: &Centre, found: Break) -> Result<Subject, EngineError> {
    let subject = found.subject.ok_or_else(|| {
        EngineError::Refused(format!("terminal {} is nobody's: nobody could be paid", found.seen.terminal))
    })?;
    if let Some((record, Disposition::Suspended, _)) = found.known {
        return Err(EngineError::Refused(format!(
            "this line is about a record that waits in suspense: decide about {} instead, or it could be paid twice",
            record.reference()
        )));
    }
    match subject {
        Subject::OursOnly { record, mut of } => {
            of.list_price_fen = list_price(centre, &record).await?.unwrap_or(of.list_price_fen);
            Ok(Subject::OursOnly { record, of })
        }
        Subject::Mismatch { record, line, mut of, theirs_fen } => {
            of.list_price_fen = list_price(centre, &record).await?.unwrap_or(of.list_price_fen);
            Ok(Subject::Mismatch { record, line, of, theirs_fen })
        }
        other => Ok(other),
    }
}

async fn list_price(centre: &Centre, record: &RecordPlace) -> Result<Option<u32>, EngineError> {
    let Some(package) = centre.store.package(record.package()).await? else { return Ok(None) };
    let mut archive = Archive::open(centre).await?;
    let records = archive.records(&package, &[record.row]).await?;
    Ok(records.first().map(|record| record.list_price_fen))
}

/// Why there is nothing to decide about a reference.
async fn nothing_waits(centre: &Centre, reference: Reference) -> Result<String, EngineError> {
    let unknown = format!("nothing that waits is called {reference}; see `tongclear dispute list`");
    let Some(record) = record_of(reference) else { return Ok(unknown) };
    let Some(package) = centre.store.package(record.package()).await? else { return Ok(unknown) };
    if record.row >= package.records {
        return Ok(unknown);
    }
    let mut archive = Archive::open(centre).await?;
    let Some(window) = archive.cleared(None).into_iter().find(|it| it.row.id == package.window) else {
        return Ok(format!("{reference}: its window is not cleared yet, so there is nothing to decide"));
    };
    let records = archive.records(&package, &[record.row]).await?;
    let Some(found) = records.first() else { return Ok(unknown) };
    let lines = archive.card_rows(&window, found.card()).await?;
    let line = lines.iter().find(|line| {
        (line.collector, line.package_sequence, line.row)
            == (record.collector, record.package_sequence, record.row)
    });
    Ok(match line.map(|line| (line.verdict.disposition(), line.verdict.reason())) {
        Some((Disposition::Duplicate, _)) => {
            format!("{reference} is a duplicate: duplicates never move money, so there is nothing to decide")
        }
        Some((Disposition::Rejected, Some(reason))) => format!(
            "{reference} was rejected ({reason}): only suspended records and breaks are decided; a corrected record may be \
             sent again"
        ),
        Some((Disposition::Accepted, _)) => {
            format!("{reference} was accepted and is no break: there is nothing to decide")
        }
        _ => unknown,
    })
}

/// The place that a reference names, if it names a record.
fn record_of(reference: Reference) -> Option<RecordPlace> {
    let text = reference.to_string();
    let mut parts = text.split('-');
    let collector = parts.next()?.parse().ok()?;
    let package_sequence = PackageSequence(parts.next()?.parse().ok()?);
    let row = parts.next()?.parse().ok()?;
    let place = RecordPlace { collector, package_sequence, row };
    (parts.next().is_none() && place.reference() == reference).then_some(place)
}

/// Everything that the items of a list are made from, loaded once.
struct Desk<'a> {
    centre: &'a Centre,
    archive: Archive<'a>,
    registry: tongclear_registry::Registry,
    ring: Option<KeyRing>,
    /// The last cleared window, to which ages are counted.
    as_of: Option<BusinessDate>,
    /// Decisions by reference, and whether they are about a suspended record.
    decided: HashMap<(Reference, bool), DecisionRow>,
    kept: HashMap<(Reference, bool), String>,
    /// Proposals that wait.
    proposed: BTreeMap<(Reference, bool), i64>,
}

impl<'a> Desk<'a> {
    async fn open(centre: &'a Centre, passphrase: Option<&Passphrase>) -> Result<Self, EngineError> {
        let archive = Archive::open(centre).await?;
        let registry = centre.registry().await?.body;
        let ring = match passphrase {
            Some(passphrase) => Some(centre.key_ring(passphrase).await?.body),
            None => None,
        };
        let key = |subject: &Subject| (subject.reference(), subject.origin() == Origin::Suspended);
        let (mut decided, mut kept) = (HashMap::new(), HashMap::new());
        for row in decisions(&*centre.store).await? {
            let key = key(&row.decision.subject);
            if row.decision.resolution.is_final() {
                decided.insert(key, row);
            } else {
                kept.insert(key, row.decision.reason);
            }
        }
        let proposals = waiting_proposals(&*centre.store).await?;
        let proposed = proposals.into_iter().map(|(id, decision)| (key(&decision.subject), id)).collect();
        let as_of = archive.cleared(None).last().map(ClosedWindow::date);
        Ok(Self { centre, archive, registry, ring, as_of, decided, kept, proposed })
    }

    fn decided(&self, reference: Reference, suspended: bool) -> Option<&DecisionRow> {
        self.decided.get(&(reference, suspended))
    }

    /// Every suspended record, with the window that suspended it.
    async fn suspended(&self) -> Result<Vec<(ClosedWindow, SuspendedItem)>, EngineError> {
        let mut found = Vec::new();
        for window in self.archive.cleared(None) {
            let items = self.centre.store.suspended_in(window.row.id).await?;
            found.extend(items.into_iter().map(|item| (window, item)));
        }
        Ok(found)
    }

    fn age(&self, since: BusinessDate) -> u32 {
        self.as_of.map_or(0, |as_of| age_days(since, as_of))
    }

    async fn of_suspended(
        &mut self,
        window: &ClosedWindow,
        item: &SuspendedItem,
    ) -> Result<(WorkItem, evidence::Found), EngineError> {
        let found = evidence::look_up(
            self.centre,
            &mut self.archive,
            &self.registry,
            self.ring.as_ref(),
            item,
            window,
        )
        .await?;
        let reference = place(item).reference();
        let key = (reference, true);
        let work = WorkItem {
            reference,
            origin: Origin::Suspended,
            since: window.date(),
            age_days: self.age(window.date()),
            merchant: Some(item.merchant),
            operator: item.operator,
            serial: item.card.serial,
            chain: item.chain,
            counter: item.counter,
            terminal: item.terminal,
            terminal_number: item.terminal_number,
            date: item.date.to_string(),
            time: item.time.to_string(),
            amount_fen: Fen::from(item.amount_fen),
            theirs_fen: None,
            reason: item.reason.to_string(),
            proposal: self.proposed.get(&key).copied(),
            kept: self.kept.get(&key).cloned(),
            suggestion: suggest::suggest(&found.evidence),
        };
        Ok((work, found))
    }

    /// A break as it stands in the list; none when there is nobody to decide for.
    fn of_break(&self, found: &Break) -> Option<WorkItem> {
        let subject = found.subject.as_ref()?;
        let (original, _) = subject.original()?;
        let key = (original.reference, false);
        Some(WorkItem {
            reference: original.reference,
            origin: original.origin,
            since: found.since,
            age_days: self.age(found.since),
            merchant: Some(original.merchant),
            operator: found.operator,
            serial: found.seen.serial,
            chain: found.chain(),
            counter: found.seen.counter,
            terminal: found.seen.terminal,
            terminal_number: found.seen.terminal_number,
            date: found.seen.date.to_string(),
            time: found.seen.time.to_string(),
            amount_fen: original.amount,
            theirs_fen: found.theirs,
            reason: found.reason(),
            proposal: self.proposed.get(&key).copied(),
            kept: self.kept.get(&key).cloned(),
            suggestion: suggestion_about(found),
        })
    }
}

/// What reconciliation alone suggests about a break: little, for the other side has its reasons.
fn suggestion_about(found: &Break) -> Suggestion {
    let told = |rule, zh: &str, en: &str| Because { rule, zh: zh.to_owned(), en: en.to_owned() };
    let (resolution, because) = match (found.state, &found.known) {
        (ItemState::OursOnly, _) => (
            Resolution::Keep,
            told(
                "ask_operator",
                "TAC 正确且已付商户：先向发卡机构查询",
                "its TAC was right and the merchant was paid: ask the operator first",
            ),
        ),
        (ItemState::TheirsOnly, Some((_, Disposition::Suspended, _))) => (
            Resolution::Keep,
            told(
                "decide_the_record",
                "我方记录挂账：请处置该记录",
                "our record waits in suspense: decide about that",
            ),
        ),
        (ItemState::TheirsOnly, Some((_, Disposition::Duplicate, _))) => (
            Resolution::Refuse,
            told("paid_before", "我方判为重复：已付过", "we have it as a duplicate: it was paid before"),
        ),
        (ItemState::TheirsOnly, Some((_, Disposition::Rejected, _))) => (
            Resolution::Keep,
            told(
                "rejected_here",
                "我方收到而拒付：请商户更正后重传",
                "we have it and rejected it: the merchant may send it again, corrected",
            ),
        ),
        (ItemState::TheirsOnly, _) => (
            Resolution::Keep,
            told("ask_merchant", "请商户补传交易包", "ask the merchant for the package that is missing"),
        ),
        _ if found.fields.iter().any(|field| field == "status") => (
            Resolution::Keep,
            told(
                "operator_refused",
                "发卡机构拒绝此笔，而其 TAC 正确：请其说明原因",
                "the operator refused it although its TAC is right: ask for its reason",
            ),
        ),
        _ if found.theirs == Some(found.seen.amount) => (
            Resolution::Pay,
            told("amounts_agree", "金额一致，仅其他字段不同", "the amounts agree; only other fields differ"),
        ),
        _ => (
            Resolution::Keep,
            told(
                "amounts_differ",
                "金额不一致：查对凭证；我方金额由 TAC 保护",
                "the amounts differ: compare vouchers; ours is covered by the TAC",
            ),
        ),
    };
    Suggestion { resolution, because: vec![because] }
}
