//! Fields of comma-separated lines: read strictly, so that what is read is written back the same.

use std::fmt::Display;
use std::str::FromStr;

use crate::list_error::ListError;
use crate::refusal::shown_text;

/// The most bytes of a field that a message shows.
const SHOWN_FIELD_BYTES: usize = 32;

/// A field that holds exactly what its value is written as: no sign, no leading zero, no capital hex.
pub(crate) fn canonical<T: FromStr + Display>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}

/// The fields of one line, each with the name of its column.
pub(crate) struct Fields<'a> {
    line: u64,
    texts: &'a [&'a str],
    columns: &'static [&'static str],
}

impl<'a> Fields<'a> {
    /// The fields of line number `line`, as many as there are `columns`.
    pub(crate) fn new(
        line: u64,
        texts: &'a [&'a str],
        columns: &'static [&'static str],
    ) -> Result<Self, ListError> {
        if texts.len() != columns.len() {
            let expected = format!("{}: {}", columns.len(), columns.join(","));
            return Err(ListError::new(line, "number_of_fields", texts.len(), expected));
        }
        Ok(Self { line, texts, columns })
    }

    /// The text of column `index`, which the columns have.
    pub(crate) fn text(&self, index: usize) -> &'a str {
        self.texts.get(index).copied().unwrap_or_default()
    }

    /// The field of column `index` as `read` reads it.
    pub(crate) fn read<T>(
        &self,
        index: usize,
        expected: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, ListError> {
        read(self.text(index)).ok_or_else(|| self.wrong(index, expected))
    }

    /// The error that column `index` does not hold what it should.
    pub(crate) fn wrong(&self, index: usize, expected: &str) -> ListError {
        let value = shown_text(self.text(index).as_bytes(), SHOWN_FIELD_BYTES);
        ListError::new(self.line, self.columns.get(index).copied().unwrap_or("field"), value, expected)
    }
}
