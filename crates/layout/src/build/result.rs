//! `[result]`: what is told of each record, and how.

use std::collections::BTreeMap;

use tongclear_types::{Disposition, Reason};

use super::{codec, frame};
use crate::codec::Codec;
use crate::error::ProfileError;
use crate::profile::{ResultField, ResultLayout, ResultMap, ResultRole, Source as Told};
use crate::raw::{RawField, RawResult, Source};

/// The name in a map for every value that it does not name.
const OTHER: &str = "*";

pub(super) fn result(source: Source<'_>, raw: &RawResult) -> Result<ResultLayout, ProfileError> {
    let form = frame::frame(source, &raw.file)?;
    let all = match raw.records.get_ref().as_str() {
        "all" => true,
        "unpaid" => false,
        _ => return Err(source.wrong("records", &raw.records, "all or unpaid")),
    };
    let mut fields = Vec::with_capacity(raw.field.len());
    for (place, spanned) in raw.field.iter().enumerate() {
        let (offset, raw) = (spanned.span().start, spanned.get_ref());
        let slot = frame::slot(source, &form, offset, raw, place)?;
        if let Some(feeds) = &raw.feeds {
            return Err(source.wrong("feeds", feeds, "from, which says what is told"));
        }
        let role = match (&raw.from, &raw.is) {
            (Some(from), None) => {
                let told = Told::from_name(from.get_ref()).ok_or_else(|| {
                    let expected = "row, sequence, collector, disposition, reason or a field of the record";
                    source.wrong("from", from, expected)
                })?;
                let codec = codec::of_result(source, offset, raw, told.kind(), slot.width())?;
                let map = map(source, offset, raw, told, &codec, slot.width())?;
                ResultRole::From { told, codec, map }
            }
            (None, Some(_)) => {
                let (encoding, text) = codec::fixed_text(source, offset, raw, slot.width())?;
                ResultRole::Is(encoding, text)
            }
            _ => {
                return Err(source.missing(
                    offset,
                    format!("from of {}", raw.name.get_ref()),
                    "either from or is",
                ));
            }
        };
        fields.push(ResultField { name: raw.name.get_ref().clone(), slot, role });
    }
    let slots = fields.iter().map(|it| (&*it.name, &it.slot));
    frame::check_cover(source, raw.file.span().start, &form, slots)?;
    Ok(ResultLayout { frame: form, all, fields })
}

/// What is written for each value. A map of dispositions or reasons has them all, so that no night is the first
/// to meet one that it lacks.
fn map(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    told: Told,
    codec: &Codec,
    width: Option<usize>,
) -> Result<Option<ResultMap>, ProfileError> {
    let Some(pairs) = &raw.map else { return Ok(None) };
    let mut map = ResultMap { texts: BTreeMap::new(), other: None };
    for (name, value) in pairs.get_ref() {
        let text = source.text("map", value)?;
        if !codec::can_say(codec.encoding, &text, width) {
            let expected = format!("what {} can say in this field", codec.encoding.name());
            return Err(source.error(name.span().start, "map", format!("{text:?}"), expected));
        }
        if name.get_ref() == OTHER {
            map.other = Some(text);
            continue;
        }
        let key = match told {
            Told::Disposition => {
                Disposition::from_name(name.get_ref()).map(|it| it.name().as_bytes().to_vec())
            }
            Told::Reason if name.get_ref().is_empty() => Some(Vec::new()),
            Told::Reason => Reason::from_name(name.get_ref()).map(|it| it.name().as_bytes().to_vec()),
            Told::Record(target) => target.kind().parse(name.get_ref(), target.len()),
            Told::Row | Told::Sequence | Told::Collector => None,
        };
        let key = key.ok_or_else(|| {
            source.wrong("map", name, format!("a value of {}, or \"*\" for all others", told.name()))
        })?;
        map.texts.insert(key, text);
    }
    let names: Vec<&str> = match told {
        Told::Disposition => Disposition::ALL.iter().map(|it| it.name()).collect(),
        Told::Reason => Reason::ALL.iter().map(|it| it.name()).collect(),
        _ => Vec::new(),
    };
    let missing = names.iter().find(|name| map.other.is_none() && !map.texts.contains_key(name.as_bytes()));
    if let Some(missing) = missing {
        let field = format!("map of {}", raw.name.get_ref());
        return Err(source.missing(offset, field, format!("{missing}, or \"*\" for all others")));
    }
    Ok(Some(map))
}
