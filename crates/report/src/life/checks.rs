//! Checks 1 to 12 as people read them: a mark, the number, what is asked, what was seen.

use jiff::civil::DateTime;
use tongclear_life::{Check, CheckName, Listed, Outcome, Seen, ServiceDates, Source};
use tongclear_types::Fen;

use super::padded;
use crate::text::{Lang, yuan};

/// Columns of what a check asks.
const ASKED: usize = 42;

pub(super) fn lines(checks: &[Check], lang: Lang) -> Vec<String> {
    checks
        .iter()
        .map(|check| {
            let seen = check.seen.as_ref().map(|seen| shown(seen, lang)).unwrap_or_default();
            let number = padded(check.number, 3);
            format!("  {} {number}{}{seen}", mark(check.outcome), padded(asked(check.name, lang), ASKED))
                .trim_end()
                .to_owned()
        })
        .collect()
}

pub(super) const fn mark(outcome: Outcome) -> char {
    match outcome {
        Outcome::Passed => '✓',
        Outcome::Failed => '✗',
        Outcome::NotReached => '·',
        Outcome::NotKnown => '?',
    }
}

pub(super) fn asked(name: CheckName, lang: Lang) -> &'static str {
    let (zh, en) = match name {
        CheckName::Form => ("日期、时间、交易类型有效", "date, time and type are valid"),
        CheckName::TestCard => ("不是测试卡", "it is no test card"),
        CheckName::TerminalRegistered => ("终端已登记", "the terminal is registered"),
        CheckName::TerminalInService => ("终端当日属于该商户", "it serves this merchant on that date"),
        CheckName::OperatorRegistered => ("发卡机构已登记", "the card operator is registered"),
        CheckName::NotFutureDated => ("日期不在未来", "not dated in the future"),
        CheckName::NotTooOld => ("交易未过期", "not too old"),
        CheckName::KeyAvailable => ("有验证密钥", "the key to verify the TAC is there"),
        CheckName::TacRight => ("TAC 正确", "the TAC is right"),
        CheckName::BalancesAddUp => ("余额计算相符", "the balances add up"),
        CheckName::ContractInForce => ("有有效合同", "a contract is in force"),
        CheckName::WithinLimit => ("未超过合同限额", "within the contract's limit"),
        CheckName::NotDenyListed => ("不因黑名单拒付", "not refused for the deny list"),
    };
    lang.pick(zh, en)
}

fn shown(seen: &Seen, lang: Lang) -> String {
    match seen {
        Seen::Form { date, time, tti } => lang.pick(
            format!("日期 {date}，时间 {time}，类型 {tti}"),
            format!("date {date}, time {time}, type {tti}"),
        ),
        Seen::TestCard { flag_byte } => {
            lang.pick(format!("标志字节 {flag_byte}"), format!("flag byte {flag_byte}"))
        }
        Seen::TerminalRegistered { terminal, registered } => {
            let known = if *registered {
                lang.pick("在登记中", "in the registry")
            } else {
                lang.pick("不在登记中", "not in the registry")
            };
            format!("{terminal} {known}")
        }
        Seen::TerminalInService { date, package_merchant, service } => {
            let rows: Vec<_> = service.iter().map(|row| dates(row, lang)).collect();
            let rows = rows.join(lang.pick("；", "; "));
            lang.pick(
                format!("{date}，包商户 {package_merchant}；登记：{rows}"),
                format!("{date}, package of {package_merchant}; registered: {rows}"),
            )
        }
        Seen::OperatorRegistered { issuer_id, operator } => match operator {
            Some(operator) => lang
                .pick(format!("{issuer_id} 属于 {operator}"), format!("{issuer_id} is operator {operator}")),
            None => lang.pick(
                format!("{issuer_id} 不属于任何已登记机构"),
                format!("{issuer_id} is no registered operator's"),
            ),
        },
        Seen::NotFutureDated { date, latest } => {
            lang.pick(format!("{date}，最晚 {latest}"), format!("{date}, at the latest {latest}"))
        }
        Seen::NotTooOld { date, earliest, max_age_days } => lang.pick(
            format!("{date}，最早 {earliest}（{max_age_days} 天）"),
            format!("{date}, at the earliest {earliest} ({max_age_days} days)"),
        ),
        Seen::KeyAvailable { operator, key_version, algorithm_byte, algorithm, source } => {
            let algorithm = algorithm.unwrap_or(lang.pick("无此算法", "no algorithm"));
            lang.pick(
                format!(
                    "{operator} 版本 {key_version} 算法 {algorithm_byte}（{algorithm}）{}",
                    known(*source, lang)
                ),
                format!(
                    "operator {operator}, version {key_version}, algorithm {algorithm_byte} ({algorithm}){}",
                    known(*source, lang)
                ),
            )
        }
        Seen::TacRight { tac_sent, source } => {
            lang.pick(format!("所送 {tac_sent}"), format!("sent {tac_sent}")) + known(*source, lang)
        }
        Seen::BalancesAddUp { before_fen, amount_fen, expected_after_fen, after_fen } => {
            let sign = if *expected_after_fen > i64::from(*before_fen) { '+' } else { '−' };
            let (before, amount) = (money(*before_fen), money(*amount_fen));
            let (expected, after) = (fen(*expected_after_fen), money(*after_fen));
            lang.pick(
                format!("{before} {sign} {amount} = {expected}，所送 {after}"),
                format!("{before} {sign} {amount} = {expected}, sent {after}"),
            )
        }
        Seen::ContractInForce { merchant, operator, date, contract } => match contract {
            Some(contract) => {
                let until = contract.until.map_or_else(|| "…".to_owned(), |until| until.to_string());
                format!("{} ({} – {until})", contract.key(), contract.from)
            }
            None => lang.pick(
                format!("{merchant} 与 {operator} 在 {date} 无合同"),
                format!("none of {merchant} with {operator} on {date}"),
            ),
        },
        Seen::WithinLimit { amount_fen, limit_fen } => lang.pick(
            format!("{} 元，限额 {} 元", money(*amount_fen), yuan(*limit_fen)),
            format!("{} yuan, limit {} yuan", money(*amount_fen), yuan(*limit_fen)),
        ),
        Seen::NotDenyListed { held_version, in_force, listed_since, grace_hours, grace_ends, .. } => {
            deny_list(*held_version, *in_force, *listed_since, (*grace_hours, *grace_ends), lang)
        }
    }
}

fn deny_list(
    held: u32,
    in_force: Option<Listed>,
    since: Option<Listed>,
    (grace_hours, grace_ends): (u16, Option<DateTime>),
    lang: Lang,
) -> String {
    let Some(in_force) = in_force else {
        return lang.pick("当时无黑名单生效".to_owned(), "no list was in force".to_owned());
    };
    let list = lang.pick(
        format!("生效名单 {}（{}）", in_force.version, plain(in_force.effective)),
        format!("list {} in force since {}", in_force.version, plain(in_force.effective)),
    );
    match (since, grace_ends) {
        (Some(since), Some(ends)) => lang.pick(
            format!(
                "{list}；卡自版本 {}（{}）起在册，终端持有版本 {held}，{grace_hours} 小时宽限至 {}",
                since.version,
                plain(since.effective),
                plain(ends)
            ),
            format!(
                "{list}; listed since version {} ({}), the terminal held {held}, {grace_hours} h of grace end {}",
                since.version,
                plain(since.effective),
                plain(ends)
            ),
        ),
        _ => lang.pick(format!("{list}；卡不在册"), format!("{list}; the card is not on it")),
    }
}

fn dates(row: &ServiceDates, lang: Lang) -> String {
    let until = row.until.map_or_else(|| "…".to_owned(), |until| until.to_string());
    lang.pick(
        format!("{} {} 至 {until}", row.merchant, row.from),
        format!("{} from {} to {until}", row.merchant, row.from),
    )
}

fn known(source: Source, lang: Lang) -> &'static str {
    match source {
        Source::Recomputed => lang.pick("，已重新计算", ", computed again"),
        Source::AsTheRunFound => lang.pick("，依清分结果", ", as the run found"),
        Source::NotKnown => lang.pick("，未提供口令，无法得知", ", not known without the passphrase"),
    }
}

fn money(fen: u32) -> String {
    yuan(Fen::from(fen))
}

/// An amount that may lie below zero; two 32-bit amounts never leave the domain.
fn fen(fen: i64) -> String {
    Fen::new(fen).map_or_else(|_| fen.to_string(), yuan)
}

fn plain(moment: DateTime) -> String {
    moment.to_string().replace('T', " ")
}
