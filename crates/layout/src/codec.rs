//! A foreign field and what it feeds: its encoding, and how the value is changed on the way in and out.
//!
//! In: blank → `empty`; else the encoding spells it, `map` translates or `format` reorders it, `prefix` and `pad`
//! complete it. Out is the same backwards.

use std::collections::BTreeMap;

use crate::encoding::{Encoding, Spelled, is_blank, is_decimal};
use crate::format::Format;
use crate::kind::{Kind, bytes_number, digits_bytes, number_bytes, text_bytes};

/// The most characters of a value that a message shows.
const SHOWN_MAX: usize = 40;

/// Why a field could not be read or written: what it holds, and what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) value: String,
    pub(crate) expected: String,
}

impl Wrong {
    pub(crate) fn new(value: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { value: value.into(), expected: expected.into() }
    }

    /// The foreign field `raw`, written in `encoding`, is not `expected`.
    pub(crate) fn raw(raw: &[u8], encoding: Encoding, expected: impl Into<String>) -> Self {
        Self::new(shown(raw, encoding.is_binary()), expected)
    }
}

/// A foreign field for a message: hex, or quoted text.
pub(crate) fn shown(raw: &[u8], binary: bool) -> String {
    let cut = if raw.len() > SHOWN_MAX { "…" } else { "" };
    let start = &raw[..raw.len().min(SHOWN_MAX)];
    if binary { format!("{}{cut}", hex::encode(start)) } else { format!("\"{}{cut}\"", start.escape_ascii()) }
}

/// How one foreign field is read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Codec {
    pub(crate) encoding: Encoding,
    /// How a date or time is written.
    pub(crate) format: Option<Format>,
    /// Digits of the value that the file leaves out, in front.
    pub(crate) prefix: String,
    /// Whether the file may leave out leading zeros.
    pub(crate) pad: bool,
    /// What the file writes, and the bytes that it stands for.
    pub(crate) map: Option<BTreeMap<String, Vec<u8>>>,
    /// The bytes that a blank field stands for.
    pub(crate) empty: Option<Vec<u8>>,
}

impl Codec {
    /// One that changes nothing on the way.
    pub(crate) const fn plain(encoding: Encoding) -> Self {
        Self { encoding, format: None, prefix: String::new(), pad: false, map: None, empty: None }
    }

    /// The `len` bytes of a value of `kind` that `raw` says; `expected` describes the value.
    pub(crate) fn read(&self, raw: &[u8], kind: Kind, len: usize, expected: &str) -> Result<Vec<u8>, Wrong> {
        if let Some(empty) = self.empty.as_ref().filter(|_| is_blank(raw)) {
            return Ok(empty.clone());
        }
        let wrong = |expected: &str| Wrong::raw(raw, self.encoding, expected);
        let spelled = self.encoding.read(raw).ok_or_else(|| wrong(self.encoding.expected()))?;
        if let Some(map) = &self.map {
            let found = map.get(&spelled.text()).cloned();
            return found.ok_or_else(|| wrong(&format!("one of {}", names(map))));
        }
        self.value(&spelled, kind, len).ok_or_else(|| wrong(expected))
    }

    fn value(&self, spelled: &Spelled, kind: Kind, len: usize) -> Option<Vec<u8>> {
        match (kind, spelled) {
            (Kind::Number | Kind::Sector, Spelled::Number(number)) => number_bytes(*number, len),
            (Kind::Number | Kind::Sector, Spelled::Decimal(digits)) => {
                number_bytes(digits.parse().ok()?, len)
            }
            (Kind::Number | Kind::Sector, Spelled::Hex(digits)) => {
                number_bytes(bytes_number(&hex::decode(digits).ok()?)?, len)
            }
            (Kind::Hex, Spelled::Hex(digits) | Spelled::Decimal(digits)) => {
                hex::decode(self.complete(digits, 2 * len)?).ok()
            }
            (Kind::Digits, Spelled::Decimal(digits) | Spelled::Hex(digits)) => {
                digits_bytes(&self.complete(digits, 2 * len)?, len)
            }
            (
                Kind::Date | Kind::Time | Kind::Moment | Kind::Month,
                Spelled::Decimal(text) | Spelled::Text(text),
            ) => match &self.format {
                Some(format) => digits_bytes(&format.read(text)?, len),
                None => digits_bytes(text, len),
            },
            (Kind::Text, Spelled::Text(text) | Spelled::Decimal(text) | Spelled::Hex(text)) => {
                text_bytes(text, len)
            }
            _ => None,
        }
    }

    /// Prefix and digits, `digits_wanted` together.
    fn complete(&self, digits: &str, digits_wanted: usize) -> Option<String> {
        let own = digits_wanted.checked_sub(self.prefix.len())?;
        let own = if self.pad { fit(digits, own)? } else { digits.to_owned() };
        Some(format!("{}{own}", self.prefix)).filter(|all| all.len() == digits_wanted)
    }

    /// What the foreign field of `width` bytes (any number of characters in a delimited file) holds for `bytes`,
    /// a value of `kind`.
    pub(crate) fn write(&self, bytes: &[u8], kind: Kind, width: Option<usize>) -> Result<Vec<u8>, Wrong> {
        if self.empty.as_deref() == Some(bytes) {
            return Ok(vec![self.encoding.blank(); width.unwrap_or_default()]);
        }
        let value = || match kind {
            Kind::Text => shown(bytes, false),
            Kind::Number | Kind::Sector => bytes_number(bytes).map_or_else(String::new, |it| it.to_string()),
            _ => hex::encode(bytes),
        };
        let spelled = match &self.map {
            Some(map) => {
                let name = map.iter().find(|(_, mapped)| *mapped == bytes).map(|(name, _)| name);
                let name = name.ok_or_else(|| Wrong::new(value(), "a value that the map has"))?;
                self.encoding.spell(name)
            }
            None => self.spell(bytes, kind, width),
        };
        spelled.and_then(|spelled| self.encoding.write(&spelled, width)).ok_or_else(|| {
            let width = width.map_or_else(String::new, |width| format!(" in {width} bytes"));
            Wrong::new(value(), format!("a value that the field can say{width}"))
        })
    }

    fn spell(&self, bytes: &[u8], kind: Kind, width: Option<usize>) -> Option<Spelled> {
        let digits = hex::encode(bytes);
        match kind {
            Kind::Number | Kind::Sector => {
                let number = bytes_number(bytes)?;
                let twice = |width: Option<usize>| 2 * width.unwrap_or(bytes.len());
                Some(match self.encoding {
                    Encoding::Bytes | Encoding::BytesReversed => {
                        Spelled::Hex(format!("{number:0fill$x}", fill = twice(width)))
                    }
                    Encoding::Hex => {
                        Spelled::Hex(format!("{number:0fill$x}", fill = width.unwrap_or(twice(None))))
                    }
                    Encoding::Bcd => Spelled::Decimal(format!("{number:0fill$}", fill = twice(width))),
                    Encoding::Decimal => Spelled::Decimal(number.to_string()),
                    _ => Spelled::Number(number),
                })
            }
            Kind::Hex | Kind::Digits => {
                let own = digits.strip_prefix(&self.prefix)?;
                let own = if self.pad { fit(own, self.digits_wanted(width))? } else { own.to_owned() };
                match self.encoding {
                    Encoding::Bcd | Encoding::Decimal => is_decimal(&own).then_some(Spelled::Decimal(own)),
                    // Hex digits come in pairs.
                    _ if self.pad && own.len() % 2 == 1 => Some(Spelled::Hex(format!("0{own}"))),
                    _ => Some(Spelled::Hex(own)),
                }
            }
            Kind::Date | Kind::Time | Kind::Moment | Kind::Month => {
                let text = match &self.format {
                    Some(format) => format.write(&digits)?,
                    None => digits,
                };
                match self.encoding {
                    Encoding::Text => Some(Spelled::Text(text)),
                    _ => is_decimal(&text).then_some(Spelled::Decimal(text)),
                }
            }
            Kind::Text => {
                let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
                let text = String::from_utf8(bytes[..end].to_vec()).ok()?;
                match self.encoding {
                    Encoding::Bcd => is_decimal(&text).then_some(Spelled::Decimal(text)),
                    _ => Some(Spelled::Text(text)),
                }
            }
        }
    }

    /// How many digits a field of `width` bytes holds; one, and more where it takes more, in a delimited file.
    fn digits_wanted(&self, width: Option<usize>) -> usize {
        match (width, self.encoding) {
            (None, Encoding::Hex) => 2,
            (None, _) => 1,
            (Some(width), Encoding::Hex | Encoding::Decimal) => width,
            (Some(width), _) => 2 * width,
        }
    }
}

/// `digits` in a place for `wanted`: leading zeros come and go, other digits do not.
fn fit(digits: &str, wanted: usize) -> Option<String> {
    let significant = digits.trim_start_matches('0');
    Some(format!("{significant:0>wanted$}"))
}

/// The names of a map, for a message.
fn names(map: &BTreeMap<String, Vec<u8>>) -> String {
    let quoted: Vec<String> = map.keys().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests;
