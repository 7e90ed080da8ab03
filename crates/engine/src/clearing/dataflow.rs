//! The run as one Timely dataflow.
//!
//! ```text
//! read, check and verify ──exchange by card partition──► chain and rate ──to worker 0──► collect
//! ```
//! Workers take package after package; every record meets the others of its card on one worker; what a partition's
//! files hold depends on the partition alone, so neither the number of workers nor the order of arrival shows.
//!
//! A fault stops the run: it is noted once, and every operator then only drains its input.
//!
//! Memory: a worker holds one package, and all records of its partitions as [`Row`]s of 84 bytes until they are judged,
//! which is 1.7 GB over all workers for a day of 20 million records. A run that may not use as much goes through the
//! packages several times ([`Passes`]), each time for some of the partitions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::{Operator, source};
use timely::dataflow::{Scope, StreamVec};
use tongclear_mac::TacBatch;
use tongclear_package::{PackageView, decode_record};
use tongclear_store::cut;
use tongclear_types::Verdict;

use super::WORKERS_MAX;
use super::bundle::{Bundle, Bundles};
use super::check::{Failed, Verifiable};
use super::continuity::{PackageSighting, Sightings};
use super::counts::{AcceptedNumbers, Counts};
use super::order::partition_of;
use super::partition::{Judged, PartitionRun};
use super::passes::{Dealer, Effort, Pass};
use super::recent::Recent;
use super::row::Row;
use super::shared::Shared;
use crate::vault::package_path;
use crate::{EngineError, Stage};

// The arithmetic above holds only while a row is small.
const _: () = assert!(size_of::<Row>() == 84);

/// What came out of the dataflow: one result a partition, in order, what was counted over all, what the packages showed of the
/// devices, and how long reading and checking took over all passes.
pub(crate) struct Outcome {
    pub(crate) partitions: Vec<Judged>,
    pub(crate) counts: Counts,
    pub(crate) sightings: Sightings,
    pub(crate) verifying: Duration,
}

/// Runs the dataflow with `effort`, in as many passes as that takes, and waits for it.
pub(crate) fn run(shared: &Shared, effort: Effort) -> Result<Outcome, EngineError> {
    let results: Arc<Mutex<Vec<Judged>>> = Arc::default();
    // When the last worker had read its last package: the moment the first half of a pass ended.
    let verified: Arc<Mutex<Option<Instant>>> = Arc::default();
    let workers = effort.workers.clamp(1, WORKERS_MAX);
    let mut verifying = Duration::ZERO;
    for pass in Pass::plan(effort, shared.inputs.records(), shared.inputs.partitions()) {
        let started = Instant::now();
        run_pass(shared, workers, &pass, &results, &verified)?;
        let verified = verified.lock().unwrap_or_else(PoisonError::into_inner).take();
        verifying += verified.map_or(started.elapsed(), |verified| verified.duration_since(started));
    }
    let mut partitions = std::mem::take(&mut *results.lock().unwrap_or_else(PoisonError::into_inner));
    partitions.sort_unstable_by_key(|judged| judged.partition);
    let (counts, sightings) = (shared.take_counts(), shared.take_sightings());
    Ok(Outcome { partitions, counts, sightings, verifying })
}

fn run_pass(
    shared: &Shared,
    workers: usize,
    pass: &Pass,
    results: &Arc<Mutex<Vec<Judged>>>,
    verified: &Arc<Mutex<Option<Instant>>>,
) -> Result<(), EngineError> {
    let dealer = Arc::new(Dealer::new(shared.inputs.packages.len()));
    let (results, verified, pass) = (Arc::clone(results), Arc::clone(verified), pass.clone());
    let worker_shared = shared.clone();
    let guards = timely::execute(timely::Config::process(workers), move |worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let (shared, results, verified) =
            (worker_shared.clone(), Arc::clone(&results), Arc::clone(&verified));
        let (dealer, pass) = (Arc::clone(&dealer), pass.clone());
        worker.dataflow::<u64, _, _>(|scope| {
            let checked = read_and_check(scope, shared.clone(), dealer, pass.clone());
            let judged = chain_and_rate(checked, shared, pass, (index, peers), verified);
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
    match shared.take_fault() {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

/// Reads packages and puts every record through checks 1 to 12: one package an activation, so that little is in memory
/// at once.
fn read_and_check<'scope>(
    scope: Scope<'scope, u64>,
    shared: Shared,
    dealer: Arc<Dealer>,
    pass: Pass,
) -> StreamVec<'scope, u64, Bundle> {
    source::<_, CapacityContainerBuilder<Vec<Bundle>>, _, _>(
        scope,
        "read and check",
        move |capability, info| {
            let activator = scope.activator_for(info.address);
            let mut capability = Some(capability);
            let mut bench = Bench::new(pass, shared.inputs.partitions());
            move |output| {
                let Some(held) = &capability else { return };
                match dealer.next().filter(|_| !shared.is_faulty()) {
                    Some(package) => {
                        let mut session = output.session(held);
                        shared.attempt(|| bench.judge(&shared, package, &mut |bundle| session.give(bundle)));
                        activator.activate();
                    }
                    None => {
                        output.session(held).give_iterator(bench.bundles.rest());
                        let numbers = std::mem::take(&mut bench.numbers);
                        shared.attempt(|| shared.note_counts(Counts { numbers, ..Counts::default() }));
                        capability = None;
                    }
                }
            }
        },
    )
}

/// Buffers that live as long as the worker.
struct Bench {
    pass: Pass,
    bytes: Vec<u8>,
    batch: TacBatch,
    right: Vec<bool>,
    /// What the records of the package came to before their TACs were verified.
    checked: Vec<Checked>,
    recent: Recent,
    bundles: Bundles,
    /// Numbers that passed.
    numbers: AcceptedNumbers,
}

/// A record after checks 1 to 7.
enum Checked {
    /// It waits for its TAC; the batch will say at this place whether that is right.
    Waiting(Verifiable, usize),
    Failed(Failed),
    /// Another pass judges it.
    Passed,
}

impl Bench {
    fn new(pass: Pass, partitions: u16) -> Self {
        Self {
            pass,
            bytes: Vec::new(),
            batch: TacBatch::default(),
            right: Vec::new(),
            checked: Vec::new(),
            recent: Recent::default(),
            bundles: Bundles::new(partitions),
            numbers: AcceptedNumbers::default(),
        }
    }

    /// Puts the records of a package, each with its verdict so far, into bundles, and gives away those that are full.
    ///
    /// The records are looked at twice where they lie: once for all that is known without the TAC, and, when the TACs
    /// of the whole package have been verified in one batch, once more for the rest.
    fn judge(
        &mut self,
        shared: &Shared,
        package: u32,
        give: &mut impl FnMut(Bundle),
    ) -> Result<(), EngineError> {
        let inputs = &shared.inputs;
        let source = &inputs.packages[package as usize];
        let merchant = source.merchant;
        let path = package_path(merchant, source.key);
        shared.vault.read_verified(&shared.runtime, &path, &source.digest, &mut self.bytes)?;
        cut::pass("clear.package_read");
        let view = PackageView::reopen(&self.bytes).map_err(|refusal| EngineError::Damaged {
            path: path.to_string(),
            reason: refusal.to_string(),
        })?;
        let rules = inputs.rules();
        self.batch.clear();
        self.checked.clear();
        let partitions = inputs.partitions();
        for record in view.record_bytes() {
            let record = decode_record(record);
            if !self.pass.is_first && !self.pass.judges(partition_of(&record.card(), partitions)) {
                self.checked.push(Checked::Passed);
                continue;
            }
            let checked = inputs.check_before_tac(&rules, &mut self.recent, merchant, &record);
            self.checked.push(match checked {
                Ok(verifiable) => {
                    let tac = self.batch.push(verifiable.key, &record);
                    Checked::Waiting(
                        verifiable,
                        tac.expect("check 1 lets only types that can be cleared pass"),
                    )
                }
                Err(failed) => Checked::Failed(failed),
            });
        }
        inputs.verifier.verify(&self.batch, &mut self.right);
        let mut sighting = PackageSighting::begin(package, inputs.date);
        for ((place, record), checked) in (0_u32..).zip(view.record_bytes()).zip(&self.checked) {
            let record = decode_record(record);
            let (verdict, bearings) = match checked {
                Checked::Waiting(verifiable, tac) => {
                    let (dated, right) = (verifiable.dated, self.right[*tac]);
                    rules.check_after_tac(&mut self.recent, merchant, &record, dated, right)
                }
                Checked::Failed(failed) => (Verdict::Refused(failed.reason), failed.bearings),
                Checked::Passed => continue,
            };
            let row = Row::new(package, place, &record, verdict, bearings);
            if self.pass.is_first {
                sighting.note(&row);
                self.numbers.checked(&row);
            }
            let partition = partition_of(&row.card(), partitions);
            if self.pass.judges(partition)
                && let Some(bundle) = self.bundles.add(partition, row)
            {
                give(bundle);
            }
        }
        if self.pass.is_first {
            shared.note_sighting(sighting.finish());
            shared.progress.advance(Stage::Verify, self.checked.len() as u64);
        }
        cut::pass("clear.package_judged");
        Ok(())
    }
}

/// Gathers the rows of this worker's partitions, and once all have come, judges one partition after another.
fn chain_and_rate<'scope>(
    checked: StreamVec<'scope, u64, Bundle>,
    shared: Shared,
    pass: Pass,
    (index, peers): (usize, usize),
    verified: Arc<Mutex<Option<Instant>>>,
) -> StreamVec<'scope, u64, Judged> {
    let by_partition = Exchange::new(|bundle: &Bundle| u64::from(bundle.partition));
    checked.unary_frontier::<CapacityContainerBuilder<Vec<Judged>>, _, _, _>(
        by_partition,
        "chain and rate",
        move |capability, _info| {
            let mut capability = Some(capability);
            let mut gathered: Vec<Vec<Bundle>> = vec![Vec::new(); usize::from(shared.inputs.partitions())];
            let mine =
                pass.partitions.clone().filter(move |partition| usize::from(*partition) % peers == index);
            let mut mine = mine.collect::<Vec<u16>>().into_iter();
            move |(input, frontier), output| {
                input.for_each(|_capability, bundles| {
                    for bundle in bundles.drain(..) {
                        gathered[usize::from(bundle.partition)].push(bundle);
                    }
                });
                if !frontier.frontier().is_empty() {
                    return;
                }
                let Some(held) = capability.take() else { return };
                *verified.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                let mut counts = Counts::new(shared.inputs.packages.len());
                for partition in mine.by_ref() {
                    if shared.is_faulty() {
                        break;
                    }
                    let bundles = std::mem::take(&mut gathered[usize::from(partition)]);
                    let run = PartitionRun { shared: &shared, partition };
                    if let Some(judged) = shared.attempt(|| run.judge(bundles, &mut counts)) {
                        cut::pass("clear.partition_judged");
                        output.session(&held).give(judged);
                    }
                    shared.progress.advance(Stage::Chain, 1);
                }
                shared.attempt(|| shared.note_counts(counts));
            }
        },
    )
}
