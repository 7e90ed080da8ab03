//! The centre as one handle: its store, its vault, its clock; and what must be open before work can begin.

use std::sync::Arc;

use tongclear_mac::{KeyRing, Passphrase};
use tongclear_registry::Registry;
use tongclear_store::{
    Actor, KeyGeneration, RegistryVersion, Stamp, Store, Versioned, WindowRow, WindowState,
};
use tongclear_types::{BusinessDate, Clock};

use crate::{EngineError, Vault};

/// A clearing centre.
#[derive(Clone)]
pub struct Centre {
    /// Where what is small is kept.
    pub store: Arc<dyn Store>,
    /// Where files are kept.
    pub vault: Vault,
    /// Stamps arrivals and commits; never decides anything.
    pub clock: Arc<dyn Clock>,
    /// Who works here, for the audit log.
    pub actor: Actor,
}

impl Centre {
    /// Now, by whoever works here.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { at: self.clock.now(), by: self.actor.clone() }
    }

    /// The registry in force.
    ///
    /// # Errors
    /// [`EngineError::Refused`] when none was loaded; store faults.
    pub async fn registry(&self) -> Result<Versioned<RegistryVersion, Registry>, EngineError> {
        let stored = self.store.latest_registry().await?.ok_or_else(|| {
            EngineError::Refused(
                "there is no registry yet; load one with `tongclear registry load DIR`".into(),
            )
        })?;
        Ok(Versioned { number: stored.number, body: parse_stored_registry(&stored.body)? })
    }

    /// The registry of a version that some window was closed under.
    ///
    /// # Errors
    /// Store faults.
    pub async fn registry_as_of(&self, version: RegistryVersion) -> Result<Registry, EngineError> {
        parse_stored_registry(&self.store.registry(version).await?)
    }

    /// The key ring in force, opened.
    ///
    /// # Errors
    /// [`EngineError::Refused`] when no key was loaded, [`EngineError::KeyRing`] on a wrong passphrase.
    pub async fn key_ring(
        &self,
        passphrase: &Passphrase,
    ) -> Result<Versioned<KeyGeneration, KeyRing>, EngineError> {
        let sealed = self.store.latest_key_ring().await?.ok_or_else(|| {
            EngineError::Refused("there is no key ring yet; load keys with `tongclear keys load FILE`".into())
        })?;
        Ok(Versioned { number: sealed.number, body: KeyRing::open(&sealed.body, passphrase)? })
    }

    /// The key ring of a generation that some window was closed under, opened.
    ///
    /// # Errors
    /// As [`Centre::key_ring`].
    pub async fn key_ring_as_of(
        &self,
        generation: KeyGeneration,
        passphrase: &Passphrase,
    ) -> Result<KeyRing, EngineError> {
        Ok(KeyRing::open(&self.store.key_ring(generation).await?, passphrase)?)
    }

    /// The closed window of `date`.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`].
    pub async fn window(&self, date: BusinessDate) -> Result<ClosedWindow, EngineError> {
        closed_windows(&self.store.windows().await?)
            .find(|window| window.date() == date)
            .ok_or(EngineError::NoSuchWindow(date))
    }
}

fn parse_stored_registry(body: &str) -> Result<Registry, EngineError> {
    Registry::from_json(body).map_err(|error| EngineError::Internal(format!("stored registry: {error}")))
}

/// A window past its close, so that it has a date and a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct ClosedWindow {
    /// The stored row.
    pub row: WindowRow,
    /// What it is judged against.
    pub snapshot: tongclear_store::WindowSnapshot,
}

impl ClosedWindow {
    /// The business date, `D` in the rules.
    #[must_use]
    pub const fn date(&self) -> BusinessDate {
        self.snapshot.date
    }

    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> WindowState {
        self.row.state
    }
}

/// The windows past their close, in order.
pub fn closed_windows(windows: &[WindowRow]) -> impl DoubleEndedIterator<Item = ClosedWindow> {
    windows.iter().filter_map(|row| row.snapshot.map(|snapshot| ClosedWindow { row: *row, snapshot }))
}
