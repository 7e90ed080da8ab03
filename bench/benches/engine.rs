//! The kernels of the engine: exchange, chains, rating, detail as Parquet, and the join of reconciliation.
//!
//! `cargo bench --manifest-path bench/Cargo.toml --features engine --bench engine`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tongclear_engine::kernels::Day;
use tongclear_ledger::Contract;

/// Records of a card partition in a day of 20 million.
const RECORDS: u32 = 312_500;

const CONTRACT: &str = r#"{"merchant": "BUS00001", "from": "2026-01-01", "rate": "0.006", "fixed_fen": "0",
    "level": "transaction", "rounding": "half_up", "amount_limit": 100000, "cycle": "T+1"}"#;

fn kernels(criterion: &mut Criterion) {
    let day = Day::new(RECORDS);
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(RECORDS.into())).sample_size(20);
    for workers in [1, 2] {
        group.bench_function(format!("exchange, {workers} workers"), |bencher| {
            bencher.iter(|| assert_eq!(day.exchange(workers), u64::from(RECORDS)));
        });
    }
    group.bench_function("sort and judge chains", |bencher| {
        let judged = |bundles: tongclear_engine::kernels::Bundles| {
            assert_eq!(bundles.chains(), u64::from(RECORDS));
        };
        bencher.iter_batched(|| day.bundles(), judged, BatchSize::LargeInput);
    });
    let contract: Contract = serde_json::from_str(CONTRACT).expect("a contract");
    group.bench_function("rate", |bencher| bencher.iter(|| day.rate(&contract).expect("fees of a few fen")));
    group.bench_function("detail as Parquet", |bencher| bencher.iter(|| day.write().expect("in memory")));
    group.bench_function("reconcile join", |bencher| {
        let join = |sides: tongclear_engine::kernels::Sides| assert_eq!(sides.join(), RECORDS as usize);
        bencher.iter_batched(|| day.sides(), join, BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);
