//! From the shapes of a profile's file to a [`Profile`] that was checked.

use tongclear_types::Sector;

use crate::encoding::Encoding;
use crate::error::ProfileError;
use crate::kind::Kind;
use crate::profile::{Derived, Field, Profile, Role};
use crate::raw::{RawField, Source};
use crate::target::{Family, RecordBytes, Target};

mod codec;
mod frame;
mod result;

/// What must be fed, by a field or a constant; the balances, of which one is enough, apart.
const REQUIRED: [Target; 15] = [
    Target::Amount,
    Target::Tti,
    Target::Terminal,
    Target::TerminalNumber,
    Target::Date,
    Target::Time,
    Target::Tac,
    Target::KeyVersion,
    Target::Algorithm,
    Target::Issuer,
    Target::Serial,
    Target::OfflineCounter,
    Target::OnlineCounter,
    Target::Sector,
    Target::DenyListVersion,
];

/// Reads and checks a profile.
pub(crate) fn build(text: &str) -> Result<Profile, ProfileError> {
    let source = Source(text);
    let raw = source.read()?;
    let name = raw.name.get_ref().trim();
    if name.is_empty() {
        return Err(source.wrong("name", &raw.name, "a name"));
    }
    let frame = frame::frame(source, &raw.file)?;
    let mut fed = Fed::default();

    let mut constants = Vec::new();
    for (key, value) in &raw.constants {
        let offset = key.span().start;
        let target = Target::from_name(key.get_ref())
            .ok_or_else(|| source.wrong("constants", key, "a field of the record"))?;
        let text = source.text(target.name(), value)?;
        let bytes = bytes_of(target, &text)
            .ok_or_else(|| source.error(offset, target.name(), format!("{text:?}"), target.expected()))?;
        fed.add(source, offset, target)?;
        constants.push((target, bytes));
    }

    let mut fields = Vec::with_capacity(raw.field.len());
    for (place, spanned) in raw.field.iter().enumerate() {
        let (offset, raw) = (spanned.span().start, spanned.get_ref());
        let slot = frame::slot(source, &frame, offset, raw, place)?;
        if let Some(from) = &raw.from {
            return Err(source.wrong("from", from, "feeds, which says the field of the record"));
        }
        let role = match (&raw.feeds, &raw.is) {
            (Some(feeds), None) => {
                let target = Target::from_name(feeds.get_ref())
                    .ok_or_else(|| source.wrong("feeds", feeds, "a field of the record"))?;
                let codec = codec::of_record(source, offset, raw, target, slot.width())?;
                fed.add(source, offset, target)?;
                Role::Feeds(target, codec)
            }
            (None, Some(_)) => {
                let (encoding, text) = codec::fixed_text(source, offset, raw, slot.width())?;
                Role::Is(encoding, text)
            }
            (None, None) => Role::Unused(unused(source, offset, raw, slot.width())?),
            (Some(_), Some(is)) => return Err(source.wrong("is", is, "either feeds or is")),
        };
        fields.push(Field { name: raw.name.get_ref().clone(), slot, role });
    }
    frame::check_cover(source, raw.file.span().start, &frame, fields.iter().map(|it| (&*it.name, &it.slot)))?;

    fed.check(source, &constants)?;
    let result = raw.result.as_ref().map(|raw| result::result(source, raw)).transpose()?;
    let derived = fed.derived();
    Ok(Profile { name: name.to_owned(), frame, constants, fields, derived, result })
}

/// The bytes that a profile's `text` stands for in a field of the record.
fn bytes_of(target: Target, text: &str) -> Option<Vec<u8>> {
    let bytes = target.kind().parse(text, target.len())?;
    target.wrong(&bytes).is_none().then_some(bytes)
}

/// A field that nobody uses needs no more than its place; its encoding only says what fills it.
fn unused(
    source: Source<'_>,
    offset: usize,
    raw: &RawField,
    width: Option<usize>,
) -> Result<Encoding, ProfileError> {
    codec::nothing_but_encoding(source, offset, raw)?;
    match &raw.encoding {
        Some(_) => codec::encoding(source, offset, raw, width),
        None if width.is_some() => Ok(Encoding::Bytes),
        None => Ok(Encoding::Text),
    }
}

/// Which fields of the record are fed, and from where in the profile.
#[derive(Default)]
struct Fed {
    targets: Vec<(Target, usize)>,
}

impl Fed {
    fn add(&mut self, source: Source<'_>, offset: usize, target: Target) -> Result<(), ProfileError> {
        if let Some((other, _)) = self.targets.iter().find(|(other, _)| other.overlaps(target)) {
            let expected = format!("a field of the record that nothing else feeds; {} does", other.name());
            return Err(source.error(offset, "feeds", format!("{:?}", target.name()), expected));
        }
        self.targets.push((target, offset));
        Ok(())
    }

    /// Whether every byte of `target` is fed.
    fn has(&self, target: Target) -> bool {
        let mut covered: RecordBytes = [0; _];
        self.targets.iter().for_each(|(fed, _)| fed.of_mut(&mut covered).fill(1));
        target.of(&covered).iter().all(|byte| *byte == 1)
    }

    fn derived(&self) -> Derived {
        Derived {
            list_price: !self.has(Target::ListPrice),
            balance_before: !self.has(Target::BalanceBefore),
            balance_after: !self.has(Target::BalanceAfter),
        }
    }

    /// Everything that must be fed is, and parts of the sector data belong to the sector if it is always the same.
    fn check(&self, source: Source<'_>, constants: &[(Target, Vec<u8>)]) -> Result<(), ProfileError> {
        for target in REQUIRED {
            if !self.has(target) {
                return Err(source.missing(0, target.name(), "a field or a constant that feeds it"));
            }
        }
        if !self.has(Target::BalanceBefore) && !self.has(Target::BalanceAfter) {
            return Err(source.missing(0, "balance_before", "a field that feeds it or balance_after"));
        }
        let sector = constants.iter().find(|(target, _)| *target == Target::Sector);
        let Some(byte) = sector.and_then(|(_, bytes)| bytes.first()) else { return Ok(()) };
        let family = Family::of_byte(*byte);
        let foreign = self.targets.iter().find(|(it, _)| it.family().is_some() && it.family() != family);
        if let Some((target, offset)) = foreign {
            let sector = crate::target::sector_of_byte(*byte).map_or("", Sector::name);
            let expected = format!("a part of the sector data of sector {sector}");
            return Err(source.error(*offset, "feeds", format!("{:?}", target.name()), expected));
        }
        Ok(())
    }
}

/// Whether values of `kind` can be written in `encoding` without a map.
fn speaks(encoding: Encoding, kind: Kind) -> bool {
    match kind {
        Kind::Number | Kind::Sector => encoding != Encoding::Text,
        Kind::Hex => matches!(
            encoding,
            Encoding::Bytes | Encoding::BytesReversed | Encoding::Bcd | Encoding::Hex | Encoding::Decimal
        ),
        Kind::Digits => {
            matches!(encoding, Encoding::Bytes | Encoding::Bcd | Encoding::Hex | Encoding::Decimal)
        }
        Kind::Date | Kind::Time | Kind::Moment | Kind::Month => {
            matches!(encoding, Encoding::Bcd | Encoding::Decimal | Encoding::Text)
        }
        Kind::Text => matches!(encoding, Encoding::Text | Encoding::Bcd),
    }
}

#[cfg(test)]
mod tests;
