//! The night: close → clear → settle → statements, resumable at every step.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use tongclear_engine::{
    Centre, Cleared, ClosedWindow, Effort, EngineError, Progress, Settled, Stage, Timings, clear, close,
    closed_windows, export::unpaid_rows, open_window, refuse_if_past, report_path, results, run_totals,
    settle, window_proof,
};
use tongclear_ledger::Check;
use tongclear_mac::Passphrase;
use tongclear_report::{Names, NightReport, StageTime, Statements, night_text};
use tongclear_store::{WindowState, cut};
use tongclear_types::BusinessDate;

use crate::{DeskError, cleared};

/// The report that is written last: where it is, a window's statements are whole.
const SUMMARY: &str = "summary.txt";
/// The report that is published: what the statements lead to.
const ROOT: &str = "root.json";

/// One run of the night.
pub struct Night {
    centre: Centre,
    /// Opened before anything is changed, so that a wrong one changes nothing.
    passphrase: Option<Passphrase>,
    effort: Effort,
    progress: Arc<dyn Progress>,
    timings: Timings,
    /// The finalisation checks that were made.
    checks: Vec<Check>,
}

impl Night {
    /// A night that has not begun.
    #[must_use]
    pub fn new(centre: Centre, effort: Effort, progress: Arc<dyn Progress>) -> Self {
        Self { centre, passphrase: None, effort, progress, timings: Timings::default(), checks: Vec::new() }
    }

    /// Brings every window up to the one of `date` to its end; says whether there was anything to do. The passphrase is
    /// asked for when there is, and `earlier` is told of windows before `date` that are finished first.
    ///
    /// # Errors
    /// What closing, clearing and settling refuse; what `passphrase` answers; faults of store and vault, after which the
    /// night can be run again and goes on where it stopped.
    pub async fn finish<E: From<DeskError>>(
        &mut self,
        date: BusinessDate,
        passphrase: impl FnOnce() -> Result<Passphrase, E> + Send,
        earlier: impl Fn(BusinessDate) + Send + Sync,
    ) -> Result<bool, E> {
        let unfinished = self.unfinished(date).await?;
        let Some((unfinished, to_close)) = unfinished else { return Ok(false) };
        let passphrase = passphrase()?;
        self.bring_to_end(date, unfinished, to_close, passphrase, earlier).await?;
        Ok(true)
    }

    /// The windows that are not at their end, and whether `date` has to be closed; nothing when there is nothing to do.
    async fn unfinished(&self, date: BusinessDate) -> Result<Option<(Vec<BusinessDate>, bool)>, DeskError> {
        let windows = self.centre.store.windows().await?;
        refuse_if_past(&windows, date)?;
        let last = closed_windows(&windows).next_back().map(|window| window.date());
        let mut unfinished = Vec::new();
        for window in closed_windows(&windows) {
            if !self.finished(&window, last == Some(window.date())).await? {
                unfinished.push(window.date());
            }
        }
        let to_close = last.is_none_or(|last| last < date);
        Ok((!unfinished.is_empty() || to_close).then_some((unfinished, to_close)))
    }

    async fn bring_to_end(
        &mut self,
        date: BusinessDate,
        unfinished: Vec<BusinessDate>,
        to_close: bool,
        passphrase: Passphrase,
        tell: impl Fn(BusinessDate) + Send + Sync,
    ) -> Result<(), DeskError> {
        self.centre.registry().await?;
        self.centre.key_ring(&passphrase).await?;
        self.passphrase = Some(passphrase);
        for earlier in &unfinished {
            if *earlier != date {
                tell(*earlier);
            }
            self.finish_window(*earlier).await?;
        }
        if to_close {
            // Another night may have closed it meanwhile; then this one goes on from there as well.
            let closing = close(&self.centre, date);
            self.timings.stage(Stage::Close, 0, &*self.progress, closing).await?;
            self.finish_window(date).await?;
        }
        Ok(())
    }

    /// A window is finished when its summary is there. Of the last one, which is the one that can be asked for, the
    /// result files are looked for as well; looking through those of all windows would make every night longer.
    async fn finished(&self, window: &ClosedWindow, last: bool) -> Result<bool, EngineError> {
        Ok(window.state() >= WindowState::Settled
            && self.centre.vault.exists(&report_path(window.date(), SUMMARY)).await?
            && (!last || results::complete(&self.centre, window).await?))
    }

    /// Clears, settles and reports one closed window, as far as that is still to be done.
    async fn finish_window(&mut self, date: BusinessDate) -> Result<(), DeskError> {
        let passphrase = self.passphrase.as_ref().expect("opened before the first window is touched");
        let progress = Arc::clone(&self.progress);
        match clear(&self.centre, date, passphrase, self.effort, progress).await? {
            Cleared::Already => {}
            Cleared::Now { timings, .. } => self.timings.extend(timings),
        }
        let settling = settle(&self.centre, date);
        match self.timings.stage(Stage::Settle, 0, &*self.progress, settling).await? {
            Settled::Already => {}
            Settled::Now { checks } => self.checks = checks,
        }
        let started = std::time::Instant::now();
        self.write_statements(date).await?;
        self.timings.note(Stage::Statements, started.elapsed());
        Ok(())
    }

    /// Writes a result file per collector, a statement and a list of unpaid records per merchant, the lists of continuity
    /// and devices, and last of all the summary.
    async fn write_statements(&self, date: BusinessDate) -> Result<(), DeskError> {
        let centre = &self.centre;
        let window = centre.window(date).await?;
        let registry = centre.registry_as_of(window.snapshot.registry).await?;
        let totals = run_totals(centre, &window).await?;
        let positions = centre.store.positions(window.row.id).await?;
        let unpaid = unpaid_rows(centre, &window, registry.centre.card_partitions).await?;
        results::write(centre, &window, &unpaid, &*self.progress).await?;
        let proof = window_proof(centre, &window).await?;
        if let Some(proof) = &proof {
            centre.vault.put(&report_path(date, ROOT), proof.published().to_json()).await?;
        }
        let statements = Statements {
            date,
            registry: &registry,
            totals: &totals,
            positions: &positions,
            proof: proof.as_ref(),
        };
        let files = statements.files(unpaid);
        self.progress.begin(Stage::Statements, u64::try_from(files.len()).unwrap_or(u64::MAX));
        let writing = files.into_iter().map(|file| async move {
            let file = file?;
            centre.vault.put(&report_path(date, &file.name), file.body).await?;
            cut::pass("reports.file_written");
            self.progress.advance(Stage::Statements, 1);
            Ok::<_, DeskError>(())
        });
        stream::iter(writing).buffer_unordered(results::WRITES_AT_ONCE).try_collect::<()>().await?;
        for file in cleared::continuity_files(centre, &window, &registry).await? {
            centre.vault.put(&report_path(date, &file.name), file.body).await?;
        }
        cut::pass("reports.before_summary");
        let report = self.report(date, true).await?;
        let both = [tongclear_report::Lang::Zh, tongclear_report::Lang::En]
            .map(|lang| night_text(&report.kept(), lang));
        centre.vault.put(&report_path(date, SUMMARY), both.join("\n").into_bytes()).await?;
        cut::pass("reports.summary_written");
        self.progress.end(Stage::Statements);
        Ok(())
    }

    /// What the night has to show for the window of `date`; `changed` is what [`Night::finish`] said.
    ///
    /// # Errors
    /// Faults of store and vault.
    pub async fn report(&self, date: BusinessDate, changed: bool) -> Result<NightReport, DeskError> {
        let windows = self.centre.store.windows().await?;
        let window = self.centre.window(date).await?;
        let registry = self.centre.registry_as_of(window.snapshot.registry).await?;
        let stage = |(stage, time): (Stage, std::time::Duration)| {
            let (zh, en) = stage.names();
            StageTime { zh, en, time }
        };
        Ok(NightReport {
            changed,
            settlement: cleared::settlement(&self.centre, date).await?,
            root: cleared::run_of(&self.centre, &window).await?.root.map(|root| root.to_string()),
            names: Names::of(&registry),
            missing: Some(self.centre.store.missing_packages().await?),
            positions: self.centre.store.positions(window.row.id).await?,
            waiting_packages: open_window(&windows)?.packages,
            reports: self.centre.vault.display(&report_path(date, "")),
            checks: self.checks.clone(),
            stages: self.timings.iter().map(stage).collect(),
        })
    }
}
