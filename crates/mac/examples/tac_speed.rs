//! How many TACs a second on one core: the plain path and the bulk verifier with each instruction set that this
//! machine has, turn by turn in one process, so that all of them meet the same clock and the same neighbours.
//!
//! `cargo run --release -p tongclear-mac --example tac_speed [-- NAME [TURNS]]`: only the rows whose name contains NAME.
//! Each figure is the median of its turns. *Plain* verifies record by record, the issuer level kept or derived each
//! time; *bulk* is `TacBatch::push` and `BulkVerifier::verify` together, from `TransactionRecord`s to verdicts.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tongclear_mac::{
    Algorithm, BulkVerifier, InstructionSet, KeyLevels, KeySlot, MasterKey, SealAlgorithm, SealMaster,
    TacBatch, tac, verify_tac,
};
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, IssuerId, RecordFlags, Serial, TerminalId, TerminalNumber,
    TransactionRecord, Tti,
};

/// A busy collector's package: the engine verifies one at a time, and its records lie in the cache.
const RECORDS: u32 = 4_096;
/// Records of a small package: its last row is mostly idle lanes.
const FEW: usize = 600;
/// The plain path is that much slower: it gets fewer records.
const PLAIN: usize = 2_000;
const TURNS: usize = 101;
const ISSUER: IssuerId = IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]);
const SEALED_BYTES: usize = 1 << 20;

/// One figure: what is done a turn, how many units of it, and how long the turns took.
struct Row<'a> {
    name: String,
    units: usize,
    work: Box<dyn FnMut() + 'a>,
    turns: Vec<Duration>,
}

impl<'a> Row<'a> {
    fn new(name: String, units: usize, work: impl FnMut() + 'a) -> Self {
        Self { name, units, work: Box::new(work), turns: Vec::new() }
    }

    /// Units a second in the median turn.
    fn rate(&self) -> u128 {
        let mut turns = self.turns.clone();
        turns.sort();
        let nanoseconds = turns.get(turns.len() / 2).map_or(1, Duration::as_nanos).max(1);
        u128::try_from(self.units).unwrap_or_default() * 1_000_000_000 / nanoseconds
    }
}

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let turns = std::env::args().nth(2).and_then(|turns| turns.parse().ok()).unwrap_or(TURNS);
    println!("best instruction set here: {}; medians of {turns} turns", InstructionSet::detect());
    for algorithm in [Algorithm::Des, Algorithm::Sm4] {
        let master = MasterKey::new(algorithm, *b"sixteen byte key");
        let issuer_level = master.diversify(ISSUER.0);
        let records: Vec<TransactionRecord> = (0..RECORDS).map(|i| record(i, algorithm, &master)).collect();
        let mut rows = vec![
            plain(format!("{algorithm} plain, issuer level kept"), &records, &issuer_level, KeyLevels::One),
            plain(format!("{algorithm} plain, both levels"), &records, &master, KeyLevels::Two),
        ];
        for set in InstructionSet::available() {
            let name = format!("{algorithm} {set}");
            let few = &records[..FEW];
            rows.push(bulk(format!("{name}, one master"), set, &records, [&issuer_level; 1]));
            rows.push(bulk(format!("{name}, two mixed"), set, &records, [&issuer_level, &issuer_level]));
            rows.push(bulk(format!("{name}, {FEW} records"), set, few, [&issuer_level; 1]));
            rows.push(verify(format!("{name}, verify alone"), set, &records, &issuer_level));
        }
        rows.push(push(format!("{algorithm} push alone"), &records, &issuer_level));
        rows.push(push(format!("{algorithm} push alone, {FEW} records"), &records[..FEW], &issuer_level));
        measure(&mut rows, &wanted, turns);
        let Some([kept, both]) = rows.get(..2).map(|plain| [plain[0].rate(), plain[1].rate()]) else {
            continue;
        };
        for row in rows.iter().filter(|row| !row.turns.is_empty()) {
            let rate = row.rate();
            let times = |plain: u128| format!("{}.{}", rate / plain.max(1), rate * 10 / plain.max(1) % 10);
            let (kept, both) = (times(kept), times(both));
            println!("{:<34} {rate:>10} records/s  {kept:>6} x kept  {both:>6} x both", row.name);
        }
    }
    seals(&wanted, turns);
}

/// Seals of packages of a mebibyte.
fn seals(wanted: &str, turns: usize) {
    let bytes = vec![0x5a; SEALED_BYTES];
    let mut rows: Vec<Row<'_>> = [SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3]
        .into_iter()
        .map(|algorithm| {
            let key = SealMaster::new(algorithm, [7; 32]).seal_key(CollectorId(*b"COLL01"));
            let bytes = &bytes;
            Row::new(format!("seal {algorithm}"), bytes.len(), move || {
                black_box(key.seal(bytes));
            })
        })
        .collect();
    measure(&mut rows, wanted, turns);
    for row in rows.iter().filter(|row| !row.turns.is_empty()) {
        println!("{:<34} {:>10} MB/s", row.name, row.rate() / 1_000_000);
    }
}

/// Takes turns among the rows whose name contains `wanted`.
fn measure(rows: &mut [Row<'_>], wanted: &str, turns: usize) {
    for _ in 0..turns {
        for row in rows.iter_mut().filter(|row| row.name.contains(wanted)) {
            let start = Instant::now();
            (row.work)();
            row.turns.push(start.elapsed());
        }
    }
}

fn plain<'a>(
    name: String,
    records: &'a [TransactionRecord],
    master: &MasterKey,
    levels: KeyLevels,
) -> Row<'a> {
    let (master, records) = (master.clone(), &records[..PLAIN]);
    Row::new(name, PLAIN, move || {
        let right = records
            .iter()
            .filter(|record| verify_tac(&master.for_card(levels, &record.card()), record) == Some(true));
        assert_eq!(right.count(), PLAIN);
    })
}

fn bulk<'a, const N: usize>(
    name: String,
    set: InstructionSet,
    records: &'a [TransactionRecord],
    masters: [&MasterKey; N],
) -> Row<'a> {
    let (verifier, slots) = verifier(set, masters);
    let (mut batch, mut verdicts) = (TacBatch::with_capacity(records.len()), Vec::new());
    Row::new(name, records.len(), move || {
        fill(&mut batch, records, &slots);
        verifier.verify(&batch, &mut verdicts);
        assert!(verdicts.iter().all(|right| *right));
    })
}

fn verify<'a>(
    name: String,
    set: InstructionSet,
    records: &'a [TransactionRecord],
    master: &MasterKey,
) -> Row<'a> {
    let (verifier, slots) = verifier(set, [master]);
    let (mut batch, mut verdicts) = (TacBatch::default(), Vec::new());
    fill(&mut batch, records, &slots);
    Row::new(name, records.len(), move || {
        verifier.verify(&batch, &mut verdicts);
        assert!(verdicts.iter().all(|right| *right));
    })
}

fn push<'a>(name: String, records: &'a [TransactionRecord], master: &MasterKey) -> Row<'a> {
    let (_, slots) = verifier(InstructionSet::Portable, [master]);
    let mut batch = TacBatch::with_capacity(records.len());
    Row::new(name, records.len(), move || {
        fill(&mut batch, records, &slots);
        assert_eq!(black_box(&batch).len(), records.len());
    })
}

fn verifier<const N: usize>(set: InstructionSet, masters: [&MasterKey; N]) -> (BulkVerifier, [KeySlot; N]) {
    let verifier = BulkVerifier::new().with_instruction_set(set);
    let mut verifier = verifier.expect("the set is one of those that this machine has");
    let slots = masters.map(|master| verifier.add_key(master));
    (verifier, slots)
}

fn fill<const N: usize>(batch: &mut TacBatch, records: &[TransactionRecord], slots: &[KeySlot; N]) {
    batch.clear();
    for (i, record) in records.iter().enumerate() {
        batch.push(slots[i % N], record);
    }
}

fn record(i: u32, algorithm: Algorithm, master: &MasterKey) -> TransactionRecord {
    let mut serial = [0x31; 10];
    serial[6..].copy_from_slice(&i.wrapping_mul(2_654_435_761).to_be_bytes());
    let mut record = TransactionRecord {
        amount_fen: 200 + i % 7,
        tti: Tti::PURCHASE,
        terminal: TerminalId([0x65, 0x10, 0, 0, 0, 1]),
        terminal_number: TerminalNumber(i),
        date: BcdDate([0x20, 0x26, 0x11, 0x22]),
        time: BcdTime([0x08, 0x15, 0x30]),
        tac: [0; 4],
        key_version: 1,
        algorithm: if algorithm == Algorithm::Sm4 { 4 } else { 0 },
        issuer: ISSUER,
        serial: Serial(serial),
        offline_counter: 1,
        online_counter: 0,
        balance_before_fen: 10_000,
        balance_after_fen: 9_800,
        list_price_fen: 200,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 1,
        card_random: [0; 4],
        sector_data: [0; 24],
    };
    let key = master.for_card(KeyLevels::Two, &record.card());
    record.tac = tac(&key, &record).unwrap_or_default();
    record
}
