//! Matching as one Timely dataflow.
//!
//! ```text
//! read lines ──exchange by card partition──► match with records and open items ──to worker 0──► collect
//! ```
//! Pieces of the operator's file are dealt to workers; every line meets the records of its card on one worker, which reads
//! them from the windows' detail files of that partition. What a partition's files hold depends on the partition alone, so
//! the number of workers does not show.
//!
//! Memory: the lines of the file as [`Line`]s of 56 bytes until they are matched, and one partition of everything else for
//! each worker: five million lines take about 300 MB.

use std::sync::{Arc, Mutex, PoisonError};

use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::{Operator, source};
use timely::dataflow::{Scope, StreamVec};
use tongclear_store::cut;
use tongclear_store::reconciliations::ReconciliationFigures;
use tongclear_types::{CardId, IssuerId, Serial};

use super::inputs::{Inputs, Source};
use super::item::Line;
use super::lines::{self, Findings, LineReader};
use super::partition::PartitionRun;
use crate::clearing::partition_of;
use crate::clearing::uploads::Uploads;
use crate::faults::FirstFault;
use crate::{EngineError, Progress, Stage, Vault};

// The arithmetic above holds only while a line is small.
const _: () = assert!(size_of::<Line>() <= 56);

/// Shared by all workers; cheap to clone.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) inputs: Arc<Inputs>,
    pub(super) vault: Vault,
    /// Workers are threads of their own, outside the runtime that reads and writes.
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) progress: Arc<dyn Progress>,
    /// Files on their way into the vault.
    pub(super) uploads: Uploads,
    pub(super) findings: Arc<Findings>,
    pub(super) fault: FirstFault,
}

/// What a partition came to, on its way to the worker that collects.
type Matched = (u16, Vec<u8>);

/// Runs the dataflow on `workers` threads and waits for it; the figures of each partition, in order.
pub(super) fn run(shared: &Shared, workers: usize) -> Result<Vec<ReconciliationFigures>, EngineError> {
    let results: Arc<Mutex<Vec<Matched>>> = Arc::default();
    let (worker_shared, worker_results) = (shared.clone(), Arc::clone(&results));
    let guards = timely::execute(timely::Config::process(workers), move |worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let (shared, results) = (worker_shared.clone(), Arc::clone(&worker_results));
        worker.dataflow::<u64, _, _>(|scope| {
            let lines = read(scope, shared.clone(), index, peers);
            let matched = find_each_other(lines, shared, index, peers);
            matched.sink(Exchange::new(|_: &Matched| 0), "collect", move |(input, _frontier)| {
                input.for_each(|_capability, matched| {
                    results.lock().unwrap_or_else(PoisonError::into_inner).append(matched);
                });
            });
        });
    })
    .map_err(|error| EngineError::Internal(format!("dataflow: {error}")))?;
    for joined in guards.join() {
        joined.map_err(|error| EngineError::Internal(format!("dataflow worker: {error}")))?;
    }
    if let Some(fault) = shared.fault.take() {
        return Err(fault);
    }
    let mut partitions = std::mem::take(&mut *results.lock().unwrap_or_else(PoisonError::into_inner));
    partitions.sort_unstable_by_key(|(partition, _)| *partition);
    let figures = partitions.iter().map(|(_, figures)| serde_json::from_slice(figures));
    figures.collect::<Result<_, _>>().map_err(|error| EngineError::Internal(format!("figures: {error}")))
}

/// Reads this worker's share of the file, one piece an activation.
fn read<'scope>(
    scope: Scope<'scope, u64>,
    shared: Shared,
    index: usize,
    peers: usize,
) -> StreamVec<'scope, u64, Line> {
    let pieces = shared.inputs.source.as_ref().map_or(0, |source| source.pieces.len());
    let mut mine = (0..pieces).skip(index).step_by(peers);
    source::<_, CapacityContainerBuilder<Vec<Line>>, _, _>(scope, "read lines", move |capability, info| {
        let activator = scope.activator_for(info.address);
        let mut capability = Some(capability);
        let mut file = None;
        move |output| {
            let Some(held) = &capability else { return };
            let inputs = Arc::clone(&shared.inputs);
            let piece = mine.next().filter(|_| !shared.fault.is_noted());
            let (Some(piece), Some(source)) = (piece, &inputs.source) else {
                capability = None;
                return;
            };
            let lines = shared.fault.attempt(|| {
                let Source { path, pieces, .. } = source;
                let file = match &file {
                    Some(file) => file,
                    None => file.insert(lines::open(path)?),
                };
                let reader = LineReader { inputs: &inputs, source, findings: &shared.findings };
                let lines = reader.read(file, &pieces[piece])?;
                cut::pass("reconcile.piece_read");
                Ok(lines)
            });
            if let Some(mut lines) = lines {
                shared.progress.advance(Stage::ReadLines, lines.len() as u64);
                output.session(held).give_iterator(lines.drain(..));
            }
            activator.activate();
        }
    })
}

/// Gathers the lines of this worker's partitions, and once all have come, matches one partition after another.
fn find_each_other<'scope>(
    lines: StreamVec<'scope, u64, Line>,
    shared: Shared,
    index: usize,
    peers: usize,
) -> StreamVec<'scope, u64, Matched> {
    let partitions = shared.inputs.partitions;
    let IssuerId(issuer) = shared.inputs.issuer;
    let of = move |line: &Line| {
        partition_of(&CardId { issuer: IssuerId(issuer), serial: Serial(line.facts.serial) }, partitions)
    };
    lines.unary_frontier::<CapacityContainerBuilder<Vec<Matched>>, _, _, _>(
        Exchange::new(move |line: &Line| u64::from(of(line))),
        "match",
        move |capability, _info| {
            let mut capability = Some(capability);
            let mut gathered: Vec<Vec<Line>> = vec![Vec::new(); usize::from(partitions)];
            let mut mine = (0..partitions).skip(index).step_by(peers);
            move |(input, frontier), output| {
                input.for_each(|_capability, lines| {
                    for line in lines.drain(..) {
                        gathered[usize::from(of(&line))].push(line);
                    }
                });
                if !frontier.frontier().is_empty() {
                    return;
                }
                let Some(held) = capability.take() else { return };
                // Everything was read: only now is it known whether the file is of any use.
                if let Some(source) = &shared.inputs.source {
                    shared.fault.attempt(|| shared.findings.refuse_if_useless(source));
                }
                for partition in mine.by_ref() {
                    if shared.fault.is_noted() {
                        break;
                    }
                    let lines = std::mem::take(&mut gathered[usize::from(partition)]);
                    let run = PartitionRun { shared: &shared, partition };
                    let matched = shared.fault.attempt(|| {
                        let figures = run.run(lines)?;
                        cut::pass("reconcile.partition_matched");
                        serde_json::to_vec(&figures)
                            .map_err(|error| EngineError::Internal(format!("figures: {error}")))
                    });
                    if let Some(figures) = matched {
                        output.session(&held).give((partition, figures));
                    }
                    shared.progress.advance(Stage::Match, 1);
                }
            }
        },
    )
}
