//! The reports of a window: statements, lists of unpaid records, the root.

use bytes::Bytes;
use tongclear_engine::report_path;
use tongclear_ledger::Participant;
use tongclear_store::Scope;
use tongclear_types::BusinessDate;

use super::View;
use crate::DeskError;

/// What is published to everybody: what the statements lead to.
const ROOT: &str = "root.json";

impl View {
    /// The names of a window's reports that may be seen.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`](tongclear_engine::EngineError::NoSuchWindow); faults of store and vault.
    pub async fn reports(&self, date: BusinessDate) -> Result<Vec<String>, DeskError> {
        self.cleared(date).await?;
        let files = self.centre.vault.list(&report_path(date, "")).await?;
        let names = files.iter().filter_map(|path| path.filename().map(str::to_owned));
        Ok(names.filter(|name| self.sees_report(name)).collect())
    }

    /// A report.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is none of that name that may be seen; faults of store and vault.
    pub async fn report(&self, date: BusinessDate, name: &str) -> Result<Bytes, DeskError> {
        let found = match self.reports(date).await?.iter().any(|known| known == name) {
            true => self.centre.vault.find(&report_path(date, name)).await?,
            false => None,
        };
        found.ok_or_else(|| DeskError::NotFound(format!("window {date} has no report {name:?} for you")))
    }

    fn sees_report(&self, name: &str) -> bool {
        match self.scope {
            Scope::Everything => true,
            Scope::Of(Participant::Merchant(own)) => {
                name == ROOT
                    || [
                        format!("statement-{own}.csv"),
                        format!("statement-{own}.json"),
                        format!("unpaid-{own}.csv"),
                    ]
                    .iter()
                    .any(|known| known == name)
            }
            Scope::Of(_) => name == ROOT,
            Scope::Collector(_) => false,
        }
    }
}
