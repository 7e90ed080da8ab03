//! What a collector fetches: results of its packages, deny lists, its part of the registry, what is missing.

use bytes::Bytes;
use serde::Serialize;
use tongclear_engine::{closed_windows, deny_list_path, results};
use tongclear_store::collectors::{missing_of, windows_of};
use tongclear_store::{Digest, MissingPackages, RegistryVersion, Scope, Versioned, WindowState};
use tongclear_types::{BusinessDate, CollectorId, IssuerId, MerchantCode, OperatorCode, TerminalId};

use super::View;
use crate::DeskError;

/// A deny list with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyListFile {
    /// Its version.
    pub version: u32,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its bytes, as they were loaded.
    pub bytes: Bytes,
}

/// The part of the registry that concerns a collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectorRegistry {
    /// The version of the whole registry.
    pub version: RegistryVersion,
    /// Whose packages it sends.
    pub merchant: MerchantCode,
    /// The card operators whose cards its terminals may take.
    pub operators: Vec<OperatorPart>,
    /// The terminals that deliver to it.
    pub terminals: Vec<TerminalPart>,
}

/// A card operator as a terminal must know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorPart {
    /// Its code.
    pub code: OperatorCode,
    /// The first 8 bytes of its cards' file 15.
    pub issuer_id: IssuerId,
    /// Its name.
    pub name: String,
    /// Whether its cards' keys are diversified by issuer id and serial, or by serial alone.
    pub two_level_keys: bool,
}

/// A terminal of the collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TerminalPart {
    /// Its id.
    pub id: TerminalId,
    /// First date in service, ISO 8601.
    pub from: String,
    /// Last date in service, ISO 8601; none while it stays.
    pub until: Option<String>,
}

impl View {
    fn collector(&self) -> Result<CollectorId, DeskError> {
        match self.scope {
            Scope::Collector(id) => Ok(id),
            Scope::Everything | Scope::Of(_) => {
                Err(DeskError::Forbidden("only a collector has packages of its own".to_owned()))
            }
        }
    }

    /// Sequences of this collector that have not arrived although a later one has.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for anybody but a collector; faults of the store.
    pub async fn missing(&self) -> Result<Vec<MissingPackages>, DeskError> {
        Ok(missing_of(&*self.centre.store, self.collector()?).await?)
    }

    /// The settled windows with packages of this collector, in order: each has a result file, once its night has ended.
    ///
    /// # Errors
    /// As [`View::missing`].
    pub async fn results(&self) -> Result<Vec<BusinessDate>, DeskError> {
        let own = windows_of(&*self.centre.store, self.collector()?).await?;
        let windows = self.centre.store.windows().await?;
        let settled = closed_windows(&windows).filter(|it| it.state() >= WindowState::Settled);
        Ok(settled.filter(|it| own.contains(&it.row.id)).map(|it| it.date()).collect())
    }

    /// This collector's result file of a window.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is none; faults of store and vault.
    pub async fn result(&self, date: BusinessDate) -> Result<Bytes, DeskError> {
        let own = self.collector()?;
        if !results::exists(&self.centre, date, own).await? {
            return Err(DeskError::NotFound(format!("there is no result file of {own} for window {date}")));
        }
        let window = self.cleared(date).await?;
        Ok(results::read(&self.centre, &window, own).await?.bytes)
    }

    /// Card operators with a deny list, and its newest version.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn deny_lists(&self) -> Result<Vec<(OperatorCode, u32, Digest)>, DeskError> {
        let mut newest = std::collections::BTreeMap::new();
        for row in self.centre.store.deny_lists().await? {
            newest.insert(row.operator, (row.version, row.digest));
        }
        Ok(newest.into_iter().map(|(operator, (version, digest))| (operator, version, digest)).collect())
    }

    /// The newest deny list of a card operator.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is none; faults of store and vault.
    pub async fn deny_list(&self, operator: OperatorCode) -> Result<DenyListFile, DeskError> {
        let lists = self.deny_lists().await?;
        let found = lists.into_iter().find(|(code, ..)| *code == operator);
        let (_, version, sha256) =
            found.ok_or_else(|| DeskError::NotFound(format!("there is no deny list of {operator}")))?;
        let bytes =
            self.centre.vault.get_verified(&deny_list_path(operator, version, &sha256), &sha256).await?;
        Ok(DenyListFile { version, sha256, bytes })
    }

    /// This collector's part of the registry in force.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when the registry does not know it; faults of the store.
    pub async fn registry_part(&self) -> Result<CollectorRegistry, DeskError> {
        let own = self.collector()?;
        let Versioned { number: version, body } = self.centre.registry().await?;
        let collector = body.collector(&own);
        let merchant = collector
            .ok_or_else(|| DeskError::NotFound(format!("collector {own} is not in the registry")))?
            .merchant;
        let operators = body
            .operators
            .iter()
            .map(|it| OperatorPart {
                code: it.code,
                issuer_id: it.issuer_id,
                name: it.name.clone(),
                two_level_keys: it.two_level_keys,
            })
            .collect();
        let terminals = body
            .terminals
            .iter()
            .filter(|row| row.collector == own)
            .map(|row| TerminalPart {
                id: row.id,
                from: row.from.to_string(),
                until: row.until.map(|it| it.to_string()),
            })
            .collect();
        Ok(CollectorRegistry { version, merchant, operators, terminals })
    }
}
