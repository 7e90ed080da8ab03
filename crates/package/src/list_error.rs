//! Why a line-based file is refused: the line, what is wrong on it, the value.

use std::fmt;

/// Why a list, a result file or an operator file was refused, whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what} is {value}, expected {expected}")]
pub struct ListError {
    /// The line, from 1.
    pub line: u64,
    /// What on that line, in `snake_case`.
    pub what: &'static str,
    /// What stands there, shortened.
    pub value: String,
    /// What should stand there.
    pub expected: String,
}

impl ListError {
    /// An error; `value` and `expected` are bounded by whoever makes them.
    pub(crate) fn new(
        line: u64,
        what: &'static str,
        value: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self { line, what, value: value.to_string(), expected: expected.to_string() }
    }
}
