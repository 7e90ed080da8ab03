//! SELECT (选择): by application id or by file id, and the FCI that comes back.

use crate::{AnswerError, Apdu, Request};

/// An application id, 5 to 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aid(&'static [u8]);

impl Aid {
    /// T-Union (交通联合).
    pub const T_UNION: Self = Self(&[0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05]);
    /// City Union (城市一卡通).
    pub const CITY_UNION: Self = Self(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x86, 0x98, 0x07, 0x01]);

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> &'static [u8] {
        self.0
    }
}

/// File control information as the card sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fci(pub Vec<u8>);

impl Fci {
    /// The issuer's own data: tag `9F0C` inside `A5` inside `6F`, where many cards repeat file 15.
    #[must_use]
    pub fn issuer_data(&self) -> Option<&[u8]> {
        let template = value_of(&self.0, &[0x6F])?;
        value_of(value_of(template, &[0xA5])?, &[0x9F, 0x0C])
    }
}

/// The value of the first `tag` among the BER-TLV objects of `bytes`; lengths up to 255, as in a short APDU.
fn value_of<'a>(mut bytes: &'a [u8], tag: &[u8]) -> Option<&'a [u8]> {
    while let [first, rest @ ..] = bytes {
        let tag_len = if first & 0x1F == 0x1F { 2 } else { 1 };
        let rest = &rest[(tag_len - 1).min(rest.len())..];
        let (length, rest) = match rest {
            [0x81, length, rest @ ..] => (*length, rest),
            [length @ 0..=0x7F, rest @ ..] => (*length, rest),
            _ => return None,
        };
        let (value, after) = rest.split_at_checked(length.into())?;
        if bytes.starts_with(tag) && tag.len() == tag_len {
            return Some(value);
        }
        bytes = after;
    }
    None
}

/// Selects the purse by application id, first or only occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectApplication(pub Aid);

impl Request for SelectApplication {
    type Answer = Fci;
    const NAME: &'static str = "SELECT application";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x00, 0xA4, 0x04, 0x00], self.0.bytes(), Some(0))
    }

    fn parse(&self, data: &[u8]) -> Result<Fci, AnswerError> {
        Ok(Fci(data.to_vec()))
    }
}

/// Selects a file by its two-byte id: `3F00`, `1001`, `3F01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectFile(pub u16);

impl SelectFile {
    /// The master file.
    pub const MASTER: Self = Self(0x3F00);
    /// Where city cards of old kept the purse.
    pub const PURSE_1001: Self = Self(0x1001);
    /// Where FMCOS cards keep the purse.
    pub const PURSE_3F01: Self = Self(0x3F01);
}

impl Request for SelectFile {
    type Answer = Fci;
    const NAME: &'static str = "SELECT file";

    fn apdu(&self) -> Apdu {
        Apdu::write([0x00, 0xA4, 0x00, 0x00], &self.0.to_be_bytes(), None)
    }

    fn parse(&self, data: &[u8]) -> Result<Fci, AnswerError> {
        Ok(Fci(data.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_data_are_found_in_the_fci_or_not_at_all() {
        let union = "6F318408A000000632010105A5259F0801029F0C1E01011000FFFFFFFF02010310517007010479138120190718204012310000";
        for (fci, found) in [
            (union, Some("01011000FFFFFFFF02010310517007010479138120190718204012310000")),
            ("6F81088401AAA5039F0801", None),
            ("6F02A500", None),
            ("6F05A5039F0C00", Some("")),
            ("6F05A5039F0C05", None),
            ("9F", None),
            ("", None),
        ] {
            let fci = Fci(hex::decode(fci).unwrap());
            assert_eq!(fci.issuer_data().map(hex::encode_upper).as_deref(), found);
        }
    }
}
