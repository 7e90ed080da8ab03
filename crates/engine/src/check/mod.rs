//! `check`: everything that the centre says, derived again from sealed packages, registries, keys and lists.
//!
//! Each window is cleared once more into a scratch vault, starting from state that was itself derived, and every file
//! and row its run committed is compared; the ledger must be the postings of all runs, the positions what the totals
//! give, the balances the sums of the transfers, and the audit log a chain that tells of exactly what is there.
//!
//! Nothing is changed. A disagreement is a [`Finding`], not an error; errors are faults of disk and database.

mod access;
mod decisions;
mod files;
mod finding;
mod ledger;
mod log;
mod packages;
mod payouts;
mod reconciliations;
mod run;

use std::collections::BTreeSet;
use std::sync::Arc;

use tongclear_mac::{KeyRing, Passphrase};
use tongclear_store::{
    AuditRow, ClearingCommit, Digest, PackageRow, RunTotals, StoreError, WindowId, WindowRow, WindowState,
};
use tongclear_types::BusinessDate;

pub use self::finding::{Finding, FindingKind, Findings};
use self::ledger::Expected;
use crate::centre::{ClosedWindow, closed_windows};
use crate::clearing::continuity;
use crate::clearing::{Before, Effort, Previous, Run};
use crate::progress::Timings;
use crate::run_files::RunFiles;
use crate::{Centre, EngineError, Progress, Stage, Unwatched, Vault};

/// What to check.
#[derive(Debug, Clone, Copy, Default)]
pub struct CheckOptions {
    /// Windows before this date are taken as they stand; their packages, ledger and log are checked all the same.
    pub since: Option<BusinessDate>,
    /// The hash of an audit entry that was published: it must be in the log.
    pub anchor: Option<Digest>,
    /// Threads of each derivation.
    pub workers: usize,
}

/// What a check looked at, and what it found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// Windows past their close.
    pub windows: u64,
    /// Cleared windows that were derived again.
    pub rederived: u64,
    /// Accepted packages.
    pub packages: u64,
    /// Their records.
    pub records: u64,
    /// Transfers in the ledger.
    pub transfers: u64,
    /// Runs of reconciliation that were derived again.
    pub reconciliations: u64,
    /// Entries of the audit log, and the hash of the last.
    pub audit: (u64, Option<Digest>),
    /// What is not as it must be.
    pub findings: Findings,
}

/// Derives everything again and compares; scratch files go to the system's folder for such.
///
/// # Errors
/// A wrong passphrase; faults of store, vault and scratch disk.
pub async fn check(
    centre: &Centre,
    passphrase: &Passphrase,
    options: CheckOptions,
    progress: Arc<dyn Progress>,
) -> Result<CheckReport, EngineError> {
    let ring = match centre.store.latest_key_ring().await? {
        Some(sealed) => KeyRing::open(&sealed.body, passphrase)?,
        None => KeyRing::empty(),
    };
    let (windows, log) = at_rest(centre).await?;
    let mut checker = Checker {
        centre,
        passphrase,
        options,
        ring: Arc::new(ring),
        progress: Arc::clone(&progress),
        report: CheckReport::default(),
        expected: Expected::default(),
        derived: Some(Before::default()),
    };
    progress.begin(Stage::Check, windows.iter().map(|window| window.transactions).sum::<u64>() * 2);
    checker.report.audit = (log.len() as u64, log.last().map(|row| row.hash));
    log::check(centre, &log, &windows, options.anchor, &mut checker.report.findings).await?;
    checker.windows(&windows).await?;
    checker.ledger(&windows).await?;
    checker.reconciliations().await?;
    packages::other_files(centre, &mut checker.report.findings).await?;
    progress.end(Stage::Check);
    Ok(checker.report)
}

/// Windows and log as they are together: a night that works meanwhile moves both.
async fn at_rest(centre: &Centre) -> Result<(Vec<WindowRow>, Vec<AuditRow>), EngineError> {
    const TRIES_MAX: usize = 100;
    let mut windows = centre.store.windows().await?;
    for _ in 0..TRIES_MAX {
        let log = centre.store.audit_log().await?;
        let after = centre.store.windows().await?;
        if states(&windows) == states(&after) {
            return Ok((after, log));
        }
        windows = after;
    }
    Err(EngineError::Refused("windows change faster than they can be read; check again later".into()))
}

fn states(windows: &[WindowRow]) -> Vec<(WindowId, WindowState)> {
    windows.iter().map(|window| (window.id, window.state)).collect()
}

struct Checker<'a> {
    centre: &'a Centre,
    passphrase: &'a Passphrase,
    options: CheckOptions,
    /// The latest ring: seal keys are never overwritten, so it has those of every window.
    ring: Arc<KeyRing>,
    progress: Arc<dyn Progress>,
    report: CheckReport,
    expected: Expected,
    /// What the windows so far leave behind, as derived; none once a window could not be derived.
    derived: Option<Before>,
}

impl Checker<'_> {
    async fn windows(&mut self, windows: &[WindowRow]) -> Result<(), EngineError> {
        // The files of the window before stay until the next one has been derived from them.
        let mut kept: Option<tempfile::TempDir> = None;
        let mut packages: Vec<(Option<BusinessDate>, PackageRow)> = Vec::new();
        for row in windows {
            let (found, date) = (self.report.findings.count(), row.snapshot.map(|snapshot| snapshot.date));
            let of_window =
                packages::check(self.centre, row, &self.ring, &*self.progress, &mut self.report.findings)
                    .await?;
            let sound = self.report.findings.count() == found;
            self.report.packages += of_window.len() as u64;
            self.report.records += of_window.iter().map(|package| u64::from(package.records)).sum::<u64>();
            packages.extend(of_window.into_iter().map(|package| (date, package)));
            let Some(window) = closed_windows(std::slice::from_ref(row)).next() else { continue };
            self.report.windows += 1;
            if window.state() >= WindowState::Cleared {
                kept = self.cleared(&window, sound, kept).await?;
            }
        }
        packages::chains(&packages, &mut self.report.findings);
        Ok(())
    }

    /// Derives a cleared window and compares; returns the folder that holds its files.
    async fn cleared(
        &mut self,
        window: &ClosedWindow,
        sound: bool,
        previous: Option<tempfile::TempDir>,
    ) -> Result<Option<tempfile::TempDir>, EngineError> {
        let date = window.date();
        if self.options.since.is_some_and(|since| date < since) {
            self.progress.advance(Stage::Check, window.row.transactions);
            self.derived = None;
            self.take_as_it_stands(window).await?;
            return Ok(None);
        }
        let dir = tempfile::TempDir::with_prefix("tongclear-check-").map_err(|error| EngineError::Disk {
            doing: "making",
            path: std::env::temp_dir(),
            reason: error.to_string(),
        })?;
        let scratch = Vault::scratch(dir.path())?;
        let outcome = if sound {
            self.derive(window, &scratch).await
        } else {
            Err(EngineError::CheckFailed("its packages are not those that were received".to_owned()))
        };
        // Only now may the files go from which this window was derived.
        drop(previous);
        match outcome {
            Ok(mut commit) => {
                self.report.rederived += 1;
                // A version that kept no continuity left none to the next window either.
                if !self.centre.store.run_files(window.row.id).await?.iter().any(continuity::is_file) {
                    commit.files.retain(|file| !continuity::is_file(file));
                }
                let findings = &mut self.report.findings;
                run::compare(self.centre, window, &commit, &scratch, findings).await?;
                let totals = serde_json::from_str(&commit.totals_json)
                    .map_err(|error| EngineError::Internal(format!("derived totals: {error}")))?;
                self.settled(window, &totals).await?;
                let files = RunFiles::from(commit.files.clone());
                let mut suspended = match self.derived.take() {
                    Some(before) => before.suspended,
                    None => self.centre.store.suspended_before(window.row.id).await?,
                };
                suspended.extend(&commit.suspended);
                self.derived =
                    Some(Before { previous: Some(Previous { date, files, vault: scratch }), suspended });
                Ok(Some(dir))
            }
            Err(
                error @ (EngineError::Damaged { .. }
                | EngineError::CheckFailed(_)
                | EngineError::Internal(_)
                | EngineError::Store(StoreError::Corrupt { .. })),
            ) => {
                let subject = "its results";
                self.report.findings.add(
                    FindingKind::NotRederived,
                    Some(date),
                    subject,
                    "a derivation",
                    error,
                );
                self.derived = None;
                self.take_as_it_stands(window).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn derive(&self, window: &ClosedWindow, scratch: &Vault) -> Result<ClearingCommit, EngineError> {
        let keys = self.centre.key_ring_as_of(window.snapshot.keys, self.passphrase).await?;
        let before = match &self.derived {
            Some(before) => before.clone(),
            None => Before::of(self.centre, window).await?,
        };
        let progress: Arc<dyn Progress> = Arc::new(Records(Arc::clone(&self.progress)));
        let run = Run {
            centre: self.centre,
            window,
            target: scratch,
            effort: Effort::of(self.options.workers),
            progress: &progress,
        };
        run.derive(&keys, before, &mut Timings::default()).await
    }

    /// Goes on from the stored totals of a window that was not derived.
    async fn take_as_it_stands(&mut self, window: &ClosedWindow) -> Result<(), EngineError> {
        let date = window.date();
        match crate::run_totals(self.centre, window).await {
            Ok(totals) => self.settled(window, &totals).await,
            Err(EngineError::Refused(why) | EngineError::Internal(why)) => {
                self.report.findings.add(FindingKind::Unreadable, Some(date), "totals", "totals", why);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Notes the postings that the totals give, and compares the positions of a settled window.
    async fn settled(&mut self, window: &ClosedWindow, totals: &RunTotals) -> Result<(), EngineError> {
        self.expected.post(window.date(), totals);
        if window.state() < WindowState::Settled {
            return Ok(());
        }
        let registry = self.centre.registry_as_of(window.snapshot.registry).await?;
        let stored = self.centre.store.positions(window.row.id).await?;
        self.expected.settle(window.date(), totals, &registry, &stored, &mut self.report.findings)
    }

    async fn ledger(&mut self, windows: &[WindowRow]) -> Result<(), EngineError> {
        // A payout that is made meanwhile moves both: they are read until they belong together.
        let mut book = payouts::book(self.centre, &mut self.report.findings).await?;
        let ledger = loop {
            let ledger = self.centre.store.ledger().await;
            let after = payouts::book(self.centre, &mut Findings::default()).await?;
            let same = book.as_ref().map(|it| &it.rows) == after.as_ref().map(|it| &it.rows);
            book = after;
            if same {
                break ledger;
            }
        };
        if let Some(book) = &book {
            self.expected.also(payouts::postings(book));
            payouts::check(self.centre, book, &mut self.report.findings).await?;
        }
        match ledger {
            Ok(ledger) => {
                self.report.transfers = ledger.transfers.len() as u64;
                // What a night has cleared since the check began is not this check's.
                let known: BTreeSet<BusinessDate> = closed_windows(windows)
                    .filter(|it| it.state() >= WindowState::Cleared)
                    .map(|it| it.date())
                    .collect();
                let later = closed_windows(&self.centre.store.windows().await?)
                    .filter(|it| it.state() >= WindowState::Cleared && !known.contains(&it.date()))
                    .map(|it| it.date())
                    .collect();
                self.expected.compare(&ledger, &later, &mut self.report.findings)
            }
            Err(error @ StoreError::Corrupt { .. }) => {
                let subject = "the ledger";
                self.report.findings.add(FindingKind::Unreadable, None, subject, "transfers", error);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Tells of the records that a derivation has judged, and of nothing else.
struct Records(Arc<dyn Progress>);

impl Progress for Records {
    fn begin(&self, stage: Stage, total: u64) {
        Unwatched.begin(stage, total);
    }

    fn advance(&self, stage: Stage, done: u64) {
        if stage == Stage::Verify {
            self.0.advance(Stage::Check, done);
        }
    }

    fn end(&self, stage: Stage) {
        Unwatched.end(stage);
    }
}
