//! Looking up what speaks for and against a suspended record: the card's records beside it, whoever has its counter or its
//! number, its TAC under the keys of now, the contract of now.
//!
//! Bounded: card records are read from the window of the record and those around it, of one card at a time.

use jiff::civil::DateTime;
use tongclear_life::dispute::Neighbour;
use tongclear_mac::KeyRing;
use tongclear_package::DetailRow;
use tongclear_registry::Registry;
use tongclear_store::PackageKey;
use tongclear_types::{Chain, Disposition, Reason, TransactionRecord};

use super::suggest::{Beside, Evidence, Holder, Tac};
use crate::centre::ClosedWindow;
use crate::decisions::{Waiting, waiting};
use crate::why::archive::Archive;
use crate::why::judge::tac_is_right;
use crate::why::records_under;
use crate::{Centre, EngineError};

/// Windows before and after the record's own in which its card is looked for.
const WINDOWS_AROUND: usize = 3;
const SECONDS_A_MINUTE: i64 = 60;

/// What was found.
pub(super) struct Found {
    pub(super) waits: Waiting,
    pub(super) evidence: Evidence,
    pub(super) neighbours: Vec<Neighbour>,
}

/// A record with where it was judged.
#[derive(Clone, Copy)]
struct Seen {
    window: ClosedWindow,
    line: DetailRow,
}

impl Seen {
    fn counter(&self) -> u16 {
        match self.line.tti.chain() {
            Some(Chain::Load) => self.line.online_counter,
            _ => self.line.offline_counter,
        }
    }

    fn other_counter(&self) -> u16 {
        match self.line.tti.chain() {
            Some(Chain::Load) => self.line.offline_counter,
            _ => self.line.online_counter,
        }
    }

    fn key(&self) -> PackageKey {
        PackageKey { collector: self.line.collector, sequence: self.line.package_sequence }
    }

    fn accepted(&self) -> bool {
        self.line.verdict.disposition() == Disposition::Accepted
    }

    fn when(&self) -> Option<DateTime> {
        Some(self.line.date.to_civil()?.to_datetime(self.line.time.to_civil()?))
    }

    const fn beside(&self) -> Beside {
        let DetailRow { balance_before_fen, balance_after_fen, .. } = self.line;
        Beside { balance_before_fen, balance_after_fen }
    }

    fn neighbour(&self, relation: &'static str) -> Neighbour {
        let line = &self.line;
        Neighbour {
            relation,
            window: self.window.date(),
            collector: line.collector,
            package_sequence: line.package_sequence,
            row: line.row,
            disposition: line.verdict.disposition(),
            counter: self.counter(),
            terminal: line.terminal,
            terminal_number: line.terminal_number,
            date: line.date.to_string(),
            time: line.time.to_string(),
            amount_fen: line.amount_fen,
            balance_before_fen: line.balance_before_fen,
            balance_after_fen: line.balance_after_fen,
        }
    }
}

/// Looks everything up that speaks for or against the suspended record `item`, which `window` suspended.
pub(super) async fn look_up(
    centre: &Centre,
    archive: &mut Archive<'_>,
    registry: &Registry,
    ring: Option<&KeyRing>,
    item: &tongclear_store::SuspendedItem,
    window: &ClosedWindow,
) -> Result<Found, EngineError> {
    let waits = waiting(centre, item).await?;
    let record = &waits.record;
    let chain_rows = card_rows(archive, &waits, window).await?;
    let beside = |counter: Option<u16>| {
        let counter = counter?;
        let there = chain_rows.iter().filter(|it| it.counter() == counter);
        let there = there.filter(|it| {
            matches!(it.line.verdict.disposition(), Disposition::Accepted | Disposition::Suspended)
        });
        there.min_by_key(|it| (!it.accepted(), it.window.date())).copied()
    };
    let own_other = record.counter(match item.chain {
        Chain::Purchase => Chain::Load,
        Chain::Load => Chain::Purchase,
    });
    // A load in between moves the balance of purchases, and the other way round.
    let joined = |seen: Option<Seen>| seen.filter(|it| it.other_counter() == own_other);
    let previous = joined(beside(item.counter.checked_sub(1)));
    let next = joined(beside(item.counter.checked_add(1)));
    let counter_holder = chain_rows.iter().find(|it| it.accepted() && it.counter() == item.counter).copied();
    let number_holder = number_holder(archive, &waits).await?;
    let last = archive.cleared(None).pop();
    let numbers = match last {
        Some(last) => archive.numbers(&last, &[item.terminal]).await?.pop().unwrap_or_default(),
        None => Default::default(),
    };
    let number = item.terminal_number.0;
    let missing = |number: Option<u32>| number.is_some_and(|number| !numbers.contains(number));
    let limit = item.date.to_civil().and_then(|date| {
        let found = registry.contracts().find(item.merchant, item.operator, date);
        found.map(|(_, contract)| contract.amount_limit)
    });
    let evidence = Evidence {
        reason: item.reason,
        chain: item.chain,
        amount_fen: item.amount_fen,
        balance_before_fen: record.balance_before_fen,
        balance_after_fen: record.balance_after_fen,
        tac: tac(item.reason, registry, record, ring),
        limit,
        previous: previous.as_ref().map(Seen::beside),
        next: next.as_ref().map(Seen::beside),
        counter_holder: holder(archive, &waits, counter_holder).await?,
        number_holder: holder(archive, &waits, number_holder).await?,
        missing_below: missing(number.checked_sub(1)),
        missing_above: missing(number.checked_add(1)),
    };
    let near = [
        ("card_before", previous),
        ("card_after", next),
        ("same_counter", counter_holder),
        ("same_number", number_holder),
    ];
    let neighbours = near.into_iter().filter_map(|(relation, seen)| seen.map(|it| it.neighbour(relation)));
    Ok(Found { waits, evidence, neighbours: neighbours.collect() })
}

/// The card's records of the chain in the windows around, without the record itself.
async fn card_rows(
    archive: &mut Archive<'_>,
    waits: &Waiting,
    window: &ClosedWindow,
) -> Result<Vec<Seen>, EngineError> {
    let cleared = archive.cleared(None);
    let place = cleared.iter().position(|it| it.row.id == window.row.id).unwrap_or(0);
    let around = place.saturating_sub(WINDOWS_AROUND)..(place + WINDOWS_AROUND + 1).min(cleared.len());
    let windows = &cleared[around];
    archive.card_rows_of(windows, waits.item.card).await?;
    let mut rows = Vec::new();
    for window in windows {
        for line in archive.card_rows(window, waits.item.card).await?.iter() {
            let seen = Seen { window: *window, line: *line };
            let itself = (seen.key(), line.row) == (waits.item.package, waits.item.row);
            if line.tti.chain() == Some(waits.item.chain) && !itself {
                rows.push(seen);
            }
        }
    }
    Ok(rows)
}

/// The accepted record that has the terminal's number.
async fn number_holder(archive: &mut Archive<'_>, waits: &Waiting) -> Result<Option<Seen>, EngineError> {
    let (terminal, number) = (waits.item.terminal, waits.item.terminal_number);
    for package in archive.centre.store.packages_spanning(terminal, number).await? {
        let cleared = archive.cleared(None);
        let Some(window) = cleared.into_iter().find(|window| window.row.id == package.window) else {
            continue;
        };
        for (row, record) in records_under(archive, &package, terminal, number).await? {
            let lines = archive.card_rows(&window, record.card()).await?;
            let here = |line: &&DetailRow| {
                (line.collector, line.package_sequence, line.row)
                    == (package.key.collector, package.key.sequence, row)
            };
            let line = lines.iter().find(here).copied();
            if let Some(seen) = line.map(|line| Seen { window, line }).filter(Seen::accepted) {
                return Ok(Some(seen));
            }
        }
    }
    Ok(None)
}

/// What the holder is to the record; its TAC stands in its package.
async fn holder(
    archive: &mut Archive<'_>,
    waits: &Waiting,
    seen: Option<Seen>,
) -> Result<Option<Holder>, EngineError> {
    let Some(seen) = seen else { return Ok(None) };
    let Some(package) = archive.centre.store.package(seen.key()).await? else { return Ok(None) };
    let records = archive.records(&package, &[seen.line.row]).await?;
    let (a, b) = (seen.when(), waits.record.when());
    let apart = a.zip(b).map(|(a, b)| a.duration_until(b).as_secs().abs() / SECONDS_A_MINUTE);
    Ok(Some(Holder {
        same_terminal: seen.line.terminal == waits.item.terminal,
        minutes_apart: apart.and_then(|minutes| u32::try_from(minutes).ok()),
        same_tac: records.first().is_some_and(|record| record.tac == waits.item.tac),
    }))
}

/// What is known of the TAC: the run verified it before any check that comes after.
fn tac(reason: Reason, registry: &Registry, record: &TransactionRecord, ring: Option<&KeyRing>) -> Tac {
    match reason {
        Reason::FutureDated | Reason::TooOld | Reason::KeyUnavailable => {
            let Some(ring) = ring else { return Tac::NotAsked };
            match tac_is_right(registry, record, ring) {
                Some(true) => Tac::Right,
                Some(false) => Tac::Wrong,
                None => Tac::NoKey,
            }
        }
        _ => Tac::Right,
    }
}
