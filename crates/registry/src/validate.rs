//! What the entries of a registry say of each other (`cli.md`, registry.toml), each fault with its place.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::Hash;

use tongclear_ledger::{Calendar, Contract, ContractKey};
use tongclear_types::{CollectorId, MerchantCode, OperatorCode, Sector, TerminalId};

use crate::error::{Faults, Placed};
use crate::{CARD_PARTITIONS_MAX, Centre, Collector, Merchant, Operator, TerminalRow};

/// The only zone so far: dates are civil dates of the centre, and this one has no daylight saving.
const TIMEZONE: &str = "Asia/Shanghai";

/// A registry as it was read, in the order of its files.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) centre: Placed<Centre>,
    pub(crate) operators: Vec<Placed<Operator>>,
    pub(crate) merchants: Vec<Placed<Merchant>>,
    pub(crate) collectors: Vec<Placed<Collector>>,
    pub(crate) contracts: Vec<Placed<Contract>>,
    pub(crate) calendars: Vec<Placed<Calendar>>,
    pub(crate) terminals: Vec<Placed<TerminalRow>>,
}

/// Collects everything that is wrong with a draft.
pub(crate) fn validate(draft: &Draft, faults: &mut Faults) {
    centre(draft, faults);
    operators(draft, faults);
    merchants(draft, faults);
    collectors(draft, faults);
    contracts(draft, faults);
    calendars(draft, faults);
    terminals(draft, faults);
}

/// Faults of entries that have the same key as an earlier one.
fn unique<T, K: Eq + Hash + fmt::Display>(
    entries: &[Placed<T>],
    field: &str,
    key: impl Fn(&T) -> K,
    faults: &mut Faults,
) {
    let mut first = HashMap::new();
    for Placed { value, place } in entries {
        let key = key(value);
        match first.get(&key) {
            Some(line) => faults.push(place.fault(field, key, format!("already taken on line {line}"))),
            None => {
                first.insert(key, place.line());
            }
        }
    }
}

fn centre(draft: &Draft, faults: &mut Faults) {
    let Placed { value: centre, place } = &draft.centre;
    if centre.timezone != TIMEZONE {
        faults.push(place.fault("timezone", &centre.timezone, format!("not supported; only {TIMEZONE} is")));
    }
    if !centre.card_partitions.is_power_of_two() || centre.card_partitions > CARD_PARTITIONS_MAX {
        let message = format!("not a power of two from 1 to {CARD_PARTITIONS_MAX}");
        faults.push(place.fault("card_partitions", centre.card_partitions, message));
    }
    if let Some(name) = unknown_calendar(draft, centre.calendar.as_ref()) {
        faults.push(place.fault("calendar", name, "not the name of a [[calendar]]"));
    }
}

fn unknown_calendar<'n>(draft: &Draft, name: Option<&'n String>) -> Option<&'n String> {
    name.filter(|name| !draft.calendars.iter().any(|calendar| calendar.value.name == **name))
}

fn operators(draft: &Draft, faults: &mut Faults) {
    unique(&draft.operators, "code", |it| it.code, faults);
    unique(&draft.operators, "issuer_id", |it| it.issuer_id, faults);
    for Placed { value, place } in &draft.operators {
        if let Some(name) = unknown_calendar(draft, value.calendar.as_ref()) {
            faults.push(place.fault("calendar", name, "not the name of a [[calendar]]"));
        }
    }
}

fn merchants(draft: &Draft, faults: &mut Faults) {
    unique(&draft.merchants, "code", |it| it.code, faults);
}

/// The sectors of the merchants there are.
fn sectors(draft: &Draft) -> HashMap<MerchantCode, Sector> {
    draft.merchants.iter().map(|merchant| (merchant.value.code, merchant.value.sector)).collect()
}

fn collectors(draft: &Draft, faults: &mut Faults) {
    unique(&draft.collectors, "id", |it| it.id, faults);
    let sectors = sectors(draft);
    for Placed { value, place } in &draft.collectors {
        if !sectors.contains_key(&value.merchant) {
            faults.push(place.fault("merchant", value.merchant, "not a registered merchant"));
        }
    }
}

/// Faults of the contracts, each on its own and against merchants, operators and each other.
pub(crate) fn contracts(draft: &Draft, faults: &mut Faults) {
    let sectors = sectors(draft);
    let mut first = HashMap::<ContractKey, u64>::new();
    for Placed { value: contract, place } in &draft.contracts {
        if !sectors.contains_key(&contract.merchant) {
            faults.push(place.fault("merchant", contract.merchant, "not a registered merchant"));
        }
        let known = |code: &OperatorCode| draft.operators.iter().any(|operator| operator.value.code == *code);
        if let Some(operator) = contract.operator.filter(|code| !known(code)) {
            faults.push(place.fault("operator", operator, "not a registered card operator, nor *"));
        }
        if let Err(error) = contract.check() {
            faults.push(place.fault(error.field, error.value, error.problem));
        }
        if let Some(sponsor) = contract.sponsor {
            match sectors.get(&sponsor) {
                Some(Sector::Sponsor) => {}
                Some(sector) => {
                    let message = format!("a merchant of sector {sector}, not of sector sponsor");
                    faults.push(place.fault("sponsor", sponsor, message));
                }
                None => faults.push(place.fault("sponsor", sponsor, "not a registered sponsor")),
            }
        }
        let key = contract.key();
        match first.get(&key) {
            Some(line) => {
                let message = format!("contract {key} is on line {line} already; two of equal rank");
                faults.push(place.fault("from", contract.from, message));
            }
            None => {
                first.insert(key, place.line());
            }
        }
    }
}

fn calendars(draft: &Draft, faults: &mut Faults) {
    unique(&draft.calendars, "name", |it| it.name.clone(), faults);
    for Placed { value: calendar, place } in &draft.calendars {
        if let Some(both) = calendar.holidays.intersection(&calendar.workdays).next() {
            faults.push(place.fault("workdays", both, "a holiday as well"));
        }
        let holidays = calendar.holidays.len();
        if holidays > Calendar::HOLIDAYS_MAX {
            let message = format!("has {holidays} dates, more than {}", Calendar::HOLIDAYS_MAX);
            faults.push(place.missing("holidays", message));
        }
    }
}

fn terminals(draft: &Draft, faults: &mut Faults) {
    let sectors = sectors(draft);
    let collectors: HashSet<CollectorId> = draft.collectors.iter().map(|it| it.value.id).collect();
    let mut rows = BTreeMap::<TerminalId, Vec<&Placed<TerminalRow>>>::new();
    for entry in &draft.terminals {
        let Placed { value: row, place } = entry;
        if !sectors.contains_key(&row.merchant) {
            faults.push(place.fault("merchant", row.merchant, "not a registered merchant"));
        }
        if !collectors.contains(&row.collector) {
            faults.push(place.fault("collector", row.collector, "not a registered collector"));
        }
        match row.until {
            Some(until) if until < row.from => {
                faults.push(place.fault("until", until, format!("before from, {}", row.from)));
            }
            _ => rows.entry(row.id).or_default().push(entry),
        }
    }
    for (id, mut rows) in rows {
        rows.sort_by_key(|entry| (entry.value.from, entry.place.line()));
        disjoint(id, &rows, faults);
    }
}

/// Faults of rows of one terminal, by first date, that begin before an earlier one has ended.
fn disjoint(id: TerminalId, rows: &[&Placed<TerminalRow>], faults: &mut Faults) {
    let Some((mut last_to_end, rows)) = rows.split_first() else { return };
    for later in rows {
        if last_to_end.value.covers(later.value.from) {
            let line = last_to_end.place.line();
            let message = format!("terminal {id} has a row for that date already, line {line}");
            faults.push(later.place.fault("from", later.value.from, message));
        }
        let ends_later = |until| later.value.until.is_none_or(|it| it > until);
        if last_to_end.value.until.is_some_and(ends_later) {
            last_to_end = later;
        }
    }
}
