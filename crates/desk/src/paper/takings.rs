//! Where a merchant's money was taken: by line, station, billing period or till, from the sector data of accepted records.
//!
//! Nothing here decides about money; a record whose sector data cannot be read stands in the row of what names nothing.

use std::collections::BTreeMap;

use tongclear_package::SectorData;
use tongclear_press::{Breakdown, BreakdownKind, BreakdownRow, Words};
use tongclear_types::{Fen, MerchantCode, MoneyError, Sector, Tally, TerminalId, TransactionRecord};

/// The value that a record counts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A line, a station, or a month as `YYYYMM`.
    Number(u32),
    Till(TerminalId),
    Unknown,
}

/// Accepted records by merchant, kind of breakdown and value.
#[derive(Debug, Default)]
pub(super) struct Takings(BTreeMap<(MerchantCode, BreakdownKind), BTreeMap<Place, Tally>>);

/// How the takings of a sector are broken down.
pub(super) const fn kinds(sector: Sector) -> &'static [BreakdownKind] {
    match sector {
        Sector::Bus => &[BreakdownKind::Line],
        Sector::Metro => &[BreakdownKind::Line, BreakdownKind::Station],
        Sector::Water | Sector::Power | Sector::Gas => &[BreakdownKind::BillingPeriod],
        // The till's own reference often names one sale; the till itself is the terminal.
        Sector::Commerce | Sector::Load => &[BreakdownKind::Till],
        Sector::Sponsor => &[],
    }
}

impl Takings {
    /// Counts an accepted record of a merchant of `sector`.
    pub(super) fn add(
        &mut self,
        merchant: MerchantCode,
        sector: Sector,
        record: &TransactionRecord,
    ) -> Result<(), MoneyError> {
        let data = SectorData::parse(sector, &record.sector_data).ok();
        for kind in kinds(sector) {
            let place = match (kind, &data) {
                (BreakdownKind::Till, _) => Place::Till(record.terminal),
                (BreakdownKind::Line, Some(SectorData::Ride(ride))) => Place::Number(ride.line.into()),
                (BreakdownKind::Station, Some(SectorData::Ride(ride))) => {
                    Place::Number(ride.vehicle_or_station)
                }
                (BreakdownKind::BillingPeriod, Some(SectorData::Utility(bill))) => {
                    bill.billing_period.to_string().parse().map_or(Place::Unknown, Place::Number)
                }
                _ => Place::Unknown,
            };
            let tally = self.0.entry((merchant, *kind)).or_default().entry(place).or_default();
            tally.add(Fen::from(record.amount_fen))?;
        }
        Ok(())
    }

    /// The breakdowns of a merchant of `sector`, over all of `parts`; none without records.
    pub(super) fn breakdowns<'a>(
        parts: impl Iterator<Item = &'a Self> + Clone,
        merchant: MerchantCode,
        sector: Sector,
    ) -> Result<Vec<Breakdown>, MoneyError> {
        let mut breakdowns = Vec::new();
        for kind in kinds(sector) {
            let mut sums: BTreeMap<Place, Tally> = BTreeMap::new();
            for (place, tally) in parts.clone().filter_map(|it| it.0.get(&(merchant, *kind))).flatten() {
                sums.entry(*place).or_default().merge(tally)?;
            }
            if !sums.is_empty() {
                let rows = sums.into_iter().map(|(place, tally)| row(*kind, place, tally)).collect();
                breakdowns.push(Breakdown { kind: *kind, rows });
            }
        }
        Ok(breakdowns)
    }
}

fn row(kind: BreakdownKind, place: Place, tally: Tally) -> BreakdownRow {
    let code = match (place, kind) {
        (Place::Number(month), BreakdownKind::BillingPeriod) => {
            format!("{:04}-{:02}", month / 100, month % 100)
        }
        (Place::Number(number), _) => number.to_string(),
        (Place::Till(terminal), _) => terminal.to_string(),
        (Place::Unknown, _) => String::new(),
    };
    let name = if place == Place::Unknown { Words::new("未注明", "not given") } else { Words::default() };
    BreakdownRow { code, name, tally }
}
