//! Uniqueness and flags as people read them.

use tongclear_life::{FlagCause, Held, Line, Outcome, Uniqueness};
use tongclear_types::{Chain, Fen, Flag};

use super::checks::mark;
use super::{labelled, moment, padded, sighted};
use crate::text::{Lang, yuan};

/// Columns of what a line asks.
const ASKED: usize = 45;

pub(super) fn lines(it: &Uniqueness, lang: Lang) -> Vec<String> {
    let chain = match it.chain {
        Chain::Purchase => lang.pick("消费", "purchase"),
        Chain::Load => lang.pick("充值", "load"),
    };
    let mut lines = vec![lang.pick(
        format!("13 唯一性（{chain}计数器 {}）", it.counter),
        format!("13 Uniqueness ({chain} counter {})", it.counter),
    )];
    lines.push(labelled(lang.pick("以前窗口", "earlier"), &held(it.earlier.as_ref(), lang)));
    if it.before != it.earlier {
        lines.push(labelled(lang.pick("本条之前", "before it"), &held(it.before.as_ref(), lang)));
    }
    lines.extend(it.lines.iter().map(|line| {
        let about = if line.outcome == Outcome::Failed { why(it, line, lang) } else { String::new() };
        format!("  {} {}  {}{about}", mark(line.outcome), line.line, padded(asked(line.line, lang), ASKED))
            .trim_end()
            .to_owned()
    }));
    lines
}

fn held(held: Option<&Held>, lang: Lang) -> String {
    let Some(held) = held else {
        return lang
            .pick("此卡此链尚无已接受的记录".to_owned(), "nothing of this chain was accepted".to_owned());
    };
    let (last, balance) = (moment(&held.last_date, &held.last_time), yuan(Fen::from(held.last_balance_fen)));
    let below = below(held, lang);
    lang.pick(
        format!(
            "最高已接受计数器 {}（{last}，余额 {balance}）；其下 64 个中已接受 {below}",
            held.highest_counter
        ),
        format!(
            "highest accepted counter {} ({last}, balance {balance}); of the 64 below it {below}",
            held.highest_counter
        ),
    )
}

/// The accepted ones among the 64 counters below the highest, as ranges from the top.
fn below(held: &Held, lang: Lang) -> String {
    let word = u64::from_str_radix(&held.accepted_below, 16).unwrap_or_default();
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for distance in (1..=64).filter(|distance| word >> (distance - 1) & 1 == 1) {
        let Some(counter) = held.highest_counter.checked_sub(distance) else { break };
        match ranges.last_mut() {
            Some((first, _)) if *first == counter + 1 => *first = counter,
            _ => ranges.push((counter, counter)),
        }
    }
    if ranges.is_empty() {
        return lang.pick("无", "none").to_owned();
    }
    let shown = ranges
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") });
    shown.collect::<Vec<_>>().join(", ")
}

fn asked(line: u8, lang: Lang) -> &'static str {
    let (zh, en) = match line {
        1 => ("不是另一条记录的副本", "it copies no other record"),
        2 => ("计数器与终端序号未一同被接受过", "counter and number were not both accepted"),
        3 => ("检查 1 至 12 未挂账", "checks 1 to 12 did not suspend it"),
        4 => ("终端序号未被接受过", "its number was not accepted before"),
        5 => ("计数器不低于最高值 64 以上", "its counter is not more than 64 below"),
        6 => ("计数器不高于最高值 1,024 以上", "its counter is not more than 1,024 above"),
        7 => ("计数器未被占用", "its counter is free"),
        _ => ("接受", "accepted"),
    };
    lang.pick(zh, en)
}

/// Why the line decided against the record.
fn why(it: &Uniqueness, line: &Line, lang: Lang) -> String {
    let holders = |held: &[tongclear_life::Sighting]| {
        let all: Vec<_> = held.iter().map(|holder| sighted(holder, lang)).collect();
        all.join(lang.pick("；", "; "))
    };
    let highest = it.earlier.as_ref().map(|held| held.highest_counter).unwrap_or_default();
    match line.line {
        1 => it.copy_of.map_or_else(String::new, |original| {
            lang.pick("副本，原记录：", "a copy of ").to_owned() + &sighted(&original, lang)
        }),
        2 => lang.pick("均已接受：", "both were: ").to_owned() + &holders(&it.number_held_by),
        3 => it
            .suspended_before
            .map_or_else(String::new, |reason| lang.pick(reason.zh(), reason.en()).to_owned()),
        4 => lang.pick("已被占用：", "taken by ").to_owned() + &holders(&it.number_held_by),
        5 | 6 => lang.pick(
            format!("计数器 {}，最高 {highest}", it.counter),
            format!("counter {}, highest {highest}", it.counter),
        ),
        7 => match it.counter_held_by {
            Some(holder) => lang.pick("已被占用：", "taken by ").to_owned() + &sighted(&holder, lang),
            None => lang.pick("以前窗口已接受", "accepted in an earlier window").to_owned(),
        },
        _ => String::new(),
    }
}

pub(super) fn flag_lines(flags: &[FlagCause], lang: Lang) -> Vec<String> {
    let mut lines = vec![lang.pick("标记", "Flags").to_owned()];
    lines.extend(flags.iter().map(|cause| {
        let (flag, text) = flag(cause, lang);
        let name = lang.pick(flag.zh(), flag.name());
        format!("  {}{text}", padded(name, 18)).trim_end().to_owned()
    }));
    lines
}

fn flag(cause: &FlagCause, lang: Lang) -> (Flag, String) {
    match *cause {
        FlagCause::CounterGap { from, to } => {
            let missing = if from == to { from.to_string() } else { format!("{from}–{to}") };
            (
                Flag::CounterGap,
                lang.pick(
                    format!("计数器 {missing} 未见"),
                    format!("not accepted so far: counter {missing}"),
                ),
            )
        }
        FlagCause::GapClosed { counter, highest } => (
            Flag::GapClosed,
            lang.pick(
                format!("计数器 {counter} 低于以前窗口的最高值 {highest}"),
                format!("counter {counter} lies below {highest}, the highest of earlier windows"),
            ),
        ),
        FlagCause::BalanceBreak { left_fen, before_fen } => {
            let (left, before) = (yuan(Fen::from(left_fen)), yuan(Fen::from(before_fen)));
            (
                Flag::BalanceBreak,
                lang.pick(
                    format!("上一笔余额 {left}，本笔起始余额 {before}"),
                    format!("the transaction before left {left}, this one began with {before}"),
                ),
            )
        }
        FlagCause::DenyListedLate { listed, held_version } => {
            let version = listed.map(|listed| listed.version).unwrap_or_default();
            (
                Flag::DenyListedLate,
                lang.pick(
                    format!("卡自版本 {version} 起在册，终端持有 {held_version}，仍在宽限期内；由发卡机构承担"),
                    format!(
                        "listed since version {version}, the terminal held {held_version} and was within the grace; the \
                         operator bears it"
                    ),
                ),
            )
        }
        FlagCause::Supplementary => {
            (Flag::Supplementary, lang.pick(Flag::Supplementary.zh(), Flag::Supplementary.en()).to_owned())
        }
        FlagCause::Late { days } => {
            let word = if days == 1 { "day" } else { "days" };
            (
                Flag::Late,
                lang.pick(
                    format!("比窗口日期早 {days} 天"),
                    format!("dated {days} {word} before the window"),
                ),
            )
        }
    }
}
