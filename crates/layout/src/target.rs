//! What a foreign field can feed: the fields of the 96-byte record (`package.md`, record layout 1), parts of the
//! sector data by name among them, each with its place and the kind of value that lies there.

use tongclear_package::{BillingPeriod, RECORD_LEN, TillReference};
use tongclear_types::{BcdDate, BcdTime, RecordFlags, Sector, Tti};

use crate::kind::Kind;

/// The bytes of one record.
pub(crate) type RecordBytes = [u8; RECORD_LEN];

/// Sectors that share a layout of the sector data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Ride,
    Bill,
    Till,
}

impl Family {
    /// The layout of a record's sector byte.
    pub(crate) fn of_byte(byte: u8) -> Option<Self> {
        match sector_of_byte(byte)? {
            Sector::Bus | Sector::Metro => Some(Self::Ride),
            Sector::Water | Sector::Power | Sector::Gas => Some(Self::Bill),
            Sector::Commerce | Sector::Load => Some(Self::Till),
            Sector::Sponsor => None,
        }
    }

    pub(crate) const fn sectors(self) -> &'static str {
        match self {
            Self::Ride => "bus and metro",
            Self::Bill => "water, power and gas",
            Self::Till => "commerce and load",
        }
    }
}

/// The sector of a record's sector byte.
pub(crate) fn sector_of_byte(byte: u8) -> Option<Sector> {
    Sector::ALL.into_iter().find(|sector| sector.byte() == Some(byte))
}

/// Declares the fields: name, offset in the record, length in bytes, kind, and the sectors that have it.
macro_rules! targets {
    ($($variant:ident = $name:literal, $offset:literal, $len:literal, $kind:ident $(, $family:ident)?;)+) => {
        /// A field of the record that a foreign field or a constant can feed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Target { $($variant,)+ }

        impl Target {
            /// All of them, in the order of the record.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in profiles.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Where it begins in the record.
            pub(crate) const fn offset(self) -> usize {
                match self { $(Self::$variant => $offset,)+ }
            }

            /// Its length, bytes.
            pub(crate) const fn len(self) -> usize {
                match self { $(Self::$variant => $len,)+ }
            }

            /// What lies there.
            pub(crate) const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }

            /// The sectors that have it; none when all have.
            pub(crate) const fn family(self) -> Option<Family> {
                match self { $(Self::$variant => targets!(@ $($family)?),)+ }
            }
        }
    };
    (@ $family:ident) => { Some(Family::$family) };
    (@) => { None };
}

targets! {
    Amount = "amount", 0, 4, Number;
    Tti = "tti", 4, 1, Hex;
    Terminal = "terminal", 5, 6, Hex;
    TerminalNumber = "terminal_number", 11, 4, Number;
    Moment = "moment", 15, 7, Moment;
    Date = "date", 15, 4, Date;
    Time = "time", 19, 3, Time;
    Tac = "tac", 22, 4, Hex;
    KeyVersion = "key_version", 26, 1, Number;
    Algorithm = "algorithm", 27, 1, Hex;
    Issuer = "issuer", 28, 8, Hex;
    Serial = "serial", 36, 10, Hex;
    OfflineCounter = "offline_counter", 46, 2, Number;
    OnlineCounter = "online_counter", 48, 2, Number;
    BalanceBefore = "balance_before", 50, 4, Number;
    BalanceAfter = "balance_after", 54, 4, Number;
    ListPrice = "list_price", 58, 4, Number;
    Sector = "sector", 62, 1, Sector;
    Flags = "flags", 63, 1, Hex;
    DenyListVersion = "deny_list_version", 64, 4, Number;
    CardRandom = "card_random", 68, 4, Hex;
    SectorData = "sector_data", 72, 24, Hex;
    Line = "line", 72, 2, Number, Ride;
    VehicleOrStation = "vehicle_or_station", 74, 4, Number, Ride;
    BoardingStop = "boarding_stop", 78, 2, Number, Ride;
    Direction = "direction", 80, 1, Number, Ride;
    DriverOrOperator = "driver_or_operator", 81, 4, Number, Ride;
    EntryMoment = "entry_moment", 85, 7, Moment, Ride;
    EntryDate = "entry_date", 85, 4, Date, Ride;
    EntryTime = "entry_time", 89, 3, Time, Ride;
    Account = "account", 72, 10, Digits, Bill;
    MeterReading = "meter_reading", 82, 4, Number, Bill;
    BillingPeriod = "billing_period", 86, 3, Month, Bill;
    TillReference = "till_reference", 72, 16, Text, Till;
}

impl Target {
    /// The one of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|target| target.name() == name)
    }

    /// Whether both would write the same byte of the same record.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        let same_sectors = match (self.family(), other.family()) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        let (start, end) = (self.offset(), self.offset() + self.len());
        same_sectors && start < other.offset() + other.len() && other.offset() < end
    }

    /// The field in a record.
    pub(crate) fn of(self, record: &RecordBytes) -> &[u8] {
        &record[self.offset()..self.offset() + self.len()]
    }

    /// The field in a record, to write into.
    pub(crate) fn of_mut(self, record: &mut RecordBytes) -> &mut [u8] {
        &mut record[self.offset()..self.offset() + self.len()]
    }

    /// What the field must hold and does not, if `bytes` are wrong there: what the centre would refuse for its
    /// form alone is refused before it is sealed.
    pub(crate) fn wrong(self, bytes: &[u8]) -> Option<&'static str> {
        let zeros = bytes.iter().all(|byte| *byte == 0);
        let holds = match self {
            Self::Tti => bytes.first().is_some_and(|byte| Tti(*byte).chain().is_some()),
            Self::Date => is_date(bytes),
            Self::Time => is_time(bytes),
            Self::Moment => {
                bytes.split_at_checked(4).is_some_and(|(date, time)| is_date(date) && is_time(time))
            }
            Self::Algorithm => matches!(bytes, [0x00 | 0x01 | 0x04]),
            Self::Sector => bytes.first().is_some_and(|byte| sector_of_byte(*byte).is_some()),
            Self::Flags => bytes.first().is_some_and(|byte| byte & !FLAGS == 0),
            Self::EntryDate => zeros || is_date(bytes),
            Self::EntryTime => is_time(bytes),
            Self::EntryMoment => {
                zeros || bytes.split_at_checked(4).is_some_and(|(date, time)| is_date(date) && is_time(time))
            }
            Self::BillingPeriod => bytes.try_into().is_ok_and(|it| BillingPeriod::from_bytes(it).is_ok()),
            Self::TillReference => bytes.try_into().is_ok_and(|it| TillReference::from_bytes(it).is_ok()),
            _ => true,
        };
        (!holds).then(|| self.expected())
    }

    /// What the field holds, for messages.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Tti => "02, 05, 06 or 09",
            Self::Date => "a date YYYYMMDD from 2000 to 2099",
            Self::Time => "a time hhmmss",
            Self::Moment => "a date and time YYYYMMDDhhmmss from 2000 to 2099",
            Self::Algorithm => "00, 01 or 04",
            Self::Sector => "a sector that sends records: bus, metro, water, power, gas, commerce or load",
            Self::Flags => "flags 00 to 07",
            Self::EntryDate => "a date YYYYMMDD, or zeros",
            Self::EntryTime => "a time hhmmss, or zeros",
            Self::EntryMoment => "a date and time YYYYMMDDhhmmss, or zeros",
            Self::BillingPeriod => "a month YYYYMM",
            Self::TillReference => "up to 16 printable ASCII characters",
            Self::Account => "up to 20 decimal digits",
            Self::Terminal => "12 hex digits",
            Self::Tac | Self::CardRandom => "8 hex digits",
            Self::Issuer => "16 hex digits",
            Self::Serial => "20 hex digits",
            Self::SectorData => "48 hex digits",
            Self::KeyVersion | Self::Direction => "a number from 0 to 255",
            Self::OfflineCounter | Self::OnlineCounter | Self::Line | Self::BoardingStop => {
                "a number from 0 to 65535"
            }
            Self::Amount
            | Self::TerminalNumber
            | Self::BalanceBefore
            | Self::BalanceAfter
            | Self::ListPrice
            | Self::DenyListVersion
            | Self::VehicleOrStation
            | Self::DriverOrOperator
            | Self::MeterReading => "a number from 0 to 4294967295",
        }
    }
}

/// The flag bits that have a meaning.
const FLAGS: u8 = RecordFlags::SUPPLEMENTARY | RecordFlags::DEGRADED | RecordFlags::TEST_CARD;

fn is_date(bytes: &[u8]) -> bool {
    bytes.try_into().is_ok_and(|date| BcdDate(date).to_civil().is_some())
}

fn is_time(bytes: &[u8]) -> bool {
    bytes.try_into().is_ok_and(|time| BcdTime(time).to_civil().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn together_the_fields_cover_the_record() {
        let mut covered = [false; RECORD_LEN];
        for target in Target::ALL {
            covered[target.offset()..target.offset() + target.len()].fill(true);
            assert_eq!(Target::from_name(target.name()), Some(*target));
        }
        assert_eq!(covered, [true; RECORD_LEN]);
    }

    #[test]
    fn fields_that_share_bytes_overlap_unless_their_sectors_differ() {
        for (one, two, expected) in [
            (Target::Date, Target::Moment, true),
            (Target::Date, Target::Time, false),
            (Target::Line, Target::SectorData, true),
            (Target::Line, Target::Account, false),
            (Target::EntryDate, Target::EntryMoment, true),
        ] {
            assert_eq!(one.overlaps(two), expected, "{one:?} {two:?}");
            assert_eq!(two.overlaps(one), expected, "{two:?} {one:?}");
        }
    }

    #[test]
    fn what_the_centre_would_refuse_for_its_form_is_wrong() {
        for (target, bytes, holds) in [
            (Target::Tti, "06", true),
            (Target::Tti, "07", false),
            (Target::Date, "20261123", true),
            (Target::Date, "20261131", false),
            (Target::Time, "235959", true),
            (Target::Time, "240000", false),
            (Target::Moment, "20261123235959", true),
            (Target::Moment, "00000000000000", false),
            (Target::EntryMoment, "00000000000000", true),
            (Target::EntryDate, "20261131", false),
            (Target::Algorithm, "04", true),
            (Target::Algorithm, "02", false),
            (Target::Sector, "07", true),
            (Target::Sector, "08", false),
            (Target::Flags, "07", true),
            (Target::Flags, "08", false),
            (Target::BillingPeriod, "202613", false),
            (Target::Serial, "ffffffffffffffffffff", true),
        ] {
            assert_eq!(target.wrong(&hex::decode(bytes).unwrap()).is_none(), holds, "{target:?} {bytes}");
        }
    }
}
