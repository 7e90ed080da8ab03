//! Which records of a cleared window somebody wants, and which of those they may see; page by page.

use tongclear_ledger::Participant;
use tongclear_package::DetailRow;
use tongclear_registry::Registry;
use tongclear_store::Scope;
use tongclear_types::{BusinessDate, CardId, CollectorId, Disposition, Reason, TerminalId};

use crate::clearing::partition_of;
use crate::export::{partition_rows, require_cleared};
use crate::run_files::RunFiles;
use crate::{Centre, EngineError};

/// Records on a page, at most.
pub const PAGE_MAX: usize = 1_000;

/// Which records are wanted; whatever is not named does not matter, but the scope always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whose records may be seen.
    pub scope: Scope,
    /// Only those of this disposition.
    pub disposition: Option<Disposition>,
    /// Only those refused for this reason.
    pub reason: Option<Reason>,
    /// Only those of this terminal.
    pub terminal: Option<TerminalId>,
    /// Only those sent by this collector.
    pub collector: Option<CollectorId>,
    /// Only those of this card.
    pub card: Option<CardId>,
}

impl Wanted {
    /// Everything there is: for the centre itself.
    #[must_use]
    pub const fn everything() -> Self {
        Self::seen_by(Scope::Everything)
    }

    /// Everything that `scope` sees.
    #[must_use]
    pub const fn seen_by(scope: Scope) -> Self {
        Self { scope, disposition: None, reason: None, terminal: None, collector: None, card: None }
    }

    /// The row as it may be seen, when it is wanted and may be seen at all: what a merchant pays the centre is no card
    /// operator's business.
    pub(crate) fn of(&self, row: DetailRow, registry: &Registry) -> Option<DetailRow> {
        let fee_fen = match self.scope {
            Scope::Of(Participant::Operator(_)) => None,
            _ => row.fee_fen,
        };
        self.has(&row, registry).then_some(DetailRow { fee_fen, ..row })
    }

    fn has(&self, row: &DetailRow, registry: &Registry) -> bool {
        let operator = registry.operator_by_issuer(&row.issuer).map(|(_, operator)| operator.code);
        self.scope.sees(row.merchant, operator, row.collector)
            && self.disposition.is_none_or(|it| row.verdict.disposition() == it)
            && self.reason.is_none_or(|it| row.verdict.reason() == Some(it))
            && self.terminal.is_none_or(|it| row.terminal == it)
            && self.collector.is_none_or(|it| row.collector == it)
            && self.card.is_none_or(|it| (row.issuer, row.serial) == (it.issuer, it.serial))
    }

    /// The partitions that can hold what is wanted.
    pub(crate) fn partitions(&self, registry: &Registry) -> std::ops::Range<u16> {
        let all = registry.centre.card_partitions;
        match &self.card {
            Some(card) => {
                let one = partition_of(card, all);
                one..one + 1
            }
            None => 0..all,
        }
    }
}

/// A place between two records: the partition, and how many of its rows were passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    partition: u16,
    passed: u64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.partition, self.passed)
    }
}

impl std::str::FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("{text:?} is not a cursor: take the `next` of the page before");
        let (partition, passed) = text.split_once('-').ok_or_else(refused)?;
        let partition = partition.parse().map_err(|_| refused())?;
        Ok(Self { partition, passed: passed.parse().map_err(|_| refused())? })
    }
}

/// Some records, and where the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records: partition by partition, within one as in the export.
    pub rows: Vec<DetailRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
}

/// The next wanted records of a cleared window from `cursor` on, at most `limit` and [`PAGE_MAX`].
///
/// # Errors
/// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when it is not cleared; faults of the vault.
pub async fn page(
    centre: &Centre,
    date: BusinessDate,
    wanted: &Wanted,
    cursor: Cursor,
    limit: usize,
) -> Result<Page, EngineError> {
    let limit = limit.clamp(1, PAGE_MAX);
    let window = centre.window(date).await?;
    require_cleared(&window)?;
    let registry = centre.registry_as_of(window.snapshot.registry).await?;
    let files = RunFiles::of(centre, window.row.id).await?;
    let mut rows = Vec::new();
    for partition in wanted.partitions(&registry).filter(|it| *it >= cursor.partition) {
        let passed = if partition == cursor.partition { cursor.passed } else { 0 };
        let skipped = usize::try_from(passed).unwrap_or(usize::MAX);
        let all = partition_rows(centre, &files, date, partition).await?;
        for (at, row) in (passed..).zip(all.skip(skipped)) {
            let row = row?;
            let Some(row) = wanted.of(row, &registry) else { continue };
            if rows.len() == limit {
                return Ok(Page { rows, next: Some(Cursor { partition, passed: at }) });
            }
            rows.push(row);
        }
    }
    Ok(Page { rows, next: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_go_to_text_and_back() {
        for cursor in [Cursor::default(), Cursor { partition: 63, passed: 1_234_567 }] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in ["", "1", "-1-2", "1-2-3", "x-1", "65536-0"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
