//! Uniqueness and flags of one record, with the other records that it met.

use tongclear_life::{FlagCause, Held, Line, Outcome, Sighting, Uniqueness};
use tongclear_package::DetailRow;
use tongclear_types::{Chain, Flag, Verdict};

use super::archive::Archive;
use super::checks::listed;
use super::judge::{Case, Judged, accepted};
use super::search;
use crate::EngineError;
use crate::centre::{ClosedWindow, closed_windows};
use crate::clearing::chain::{ChainState, Standing};
use crate::clearing::row::{Fingerprint, Row};

/// Lines 1 to 8 for the record of the case; none when it was rejected before.
pub(super) async fn explain(
    case: &Case,
    judged: &Judged,
    archive: &mut Archive<'_>,
) -> Result<Option<Uniqueness>, EngineError> {
    let Some((facts, decided)) = judged.seen else { return Ok(None) };
    let row = judged.row();
    let standing = facts.standing(row.counter());
    let number_held_by =
        if facts.number_accepted { number_holders(case, archive).await? } else { Vec::new() };
    // The record that holds the number is mostly the one that holds the counter.
    let same = number_held_by.iter().find(|it| it.counter == row.counter()).copied();
    let counter_held_by = match (decided, standing) {
        (7, Standing::Free) => counter_holder_in_window(case, judged),
        (2 | 7, Standing::Accepted) if same.is_none() => counter_holder_before(case, row, archive).await?,
        (2 | 7, Standing::Accepted) => same,
        _ => None,
    };
    Ok(Some(Uniqueness {
        chain: case.chain,
        counter: row.counter(),
        earlier: facts.prior.as_ref().map(held),
        before: facts.state.as_ref().map(held),
        counter_accepted: match standing {
            Standing::Accepted => Some(true),
            Standing::Free => Some(false),
            Standing::Forgotten => None,
        },
        number_accepted: facts.number_accepted,
        copy_of: if facts.copy { original(case, judged, archive).await? } else { None },
        number_held_by,
        counter_held_by,
        suspended_before: judged.alone.reason(),
        lines: (1..=8).map(|line| Line { line, outcome: outcome(line, decided) }).collect(),
    }))
}

fn outcome(line: u8, decided: u8) -> Outcome {
    match line.cmp(&decided) {
        std::cmp::Ordering::Less => Outcome::Passed,
        // The last line accepts.
        std::cmp::Ordering::Equal if line == 8 => Outcome::Passed,
        std::cmp::Ordering::Equal => Outcome::Failed,
        std::cmp::Ordering::Greater => Outcome::NotReached,
    }
}

fn held(state: &ChainState) -> Held {
    Held {
        highest_counter: state.highest,
        accepted_below: format!("{:016x}", state.below),
        last_balance_fen: state.last_balance_fen,
        last_date: state.last_date.to_string(),
        last_time: state.last_time.to_string(),
        other_counter: state.other_counter,
    }
}

/// Another record of this card, as this one met it.
fn sighting(window: &ClosedWindow, line: &DetailRow) -> Sighting {
    let load = line.tti.chain() == Some(Chain::Load);
    Sighting {
        window: window.date(),
        merchant: line.merchant,
        collector: line.collector,
        package_sequence: line.package_sequence,
        row: line.row,
        counter: if load { line.online_counter } else { line.offline_counter },
        disposition: line.verdict.disposition(),
    }
}

/// The stored line of a row of the chain.
fn line_of<'a>(case: &'a Case, row: &Row) -> Option<&'a DetailRow> {
    let key = case.packages[row.package as usize].key;
    case.members.iter().map(|member| &member.stored).find(|line| {
        (line.collector, line.package_sequence, line.row) == (key.collector, key.sequence, row.row)
    })
}

/// The record of which this one is a copy: the first in the order, else the one suspended earlier.
async fn original(
    case: &Case,
    judged: &Judged,
    archive: &mut Archive<'_>,
) -> Result<Option<Sighting>, EngineError> {
    let fingerprint = judged.row().fingerprint();
    let earlier = judged.rows[..judged.place].iter().filter(|row| row.takes_part());
    let first = earlier.clone().find(|row| row.fingerprint() == fingerprint);
    if let Some(line) = first.and_then(|row| line_of(case, row)) {
        return Ok(Some(sighting(&case.window, line)));
    }
    let item = case
        .suspended
        .iter()
        .find(|(_, item)| item.chain == case.chain && Fingerprint::from(item) == fingerprint);
    let Some((id, item)) = item else { return Ok(None) };
    let Some(window) = closed_windows(&archive.windows).find(|window| window.row.id == *id) else {
        return Ok(None);
    };
    let lines = archive.card_rows(&window, case.card).await?;
    let line = lines.iter().find(|line| {
        (line.collector, line.package_sequence, line.row)
            == (item.package.collector, item.package.sequence, item.row)
    });
    Ok(line.map(|line| sighting(&window, line)))
}

/// The records that earlier windows accepted under the record's terminal and number.
async fn number_holders(case: &Case, archive: &mut Archive<'_>) -> Result<Vec<Sighting>, EngineError> {
    let record = case.target().record;
    let (terminal, number) = (record.terminal, record.terminal_number);
    let mut holders = Vec::new();
    for package in archive.centre.store.packages_spanning(terminal, number).await? {
        let window = closed_windows(&archive.windows).find(|window| window.row.id == package.window);
        let Some(window) = window.filter(|window| window.row.id < case.window.row.id) else { continue };
        for found in search::under(archive, &package, terminal, number).await? {
            let lines = archive.card_rows(&window, found.record.card()).await?;
            let line = lines.iter().find(|line| {
                (line.collector, line.package_sequence, line.row)
                    == (package.key.collector, package.key.sequence, found.row)
            });
            holders.extend(line.filter(|line| accepted(line)).map(|line| sighting(&window, line)));
        }
    }
    holders.sort_by_key(|it| (it.window, it.collector, it.package_sequence, it.row));
    Ok(holders)
}

/// The accepted record of this window that has the counter and comes before in the order.
fn counter_holder_in_window(case: &Case, judged: &Judged) -> Option<Sighting> {
    let counter = judged.row().counter();
    let holder = judged.rows[..judged.place]
        .iter()
        .find(|row| row.counter() == counter && matches!(row.verdict, Verdict::Accepted(_)))?;
    line_of(case, holder).map(|line| sighting(&case.window, line))
}

/// The record that an earlier window accepted with this counter, the last window first: most are recent.
async fn counter_holder_before(
    case: &Case,
    row: &Row,
    archive: &mut Archive<'_>,
) -> Result<Option<Sighting>, EngineError> {
    let earlier = archive.cleared(None).into_iter().filter(|window| window.date() < case.window.date());
    for window in earlier.rev() {
        let lines = archive.card_rows(&window, case.card).await?;
        let holder = lines.iter().filter(|line| accepted(line)).map(|line| (line, sighting(&window, line)));
        let mut holder = holder.filter(|(line, sighting)| {
            line.tti.chain() == Some(case.chain) && sighting.counter == row.counter()
        });
        if let Some((_, sighting)) = holder.next() {
            return Ok(Some(sighting));
        }
    }
    Ok(None)
}

/// What each flag of the record comes from.
pub(super) fn causes(case: &Case, judged: &Judged) -> Vec<FlagCause> {
    let row = judged.row();
    let Some((facts, _)) = judged.seen else { return Vec::new() };
    let record = &case.target().record;
    let cause = |flag| {
        Some(match flag {
            Flag::CounterGap => {
                FlagCause::CounterGap { from: facts.state?.highest + 1, to: row.counter() - 1 }
            }
            Flag::GapClosed => FlagCause::GapClosed { counter: row.counter(), highest: facts.prior?.highest },
            Flag::BalanceBreak => FlagCause::BalanceBreak {
                left_fen: facts.state?.last_balance_fen,
                before_fen: row.balance_before_fen,
            },
            Flag::DenyListedLate => FlagCause::DenyListedLate {
                listed: case
                    .deny_books
                    .values()
                    .find_map(|book| book.listed_since(&record.serial, record.when()?))
                    .map(listed),
                held_version: record.deny_list_version,
            },
            Flag::Supplementary => FlagCause::Supplementary,
            Flag::Late => {
                let since = case.window.date().civil() - record.when()?.date();
                FlagCause::Late { days: since.get_days() }
            }
        })
    };
    row.verdict.flags().iter().filter_map(cause).collect()
}
