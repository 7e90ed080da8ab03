//! Clearing as its rules read, slow and obvious: every counter, number and suspended record kept in a set.
//!
//! It shares nothing with the code that writes the truth but the city's places and keys, so that a run's truth is
//! held against the rules and not against itself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use tongclear_types::{
    CardId, Chain, CollectorId, Fen, Flag, Flags, Reason, RecordFlags, Serial, TerminalId, TransactionRecord,
    Verdict,
};

use crate::city::{City, Service};
use crate::keys::Keys;
use crate::moment::{Dates, Day};

/// A record with its place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) merchant: usize,
    pub(super) collector: CollectorId,
    pub(super) sequence: u32,
    pub(super) row: u32,
    pub(super) record: TransactionRecord,
}

/// A version of an operator's deny list.
pub(super) struct List {
    pub(super) version: u32,
    pub(super) effective: DateTime,
    pub(super) serials: BTreeSet<Serial>,
}

/// A record of a chain by its index, why it is suspended, and whether its card was listed too late.
type Member = (usize, Option<Reason>, bool);

/// What makes two records copies of each other; the TAC included, the counter left out.
type CopyKey = (CardId, Chain, TerminalId, u32, u32, DateTime, [u8; 4]);

/// An accepted record, as far as the rules look back at it.
#[derive(Clone, Copy)]
struct Last {
    counter: u16,
    other: u16,
    after: u32,
}

#[derive(Default)]
struct State {
    accepted: BTreeSet<u16>,
    last: Option<Last>,
}

/// The centre.
pub(super) struct Model {
    pub(super) city: City,
    pub(super) dates: Dates,
    pub(super) keys: Keys,
    /// By operator.
    pub(super) lists: Vec<Vec<List>>,
    chains: BTreeMap<(CardId, Chain), State>,
    numbers: BTreeSet<(TerminalId, u32)>,
    suspended: BTreeSet<CopyKey>,
}

impl Model {
    pub(super) fn new(city: City, dates: Dates, keys: Keys, lists: Vec<Vec<List>>) -> Self {
        let (chains, numbers, suspended) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { city, dates, keys, lists, chains, numbers, suspended }
    }

    /// Clears one window; the verdict and fee of each record, in the order given.
    pub(super) fn clear(&mut self, window: Date, records: &[Placed]) -> Vec<(Verdict, Option<Fen>)> {
        let mut verdicts: Vec<Option<Verdict>> = vec![None; records.len()];
        let mut by_chain: BTreeMap<(CardId, Chain), Vec<Member>> = BTreeMap::new();
        for (index, placed) in records.iter().enumerate() {
            match self.look(window, placed) {
                Err(reason) if reason.disposition() == tongclear_types::Disposition::Rejected => {
                    verdicts[index] = Some(Verdict::Refused(reason));
                }
                Err(reason) => {
                    by_chain.entry(chain_of(placed)).or_default().push((index, Some(reason), false))
                }
                Ok(late) => by_chain.entry(chain_of(placed)).or_default().push((index, None, late)),
            }
        }
        let mut new_numbers = Vec::new();
        let mut new_suspended = Vec::new();
        for ((card, chain), mut members) in by_chain {
            members.sort_by_key(|(index, ..)| {
                let Placed { collector, sequence, row, record, .. } = &records[*index];
                let counter = record.counter(chain);
                let number = record.terminal_number.0;
                (counter, record.date, record.time, record.terminal, number, *collector, *sequence, *row)
            });
            let state = &mut self.chains.entry((card, chain)).or_default();
            let earlier = state.accepted.clone();
            let before = earlier.last().copied();
            let mut seen = BTreeSet::new();
            for (index, refused, listed_late) in members {
                let record = &records[index].record;
                let counter = record.counter(chain);
                let number = (record.terminal, record.terminal_number.0);
                let key = copy_key(record, chain);
                let stale = before.is_some_and(|it| u32::from(counter) + 64 < u32::from(it));
                let number_taken = self.numbers.contains(&number);
                let copied = seen.contains(&key) || self.suspended.contains(&key);
                seen.insert(key);
                let verdict = if copied || ((earlier.contains(&counter) || stale) && number_taken) {
                    Verdict::Duplicate
                } else if let Some(reason) = refused {
                    Verdict::Refused(reason)
                } else if number_taken {
                    Verdict::Refused(Reason::NumberConflict)
                } else if stale {
                    Verdict::Refused(Reason::StaleCounter)
                } else if before.is_some_and(|it| u32::from(counter) > u32::from(it) + 1024) {
                    Verdict::Refused(Reason::CounterJump)
                } else if state.accepted.contains(&counter) {
                    Verdict::Refused(Reason::CounterConflict)
                } else {
                    let flags = flags(state, before, record, chain, window);
                    state.accepted.insert(counter);
                    new_numbers.push(number);
                    Verdict::Accepted(flags.with_if(Flag::DenyListedLate, listed_late))
                };
                if verdict.disposition() == tongclear_types::Disposition::Suspended {
                    new_suspended.push(key);
                }
                verdicts[index] = Some(verdict);
            }
        }
        self.numbers.extend(new_numbers);
        self.suspended.extend(new_suspended);
        let fees = records.iter().zip(verdicts).map(|(placed, verdict)| {
            let verdict = verdict.expect("every record is looked at");
            (verdict, self.fee(placed, verdict))
        });
        fees.collect()
    }

    /// Checks 1 to 12: the first that fails, or whether the card was listed too late.
    fn look(&self, window: Date, placed: &Placed) -> Result<bool, Reason> {
        let record = &placed.record;
        let when = record.when().ok_or(Reason::Malformed)?;
        let chain = record.tti.chain().ok_or(Reason::Malformed)?;
        if record.flags.has(RecordFlags::TEST_CARD) {
            return Err(Reason::TestCard);
        }
        let day = Day((when.date() - self.dates.civil(Day(0))).get_days());
        let terminal = self.city.terminals.iter().find(|it| it.id == record.terminal);
        let terminal =
            terminal.filter(|it| it.service != Service::Unregistered).ok_or(Reason::UnknownTerminal)?;
        let serves = match terminal.service {
            Service::MovedFrom(former) if day <= Day(-100) => former == placed.merchant,
            Service::Retired => terminal.merchant == placed.merchant && day <= Day(-70),
            _ => terminal.merchant == placed.merchant,
        };
        if !serves || day < Day(-400) {
            return Err(Reason::TerminalNotInService);
        }
        let operator = self.city.operators.iter().position(|it| it.issuer == record.issuer);
        let operator = operator.ok_or(Reason::UnknownOperator)?;
        let age = (window - when.date()).get_days();
        if age < -1 {
            return Err(Reason::FutureDated);
        }
        if age > 30 {
            return Err(Reason::TooOld);
        }
        let (sm4, version) = (record.algorithm == 4, record.key_version);
        let known = matches!((operator, sm4, version), (0, true, 2) | (_, false, 1))
            && matches!(record.algorithm, 0 | 1 | 4);
        if !known {
            return Err(Reason::KeyUnavailable);
        }
        if self.keys.card_key(operator, version, record.serial).tac(record) != record.tac {
            return Err(Reason::TacMismatch);
        }
        let [before, amount, after] =
            [record.balance_before_fen, record.amount_fen, record.balance_after_fen].map(i64::from);
        if after != if chain == Chain::Load { before + amount } else { before - amount } {
            return Err(Reason::BalanceArithmetic);
        }
        let contract =
            self.city.merchants[placed.merchant].contract(operator, day).ok_or(Reason::NoContract)?;
        if record.amount_fen > contract.limit_fen {
            return Err(Reason::OverLimit);
        }
        self.listed(operator, record, when)
    }

    fn listed(&self, operator: usize, record: &TransactionRecord, when: DateTime) -> Result<bool, Reason> {
        let lists = &self.lists[operator];
        let Some(in_force) = lists.iter().rposition(|list| list.effective <= when) else { return Ok(false) };
        let on = |index: usize| lists[index].serials.contains(&record.serial);
        if !on(in_force) {
            return Ok(false);
        }
        let first = (0..in_force).rev().find(|index| !on(*index)).map_or(0, |index| index + 1);
        let grace = lists[first].effective.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
        if record.deny_list_version >= lists[first].version || when >= grace {
            return Err(Reason::DenyListed);
        }
        Ok(true)
    }

    /// The fee, by the contract that the simulator's own arithmetic knows: only its presence is checked here.
    fn fee(&self, placed: &Placed, verdict: Verdict) -> Option<Fen> {
        let record = &placed.record;
        if !matches!(verdict, Verdict::Accepted(_)) || record.tti.chain() == Some(Chain::Load) {
            return None;
        }
        let operator = self.city.operators.iter().position(|it| it.issuer == record.issuer)?;
        let day = Day((record.date.to_civil()? - self.dates.civil(Day(0))).get_days());
        self.city.merchants[placed.merchant].contract(operator, day)?.fee_fen(record.amount_fen)
    }
}

fn chain_of(placed: &Placed) -> (CardId, Chain) {
    (placed.record.card(), placed.record.sort_chain())
}

fn copy_key(record: &TransactionRecord, chain: Chain) -> CopyKey {
    let when = record.when().expect("not malformed");
    (record.card(), chain, record.terminal, record.terminal_number.0, record.amount_fen, when, record.tac)
}

/// The flags of a record that is accepted now, which becomes the chain's last when its counter is the highest.
fn flags(
    state: &mut State,
    before: Option<u16>,
    record: &TransactionRecord,
    chain: Chain,
    window: Date,
) -> Flags {
    let counter = record.counter(chain);
    let other = record.counter(if chain == Chain::Load { Chain::Purchase } else { Chain::Load });
    let known = !state.accepted.is_empty();
    let highest = state.accepted.last().copied().unwrap_or_default();
    let follows = counter.checked_sub(1).is_some_and(|previous| state.accepted.contains(&previous));
    let broken = state.last.is_some_and(|last| {
        last.counter.checked_add(1) == Some(counter)
            && last.other == other
            && last.after != record.balance_before_fen
    });
    if !known || counter > highest {
        state.last = Some(Last { counter, other, after: record.balance_after_fen });
    }
    Flags::NONE
        .with_if(Flag::CounterGap, known && counter > highest && !follows)
        .with_if(Flag::GapClosed, known && before.is_some_and(|before| counter < before))
        .with_if(Flag::BalanceBreak, broken)
        .with_if(Flag::Supplementary, record.flags.has(RecordFlags::SUPPLEMENTARY))
        .with_if(Flag::Late, record.date.to_civil().expect("not malformed") < window)
}
