//! What came of a card that was presented.

use serde::Serialize;
use tongclear_types::CardId;

use crate::{TapId, Verdict};

/// What is asked of the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A bus ride at the flat fare.
    Ride,
    /// Through a metro gate, in.
    Enter,
    /// Through a metro gate, out.
    Exit,
    /// A bill or a shop's sum.
    Pay {
        /// Fen.
        amount_fen: u32,
        /// What it is for.
        data: tongclear_package::SectorData,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What the passenger is shown.
    pub verdict: Verdict,
    /// Fen that were taken or given, or would have been.
    pub amount_fen: Option<u32>,
    /// Fen on the purse, as far as it is known.
    pub balance_fen: Option<u32>,
    /// Whose card.
    pub card: Option<CardId>,
    /// The line in the journal; none when nothing was asked of the card.
    pub tap: Option<TapId>,
    /// Marked as made in a degraded mode, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<Verdict>,
    /// What the card, the PSAM or the host said, for the technician.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Outcome {
    /// A verdict about no card in particular.
    #[must_use]
    pub const fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            amount_fen: None,
            balance_fen: None,
            card: None,
            tap: None,
            degraded: Vec::new(),
            detail: None,
        }
    }

    /// With what somebody said.
    #[must_use]
    pub fn because(mut self, detail: impl std::fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }
}
