//! The life of a transaction as people read it, as snapshots: a change of a word is seen in the diff.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

use jiff::civil::DateTime;
use tongclear_ledger::{
    Account, Contract, Cycle, FeeLevel, Participant, Position, Transfer, TransferCode, TransferParts,
};
use tongclear_life::{
    Against, Answer, Arrival, Charge, Check, CheckName, FlagCause, Found, Handle, Held, Issuer, Judgement,
    Life, Line, Listed, Money, Name, Names, Outcome, Place, Record, Searched, Seen, ServiceDates, Settled,
    Sighting, Source, TransferLine, Uniqueness,
};
use tongclear_report::{Lang, life_text, not_found_text};
use tongclear_store::{DenyListId, Digest, KeyGeneration, RegistryVersion, WindowId, WindowState};
use tongclear_types::{
    BusinessDate, Chain, CollectorId, Disposition, Fen, Flag, Flags, IssuerId, MerchantCode, OperatorCode,
    PackageSequence, Reason, Rounding, Serial, TerminalId, TerminalNumber, Verdict,
};

const COLLECTOR: CollectorId = CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]);
const TERMINAL: TerminalId = TerminalId([0x65, 0x10, 0, 0, 0, 1]);
const ISSUER: IssuerId = IssuerId([4, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]);
const SERIAL: Serial = Serial([0x31, 4, 0x17, 0, 0, 0, 0, 0, 0x12, 0x34]);

fn bus() -> MerchantCode {
    "BUS00001".parse().unwrap()
}

fn operator() -> OperatorCode {
    "0417".parse().unwrap()
}

fn date() -> BusinessDate {
    "2026-11-24".parse().unwrap()
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

fn contract() -> Contract {
    Contract {
        merchant: bus(),
        operator: None,
        from: "2026-01-01".parse().unwrap(),
        until: None,
        rate: "0.0060".parse().unwrap(),
        fixed_fen: "0.5".parse().unwrap(),
        min_fee_fen: Some("2".parse().unwrap()),
        max_fee_fen: None,
        level: FeeLevel::Transaction,
        rounding: Rounding::HalfUp,
        amount_limit: fen(100_000),
        cycle: Cycle(1),
        sponsor: Some("GOV00001".parse().unwrap()),
    }
}

/// A ride of 1 yuan in place of 2, whatever became of it.
fn life(judgement: Option<Judgement>) -> Life {
    let cleared = judgement.is_some();
    Life {
        place: Place { merchant: bus(), collector: COLLECTOR, package_sequence: PackageSequence(3), row: 17 },
        names: Names {
            merchant: Some(Name { zh: "成都公交".to_owned(), en: "Chengdu Bus".to_owned() }),
            operator: None,
        },
        record: Record {
            issuer_id: ISSUER,
            serial: SERIAL,
            chain: Chain::Purchase,
            counter: 20,
            tti: "06".to_owned(),
            date: "20261123".to_owned(),
            time: "081530".to_owned(),
            terminal: TERMINAL,
            terminal_number: TerminalNumber(45),
            amount_fen: 100,
            list_price_fen: 200,
            balance_before_fen: 5_000,
            balance_after_fen: 4_900,
            tac: "d3d6b146".to_owned(),
        },
        arrival: Arrival {
            sealed_at: Some(at("2026-11-23T23:10:00")),
            received_at: at("2026-11-24T00:30:12.345"),
            package_sha256: Digest([0xab; 32]),
            package_records: 1_000,
            package_amount_fen: fen(200_000),
            window_id: WindowId(2),
            window: cleared.then(date),
            window_state: if cleared { WindowState::Settled } else { WindowState::Open },
        },
        judgement,
        reconciliation: Vec::new(),
        decisions: Vec::new(),
    }
}

fn seen(name: CheckName) -> Seen {
    let day = "2026-11-23".parse().unwrap();
    match name {
        CheckName::Form => {
            Seen::Form { date: "20261123".to_owned(), time: "081530".to_owned(), tti: "06".to_owned() }
        }
        CheckName::TestCard => Seen::TestCard { flag_byte: "00".to_owned() },
        CheckName::TerminalRegistered => Seen::TerminalRegistered { terminal: TERMINAL, registered: true },
        CheckName::TerminalInService => Seen::TerminalInService {
            date: day,
            package_merchant: bus(),
            service: vec![ServiceDates {
                merchant: bus(),
                from: "2026-01-01".parse().unwrap(),
                until: Some("2026-12-31".parse().unwrap()),
            }],
        },
        CheckName::OperatorRegistered => {
            Seen::OperatorRegistered { issuer_id: ISSUER, operator: Some(operator()) }
        }
        CheckName::NotFutureDated => {
            Seen::NotFutureDated { date: day, latest: "2026-11-25".parse().unwrap() }
        }
        CheckName::NotTooOld => {
            Seen::NotTooOld { date: day, earliest: "2026-10-25".parse().unwrap(), max_age_days: 30 }
        }
        CheckName::KeyAvailable => Seen::KeyAvailable {
            operator: operator(),
            key_version: 1,
            algorithm_byte: "04".to_owned(),
            algorithm: Some("sm4"),
            source: Source::Recomputed,
        },
        CheckName::TacRight => {
            Seen::TacRight { tac_sent: "d3d6b146".to_owned(), source: Source::AsTheRunFound }
        }
        CheckName::BalancesAddUp => Seen::BalancesAddUp {
            before_fen: 5_000,
            amount_fen: 100,
            expected_after_fen: 4_900,
            after_fen: 4_900,
        },
        CheckName::ContractInForce => Seen::ContractInForce {
            merchant: bus(),
            operator: operator(),
            date: day,
            contract: Some(contract()),
        },
        CheckName::WithinLimit => Seen::WithinLimit { amount_fen: 100, limit_fen: fen(100_000) },
        CheckName::NotDenyListed => Seen::NotDenyListed {
            serial: SERIAL,
            when: at("2026-11-23T08:15:30"),
            held_version: 101,
            in_force: Some(Listed { version: 103, effective: at("2026-11-23T05:00:00") }),
            listed_since: Some(Listed { version: 102, effective: at("2026-11-22T10:00:00") }),
            grace_hours: 24,
            grace_ends: Some(at("2026-11-23T10:00:00")),
        },
    }
}

fn checks(failed: Option<&str>) -> Vec<Check> {
    let mut reached = true;
    let check = |(number, name): (&'static str, CheckName)| {
        let outcome = match (reached, failed == Some(number)) {
            (true, true) => Outcome::Failed,
            (true, false) => Outcome::Passed,
            (false, _) => Outcome::NotReached,
        };
        let check = Check { number, name, outcome, seen: reached.then(|| seen(name)) };
        reached &= failed != Some(number);
        check
    };
    CheckName::ALL.into_iter().map(check).collect()
}

fn uniqueness(decided: u8) -> Uniqueness {
    let held = |highest: u16| Held {
        highest_counter: highest,
        accepted_below: "00000000000000f7".to_owned(),
        last_balance_fen: 5_000,
        last_date: "20261122".to_owned(),
        last_time: "190000".to_owned(),
        other_counter: 3,
    };
    let met = Sighting {
        window: "2026-11-23".parse().unwrap(),
        merchant: bus(),
        collector: COLLECTOR,
        package_sequence: PackageSequence(2),
        row: 9,
        counter: 20,
        disposition: Disposition::Accepted,
    };
    let outcome = |line: u8| match line.cmp(&decided) {
        std::cmp::Ordering::Equal if line < 8 => Outcome::Failed,
        std::cmp::Ordering::Greater => Outcome::NotReached,
        _ => Outcome::Passed,
    };
    Uniqueness {
        chain: Chain::Purchase,
        counter: 20,
        earlier: Some(held(16)),
        before: Some(held(17)),
        counter_accepted: Some(false),
        number_accepted: decided == 2,
        copy_of: (decided == 1).then_some(met),
        number_held_by: if decided == 2 { vec![met] } else { Vec::new() },
        counter_held_by: (decided == 7).then_some(met),
        suspended_before: None,
        lines: (1..=8).map(|line| Line { line, outcome: outcome(line) }).collect(),
    }
}

fn judgement(verdict: Verdict, decided_by: &'static str, line: Option<u8>) -> Judgement {
    let accepted = verdict.disposition() == Disposition::Accepted;
    let found = Found::of(verdict, accepted.then_some(fen(2)));
    let fee = contract().explain(1, fen(100)).unwrap();
    let charge = Charge {
        contract_key: contract().key(),
        contract: contract(),
        fee_text: Some(fee.to_string()),
        fee_fen: Some(fee.fee),
        fee: Some(fee),
        sponsor: contract().sponsor,
        concession_fen: fen(100),
        net_fen: fen(198),
    };
    let transfer = Transfer::new(TransferParts {
        window: date(),
        code: TransferCode::Purchase,
        debit: Account::operator_clearing(operator()),
        credit: Account::merchant_payable(bus()),
        amount: fen(238_000),
        merchant: Some(bus()),
        operator: Some(operator()),
        contract: Some(contract().key()),
        reference: None,
    });
    let transfer = transfer.unwrap();
    let transfer = TransferLine {
        id: transfer.id(),
        code: transfer.code,
        debit: transfer.debit,
        credit: transfer.credit,
        amount_fen: transfer.amount,
    };
    let zero = Fen::ZERO;
    let position = Position {
        participant: Participant::Merchant(bus()),
        value_date: "2026-11-25".parse().unwrap(),
        gross: fen(238_000),
        fee: fen(1_428),
        concession: zero,
        load: zero,
        adjustments: zero,
        carried_in: zero,
        net: fen(236_572),
        carried_out: zero,
    };
    Judgement {
        window: date(),
        against: Against {
            registry: RegistryVersion(4),
            keys: KeyGeneration(2),
            deny_lists: Some(DenyListId(12)),
        },
        cleared_at: at("2026-11-25T01:00:02"),
        stored: found.clone(),
        rederived: found,
        agrees: true,
        decided_by,
        line,
        checks: checks((decided_by != "13").then_some(decided_by)),
        uniqueness: line.map(uniqueness),
        flags: if accepted {
            vec![
                FlagCause::CounterGap { from: 18, to: 19 },
                FlagCause::DenyListedLate {
                    listed: Some(Listed { version: 102, effective: at("2026-11-22T10:00:00") }),
                    held_version: 101,
                },
                FlagCause::Late { days: 1 },
            ]
        } else {
            Vec::new()
        },
        money: Money {
            charge: accepted.then_some(charge),
            transfers: if accepted { vec![transfer] } else { Vec::new() },
            settlement: Settled {
                state: WindowState::Settled,
                settled_at: Some(at("2026-11-25T01:00:03")),
                value_date: accepted.then_some(position.value_date),
                participants: if accepted { vec![position.participant] } else { Vec::new() },
                positions: if accepted { vec![position] } else { Vec::new() },
                payouts: Vec::new(),
            },
        },
    }
}

fn answer(lives: Vec<Life>) -> Answer {
    let asked = Handle::Terminal { terminal: TERMINAL, number: TerminalNumber(45) };
    Answer { asked, searched: Searched { packages: Some(1), ..Searched::default() }, lives }
}

fn accepted() -> Verdict {
    let flags = Flags::NONE.with(Flag::CounterGap).with(Flag::DenyListedLate).with(Flag::Late);
    Verdict::Accepted(flags)
}

#[test]
fn a_record_that_was_paid() {
    let answer = answer(vec![life(Some(judgement(accepted(), "13", Some(8))))]);
    insta::assert_snapshot!("life_accepted_en", life_text(&answer, Lang::En));
    insta::assert_snapshot!("life_accepted_zh", life_text(&answer, Lang::Zh));
}

#[test]
fn records_that_were_not_paid() {
    let rejected = judgement(Verdict::Refused(Reason::DenyListed), "12", None);
    let duplicate = judgement(Verdict::Duplicate, "13", Some(1));
    let conflict = judgement(Verdict::Refused(Reason::CounterConflict), "13", Some(7));
    let lives = [Some(rejected), Some(duplicate), Some(conflict), None].map(life);
    insta::assert_snapshot!("life_unpaid_en", life_text(&answer(lives.to_vec()), Lang::En));
    insta::assert_snapshot!("life_unpaid_zh", life_text(&answer(lives.to_vec()), Lang::Zh));
}

#[test]
fn a_contradiction_is_said_loudly() {
    let mut judgement = judgement(accepted(), "13", Some(8));
    judgement.agrees = false;
    judgement.stored = Found::of(Verdict::Refused(Reason::TacMismatch), None);
    for (lang, loud) in [(Lang::En, "WHAT IS STORED IS NOT"), (Lang::Zh, "存储的结果与规则不符")] {
        let text = life_text(&answer(vec![life(Some(judgement.clone()))]), lang);
        assert!(text.contains(loud) && text.contains("tongclear check"), "{text}");
        assert!(text.contains("rejected tac_mismatch"), "{text}");
        let verdict = text.lines().last().unwrap();
        assert!(verdict.contains("tongclear check") && !verdict.contains("1.98"), "{verdict}");
    }
}

/// Every reason has its sentence, in both languages.
#[test]
fn every_refusal_says_what_to_do() {
    for reason in Reason::ALL {
        for (lang, words) in [(Lang::En, reason.en()), (Lang::Zh, reason.zh())] {
            let judgement = judgement(Verdict::Refused(*reason), "13", None);
            let text = life_text(&answer(vec![life(Some(judgement))]), lang);
            let verdict = text.lines().last().unwrap();
            assert!(verdict.contains(words) && verdict.contains(reason.name()), "{verdict}");
        }
    }
}

#[test]
fn nothing_found_says_where_it_was_looked_for() {
    let card = |issuer| Handle::Card { issuer, serial: SERIAL, counter: 7, chain: None };
    let searched = Searched {
        windows: vec!["2026-11-23".parse().unwrap(), date()],
        not_cleared: 1,
        ..Searched::default()
    };
    let mut empty = Answer { asked: card(Issuer::Any), searched, lives: Vec::new() };
    insta::assert_snapshot!("life_not_found_en", not_found_text(&empty, Lang::En));
    insta::assert_snapshot!("life_not_found_zh", not_found_text(&empty, Lang::Zh));
    empty.asked = card(Issuer::Id(ISSUER));
    assert!(!not_found_text(&empty, Lang::En).contains("registered"));
    empty.searched = Searched { only: Some(date()), packages: Some(0), ..Searched::default() };
    empty.asked = Handle::Package { collector: COLLECTOR, sequence: PackageSequence(3), row: 5 };
    assert!(not_found_text(&empty, Lang::En).contains("2026-11-24, the only one asked about"));
}
