//! Breaks: what reconciliation with a card operator left open for longer than its grace, and what both sides have otherwise.

use tongclear_life::reconciled::{Item, ItemState, RecordPlace as ReconciledPlace, Seen};
use tongclear_registry::Registry;
use tongclear_store::Digest;
use tongclear_store::decisions::{BreakFigures, LinePlace, RecordPlace, Subject};
use tongclear_store::reconciliations::reconciliations;
use tongclear_types::{BusinessDate, Chain, Disposition, Fen, MerchantCode, OperatorCode, Reason};

use crate::reconcile::disputable;
use crate::{Centre, EngineError};

/// A break, with what a decision about it needs.
#[derive(Debug, Clone)]
pub(crate) struct Break {
    /// What is decided about; none for a line whose terminal is nobody's, for nobody could be paid.
    pub(crate) subject: Option<Subject>,
    pub(crate) state: ItemState,
    pub(crate) operator: OperatorCode,
    /// The day since which it waits.
    pub(crate) since: BusinessDate,
    /// Our record, or else the operator's line.
    pub(crate) seen: Seen,
    /// Of a mismatch, what the operator has.
    pub(crate) theirs: Option<Fen>,
    /// The fields in which both differ.
    pub(crate) fields: Vec<String>,
    /// A record of ours that explains the line: where it lies and why it was not accepted.
    pub(crate) known: Option<(RecordPlace, Disposition, Option<Reason>)>,
}

impl Break {
    pub(crate) fn chain(&self) -> Chain {
        self.seen.tti.chain().unwrap_or(Chain::Purchase)
    }

    /// Why it waits, in one word or two.
    pub(crate) fn reason(&self) -> String {
        match (&self.known, self.state) {
            (Some((_, disposition, reason)), _) => {
                let reason = reason.map(|reason| format!(":{reason}")).unwrap_or_default();
                format!("{}:{disposition}{reason}", self.state.name())
            }
            (None, ItemState::Mismatch) => format!("mismatch:{}", self.fields.join("|")),
            (None, state) => state.name().to_owned(),
        }
    }
}

/// The breaks with every card operator: mismatches of all runs, and what the last run left open beyond the grace.
///
/// # Errors
/// Faults of store and vault.
pub(crate) async fn breaks(centre: &Centre) -> Result<Vec<Break>, EngineError> {
    let runs = reconciliations(&*centre.store, None).await?;
    let mut operators: Vec<OperatorCode> = runs.iter().map(|run| run.operator).collect();
    operators.dedup();
    let mut breaks = Vec::new();
    if operators.is_empty() {
        return Ok(breaks);
    }
    let registry = centre.registry().await?.body;
    for operator in operators {
        let files = |run: u32| {
            let row = runs.iter().find(|row| row.operator == operator && row.run == run);
            row.and_then(|row| row.file)
        };
        for (_, item) in disputable(centre, operator).await? {
            breaks.extend(of_item(operator, &item, &files, &registry));
        }
    }
    Ok(breaks)
}

fn of_item(
    operator: OperatorCode,
    item: &Item,
    file: &dyn Fn(u32) -> Option<Digest>,
    registry: &Registry,
) -> Option<Break> {
    let since = item.since()?;
    let line = item.line.as_ref().and_then(|line| {
        let number = u32::try_from(line.line).ok()?;
        Some(LinePlace { operator, file_sha256: file(line.run)?, line: number })
    });
    let record = item.record.as_ref().map(|(_, place)| (record_place(place), place.merchant));
    let seen = match (&item.record, &item.line) {
        (Some((seen, _)), _) => seen.clone(),
        (None, Some(line)) => line.seen.clone(),
        (None, None) => return None,
    };
    // What the operator refused it does not owe.
    let theirs = item.line.as_ref().map(|line| match line.status.as_str() {
        "ok" => line.seen.amount,
        _ => Fen::ZERO,
    });
    let merchant = match &record {
        Some((_, merchant)) => Some(*merchant),
        None => item.known.as_ref().map(|(place, ..)| place.merchant).or_else(|| whose(registry, &seen)),
    };
    let amount = if item.state == ItemState::TheirsOnly { theirs? } else { seen.amount };
    let of = figures(operator, merchant, &seen, amount);
    let subject = match (item.state, record, line, of) {
        (ItemState::OursOnly, Some((record, _)), _, Some(of)) => Some(Subject::OursOnly { record, of }),
        (ItemState::TheirsOnly, None, Some(line), Some(of)) => Some(Subject::TheirsOnly { line, of }),
        (ItemState::Mismatch, Some((record, _)), Some(line), Some(of)) => {
            let theirs_fen = u32::try_from(theirs?.get()).ok()?;
            Some(Subject::Mismatch { record, line, of, theirs_fen })
        }
        _ => None,
    };
    let theirs = theirs.filter(|_| item.state == ItemState::Mismatch);
    let known =
        item.known.as_ref().map(|(place, disposition, reason)| (record_place(place), *disposition, *reason));
    Some(Break {
        subject,
        state: item.state,
        operator,
        since,
        seen,
        theirs,
        fields: item.fields.clone(),
        known,
    })
}

fn record_place(place: &ReconciledPlace) -> RecordPlace {
    let ReconciledPlace { collector, package_sequence, row, .. } = *place;
    RecordPlace { collector, package_sequence, row }
}

/// Whose the terminal is on the date of the line.
fn whose(registry: &Registry, seen: &Seen) -> Option<MerchantCode> {
    let date = seen.date.to_civil()?;
    let rows = registry.terminal(&seen.terminal)?;
    rows.iter().find(|row| row.covers(date)).or(rows.last()).map(|row| row.merchant)
}

/// The list price stands in the record alone; until somebody decides, it is taken to be the amount.
fn figures(
    operator: OperatorCode,
    merchant: Option<MerchantCode>,
    seen: &Seen,
    amount: Fen,
) -> Option<BreakFigures> {
    let amount_fen = u32::try_from(amount.get()).ok()?;
    Some(BreakFigures {
        merchant: merchant?,
        operator,
        chain: seen.tti.chain()?,
        date: seen.date.to_civil()?,
        amount_fen,
        list_price_fen: amount_fen,
    })
}
