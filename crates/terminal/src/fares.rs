//! `fares.toml`: what a ride costs, and what each category of card pays of it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tongclear_card::file::CardCategory;
use tongclear_types::{Fen, Rounding};

/// Fares of one version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fares {
    /// Rises with every change.
    pub version: u32,
    /// A bus ride, fen.
    pub flat_fen: Option<u32>,
    /// What a category pays of the list price, percent; 100 when it is not named.
    pub percent: BTreeMap<CardCategory, u8>,
    /// Metro trips; either direction.
    pub trip: Vec<TripFare>,
}

/// The fare between two stations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TripFare {
    /// One station.
    pub from: u32,
    /// The other.
    pub to: u32,
    /// Fen.
    pub fen: u32,
}

/// What a ride costs this card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Before any concession, fen.
    pub list_fen: u32,
    /// What the card pays, fen.
    pub amount_fen: u32,
}

impl Fares {
    /// Reads a fares file.
    ///
    /// # Errors
    /// Where and what is not as it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fares: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        match fares.percent.iter().find(|(_, percent)| **percent > 100) {
            Some((category, percent)) => Err(format!("percent.{category} is {percent}, expected 0 to 100")),
            None => Ok(fares),
        }
    }

    /// What `list_fen` costs a card of `category`: its percentage, rounded half up.
    #[must_use]
    pub fn for_category(&self, list_fen: u32, category: Option<CardCategory>) -> Price {
        let percent = category.and_then(|it| self.percent.get(&it)).copied().unwrap_or(100);
        let exact = Decimal::from(list_fen) * Decimal::from(percent) / Decimal::ONE_HUNDRED;
        let amount =
            Fen::from_decimal(exact, Rounding::HalfUp).ok().and_then(|fen| u32::try_from(fen.get()).ok());
        // At most 100 % of a u32 is a u32.
        Price { list_fen, amount_fen: amount.unwrap_or(list_fen) }
    }

    /// The list price between two stations.
    #[must_use]
    pub fn between(&self, a: u32, b: u32) -> Option<u32> {
        self.trip.iter().find(|it| (it.from, it.to) == (a, b) || (it.to, it.from) == (a, b)).map(|it| it.fen)
    }
}
