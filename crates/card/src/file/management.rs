//! File 17, T-Union management information (管理信息), 60 bytes (JT/T 978).

use crate::AnswerError;
use crate::bytes::part;

/// How much of the file readers fetch: everything that is laid down publicly.
pub const MANAGEMENT_READ_LEN: u8 = 11;

tongclear_types::named! {
    /// Whose card it is, for the fares (卡种类型).
    CardCategory {
        Normal = "normal", "普通卡", "Anybody's.";
        Student = "student", "学生卡", "A student's.";
        Senior = "senior", "老人卡", "A senior citizen's.";
        Test = "test", "测试卡", "For tests only.";
        Military = "military", "军人卡", "A soldier's.";
    }
}

impl CardCategory {
    /// The one of that byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte).checked_sub(1)?).copied()
    }

    /// Its byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8 + 1
    }
}

/// Where the card is at home and whether others take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Management {
    /// ISO 3166 numeric, BCD.
    pub country: [u8; 4],
    /// Province, by the bank card association's region codes.
    pub province: [u8; 2],
    /// City, likewise.
    pub city: [u8; 2],
    /// `0001` when other cities may take it.
    pub interoperable: [u8; 2],
    /// See [`CardCategory`].
    pub category: u8,
}

impl Management {
    /// Reads the first 11 bytes of the file.
    ///
    /// # Errors
    /// Fewer than 11 bytes.
    pub fn parse(data: &[u8]) -> Result<Self, AnswerError> {
        let Some(bytes) = data.first_chunk::<11>() else {
            return Err(AnswerError::Length { found: data.len(), expected: MANAGEMENT_READ_LEN.into() });
        };
        Ok(Self {
            country: part::<0, 4, 11>(bytes),
            province: part::<4, 2, 11>(bytes),
            city: part::<6, 2, 11>(bytes),
            interoperable: part::<8, 2, 11>(bytes),
            category: bytes[10],
        })
    }

    /// The 60 bytes of the file, what follows the known fields zero.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 60] {
        let mut bytes = [0; 60];
        bytes[..4].copy_from_slice(&self.country);
        bytes[4..6].copy_from_slice(&self.province);
        bytes[6..8].copy_from_slice(&self.city);
        bytes[8..10].copy_from_slice(&self.interoperable);
        bytes[10] = self.category;
        bytes
    }

    /// Whether other cities may take the card.
    #[must_use]
    pub const fn is_interoperable(&self) -> bool {
        matches!(self.interoperable, [0x00, 0x01])
    }
}
