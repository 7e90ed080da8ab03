//! Sector data of a tap: the ride, the bill or the till.

use tongclear_package::{
    BillingPeriod, CustomerAccount, Ride, SECTOR_DATA_LEN, SectorData, TillReference, Utility,
};
use tongclear_types::Sector;

use crate::card::bcd;
use crate::draft::Draft;
use crate::world::World;

/// Terminals of one line.
const TERMINALS_PER_LINE: u32 = 20;
/// Lines of the city.
const LINES: u32 = 300;
/// Stops of a line, at most.
const STOPS: u16 = 30;
/// Minutes between two stations, and at the gates.
const MINUTES: [i32; 2] = [3, 4];

impl World<'_> {
    /// The sector data of `draft`, in the metro after `distance` stations.
    pub(crate) fn sector_data(
        &mut self,
        sector: Sector,
        draft: &Draft,
        distance: u32,
    ) -> [u8; SECTOR_DATA_LEN] {
        let data = match sector {
            Sector::Bus | Sector::Metro => self.ride(draft, distance),
            Sector::Water | Sector::Power | Sector::Gas => self.bill(sector, draft),
            Sector::Commerce | Sector::Load | Sector::Sponsor => till(draft),
        };
        data.to_bytes()
    }

    fn ride(&mut self, draft: &Draft, distance: u32) -> SectorData {
        let terminal = terminal(draft);
        let line = terminal / TERMINALS_PER_LINE % LINES + 1;
        let stations = i32::try_from(distance).unwrap_or(0);
        let minutes = if stations == 0 { 0 } else { stations * MINUTES[0] + MINUTES[1] };
        let entry = draft.when.plus(-60 * minutes);
        SectorData::Ride(Ride {
            line: u16::try_from(line).unwrap_or_default(),
            vehicle_or_station: 10_000 + terminal,
            boarding_stop: self.random.step(1, STOPS),
            direction: u8::from(self.random.chance(1, 2)),
            driver_or_operator: 700_000 + terminal,
            entry_date: self.dates.bcd(entry.day()),
            entry_time: entry.time(),
        })
    }

    /// One account a card and utility; the bill is for the month in which it is paid.
    fn bill(&mut self, sector: Sector, draft: &Draft) -> SectorData {
        let utility = u64::from(sector.byte().unwrap_or_default());
        let account = 510_000_000_000 + u64::try_from(draft.card).unwrap_or(0) * 10 + utility;
        let [century, year, month, _] = self.dates.bcd(draft.when.day()).0;
        SectorData::Utility(Utility {
            account: CustomerAccount::from_bytes(bcd(account)).expect("digits are BCD"),
            meter_reading: draft.amount_fen / 3 + self.random.between(1_000, 90_000),
            billing_period: BillingPeriod::from_bytes([century, year, month]).expect("a date has a month"),
        })
    }
}

/// A till's reference: its terminal and the second.
fn till(draft: &Draft) -> SectorData {
    let text = format!("T{:05}-{:08}", terminal(draft), draft.when.0.unsigned_abs());
    let mut reference = [0; 16];
    for (byte, letter) in reference.iter_mut().zip(text.bytes()) {
        *byte = letter;
    }
    SectorData::Till(TillReference::from_bytes(reference).expect("letters and digits are printable"))
}

fn terminal(draft: &Draft) -> u32 {
    u32::try_from(draft.terminal).unwrap_or(u32::MAX)
}
