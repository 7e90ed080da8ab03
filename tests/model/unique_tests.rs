//! Uniqueness, line by line, and every flag, over several windows in a row.
//!
//! A case is a list of windows; a window is a list of lines `tap => fate`. A tap is words of one letter and a value:
//! `c` card counter, `n` terminal number, `t` time, `d` day of November, `a` amount, `b` balance before, `o` the other
//! chain's counter, `m` terminal, `k` collector, `p` package sequence; alone: `L` a load, `B` balances that do not add up (suspended),
//! `K` an unknown key version and always the same TAC (suspended), `W` a wrong TAC (rejected), `S` supplementary. Left out, they make an unremarkable tap of the window's day.

use tongclear_types::{BcdDate, BcdTime, Disposition, TerminalNumber, TransactionRecord, Tti};

use super::*;
use crate::centre::{clear, remember};
use crate::facts::Service;
use crate::rules::Frozen;
use crate::sample;

fn bcd(value: u32) -> u8 {
    u8::try_from(value / 10 * 16 + value % 10).unwrap()
}

fn tap(text: &str, day: u32) -> Taken {
    let mut record = TransactionRecord { date: BcdDate([0x20, 0x26, 0x11, bcd(day)]), ..sample::record() };
    let (mut sequence, mut before, mut counter, mut other) = (1, None, 10_u16, 3_u16);
    let mut collector = sample::COLLECTOR;
    let (mut broken, mut wrong) = (false, false);
    for word in text.split_whitespace() {
        let (letter, value) = word.split_at(1);
        let number = || value.parse::<u32>().unwrap();
        match letter {
            "c" => counter = value.parse().unwrap(),
            "o" => other = value.parse().unwrap(),
            "n" => record.terminal_number = TerminalNumber(number()),
            "t" => record.time = BcdTime(hex::decode(value).unwrap().try_into().unwrap()),
            "d" => record.date.0[3] = bcd(number()),
            "a" => record.amount_fen = number(),
            "b" => before = Some(number()),
            "m" => record.terminal.0[5] = value.parse().unwrap(),
            "k" => collector.0[5] = value.parse().unwrap(),
            "p" => sequence = number(),
            "L" => record.tti = Tti::LOAD,
            "B" => broken = true,
            "K" => record.key_version = 2,
            "W" => wrong = true,
            "S" => record.flags.0 = 1,
            _ => panic!("{word} in {text}"),
        }
    }
    let load = record.tti == Tti::LOAD;
    (record.offline_counter, record.online_counter) = if load { (other, counter) } else { (counter, other) };
    // By default the balances of a chain of 200 fen taps follow from each other.
    record.balance_before_fen = before.unwrap_or_else(|| {
        let moved = 200 * u32::from(counter);
        if load { moved } else { 20_000_000 - moved }
    });
    let amount = record.amount_fen;
    record.balance_after_fen =
        if load { record.balance_before_fen + amount } else { record.balance_before_fen - amount };
    record.balance_after_fen += u32::from(broken);
    let mut record = sample::signed(record);
    record.tac[0] ^= u8::from(wrong);
    if record.key_version == 2 {
        record.tac = [1, 2, 3, 4];
    }
    Taken { sequence, collector, ..sample::taken(record) }
}

fn check(name: &str, windows: &[&[&str]]) {
    let mut past = Past::default();
    for (day, lines) in (22..).zip(windows) {
        let mut frozen: Frozen = sample::frozen();
        frozen.date = jiff::civil::date(2026, 11, i8::try_from(day).unwrap());
        let row: Service = frozen.registry.services[0];
        for last in 2..=4 {
            let mut row = row;
            row.terminal.0[5] = last;
            frozen.registry.services.push(row);
        }
        for (row, line) in (0..).zip(*lines) {
            let taken = tap(line.split("=>").next().unwrap(), day);
            frozen.records.push(Taken { row, ..taken });
        }
        let cleared = clear(&frozen, &past);
        for judged in &cleared.records {
            let line = lines[usize::try_from(judged.taken.row).unwrap()];
            let flags: Vec<&str> = judged.flags.iter().map(|flag| flag.name()).collect();
            let got = match judged.disposition {
                Disposition::Accepted if flags.is_empty() => "accepted".to_owned(),
                Disposition::Accepted => flags.join("|"),
                Disposition::Duplicate => "duplicate".to_owned(),
                Disposition::Suspended | Disposition::Rejected => judged.reason.unwrap().to_string(),
            };
            let expected = line.split("=>").nth(1).unwrap().trim();
            assert_eq!(got, expected, "{name}, {}, {line}: {:?}", frozen.date, judged.trail);
        }
        remember(&mut past, &cleared);
    }
}

#[test]
fn line_1_copies() {
    check("in one window", &[&["c10 n70 => accepted", "c10 n70 p2 => duplicate", "c10 n70 p3 => duplicate"]]);
    check(
        "with another counter",
        &[&["c10 n70 => accepted", "c11 n70 => duplicate", "c12 n71 => counter_gap"]],
    );
    check("with another counter below", &[&["c10 n70 => duplicate", "c9 n70 => accepted"]]);
    check("of a suspended one", &[&["c10 n70 B => balance_arithmetic", "c10 n70 p2 B => duplicate"]]);
    check(
        "of one suspended in an earlier window, with another counter",
        &[
            &["c10 n70 B => balance_arithmetic"],
            &["c10 n70 d22 B => duplicate", "c30 n70 d22 B => duplicate"],
        ],
    );
    check(
        "of one suspended in an earlier window, balances put right",
        &[&["c10 n70 B => balance_arithmetic"], &["c10 n70 d22 => duplicate"]],
    );
    check(
        "of a duplicate of an earlier window's",
        &[&["c10 n70 => accepted"], &["c10 n70 d22 => duplicate", "c11 n70 d22 => duplicate"]],
    );
    check("another time is no copy", &[&["c10 n70 => accepted", "c10 n70 t120001 => counter_conflict"]]);
    check("another amount is no copy", &[&["c10 n70 => accepted", "c11 n70 a201 => accepted"]]);
    check(
        "each field of a copy",
        &[&[
            "c10 n70 t115959 K => key_unavailable",
            "c10 n70 K => key_unavailable",
            "c10 n70 K p2 => duplicate",
            "c10 n70 K p3 o9 b9999 => duplicate",
            "c11 n70 K => duplicate",
            "c10 n71 K => key_unavailable",
            "c10 n70 m2 K => key_unavailable",
            "c10 n70 a201 K => key_unavailable",
            "c10 n70 d21 K => key_unavailable",
            "c10 n70 t120001 K => key_unavailable",
            "c11 n70 L K o10 => key_unavailable",
        ]],
    );
    check(
        "a duplicate is not kept for later windows",
        &[&["c10 n70 => accepted"], &["c10 n70 d22 => duplicate"], &["c11 n70 d22 => number_conflict"]],
    );
    check("a load's TAC covers its counter", &[&["L c10 n70 => accepted", "L c11 n70 => accepted"]]);
    check("the other chain is no copy", &[&["c10 n70 => accepted", "L c10 n70 => accepted"]]);
}

#[test]
fn a_rejected_record_takes_no_part() {
    check("copy of a rejected one", &[&["c10 n70 W => tac_mismatch", "c10 n70 p2 W => tac_mismatch"]]);
    check("corrected in the same window", &[&["c10 n70 W => tac_mismatch", "c10 n70 p2 => accepted"]]);
    check("corrected later", &[&["c10 n70 W => tac_mismatch"], &["c10 n70 d22 => late"]]);
    check("does not occupy", &[&["c10 n70 W => tac_mismatch", "c10 n71 => accepted"]]);
}

#[test]
fn line_2_counter_and_number_accepted_before() {
    check("a copy of an earlier window's", &[&["c10 n70 => accepted"], &["c10 n70 d22 => duplicate"]]);
    check("not looked at any closer", &[&["c10 n70 => accepted"], &["c10 n70 a999 t130000 => duplicate"]]);
    check("even if suspended", &[&["c10 n70 => accepted"], &["c10 n70 B => duplicate"]]);
    check(
        "65 below",
        &[
            &["c10 n70 => accepted", "c75 n71 => counter_gap"],
            &["c10 n70 d22 => duplicate", "c9 n71 => duplicate"],
        ],
    );
    check(
        "64 below, that counter never accepted",
        &[&["c74 n71 => accepted"], &["c10 n71 t130000 => number_conflict", "c9 n71 t140000 => duplicate"]],
    );
    check("of the other chain", &[&["c10 n70 => accepted"], &["L c10 n70 => number_conflict"]]);
}

#[test]
fn line_3_suspended_occupies_nothing() {
    check("same window", &[&["c10 n70 t110000 B => balance_arithmetic", "c10 n71 => accepted"]]);
    check(
        "later window",
        &[&["c10 n70 B => balance_arithmetic"], &["c10 n70 t130000 => accepted", "c11 n71 => accepted"]],
    );
    check("before line 4", &[&["c10 n70 => accepted"], &["c11 n70 B => balance_arithmetic"]]);
    check("before line 5", &[&["c100 n70 => accepted"], &["c10 n71 B => balance_arithmetic"]]);
}

#[test]
fn line_4_number_conflict() {
    check("another tap with the number", &[&["c10 n70 => accepted"], &["c11 n70 => number_conflict"]]);
    check("a copy with another counter", &[&["c10 n70 => accepted"], &["c11 n70 d22 => number_conflict"]]);
    check("not within a window", &[&["c10 n70 => accepted", "c11 n70 t120100 => accepted"]]);
    check("another terminal", &[&["c10 n70 => accepted"], &["c11 n70 m2 => accepted"]]);
    check(
        "the number of a suspended one is free",
        &[&["c10 n70 B => balance_arithmetic"], &["c11 n70 => accepted"]],
    );
    check("before line 6", &[&["c10 n70 => accepted"], &["c9999 n70 => number_conflict"]]);
}

#[test]
fn lines_5_and_6_too_far_from_the_highest() {
    check("65 below", &[&["c100 n70 => accepted"], &["c35 n71 => stale_counter"]]);
    check("64 below", &[&["c100 n70 => accepted"], &["c36 n71 => gap_closed"]]);
    check("within one window nothing is stale", &[&["c100 n70 => counter_gap", "c10 n71 => accepted"]]);
    check("1,024 above", &[&["c100 n70 => accepted"], &["c1124 n71 => counter_gap"]]);
    check("1,025 above", &[&["c100 n70 => accepted"], &["c1125 n71 => counter_jump"]]);
    check("within one window nothing jumps", &[&["c100 n70 => accepted", "c9000 n71 => counter_gap"]]);
    check(
        "the highest of earlier windows counts, not of this one",
        &[
            &["c100 n70 => accepted"],
            &["c1100 n71 => counter_gap", "c1125 n72 => counter_jump", "c50 n73 => gap_closed"],
        ],
    );
    check("nothing is known of the other chain", &[&["c100 n70 => accepted"], &["L c5000 n71 => accepted"]]);
    check(
        "a jump is forgotten",
        &[&["c10 n70 => accepted"], &["c5000 n71 => counter_jump"], &["c11 n72 => accepted"]],
    );
    check("the ends", &[&["c0 n70 => accepted"], &["c1 n71 => accepted"], &["c65535 n72 => counter_jump"]]);
    check(
        "the maximum",
        &[&["c65535 n70 => counter_gap", "c65500 n71 => accepted"], &["c65471 n72 => gap_closed"]],
    );
}

#[test]
fn line_7_two_cannot_share_a_counter() {
    check("same window, earlier first", &[&["c10 n71 t130000 => counter_conflict", "c10 n70 => accepted"]]);
    check("earlier date first", &[&["c10 n70 => counter_conflict", "c10 n71 d21 t130000 => late"]]);
    check("same second, terminal decides", &[&["c10 n1 m2 => counter_conflict", "c10 n70 m1 => accepted"]]);
    check("same terminal, number decides", &[&["c10 n71 => counter_conflict", "c10 n70 => accepted"]]);
    check("earlier window", &[&["c10 n70 => accepted"], &["c10 n71 m2 => counter_conflict"]]);
    check(
        "a copy of the conflict",
        &[&["c10 n70 => accepted"], &["c10 n71 => counter_conflict"], &["c10 n71 d23 => duplicate"]],
    );
    check("the chains are separate", &[&["c10 n70 => accepted", "L c10 n71 => accepted"]]);
    check(
        "the collector decides among copies",
        &[&["c10 n70 k9 p1 => duplicate", "c10 n70 k8 p2 => accepted"]],
    );
    check("the package decides last", &[&["c10 n70 p2 => duplicate", "c10 n70 p1 => accepted"]]);
}

#[test]
fn gap_flags() {
    check("first ever", &[&["c10 n70 => accepted", "c11 n71 => accepted", "c13 n72 => counter_gap"]]);
    check("two gaps", &[&["c10 n70 => accepted", "c12 n71 => counter_gap", "c14 n72 => counter_gap"]]);
    check("after an earlier window", &[&["c10 n70 => accepted"], &["c12 n71 => counter_gap"]]);
    check("next after an earlier window", &[&["c10 n70 => accepted"], &["c11 n71 => accepted"]]);
    check(
        "the one before is suspended",
        &[&["c10 n70 => accepted", "c11 n71 B => balance_arithmetic", "c12 n72 => counter_gap"]],
    );
    check(
        "closed later",
        &[
            &["c10 n70 => accepted", "c13 n71 => counter_gap"],
            &["c11 n72 => gap_closed", "c12 n73 => gap_closed"],
        ],
    );
    check(
        "below all that is known",
        &[&["c10 n70 => accepted"], &["c5 n71 => gap_closed", "c11 n72 => accepted"]],
    );
    check("not closed in the same window", &[&["c12 n70 => counter_gap", "c10 n71 t130000 => accepted"]]);
}

#[test]
fn balance_break() {
    check("does not follow", &[&["c10 n70 b5000 => accepted", "c11 n71 b5000 => balance_break"]]);
    check("follows", &[&["c10 n70 b5000 => accepted", "c11 n71 b4800 => accepted"]]);
    check("from an earlier window", &[&["c10 n70 b5000 => accepted"], &["c11 n71 b4799 => balance_break"]]);
    check("a load in between", &[&["c10 n70 b5000 o3 => accepted", "c11 n71 b9800 o4 => accepted"]]);
    check("a gap in between", &[&["c10 n70 b5000 => accepted", "c12 n71 b9999 => counter_gap"]]);
    check("loads", &[&["L c3 n70 b100 o9 => accepted", "L c4 n71 b200 o9 => balance_break"]]);
    check(
        "loads with a purchase in between",
        &[&["L c3 n70 b100 o9 => accepted", "L c4 n71 b200 o10 => accepted"]],
    );
    check(
        "a suspended one in between is not accepted",
        &[&[
            "c10 n70 b5000 => accepted",
            "c11 n71 b5000 B => balance_arithmetic",
            "c12 n72 b1000 => counter_gap",
        ]],
    );
    check(
        "a closed gap is not the last",
        &[
            &["c10 n70 b5000 => accepted", "c12 n71 b4600 => counter_gap"],
            &["c11 n72 b7777 => gap_closed"],
            &["c13 n73 b4400 => accepted"],
        ],
    );
    check(
        "a closed gap is not the last, nor hides the last",
        &[
            &["c10 n70 b5000 => accepted", "c12 n71 b4600 => counter_gap"],
            &["c11 n72 b4800 => gap_closed", "c13 n73 b4399 => balance_break"],
            &["c14 n74 b4198 => balance_break"],
        ],
    );
    check(
        "a record below the highest has no one before it",
        &[&["c10 n70 b5000 => accepted", "c13 n71 b1000 => counter_gap"], &["c11 n72 b1 a1 => gap_closed"]],
    );
    check(
        "a counter_conflict is not the last",
        &[&["c10 n70 b5000 => accepted", "c10 n71 b6000 => counter_conflict", "c11 n72 b4800 => accepted"]],
    );
}

#[test]
fn late_and_supplementary() {
    check("yesterday's", &[&["c10 n70 d21 => late", "c11 n71 d22 => accepted", "c12 n72 d23 => accepted"]]);
    check("recovered", &[&["c10 n70 S => supplementary"]]);
    check(
        "all at once",
        &[&["c10 n70 b5000 => accepted"], &["c11 n71 b1 a1 d22 S => balance_break|supplementary|late"]],
    );
    check(
        "a gap and late",
        &[
            &["c10 n70 => accepted"],
            &["c12 n71 d22 S => counter_gap|supplementary|late", "c8 n72 d21 => gap_closed|late"],
        ],
    );
}
