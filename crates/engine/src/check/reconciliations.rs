//! Runs of reconciliation, derived again from the operators' files and our windows, and compared with what was committed.

use std::sync::Arc;

use object_store::path::Path;
use tongclear_store::reconciliations::{ReconciliationRow, reconciliation_files, reconciliations};
use tongclear_store::{RunFile, StoreError};
use tongclear_types::OperatorCode;

use super::finding::{FindingKind, Findings};
use super::{CheckOptions, Checker};
use crate::reconcile::{Again, Past};
use crate::run_files::RunFiles;
use crate::vault::operator_file_path;
use crate::{Centre, EngineError, Unwatched, Vault};

impl Checker<'_> {
    /// Every run with every operator, in order; a run starts from what was derived of the one before.
    pub(super) async fn reconciliations(&mut self) -> Result<(), EngineError> {
        let rows = match reconciliations(&*self.centre.store, None).await {
            Ok(rows) => rows,
            Err(error @ StoreError::Corrupt { .. }) => {
                let kind = FindingKind::Unreadable;
                self.report.findings.add(kind, None, "runs of reconciliation", "rows", error);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let mut of_operator = OfOperator::default();
        for row in rows {
            if of_operator.operator != Some(row.operator) {
                of_operator = OfOperator { operator: Some(row.operator), ..OfOperator::default() };
            }
            let (operator, run, date) = (row.operator, row.run, row.business_date);
            match of_operator.run(self.centre, self.options, row, &mut self.report.findings).await {
                Ok(rederived) => self.report.reconciliations += u64::from(rederived),
                Err(
                    error @ (EngineError::Damaged { .. }
                    | EngineError::CheckFailed(_)
                    | EngineError::Refused(_)
                    | EngineError::List(_)
                    | EngineError::Internal(_)
                    | EngineError::Store(StoreError::Corrupt { .. })),
                ) => {
                    let subject = format!("reconciliation {run} with {operator}");
                    let kind = FindingKind::NotRederived;
                    self.report.findings.add(kind, Some(date), subject, "a derivation", error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The runs with one operator so far, as derived, and the folders in which their files lie.
#[derive(Default)]
struct OfOperator {
    operator: Option<OperatorCode>,
    past: Vec<Past>,
    folders: Vec<tempfile::TempDir>,
}

impl OfOperator {
    /// Compares one run; says whether it was derived.
    async fn run(
        &mut self,
        centre: &Centre,
        options: CheckOptions,
        row: ReconciliationRow,
        findings: &mut Findings,
    ) -> Result<bool, EngineError> {
        // What is stored goes on to the next run only where nothing could be derived.
        let stored = Past::of(centre, row.clone()).await;
        if options.since.is_some_and(|since| row.business_date < since) {
            self.past.push(stored?);
            return Ok(false);
        }
        let dir = tempfile::TempDir::with_prefix("tongclear-check-").map_err(|error| EngineError::Disk {
            doing: "making",
            path: std::env::temp_dir(),
            reason: error.to_string(),
        })?;
        let scratch = Vault::scratch(dir.path())?;
        let again = Again {
            centre,
            target: &scratch,
            workers: options.workers.max(1),
            progress: Arc::new(Unwatched),
        };
        let file = match row.file {
            None => None,
            Some(digest) => {
                let path = operator_file_path(row.operator, row.business_date, &digest);
                if centre.vault.copy_to(&path, &scratch).await?.is_none() {
                    self.past.push(stored?);
                    let reason = "it is not in the vault".to_owned();
                    return Err(EngineError::Damaged { path: path.to_string(), reason });
                }
                Some(scratch.display(&path))
            }
        };
        let derived = again.derive(&row, self.past.clone(), file).await;
        let (derived, files) = match derived {
            Ok(derived) => derived,
            Err(error) => {
                self.past.push(stored?);
                return Err(error);
            }
        };
        compare(centre, &row, &derived, &files, findings).await?;
        let dates = derived.figures()?.paired_dates;
        self.past.push(Past { row: derived, files: RunFiles::from(files), dates, vault: scratch });
        self.folders.push(dir);
        Ok(true)
    }
}

async fn compare(
    centre: &Centre,
    stored: &ReconciliationRow,
    derived: &ReconciliationRow,
    files: &[RunFile],
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let (kind, date) = (FindingKind::Reconciliation, Some(stored.business_date));
    let subject = |what: &str| format!("reconciliation {} with {}: {what}", stored.run, stored.operator);
    findings.same(kind, date, subject("digest"), derived.digest, stored.digest);
    findings.same(kind, date, subject("figures"), &derived.figures_json, &stored.figures_json);
    let through =
        |row: &ReconciliationRow| row.taken_through.map_or("none".to_owned(), |date| date.to_string());
    findings.same(kind, date, subject("as of"), derived.as_of, stored.as_of);
    findings.same(kind, date, subject("windows taken in"), through(derived), through(stored));
    let recorded = reconciliation_files(&*centre.store, stored.operator, stored.run).await?;
    let listed = |files: &[RunFile]| {
        let mut lines: Vec<String> =
            files.iter().map(|file| format!("{} {}", file.path, file.digest)).collect();
        lines.sort_unstable();
        lines.join(", ")
    };
    findings.same(kind, date, subject("files"), listed(files), listed(&recorded));
    for file in &recorded {
        let found = centre.vault.digest_of(&Path::from(file.path.clone())).await?;
        let found = found.map_or_else(|| "no file".to_owned(), |digest| digest.to_string());
        findings.same(kind, date, file.path.clone(), file.digest.to_string(), found);
    }
    Ok(())
}
