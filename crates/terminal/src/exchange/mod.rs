//! Exchange with the centre: packages out, results and lists in. Everything may be repeated; nothing counts twice.

mod api;
mod folder;

use std::fs;
use std::path::Path;

use serde::Serialize;
use tongclear_package::{ListError, ResultFile};

use crate::config::Centre;
use crate::journal::PackageState;
use crate::lists::LISTS_FOLDER;
use crate::{Terminal, TerminalError};

pub use api::ApiCentre;
pub use folder::FolderCentre;

/// What the centre says of a package that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandedIn {
    /// It has it durably, now or since before.
    Received,
    /// It was refused at the door, and why.
    Quarantined(String),
    /// It was put where somebody will fetch it.
    PutOut,
}

/// A list as the centre names its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFile {
    /// Name in `lists/`.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// The way to the centre.
pub trait CentreLink {
    /// Hands in a package; handing it in again is safe.
    ///
    /// # Errors
    /// The centre could not be reached.
    fn hand_in(&mut self, name: &str, package: &[u8]) -> Result<HandedIn, TerminalError>;

    /// The result files that there are.
    ///
    /// # Errors
    /// The centre could not be reached.
    fn results(&mut self) -> Result<Vec<Vec<u8>>, TerminalError>;

    /// Lists that are newer than those in `lists`, or all.
    ///
    /// # Errors
    /// The centre could not be reached.
    fn lists(&mut self) -> Result<Vec<ListFile>, TerminalError>;
}

/// What an exchange did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Exchanged {
    /// Packages that the centre received now or had already.
    pub received: u32,
    /// Packages put into the folder.
    pub put_out: u32,
    /// Packages refused at the door, with the reason.
    pub quarantined: Vec<String>,
    /// Packages whose records were answered.
    pub answered: u32,
    /// Lists that were taken.
    pub lists: u32,
    /// Results and lists that were refused, with the reason.
    pub refused: Vec<String>,
}

impl Terminal {
    /// The way that the configuration names; none when packages are carried by hand.
    ///
    /// # Errors
    /// A certificate that cannot be used.
    pub fn link(&self) -> Result<Option<Box<dyn CentreLink>>, TerminalError> {
        Ok(match &self.config.centre {
            None => None,
            Some(Centre::Folder(path)) => Some(Box::new(FolderCentre::new(&self.folder.join(path))?)),
            Some(Centre::Api { url, root, certificate, key }) => {
                let [root, certificate, key] = [root, certificate, key].map(|path| self.folder.join(path));
                Some(Box::new(ApiCentre::new(url, [&root, &certificate, &key])?))
            }
        })
    }

    /// Hands in what the centre does not have, takes results and lists.
    ///
    /// # Errors
    /// The centre could not be reached, or a fault of the disk; what was done until then stays done.
    pub fn exchange(&mut self, link: &mut dyn CentreLink) -> Result<Exchanged, TerminalError> {
        let mut done = Exchanged::default();
        for package in self.journal.packages_in(&[PackageState::Sealed, PackageState::Quarantined])? {
            let sequence = tongclear_types::PackageSequence(package.sequence);
            let name = tongclear_package::file_name(self.config.terminal.collector, sequence);
            match link.hand_in(&name, &package.bytes)? {
                HandedIn::Received => {
                    self.journal.mark_package(package.sequence, PackageState::Received, "received")?;
                    done.received += 1;
                }
                HandedIn::Quarantined(why) => {
                    self.journal.mark_package(package.sequence, PackageState::Quarantined, &why)?;
                    done.quarantined.push(format!("{name}: {why}"));
                }
                HandedIn::PutOut => done.put_out += 1,
            }
        }
        for bytes in link.results()? {
            match self.apply_result(&bytes) {
                Ok(answered) => done.answered += answered,
                Err(ApplyError::Refused(error)) => done.refused.push(format!("result: {error}")),
                Err(ApplyError::Terminal(error)) => return Err(error),
            }
        }
        for list in link.lists()? {
            let path = self.folder.join(LISTS_FOLDER).join(&list.name);
            if fs::read(&path).is_ok_and(|there| there == list.bytes) {
                continue;
            }
            crate::files::write_whole(&path, &list.bytes)?;
            done.lists += 1;
        }
        self.reload_lists()?;
        done.refused
            .extend(self.lists.refused.iter().map(|(path, why)| format!("{}: {why}", path.display())));
        let keep_ms = i64::from(self.config.packages.keep_days) * 86_400_000;
        self.journal.drop_answered(self.now_ms() - keep_ms)?;
        Ok(done)
    }

    /// Takes a result file: each record of its packages of this collector is answered. Taking it again changes nothing.
    ///
    /// # Errors
    /// The file is refused whole, or a fault of the disk.
    pub fn apply_result(&mut self, bytes: &[u8]) -> Result<u32, ApplyError> {
        let file = ResultFile::parse(bytes).map_err(ApplyError::Refused)?;
        let own = self.config.terminal.collector;
        let mut answered = 0;
        for package in file.packages.iter().filter(|package| package.collector == own) {
            if self.journal.answer_package(package, self.now_ms()).map_err(ApplyError::Terminal)? {
                answered += 1;
            }
        }
        Ok(answered)
    }

    /// Takes a result file from disk.
    ///
    /// # Errors
    /// As [`Terminal::apply_result`]; the file cannot be read.
    pub fn apply_result_file(&mut self, path: &Path) -> Result<u32, ApplyError> {
        let bytes = fs::read(path).map_err(TerminalError::io(path)).map_err(ApplyError::Terminal)?;
        self.apply_result(&bytes)
    }
}

/// Why a result file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file is not what it should be: line, field and value.
    #[error("{0}")]
    Refused(ListError),
    /// The terminal could not write.
    #[error(transparent)]
    Terminal(TerminalError),
}
