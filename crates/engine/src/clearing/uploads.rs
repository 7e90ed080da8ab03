//! Files on their way into the vault while the workers go on judging.

use std::sync::{Arc, Mutex, PoisonError};

use object_store::path::Path;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tongclear_store::{Digest, RunFile, cut};

use crate::{EngineError, Vault};

/// How many files may be under way at once; a worker that has another one waits.
const UPLOADS_MAX: usize = 8;

/// One file under way.
type Upload = JoinHandle<Result<RunFile, EngineError>>;

/// Writes files in the background; [`Uploads::finish`] waits until all are durable.
#[derive(Clone)]
pub(crate) struct Uploads {
    vault: Vault,
    runtime: Handle,
    permits: Arc<Semaphore>,
    under_way: Arc<Mutex<Vec<Upload>>>,
}

impl Uploads {
    pub(crate) fn new(vault: Vault, runtime: Handle) -> Self {
        Self { vault, runtime, permits: Arc::new(Semaphore::new(UPLOADS_MAX)), under_way: Arc::default() }
    }

    /// Starts writing a file; called from worker threads, which are outside the runtime.
    pub(crate) fn start(&self, path: Path, body: Vec<u8>) {
        let permit = self
            .runtime
            .block_on(Arc::clone(&self.permits).acquire_owned())
            .expect("the semaphore is never closed");
        let vault = self.vault.clone();
        let upload = self.runtime.spawn(async move {
            let file = RunFile { path: path.to_string(), digest: Digest::of(&body) };
            let written = vault.put(&path, body).await;
            cut::pass("clear.file_written");
            drop(permit);
            written.map(|()| file)
        });
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).push(upload);
    }

    /// Waits until every file is durable and says what was written; the first fault is returned after all have
    /// ended.
    pub(crate) async fn finish(&self) -> Result<Vec<RunFile>, EngineError> {
        let uploads = std::mem::take(&mut *self.under_way.lock().unwrap_or_else(PoisonError::into_inner));
        let mut files = Ok(Vec::with_capacity(uploads.len()));
        for upload in uploads {
            let written =
                upload.await.unwrap_or_else(|error| Err(EngineError::Internal(format!("upload: {error}"))));
            files = files.and_then(|mut files| {
                files.push(written?);
                Ok(files)
            });
        }
        files
    }
}
