//! The file that a command writes for its caller: whole in its place, or not there at all.
//!
//! It is written under a name of its own in the same folder and moved into its place when it is durable. What is
//! there already and is no file (a pipe, `/dev/stdout`, `/dev/null`) cannot be replaced: that is written straight
//! into.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::CliError;

/// What a new file may be used for before the caller's umask takes away from it.
const NEW_FILE_MODE: u32 = 0o666;

/// A file on its way to its place; dropped before [`OutFile::finish`], it leaves nothing behind.
pub(crate) struct OutFile {
    place: PathBuf,
    to: To,
}

enum To {
    /// Beside its place, in this folder.
    Beside(NamedTempFile, PathBuf),
    /// Into what is no file.
    Straight(File),
}

impl OutFile {
    /// Begins a file that is to lie at `place`.
    ///
    /// # Errors
    /// [`CliError::Usage`] when `place` is a folder, or lies in none; [`CliError::Disk`].
    pub(crate) fn create(place: &Path) -> Result<Self, CliError> {
        let disk = |reason| fault(place, reason);
        let (place, permissions) = match place.metadata() {
            Ok(there) if there.is_dir() => {
                let place = place.display();
                return Err(CliError::Usage(format!("{place}: this is a folder; name the file to write")));
            }
            Ok(there) if !there.is_file() => {
                let file = OpenOptions::new().write(true).open(place).map_err(disk)?;
                return Ok(Self { place: place.to_owned(), to: To::Straight(file) });
            }
            // A link stays, and what it leads to is replaced.
            Ok(there) => (place.canonicalize().map_err(disk)?, there.permissions()),
            Err(_) => (place.to_owned(), Permissions::from_mode(NEW_FILE_MODE)),
        };
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        if !folder.metadata().map_err(|error| CliError::reading(&folder, error))?.is_dir() {
            return Err(CliError::Usage(format!("{}: not a folder", folder.display())));
        }
        let file = tempfile::Builder::new()
            .prefix(".tongclear-")
            .suffix(".partial")
            .permissions(permissions)
            .tempfile_in(&folder)
            .map_err(|reason| fault(&place, reason))?;
        Ok(Self { place, to: To::Beside(file, folder) })
    }

    /// Where the bytes go.
    pub(crate) fn file(&mut self) -> &mut File {
        match &mut self.to {
            To::Beside(file, _) => file.as_file_mut(),
            To::Straight(file) => file,
        }
    }

    /// Makes the file durable and moves it into its place.
    ///
    /// # Errors
    /// [`CliError::Disk`]; then the place is as it was.
    pub(crate) fn finish(self) -> Result<(), CliError> {
        match self.to {
            // Pipes and devices know no sync.
            To::Straight(_) => Ok(()),
            To::Beside(file, folder) => {
                let moved = || -> io::Result<()> {
                    file.as_file().sync_all()?;
                    file.persist(&self.place)?;
                    File::open(&folder)?.sync_all()
                };
                moved().map_err(|reason| fault(&self.place, reason))
            }
        }
    }
}

/// Writes a file whole.
///
/// # Errors
/// As [`OutFile::create`] and [`OutFile::finish`].
pub(crate) fn write_file(place: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut file = OutFile::create(place)?;
    io::Write::write_all(file.file(), bytes).map_err(|reason| fault(place, reason))?;
    file.finish()
}

fn fault(place: &Path, reason: io::Error) -> CliError {
    CliError::Disk { doing: "writing", path: place.display().to_string(), reason }
}

#[cfg(test)]
#[path = "out_file_tests.rs"]
mod tests;
