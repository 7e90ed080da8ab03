//! Command and answer APDUs (ISO/IEC 7816-3, short form).

use crate::StatusWord;

/// A command: header, data, and how many bytes are expected back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apdu {
    /// CLA, INS, P1, P2.
    pub header: [u8; 4],
    /// At most 255 bytes.
    pub data: Vec<u8>,
    /// Expected length, 0 for up to 256; none when no data are expected.
    pub expected: Option<u8>,
}

impl Apdu {
    /// A command without data that expects `expected` bytes.
    #[must_use]
    pub const fn read(header: [u8; 4], expected: u8) -> Self {
        Self { header, data: Vec::new(), expected: Some(expected) }
    }

    /// A command with data.
    ///
    /// # Panics
    /// When `data` is longer than 255 bytes: no command of `card.md` is.
    #[must_use]
    pub fn write(header: [u8; 4], data: &[u8], expected: Option<u8>) -> Self {
        assert!(data.len() <= 255, "a short APDU carries at most 255 bytes, not {}", data.len());
        Self { header, data: data.to_vec(), expected }
    }

    /// As it travels.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.data.len() + 6);
        bytes.extend(self.header);
        if let (false, Ok(length)) = (self.data.is_empty(), u8::try_from(self.data.len())) {
            bytes.push(length);
            bytes.extend(&self.data);
        }
        bytes.extend(self.expected);
        bytes
    }

    /// Reads what a card receives.
    ///
    /// # Errors
    /// The status word with which a card answers a command of wrong length.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatusWord> {
        let (header, body) = bytes.split_first_chunk::<4>().ok_or(StatusWord::WRONG_LENGTH)?;
        let (data, expected) = match body {
            [] => (&[][..], None),
            [expected] => (&[][..], Some(*expected)),
            [length, rest @ ..] => match rest.split_at_checked((*length).into()) {
                Some((data, [])) => (data, None),
                Some((data, [expected])) => (data, Some(*expected)),
                _ => return Err(StatusWord::WRONG_LENGTH),
            },
        };
        Ok(Self { header: *header, data: data.to_vec(), expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_travel_in_the_four_cases() {
        for (hex, data, expected) in [
            ("00840000", 0, None),
            ("805C000204", 0, Some(4)),
            ("00A40000023F00", 2, None),
            ("00A4040008A00000063201010500", 8, Some(0)),
        ] {
            let bytes = hex::decode(hex).unwrap();
            let apdu = Apdu::parse(&bytes).unwrap();
            assert_eq!((apdu.data.len(), apdu.expected), (data, expected), "{hex}");
            assert_eq!(apdu.to_bytes(), bytes, "{hex}");
        }
        for bad in ["", "00A404", "00A4040008A0", "00A40400023F000000"] {
            assert_eq!(Apdu::parse(&hex::decode(bad).unwrap()), Err(StatusWord::WRONG_LENGTH), "{bad}");
        }
    }
}
