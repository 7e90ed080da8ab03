//! Registry and key ring as they are in force, opened once a version: opening a ring is slow on purpose.

use std::sync::Arc;

use tokio::sync::Mutex;
use tongclear_engine::{Centre, EngineError};
use tongclear_mac::{KeyRing, Passphrase};
use tongclear_registry::Registry;
use tongclear_store::{KeyGeneration, RegistryVersion, versions};

/// What the door knows.
pub(crate) struct Known {
    version: RegistryVersion,
    generation: KeyGeneration,
    pub(crate) registry: Registry,
    pub(crate) ring: KeyRing,
}

/// The newest of both, looked up each time and opened when it has changed, whoever changed it.
pub(crate) struct Keys {
    passphrase: Passphrase,
    known: Mutex<Option<Arc<Known>>>,
}

impl Keys {
    pub(crate) fn new(passphrase: Passphrase) -> Self {
        Self { passphrase, known: Mutex::new(None) }
    }

    pub(crate) const fn passphrase(&self) -> &Passphrase {
        &self.passphrase
    }

    /// What is in force now.
    ///
    /// # Errors
    /// [`EngineError::Refused`] without a registry or keys; a passphrase that does not open the ring; faults of the store.
    pub(crate) async fn now(&self, centre: &Centre) -> Result<Arc<Known>, EngineError> {
        let latest = versions(&*centre.store).await?;
        let mut known = self.known.lock().await;
        if let Some(known) = &*known
            && latest == (Some(known.version), Some(known.generation))
        {
            return Ok(Arc::clone(known));
        }
        let registry = centre.registry().await?;
        let ring = centre.key_ring(&self.passphrase).await?;
        let fresh = Arc::new(Known {
            version: registry.number,
            generation: ring.number,
            registry: registry.body,
            ring: ring.body,
        });
        *known = Some(Arc::clone(&fresh));
        Ok(fresh)
    }
}
