//! The life of a transaction as people read it: a story in short lines, the verdict in its last one.

mod advice;
mod checks;
mod money;
mod reconciled;
mod uniqueness;

use tongclear_life::{Answer, Arrival, Handle, Issuer, Judgement, Life, Name, Place, Searched, Sighting};
use tongclear_types::{Chain, Fen};

use crate::dispute::decision_lines;
use crate::text::{Lang, grouped, width, yuan};

/// Columns of a label at the beginning of a line.
const LABEL: usize = 12;

/// Everything that was found, in the order in which it came.
#[must_use]
pub fn life_text(answer: &Answer, lang: Lang) -> String {
    let many = answer.lives.len();
    let mut lines = Vec::new();
    if many > 1 {
        lines.push(lang.pick(
            format!("共找到 {many} 条记录，按到达先后列出"),
            format!("{many} records go by that name; here they are in the order in which they came"),
        ));
        lines.push(String::new());
    }
    for (number, life) in (1..).zip(&answer.lives) {
        if many > 1 {
            lines.push(format!("── {number}/{many} ──"));
        }
        lines.extend(story(life, lang));
        lines.push(String::new());
    }
    lines.pop();
    lines.join("\n") + "\n"
}

/// What to say when nothing was found: where it was looked for, and where else to look.
#[must_use]
pub fn not_found_text(answer: &Answer, lang: Lang) -> String {
    let searched = &answer.searched;
    match answer.asked {
        Handle::Card { issuer, serial, counter, .. } => {
            let windows = match searched.windows.as_slice() {
                [] => lang.pick("没有已清分的窗口".to_owned(), "no window is cleared yet".to_owned()),
                [one] => lang.pick(format!("已查窗口 {one}"), format!("searched window {one}")),
                [first, .., last] => {
                    let count = searched.windows.len();
                    lang.pick(
                        format!("已查 {count} 个窗口（{first} 至 {last}）"),
                        format!("searched {count} windows from {first} to {last}"),
                    )
                }
            };
            let mut text = lang.pick(
                format!("没有卡 {serial} 计数器 {counter} 的记录；{windows}"),
                format!("no record of card {serial} with counter {counter}; {windows}"),
            );
            if searched.not_cleared > 0 {
                let waiting = searched.not_cleared;
                text += &lang.pick(
                    format!("；另有 {waiting} 个窗口尚未清分，未清分的记录只能按终端号或交易包查找"),
                    format!(
                        "; {waiting} more windows are not cleared yet: a record in them can be found by --terminal or \
                         --package, not by --card"
                    ),
                );
            }
            if issuer == Issuer::Any {
                text += lang.pick(
                    "；只查了已登记发卡机构的卡，其他卡请写明 ISSUER:SERIAL",
                    "; only cards of registered operators were looked for: name others as ISSUER:SERIAL",
                );
            }
            text
        }
        Handle::Terminal { terminal, number } => {
            let among = match searched.packages.unwrap_or_default() {
                0 => lang.pick(
                    "没有序号范围包含它的已接收交易包".to_owned(),
                    "no accepted package spans that number".to_owned(),
                ),
                packages => lang.pick(
                    format!("序号范围包含它的 {packages} 个交易包已全部查过"),
                    format!("the packages that span that number, {packages} of them, were searched"),
                ),
            };
            lang.pick(
                format!("没有终端 {terminal} 序号 {number} 的记录{}；{among}", only(searched, lang)),
                format!(
                    "no record of terminal {terminal} with number {number}{}; {among}",
                    only(searched, lang)
                ),
            )
        }
        Handle::Package { collector, sequence, row } => {
            let name = format!("{collector}-{:010}", sequence.0);
            lang.pick(
                format!(
                    "没有已接收的交易包 {name}{}，或其中没有第 {row} 行（从 0 起）",
                    only(searched, lang)
                ),
                format!(
                    "no package {name} was accepted{}, or it has no row {row} (rows count from 0)",
                    only(searched, lang)
                ),
            )
        }
    }
}

/// That only one window was asked about.
fn only(searched: &Searched, lang: Lang) -> String {
    searched.only.map_or_else(String::new, |date| {
        lang.pick(format!("（仅窗口 {date}）"), format!(" in window {date}, the only one asked about"))
    })
}

fn story(life: &Life, lang: Lang) -> Vec<String> {
    let mut lines = record_lines(life, lang);
    lines.push(String::new());
    lines.extend(arrival_lines(&life.place, &life.arrival, lang));
    if let Some(judgement) = &life.judgement {
        lines.push(String::new());
        lines.push(judged_line(judgement, lang));
        lines.extend(checks::lines(&judgement.checks, lang));
        if let Some(uniqueness) = &judgement.uniqueness {
            lines.push(String::new());
            lines.extend(uniqueness::lines(uniqueness, lang));
        }
        if !judgement.flags.is_empty() {
            lines.push(String::new());
            lines.extend(uniqueness::flag_lines(&judgement.flags, lang));
        }
        lines.extend(money::lines(&judgement.money, lang));
        if !judgement.agrees {
            lines.push(String::new());
            lines.extend(contradiction(judgement, lang));
        }
    }
    lines.extend(reconciled::lines(&life.reconciliation, lang));
    if !life.decisions.is_empty() {
        lines.push(String::new());
        lines.extend(decision_lines(&life.decisions, lang));
    }
    lines.push(String::new());
    lines.push(format!("⇒ {}", advice::verdict(life, lang)));
    lines
}

fn record_lines(life: &Life, lang: Lang) -> Vec<String> {
    let record = &life.record;
    let kind = match record.chain {
        Chain::Purchase => lang.pick("消费", "purchase"),
        Chain::Load => lang.pick("充值", "load"),
    };
    let list_price = if record.list_price_fen == record.amount_fen {
        String::new()
    } else {
        let price = yuan(Fen::from(record.list_price_fen));
        lang.pick(format!("，原价 {price}"), format!(", list price {price}"))
    };
    let amount = yuan(Fen::from(record.amount_fen));
    let (before, after) = (Fen::from(record.balance_before_fen), Fen::from(record.balance_after_fen));
    let balances = format!("{} → {}", yuan(before), yuan(after));
    let counter = record.counter;
    vec![
        labelled(
            kind,
            &lang.pick(
                format!("{}  {amount} 元{list_price}，余额 {balances}", moment(&record.date, &record.time)),
                format!(
                    "{}  {amount} yuan{list_price}, balance {balances}",
                    moment(&record.date, &record.time)
                ),
            ),
        ),
        labelled(
            lang.pick("卡", "card"),
            &format!(
                "{}:{}  {} {counter}  {}",
                record.issuer_id,
                record.serial,
                lang.pick("计数器", "counter"),
                named(life.names.operator.as_ref(), lang)
            ),
        ),
        labelled(
            lang.pick("终端", "terminal"),
            &format!("{}  {} {}", record.terminal, lang.pick("序号", "number"), record.terminal_number),
        ),
        labelled(
            lang.pick("商户", "merchant"),
            &format!("{}  {}", life.place.merchant, named(life.names.merchant.as_ref(), lang)),
        ),
    ]
}

fn arrival_lines(place: &Place, arrival: &Arrival, lang: Lang) -> Vec<String> {
    let window = match arrival.window {
        Some(date) => lang.pick(
            format!("窗口 {date}（{}）", arrival.window_state.zh()),
            format!("window {date}, which is {}", arrival.window_state),
        ),
        None => lang.pick("开放窗口".to_owned(), "the open window".to_owned()),
    };
    let (records, sum) = (grouped(arrival.package_records.into()), yuan(arrival.package_amount_fen));
    let sealed = arrival.sealed_at.map_or_else(|| "?".to_owned(), |at| at.to_string().replace('T', " "));
    let received = arrival.received_at.strftime("%Y-%m-%d %H:%M:%S");
    vec![
        lang.pick("到达", "Arrival").to_owned(),
        labelled(
            lang.pick("交易包", "package"),
            &lang.pick(
                format!(
                    "{}-{:010} 第 {} 行，全包 {records} 笔 {sum} 元",
                    place.collector, place.package_sequence.0, place.row
                ),
                format!(
                    "{}-{:010} row {}, of {records} records and {sum} yuan",
                    place.collector, place.package_sequence.0, place.row
                ),
            ),
        ),
        labelled(
            lang.pick("封包", "sealed"),
            &lang.pick(format!("{sealed}（采集点时钟）"), format!("{sealed} by the collector's clock")),
        ),
        labelled(
            lang.pick("接收", "received"),
            &lang.pick(format!("{received}，归入{window}"), format!("{received} into {window}")),
        ),
    ]
}

fn judged_line(judgement: &Judgement, lang: Lang) -> String {
    let against = &judgement.against;
    let lists = against.deny_lists.map_or_else(|| "–".to_owned(), |id| id.to_string());
    let cleared = judgement.cleared_at.strftime("%Y-%m-%d %H:%M:%S");
    lang.pick(
        format!(
            "检查（窗口 {}，{cleared} 清分；登记版本 {}，密钥环 {}，黑名单载入至第 {lists} 份）",
            judgement.window, against.registry, against.keys
        ),
        format!(
            "Checks (window {}, cleared {cleared}; registry {}, key ring {}, deny lists up to load {lists})",
            judgement.window, against.registry, against.keys
        ),
    )
}

fn contradiction(judgement: &Judgement, lang: Lang) -> Vec<String> {
    let found = |found: &tongclear_life::Found| {
        let flags: Vec<_> = found.flags.iter().map(ToString::to_string).collect();
        let reason = found.reason.map_or_else(String::new, |reason| format!(" {reason}"));
        let fee = found.fee_fen.map_or_else(String::new, |fee| format!(", fee {fee} fen"));
        format!("{}{reason} {}{fee}", found.disposition, flags.join("|")).trim_end().to_owned()
    };
    let (stored, rules) = (found(&judgement.stored), found(&judgement.rederived));
    vec![
        lang.pick("！！ 存储的结果与规则不符", "!! WHAT IS STORED IS NOT WHAT THE RULES GIVE").to_owned(),
        labelled(lang.pick("存储", "stored"), &stored),
        labelled(lang.pick("规则", "rules"), &rules),
        lang.pick(
            "  两者都不可采信，请先运行 `tongclear check`".to_owned(),
            "  trust neither; run `tongclear check` first".to_owned(),
        ),
    ]
}

/// A line that begins with what it is about.
fn labelled(label: &str, text: &str) -> String {
    format!("  {}{text}", padded(label, LABEL)).trim_end().to_owned()
}

/// A text filled up to a number of columns, at least one blank behind it.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text)).max(1)))
}

fn named(name: Option<&Name>, lang: Lang) -> &str {
    match name {
        Some(name) => lang.pick(&name.zh, &name.en),
        None => lang.pick("（未登记）", "(not registered)"),
    }
}

/// `20261124` and `081530` as people write them; as sent when they are no digits of a date and time.
fn moment(date: &str, time: &str) -> String {
    match (date.split_at_checked(4), time.split_at_checked(2)) {
        (Some((year, day)), Some((hour, minute))) if day.len() == 4 && minute.len() == 4 => {
            let ((month, day), (minute, second)) = (day.split_at(2), minute.split_at(2));
            format!("{year}-{month}-{day} {hour}:{minute}:{second}")
        }
        _ => format!("{date} {time}"),
    }
}

/// Another record, by where it lies.
fn sighted(it: &Sighting, lang: Lang) -> String {
    let place = format!("{}-{:010}", it.collector, it.package_sequence.0);
    lang.pick(
        format!(
            "交易包 {place} 第 {} 行（窗口 {}，计数器 {}，{}）",
            it.row,
            it.window,
            it.counter,
            it.disposition.zh()
        ),
        format!(
            "package {place} row {} (window {}, counter {}, {})",
            it.row, it.window, it.counter, it.disposition
        ),
    )
}
