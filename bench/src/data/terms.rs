//! What merchants pay: fares and fee terms.

use tongclear_types::{Rounding, Sector};

use super::random::Random;

/// Most that one transaction may move, fen.
pub(crate) const LIMIT_FEN: u32 = 100_000;

/// What a transaction of a sector moves, fen; a sponsor's would be nothing.
pub(crate) fn amount_fen(sector: Sector, random: &mut Random) -> u32 {
    match sector {
        Sector::Bus => random.pick(&[200, 180, 180, 180, 90, 300]),
        // By distance, a tenth off.
        Sector::Metro => 180 + 90 * random.below(8),
        Sector::Water | Sector::Power | Sector::Gas => random.between(2_000, 15_000),
        Sector::Commerce => random.between(300, 4_000),
        Sector::Load => random.pick(&[5_000, 10_000, 20_000]),
        Sector::Sponsor => 0,
    }
}

/// Fee terms of one merchant for one card operator; they round each transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Share of the amount, millionths.
    pub(crate) rate_ppm: u32,
    /// Part that does not depend on the amount, millionths of a fen.
    pub(crate) fixed_micro_fen: u64,
    pub(crate) min_fen: Option<u32>,
    pub(crate) max_fen: Option<u32>,
    pub(crate) rounding: Rounding,
}

impl Terms {
    /// What is added to millionths of a fen before the rest is cut off.
    pub(crate) const fn rounds_by(&self) -> u64 {
        match self.rounding {
            Rounding::Up => 999_999,
            Rounding::Down => 0,
            _ => 500_000,
        }
    }
}

/// The terms of the `rank`-th merchant of its sector for a card operator: half up for most, fixed parts, least and greatest fees,
/// and for the largest bus company one contract for the city's own cards and one for all others.
pub(crate) fn terms(sector: Sector, rank: u32, operator: usize) -> Terms {
    let plain = |rate_ppm: u32| Terms {
        rate_ppm,
        fixed_micro_fen: 0,
        min_fen: None,
        max_fen: None,
        rounding: Rounding::HalfUp,
    };
    match sector {
        Sector::Bus if rank == 1 && operator == 0 => Terms { fixed_micro_fen: 200_000, ..plain(5_000) },
        Sector::Bus => plain(6_000 + rank % 3 * 500),
        Sector::Metro => Terms { fixed_micro_fen: 100_000, min_fen: Some(1), ..plain(4_500) },
        Sector::Commerce => Terms {
            min_fen: rank.is_multiple_of(2).then_some(2),
            max_fen: rank.is_multiple_of(5).then_some(30),
            rounding: if rank.is_multiple_of(7) { Rounding::Down } else { Rounding::HalfUp },
            ..plain(8_000 + rank % 9 * 500)
        },
        Sector::Water => Terms { fixed_micro_fen: 30_000_000, ..plain(0) },
        Sector::Power => {
            Terms { min_fen: Some(10), max_fen: Some(50), rounding: Rounding::Up, ..plain(2_000) }
        }
        Sector::Gas => plain(3_000),
        Sector::Load | Sector::Sponsor => plain(0),
    }
}
