//! The library's load host with its book in a file: a grant is durable before it is answered.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tongclear_card::load_host::{
    GrantId, LibraryLoadHost, LoadAsked, LoadBook, LoadGrant, LoadHost, LoadKeys, LoadRefusal,
};

use crate::TerminalError;

/// A load host in this program, its book in a JSON file.
#[derive(Debug)]
pub struct FileLoadHost<K> {
    host: LibraryLoadHost<K>,
    path: PathBuf,
}

impl<K: LoadKeys> FileLoadHost<K> {
    /// A host with these keys that goes on with the book at `path`, or begins one.
    ///
    /// # Errors
    /// The book cannot be read, or is none.
    pub fn open(keys: K, path: &Path) -> Result<Self, TerminalError> {
        let book = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| TerminalError::Config {
                path: path.to_owned(),
                message: error.to_string(),
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => LoadBook::default(),
            Err(error) => return Err(TerminalError::io(path)(error)),
        };
        Ok(Self { host: LibraryLoadHost::new(keys, book), path: path.to_owned() })
    }

    /// The book.
    pub const fn book(&self) -> &LoadBook {
        self.host.book()
    }

    fn save(&self) -> Result<(), LoadRefusal> {
        let failed = |error: &dyn std::fmt::Display| LoadRefusal::Unavailable(error.to_string());
        let bytes = serde_json::to_vec_pretty(self.host.book()).map_err(|error| failed(&error))?;
        crate::files::write_whole(&self.path, &bytes).map_err(|error| failed(&error))
    }
}

impl<K: LoadKeys> LoadHost for FileLoadHost<K> {
    fn authorise(&mut self, asked: &LoadAsked) -> Result<LoadGrant, LoadRefusal> {
        let grant = self.host.authorise(asked)?;
        self.save()?;
        Ok(grant)
    }

    fn confirm(&mut self, id: GrantId, tac: [u8; 4]) -> Result<(), LoadRefusal> {
        self.host.confirm(id, tac)?;
        self.save()
    }

    fn withdraw(&mut self, id: GrantId) -> Result<(), LoadRefusal> {
        self.host.withdraw(id)?;
        self.save()
    }
}
