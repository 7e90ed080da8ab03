//! Writing: elements, one a line, indented, always the same bytes for the same values.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use tongclear_types::{BusinessDate, CivilMoment, Fen};

use super::values::CURRENCY;
use crate::amount::yuan;

/// A document on its way out.
pub(crate) struct Put<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> Put<W> {
    /// Writes `Document/message` of `namespace` around what `inside` writes.
    pub(crate) fn document(
        to: W,
        namespace: &str,
        message: &str,
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut put = Self { writer: Writer::new_with_indent(to, b' ', 1) };
        put.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let document = BytesStart::new("Document").with_attributes([("xmlns", namespace)]);
        put.writer.write_event(Event::Start(document))?;
        put.within(message, inside)?;
        put.writer.write_event(Event::End(BytesEnd::new("Document")))?;
        put.writer.into_inner().write_all(b"\n")
    }

    /// Writes the element `name` around what `inside` writes.
    pub(crate) fn within(
        &mut self,
        name: &str,
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Writes `text` inside the elements of `path`.
    pub(crate) fn text(&mut self, path: &[&str], text: &str) -> io::Result<()> {
        match path {
            [] => self.writer.write_event(Event::Text(BytesText::new(text))),
            [name, rest @ ..] => self.within(name, |put| put.text(rest, text)),
        }
    }

    /// Writes `text` inside the elements of `path`, if there is any.
    pub(crate) fn maybe(&mut self, path: &[&str], text: Option<&str>) -> io::Result<()> {
        text.map_or(Ok(()), |text| self.text(path, text))
    }

    /// Writes the size of `fen` as yuan that say they are yuan.
    pub(crate) fn amount(&mut self, name: &str, fen: Fen) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes([("Ccy", CURRENCY)]);
        self.writer.write_event(Event::Start(start))?;
        self.writer.write_event(Event::Text(BytesText::new(&yuan(fen))))?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Writes a sum or a count: a bare number.
    pub(crate) fn number(&mut self, name: &str, number: impl std::fmt::Display) -> io::Result<()> {
        self.text(&[name], &number.to_string())
    }

    /// Writes a date as the choice `Dt`.
    pub(crate) fn date(&mut self, name: &str, date: BusinessDate) -> io::Result<()> {
        self.text(&[name, "Dt"], &date.to_string())
    }

    /// Writes a moment by the centre's clock, without an offset.
    pub(crate) fn moment(&mut self, name: &str, moment: CivilMoment) -> io::Result<()> {
        self.text(&[name], &moment.to_string())
    }

    /// Writes a bank by its CNAPS code.
    pub(crate) fn bank(&mut self, name: &str, bank: &str) -> io::Result<()> {
        self.within(name, |put| {
            put.within("FinInstnId", |put| {
                put.within("ClrSysMmbId", |put| {
                    put.text(&["ClrSysId", "Cd"], "CNAPS")?;
                    put.text(&["MmbId"], bank)
                })
            })
        })
    }
}
