//! What a question reads of store and vault, each thing once.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;
use tongclear_package::DetailRow;
use tongclear_registry::Registry;
use tongclear_store::{PackageKey, PackageRow, RegistryVersion, WindowId, WindowRow};
use tongclear_types::{BusinessDate, CardId, TerminalId, TransactionRecord};

use super::view;
use crate::centre::{ClosedWindow, closed_windows};
use crate::clearing::card_state::{self, KnownChain};
use crate::clearing::detail;
use crate::clearing::partition_of;
use crate::clearing::ranges::NumberRanges;
use crate::clearing::terminals;
use crate::run_files::RunFiles;
use crate::vault::{cards_path, detail_path, package_path, terminals_path};
use crate::{Centre, EngineError};

/// Windows whose partition files are read at the same time: a file of a large day is some 10 MB.
const WINDOWS_AT_ONCE: usize = 8;

/// A reader of the centre that remembers what it has read.
pub(crate) struct Archive<'a> {
    pub(crate) centre: &'a Centre,
    pub(crate) windows: Vec<WindowRow>,
    registries: HashMap<RegistryVersion, Arc<Registry>>,
    latest: Option<RegistryVersion>,
    files: HashMap<WindowId, Arc<RunFiles>>,
    packages: HashMap<PackageKey, Bytes>,
    details: HashMap<(WindowId, CardId), Arc<[DetailRow]>>,
}

impl<'a> Archive<'a> {
    pub(crate) async fn open(centre: &'a Centre) -> Result<Self, EngineError> {
        Ok(Self {
            centre,
            windows: centre.store.windows().await?,
            registries: HashMap::new(),
            latest: None,
            files: HashMap::new(),
            packages: HashMap::new(),
            details: HashMap::new(),
        })
    }

    pub(crate) fn window(&self, id: WindowId) -> Result<WindowRow, EngineError> {
        let window = self.windows.iter().find(|window| window.id == id).copied();
        window.ok_or_else(|| EngineError::Internal(format!("there is no window {id}")))
    }

    /// The window before, whose state the run of `window` started from.
    pub(crate) fn previous(&self, window: &ClosedWindow) -> Option<ClosedWindow> {
        closed_windows(&self.windows).rfind(|earlier| earlier.date() < window.date())
    }

    /// The registry in force.
    pub(crate) async fn latest_registry(&mut self) -> Result<Arc<Registry>, EngineError> {
        if let Some(version) = self.latest {
            return self.registry(version).await;
        }
        let registry = self.centre.registry().await?;
        self.latest = Some(registry.number);
        let body = Arc::new(registry.body);
        self.registries.insert(registry.number, Arc::clone(&body));
        Ok(body)
    }

    pub(crate) async fn registry(&mut self, version: RegistryVersion) -> Result<Arc<Registry>, EngineError> {
        if let Some(registry) = self.registries.get(&version) {
            return Ok(Arc::clone(registry));
        }
        let registry = Arc::new(self.centre.registry_as_of(version).await?);
        self.registries.insert(version, Arc::clone(&registry));
        Ok(registry)
    }

    async fn files(&mut self, window: WindowId) -> Result<Arc<RunFiles>, EngineError> {
        if let Some(files) = self.files.get(&window) {
            return Ok(Arc::clone(files));
        }
        let files = Arc::new(RunFiles::of(self.centre, window).await?);
        self.files.insert(window, Arc::clone(&files));
        Ok(files)
    }

    /// The bytes of an accepted package.
    pub(crate) async fn package_bytes(&mut self, package: &PackageRow) -> Result<Bytes, EngineError> {
        if let Some(bytes) = self.packages.get(&package.key) {
            return Ok(bytes.clone());
        }
        let path = package_path(package.merchant, package.key);
        let bytes = self.centre.vault.get_verified(&path, &package.digest).await?;
        self.packages.insert(package.key, bytes.clone());
        Ok(bytes)
    }

    /// The records of a package at `rows`.
    pub(crate) async fn records(
        &mut self,
        package: &PackageRow,
        rows: &[u32],
    ) -> Result<Vec<TransactionRecord>, EngineError> {
        let bytes = self.package_bytes(package).await?;
        let view = view(package, &bytes)?;
        let missing = |row: u32| {
            let reason = format!("row {row} is missing: it has {} records", package.records);
            EngineError::Damaged { path: package_path(package.merchant, package.key).to_string(), reason }
        };
        rows.iter().map(|row| view.record(*row).ok_or_else(|| missing(*row))).collect()
    }

    /// All records of a card in a cleared window, in the order of the export.
    pub(crate) async fn card_rows(
        &mut self,
        window: &ClosedWindow,
        card: CardId,
    ) -> Result<Arc<[DetailRow]>, EngineError> {
        self.card_rows_of(&[*window], card).await?;
        Ok(Arc::clone(&self.details[&(window.row.id, card)]))
    }

    /// As [`Archive::card_rows`] for several windows at once.
    pub(crate) async fn card_rows_of(
        &mut self,
        windows: &[ClosedWindow],
        card: CardId,
    ) -> Result<(), EngineError> {
        let mut waiting = Vec::new();
        for window in windows {
            if self.details.contains_key(&(window.row.id, card)) {
                continue;
            }
            let partition = self.partition(window, card).await?;
            waiting.push((window.row.id, window.date(), partition, self.files(window.row.id).await?));
        }
        let vault = &self.centre.vault;
        let reads = waiting.into_iter().map(|(id, date, partition, files)| {
            let vault = vault.clone();
            // A task of its own: hashing and decoding then use every core.
            tokio::spawn(async move {
                let path = detail_path(date, partition);
                let file = files.get(&vault, &path).await?;
                let rows = detail::read_card(file, &card).map_err(|reason| damaged(&path, reason))?;
                Ok::<_, EngineError>(((id, card), rows.into()))
            })
        });
        let read = stream::iter(reads).buffered(WINDOWS_AT_ONCE).map(|joined| match joined {
            Ok(read) => read,
            Err(error) => Err(EngineError::Internal(format!("reading a partition: {error}"))),
        });
        self.details.extend(read.try_collect::<Vec<_>>().await?);
        Ok(())
    }

    /// What the window knew of a card after its run.
    pub(crate) async fn card_state(
        &mut self,
        window: &ClosedWindow,
        card: CardId,
    ) -> Result<Vec<KnownChain>, EngineError> {
        let path = cards_path(window.date(), self.partition(window, card).await?);
        let file = self.run_file(window, &path).await?;
        card_state::read_card(file, &card).map_err(|reason| damaged(&path, reason))
    }

    /// The accepted numbers of each of `terminals` after the window's run.
    pub(crate) async fn numbers(
        &mut self,
        window: &ClosedWindow,
        terminals: &[TerminalId],
    ) -> Result<Vec<NumberRanges>, EngineError> {
        let path = terminals_path(window.date());
        let file = self.run_file(window, &path).await?;
        let read = |terminal: &TerminalId| terminals::read_terminal(file.clone(), *terminal);
        let ranges = terminals.iter().map(read).collect::<Result<_, _>>();
        ranges.map_err(|reason| damaged(&path, reason))
    }

    async fn run_file(&mut self, window: &ClosedWindow, path: &Path) -> Result<Bytes, EngineError> {
        self.files(window.row.id).await?.get(&self.centre.vault, path).await
    }

    async fn partition(&mut self, window: &ClosedWindow, card: CardId) -> Result<u16, EngineError> {
        let registry = self.registry(window.snapshot.registry).await?;
        Ok(partition_of(&card, registry.centre.card_partitions))
    }

    /// The cleared windows, in order, or the one of `date`.
    pub(crate) fn cleared(&self, date: Option<BusinessDate>) -> Vec<ClosedWindow> {
        closed_windows(&self.windows)
            .filter(|window| window.state() >= tongclear_store::WindowState::Cleared)
            .filter(|window| date.is_none_or(|date| date == window.date()))
            .collect()
    }
}

fn damaged(path: &Path, reason: String) -> EngineError {
    EngineError::Damaged { path: path.to_string(), reason }
}
