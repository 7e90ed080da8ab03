//! Files that appear whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::TerminalError;

/// Writes `bytes` to `path` so that a reader, or a power cut, sees the file before or the file after.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TerminalError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        // The name is durable once the folder is.
        File::open(folder)?.sync_all()
    };
    write().map_err(TerminalError::io(path))
}
