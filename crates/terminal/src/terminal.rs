//! A terminal's folder: configuration, lists, journal, seal key; one program at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use tongclear_card::flow::Moment;
use tongclear_mac::{KeyCustody, KeyFile, KeyRing, SealMaster};
use tongclear_types::{BcdDate, BcdTime, Clock};

use crate::config::{CONFIG_FILE, Config};
use crate::journal::{JOURNAL_FILE, Journal};
use crate::lists::{self, LISTS_FOLDER, Lists};
use crate::{Counts, TerminalError};

/// Held while a program takes money in the terminal's name.
const LOCK_FILE: &str = "terminal.lock";

/// A terminal at work.
pub struct Terminal {
    pub(crate) folder: PathBuf,
    pub(crate) config: Config,
    pub(crate) lists: Lists,
    /// What the files of `lists` looked like when they were read.
    lists_print: Vec<lists::Print>,
    pub(crate) journal: Journal,
    pub(crate) seal: SealMaster,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    _lock: File,
}

impl Terminal {
    /// Makes the folder of a new terminal: configuration, journal, an empty `lists/`.
    ///
    /// # Errors
    /// There is a terminal already, or the disk does not take it.
    pub fn init(folder: &Path, config: &Config) -> Result<(), TerminalError> {
        let path = folder.join(CONFIG_FILE);
        if path.exists() {
            return Err(TerminalError::Refused(format!("{} exists already", path.display())));
        }
        let lists = folder.join(LISTS_FOLDER);
        fs::create_dir_all(&lists).map_err(TerminalError::io(&lists))?;
        let text = toml::to_string_pretty(config)
            .map_err(|error| TerminalError::Config { path: path.clone(), message: error.to_string() })?;
        Journal::create(&folder.join(JOURNAL_FILE))?;
        crate::files::write_whole(&path, text.as_bytes())
    }

    /// Opens the terminal in `folder` and locks it.
    ///
    /// # Errors
    /// Another program holds it, or a file of it cannot be used: which, and why.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, TerminalError> {
        let config = Config::read(folder)?;
        let lock = lock(&folder.join(LOCK_FILE))?;
        let journal = Journal::open(&folder.join(JOURNAL_FILE))?;
        let seal = seal_master(folder, &config)?;
        let zone = TimeZone::get(&config.terminal.timezone).map_err(|error| TerminalError::Config {
            path: folder.join(CONFIG_FILE),
            message: format!("timezone: {error}"),
        })?;
        let lists_print = lists::print(&folder.join(LISTS_FOLDER))?;
        let lists = Lists::read(&folder.join(LISTS_FOLDER), &Lists::default())?;
        Ok(Self {
            folder: folder.to_owned(),
            config,
            lists,
            lists_print,
            journal,
            seal,
            clock,
            zone,
            _lock: lock,
        })
    }

    /// Who it is and how it behaves.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Where it stands now, which changes while a bus drives.
    pub const fn place(&mut self) -> &mut crate::config::Place {
        &mut self.config.place
    }

    /// What is in force.
    #[must_use]
    pub const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// The journal, to look at.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// How many taps and packages are in which state.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn counts(&self) -> Result<Counts, TerminalError> {
        self.journal.counts()
    }

    /// Takes new lists from the folder; a file that is refused leaves the one before in force.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn reload_lists(&mut self) -> Result<(), TerminalError> {
        let folder = self.folder.join(LISTS_FOLDER);
        let print = lists::print(&folder)?;
        if print != self.lists_print {
            self.lists = Lists::read(&folder, &self.lists)?;
            self.lists_print = print;
        }
        Ok(())
    }

    /// The date by the terminal's clock.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// Unix milliseconds by the terminal's clock.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().0
    }

    /// The terminal's civil time, to the second.
    pub(crate) fn now(&self) -> DateTime {
        let timestamp = Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(timestamp)
    }
}

/// A terminal as somebody looks at it, also while another program takes money in its name.
#[derive(Debug)]
pub struct TerminalView {
    /// Who it is and how it behaves.
    pub config: Config,
    /// What lies in `lists/`.
    pub lists: Lists,
    /// The journal.
    pub journal: Journal,
}

impl TerminalView {
    /// Looks at the terminal in `folder`.
    ///
    /// # Errors
    /// A file of it cannot be used: which, and why.
    pub fn open(folder: &Path) -> Result<Self, TerminalError> {
        let config = Config::read(folder)?;
        let journal = Journal::open(&folder.join(JOURNAL_FILE))?;
        let lists = Lists::read(&folder.join(LISTS_FOLDER), &Lists::default())?;
        Ok(Self { config, lists, journal })
    }
}

/// Date and time as they travel.
pub(crate) fn moment(now: DateTime) -> Moment {
    Moment { date: BcdDate::from_civil(now.date()), time: BcdTime::from_civil(now.time()) }
}

/// Holds the lock file until it is dropped.
fn lock(path: &Path) -> Result<File, TerminalError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(TerminalError::io(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TerminalError::Busy { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(TerminalError::Io { path: path.to_owned(), error }),
    }
}

/// The seal master that the configuration names.
fn seal_master(folder: &Path, config: &Config) -> Result<SealMaster, TerminalError> {
    let path = folder.join(&config.packages.seal_file);
    let text = fs::read_to_string(&path).map_err(TerminalError::io(&path))?;
    let refused = |message: String| TerminalError::Config { path: path.clone(), message };
    let file: KeyFile = KeyFile::parse(&text).map_err(|error| refused(error.to_string()))?;
    let mut ring = KeyRing::empty();
    ring.merge(file).map_err(|error| refused(error.to_string()))?;
    let version = config.packages.seal_version;
    KeyCustody::seal_master(&ring, version)
        .cloned()
        .ok_or_else(|| refused(format!("has no seal key of version {version}, as {CONFIG_FILE} says")))
}
