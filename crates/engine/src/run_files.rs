//! The files of a committed run: read back only under the digest that the commit recorded.

use std::collections::HashMap;

use bytes::Bytes;
use object_store::path::Path;
use tokio::runtime::Handle;
use tongclear_store::{Digest, RunFile, WindowId};

use crate::{Centre, EngineError, Vault};

/// What a run wrote, by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunFiles(HashMap<String, Digest>);

impl From<Vec<RunFile>> for RunFiles {
    fn from(files: Vec<RunFile>) -> Self {
        Self(files.into_iter().map(|file| (file.path, file.digest)).collect())
    }
}

impl RunFiles {
    /// The files of the run of `window`.
    pub(crate) async fn of(centre: &Centre, window: WindowId) -> Result<Self, EngineError> {
        Ok(centre.store.run_files(window).await?.into())
    }

    /// Whether the run recorded such a file; older versions wrote fewer.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.0.contains_key(path.as_ref())
    }

    /// Reads one of them.
    pub(crate) async fn get(&self, vault: &Vault, path: &Path) -> Result<Bytes, EngineError> {
        vault.get_verified(path, self.recorded(path)?).await
    }

    /// Reads one of them, on a thread outside `runtime`.
    pub(crate) fn read(&self, vault: &Vault, runtime: &Handle, path: &Path) -> Result<Bytes, EngineError> {
        let mut file = Vec::new();
        vault.read_verified(runtime, path, self.recorded(path)?, &mut file)?;
        Ok(file.into())
    }

    fn recorded(&self, path: &Path) -> Result<&Digest, EngineError> {
        self.0.get(path.as_ref()).ok_or_else(|| EngineError::Damaged {
            path: path.to_string(),
            reason: "the run that should have written it recorded no such file".to_owned(),
        })
    }
}
