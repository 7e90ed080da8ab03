//! The kernels of a night, one at a time: TACs plain and in bulk, records decoded, packages admitted.
//!
//! `cargo bench --manifest-path bench/Cargo.toml`; figures of one machine are kept in `bench/RESULTS.md`.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tongclear_mac::{
    Algorithm, BulkVerifier, InstructionSet, KeyLevels, MasterKey, SealAlgorithm, SealMaster, TacBatch, tac,
};
use tongclear_package::{Door, PackageHeaderFields, PackageView, admit, write_package};
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, IssuerId, MerchantCode, PackageSequence, RecordFlags, Serial, TerminalId,
    TerminalNumber, TransactionRecord, Tti,
};

/// Records of a package: a depot's busy hour.
const RECORDS: u32 = 4_096;

fn master(algorithm: Algorithm) -> MasterKey {
    MasterKey::new(algorithm, *b"benchmark master")
}

/// Purchases of as many cards, every TAC right.
fn records(algorithm: Algorithm) -> Vec<TransactionRecord> {
    let issuer = master(algorithm).diversify(ISSUER.0);
    (0..RECORDS)
        .map(|i| {
            let mut serial = [0x31; 10];
            serial[6..].copy_from_slice(&i.wrapping_mul(2_654_435_761).to_be_bytes());
            let mut record = TransactionRecord {
                amount_fen: 200 + i % 7 * 50,
                tti: Tti::PURCHASE,
                terminal: TerminalId([0x65, 0x10, 0, 0, 0, 1]),
                terminal_number: TerminalNumber(i),
                date: BcdDate([0x20, 0x26, 0x11, 0x24]),
                time: BcdTime([0x08, 0x15, 0x30]),
                tac: [0; 4],
                key_version: 1,
                algorithm: if algorithm == Algorithm::Sm4 { 4 } else { 1 },
                issuer: ISSUER,
                serial: Serial(serial),
                offline_counter: 7,
                online_counter: 1,
                balance_before_fen: 10_000,
                balance_after_fen: 9_800,
                list_price_fen: 200,
                sector: 1,
                flags: RecordFlags::default(),
                deny_list_version: 1,
                card_random: [0; 4],
                sector_data: [0; 24],
            };
            let key = issuer.for_card(KeyLevels::One, &record.card());
            record.tac = tac(&key, &record).unwrap_or_default();
            record
        })
        .collect()
}

const ISSUER: IssuerId = IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]);

fn tacs(criterion: &mut Criterion) {
    for algorithm in [Algorithm::Des, Algorithm::Sm4] {
        let records = records(algorithm);
        let issuer = master(algorithm).diversify(ISSUER.0);
        let mut group = criterion.benchmark_group(format!("tac {}", algorithm.name()));
        group.throughput(Throughput::Elements(RECORDS.into()));
        group.bench_function("plain", |bencher| {
            bencher.iter(|| {
                let right = records.iter().filter(|record| {
                    tac(&issuer.for_card(KeyLevels::One, &record.card()), record) == Some(record.tac)
                });
                assert_eq!(right.count(), records.len());
            });
        });
        for set in InstructionSet::available() {
            let verifier = BulkVerifier::new().with_instruction_set(set);
            let mut verifier = verifier.expect("the machine has it");
            let slot = verifier.add_key(&issuer);
            group.bench_function(format!("bulk, {set}"), |bencher| {
                let (mut batch, mut right) = (TacBatch::with_capacity(records.len()), Vec::new());
                bencher.iter(|| {
                    batch.clear();
                    for record in &records {
                        batch.push(slot, record);
                    }
                    verifier.verify(&batch, &mut right);
                    assert!(right.iter().all(|right| *right));
                });
            });
        }
        group.finish();
    }
}

struct OneCollector(SealMaster);

impl Door for OneCollector {
    fn merchant_of(&self, _: CollectorId) -> Option<MerchantCode> {
        MerchantCode::from_bytes(*b"BUS00001")
    }
    fn seal_master(&self, _: u32) -> Option<&SealMaster> {
        Some(&self.0)
    }
}

fn packages(criterion: &mut Criterion) {
    for algorithm in [SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3] {
        let door = OneCollector(SealMaster::new(algorithm, [9; 32]));
        let fields = PackageHeaderFields {
            merchant: MerchantCode::from_bytes(*b"BUS00001").expect("the form of a code"),
            collector: CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]),
            sequence: PackageSequence(1),
            created_at_unix_s: 1_700_000_000,
            seal_key_version: 1,
            previous_seal: [0; 8],
        };
        let bytes = write_package(&fields, &records(Algorithm::Des), &door.0);
        let mut group = criterion.benchmark_group(format!("package {}", algorithm.name()));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("admit", |bencher| bencher.iter(|| admit(black_box(&bytes), &door).is_ok()));
        group.bench_function("decode", |bencher| {
            bencher.iter_batched(
                || PackageView::reopen(&bytes).expect("admitted before"),
                |view| view.records().map(|record| u64::from(record.amount_fen)).sum::<u64>(),
                BatchSize::SmallInput,
            );
        });
        group.finish();
    }
}

criterion_group!(kernels, tacs, packages);
criterion_main!(kernels);
