//! Files 1A and 1E, T-Union trip data (JT/T 978): where the rider got on and off.

use tongclear_types::{BcdDate, BcdTime, TerminalId};

use crate::AnswerError;
use crate::bytes::part;
use crate::channel::exactly;

/// Length of the trip state (file 1A), bytes.
pub const TRIP_LEN: u8 = 128;
/// Length of a trip record (file 1E), bytes.
pub const TRIP_RECORD_LEN: u8 = 48;

tongclear_types::named! {
    /// Where on a trip the rider is.
    TripState {
        None = "none", "无行程", "Not on a trip.";
        Entered = "entered", "已进站", "Entered and not yet left.";
        Left = "left", "已出站", "Left.";
    }
}

impl TripState {
    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}

/// The running or last trip: all of file 1A, of which the fields below are laid down publicly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    bytes: [u8; 128],
}

impl Trip {
    /// No trip.
    pub const NONE: Self = Self { bytes: [0; 128] };

    /// Reads the file.
    ///
    /// # Errors
    /// A length other than 128 bytes, or a state that is none.
    pub fn parse(data: &[u8]) -> Result<Self, AnswerError> {
        let bytes: [u8; 128] = exactly(data)?;
        if TripState::from_byte(bytes[14]).is_none() {
            let value = format!("{:02x}", bytes[14]);
            return Err(AnswerError::Field { field: "trip state", value, expected: "00, 01 or 02" });
        }
        Ok(Self { bytes })
    }

    /// A rider who entered `station` of `city` at that moment.
    #[must_use]
    pub fn entered(city: [u8; 2], station: [u8; 8], date: BcdDate, time: BcdTime) -> Self {
        let mut trip = Self::NONE;
        trip.bytes[14] = TripState::Entered as u8;
        trip.bytes[15..17].copy_from_slice(&city);
        trip.bytes[35..43].copy_from_slice(&station);
        trip.bytes[67..71].copy_from_slice(&date.0);
        trip.bytes[71..74].copy_from_slice(&time.0);
        trip
    }

    /// The same trip, left at `station` of `city` at that moment for `amount_fen`.
    #[must_use]
    pub fn left(
        mut self,
        city: [u8; 2],
        station: [u8; 8],
        date: BcdDate,
        time: BcdTime,
        amount_fen: u32,
    ) -> Self {
        self.bytes[14] = TripState::Left as u8;
        self.bytes[17..19].copy_from_slice(&city);
        self.bytes[43..51].copy_from_slice(&station);
        self.bytes[74..78].copy_from_slice(&date.0);
        self.bytes[78..81].copy_from_slice(&time.0);
        self.bytes[95..99].copy_from_slice(&amount_fen.to_be_bytes());
        self
    }

    /// Where on the trip the rider is.
    #[must_use]
    pub fn state(&self) -> TripState {
        TripState::from_byte(self.bytes[14]).unwrap_or(TripState::None)
    }

    /// City of entry.
    #[must_use]
    pub fn entry_city(&self) -> [u8; 2] {
        part::<15, 2, 128>(&self.bytes)
    }

    /// Station of entry.
    #[must_use]
    pub fn entry_station(&self) -> [u8; 8] {
        part::<35, 8, 128>(&self.bytes)
    }

    /// Station of exit.
    #[must_use]
    pub fn exit_station(&self) -> [u8; 8] {
        part::<43, 8, 128>(&self.bytes)
    }

    /// When the rider entered.
    #[must_use]
    pub fn entry_time(&self) -> (BcdDate, BcdTime) {
        (BcdDate(part::<67, 4, 128>(&self.bytes)), BcdTime(part::<71, 3, 128>(&self.bytes)))
    }

    /// When the rider left.
    #[must_use]
    pub fn exit_time(&self) -> (BcdDate, BcdTime) {
        (BcdDate(part::<74, 4, 128>(&self.bytes)), BcdTime(part::<78, 3, 128>(&self.bytes)))
    }

    /// What was paid in the end, fen.
    #[must_use]
    pub fn amount_fen(&self) -> u32 {
        u32::from_be_bytes(part::<95, 4, 128>(&self.bytes))
    }

    /// The file's bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 128] {
        &self.bytes
    }
}

/// One line of file 1E.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TripRecord {
    /// Kind of event: 03 entry, 04 exit, 06 single fare.
    pub kind: u8,
    /// The terminal; 2 zero bytes before the 6 of its id.
    pub terminal: TerminalId,
    /// Industry: 01 bus, 02 metro.
    pub industry: u8,
    /// Line.
    pub line: u16,
    /// Station.
    pub station: u16,
    /// The company that ran it.
    pub operator: u16,
    /// Fen.
    pub amount_fen: u32,
    /// Fen, after.
    pub balance_fen: u32,
    /// By the terminal's clock.
    pub date: BcdDate,
    /// By the same clock.
    pub time: BcdTime,
    /// City.
    pub city: [u8; 2],
    /// Acquirer.
    pub acquirer: [u8; 8],
}

impl TripRecord {
    /// Reads a record.
    ///
    /// # Errors
    /// A length other than 48 bytes.
    pub fn parse(data: &[u8]) -> Result<Self, AnswerError> {
        let bytes: [u8; 48] = exactly(data)?;
        Ok(Self {
            kind: bytes[0],
            terminal: TerminalId(part::<3, 6, 48>(&bytes)),
            industry: bytes[9],
            line: u16::from_be_bytes(part::<10, 2, 48>(&bytes)),
            station: u16::from_be_bytes(part::<12, 2, 48>(&bytes)),
            operator: u16::from_be_bytes(part::<14, 2, 48>(&bytes)),
            amount_fen: u32::from_be_bytes(part::<17, 4, 48>(&bytes)),
            balance_fen: u32::from_be_bytes(part::<21, 4, 48>(&bytes)),
            date: BcdDate(part::<25, 4, 48>(&bytes)),
            time: BcdTime(part::<29, 3, 48>(&bytes)),
            city: part::<32, 2, 48>(&bytes),
            acquirer: part::<34, 8, 48>(&bytes),
        })
    }

    /// The record's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 48] {
        let mut bytes = [0; 48];
        bytes[0] = self.kind;
        bytes[3..9].copy_from_slice(&self.terminal.0);
        bytes[9] = self.industry;
        bytes[10..12].copy_from_slice(&self.line.to_be_bytes());
        bytes[12..14].copy_from_slice(&self.station.to_be_bytes());
        bytes[14..16].copy_from_slice(&self.operator.to_be_bytes());
        bytes[17..21].copy_from_slice(&self.amount_fen.to_be_bytes());
        bytes[21..25].copy_from_slice(&self.balance_fen.to_be_bytes());
        bytes[25..29].copy_from_slice(&self.date.0);
        bytes[29..32].copy_from_slice(&self.time.0);
        bytes[32..34].copy_from_slice(&self.city);
        bytes[34..42].copy_from_slice(&self.acquirer);
        bytes
    }

    /// Whether nothing was ever written there.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.kind, 0x00 | 0xFF)
    }
}
