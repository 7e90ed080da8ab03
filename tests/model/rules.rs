//! Checks 1 to 12 of clearing.md, Dispositions: what one record is worth when looked at alone.
//!
//! Bounded by: every line of the table is one `if`, in the table's order, over plain lists.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use tongclear_types::{OperatorCode, Reason, Serial, TransactionRecord};

use crate::facts::{Cipher, Contract, DenyList, Keys, Operator, Registry, Taken};
use crate::tac::tac;

/// Everything a window is cleared against, as it was when the window was closed.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    pub date: Date,
    pub registry: Registry,
    pub keys: Keys,
    pub lists: Vec<DenyList>,
    pub records: Vec<Taken>,
    pub packages: usize,
}

/// The verdict of checks 1 to 12.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Look {
    /// Nothing against it, taken alone.
    Passed(Passed),
    /// Suspended or rejected, as the reason says.
    Refused(Reason),
}

/// What was found on the way, for those that come after.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Passed {
    pub operator: OperatorCode,
    pub contract: Contract,
    pub deny_listed_late: bool,
}

/// Checks 1 to 12 in their order; the first that fails decides. `trail` tells what was found.
pub(crate) fn look(frozen: &Frozen, taken: &Taken, trail: &mut Vec<String>) -> Look {
    let record = &taken.record;
    let registry = &frozen.registry;

    // 1
    let Some(when) = calendar(record) else {
        trail.push(format!("1: {} {} is no date and time", record.date, record.time));
        return Look::Refused(Reason::Malformed);
    };
    if ![0x02, 0x05, 0x06, 0x09].contains(&record.tti.0) {
        trail.push(format!("1: TTI {} is not cleared", record.tti));
        return Look::Refused(Reason::Malformed);
    }
    let date = when.date();
    // 1a
    if record.flags.0 & 0b100 != 0 {
        trail.push("1a: test card".to_owned());
        return Look::Refused(Reason::TestCard);
    }
    // 2
    if !registry.services.iter().any(|row| row.terminal == record.terminal) {
        trail.push(format!("2: no row for terminal {}", record.terminal));
        return Look::Refused(Reason::UnknownTerminal);
    }
    // 3
    if !registry
        .services
        .iter()
        .any(|row| row.terminal == record.terminal && row.merchant == taken.merchant && row.on(date))
    {
        trail.push(format!("3: no row for terminal {} at {} on {date}", record.terminal, taken.merchant));
        return Look::Refused(Reason::TerminalNotInService);
    }
    // 4
    let Some(operator) = registry.operators.iter().find(|it| it.issuer == record.issuer) else {
        trail.push(format!("4: nobody is {}", record.issuer));
        return Look::Refused(Reason::UnknownOperator);
    };
    // 5
    let latest = frozen.date.saturating_add(1.day());
    if date > latest {
        trail.push(format!("5: {date} is after {latest}"));
        return Look::Refused(Reason::FutureDated);
    }
    // 6
    let earliest = frozen.date.saturating_sub(registry.max_age_days.days());
    if date < earliest {
        trail.push(format!("6: {date} is before {earliest}"));
        return Look::Refused(Reason::TooOld);
    }
    // 7 and 8
    if let Some(reason) = tac_check(&frozen.keys, operator, record, trail) {
        return Look::Refused(reason);
    }
    // 9
    let (amount, before, after) = (
        i64::from(record.amount_fen),
        i64::from(record.balance_before_fen),
        i64::from(record.balance_after_fen),
    );
    let should_be = if is_load(record) { before + amount } else { before - amount };
    if should_be != after {
        trail.push(format!("9: balance after is {after}, should be {should_be}"));
        return Look::Refused(Reason::BalanceArithmetic);
    }
    // 10
    let Some(contract) = contract_for(registry, taken, operator.code, date) else {
        trail.push(format!("10: no contract of {} with {} on {date}", taken.merchant, operator.code));
        return Look::Refused(Reason::NoContract);
    };
    // 11
    if amount > contract.amount_limit_fen {
        trail.push(format!("11: {amount} is above {}", contract.amount_limit_fen));
        return Look::Refused(Reason::OverLimit);
    }
    // 12
    let mut deny_listed_late = false;
    if let Some((version, effective)) = stay(&frozen.lists, operator.code, record.serial, when) {
        let grace = i64::from(registry.grace_hours);
        let until = effective.saturating_add(grace.hours());
        trail.push(format!(
            "12: listed since version {version} of {effective}, grace until {until}; terminal had {}",
            record.deny_list_version
        ));
        if record.deny_list_version >= version || when >= until {
            return Look::Refused(Reason::DenyListed);
        }
        deny_listed_late = true;
    }
    trail.push(format!("1-12 passed under the contract from {}", contract.from));
    Look::Passed(Passed { operator: operator.code, contract: contract.clone(), deny_listed_late })
}

/// Whether the record belongs to the load chain.
pub(crate) fn is_load(record: &TransactionRecord) -> bool {
    record.tti.0 == 0x02
}

/// Check 1's first half: 14 decimal digits that are a moment in the years 2000 to 2099.
pub(crate) fn calendar(record: &TransactionRecord) -> Option<DateTime> {
    let text = hex::encode(record.date.0) + &hex::encode(record.time.0);
    if !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let year: i16 = text[0..4].parse().ok()?;
    let two = |at: usize| text[at..at + 2].parse::<i8>().ok();
    if !(2000..=2099).contains(&year) {
        return None;
    }
    DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, 0).ok()
}

/// Checks 7 and 8.
fn tac_check(
    keys: &Keys,
    operator: &Operator,
    record: &TransactionRecord,
    trail: &mut Vec<String>,
) -> Option<Reason> {
    let cipher = match record.algorithm {
        0 | 1 => Some(Cipher::Des),
        4 => Some(Cipher::Sm4),
        _ => None,
    };
    let key = keys.tac.iter().find(|key| {
        key.operator == operator.code && key.version == record.key_version && Some(key.cipher) == cipher
    });
    let Some(key) = key else {
        trail.push(format!(
            "7: {} has no key version {} for algorithm {:02x}",
            operator.code, record.key_version, record.algorithm
        ));
        return Some(Reason::KeyUnavailable);
    };
    let right = tac(key.master, key.cipher, operator.two_levels, record);
    if right != record.tac {
        trail.push(format!("8: TAC is {}, should be {}", hex::encode(record.tac), hex::encode(right)));
        return Some(Reason::TacMismatch);
    }
    None
}

/// The contract of the record's date: the operator named before `*`, then the latest `from`.
fn contract_for<'a>(
    registry: &'a Registry,
    taken: &Taken,
    operator: OperatorCode,
    date: Date,
) -> Option<&'a Contract> {
    let in_force = |contract: &&Contract| contract.merchant == taken.merchant && contract.in_force(date);
    let named = registry
        .contracts
        .iter()
        .filter(in_force)
        .filter(|contract| contract.operator == Some(operator))
        .max_by_key(|contract| contract.from);
    let any = registry
        .contracts
        .iter()
        .filter(in_force)
        .filter(|contract| contract.operator.is_none())
        .max_by_key(|contract| contract.from);
    named.or(any)
}

/// Version and effective time that began the card's present unbroken stay on the list in force at `when`.
pub(crate) fn stay(
    lists: &[DenyList],
    operator: OperatorCode,
    serial: Serial,
    when: DateTime,
) -> Option<(u32, DateTime)> {
    let mut versions: Vec<&DenyList> = lists.iter().filter(|list| list.operator == operator).collect();
    versions.sort_by_key(|list| list.version);
    let in_force = versions.iter().rposition(|list| list.effective <= when)?;
    let mut began = None;
    for list in versions[..=in_force].iter().rev() {
        if !list.serials.contains(&serial) {
            break;
        }
        began = Some((list.version, list.effective));
    }
    began
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
