//! The figures of `settlement show --json` and the rows of `export`, added up record by record (cli.md).
//!
//! Bounded by: one pass over all records for every figure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tongclear_types::{Disposition, Flag, MerchantCode, OperatorCode, Reason};

use crate::centre::{Cleared, Judged};
use crate::facts::{Contract, Level};
use crate::fees;
use crate::rules::is_load;

/// The columns of `export`, in order.
pub(crate) const COLUMNS: &str = "merchant,collector,package_sequence,row,issuer_id,serial,tti,offline_counter,online_counter,terminal,terminal_number,amount_fen,list_price_fen,balance_before_fen,balance_after_fen,date,time,disposition,reason,flags,fee_fen";

/// One row of `export`.
pub(crate) fn row(judged: &Judged) -> Vec<String> {
    let record = &judged.taken.record;
    let flags: Vec<&str> = judged.flags.iter().map(|flag| flag.name()).collect();
    vec![
        judged.taken.merchant.to_string(),
        hex::encode(judged.taken.collector.0),
        judged.taken.sequence.to_string(),
        judged.taken.row.to_string(),
        hex::encode(record.issuer.0),
        hex::encode(record.serial.0),
        hex::encode([record.tti.0]),
        record.offline_counter.to_string(),
        record.online_counter.to_string(),
        hex::encode(record.terminal.0),
        record.terminal_number.0.to_string(),
        record.amount_fen.to_string(),
        record.list_price_fen.to_string(),
        record.balance_before_fen.to_string(),
        record.balance_after_fen.to_string(),
        hex::encode(record.date.0),
        hex::encode(record.time.0),
        judged.disposition.name().to_owned(),
        judged.reason.map_or("", |reason| reason.name()).to_owned(),
        flags.join("|"),
        judged.fee_fen.map_or(String::new(), |fee| fee.to_string()),
    ]
}

fn amount(judged: &Judged) -> i64 {
    i64::from(judged.taken.record.amount_fen)
}

fn tally<'a>(records: impl Iterator<Item = &'a Judged>) -> Value {
    let (mut count, mut sum) = (0_u64, 0_i64);
    for judged in records {
        count += 1;
        sum += amount(judged);
    }
    json!({"count": count, "amount_fen": sum})
}

/// What `settlement show --json` must say, all but the digest.
pub(crate) fn settlement(cleared: &Cleared) -> Value {
    let all = &cleared.records;
    let mut dispositions = Map::new();
    for disposition in Disposition::ALL {
        let of = all.iter().filter(|it| it.disposition == *disposition);
        dispositions.insert(disposition.name().to_owned(), tally(of));
    }
    let mut reasons = Map::new();
    for reason in Reason::ALL {
        if all.iter().any(|it| it.reason == Some(*reason)) {
            reasons
                .insert(reason.name().to_owned(), tally(all.iter().filter(|it| it.reason == Some(*reason))));
        }
    }
    let mut flags = Map::new();
    for flag in Flag::ALL {
        let count = all.iter().filter(|it| it.flags.contains(flag)).count();
        if count > 0 {
            flags.insert(flag.name().to_owned(), json!(count));
        }
    }
    let pairs: BTreeSet<(MerchantCode, OperatorCode)> =
        accepted(all).map(|(it, operator, _)| (it.taken.merchant, operator)).collect();
    let operators: BTreeSet<OperatorCode> = pairs.iter().map(|(_, operator)| *operator).collect();
    let sum: i64 = all.iter().map(amount).sum();
    json!({
        "window": cleared.date.to_string(),
        "state": "settled",
        "received": {"packages": cleared.packages, "transactions": all.len(), "amount_fen": sum},
        "dispositions": dispositions,
        "reasons": reasons,
        "flags": flags,
        "merchants": pairs.iter().map(|(merchant, operator)| pair(all, *merchant, *operator)).collect::<Vec<_>>(),
        "operators": operators.iter().map(|operator| operator_line(all, *operator)).collect::<Vec<_>>(),
        "sponsors": sponsors(all),
    })
}

/// The accepted records with their operator and contract.
fn accepted(all: &[Judged]) -> impl Iterator<Item = (&Judged, OperatorCode, &Contract)> {
    all.iter().filter_map(|it| it.under.as_ref().map(|(operator, contract)| (it, *operator, contract)))
}

fn pair(all: &[Judged], merchant: MerchantCode, operator: OperatorCode) -> Value {
    let (mut count, mut gross, mut fee, mut concession, mut load) = (0_u64, 0_i64, 0_i64, 0_i64, 0_i64);
    let mut per_window: Vec<(&Contract, Vec<i64>)> = Vec::new();
    for (it, its_operator, contract) in accepted(all) {
        if it.taken.merchant != merchant || its_operator != operator {
            continue;
        }
        count += 1;
        if is_load(&it.taken.record) {
            load += amount(it);
            continue;
        }
        gross += amount(it);
        fee += it.fee_fen.unwrap_or_default();
        concession += fees::concession(contract, i64::from(it.taken.record.list_price_fen), amount(it));
        if contract.level == Level::Window {
            match per_window.iter_mut().find(|(known, _)| *known == contract) {
                Some((_, amounts)) => amounts.push(amount(it)),
                None => per_window.push((contract, vec![amount(it)])),
            }
        }
    }
    for (contract, amounts) in per_window {
        fee += fees::of_window(contract, &amounts);
    }
    json!({
        "merchant": merchant.to_string(), "operator": operator.to_string(), "count": count,
        "gross_fen": gross, "fee_fen": fee, "concession_fen": concession, "load_fen": load,
        "net_fen": gross - fee + concession - load,
    })
}

fn operator_line(all: &[Judged], operator: OperatorCode) -> Value {
    let (mut purchase, mut load) = (0_i64, 0_i64);
    for (it, its_operator, _) in accepted(all) {
        if its_operator == operator {
            *(if is_load(&it.taken.record) { &mut load } else { &mut purchase }) += amount(it);
        }
    }
    json!({
        "operator": operator.to_string(), "purchase_fen": purchase, "load_fen": load,
        "owes_fen": purchase - load,
    })
}

fn sponsors(all: &[Judged]) -> Value {
    let mut owed: BTreeMap<MerchantCode, i64> = BTreeMap::new();
    for (it, _, contract) in accepted(all).filter(|(it, _, _)| !is_load(&it.taken.record)) {
        let concession = fees::concession(contract, i64::from(it.taken.record.list_price_fen), amount(it));
        if let Some(sponsor) = contract.sponsor
            && concession > 0
        {
            *owed.entry(sponsor).or_default() += concession;
        }
    }
    owed.iter().map(|(sponsor, fen)| json!({"sponsor": sponsor.to_string(), "concession_fen": fen})).collect()
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
