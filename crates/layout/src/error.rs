//! What is wrong with a profile, with a foreign file, or with a result that is to be turned back.

use std::fmt;

/// The most faults of a file that are kept; whoever repairs these will try again anyway.
pub const FAULTS_MAX: usize = 100;

/// Why a profile was refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It is not TOML, or not of a profile's shape.
    #[error("line {line}: {message}{}", found(.value))]
    Shape {
        /// Where.
        line: usize,
        /// What stands there, shortened; empty when something is missing.
        value: String,
        /// What is wrong with it.
        message: String,
    },
    /// A field of the profile does not hold what it should.
    #[error("line {line}: {field} is {value}, expected {expected}")]
    Value {
        /// Where.
        line: usize,
        /// Which field.
        field: String,
        /// What it holds, shortened; `missing` when it is not there.
        value: String,
        /// What it should hold.
        expected: String,
    },
}

impl ProfileError {
    /// Where.
    #[must_use]
    pub const fn line(&self) -> usize {
        match self {
            Self::Shape { line, .. } | Self::Value { line, .. } => *line,
        }
    }
}

fn found(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(", found {value}") }
}

/// Where in a file something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line, from 1.
    Line(u64),
    /// A record, from 1, and the offset of its first byte.
    Record {
        /// Which record.
        number: u64,
        /// Where it begins, bytes.
        offset: u64,
    },
    /// The file as a whole.
    File,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Record { number, offset } => write!(f, "record {number} at byte {offset}"),
            Self::File => f.write_str("file"),
        }
    }
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {field} is {value}, expected {expected}")]
pub struct FileFault {
    /// Where.
    pub place: Place,
    /// The profile's field, or a field of the record.
    pub field: String,
    /// What it holds, shortened: quoted text, or hex.
    pub value: String,
    /// What it should hold.
    pub expected: String,
}

/// Everything that is wrong with a file, which is refused whole. One fault at least.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileFaults {
    kept: Vec<FileFault>,
    count: u64,
}

impl FileFaults {
    pub(crate) fn push(
        &mut self,
        place: Place,
        field: &str,
        value: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.count += 1;
        if self.kept.len() < FAULTS_MAX {
            let (value, expected) = (value.into(), expected.into());
            self.kept.push(FileFault { place, field: field.to_owned(), value, expected });
        }
    }

    /// `value`, unless something is wrong.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.count == 0 { Ok(value) } else { Err(self) }
    }

    /// The first [`FAULTS_MAX`] of them, in the order of the file.
    #[must_use]
    pub fn kept(&self) -> &[FileFault] {
        &self.kept
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }
}

/// One a line, and how many more there are.
impl fmt::Display for FileFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.kept.iter().enumerate() {
            let end = if place == 0 { "" } else { "\n" };
            write!(f, "{end}{fault}")?;
        }
        let kept = u64::try_from(self.kept.len()).unwrap_or(u64::MAX);
        match self.count.saturating_sub(kept) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for FileFaults {}

/// Why records cannot be sealed into packages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Sequences count from 1.
    #[error("sequence is 0, expected 1 or more")]
    NoSequence,
    /// Not that many sequences are left.
    #[error("sequence is {first}, which leaves no room for {packages} packages below 4294967296")]
    SequencesEnd {
        /// The first one.
        first: u32,
        /// How many packages there would be.
        packages: usize,
    },
    /// Package 1 has no package before it.
    #[error("previous_seal is {value}, expected zeros for sequence 1")]
    PreviousOfFirst {
        /// What was given, hex.
        value: String,
    },
}

/// Why a result cannot be turned back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResultError {
    /// The profile does not say how.
    #[error("the profile {profile:?} has no [result]")]
    NoResult {
        /// Its name.
        profile: String,
    },
    /// The result file does not speak of the package.
    #[error("the result file has no line for package {sequence} of collector {collector}")]
    NoPackage {
        /// The collector.
        collector: String,
        /// The sequence.
        sequence: u32,
    },
    /// The result is not of this package.
    #[error("{field} is {value} in the result file, expected {expected} as in the package")]
    OtherPackage {
        /// What disagrees.
        field: String,
        /// What the result says.
        value: String,
        /// What the package says.
        expected: String,
    },
    /// Something cannot be written as the profile says.
    #[error(transparent)]
    Fields(#[from] FileFaults),
}
