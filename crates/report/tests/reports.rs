//! What people read, as snapshots: a change of a word is seen in the diff.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

use std::path::PathBuf;
use std::time::Duration;

use tongclear_ledger::{Calendar, Participant, Position, Settlement};
use tongclear_package::DetailRow;
use tongclear_registry::Registry;
use tongclear_report::{
    Lang, Names, NightReport, SettlementView, StageTime, Statements, night_text, positions_text,
    settlement_text,
};
use tongclear_store::{Digest, DispositionTallies, MissingPackages, Received, RunTotals, Tally, WindowState};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CollectorId, Fen, Flag, IssuerId, PackageSequence, Reason, Serial,
    TerminalId, TerminalNumber, Tti, Verdict,
};

const REGISTRY: &str = r#"
[centre]
code = "CDT"

[[operator]]
code = "0417"
issuer_id = "04176510FFFFFFFF"
name = "天府通"
name_en = "Tianfu Tong"

[[merchant]]
code = "BUS00001"
sector = "bus"
name = "成都公交"
name_en = "Chengdu Bus"

[[merchant]]
code = "LOAD0001"
sector = "load"
name = "充值点"

[[merchant]]
code = "GOV00001"
sector = "sponsor"
name = "市政府"
name_en = "City"

[[collector]]
id = "6510000000f1"
merchant = "BUS00001"

[[contract]]
merchant = "BUS00001"
operator = "*"
from = "2026-01-01"
rate = "0.0060"
fixed_fen = "0"
level = "transaction"
rounding = "half_up"
amount_limit_fen = 100000
cycle = "T+1"
sponsor = "GOV00001"

[[contract]]
merchant = "LOAD0001"
operator = "0417"
from = "2026-01-01"
rate = "0"
fixed_fen = "0"
level = "window"
rounding = "down"
amount_limit_fen = 100000
cycle = "T+0"
"#;

fn date() -> BusinessDate {
    "2026-11-20".parse().unwrap()
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

fn tally(count: u64, amount: i64) -> Tally {
    Tally { count, amount_fen: fen(amount) }
}

fn registry() -> Registry {
    Registry::parse(REGISTRY, b"id,merchant,collector,from,until\n").unwrap()
}

/// A Friday: 1,190 rides with a concession, a few refused ones, and some loads.
fn totals(registry: &Registry) -> RunTotals {
    let contract = |merchant: &str| {
        let merchant = merchant.parse().unwrap();
        let (_, contract) =
            registry.contracts().find(merchant, "0417".parse().unwrap(), date().civil()).unwrap();
        (contract.key(), contract.cycle, contract.sponsor)
    };
    let rated = |merchant: &str, purchases: (u64, i64), fee: i64, concession: i64, loads: (u64, i64)| {
        let (contract, cycle, sponsor) = contract(merchant);
        tongclear_ledger::RatedTotal {
            merchant: merchant.parse().unwrap(),
            operator: "0417".parse().unwrap(),
            contract,
            cycle,
            sponsor,
            purchase_count: purchases.0,
            purchase: fen(purchases.1),
            fee: fen(fee),
            concession: fen(concession),
            load_count: loads.0,
            load: fen(loads.1),
        }
    };
    let bus = DispositionTallies {
        accepted: tally(1_190, 238_000),
        duplicate: tally(4, 800),
        suspended: tally(2, 400),
        rejected: tally(4, 800),
    };
    let load = DispositionTallies { accepted: tally(12, 120_000), ..DispositionTallies::default() };
    let mut dispositions = bus;
    dispositions.merge(&load).unwrap();
    RunTotals {
        received: Received { packages: 3, transactions: 1_212, amount_fen: fen(360_000) },
        dispositions,
        reasons: [(Reason::TacMismatch, tally(4, 800)), (Reason::TooOld, tally(2, 400))].into(),
        flags: [(Flag::CounterGap, 2), (Flag::Late, 1_001)].into(),
        merchants: [("BUS00001".parse().unwrap(), bus), ("LOAD0001".parse().unwrap(), load)].into(),
        rated: vec![
            rated("BUS00001", (1_190, 238_000), 1_428, 5_000, (0, 0)),
            rated("LOAD0001", (0, 0), 0, 0, (12, 120_000)),
        ],
        suspended: Vec::new(),
        adjustments: Vec::new(),
    }
}

fn view(totals: &RunTotals) -> SettlementView {
    SettlementView::new(date(), WindowState::Settled, totals, &Digest([0xab; 32])).unwrap()
}

fn report(changed: bool) -> NightReport {
    let registry = registry();
    let totals = totals(&registry);
    let settlement = Settlement::of(date(), &totals.rated, &[], &Calendar::plain(), &[]).unwrap();
    let gap = |first, last| MissingPackages {
        collector: CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]),
        first: PackageSequence(first),
        last: PackageSequence(last),
    };
    NightReport {
        changed,
        settlement: view(&totals),
        root: Some("cd".repeat(32)),
        names: Names::of(&registry),
        missing: Some(vec![gap(4, 4), gap(7, 9)]),
        positions: settlement.positions,
        waiting_packages: 5,
        reports: PathBuf::from("/data/vault/reports/2026-11-20"),
        checks: Vec::new(),
        stages: vec![
            StageTime { zh: "关闭窗口", en: "close", time: Duration::from_millis(12) },
            StageTime { zh: "结算", en: "settle", time: Duration::from_millis(1_239) },
        ],
    }
}

#[test]
fn the_summary_of_a_night() {
    insta::assert_snapshot!("night_en", night_text(&report(true), Lang::En));
    insta::assert_snapshot!("night_zh", night_text(&report(true), Lang::Zh));
}

#[test]
fn the_summary_that_is_kept_depends_on_the_window_alone() {
    let kept = night_text(&report(true).kept(), Lang::En);
    insta::assert_snapshot!("night_kept_en", kept);
    let mut elsewhere = report(false);
    elsewhere.missing = Some(Vec::new());
    elsewhere.waiting_packages = 0;
    elsewhere.reports = PathBuf::from("/mnt/reports/2026-11-20");
    elsewhere.stages.clear();
    assert_eq!(night_text(&elsewhere.kept(), Lang::En), kept);
}

#[test]
fn a_night_with_nothing_to_do_says_so_first() {
    let first = |lang| night_text(&report(false), lang).lines().next().unwrap().to_owned();
    assert_eq!(
        first(Lang::En),
        "window 2026-11-20 is finished already; nothing changed. 5 packages wait in the open window"
    );
    assert_eq!(first(Lang::Zh), "窗口 2026-11-20 已全部完成，未作更改；开放窗口中有 5 包待清算");
}

#[test]
fn the_settlement_result() {
    let totals = totals(&registry());
    let view = view(&totals);
    insta::assert_snapshot!("settlement_en", settlement_text(&view, Lang::En));
    insta::assert_snapshot!("settlement_json", serde_json::to_string_pretty(&view).unwrap());
    insta::assert_snapshot!("positions_zh", positions_text(&report(true).positions, Lang::Zh));
}

#[test]
fn the_statement_of_a_merchant() {
    let registry = registry();
    let totals = totals(&registry);
    let settlement = Settlement::of(date(), &totals.rated, &[], &Calendar::plain(), &[]).unwrap();
    let statements = Statements {
        date: date(),
        registry: &registry,
        totals: &totals,
        positions: &settlement.positions,
        proof: None,
    };
    let unpaid = DetailRow {
        merchant: "BUS00001".parse().unwrap(),
        collector: CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]),
        package_sequence: PackageSequence(3),
        row: 17,
        issuer: IssuerId([4; 8]),
        serial: Serial([0x31; 10]),
        tti: Tti::PURCHASE,
        offline_counter: 1,
        online_counter: 0,
        terminal: TerminalId([9; 6]),
        terminal_number: TerminalNumber(88),
        amount_fen: 200,
        list_price_fen: 200,
        balance_before_fen: 1_000,
        balance_after_fen: 800,
        date: BcdDate([0x20, 0x26, 0x11, 0x20]),
        time: BcdTime([0x08, 0x15, 0x30]),
        verdict: Verdict::Refused(Reason::TacMismatch),
        fee_fen: None,
    };
    let files: Vec<_> = statements.files(vec![unpaid]).collect::<Result<_, _>>().unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        ["statement-BUS00001.csv", "unpaid-BUS00001.csv", "statement-LOAD0001.csv", "unpaid-LOAD0001.csv"]
    );
    let text = |name: &str| {
        let file = files.iter().find(|file| file.name == name).unwrap();
        String::from_utf8(file.body.clone()).unwrap().replace("\r\n", "\n")
    };
    insta::assert_snapshot!("statement_bus", text("statement-BUS00001.csv"));
    insta::assert_snapshot!("unpaid_bus", text("unpaid-BUS00001.csv"));
    insta::assert_snapshot!("statement_load", text("statement-LOAD0001.csv"));
}

#[test]
fn a_merchant_that_left_the_registry_still_gets_its_files() {
    let registry = registry();
    let mut totals = totals(&registry);
    let gone = DispositionTallies { rejected: tally(3, 600), ..DispositionTallies::default() };
    totals.merchants.insert("GONE0001".parse().unwrap(), gone);
    let carried = Position {
        participant: Participant::Merchant("GONE0002".parse().unwrap()),
        ..report(true).positions[0].clone()
    };
    let statements =
        Statements { date: date(), registry: &registry, totals: &totals, positions: &[carried], proof: None };
    let files = statements.files(Vec::new());
    assert_eq!(files.len(), 8);
    let files: Vec<_> = files.map(Result::unwrap).collect();
    let text = |name: &str| {
        let file = files.iter().find(|file| file.name == name).unwrap();
        String::from_utf8(file.body.clone()).unwrap()
    };
    assert!(
        text("statement-GONE0001.csv")
            .contains("2026-11-20,GONE0001,,,,其中拒付,of which rejected,3,600,6.00,")
    );
    assert!(text("statement-GONE0002.csv").contains("carried in"));
}
