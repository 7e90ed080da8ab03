//! The run as one Timely dataflow.
//!
//! ```text
//! read ► check and verify ──exchange by card partition──► chain and rate ──to worker 0──► collect
//! ```
//! Packages are dealt to workers; every record meets the others of its card on one worker; what a partition's
//! files hold depends on the partition alone, so neither the number of workers nor the order of arrival shows.
//!
//! A fault stops the run: it is noted once, and every operator then only drains its input.
//!
//! Memory: a worker holds one package, and all records of its partitions as [`Row`]s of under 100 bytes until they
//! are judged, so a day of 20 million records takes about 2 GB over all workers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::{Exchange, Pipeline};
use timely::dataflow::operators::generic::operator::{Operator, source};
use timely::dataflow::{Scope, StreamVec};
use tongclear_mac::TacBatch;
use tongclear_package::PackageView;
use tongclear_store::cut;
use tongclear_types::{CardId, IssuerId, Serial, TransactionRecord, Verdict};

use super::check::Verifiable;
use super::continuity::{PackageSighting, Sightings};
use super::partition::{Judged, PartitionRun};
use super::row::Row;
use super::shared::Shared;
use crate::vault::package_path;
use crate::{EngineError, Stage};

// The arithmetic above holds only while a row is small.
const _: () = assert!(size_of::<Row>() < 100);

/// What came out of the dataflow: one result a partition, in order, what the packages showed of the devices, and when
/// the last package had been read.
pub(crate) struct Outcome {
    pub(crate) partitions: Vec<Judged>,
    pub(crate) sightings: Sightings,
    pub(crate) verified: Instant,
}

/// Runs the dataflow on `workers` threads and waits for it.
pub(crate) fn run(shared: &Shared, workers: usize) -> Result<Outcome, EngineError> {
    let results: Arc<Mutex<Vec<Judged>>> = Arc::default();
    // When the last worker had read its last package: the moment the first half ended.
    let verified: Arc<Mutex<Option<Instant>>> = Arc::default();
    let (worker_shared, worker_results, worker_verified) =
        (shared.clone(), Arc::clone(&results), Arc::clone(&verified));
    let guards = timely::execute(timely::Config::process(workers), move |worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let (shared, results, verified) =
            (worker_shared.clone(), Arc::clone(&worker_results), Arc::clone(&worker_verified));
        worker.dataflow::<u64, _, _>(|scope| {
            let opened = read(scope, shared.clone(), index, peers);
            let checked = check_and_verify(opened, shared.clone());
            let judged = chain_and_rate(checked, shared, index, peers, verified);
            judged.sink(Exchange::new(|_: &Judged| 0), "collect", move |(input, _frontier)| {
                input.for_each(|_capability, judged| {
                    results.lock().unwrap_or_else(PoisonError::into_inner).append(judged);
                });
            });
        });
    })
    .map_err(|error| EngineError::Internal(format!("dataflow: {error}")))?;
    for joined in guards.join() {
        joined.map_err(|error| EngineError::Internal(format!("dataflow worker: {error}")))?;
    }
    if let Some(fault) = shared.take_fault() {
        return Err(fault);
    }
    let mut partitions = std::mem::take(&mut *results.lock().unwrap_or_else(PoisonError::into_inner));
    partitions.sort_unstable_by_key(|judged| judged.partition);
    let verified = verified.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(Instant::now);
    Ok(Outcome { partitions, sightings: shared.take_sightings(), verified })
}

/// A package on its way from the vault to the checks.
struct Opened {
    /// Index into the run's packages.
    index: u32,
    bytes: Bytes,
}

/// Reads this worker's share of the packages, one an activation, so that little is in memory at once.
fn read<'scope>(
    scope: Scope<'scope, u64>,
    shared: Shared,
    index: usize,
    peers: usize,
) -> StreamVec<'scope, u64, Opened> {
    let mut mine = (0_u32..).take(shared.inputs.packages.len()).skip(index).step_by(peers);
    source::<_, CapacityContainerBuilder<Vec<Opened>>, _, _>(scope, "read", move |capability, info| {
        let activator = scope.activator_for(info.address);
        let mut capability = Some(capability);
        move |output| {
            let Some(held) = &capability else { return };
            match mine.next().filter(|_| !shared.is_faulty()) {
                None => capability = None,
                Some(index) => {
                    let package = &shared.inputs.packages[index as usize];
                    let path = package_path(package.merchant, package.key);
                    let read = || shared.runtime.block_on(shared.vault.get_verified(&path, &package.digest));
                    if let Some(bytes) = shared.attempt(read) {
                        cut::pass("clear.package_read");
                        output.session(held).give(Opened { index, bytes });
                    }
                    activator.activate();
                }
            }
        }
    })
}

/// Checks 1 to 12 on every record of a package, the TACs of the whole package in one batch.
fn check_and_verify<'scope>(
    opened: StreamVec<'scope, u64, Opened>,
    shared: Shared,
) -> StreamVec<'scope, u64, Row> {
    opened.unary::<CapacityContainerBuilder<Vec<Row>>, _, _, _>(Pipeline, "check and verify", move |_, _| {
        let mut bench = Bench::default();
        move |input, output| {
            input.for_each(|capability, packages| {
                let mut session = output.session(&capability);
                for Opened { index, bytes } in packages.drain(..) {
                    if shared.attempt(|| bench.judge(&shared, index, &bytes)).is_some() {
                        cut::pass("clear.package_judged");
                        session.give_iterator(bench.rows.drain(..));
                    }
                }
            });
        }
    })
}

/// Buffers that live as long as the worker.
#[derive(Default)]
struct Bench {
    batch: TacBatch,
    right: Vec<bool>,
    /// Records that wait for their TAC's verdict.
    waiting: Vec<Waiting>,
    rows: Vec<Row>,
}

/// A record that has passed checks 1 to 7.
struct Waiting {
    row: u32,
    record: TransactionRecord,
    verifiable: Verifiable,
    /// Where the batch will say whether the TAC is right.
    tac: usize,
}

impl Bench {
    /// Puts the rows of a package, each with its verdict so far, into `rows`.
    fn judge(&mut self, shared: &Shared, package: u32, bytes: &[u8]) -> Result<(), EngineError> {
        let inputs = &shared.inputs;
        let source = &inputs.packages[package as usize];
        let merchant = source.merchant;
        let view = PackageView::reopen(bytes).map_err(|refusal| EngineError::Damaged {
            path: package_path(merchant, source.key).to_string(),
            reason: refusal.to_string(),
        })?;
        self.batch.clear();
        self.waiting.clear();
        self.rows.clear();
        for (row, record) in (0_u32..).zip(view.records()) {
            match inputs.check_before_tac(merchant, &record) {
                Ok(verifiable) => {
                    let tac = self.batch.push(verifiable.key, &record);
                    let tac = tac.expect("check 1 lets only types that can be cleared pass");
                    self.waiting.push(Waiting { row, record, verifiable, tac });
                }
                Err(failed) => {
                    let verdict = Verdict::Refused(failed.reason);
                    self.rows.push(Row::new(package, row, &record, verdict, failed.bearings));
                }
            }
        }
        inputs.verifier.verify(&self.batch, &mut self.right);
        for Waiting { row, record, verifiable, tac } in &self.waiting {
            let (verdict, bearings) =
                inputs.rules().check_after_tac(merchant, record, verifiable.dated, self.right[*tac]);
            self.rows.push(Row::new(package, *row, record, verdict, bearings));
        }
        shared.note_sighting(PackageSighting::of(package, &self.rows, inputs.date));
        shared.progress.advance(Stage::Verify, self.rows.len() as u64);
        Ok(())
    }
}

/// Gathers the rows of this worker's partitions, and once all have come, judges one partition after another.
fn chain_and_rate<'scope>(
    checked: StreamVec<'scope, u64, Row>,
    shared: Shared,
    index: usize,
    peers: usize,
    verified: Arc<Mutex<Option<Instant>>>,
) -> StreamVec<'scope, u64, Judged> {
    let partitions = shared.inputs.partitions();
    let by_partition = Exchange::new(move |row: &Row| u64::from(partition_of(&row.card(), partitions)));
    checked.unary_frontier::<CapacityContainerBuilder<Vec<Judged>>, _, _, _>(
        by_partition,
        "chain and rate",
        move |capability, _info| {
            let mut capability = Some(capability);
            let mut gathered: Vec<Vec<Row>> = vec![Vec::new(); usize::from(partitions)];
            let mut mine = (0..partitions).skip(index).step_by(peers);
            move |(input, frontier), output| {
                input.for_each(|_capability, rows| {
                    for row in rows.drain(..) {
                        gathered[usize::from(partition_of(&row.card(), partitions))].push(row);
                    }
                });
                if !frontier.frontier().is_empty() {
                    return;
                }
                let Some(held) = capability.take() else { return };
                *verified.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                for partition in mine.by_ref() {
                    if shared.is_faulty() {
                        break;
                    }
                    let rows = std::mem::take(&mut gathered[usize::from(partition)]);
                    let run = PartitionRun { shared: &shared, partition };
                    if let Some(judged) = shared.attempt(|| run.judge(rows)) {
                        cut::pass("clear.partition_judged");
                        output.session(&held).give(judged);
                    }
                    shared.progress.advance(Stage::Chain, 1);
                }
            }
        },
    )
}

/// The partition of a card among `partitions`, a power of two: FNV-1a over issuer id and serial, mixed once more so
/// that neighbouring serials spread (`docs/digest.md`).
///
/// The function is part of what makes a deployment's files and digests; it never changes.
pub(crate) fn partition_of(card: &CardId, partitions: u16) -> u16 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let CardId { issuer: IssuerId(issuer), serial: Serial(serial) } = card;
    let hash = issuer
        .iter()
        .chain(serial)
        .fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME));
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let partition = (mixed >> 32) % u64::from(partitions);
    u16::try_from(partition).expect("below a u16")
}
