//! The rules applied once more agree with what a run stored, and say so when they do not.

use tongclear_mac::{CardKeyId, KeyFile, KeyUse, tac};
use tongclear_store::{Digest, RegistryVersion, WindowRow, WindowSnapshot, WindowState};
use tongclear_types::{
    BcdDate, BcdTime, Flag, Flags, PackageSequence, RecordFlags, Serial, TerminalNumber, Tti, UnixMillis,
};

use super::*;

const REGISTRY: &str = r#"
[centre]
code = "CDT"
[[operator]]
code = "0417"
issuer_id = "04176510FFFFFFFF"
name = "天府通"
two_level_keys = true
[[merchant]]
code = "BUS00001"
sector = "bus"
name = "成都公交"
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
amount_limit_fen = 1000
cycle = "T+1"
"#;
const TERMINALS: &[u8] =
    b"id,merchant,collector,from,until\n651000000001,BUS00001,6510000000f1,2026-01-01,\n";
const KEYS: &str = r#"
[[tac]]
operator = "0417"
version = 1
algorithm = "des"
master = "00112233445566778899aabbccddeeff"
"#;

fn ring() -> KeyRing {
    let mut ring = KeyRing::empty();
    ring.merge(KeyFile::parse(KEYS).unwrap()).unwrap();
    ring
}

/// A ride of 2 yuan with the right TAC, on the day after counter 16 was accepted.
fn ride() -> TransactionRecord {
    let mut record = TransactionRecord {
        amount_fen: 200,
        tti: Tti::PURCHASE,
        terminal: "651000000001".parse().unwrap(),
        terminal_number: TerminalNumber(45),
        date: BcdDate([0x20, 0x26, 0x11, 0x24]),
        time: BcdTime([0x08, 0x15, 0x30]),
        tac: [0; 4],
        key_version: 1,
        algorithm: 0,
        issuer: "04176510ffffffff".parse().unwrap(),
        serial: Serial([0x31; 10]),
        offline_counter: 17,
        online_counter: 3,
        balance_before_fen: 1_000,
        balance_after_fen: 800,
        list_price_fen: 200,
        sector: 0,
        flags: RecordFlags(0),
        deny_list_version: 0,
        card_random: [0; 4],
        sector_data: [0; 24],
    };
    let ring = ring();
    let id = CardKeyId {
        key_use: KeyUse::Tac,
        operator: "0417".parse().unwrap(),
        version: 1,
        algorithm: Algorithm::Des,
    };
    let key = ring.master(&id).unwrap().for_card(KeyLevels::Two, &record.card());
    record.tac = tac(&key, &record).unwrap();
    record
}

fn case(record: TransactionRecord, verdict: Verdict, fee: Option<i64>) -> Case {
    let registry = Registry::parse(REGISTRY, TERMINALS).unwrap();
    let snapshot = WindowSnapshot {
        date: "2026-11-24".parse().unwrap(),
        registry: RegistryVersion(1),
        keys: tongclear_store::KeyGeneration(1),
        deny_lists: None,
        closed_at: UnixMillis(0),
    };
    let row = WindowRow {
        id: WindowId(2),
        state: WindowState::Cleared,
        snapshot: Some(snapshot),
        packages: 1,
        transactions: 1,
        amount: Fen::from(200),
    };
    let package = PackageRow {
        key: PackageKey { collector: "6510000000f1".parse().unwrap(), sequence: PackageSequence(3) },
        merchant: "BUS00001".parse().unwrap(),
        window: row.id,
        digest: Digest([0; 32]),
        seal: [0; 32],
        previous_seal: [0; 8],
        records: 1,
        amount: Fen::from(200),
        received_at: UnixMillis(0),
    };
    let fee = fee.map(|fen| Fen::new(fen).unwrap());
    let (merchant, PackageKey { collector, sequence }) = (package.merchant, package.key);
    let stored = DetailRow::from_record(merchant, collector, sequence, 0, &record, verdict, fee);
    Case {
        window: ClosedWindow { row, snapshot },
        registry: Arc::new(registry),
        card: record.card(),
        chain: Chain::Purchase,
        packages: vec![package],
        members: vec![Member { package: 0, record, stored }],
        target: 0,
        prior: Some(ChainState {
            highest: 16,
            below: 0xff,
            last_balance_fen: 1_000,
            last_date: BcdDate([0x20, 0x26, 0x11, 0x23]),
            last_time: BcdTime([0; 3]),
            other_counter: 3,
        }),
        terminals: vec![record.terminal],
        numbers: vec![NumberRanges::default()],
        suspended: Vec::new(),
        deny_books: HashMap::new(),
    }
}

const ACCEPTED: Verdict = Verdict::Accepted(Flags::NONE);

#[test]
fn what_is_stored_is_held_against_the_rules() {
    type Twist = fn(&mut TransactionRecord);
    let untouched: Twist = |_| {};
    // The TAC does not cover balances; it does cover the amount.
    let wrong_balance: Twist = |record| record.balance_after_fen = 801;
    let wrong_tac: Twist = |record| record.amount_fen += 1;
    let gap: Twist = |record| record.offline_counter = 20;
    let refused = Verdict::Refused;
    let flagged = |flag| Verdict::Accepted(Flags::NONE.with(flag));
    #[rustfmt::skip]
    let table = [
        // the record, what is stored of it, its fee, the key ring at hand; whether both agree, who decided
        (untouched, ACCEPTED, Some(1), false, true, ("13", Some(8))),
        (untouched, ACCEPTED, Some(1), true, true, ("13", Some(8))),
        (untouched, ACCEPTED, Some(2), false, false, ("13", Some(8))),
        (untouched, ACCEPTED, None, false, false, ("13", Some(8))),
        (untouched, flagged(Flag::Late), Some(1), false, false, ("13", Some(8))),
        (untouched, Verdict::Duplicate, None, false, false, ("13", Some(8))),
        (untouched, refused(Reason::CounterConflict), None, false, false, ("13", Some(8))),
        (gap, flagged(Flag::CounterGap), Some(1), true, true, ("13", Some(8))),
        (gap, ACCEPTED, Some(1), true, false, ("13", Some(8))),
        (wrong_balance, refused(Reason::BalanceArithmetic), None, true, true, ("9", None)),
        (wrong_balance, ACCEPTED, Some(1), false, false, ("9", None)),
        (wrong_tac, refused(Reason::TacMismatch), None, false, true, ("8", None)),
        (wrong_tac, refused(Reason::TacMismatch), None, true, true, ("8", None)),
        // Without the key ring the run is believed about keys and TACs, and about nothing else.
        (wrong_tac, refused(Reason::BalanceArithmetic), None, true, false, ("8", None)),
        (untouched, refused(Reason::TacMismatch), None, false, true, ("8", None)),
        (untouched, refused(Reason::TacMismatch), None, true, false, ("13", Some(8))),
        (untouched, refused(Reason::KeyUnavailable), None, false, true, ("7", None)),
        (untouched, refused(Reason::KeyUnavailable), None, true, false, ("13", Some(8))),
    ];
    let ring = ring();
    for (number, (twist, verdict, fee, opened, agree, by)) in table.into_iter().enumerate() {
        let mut record = ride();
        twist(&mut record);
        let case = case(record, verdict, fee);
        let judged = case.judged(opened.then_some(&ring)).unwrap();
        let (stored, rederived) = case.findings(&judged);
        assert_eq!(stored == rederived, agree, "{number}: {stored:?} {rederived:?}");
        assert_eq!(decided(&judged), by, "{number}");
    }
}

#[test]
fn a_record_suspended_earlier_makes_a_duplicate_whose_key_is_not_known() {
    let record = ride();
    let mut case = case(record, Verdict::Duplicate, None);
    let item = SuspendedItem {
        package: PackageKey { sequence: PackageSequence(1), ..case.packages[0].key },
        row: 9,
        merchant: case.packages[0].merchant,
        operator: "0417".parse().unwrap(),
        card: record.card(),
        chain: Chain::Purchase,
        counter: 17,
        terminal: record.terminal,
        terminal_number: record.terminal_number,
        amount_fen: record.amount_fen,
        date: record.date,
        time: record.time,
        tac: record.tac,
        reason: Reason::NoContract,
    };
    case.suspended.push((WindowId(1), item));
    let judged = case.judged(None).unwrap();
    let (stored, rederived) = case.findings(&judged);
    assert_eq!((stored == rederived, decided(&judged)), (true, ("13", Some(1))));
    assert_eq!(judged.source, Source::NotKnown);
    let index = HashMap::from_iter([(record.terminal, 0)]);
    let checks = checks::walk(&case.rules(&index), item.merchant, &record, judged.alone, judged.source);
    let unknown = checks.iter().filter(|it| it.outcome == tongclear_life::Outcome::NotKnown);
    assert_eq!(unknown.map(|it| it.number).collect::<Vec<_>>(), ["7", "8"]);
}
