//! How a field is written: encoding, format, prefix, pad, map and empty, each where it makes sense.

use std::collections::BTreeMap;

use toml::{Spanned, Value};

use super::{bytes_of, speaks};
use crate::codec::Codec;
use crate::encoding::{Encoding, is_decimal};
use crate::error::ProfileError;
use crate::format::Format;
use crate::kind::Kind;
use crate::raw::{RawField, Source};
use crate::target::Target;

/// The codec of a field that feeds `target`.
pub(super) fn of_record(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    target: Target,
    width: Option<usize>,
) -> Result<Codec, ProfileError> {
    let encoding = encoding(source, offset, raw, width)?;
    let map = match &raw.map {
        Some(map) => Some(record_map(source, map, encoding, target)?),
        None => None,
    };
    let empty = match &raw.empty {
        Some(value) => {
            let text = source.text("empty", value)?;
            let bytes = bytes_of(target, &text);
            Some(bytes.ok_or_else(|| source.wrong_value("empty", value, target.expected()))?)
        }
        None => None,
    };
    let codec = shared(source, offset, raw, encoding, target.kind(), map.is_some(), width)?;
    if codec.prefix.len() > 2 * target.len() {
        return Err(source.error(offset, "prefix", format!("{:?}", codec.prefix), target.expected()));
    }
    Ok(Codec { map, empty, ..codec })
}

/// The codec of a field that tells something of `kind`; maps of results are read elsewhere.
pub(super) fn of_result(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    kind: Kind,
    width: Option<usize>,
) -> Result<Codec, ProfileError> {
    let encoding = encoding(source, offset, raw, width)?;
    if let Some(empty) = &raw.empty {
        return Err(source.wrong_value("empty", empty, "a map in a result"));
    }
    shared(source, offset, raw, encoding, kind, raw.map.is_some(), width)
}

fn shared(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    encoding: Encoding,
    kind: Kind,
    mapped: bool,
    width: Option<usize>,
) -> Result<Codec, ProfileError> {
    let at_encoding = raw.encoding.as_ref().map_or(offset, |it| it.span().start);
    if !mapped && !speaks(encoding, kind) {
        let expected = format!("an encoding for {}, or a map", shown(kind));
        return Err(source.error(at_encoding, "encoding", format!("{:?}", encoding.name()), expected));
    }
    let format = match &raw.format {
        Some(text) if kind.is_calendar() && !mapped => {
            let format = Format::parse(text.get_ref(), kind)
                .filter(|format| encoding == Encoding::Text || format.is_digits())
                .filter(|format| {
                    width.is_none_or(|width| match encoding {
                        Encoding::Bcd => format.len() == 2 * width,
                        Encoding::Decimal => format.len() == width,
                        _ => format.len() <= width,
                    })
                });
            let expected = format!("every part of {} once, as long as the field", shown(kind));
            Some(format.ok_or_else(|| source.wrong("format", text, expected))?)
        }
        Some(text) => return Err(source.wrong("format", text, "a date, a time or a month, without a map")),
        None => None,
    };
    let completes = matches!(kind, Kind::Hex | Kind::Digits) && !mapped;
    let prefix = match &raw.prefix {
        Some(prefix) if completes && prefix.get_ref().bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            prefix.get_ref().to_ascii_lowercase()
        }
        Some(prefix) => {
            return Err(source.wrong("prefix", prefix, "digits of a value in hex, without a map"));
        }
        None => String::new(),
    };
    let pad = match &raw.pad {
        Some(pad) if completes || !pad.get_ref() => *pad.get_ref(),
        Some(pad) => return Err(source.wrong("pad", pad, "a value in hex, without a map")),
        None => false,
    };
    Ok(Codec { format, prefix, pad, ..Codec::plain(encoding) })
}

/// What every field says that says anything: a known encoding, no bytes in a delimited file, integers of 8 bytes.
pub(super) fn encoding(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    width: Option<usize>,
) -> Result<Encoding, ProfileError> {
    let name = raw.encoding.as_ref().ok_or_else(|| {
        source.missing(offset, format!("encoding of {}", raw.name.get_ref()), Encoding::EXPECTED)
    })?;
    let encoding = Encoding::from_name(name.get_ref())
        .ok_or_else(|| source.wrong("encoding", name, Encoding::EXPECTED))?;
    if encoding.is_binary() && width.is_none() {
        return Err(source.wrong("encoding", name, "hex, decimal, yuan or text in a delimited file"));
    }
    let integer = matches!(encoding, Encoding::BigEndian | Encoding::LittleEndian);
    if integer && width.is_some_and(|width| width > 8) {
        return Err(source.wrong("encoding", name, "at most 8 bytes for an integer"));
    }
    Ok(encoding)
}

/// A field that always says the same.
pub(super) fn fixed_text(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    width: Option<usize>,
) -> Result<(Encoding, String), ProfileError> {
    nothing_but_encoding(source, offset, raw)?;
    let encoding = encoding(source, offset, raw, width)?;
    let Some(is) = &raw.is else { return Err(source.missing(offset, "is", "what the field always says")) };
    // What is read back is what the profile says: hex in lower case, no leading zeros.
    let said = encoding.spell(is.get_ref()).and_then(|spelled| encoding.write(&spelled, width));
    let read = said.and_then(|raw| encoding.read(&raw));
    match read {
        Some(read) => Ok((encoding, read.text())),
        None => Err(source.wrong("is", is, format!("what {} can say in this field", encoding.name()))),
    }
}

/// Refuses what only a field that feeds something can have.
pub(super) fn nothing_but_encoding(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
) -> Result<(), ProfileError> {
    let present = [
        ("format", raw.format.is_some()),
        ("prefix", raw.prefix.is_some()),
        ("pad", raw.pad.is_some()),
        ("map", raw.map.is_some()),
        ("empty", raw.empty.is_some()),
    ];
    match present.iter().find(|(_, present)| *present) {
        Some((name, _)) => Err(source.error(offset, *name, "present", "a field that feeds something")),
        None => Ok(()),
    }
}

fn record_map(
    source: Source<'_>,
    map: &Spanned<BTreeMap<Spanned<String>, Spanned<Value>>>,
    encoding: Encoding,
    target: Target,
) -> Result<BTreeMap<String, Vec<u8>>, ProfileError> {
    if map.get_ref().is_empty() {
        return Err(source.error(map.span().start, "map", "empty", "at least one value"));
    }
    let mut bytes_by_name = BTreeMap::new();
    for (name, value) in map.get_ref() {
        let spelled = encoding.spell(name.get_ref());
        let spelled =
            spelled.ok_or_else(|| source.wrong("map", name, format!("what {} can say", encoding.name())))?;
        let text = source.text("map", value)?;
        let bytes = bytes_of(target, &text)
            .ok_or_else(|| source.error(name.span().start, "map", format!("{text:?}"), target.expected()))?;
        if bytes_by_name.insert(spelled.text(), bytes).is_some() {
            return Err(source.wrong("map", name, "each value once"));
        }
    }
    Ok(bytes_by_name)
}

/// Whether a map's foreign text can be said.
pub(super) fn can_say(encoding: Encoding, text: &str, width: Option<usize>) -> bool {
    let padded = match (encoding, width) {
        (Encoding::Bcd, Some(width)) if is_decimal(text) => format!("{text:0>fill$}", fill = 2 * width),
        _ => text.to_owned(),
    };
    encoding.spell(&padded).and_then(|spelled| encoding.write(&spelled, width)).is_some()
}

const fn shown(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Sector => "a sector",
        Kind::Hex => "hex digits",
        Kind::Digits => "decimal digits",
        Kind::Date => "a date",
        Kind::Time => "a time",
        Kind::Moment => "a date and time",
        Kind::Month => "a month",
        Kind::Text => "text",
    }
}
