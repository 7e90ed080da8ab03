//! A table of `registry.toml` read field by field, with the line of each.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::shown;
use crate::error::{Faults, Place};
use crate::{RegistryError, SourceFile};

/// The text of the file, for turning offsets into lines.
pub(crate) struct Source {
    /// Offset behind each line feed, ascending.
    line_starts: Vec<usize>,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        Self { line_starts: text.match_indices('\n').map(|(offset, _)| offset + 1).collect() }
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> u64 {
        let lines_before = self.line_starts.partition_point(|start| *start <= offset);
        u64::try_from(lines_before).map_or(u64::MAX, |lines| lines.saturating_add(1))
    }
}

/// Reads the fields of one table. Faults are collected; a field with a fault reads as nothing.
pub(crate) struct TableReader<'r, 't> {
    source: &'r Source,
    /// `[centre]`, `[[merchant]]` and the like.
    kind: &'static str,
    table: &'r DeTable<'t>,
    place: Place,
    faults: &'r mut Faults,
}

impl<'r, 't> TableReader<'r, 't> {
    /// A reader of `table`, which starts at `offset` and has no other fields than `fields`.
    pub(crate) fn new(
        source: &'r Source,
        kind: &'static str,
        fields: &[&'static str],
        offset: usize,
        table: &'r DeTable<'t>,
        faults: &'r mut Faults,
    ) -> Self {
        let mut place = Place::new(SourceFile::RegistryToml, source.line(offset));
        for (key, value) in table {
            let line = source.line(key.span().start);
            match fields.iter().find(|field| **field == key.get_ref().as_ref()) {
                Some(field) => place.set(field, line),
                None => faults.push(RegistryError {
                    file: SourceFile::RegistryToml,
                    line,
                    field: key.get_ref().to_string(),
                    value: Some(shown(value.get_ref())),
                    message: format!("unknown field of {kind}"),
                }),
            }
        }
        Self { source, kind, table, place, faults }
    }

    /// A field that may be missing.
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.table.get(field)?.get_ref();
        match read(value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.faults.push(self.place.fault(field, shown(value), message));
                None
            }
        }
    }

    /// A field that must be there.
    pub(crate) fn required<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, String>,
    ) -> Option<T> {
        if !self.table.contains_key(field) {
            self.faults.push(self.place.missing(field, format!("missing in {}", self.kind)));
        }
        self.optional(field, read)
    }

    /// A list that may be missing; each element has its own line.
    pub(crate) fn list<T, C: FromIterator<T>>(
        &mut self,
        field: &'static str,
        read: impl Fn(&DeValue<'t>) -> Result<T, String>,
    ) -> C {
        let elements = self.optional(field, |_| Ok(())).and_then(|()| {
            let value = self.table.get(field)?.get_ref();
            let elements = value.as_array();
            if elements.is_none() {
                self.faults.push(self.place.fault(field, shown(value), "not a list; write it in brackets"));
            }
            elements
        });
        let mut values = Vec::new();
        for element in elements.into_iter().flatten() {
            match read(element.get_ref()) {
                Ok(value) => values.push(value),
                Err(message) => self.faults.push(self.element_fault(field, element, message)),
            }
        }
        values.into_iter().collect()
    }

    fn element_fault(&self, field: &str, element: &Spanned<DeValue<'t>>, message: String) -> RegistryError {
        let line = self.source.line(element.span().start);
        Place::new(SourceFile::RegistryToml, line).fault(field, shown(element.get_ref()), message)
    }

    /// Where the table stands, once its fields are read.
    pub(crate) fn place(self) -> Place {
        self.place
    }
}
