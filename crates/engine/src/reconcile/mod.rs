//! Reconciliation with card operators (`docs/reconciliation.md`): what their books say their cards did here, against what we
//! accepted; as a pure function of the operator's file, our windows and what earlier runs left open.
//!
//! **Invariant:** every record and every line is in exactly one state in each run; opening + new − cleared − decided = closing
//! for both sides, in count and fen, or nothing is committed.

mod dataflow;
mod decided;
mod entries;
mod inputs;
pub(crate) mod item;
mod known;
mod lines;
mod look_up;
pub(crate) mod matching;
mod partition;
mod survey;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest as _, Sha256};
use tongclear_ledger::Participant;
use tongclear_store::audit::files_digest;
use tongclear_store::operator_files::{OperatorFileRow, operator_files};
use tongclear_store::reconciliations::{
    LineFigures, ReconciliationFigures, ReconciliationRow, commit_reconciliation, reconciliations,
};
use tongclear_store::{Digest, RunFile, StoreError, cut};
use tongclear_types::{BusinessDate, OperatorCode};

use self::dataflow::Shared;
pub(crate) use self::inputs::Past;
pub(crate) use self::inputs::age_days;
use self::inputs::{Inputs, Source};
use self::lines::{Findings, NOT_TAKEN_MAX};
pub use self::look_up::{Items, items, look_up};
pub(crate) use self::look_up::{disputable, of_record};
use self::survey::Survey;
use crate::clearing::uploads::Uploads;
use crate::faults::FirstFault;
use crate::progress::Timings;
use crate::vault::operator_file_path;
use crate::{Centre, EngineError, Progress, Stage, Vault, WORKERS_MAX};

/// What to reconcile.
#[derive(Debug, Clone)]
pub struct Reconciling {
    /// With whom.
    pub operator: OperatorCode,
    /// For which day.
    pub date: BusinessDate,
    /// The operator's file; without one only our side is taken in, and everything ages.
    pub file: Option<PathBuf>,
    /// Takes a file of which no line is of its day.
    pub other_days: bool,
    /// Threads.
    pub workers: usize,
}

/// How a reconciliation ended.
#[derive(Debug)]
pub enum Reconciled {
    /// The same bytes were taken in by this run; nothing was done.
    Already(ReconciliationRow),
    /// A run was committed.
    Now {
        /// The run.
        row: ReconciliationRow,
        /// What it comes to.
        figures: Box<ReconciliationFigures>,
        /// Time by stage.
        timings: Timings,
    },
}

/// Reconciles with a card operator.
///
/// Nothing is visible before the one database transaction at the end, so a run that is killed is simply run again. The same file
/// again changes nothing.
///
/// # Errors
/// [`EngineError::Refused`] for an unknown operator and a file that is refused whole, [`EngineError::List`] naming its line, field
/// and value; [`EngineError::CheckFailed`] when a window waits to be cleared, or a proof line does not hold; faults of disk, store
/// and vault.
pub async fn reconcile(
    centre: &Centre,
    what: &Reconciling,
    progress: Arc<dyn Progress>,
) -> Result<Reconciled, EngineError> {
    let registry = centre.registry().await?;
    let rows = reconciliations(&*centre.store, Some(what.operator)).await?;
    let mut timings = Timings::default();
    let surveyed = match &what.file {
        None => None,
        Some(path) => Some(survey_file(path, &mut timings, &*progress).await?),
    };
    if let Some(survey) = &surveyed
        && let Some(row) = rows.iter().find(|row| row.file == Some(survey.sha256))
    {
        return Ok(Reconciled::Already(row.clone()));
    }
    let mut past = Vec::with_capacity(rows.len());
    for row in rows {
        past.push(Past::of(centre, row).await?);
    }
    let source = what.file.as_ref().zip(surveyed.as_ref()).map(|(path, survey)| Source {
        path: path.clone(),
        pieces: survey.pieces.clone(),
        sha256: survey.sha256,
        date: what.date,
        other_days: what.other_days,
    });
    let under = (registry.number, &registry.body);
    let inputs = Inputs::load(centre, what.operator, what.date, under, past, source, None).await?;
    let run = Run { centre, target: &centre.vault, workers: what.workers, progress: &progress };
    let keeping = keep(centre, what, surveyed.as_ref());
    let file = surveyed.as_ref().map(|survey| survey.sha256);
    let (kept, derived) = tokio::join!(keeping, run.derive(inputs, what.date, file, &mut timings));
    let derived = match derived {
        Ok(derived) => derived,
        Err(error) => {
            forget(centre, what, surveyed.as_ref()).await?;
            return Err(error);
        }
    };
    kept?;
    let Derived { row, figures, files } = derived;
    let stamp = centre.stamp();
    let kept = surveyed.as_ref().map(|survey| OperatorFileRow {
        operator: what.operator,
        business_date: what.date,
        sha256: survey.sha256,
        bytes: survey.bytes,
        lines: figures.file.as_ref().map_or(0, |file| file.lines),
        amount_fen: figures.theirs.new.amount_fen,
        received_by: stamp.by.clone(),
        received_at: stamp.at,
    });
    let committing = commit_reconciliation(&*centre.store, &row, &files, kept.as_ref(), &stamp);
    match timings.stage(Stage::Commit, 0, &*progress, committing).await {
        Ok(()) => {
            cut::pass("reconcile.committed");
            Ok(Reconciled::Now { row, figures: Box::new(figures), timings })
        }
        Err(StoreError::Conflict { .. }) => Err(EngineError::Refused(format!(
            "another reconciliation with {} was committed meanwhile; run this one again",
            what.operator
        ))),
        Err(error) => Err(error.into()),
    }
}

/// The files of an operator for a day that arrived by another way and that no run has taken in, in the order in which they
/// arrived: copied into `folder`, for they may lie in a bucket.
///
/// # Errors
/// Faults of store, vault and disk.
pub async fn waiting_files(
    centre: &Centre,
    operator: OperatorCode,
    date: BusinessDate,
    folder: &Path,
) -> Result<Vec<PathBuf>, EngineError> {
    let taken = reconciliations(&*centre.store, Some(operator)).await?;
    let arrived = operator_files(&*centre.store, Some(Participant::Operator(operator))).await?;
    let to = Vault::scratch(folder)?;
    let mut files = Vec::new();
    for row in arrived.iter().filter(|row| row.business_date == date) {
        if taken.iter().any(|run| run.file == Some(row.sha256)) {
            continue;
        }
        let path = operator_file_path(operator, date, &row.sha256);
        match centre.vault.copy_to(&path, &to).await? {
            Some((copied, _)) if copied == row.sha256 => files.push(to.display(&path)),
            _ => {
                let reason = "it is not the file that arrived".to_owned();
                return Err(EngineError::Damaged { path: path.to_string(), reason });
            }
        }
    }
    Ok(files)
}

/// Looks at the file on a thread where blocking is allowed.
async fn survey_file(
    path: &Path,
    timings: &mut Timings,
    progress: &dyn Progress,
) -> Result<Survey, EngineError> {
    let path = path.to_owned();
    let survey = tokio::task::spawn_blocking(move || Survey::of(&path));
    timings
        .stage(Stage::Survey, 0, progress, survey)
        .await
        .map_err(|error| EngineError::Internal(format!("looking at the operator's file: {error}")))?
}

/// Copies the operator's file into the vault, as it arrived.
async fn keep(centre: &Centre, what: &Reconciling, survey: Option<&Survey>) -> Result<(), EngineError> {
    let (Some(path), Some(survey)) = (&what.file, survey) else { return Ok(()) };
    let place = operator_file_path(what.operator, what.date, &survey.sha256);
    let copied = centre.vault.put_file(&place, path).await?;
    if copied != survey.sha256 {
        centre.vault.remove(&place).await?;
        return Err(EngineError::changed_while_read(path));
    }
    cut::pass("reconcile.file_kept");
    Ok(())
}

/// Takes a refused file out of the vault again, unless it was there before by another way.
async fn forget(centre: &Centre, what: &Reconciling, survey: Option<&Survey>) -> Result<(), EngineError> {
    let Some(survey) = survey else { return Ok(()) };
    let known = operator_files(&*centre.store, None).await?;
    let of_this = |row: &OperatorFileRow| {
        (row.operator, row.business_date, row.sha256) == (what.operator, what.date, survey.sha256)
    };
    if known.iter().any(of_this) {
        return Ok(());
    }
    centre.vault.remove(&operator_file_path(what.operator, what.date, &survey.sha256)).await
}

/// One derivation of a run: for good into the centre's vault, or once more into another one to compare.
struct Run<'a> {
    centre: &'a Centre,
    target: &'a Vault,
    workers: usize,
    progress: &'a Arc<dyn Progress>,
}

/// Everything that a run commits.
struct Derived {
    row: ReconciliationRow,
    figures: ReconciliationFigures,
    files: Vec<RunFile>,
}

impl Run<'_> {
    /// Matches; the files are durable in the target.
    async fn derive(
        &self,
        inputs: Inputs,
        date: BusinessDate,
        file: Option<Digest>,
        timings: &mut Timings,
    ) -> Result<Derived, EngineError> {
        let Self { centre, target, progress, .. } = *self;
        let inputs = Arc::new(inputs);
        let runtime = tokio::runtime::Handle::current();
        let shared = Shared {
            inputs: Arc::clone(&inputs),
            vault: centre.vault.clone(),
            uploads: Uploads::new(target.clone(), runtime.clone()),
            runtime,
            progress: Arc::clone(progress),
            findings: Arc::default(),
            fault: FirstFault::default(),
        };
        let workers = self.workers.clamp(1, WORKERS_MAX);
        progress.begin(Stage::ReadLines, 0);
        progress.begin(Stage::Match, inputs.partitions.into());
        let (started, running) = (Instant::now(), shared.clone());
        let outcome = tokio::task::spawn_blocking(move || dataflow::run(&running, workers))
            .await
            .map_err(|error| EngineError::Internal(format!("reconciliation: {error}")))?;
        let written = shared.uploads.finish().await;
        progress.end(Stage::ReadLines);
        progress.end(Stage::Match);
        timings.note(Stage::Match, started.elapsed());
        let mut files = match (outcome, written) {
            (Ok(partitions), Ok(files)) => (partitions, files),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        files.1.sort_unstable();
        cut::pass("reconcile.files_durable");
        let (partitions, files) = files;
        let figures = add_up(&partitions, &shared.findings, inputs.source.is_some())?;
        if let Some(disagreement) = figures.disagreement()? {
            return Err(EngineError::CheckFailed(format!(
                "reconciliation with {}: {disagreement}",
                inputs.operator
            )));
        }
        let figures_json = serde_json::to_string(&figures)
            .map_err(|error| EngineError::Internal(format!("figures as JSON: {error}")))?;
        let row = ReconciliationRow {
            operator: inputs.operator,
            run: inputs.run,
            business_date: date,
            as_of: inputs.as_of,
            taken_through: inputs.taken_through,
            registry: inputs.registry,
            file,
            digest: run_digest(&inputs, date, &files, &figures_json),
            figures_json,
        };
        Ok(Derived { row, figures, files })
    }
}

/// A committed run, derived once more.
pub(crate) struct Again<'a> {
    pub(crate) centre: &'a Centre,
    /// Where its files go.
    pub(crate) target: &'a Vault,
    pub(crate) workers: usize,
    pub(crate) progress: Arc<dyn Progress>,
}

impl Again<'_> {
    /// What `row` must be, and the files it must have written, starting from `past`; the operator's file lies at `file`.
    pub(crate) async fn derive(
        &self,
        row: &ReconciliationRow,
        past: Vec<Past>,
        file: Option<PathBuf>,
    ) -> Result<(ReconciliationRow, Vec<RunFile>), EngineError> {
        let mut timings = Timings::default();
        let (mut source, mut digest) = (None, None);
        if let Some(path) = file {
            let survey = survey_file(&path, &mut timings, &*self.progress).await?;
            digest = Some(survey.sha256);
            let Survey { pieces, sha256, .. } = survey;
            source = Some(Source { path, pieces, sha256, date: row.business_date, other_days: true });
        }
        let registry = self.centre.registry_as_of(row.registry).await?;
        let (under, through) = ((row.registry, &registry), Some(row.taken_through));
        let date = row.business_date;
        let inputs = Inputs::load(self.centre, row.operator, date, under, past, source, through).await?;
        let run =
            Run { centre: self.centre, target: self.target, workers: self.workers, progress: &self.progress };
        let Derived { row, files, .. } = run.derive(inputs, date, digest, &mut timings).await?;
        Ok((row, files))
    }
}

/// The figures of all partitions, with what the readers of the file found.
fn add_up(
    partitions: &[ReconciliationFigures],
    findings: &Findings,
    with_file: bool,
) -> Result<ReconciliationFigures, EngineError> {
    let mut figures = ReconciliationFigures::default();
    partitions.iter().try_for_each(|partition| figures.merge(partition))?;
    if with_file {
        let file = figures.file.get_or_insert_with(LineFigures::default);
        (file.lines, file.not_taken) = findings.counts();
        figures.not_taken.extend(findings.told());
        figures.not_taken.sort_unstable();
        figures.not_taken.truncate(NOT_TAKEN_MAX);
    }
    Ok(figures)
}

/// SHA-256 over the lines `tongclear reconciliation 1`, operator, run, date, as of, the digest of its files, and the figures as
/// JSON.
fn run_digest(inputs: &Inputs, date: BusinessDate, files: &[RunFile], figures_json: &str) -> Digest {
    let Inputs { operator, run, as_of, .. } = inputs;
    let mut digest = Sha256::new();
    digest.update(format!("tongclear reconciliation 1\n{operator}\n{run}\n{date}\n{as_of}\n"));
    digest.update(format!("{}\n{figures_json}\n", files_digest(files)));
    Digest(digest.finalize().into())
}
