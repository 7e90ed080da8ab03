//! What is wrong with a registry, as file, line, field and value.

use std::fmt;

/// The most errors that one load reports; whoever repairs these will load again anyway.
pub const ERRORS_MAX: usize = 50;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceFile {
    /// `registry.toml`
    RegistryToml,
    /// `terminals.csv`
    TerminalsCsv,
    /// Contracts that are tried out, in a file of any name.
    ContractDraft,
    /// A registry read back from the store, which has no lines.
    Stored,
}

impl fmt::Display for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RegistryToml => "registry.toml",
            Self::TerminalsCsv => "terminals.csv",
            Self::ContractDraft => "contracts",
            Self::Stored => "stored registry",
        })
    }
}

/// One reason why a registry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RegistryError {
    /// In which file.
    pub file: SourceFile,
    /// On which line, from 1; 0 in a stored registry.
    pub line: u64,
    /// Which field.
    pub field: String,
    /// What it holds; none when it is missing.
    pub value: Option<String>,
    /// What is wrong with that.
    pub message: String,
}

/// `registry.toml:12: rate is "1.2": above 1`
impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, field, value, message } = self;
        write!(f, "{file}")?;
        if *line > 0 {
            write!(f, ":{line}")?;
        }
        match value {
            Some(value) => write!(f, ": {field} is {value:?}: {message}"),
            None => write!(f, ": {field}: {message}"),
        }
    }
}

/// Why a stored registry cannot be used; it was valid when it was stored, so the store is damaged.
#[derive(Debug, thiserror::Error)]
pub enum StoredRegistryError {
    /// It is not the JSON of a registry.
    #[error("stored registry: {0}")]
    Json(#[from] serde_json::Error),
    /// It does not hold together.
    #[error("{0}")]
    Invalid(RegistryError),
}

/// Errors as they are found, at most [`ERRORS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<RegistryError>);

impl Faults {
    pub(crate) fn push(&mut self, error: RegistryError) {
        if self.0.len() < ERRORS_MAX {
            self.0.push(error);
        }
    }

    /// Whether it makes no sense to look for more.
    pub(crate) fn full(&self) -> bool {
        self.0.len() >= ERRORS_MAX
    }

    /// Nothing, when nothing was found; else the errors as they stand in the files.
    pub(crate) fn result(&mut self) -> Result<(), Vec<RegistryError>> {
        let mut errors = std::mem::take(&mut self.0);
        errors.sort_by_key(|error| (error.file, error.line));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Where an entry of a registry stands, and where its fields do.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    file: SourceFile,
    line: u64,
    /// Lines of the fields that have one of their own.
    fields: Vec<(&'static str, u64)>,
}

impl Place {
    pub(crate) const fn new(file: SourceFile, line: u64) -> Self {
        Self { file, line, fields: Vec::new() }
    }

    /// Of an entry read back from the store.
    pub(crate) const fn stored() -> Self {
        Self::new(SourceFile::Stored, 0)
    }

    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn set(&mut self, field: &'static str, line: u64) {
        self.fields.push((field, line));
    }

    /// What is wrong with a field of this entry.
    pub(crate) fn fault(
        &self,
        field: &str,
        value: impl fmt::Display,
        message: impl Into<String>,
    ) -> RegistryError {
        let own = self.fields.iter().find(|(name, _)| *name == field);
        RegistryError {
            file: self.file,
            line: own.map_or(self.line, |(_, line)| *line),
            field: field.to_owned(),
            value: Some(value.to_string()),
            message: message.into(),
        }
    }

    /// That a field of this entry is missing.
    pub(crate) fn missing(&self, field: &str, message: impl Into<String>) -> RegistryError {
        RegistryError {
            file: self.file,
            line: self.line,
            field: field.to_owned(),
            value: None,
            message: message.into(),
        }
    }
}

/// An entry and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> Placed<T> {
    pub(crate) const fn stored(value: T) -> Self {
        Self { value, place: Place::stored() }
    }
}
