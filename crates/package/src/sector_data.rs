//! The last 24 bytes of a record, laid out by sector (`package.md`, Sector data): for whoever makes records and
//! for people who read them. Nothing here decides about money, and the door does not look at them.

use tongclear_types::{BcdDate, BcdTime, Sector};

use crate::wire::{part, put};

mod field;

pub use field::{BillingPeriod, CustomerAccount, TillReference};

/// Length of the sector data, bytes.
pub const SECTOR_DATA_LEN: usize = 24;

/// Sector data of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectorData {
    /// Bus and metro.
    Ride(Ride),
    /// Water, power, gas.
    Utility(Utility),
    /// Commerce and load: the till's reference.
    Till(TillReference),
}

/// A ride on a bus or the metro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ride {
    /// Line.
    pub line: u16,
    /// Vehicle on a bus, station in the metro.
    pub vehicle_or_station: u32,
    /// Where the rider got on, as a number of the line's stops.
    pub boarding_stop: u16,
    /// Direction of travel.
    pub direction: u8,
    /// Driver on a bus, operator in the metro.
    pub driver_or_operator: u32,
    /// Date of entry, zeros when there was none.
    pub entry_date: BcdDate,
    /// Time of entry, zeros when there was none.
    pub entry_time: BcdTime,
}

/// A bill for water, power or gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utility {
    /// The customer's account.
    pub account: CustomerAccount,
    /// Reading of the meter, in the meter's unit.
    pub meter_reading: u32,
    /// What the bill is for.
    pub billing_period: BillingPeriod,
}

/// Why bytes or a text are no sector data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}, expected {expected}")]
pub struct SectorDataError {
    /// The field.
    pub field: &'static str,
    /// What it held, shortened.
    pub value: String,
    /// What it should hold.
    pub expected: &'static str,
}

/// The error that `field` holds `value`.
fn wrong(field: &'static str, value: &[u8], expected: &'static str) -> SectorDataError {
    SectorDataError { field, value: crate::refusal::shown_hex(value), expected }
}

impl SectorData {
    /// Reads the sector data of a record of `sector`.
    ///
    /// # Errors
    /// The field that does not have its form; a sponsor has no records and so no layout.
    pub fn parse(sector: Sector, bytes: &[u8; SECTOR_DATA_LEN]) -> Result<Self, SectorDataError> {
        match sector {
            Sector::Bus | Sector::Metro => {
                check_zero(&part::<20, 4, _>(bytes))?;
                Ok(Self::Ride(Ride {
                    line: u16::from_be_bytes(part::<0, 2, _>(bytes)),
                    vehicle_or_station: u32::from_be_bytes(part::<2, 4, _>(bytes)),
                    boarding_stop: u16::from_be_bytes(part::<6, 2, _>(bytes)),
                    direction: bytes[8],
                    driver_or_operator: u32::from_be_bytes(part::<9, 4, _>(bytes)),
                    entry_date: BcdDate(part::<13, 4, _>(bytes)),
                    entry_time: BcdTime(part::<17, 3, _>(bytes)),
                }))
            }
            Sector::Water | Sector::Power | Sector::Gas => {
                check_zero(&part::<17, 7, _>(bytes))?;
                Ok(Self::Utility(Utility {
                    account: CustomerAccount::from_bytes(part::<0, 10, _>(bytes))?,
                    meter_reading: u32::from_be_bytes(part::<10, 4, _>(bytes)),
                    billing_period: BillingPeriod::from_bytes(part::<14, 3, _>(bytes))?,
                }))
            }
            Sector::Commerce | Sector::Load => {
                check_zero(&part::<16, 8, _>(bytes))?;
                Ok(Self::Till(TillReference::from_bytes(part::<0, 16, _>(bytes))?))
            }
            Sector::Sponsor => Err(SectorDataError {
                field: "sector",
                value: sector.to_string(),
                expected: "a sector that sends records",
            }),
        }
    }

    /// The 24 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SECTOR_DATA_LEN] {
        let mut bytes = [0; SECTOR_DATA_LEN];
        match self {
            Self::Ride(ride) => {
                put::<0, 2, _>(&mut bytes, ride.line.to_be_bytes());
                put::<2, 4, _>(&mut bytes, ride.vehicle_or_station.to_be_bytes());
                put::<6, 2, _>(&mut bytes, ride.boarding_stop.to_be_bytes());
                put::<8, 1, _>(&mut bytes, [ride.direction]);
                put::<9, 4, _>(&mut bytes, ride.driver_or_operator.to_be_bytes());
                put::<13, 4, _>(&mut bytes, ride.entry_date.0);
                put::<17, 3, _>(&mut bytes, ride.entry_time.0);
            }
            Self::Utility(bill) => {
                put::<0, 10, _>(&mut bytes, bill.account.bytes());
                put::<10, 4, _>(&mut bytes, bill.meter_reading.to_be_bytes());
                put::<14, 3, _>(&mut bytes, bill.billing_period.bytes());
            }
            Self::Till(reference) => put::<0, 16, _>(&mut bytes, reference.bytes()),
        }
        bytes
    }
}

/// The bytes behind the fields are zero.
fn check_zero(bytes: &[u8]) -> Result<(), SectorDataError> {
    if bytes.iter().any(|byte| *byte != 0) {
        return Err(wrong("reserved", bytes, "zeros"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
