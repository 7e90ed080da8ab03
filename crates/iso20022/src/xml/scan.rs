//! One way through a document, with every limit on the way.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::names::known;
use super::node::Node;
use crate::error::ReadError;

/// The most bytes of a document. A payment takes about 1,300 as we write it and an entry of a bank's about 2,000, so a
/// day of a hundred thousand fits.
pub const DOCUMENT_MAX: u64 = 256 << 20;
/// The most levels of elements; the messages have fewer than 20.
pub const DEPTH_MAX: usize = 32;
/// The most elements that are held at a time: a batch entry of some 40,000 payments with 25 elements each.
pub const NODES_MAX: usize = 1 << 20;
/// The most attributes of an element; the messages have one, and namespaces.
const ATTRIBUTES_MAX: usize = 16;
/// The only attribute that is looked at.
const CURRENCY: &[u8] = b"Ccy";

/// What an end of the input, or too much of it, looks like from inside the XML reader.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::other(format!("more than {DOCUMENT_MAX} bytes")))?;
        Ok(count)
    }
}

/// What comes next inside the element that is open.
enum Next {
    /// A known element of the namespace begins.
    Begin(&'static str, Option<String>),
    /// An element that is passed over begins.
    Other,
    /// The open element ends.
    End,
    Text(String),
}

/// A document on its way through.
pub(crate) struct Scanner<R: Read> {
    reader: NsReader<BufReader<Limited<R>>>,
    buffer: Vec<u8>,
    namespace: &'static str,
    depth: usize,
}

impl<R: BufRead> Scanner<R> {
    /// Enters `Document/message` of `namespace`.
    pub(crate) fn open(source: R, namespace: &'static str, message: &'static str) -> Result<Self, ReadError> {
        let mut reader = NsReader::from_reader(BufReader::new(Limited { inner: source, left: DOCUMENT_MAX }));
        reader.config_mut().expand_empty_elements = true;
        let mut scanner = Self { reader, buffer: Vec::new(), namespace, depth: 0 };
        scanner.enter_root()?;
        match scanner.child() {
            Ok(Some(name)) if name == message => Ok(scanner),
            Ok(Some(other)) => Err(ReadError::value(other, message).within("Document")),
            Ok(None) => Err(ReadError::missing(message).within("Document")),
            Err(error) => Err(error.within("Document")),
        }
    }

    fn enter_root(&mut self) -> Result<(), ReadError> {
        loop {
            self.buffer.clear();
            let (found, event) = match self.reader.read_resolved_event_into(&mut self.buffer) {
                Ok(next) => next,
                Err(error) => return Err(ReadError::document(format!("not XML: {error}"))),
            };
            match event {
                Event::Start(start) => {
                    let space = match found {
                        ResolveResult::Bound(space) => {
                            String::from_utf8_lossy(space.into_inner()).into_owned()
                        }
                        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
                    };
                    if space != self.namespace {
                        let wanted = format!("namespace {}", self.namespace);
                        return Err(ReadError::value(space, wanted).within("Document"));
                    }
                    if start.local_name().as_ref() != b"Document" {
                        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                        return Err(ReadError::value(name, "element Document"));
                    }
                    self.depth = 1;
                    return Ok(());
                }
                Event::Decl(declaration) => {
                    if let Some(encoding) = declaration.encoding() {
                        let encoding = encoding.map_err(|error| ReadError::document(error.to_string()))?;
                        if !encoding.eq_ignore_ascii_case(b"utf-8") {
                            let encoding = String::from_utf8_lossy(&encoding).into_owned();
                            return Err(ReadError::value(encoding, "encoding UTF-8"));
                        }
                    }
                }
                Event::DocType(_) => return Err(doctype()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                Event::Eof => return Err(ReadError::document("not XML: there is no element")),
                _ => return Err(ReadError::document("not XML: text before the first element")),
            }
        }
    }

    /// The next known element inside the open one, which is entered; nothing once the open one has ended.
    pub(crate) fn child(&mut self) -> Result<Option<&'static str>, ReadError> {
        loop {
            match self.next()? {
                Next::Begin(name, _) => return Ok(Some(name)),
                Next::Other => self.pass_over()?,
                Next::End => return Ok(None),
                Next::Text(_) => {}
            }
        }
    }

    /// The element that [`Scanner::child`] has just entered, whole.
    pub(crate) fn node(&mut self, name: &'static str) -> Result<Node, ReadError> {
        let mut open = vec![Node::named(name)];
        let mut count = 1;
        // The depth of the document bounds `open`, so building needs no recursion.
        loop {
            match self.next()? {
                Next::Begin(name, currency) => {
                    count += 1;
                    if count > NODES_MAX {
                        return Err(ReadError::document(format!("more than {NODES_MAX} elements inside")));
                    }
                    open.push(Node { currency, ..Node::named(name) });
                }
                Next::Other => self.pass_over()?,
                Next::Text(text) => {
                    if let Some(top) = open.last_mut() {
                        top.text.push_str(&text);
                    }
                }
                Next::End => {
                    let Some(mut done) = open.pop() else { return Err(ReadError::document("not XML")) };
                    if !done.children.is_empty() {
                        // Only white space stands between elements.
                        done.text = String::new();
                    }
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
            }
        }
    }

    /// Leaves an element that is not known.
    fn pass_over(&mut self) -> Result<(), ReadError> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Reads to the end, once message and document have been left.
    pub(crate) fn finish(mut self) -> Result<(), ReadError> {
        if self.child()?.is_some() {
            return Err(ReadError::document("more than one message in the document"));
        }
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Text(text)) if text.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => return Err(ReadError::document("not XML: something follows the document")),
                Err(error) => return Err(ReadError::document(format!("not XML: {error}"))),
            }
        }
    }

    fn next(&mut self) -> Result<Next, ReadError> {
        loop {
            self.buffer.clear();
            let (found, event) = match self.reader.read_resolved_event_into(&mut self.buffer) {
                Ok(next) => next,
                Err(error) => {
                    let at = self.reader.error_position();
                    return Err(ReadError::document(format!("not XML at byte {at}: {error}")));
                }
            };
            return Ok(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err(ReadError::document(format!("more than {DEPTH_MAX} levels of elements")));
                    }
                    let ours = matches!(found, ResolveResult::Bound(it) if it.into_inner() == self.namespace.as_bytes());
                    match known(start.local_name().as_ref()).filter(|_| ours) {
                        Some(name) => Next::Begin(name, currency(&start)?),
                        None => Next::Other,
                    }
                }
                Event::End(_) => {
                    self.depth -= 1;
                    Next::End
                }
                Event::Text(text) => Next::Text(text.xml10_content().map_err(not_utf8)?.into_owned()),
                Event::CData(text) => Next::Text(text.xml10_content().map_err(not_utf8)?.into_owned()),
                Event::GeneralRef(reference) => Next::Text(resolved(&reference)?.to_string()),
                Event::DocType(_) => return Err(doctype()),
                Event::Eof => return Err(ReadError::document("the document ends in the middle")),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => continue,
            });
        }
    }
}

fn doctype() -> ReadError {
    ReadError::document("a document type (DOCTYPE) is refused")
}

fn not_utf8(error: impl std::fmt::Display) -> ReadError {
    ReadError::document(format!("not UTF-8: {error}"))
}

/// The currency that an element names.
fn currency(start: &BytesStart<'_>) -> Result<Option<String>, ReadError> {
    // Without checks: comparing each attribute with each takes ages when there are thousands.
    for (index, attribute) in start.attributes().with_checks(false).enumerate() {
        if index == ATTRIBUTES_MAX {
            return Err(ReadError::document(format!("more than {ATTRIBUTES_MAX} attributes")));
        }
        let attribute = attribute.map_err(|error| ReadError::document(format!("not XML: {error}")))?;
        if attribute.key.as_ref() == CURRENCY {
            return Ok(Some(String::from_utf8_lossy(&attribute.value).into_owned()));
        }
    }
    Ok(None)
}

/// The character of a reference: a numbered one, or one of the five that XML has.
fn resolved(reference: &BytesRef<'_>) -> Result<char, ReadError> {
    let numbered =
        reference.resolve_char_ref().map_err(|error| ReadError::document(format!("not XML: {error}")))?;
    if let Some(numbered) = numbered {
        return Ok(numbered);
    }
    Ok(match reference.as_ref() {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"apos" => '\'',
        b"quot" => '"',
        other => {
            let name = String::from_utf8_lossy(other);
            return Err(ReadError::document(format!(
                "entity &{};: entities are refused",
                crate::error::shown(&name)
            )));
        }
    })
}
