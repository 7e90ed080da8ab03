//! What is wrong with a value that is to be sent, or with a document that was read.

use std::fmt;

/// The most characters of a wrong value that a message shows.
const SHOWN_MAX: usize = 60;

/// `value` as a message shows it.
pub(crate) fn shown(value: &str) -> String {
    let mut shown: String = value.chars().take(SHOWN_MAX).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    shown
}

/// Why a value cannot be part of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value:?}, expected {expected}")]
pub struct ValueError {
    /// Which field, by its name in the values.
    pub field: &'static str,
    /// What it held, shortened.
    pub value: String,
    /// What it should hold.
    pub expected: String,
}

impl ValueError {
    pub(crate) fn new(field: &'static str, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self { field, value: shown(&value.to_string()), expected: expected.into() }
    }
}

/// What is wrong at one place of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An element holds what it should not.
    #[error("{value:?} found, expected {expected}")]
    Value {
        /// What it holds, shortened.
        value: String,
        /// What it should hold.
        expected: String,
    },
    /// An element is not there.
    #[error("missing, expected {expected}")]
    Missing {
        /// What should be there.
        expected: String,
    },
    /// An element that stands for one value is there more than once.
    #[error("{count} of them, expected one")]
    Repeated {
        /// How many there are.
        count: usize,
    },
    /// The bytes are no XML, or XML of a kind that is refused, or its parts do not go together.
    #[error("{message}")]
    Document {
        /// What is wrong.
        message: String,
    },
}

/// Why a document was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// Elements from the root, `/` between them; `[n]` counts from 1 where there may be several.
    pub place: String,
    /// What is wrong there.
    pub fault: Fault,
}

impl ReadError {
    fn new(fault: Fault) -> Self {
        Self { place: String::new(), fault }
    }

    pub(crate) fn value(value: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self::new(Fault::Value { value: shown(&value.to_string()), expected: expected.into() })
    }

    pub(crate) fn missing(expected: impl Into<String>) -> Self {
        Self::new(Fault::Missing { expected: expected.into() })
    }

    pub(crate) fn repeated(count: usize) -> Self {
        Self::new(Fault::Repeated { count })
    }

    pub(crate) fn document(message: impl Into<String>) -> Self {
        Self::new(Fault::Document { message: message.into() })
    }

    /// The same, seen from the element around it: places are only put together when something is wrong.
    pub(crate) fn within(mut self, name: &str) -> Self {
        self.place = if self.place.is_empty() { name.to_owned() } else { format!("{name}/{}", self.place) };
        self
    }

    /// The same, seen from around the `index`th element `name`, from 0.
    pub(crate) fn within_nth(self, name: &str, index: usize) -> Self {
        self.within(&format!("{name}[{}]", index + 1))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return self.fault.fmt(f);
        }
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl std::error::Error for ReadError {}

/// A value that was read and cannot be: the place is where it was read, so the field's name is not needed.
impl From<ValueError> for ReadError {
    fn from(error: ValueError) -> Self {
        Self::value(error.value, error.expected)
    }
}
