//! What the terminal was given by the centre: card operators, deny lists, fares. Files in `lists/`, taken whole or not at
//! all; a bad file leaves the one before in force.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::civil::DateTime;
use serde::Deserialize;
use tongclear_mac::KeyLevels;
use tongclear_package::DenyList;
use tongclear_types::{CardId, IssuerId, OperatorCode};

use crate::{Fares, TerminalError};

/// The folder's name in a terminal's folder.
pub const LISTS_FOLDER: &str = "lists";
/// Card operators: the centre's `registry.toml`, or the part of it that the centre's API gives.
pub const OPERATORS_FILE: &str = "registry.toml";
/// The same as the API gives it.
pub const OPERATORS_JSON: &str = "registry.json";
/// Fares.
pub const FARES_FILE: &str = "fares.toml";

/// A card operator whose cards are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Operator {
    /// Its code.
    pub code: OperatorCode,
    /// The first 8 bytes of its cards' file 15.
    pub issuer_id: IssuerId,
    /// Whether its keys are diversified twice.
    pub two_level_keys: bool,
}

impl Operator {
    /// By how many factors its keys are diversified.
    #[must_use]
    pub const fn levels(&self) -> KeyLevels {
        if self.two_level_keys { KeyLevels::Two } else { KeyLevels::One }
    }
}

/// The part of the registry that a terminal needs; whatever else the file has is not its business.
#[derive(Debug, Clone, Default, Deserialize)]
struct Operators {
    #[serde(default, rename = "operator", alias = "operators")]
    operators: Vec<Operator>,
}

/// Everything in force now.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    operators: BTreeMap<IssuerId, Operator>,
    deny: BTreeMap<OperatorCode, DenyList>,
    /// Fares.
    pub fares: Fares,
    /// Files that were refused, with the reason; those before them are in force.
    pub refused: Vec<(PathBuf, String)>,
}

impl Lists {
    /// Reads all lists of `folder`; what is refused there stays as it is in `before`.
    ///
    /// # Errors
    /// The folder cannot be read at all.
    pub fn read(folder: &Path, before: &Self) -> Result<Self, TerminalError> {
        let mut lists = Self { refused: Vec::new(), ..before.clone() };
        if !folder.is_dir() {
            return Ok(lists);
        }
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .map_err(TerminalError::io(folder))?
            .map(|entry| entry.map(|it| it.path()))
            .collect::<Result<_, _>>()
            .map_err(TerminalError::io(folder))?;
        paths.sort();
        for path in paths {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            // What is being written has another name until it is whole.
            let taken = match name {
                OPERATORS_FILE | OPERATORS_JSON => lists.take_operators(&path),
                FARES_FILE => lists.take_fares(&path),
                name if name.starts_with("deny-") && name.ends_with(".txt") => lists.take_deny_list(&path),
                _ => continue,
            };
            if let Err(message) = taken {
                lists.refused.push((path, message));
            }
        }
        Ok(lists)
    }

    /// The card operators of one file and nothing else, for whoever has no terminal.
    ///
    /// # Errors
    /// The file cannot be read, or names none.
    pub fn of_operators(path: &Path) -> Result<Self, String> {
        let mut lists = Self::default();
        lists.take_operators(path)?;
        Ok(lists)
    }

    fn take_operators(&mut self, path: &Path) -> Result<(), String> {
        let text = read(path)?;
        let operators: Operators = if path.extension().is_some_and(|it| it == "json") {
            serde_json::from_str(&text).map_err(|error| error.to_string())?
        } else {
            toml::from_str(&text).map_err(|error| error.to_string())?
        };
        if operators.operators.is_empty() {
            return Err("names no card operator".to_owned());
        }
        self.operators = operators.operators.into_iter().map(|it| (it.issuer_id, it)).collect();
        Ok(())
    }

    fn take_fares(&mut self, path: &Path) -> Result<(), String> {
        let fares = Fares::parse(&read(path)?)?;
        if fares.version < self.fares.version {
            return Err(format!("version is {}, expected at least {}", fares.version, self.fares.version));
        }
        self.fares = fares;
        Ok(())
    }

    fn take_deny_list(&mut self, path: &Path) -> Result<(), String> {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let list = DenyList::parse(&bytes).map_err(|error| error.to_string())?;
        match self.deny.get(&list.operator) {
            // An older file of the same operator may lie beside a newer one.
            Some(known) if known.version >= list.version => Ok(()),
            _ => {
                self.deny.insert(list.operator, list);
                Ok(())
            }
        }
    }

    /// The card operator of an issuer id.
    #[must_use]
    pub fn operator(&self, issuer: IssuerId) -> Option<&Operator> {
        self.operators.get(&issuer)
    }

    /// All card operators.
    pub fn operators(&self) -> impl Iterator<Item = &Operator> {
        self.operators.values()
    }

    /// The deny list of an operator.
    #[must_use]
    pub fn deny_list(&self, operator: OperatorCode) -> Option<&DenyList> {
        self.deny.get(&operator)
    }

    /// Whether a card is on its operator's list; a card of an unknown operator is on none.
    #[must_use]
    pub fn is_denied(&self, card: &CardId) -> bool {
        self.operator(card.issuer)
            .and_then(|operator| self.deny_list(operator.code))
            .is_some_and(|list| list.contains(&card.serial))
    }

    /// The effective date of a list that lies more than a day ahead: a sign that the clock is behind.
    #[must_use]
    pub fn from_the_future(&self, now: DateTime) -> Option<DateTime> {
        // A list may be handed out before it takes effect, by a day at most.
        let tomorrow = now.checked_add(jiff::ToSpan::hours(24)).unwrap_or(now);
        self.deny.values().map(|list| list.effective).filter(|effective| *effective > tomorrow).max()
    }
}

/// What a file of the folder looks like from outside: name, length, when it was written.
pub(crate) type Print = (PathBuf, u64, Option<SystemTime>);

/// What the folder looks like from outside, so that a list of a million cards is read only when it is another one.
pub(crate) fn print(folder: &Path) -> Result<Vec<Print>, TerminalError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let look = || {
        let mut prints = fs::read_dir(folder)?
            .map(|entry| {
                let (entry, metadata) = entry.and_then(|it| it.metadata().map(|metadata| (it, metadata)))?;
                Ok((entry.path(), metadata.len(), metadata.modified().ok()))
            })
            .collect::<std::io::Result<Vec<Print>>>()?;
        prints.sort();
        Ok(prints)
    };
    look().map_err(TerminalError::io(folder))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| error.to_string())
}
