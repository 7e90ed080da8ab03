//! Finding items again: all of a run for people and programs, or those of one card.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use bytes::Bytes;
use object_store::path::Path;
use tongclear_ledger::{Calendar, Cycle};
use tongclear_life::reconciled::{Item, ItemState, LineView, OperatorView, RecordPlace};
use tongclear_store::reconciliations::{ReconciliationRow, reconciliations};
use tongclear_types::{CardId, OperatorCode, TransactionRecord};

use super::entries::entries;
use super::inputs::{Past, age_days, grace, is_break};
use super::words::Words;
use crate::clearing::{columns, partition_of};
use crate::{Centre, EngineError};

/// The items of one run, partition by partition: what found its other side, then what is open.
pub struct Items {
    past: Past,
    partitions: u16,
    calendar: Calendar,
    grace: Cycle,
    next: u16,
    ready: VecDeque<Item>,
}

/// The items of a run.
///
/// # Errors
/// [`EngineError::Refused`] when there is no such run; faults of the store.
pub async fn items(centre: &Centre, operator: OperatorCode, run: Option<u32>) -> Result<Items, EngineError> {
    let rows = reconciliations(&*centre.store, Some(operator)).await?;
    let found = match run {
        None => rows.last(),
        Some(run) => rows.iter().find(|row| row.run == run),
    };
    let row = found.cloned().ok_or_else(|| {
        let which = run.map_or_else(String::new, |run| format!(" {run}"));
        EngineError::Refused(format!(
            "there is no run{which} of reconciliation with {operator}; see `tongclear reconcile list`"
        ))
    })?;
    let registry = centre.registry_as_of(row.registry).await?;
    let (calendar, grace) = grace(&registry, operator)?;
    let (past, partitions) = (Past::of(centre, row).await?, registry.centre.card_partitions);
    Ok(Items { past, partitions, calendar, grace, next: 0, ready: VecDeque::new() })
}

impl Items {
    /// The run they are of.
    #[must_use]
    pub const fn row(&self) -> &ReconciliationRow {
        &self.past.row
    }

    /// The next item, and for an open one its age in days and whether it is a break; none after the last.
    ///
    /// # Errors
    /// Faults of the vault.
    pub async fn next(&mut self) -> Result<Option<(Item, Option<(u32, bool)>)>, EngineError> {
        while self.ready.is_empty() && self.next < self.partitions {
            let partition = self.next;
            self.next += 1;
            let files = [self.past.pairs(partition).await?, self.past.open_items(partition).await?];
            for (path, file) in files.into_iter().flatten() {
                let batches = columns::read(file, &[]).map_err(|reason| damaged(&path, reason))?;
                for batch in batches {
                    let batch = batch.map_err(|error| damaged(&path, error.to_string()))?;
                    self.ready.extend(of_batch(&batch).map_err(|reason| damaged(&path, reason))?);
                }
            }
        }
        let as_of = self.past.row.as_of;
        Ok(self.ready.pop_front().map(|item| {
            let open = matches!(item.state, ItemState::OursOnly | ItemState::TheirsOnly);
            let since = item.since().filter(|_| open);
            let age = since
                .map(|since| (age_days(since, as_of), is_break(since, as_of, &self.calendar, self.grace)));
            (item, age)
        }))
    }
}

/// The items of a card: pairs of all runs, open items of the last one; in the order of the runs.
///
/// # Errors
/// Faults of store and vault.
pub async fn look_up(
    centre: &Centre,
    operator: OperatorCode,
    card: &CardId,
) -> Result<Vec<(ReconciliationRow, Item)>, EngineError> {
    let rows = reconciliations(&*centre.store, Some(operator)).await?;
    let last = rows.last().map(|row| row.run);
    let mut found = Vec::new();
    for row in rows {
        let registry = centre.registry_as_of(row.registry).await?;
        let partition = partition_of(card, registry.centre.card_partitions);
        let past = Past::of(centre, row.clone()).await?;
        let open = if Some(row.run) == last { past.open_items(partition).await? } else { None };
        for (path, file) in [past.pairs(partition).await?, open].into_iter().flatten() {
            let of_card = of_card(file, card).map_err(|reason| damaged(&path, reason))?;
            found.extend(of_card.into_iter().map(|item| (row.clone(), item)));
        }
    }
    Ok(found)
}

/// What may be disputed with an operator: mismatches of all runs, and what the last one left open beyond the grace.
///
/// # Errors
/// Faults of store and vault.
pub(crate) async fn disputable(
    centre: &Centre,
    operator: OperatorCode,
) -> Result<Vec<(ReconciliationRow, Item)>, EngineError> {
    let mut found = Vec::new();
    for row in reconciliations(&*centre.store, Some(operator)).await? {
        if row.figures()?.mismatch.ours.count == 0 {
            continue;
        }
        let partitions = centre.registry_as_of(row.registry).await?.centre.card_partitions;
        let past = Past::of(centre, row.clone()).await?;
        let wanted = [("state", ItemState::Mismatch.name().to_owned())];
        for partition in 0..partitions {
            let Some((path, file)) = past.pairs(partition).await? else { continue };
            for batch in columns::read_where(file, &wanted).map_err(|reason| damaged(&path, reason))? {
                let batch = batch.map_err(|error| damaged(&path, error.to_string()))?;
                let items = of_batch(&batch).map_err(|reason| damaged(&path, reason))?;
                found.extend(items.into_iter().map(|item| (row.clone(), item)));
            }
        }
    }
    let mut last = items(centre, operator, None).await?;
    while let Some((item, age)) = last.next().await? {
        if age.is_some_and(|(_, is_break)| is_break) {
            found.push((last.row().clone(), item));
        }
    }
    Ok(found)
}

/// What the runs made of one record, in their order.
pub(crate) async fn of_record(
    centre: &Centre,
    operator: OperatorCode,
    record: &TransactionRecord,
    place: &tongclear_life::Place,
) -> Result<Vec<OperatorView>, EngineError> {
    let card = CardId { issuer: record.issuer, serial: record.serial };
    let here = |it: &RecordPlace| {
        (it.collector, it.package_sequence, it.row) == (place.collector, place.package_sequence, place.row)
    };
    let is_of = |item: &Item| {
        let known = item.known.as_ref().map(|(place, ..)| place);
        item.record.as_ref().map(|(_, place)| place).or(known).is_some_and(here)
    };
    let found = look_up(centre, operator, &card).await?;
    let views = found.into_iter().filter(|(_, item)| is_of(item)).map(|(row, item)| OperatorView {
        run: row.run,
        business_date: row.business_date,
        as_of: row.as_of,
        state: item.state,
        rule: item.rule,
        line: item.line.as_ref().map(LineView::from),
        fields: item.fields,
    });
    Ok(views.collect())
}

fn of_card(file: Bytes, card: &CardId) -> Result<Vec<Item>, String> {
    let mut found = Vec::new();
    for batch in columns::read_where(file, &[("serial", card.serial.to_string())])? {
        found.extend(of_batch(&batch.map_err(|error| error.to_string())?)?);
    }
    Ok(found)
}

fn of_batch(batch: &RecordBatch) -> Result<Vec<Item>, String> {
    let words = Words::default();
    Ok(entries(batch, &words)?.iter().map(|entry| entry.item(&words)).collect())
}

fn damaged(path: &Path, reason: String) -> EngineError {
    EngineError::Damaged { path: path.to_string(), reason }
}
