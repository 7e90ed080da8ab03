//! What a window's records say that its totals do not: by card operator, one by one where they were not accepted, and where
//! the accepted ones were taken.

use std::collections::BTreeMap;

use tongclear_engine::records::{RecordSet, each_record, each_row};
use tongclear_engine::{Centre, ClosedWindow, EngineError};
use tongclear_package::DetailRow;
use tongclear_press::UnpaidRecord;
use tongclear_store::Scope;
use tongclear_types::{
    BusinessDate, Disposition, DispositionTallies, Fen, MerchantCode, MoneyError, OperatorCode, Tally,
};

use super::names::Names;
use super::takings::Takings;

/// The records of one window, as far as a scope sees them.
#[derive(Default)]
pub(super) struct Records {
    tallies: BTreeMap<(MerchantCode, Option<OperatorCode>), DispositionTallies>,
    /// Records that were not accepted, by collector, package and row; the operator where the card has one.
    unpaid: Vec<(Option<OperatorCode>, DetailRow)>,
    pub(super) takings: Takings,
}

/// How much of the records is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Sums alone.
    Sums,
    /// Every record that was not accepted, and where accepted ones were taken.
    Whole,
}

impl Records {
    /// Reads the records of a cleared window.
    pub(super) async fn read(
        centre: &Centre,
        window: &ClosedWindow,
        names: &Names,
        scope: Scope,
        depth: Depth,
    ) -> Result<Self, EngineError> {
        let registry = names.of_version(window.snapshot.registry);
        let mut records = Self::default();
        let mut accepted = RecordSet::default();
        let taken_apart = |merchant| scope.sees_account(tongclear_ledger::Participant::Merchant(merchant));
        each_row(centre, window, |row| {
            let operator = registry.operator_by_issuer(&row.issuer).map(|(_, it)| it.code);
            if !scope.sees(row.merchant, operator, row.collector) {
                return Ok(());
            }
            let disposition = row.verdict.disposition();
            let tallies = records.tallies.entry((row.merchant, operator)).or_default();
            tallies.get_mut(disposition).add(Fen::from(row.amount_fen))?;
            if depth == Depth::Whole {
                match disposition {
                    Disposition::Accepted if taken_apart(row.merchant) => accepted.insert(&row),
                    Disposition::Accepted => {}
                    _ => records.unpaid.push((operator, row)),
                }
            }
            Ok(())
        })
        .await?;
        records.unpaid.sort_by_key(|(_, row)| (row.collector, row.package_sequence, row.row));
        let takings = &mut records.takings;
        each_record(centre, window, &accepted, |merchant, record| {
            let Some(sector) = names.sector(merchant) else { return Ok(()) };
            Ok(takings.add(merchant, sector, record)?)
        })
        .await?;
        Ok(records)
    }

    /// What became of an operator's cards' records; of `None`, those of cards that no operator is known for.
    pub(super) fn of_operator(
        &self,
        operator: Option<OperatorCode>,
    ) -> Result<DispositionTallies, MoneyError> {
        let mut sum = DispositionTallies::default();
        let mine = self.tallies.iter().filter(|((_, it), _)| *it == operator);
        mine.map(|(_, tallies)| tallies).try_for_each(|tallies| sum.merge(tallies))?;
        Ok(sum)
    }

    /// The card operators of its records; `None` among them when some card has none.
    pub(super) fn operators(&self) -> impl Iterator<Item = Option<OperatorCode>> {
        self.tallies.keys().map(|(_, operator)| *operator)
    }

    /// The records that were not accepted, of whoever `is_mine` says.
    pub(super) fn unpaid(
        &self,
        window: BusinessDate,
        is_mine: impl Fn(MerchantCode, Option<OperatorCode>) -> bool,
    ) -> impl Iterator<Item = UnpaidRecord> {
        let mine = self.unpaid.iter().filter(move |(operator, row)| is_mine(row.merchant, *operator));
        mine.map(move |(_, row)| UnpaidRecord {
            window,
            terminal: row.terminal,
            terminal_number: row.terminal_number,
            card: row.serial,
            date: row.date,
            time: row.time,
            amount: Fen::from(row.amount_fen),
            verdict: row.verdict,
        })
    }
}

/// Records that were not accepted, as one tally.
pub(super) fn not_accepted(tallies: &DispositionTallies) -> Result<Tally, MoneyError> {
    let mut sum = tallies.duplicate;
    sum.merge(&tallies.suspended)?;
    sum.merge(&tallies.rejected)?;
    Ok(sum)
}
