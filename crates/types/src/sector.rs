//! Sectors (行业): what kind of business took the money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A merchant's sector; the first seven have the byte of `package.md`, a sponsor takes no money itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sector {
    /// 公交
    Bus,
    /// 地铁
    Metro,
    /// 自来水
    Water,
    /// 供电
    Power,
    /// 燃气
    Gas,
    /// 商户
    Commerce,
    /// 充值代理
    Load,
    /// 优惠资助方: owes the concessions that it granted
    Sponsor,
}

impl Sector {
    /// All sectors, in the order of their bytes.
    pub const ALL: [Self; 8] = [
        Self::Bus,
        Self::Metro,
        Self::Water,
        Self::Power,
        Self::Gas,
        Self::Commerce,
        Self::Load,
        Self::Sponsor,
    ];

    /// The sector byte of a record; none for a sponsor, which sends no records.
    #[must_use]
    pub const fn byte(self) -> Option<u8> {
        match self {
            Self::Bus => Some(1),
            Self::Metro => Some(2),
            Self::Water => Some(3),
            Self::Power => Some(4),
            Self::Gas => Some(5),
            Self::Commerce => Some(6),
            Self::Load => Some(7),
            Self::Sponsor => None,
        }
    }

    /// The name used in `registry.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bus => "bus",
            Self::Metro => "metro",
            Self::Water => "water",
            Self::Power => "power",
            Self::Gas => "gas",
            Self::Commerce => "commerce",
            Self::Load => "load",
            Self::Sponsor => "sponsor",
        }
    }

    /// The Chinese name, for people.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Bus => "公交",
            Self::Metro => "地铁",
            Self::Water => "自来水",
            Self::Power => "供电",
            Self::Gas => "燃气",
            Self::Commerce => "商户",
            Self::Load => "充值代理",
            Self::Sponsor => "优惠资助方",
        }
    }
}

impl fmt::Display for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Sector {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|sector| sector.name() == text).ok_or_else(|| {
            format!("{text:?} is not a sector: bus, metro, water, power, gas, commerce, load or sponsor")
        })
    }
}
