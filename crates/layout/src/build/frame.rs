//! The form of a file, and that its fields cover it: every byte or column belongs to one field.

use toml::{Spanned, Value};

use crate::error::ProfileError;
use crate::frame::{Delimited, Fixed, Frame, Slot};
use crate::raw::{RawField, RawFile, Source};

/// The longest record, bytes: room for any terminal's, and padding it stays below the 65,535 characters that text can
/// be padded to.
const RECORD_LENGTH_MAX: usize = 4_096;
/// The longest header or trailer, bytes.
const AROUND_LENGTH_MAX: usize = 65_536;

/// The form that `[file]` says.
pub(super) fn frame(source: Source<'_>, raw: &Spanned<RawFile>) -> Result<Frame, ProfileError> {
    let offset = raw.span().start;
    let file = raw.get_ref();
    match file.kind.get_ref().as_str() {
        "fixed" => {
            if let Some(delimiter) = &file.delimiter {
                return Err(source.wrong("delimiter", delimiter, "no delimiter in a fixed file"));
            }
            if let Some(header) = &file.header {
                return Err(source.wrong("header", header, "header_length in a fixed file"));
            }
            if let Some(line_end) = &file.line_end {
                return Err(source.wrong("line_end", line_end, "no line_end in a fixed file"));
            }
            let length = |field: &str, value: &Option<Spanned<usize>>, min: usize, max: usize| match value {
                Some(length) if (min..=max).contains(length.get_ref()) => Ok(*length.get_ref()),
                Some(length) => Err(source.wrong(field, length, format!("{min} to {max} bytes"))),
                None if min == 0 => Ok(0),
                None => Err(source.missing(offset, field, format!("{min} to {max} bytes"))),
            };
            Ok(Frame::Fixed(Fixed {
                record_length: length("record_length", &file.record_length, 1, RECORD_LENGTH_MAX)?,
                header_length: length("header_length", &file.header_length, 0, AROUND_LENGTH_MAX)?,
                trailer_length: length("trailer_length", &file.trailer_length, 0, AROUND_LENGTH_MAX)?,
            }))
        }
        "delimited" => {
            let lengths = [
                ("record_length", &file.record_length),
                ("header_length", &file.header_length),
                ("trailer_length", &file.trailer_length),
            ];
            for (field, length) in lengths {
                if let Some(length) = length {
                    return Err(source.wrong(field, length, "no lengths in a delimited file"));
                }
            }
            let delimiter = match &file.delimiter {
                Some(text) => match text.get_ref().as_bytes() {
                    [byte] if is_delimiter(*byte) => *byte,
                    _ => {
                        return Err(source.wrong(
                            "delimiter",
                            text,
                            "one ASCII character that is no letter, digit or quote",
                        ));
                    }
                },
                None => b',',
            };
            let crlf = match file.line_end.as_ref().map(|it| (it, it.get_ref().as_str())) {
                Some((_, "crlf")) | None => true,
                Some((_, "lf")) => false,
                Some((line_end, _)) => return Err(source.wrong("line_end", line_end, "crlf or lf")),
            };
            let header = file.header.as_ref().is_some_and(|header| *header.get_ref());
            Ok(Frame::Delimited(Delimited { delimiter, header, crlf }))
        }
        _ => Err(source.wrong("kind", &file.kind, "fixed or delimited")),
    }
}

const fn is_delimiter(byte: u8) -> bool {
    byte == b'\t' || (byte == b' ' || byte.is_ascii_punctuation()) && !matches!(byte, b'"' | b'.' | b'-')
}

/// Where the field number `place`, from 0, stands.
pub(super) fn slot(
    source: Source<'_>,
    frame: &Frame,
    offset: usize,
    raw: &RawField,
    place: usize,
) -> Result<Slot, ProfileError> {
    let of = |field: &str| format!("{field} of {}", raw.name.get_ref());
    match frame {
        Frame::Fixed(fixed) => {
            if let Some(column) = &raw.column {
                return Err(source.wrong_value(of("column"), column, "offset and length in a fixed file"));
            }
            let expected = format!("a place within the {} bytes of a record", fixed.record_length);
            let start =
                raw.offset.as_ref().ok_or_else(|| source.missing(offset, of("offset"), &*expected))?;
            let length =
                raw.length.as_ref().ok_or_else(|| source.missing(offset, of("length"), &*expected))?;
            let within = *length.get_ref() > 0
                && start
                    .get_ref()
                    .checked_add(*length.get_ref())
                    .is_some_and(|end| end <= fixed.record_length);
            if !within {
                let value = format!("{} from {}", length.get_ref(), start.get_ref());
                return Err(source.error(length.span().start, of("length"), value, expected));
            }
            Ok(Slot::Bytes { offset: *start.get_ref(), length: *length.get_ref() })
        }
        Frame::Delimited(delimited) => {
            for (field, given) in [("offset", &raw.offset), ("length", &raw.length)] {
                if let Some(given) = given {
                    return Err(source.wrong(of(field), given, "column in a delimited file"));
                }
            }
            let number = place + 1;
            match (&raw.column, delimited.header) {
                (Some(column), true) => match column.get_ref() {
                    Value::String(name) if !name.is_empty() => Ok(Slot::Named(name.clone())),
                    _ => Err(source.wrong_value(of("column"), column, "the column's name in the first line")),
                },
                // A field that is named as its column need not say it twice.
                (None, true) => Ok(Slot::Named(raw.name.get_ref().clone())),
                (Some(column), false) => {
                    let given = column.get_ref().as_integer().and_then(|it| usize::try_from(it).ok());
                    if given != Some(number) {
                        let expected = format!("{number}: fields in the order of the columns, all of them");
                        return Err(source.wrong_value(of("column"), column, expected));
                    }
                    Ok(Slot::Numbered(place))
                }
                (None, false) => Ok(Slot::Numbered(place)),
            }
        }
    }
}

/// Every byte of a record, and every column, belongs to exactly one field; no two have the same name.
pub(super) fn check_cover<'a>(
    source: Source<'_>,
    offset: usize,
    frame: &Frame,
    fields: impl Iterator<Item = (&'a str, &'a Slot)>,
) -> Result<(), ProfileError> {
    let mut fields: Vec<_> = fields.collect();
    for (place, (name, slot)) in fields.iter().enumerate() {
        if fields[..place].iter().any(|(other, _)| other == name) {
            return Err(source.error(offset, "name", format!("{name:?}"), "a name that no other field has"));
        }
        let twice = matches!(slot, Slot::Named(_)) && fields[..place].iter().any(|(_, other)| other == slot);
        if twice {
            return Err(source.error(
                offset,
                format!("column of {name}"),
                slot.to_string(),
                "a column of its own",
            ));
        }
    }
    let Frame::Fixed(fixed) = frame else { return Ok(()) };
    fields.sort_by_key(|(_, slot)| match slot {
        Slot::Bytes { offset, .. } => *offset,
        Slot::Named(_) | Slot::Numbered(_) => 0,
    });
    let mut end = 0;
    for (name, slot) in fields {
        let Slot::Bytes { offset: start, length } = slot else { continue };
        if *start != end {
            let expected = format!("{end}: each byte in one field, those that nobody uses as well");
            return Err(source.error(offset, format!("offset of {name}"), start.to_string(), expected));
        }
        end += length;
    }
    if end != fixed.record_length {
        let expected = format!("{end}, where the last field ends");
        return Err(source.error(offset, "record_length", fixed.record_length.to_string(), expected));
    }
    Ok(())
}
