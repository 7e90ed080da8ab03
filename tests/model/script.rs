//! What is done to a centre, command by command: the same script for the model and for the program.
//!
//! Bounded by: a script holds the bytes of everything it hands over.

use jiff::civil::Date;

use crate::facts::{DenyList, Keys, Registry};

/// A package file under the name it is sent with.
#[derive(Debug, Clone)]
pub(crate) struct PackageFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// One command.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// `registry load`
    Registry(Registry),
    /// `keys load`
    Keys(Keys),
    /// `denylist load`; no list stands for bytes that are not a list.
    DenyList { bytes: Vec<u8>, list: Option<DenyList>, approve: bool },
    /// `intake` of a folder with these files.
    Intake(Vec<PackageFile>),
    /// `night`
    Night { date: Date, workers: u32 },
    /// `window close`
    Close(Date),
    /// `clear`
    Clear { date: Date },
    /// `settle`
    Settle(Date),
    /// `settlement show` and `export`, compared with the model.
    Check(Date),
}
