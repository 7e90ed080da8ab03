//! A profile as it stands in its file: shapes of TOML only, meaning is given in [`build`](crate::build).

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::error::ProfileError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProfile {
    pub(crate) name: Spanned<String>,
    pub(crate) file: Spanned<RawFile>,
    #[serde(default)]
    pub(crate) constants: BTreeMap<Spanned<String>, Spanned<Value>>,
    pub(crate) field: Vec<Spanned<RawField>>,
    pub(crate) result: Option<RawResult>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFile {
    pub(crate) kind: Spanned<String>,
    pub(crate) record_length: Option<Spanned<usize>>,
    pub(crate) header_length: Option<Spanned<usize>>,
    pub(crate) trailer_length: Option<Spanned<usize>>,
    pub(crate) delimiter: Option<Spanned<String>>,
    pub(crate) header: Option<Spanned<bool>>,
    pub(crate) line_end: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawField {
    pub(crate) name: Spanned<String>,
    pub(crate) offset: Option<Spanned<usize>>,
    pub(crate) length: Option<Spanned<usize>>,
    pub(crate) column: Option<Spanned<Value>>,
    pub(crate) encoding: Option<Spanned<String>>,
    /// The field of the record that it feeds.
    pub(crate) feeds: Option<Spanned<String>>,
    /// In `[[result.field]]`: what it tells.
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) is: Option<Spanned<String>>,
    pub(crate) format: Option<Spanned<String>>,
    pub(crate) prefix: Option<Spanned<String>>,
    pub(crate) pad: Option<Spanned<bool>>,
    pub(crate) map: Option<Spanned<BTreeMap<Spanned<String>, Spanned<Value>>>>,
    pub(crate) empty: Option<Spanned<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawResult {
    pub(crate) file: Spanned<RawFile>,
    /// `all` or `unpaid`.
    pub(crate) records: Spanned<String>,
    pub(crate) field: Vec<Spanned<RawField>>,
}

/// The text of a profile, for turning offsets into lines.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a>(pub(crate) &'a str);

impl<'a> Source<'a> {
    /// Reads the shapes.
    pub(crate) fn read(self) -> Result<RawProfile, ProfileError> {
        toml::from_str(self.0).map_err(|error: toml::de::Error| {
            let span = error.span().unwrap_or_default();
            // The place of something that is missing is a whole table: not worth repeating.
            let value = self.0.get(span.clone()).filter(|value| !value.contains('\n'));
            ProfileError::Shape {
                line: self.line(span.start),
                value: shortened(value.unwrap_or_default()),
                message: error.message().trim().replace('\n', ", "),
            }
        })
    }

    /// The line of an offset, from 1.
    fn line(self, offset: usize) -> usize {
        self.0.get(..offset).unwrap_or(self.0).matches('\n').count() + 1
    }

    /// The error that `field` at `offset` holds `value`.
    pub(crate) fn error(
        self,
        offset: usize,
        field: impl Into<String>,
        value: impl Into<String>,
        expected: impl Into<String>,
    ) -> ProfileError {
        let value: String = value.into();
        ProfileError::Value {
            line: self.line(offset),
            field: field.into(),
            value: shortened(&value),
            expected: expected.into(),
        }
    }

    /// The error that a spanned `value` is not `expected`.
    pub(crate) fn wrong<T: std::fmt::Debug>(
        self,
        field: impl Into<String>,
        value: &Spanned<T>,
        expected: impl Into<String>,
    ) -> ProfileError {
        self.error(value.span().start, field, format!("{:?}", value.get_ref()), expected)
    }

    /// The error that a table at `offset` lacks `field`.
    pub(crate) fn missing(
        self,
        offset: usize,
        field: impl Into<String>,
        expected: impl Into<String>,
    ) -> ProfileError {
        self.error(offset, field, "missing", expected)
    }

    /// As [`Source::wrong`], of a value whose kind is free.
    pub(crate) fn wrong_value(
        self,
        field: impl Into<String>,
        value: &Spanned<Value>,
        expected: impl Into<String>,
    ) -> ProfileError {
        self.error(value.span().start, field, value.get_ref().to_string(), expected)
    }

    /// A text or a whole number, as text.
    pub(crate) fn text(self, field: &str, value: &Spanned<Value>) -> Result<String, ProfileError> {
        match value.get_ref() {
            Value::String(text) => Ok(text.clone()),
            Value::Integer(number) => Ok(number.to_string()),
            other => Err(self.error(
                value.span().start,
                field,
                format!("a TOML {}", other.type_str()),
                "a text or a whole number",
            )),
        }
    }
}

/// The most characters of a value that a message shows.
const VALUE_CHARACTERS_MAX: usize = 64;

fn shortened(value: &str) -> String {
    value.chars().take(VALUE_CHARACTERS_MAX).collect()
}
