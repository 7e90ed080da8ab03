//! How many TACs a second, one core: the plain path and the bulk verifier, turn by turn.
//!
//! `cargo run --release -p tongclear-mac --example tac_speed`

use std::hint::black_box;
use std::time::{Duration, Instant};

use tongclear_mac::{Algorithm, BulkVerifier, CardKey, KeyLevels, MasterKey, TacBatch, tac, verify_tac};
use tongclear_types::{
    BcdDate, BcdTime, IssuerId, RecordFlags, Serial, TerminalId, TerminalNumber, TransactionRecord, Tti,
};

const RECORDS: u32 = 20_000;
const TURNS: usize = 15;
const ISSUER: IssuerId = IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]);

fn main() {
    let master = MasterKey::new(Algorithm::Des, *b"sixteen byte key");
    let issuer_level = master.diversify(ISSUER.0);
    let records: Vec<TransactionRecord> = (0..RECORDS).map(|i| record(i, &master)).collect();

    let mut verifier = BulkVerifier::new();
    let slot = verifier.add_key(&issuer_level);
    let other = verifier.add_key(&issuer_level.clone());
    let mut batch = TacBatch::with_capacity(records.len());
    let mut verdicts = Vec::new();
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..TURNS {
        times[0].push(timed(|| count(&records, |record| master.for_card(KeyLevels::Two, &record.card()))));
        times[1]
            .push(timed(|| count(&records, |record| issuer_level.for_card(KeyLevels::One, &record.card()))));
        for (place, slots) in [(2, [slot, slot]), (3, [slot, other])] {
            times[place].push(timed(|| {
                batch.clear();
                for (i, record) in records.iter().enumerate() {
                    batch.push(slots[i % 2], record);
                }
                verifier.verify(&batch, &mut verdicts);
                verdicts.iter().filter(|right| **right).count()
            }));
        }
    }
    let [plain_two, plain_one, uniform, mixed] = times.map(|mut times| {
        times.sort();
        u128::from(RECORDS) * 1_000_000_000 / times[TURNS / 2].as_nanos().max(1)
    });
    println!("plain, both levels each time   {plain_two:>9} records/s");
    println!("plain, issuer level kept       {plain_one:>9} records/s");
    println!("bulk, one master               {uniform:>9} records/s");
    println!("bulk, two masters mixed        {mixed:>9} records/s");
    let ratio = |fast: u128, slow: u128| format!("{}.{}", fast / slow, fast * 10 / slow % 10);
    println!("bulk / plain, issuer level kept  {}", ratio(uniform, plain_one));
    println!("bulk / plain, both levels        {}", ratio(uniform, plain_two));
}

/// Runs `work`, which must find every TAC right.
fn timed(work: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    assert_eq!(black_box(work()), usize::try_from(RECORDS).unwrap_or_default());
    start.elapsed()
}

fn count(records: &[TransactionRecord], key: impl Fn(&TransactionRecord) -> CardKey) -> usize {
    records.iter().filter(|record| verify_tac(&key(record), record) == Some(true)).count()
}

fn record(i: u32, master: &MasterKey) -> TransactionRecord {
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
        algorithm: 0,
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
