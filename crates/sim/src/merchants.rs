//! The merchants of the city and their contracts, as data.
//!
//! A small city has only the first of them: a merchant exists when there is a terminal for it.

use tongclear_types::{Rounding, Sector};

use crate::fee::{Contract, Level};
use crate::moment::Day;

/// Index of Tianfu Tong among the card operators.
pub(crate) const TIANFU: usize = 0;
/// Who pays for the rides of seniors.
pub(crate) const SENIOR_SPONSOR: &str = "GOV00001";
/// Who pays half of the rides of students.
pub(crate) const STUDENT_SPONSOR: &str = "EDU00001";

/// First day of the contracts: long before the oldest record that can be dated.
const LONG_AGO: Day = Day(-400);

/// What sets a merchant apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Takes every card.
    Ordinary,
    /// Has a contract for Tianfu Tong's cards only.
    TianfuOnly,
    /// Its contract ended, or has not begun: used for anomalies only.
    NoContract,
}

/// A merchant as it stands in the table.
pub(crate) struct Entry {
    /// Code.
    pub(crate) code: &'static str,
    /// Sector.
    pub(crate) sector: Sector,
    /// Chinese name.
    pub(crate) name: &'static str,
    /// English name.
    pub(crate) name_en: &'static str,
    /// What sets it apart.
    pub(crate) role: Role,
    /// Its share of the terminals that are left when everyone has one.
    pub(crate) terminal_share: u32,
    /// The most terminals it has use for.
    pub(crate) terminals_max: u32,
    /// Terminals of one collector.
    pub(crate) terminals_per_collector: u32,
    /// The fewest collectors it has.
    pub(crate) collectors_min: u32,
}

#[rustfmt::skip]
const fn entry(
    code: &'static str, sector: Sector, name: &'static str, name_en: &'static str, role: Role,
    [terminal_share, terminals_max, terminals_per_collector, collectors_min]: [u32; 4],
) -> Entry {
    Entry { code, sector, name, name_en, role, terminal_share, terminals_max, terminals_per_collector, collectors_min }
}

const MANY: u32 = u32::MAX;

/// The merchants, the indispensable ones first. Sponsors take no money and stand apart.
#[rustfmt::skip]
pub(crate) const MERCHANTS: &[Entry] = &[
    entry("BUS00001", Sector::Bus, "成都公交集团", "Chengdu Bus", Role::Ordinary, [30, MANY, 100, 2]),
    entry("LOAD0001", Sector::Load, "天府通充值网点", "Tianfu Tong Load Points", Role::Ordinary, [4, MANY, 100, 1]),
    entry("METRO001", Sector::Metro, "成都地铁", "Chengdu Metro", Role::Ordinary, [20, MANY, 60, 2]),
    entry("SHOP0001", Sector::Commerce, "红旗连锁", "Hongqi Chain", Role::Ordinary, [14, MANY, 150, 1]),
    entry("WATER001", Sector::Water, "成都自来水", "Chengdu Water", Role::Ordinary, [1, 6, 1, 1]),
    entry("POWER001", Sector::Power, "成都供电", "Chengdu Power", Role::Ordinary, [1, 6, 1, 1]),
    entry("GAS00001", Sector::Gas, "成都燃气", "Chengdu Gas", Role::Ordinary, [1, 6, 1, 1]),
    entry("ENDED001", Sector::Commerce, "老茶馆", "Old Tea House", Role::NoContract, [0, 1, 1, 1]),
    entry("LOCAL001", Sector::Commerce, "社区食堂", "Community Canteen", Role::TianfuOnly, [1, 20, 20, 1]),
    entry("BUS00002", Sector::Bus, "龙泉公交", "Longquan Bus", Role::Ordinary, [10, MANY, 100, 1]),
    entry("BUS00003", Sector::Bus, "双流公交", "Shuangliu Bus", Role::Ordinary, [8, MANY, 100, 1]),
    entry("SHOP0002", Sector::Commerce, "舞东风超市", "Wudongfeng Stores", Role::Ordinary, [6, MANY, 150, 2]),
    entry("SOON0001", Sector::Commerce, "新书店", "New Bookshop", Role::NoContract, [0, 1, 1, 1]),
    entry("SHOP0003", Sector::Commerce, "街边小店", "Corner Shops", Role::Ordinary, [3, MANY, 50, 1]),
    entry("LOAD0002", Sector::Load, "便利店充值", "Convenience Loads", Role::Ordinary, [2, MANY, 100, 1]),
];

/// The sponsors: code, Chinese name, English name.
pub(crate) const SPONSORS: &[[&str; 3]] = &[
    [SENIOR_SPONSOR, "市民政局", "Civil Affairs Bureau"],
    [STUDENT_SPONSOR, "市教育局", "Education Bureau"],
];

/// A contract of the table's usual shape: from long ago, without end, for all card operators.
fn contract(rate: u32, fixed: u64, level: Level, rounding: Rounding, limit_fen: u32, cycle: u8) -> Contract {
    Contract {
        operator: None,
        from: LONG_AGO,
        until: None,
        rate,
        fixed,
        min_fee_fen: None,
        max_fee_fen: None,
        level,
        rounding,
        limit_fen,
        cycle,
        sponsor: None,
    }
}

/// The contracts of the merchant `code`: both levels, all four roundings, least and greatest fees, named operators,
/// one that replaces another during the run, and three cycles.
pub(crate) fn contracts(code: &str) -> Vec<Contract> {
    use Level::{Transaction, Window};
    use Rounding::{Down, HalfEven, HalfUp, Up};
    let seniors = Some(SENIOR_SPONSOR);
    let students = Some(STUDENT_SPONSOR);
    match code {
        "BUS00001" => vec![
            Contract { sponsor: seniors, ..contract(6_000, 0, Transaction, HalfUp, 2_000, 1) },
            Contract {
                operator: Some(TIANFU),
                sponsor: seniors,
                ..contract(5_000, 200_000, Transaction, HalfEven, 2_000, 1)
            },
        ],
        "BUS00002" => vec![
            Contract {
                until: Some(Day(0)),
                min_fee_fen: Some(1),
                max_fee_fen: Some(50),
                sponsor: seniors,
                ..contract(8_000, 0, Transaction, Down, 2_000, 1)
            },
            Contract { from: Day(1), sponsor: seniors, ..contract(7_500, 0, Transaction, Up, 2_000, 1) },
        ],
        "BUS00003" => vec![
            Contract { sponsor: seniors, ..contract(9_000, 0, Transaction, Down, 2_000, 2) },
            // The later one wins while both are in force.
            Contract { from: Day(-100), sponsor: seniors, ..contract(6_000, 0, Window, HalfUp, 2_000, 2) },
        ],
        "METRO001" => vec![
            Contract { sponsor: students, ..contract(5_000, 100_000, Window, HalfEven, 5_000, 1) },
            Contract {
                operator: Some(TIANFU),
                sponsor: students,
                ..contract(4_500, 0, Transaction, HalfUp, 5_000, 1)
            },
        ],
        "WATER001" => vec![contract(0, 30_000_000, Transaction, HalfUp, 60_000, 2)],
        "POWER001" => vec![Contract {
            min_fee_fen: Some(10),
            max_fee_fen: Some(50),
            ..contract(2_000, 0, Transaction, Up, 60_000, 2)
        }],
        "GAS00001" => vec![contract(3_000, 0, Transaction, Down, 60_000, 2)],
        "SHOP0001" => {
            vec![Contract { min_fee_fen: Some(1), ..contract(10_000, 0, Transaction, HalfUp, 20_000, 0) }]
        }
        "SHOP0002" => vec![contract(12_500, 0, Transaction, HalfEven, 20_000, 1)],
        "SHOP0003" => vec![contract(8_000, 333_333, Window, Up, 20_000, 0)],
        "LOCAL001" => vec![Contract {
            operator: Some(TIANFU),
            ..contract(4_000, 500_000, Transaction, HalfEven, 20_000, 1)
        }],
        "ENDED001" => {
            vec![Contract { until: Some(Day(-10)), ..contract(10_000, 0, Transaction, HalfUp, 20_000, 1) }]
        }
        // Later than the thirtieth window and every record dated ahead of it.
        "SOON0001" => {
            vec![Contract { from: Day(60), ..contract(10_000, 0, Transaction, HalfUp, 20_000, 1) }]
        }
        "LOAD0001" => vec![contract(0, 0, Transaction, HalfUp, 100_000, 0)],
        "LOAD0002" => vec![contract(0, 0, Window, Down, 100_000, 1)],
        _ => Vec::new(),
    }
}
