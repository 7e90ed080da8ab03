//! When and where the city taps: shares of the sectors, and the hours of working days and days off.
//!
//! The shares are per thousand records, the hours run from 04:00 to 02:00; both are plain guesses in the shape of
//! published hourly counts of Chinese metros: two peaks on working days, one broad hill on days off.

use tongclear_types::Sector;

use crate::moment::HOURS;
use crate::random::Random;

/// The sectors that take money, with their share of the records per thousand.
const SHARES: [(Sector, u64); 7] = [
    (Sector::Bus, 520),
    (Sector::Metro, 300),
    (Sector::Commerce, 100),
    (Sector::Load, 55),
    (Sector::Power, 10),
    (Sector::Water, 8),
    (Sector::Gas, 7),
];

type Hours = [u64; HOURS];

// Hours:                 04 05 06  07  08  09  10  11  12  13  14  15  16  17  18  19  20  21  22  23 00 01
const BUS: Hours = [1, 6, 30, 95, 100, 55, 35, 34, 36, 33, 34, 38, 50, 90, 95, 55, 38, 26, 15, 5, 2, 1];
const METRO: Hours = [0, 2, 20, 95, 110, 60, 32, 30, 33, 32, 33, 36, 50, 95, 105, 62, 42, 32, 20, 4, 1, 0];
const SHOPS: Hours = [0, 0, 2, 10, 20, 30, 45, 60, 70, 55, 50, 52, 58, 70, 90, 95, 80, 50, 20, 6, 3, 2];
const LOADS: Hours = [0, 0, 5, 40, 45, 30, 25, 25, 28, 25, 25, 28, 32, 45, 48, 35, 25, 15, 6, 1, 0, 0];
const BILLS: Hours = [0, 0, 0, 0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0, 0, 0, 0, 0];
const DAY_OFF: Hours = [1, 4, 12, 25, 40, 55, 68, 72, 70, 70, 72, 74, 76, 78, 70, 60, 48, 36, 20, 7, 3, 2];

fn hours(sector: Sector, working: bool) -> &'static Hours {
    match sector {
        Sector::Bus if working => &BUS,
        Sector::Metro if working => &METRO,
        Sector::Bus | Sector::Metro => &DAY_OFF,
        Sector::Load => &LOADS,
        Sector::Water | Sector::Power | Sector::Gas => &BILLS,
        Sector::Commerce | Sector::Sponsor => &SHOPS,
    }
}

/// How many records each sector makes in each hour of one day.
pub(crate) struct Schedule {
    cells: [[u64; SHARES.len()]; HOURS],
}

impl Schedule {
    /// Spreads `total` records over a day, to the last one.
    pub(crate) fn new(total: u64, working: bool) -> Self {
        // A cell weighs its share of the sector's day, in millionths of a thousandth.
        let weight = |hour: usize, (sector, share): (Sector, u64)| {
            let hours = hours(sector, working);
            u128::from(share * 1_000_000 * hours[hour] / hours.iter().sum::<u64>())
        };
        let whole: u128 = (0..HOURS).map(|hour| SHARES.map(|it| weight(hour, it)).iter().sum::<u128>()).sum();
        let mut cells = [[0; SHARES.len()]; HOURS];
        let (mut weight_so_far, mut count_so_far) = (0, 0);
        for (hour, cell) in cells.iter_mut().enumerate() {
            for (count, share) in cell.iter_mut().zip(SHARES) {
                weight_so_far += weight(hour, share);
                let due = u64::try_from(u128::from(total) * weight_so_far / whole).unwrap_or(total);
                *count = due - count_so_far;
                count_so_far = due;
            }
        }
        Self { cells }
    }

    /// How many records are made in the `hour`-th hour.
    pub(crate) fn count(&self, hour: usize) -> u64 {
        self.cells[hour].iter().sum()
    }

    /// Takes one of the `hour`-th hour's records, whichever sector's; there is one.
    pub(crate) fn take(&mut self, hour: usize, random: &mut Random) -> Sector {
        let mut chosen = random.below(self.count(hour));
        for (count, (sector, _)) in self.cells[hour].iter_mut().zip(SHARES) {
            if chosen < *count {
                *count -= 1;
                return sector;
            }
            chosen -= *count;
        }
        Sector::Bus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_holds_every_record_and_has_two_peaks() {
        for total in [0, 1, 7, 999, 1_000_000] {
            for working in [true, false] {
                let schedule = Schedule::new(total, working);
                assert_eq!((0..HOURS).map(|hour| schedule.count(hour)).sum::<u64>(), total);
            }
        }
        let schedule = Schedule::new(1_000_000, true);
        let [early, morning, noon, evening] = [2, 4, 8, 14].map(|hour| schedule.count(hour));
        assert!(morning > 2 * noon && evening > 2 * noon && noon > early);
    }
}
