//! Exchange over a folder: a stick, a share, a concentrator's disk. Packages go to `out/`, results (`result*.csv`) and
//! lists come from `in/`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CentreLink, HandedIn, ListFile};
use crate::TerminalError;
use crate::lists::{FARES_FILE, OPERATORS_FILE, OPERATORS_JSON};

/// A folder that somebody carries to the centre and back.
#[derive(Debug)]
pub struct FolderCentre {
    out: PathBuf,
    inbox: PathBuf,
}

impl FolderCentre {
    /// The exchange in `folder`; `out/` and `in/` are made where they are missing.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn new(folder: &Path) -> Result<Self, TerminalError> {
        let [out, inbox] = ["out", "in"].map(|name| folder.join(name));
        for path in [&out, &inbox] {
            fs::create_dir_all(path).map_err(TerminalError::io(path))?;
        }
        Ok(Self { out, inbox })
    }

    /// Files of `in/` whose name fits, in order.
    fn files(&self, fits: impl Fn(&str) -> bool) -> Result<Vec<ListFile>, TerminalError> {
        let fault = || TerminalError::io(&self.inbox);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.inbox).map_err(fault())? {
            let entry = entry.map_err(fault())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if fits(&name) {
                files.push(ListFile {
                    bytes: fs::read(entry.path()).map_err(TerminalError::io(entry.path()))?,
                    name,
                });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

impl CentreLink for FolderCentre {
    fn hand_in(&mut self, name: &str, package: &[u8]) -> Result<HandedIn, TerminalError> {
        let path = self.out.join(name);
        if fs::read(&path).is_ok_and(|there| there == package) {
            return Ok(HandedIn::PutOut);
        }
        crate::files::write_whole(&path, package)?;
        Ok(HandedIn::PutOut)
    }

    fn results(&mut self) -> Result<Vec<Vec<u8>>, TerminalError> {
        let files = self.files(|name| name.starts_with("result") && name.ends_with(".csv"))?;
        Ok(files.into_iter().map(|file| file.bytes).collect())
    }

    fn lists(&mut self) -> Result<Vec<ListFile>, TerminalError> {
        self.files(|name| {
            [OPERATORS_FILE, OPERATORS_JSON, FARES_FILE].contains(&name)
                || (name.starts_with("deny-") && name.ends_with(".txt"))
        })
    }
}
