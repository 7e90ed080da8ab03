//! Checks 1 to 12 as one record met them: the outcome is the engine's, the inputs are looked up beside it.

use jiff::ToSpan;
use tongclear_life::{Check, CheckName, Listed, Outcome, Seen, ServiceDates, Source};
use tongclear_mac::Algorithm;
use tongclear_registry::Operator;
use tongclear_types::{CivilMoment, MerchantCode, Reason, TransactionRecord, Verdict};

use crate::clearing::check::{DAYS_AHEAD, Rules, expected_balance, oldest};
use crate::clearing::deny::ListVersion;

/// The number of the check that gives `reason`; none when uniqueness gives it.
pub(super) const fn check_of(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::Malformed => "1",
        Reason::TestCard => "1a",
        Reason::UnknownTerminal => "2",
        Reason::TerminalNotInService => "3",
        Reason::UnknownOperator => "4",
        Reason::FutureDated => "5",
        Reason::TooOld => "6",
        Reason::KeyUnavailable => "7",
        Reason::TacMismatch => "8",
        Reason::BalanceArithmetic => "9",
        Reason::NoContract => "10",
        Reason::OverLimit => "11",
        Reason::DenyListed => "12",
        Reason::NumberConflict | Reason::StaleCounter | Reason::CounterJump | Reason::CounterConflict => {
            return None;
        }
    })
}

/// Walks the table for a record to which checks 1 to 12 alone gave `verdict`.
pub(super) fn walk(
    rules: &Rules<'_>,
    merchant: MerchantCode,
    record: &TransactionRecord,
    verdict: Verdict,
    source: Source,
) -> Vec<Check> {
    let failed = verdict.reason().and_then(check_of);
    let mut reached = true;
    CheckName::ALL
        .into_iter()
        .map(|(number, name)| {
            let about_key = matches!(name, CheckName::KeyAvailable | CheckName::TacRight);
            let outcome = match (reached, failed == Some(number)) {
                (false, _) => Outcome::NotReached,
                (true, true) => Outcome::Failed,
                (true, false) if about_key && source == Source::NotKnown => Outcome::NotKnown,
                (true, false) => Outcome::Passed,
            };
            let seen = if reached { seen(rules, merchant, record, name, source) } else { None };
            reached &= outcome != Outcome::Failed;
            Check { number, name, outcome, seen }
        })
        .collect()
}

/// What the check looks at; none when the record never comes to it.
fn seen(
    rules: &Rules<'_>,
    merchant: MerchantCode,
    record: &TransactionRecord,
    name: CheckName,
    source: Source,
) -> Option<Seen> {
    let Rules { date, registry, .. } = rules;
    let centre = &registry.centre;
    Some(match name {
        CheckName::Form => Seen::Form {
            date: record.date.to_string(),
            time: record.time.to_string(),
            tti: record.tti.to_string(),
        },
        CheckName::TestCard => Seen::TestCard { flag_byte: format!("{:02x}", record.flags.0) },
        CheckName::TerminalRegistered => Seen::TerminalRegistered {
            terminal: record.terminal,
            registered: registry.terminal(&record.terminal).is_some(),
        },
        CheckName::TerminalInService => Seen::TerminalInService {
            date: record.when()?.date(),
            package_merchant: merchant,
            service: registry
                .terminal(&record.terminal)?
                .iter()
                .map(|row| ServiceDates { merchant: row.merchant, from: row.from, until: row.until })
                .collect(),
        },
        CheckName::OperatorRegistered => Seen::OperatorRegistered {
            issuer_id: record.issuer,
            operator: registry.operator_by_issuer(&record.issuer).map(|(_, operator)| operator.code),
        },
        CheckName::NotFutureDated => {
            Seen::NotFutureDated { date: record.when()?.date(), latest: date.plus_days(DAYS_AHEAD).civil() }
        }
        CheckName::NotTooOld => Seen::NotTooOld {
            date: record.when()?.date(),
            earliest: oldest(*date, centre.max_age_days),
            max_age_days: centre.max_age_days,
        },
        CheckName::KeyAvailable => Seen::KeyAvailable {
            operator: operator(rules, record)?.code,
            key_version: record.key_version,
            algorithm_byte: format!("{:02x}", record.algorithm),
            algorithm: Algorithm::from_record_byte(record.algorithm).map(Algorithm::name),
            source,
        },
        CheckName::TacRight => Seen::TacRight { tac_sent: hex::encode(record.tac), source },
        CheckName::BalancesAddUp => Seen::BalancesAddUp {
            before_fen: record.balance_before_fen,
            amount_fen: record.amount_fen,
            expected_after_fen: expected_balance(record),
            after_fen: record.balance_after_fen,
        },
        CheckName::ContractInForce => {
            let (operator, date) = (operator(rules, record)?.code, record.when()?.date());
            let contract = registry.contracts().find(merchant, operator, date);
            let contract = contract.map(|(_, contract)| contract.clone());
            Seen::ContractInForce { merchant, operator, date, contract }
        }
        CheckName::WithinLimit => {
            let (operator, date) = (operator(rules, record)?.code, record.when()?.date());
            let (_, contract) = registry.contracts().find(merchant, operator, date)?;
            Seen::WithinLimit { amount_fen: record.amount_fen, limit_fen: contract.amount_limit }
        }
        CheckName::NotDenyListed => deny_list(rules, record, record.when()?)?,
    })
}

fn deny_list(rules: &Rules<'_>, record: &TransactionRecord, when: CivilMoment) -> Option<Seen> {
    let book = rules.deny_books.get(&operator(rules, record)?.code);
    let since = book.and_then(|book| book.listed_since(&record.serial, when));
    let grace_hours = rules.registry.centre.deny_grace_hours;
    Some(Seen::NotDenyListed {
        serial: record.serial,
        when,
        held_version: record.deny_list_version,
        in_force: book.and_then(|book| book.in_force(when)).map(listed),
        listed_since: since.map(listed),
        grace_hours,
        grace_ends: since.map(|first| first.effective.saturating_add(i64::from(grace_hours).hours())),
    })
}

/// A version of a list for people.
pub(super) fn listed(version: ListVersion) -> Listed {
    Listed { version: version.version, effective: version.effective }
}

fn operator<'a>(rules: &Rules<'a>, record: &TransactionRecord) -> Option<&'a Operator> {
    rules.registry.operator_by_issuer(&record.issuer).map(|(_, operator)| operator)
}
