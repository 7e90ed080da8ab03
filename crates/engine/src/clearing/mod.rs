//! The clearing run: a pure function from a window's packages, the registry, the keys, the lists and what
//! earlier windows left behind, decisions about that among it, to dispositions, totals and new state; and the one
//! transaction that commits it.

pub(crate) mod bundle;
pub(crate) mod card_state;
pub(crate) mod chain;
pub(crate) mod check;
pub(crate) mod columns;
pub(crate) mod continuity;
mod counts;
mod dataflow;
pub(crate) mod deny;
pub(crate) mod detail;
mod inputs;
pub(crate) mod order;
mod partition;
mod passes;
pub(crate) mod ranges;
pub(crate) mod rating;
pub(crate) mod recent;
pub(crate) mod row;
pub(crate) mod sections;
pub(crate) mod senders;
mod shared;
pub(crate) mod takings;
pub(crate) mod terminals;
mod totals;
pub(crate) mod uploads;

use std::sync::Arc;
use std::time::Instant;

use object_store::path::Path;
use sha2::{Digest as _, Sha256};
use tongclear_ledger::{Transfer, adjustment_postings, postings};
use tongclear_mac::{KeyRing, Passphrase};
use tongclear_proof::Section;
use tongclear_store::{
    ClearingCommit, Digest, PackageResult, PackageRow, RunFile, StoreError, SuspendedItem, Tally,
    WindowState, cut,
};
use tongclear_types::{BusinessDate, MerchantCode, Verdict};

use self::counts::{AcceptedNumbers, Counts};
use self::dataflow::Outcome;
use self::inputs::RunInputs;
pub(crate) use self::inputs::{Before, Previous};
pub(crate) use self::order::partition_of;
use self::partition::Judged;
pub use self::passes::Effort;
use self::row::{Fingerprint, Row};
use self::shared::Shared;
use crate::centre::{ClosedWindow, closed_windows};
use crate::progress::Timings;
use crate::proof::AccountSources;
use crate::vault::{proofs_path, terminals_path};
use crate::{Centre, EngineError, Progress, Stage, Vault};

/// Most workers a run may be given; more threads than any machine has cores only cost memory.
pub const WORKERS_MAX: usize = 256;

/// How a clearing run ended.
#[derive(Debug)]
pub enum Cleared {
    /// The window had been cleared before; nothing was done.
    Already,
    /// The run was committed.
    Now {
        /// Digest of the results.
        digest: Digest,
        /// Time by stage.
        timings: Timings,
    },
}

/// Clears the window of `date`: every record gets its disposition, the transfers are posted.
///
/// Nothing it writes is visible before the one database transaction at the end, so a run that is killed is
/// simply run again, and gives the same bytes.
///
/// # Errors
/// [`EngineError::NoSuchWindow`]; [`EngineError::CheckFailed`] when an earlier window waits to be cleared or the
/// totals disagree; a wrong passphrase; faults of store and vault.
pub async fn clear(
    centre: &Centre,
    date: BusinessDate,
    passphrase: &Passphrase,
    effort: Effort,
    progress: Arc<dyn Progress>,
) -> Result<Cleared, EngineError> {
    let window = centre.window(date).await?;
    if window.state() != WindowState::Closed {
        return Ok(Cleared::Already);
    }
    refuse_if_earlier_waits(centre, &window).await?;
    let keys = centre.key_ring_as_of(window.snapshot.keys, passphrase).await?;
    let run = Run { centre, window: &window, target: &centre.vault, effort, progress: &progress };
    let mut timings = Timings::default();
    let before = Before::of(centre, &window).await?;
    let commit = run.derive(&keys, before, &mut timings).await?;
    let committing = centre.store.commit_clearing(&commit);
    match timings.stage(Stage::Commit, 0, &*progress, committing).await {
        Ok(()) => {
            cut::pass("commit.done");
            Ok(Cleared::Now { digest: commit.digest, timings })
        }
        // Another run of the same window came first; it wrote the same bytes.
        Err(StoreError::Conflict { .. }) if centre.window(date).await?.state() > WindowState::Closed => {
            Ok(Cleared::Already)
        }
        Err(error) => Err(error.into()),
    }
}

/// A run starts from the card state of the window before, which must therefore be cleared.
async fn refuse_if_earlier_waits(centre: &Centre, window: &ClosedWindow) -> Result<(), EngineError> {
    let windows = centre.store.windows().await?;
    match closed_windows(&windows).find(|it| it.date() < window.date() && it.state() == WindowState::Closed) {
        None => Ok(()),
        Some(earlier) => Err(EngineError::CheckFailed(format!(
            "window {} cannot be cleared before window {}, which is {}; run `tongclear clear --window {}` first",
            window.date(),
            earlier.date(),
            earlier.state(),
            earlier.date()
        ))),
    }
}

/// One derivation of a window's results: for good into the centre's vault, or once more into another one to compare.
pub(crate) struct Run<'a> {
    pub(crate) centre: &'a Centre,
    pub(crate) window: &'a ClosedWindow,
    /// Where the files go.
    pub(crate) target: &'a Vault,
    pub(crate) effort: Effort,
    pub(crate) progress: &'a Arc<dyn Progress>,
}

impl Run<'_> {
    /// Everything that the run of the window commits; its files are durable in the target.
    pub(crate) async fn derive(
        &self,
        keys: &KeyRing,
        before: Before,
        timings: &mut Timings,
    ) -> Result<ClearingCommit, EngineError> {
        let loading = RunInputs::load(self.centre, self.window, keys, before);
        let inputs = timings.stage(Stage::Prepare, 0, &**self.progress, loading).await.map(Arc::new)?;
        cut::pass("clear.loaded");
        let (outcome, files) = judge(self, &inputs, timings).await?;
        summarise(self, &inputs, outcome, files).await
    }
}

/// Runs the dataflow on threads of its own and waits until its files are durable.
async fn judge(
    run: &Run<'_>,
    inputs: &Arc<RunInputs>,
    timings: &mut Timings,
) -> Result<(Outcome, Vec<RunFile>), EngineError> {
    let Run { centre, target, progress, .. } = *run;
    let shared = Shared::new(Arc::clone(inputs), centre.vault.clone(), target.clone(), Arc::clone(progress));
    let effort = run.effort;
    let running = shared.clone();
    progress.begin(Stage::Verify, inputs.records());
    progress.begin(Stage::Chain, inputs.partitions().into());
    let started = Instant::now();
    let outcome = tokio::task::spawn_blocking(move || dataflow::run(&running, effort))
        .await
        .map_err(|error| EngineError::Internal(format!("clearing run: {error}")))?;
    let files = shared.uploads.finish().await;
    progress.end(Stage::Verify);
    progress.end(Stage::Chain);
    cut::pass("clear.files_durable");
    let outcome = outcome?;
    timings.note(Stage::Verify, outcome.verifying);
    // Waiting for the files belongs to the second half.
    timings.note(Stage::Chain, started.elapsed().saturating_sub(outcome.verifying));
    Ok((outcome, files?))
}

/// Adds the partitions up, checks that the figures agree, and writes the accepted numbers and the continuity.
async fn summarise(
    run: &Run<'_>,
    inputs: &RunInputs,
    outcome: Outcome,
    mut files: Vec<RunFile>,
) -> Result<ClearingCommit, EngineError> {
    let Run { centre, window, target, .. } = *run;
    let Outcome { partitions, counts: Counts { totals: sums, numbers }, sightings, .. } = outcome;
    if partitions.len() != usize::from(inputs.partitions()) {
        return Err(EngineError::Internal(format!(
            "{} of {} partitions were judged",
            partitions.len(),
            inputs.partitions()
        )));
    }
    let packages = sums.package_results(&inputs.packages);
    refuse_if_a_package_does_not_add_up(&inputs.packages, &packages)?;
    let mut totals = sums.finish(&inputs.packages, &inputs.registry)?;
    totals.adjustments.clone_from(&inputs.adjustments);
    if let Some(figures) = totals.disagreement()? {
        return Err(EngineError::CheckFailed(format!("window {}: {figures}", window.date())));
    }
    let totals_json = serde_json::to_string(&totals)
        .map_err(|error| EngineError::Internal(format!("totals as JSON: {error}")))?;
    let digest = window_digest(window.date(), &partitions, &totals_json);
    let mut transfers = postings(window.date(), &totals.rated, &totals.suspended);
    transfers.extend(adjustment_postings(window.date(), &totals.adjustments));
    transfers.sort_by_key(Transfer::id);
    let mut suspended = Vec::new();
    let mut sections = Vec::new();
    let mut cards = Vec::new();
    for judged in partitions {
        for row in judged.suspended {
            suspended.push(suspended_item(&row, inputs)?);
        }
        sections.extend(judged.sections);
        cards.extend(judged.continuity);
    }
    suspended.sort_unstable_by_key(|item| (item.package, item.row));
    files.push(write_numbers(target, inputs, numbers).await?);
    for (path, file) in continuity::files(inputs, sightings, cards)? {
        files.push(write_file(target, &path, file).await?);
    }
    sections.sort_unstable_by_key(|(merchant, section)| (*merchant, section.partition));
    files.push(write_sections(target, inputs, &sections).await?);
    let sources = AccountSources {
        date: window.date(),
        registry: &inputs.registry,
        packages: &inputs.packages,
        results: &packages,
        totals: &totals,
        sections: &sections,
    };
    let root = sources.proof(&digest)?.root();
    files.sort_unstable();
    Ok(ClearingCommit {
        window: window.row.id,
        digest,
        root: Some(Digest(root.0)),
        totals_json,
        files,
        packages,
        transfers,
        suspended,
        stamp: centre.stamp(),
    })
}

/// Received = accepted + duplicate + suspended + rejected, for every package against what intake recorded of it;
/// for merchants and the window it follows.
fn refuse_if_a_package_does_not_add_up(
    received: &[PackageRow],
    results: &[PackageResult],
) -> Result<(), EngineError> {
    for (package, result) in received.iter().zip(results) {
        let mut judged = Tally::default();
        result.tallies.iter().try_for_each(|tally| judged.merge(tally))?;
        let (records, fen) = (u64::from(package.records), package.amount);
        if (judged.count, judged.amount_fen) != (records, fen) {
            return Err(EngineError::CheckFailed(format!(
                "package {} of collector {}: intake received {records} records and {fen} fen, the run judged {} \
                 records and {} fen",
                package.key.sequence, package.key.collector, judged.count, judged.amount_fen
            )));
        }
    }
    Ok(())
}

/// SHA-256 over `tongclear window 1\n`, the date, the digests of the partitions in order, and the totals.
fn window_digest(date: BusinessDate, partitions: &[Judged], totals_json: &str) -> Digest {
    let mut digest = Sha256::new();
    digest.update(b"tongclear window 1\n");
    digest.update(date.to_string());
    partitions.iter().for_each(|judged| digest.update(judged.digest));
    digest.update(totals_json);
    Digest(digest.finalize().into())
}

fn suspended_item(row: &Row, inputs: &RunInputs) -> Result<SuspendedItem, EngineError> {
    let package = &inputs.packages[row.package as usize];
    let Verdict::Refused(reason) = row.verdict else {
        return Err(EngineError::Internal(format!("{:?} is not a suspended record", row.verdict)));
    };
    let line = row.detail(inputs.senders.of_package(row.package), None);
    Ok(SuspendedItem {
        package: package.key,
        row: row.row,
        merchant: package.merchant,
        operator: inputs.registry.operators[usize::from(row.bearings.operator)].code,
        card: row.card(),
        chain: row.chain(),
        counter: row.counter(),
        terminal: line.terminal,
        terminal_number: line.terminal_number,
        amount_fen: line.amount_fen,
        date: line.date,
        time: line.time,
        tac: row.tac,
        reason,
    })
}

impl From<&SuspendedItem> for Fingerprint {
    fn from(item: &SuspendedItem) -> Self {
        Self {
            terminal: item.terminal.0,
            terminal_number: item.terminal_number.0,
            amount_fen: item.amount_fen,
            date: item.date.0,
            time: item.time.0,
            tac: item.tac,
        }
    }
}

/// Writes the numbers that are accepted after this window: those of before and `accepted`.
async fn write_numbers(
    target: &Vault,
    inputs: &RunInputs,
    accepted: AcceptedNumbers,
) -> Result<RunFile, EngineError> {
    let mut numbers = inputs.numbers.clone();
    for (terminal, accepted) in accepted.ranges() {
        let known = &mut numbers[terminal as usize];
        *known = known.union(&accepted);
    }
    let file = terminals::write(&inputs.terminals, &numbers)
        .map_err(|reason| EngineError::Internal(format!("writing Parquet: {reason}")))?;
    write_file(target, &terminals_path(inputs.date), file).await
}

async fn write_file(target: &Vault, path: &Path, file: Vec<u8>) -> Result<RunFile, EngineError> {
    let written = RunFile { path: path.to_string(), digest: Digest::of(&file) };
    target.put(path, file).await?;
    cut::pass("clear.summary_file_written");
    Ok(written)
}

/// Writes the sections of the window's proof, sorted by merchant and partition.
async fn write_sections(
    target: &Vault,
    inputs: &RunInputs,
    sections: &[(MerchantCode, Section)],
) -> Result<RunFile, EngineError> {
    let file = sections::write(sections)
        .map_err(|reason| EngineError::Internal(format!("writing Parquet: {reason}")))?;
    write_file(target, &proofs_path(inputs.date), file).await
}
