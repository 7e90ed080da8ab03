//! What to simulate: the plan, its limits, and what can go wrong.
//!
//! Bounds: a day holds at most [`TAPS_PER_CARD_DAY_MAX`] records for each card on average, so that no card runs past
//! its counter (65,535) or past the 1,024 counters which clearing lets it advance in one window.

use std::path::PathBuf;
use std::str::FromStr;

use tongclear_types::BusinessDate;

use crate::city::collector_bounds;

/// Records a day per card, on average over the cards: 30 days of 500 and a start below 2,000 stay below 65,536, and
/// 500 is far enough below the 1,024 of `counter_jump` for the luck of the draw.
pub const TAPS_PER_CARD_DAY_MAX: u64 = 500;
/// Days in one run.
pub const DAYS_MAX: u16 = 30;
/// Cards in one run; a serial has room for ten times as many.
pub const CARDS_MAX: u32 = 100_000_000;
/// Terminals in one run: ten times a big city's. They need some 11,000 collectors, whose buffers are bounded each.
pub const TERMINALS_MAX: u32 = 1_000_000;
/// Records a day; the most a window may hold.
pub const TRANSACTIONS_MAX: u64 = 1 << 30;
/// Terminals of the smallest city: one bus and one load agent, so that cards can be spent and loaded.
pub const TERMINALS_MIN: u32 = 2;

/// The share of records that carry an anomaly, in millionths.
///
/// ```
/// use tongclear_sim::AnomalyRate;
/// assert_eq!("0.01".parse::<AnomalyRate>()?.per_million(), 10_000);
/// assert!("1.5".parse::<AnomalyRate>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AnomalyRate(u32);

impl AnomalyRate {
    /// No anomalies at all.
    pub const NONE: Self = Self(0);

    /// A rate of `per_million` millionths.
    ///
    /// # Errors
    /// A message with the value above 1,000,000.
    pub fn new(per_million: u32) -> Result<Self, String> {
        if per_million > 1_000_000 {
            return Err(format!("{per_million} millionths is not an anomaly rate: it is more than 1"));
        }
        Ok(Self(per_million))
    }

    /// The rate in millionths.
    #[must_use]
    pub const fn per_million(self) -> u32 {
        self.0
    }
}

impl FromStr for AnomalyRate {
    type Err = String;

    /// A decimal between 0 and 1 with at most six places, such as `0.01`.
    fn from_str(text: &str) -> Result<Self, String> {
        let refused =
            || format!("{text:?} is not an anomaly rate: a decimal from 0 to 1 with at most 6 places");
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 1 || places.len() > 6 || !digits(whole) || !digits(places) {
            return Err(refused());
        }
        if text.ends_with('.') {
            return Err(refused());
        }
        format!("{whole}{places:0<6}")
            .parse()
            .map_err(|_| refused())
            .and_then(Self::new)
            .map_err(|_| refused())
    }
}

/// What to simulate; the same plan gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Folder to write into; it is made if need be, and refused if anything is in it.
    pub out: PathBuf,
    /// Seed of every random choice.
    pub seed: u64,
    /// Cards in circulation.
    pub cards: u32,
    /// Records a day, anomalies, copies and late arrivals included.
    pub transactions: u64,
    /// Terminals in service; `terminals.csv` also lists one retired terminal of each merchant and two spare ones.
    pub terminals: u32,
    /// Collection sites; none for as many as its terminals need.
    pub collectors: Option<u32>,
    /// The first window's date.
    pub date: BusinessDate,
    /// Share of records with an anomaly.
    pub anomaly_rate: AnomalyRate,
    /// Windows, one a calendar day from `date` on.
    pub days: u16,
}

impl Plan {
    /// Checks every field, in the order of the fields.
    ///
    /// # Errors
    /// [`SimError::Plan`] naming the first field outside its limits.
    pub fn validate(&self) -> Result<(), SimError> {
        let within = |field, value: u64, min: u64, max: u64| {
            if (min..=max).contains(&value) {
                return Ok(());
            }
            Err(SimError::Plan { field, value: value.to_string(), expected: format!("{min} to {max}") })
        };
        within("cards", self.cards.into(), 1, CARDS_MAX.into())?;
        within("transactions", self.transactions, 0, TRANSACTIONS_MAX)?;
        let of_the_cards = u64::from(self.cards) * TAPS_PER_CARD_DAY_MAX;
        if self.transactions > of_the_cards {
            return Err(SimError::Plan {
                field: "transactions",
                value: self.transactions.to_string(),
                expected: format!(
                    "at most {of_the_cards} a day, {TAPS_PER_CARD_DAY_MAX} for each of {} cards",
                    self.cards
                ),
            });
        }
        within("terminals", self.terminals.into(), TERMINALS_MIN.into(), TERMINALS_MAX.into())?;
        if let Some(collectors) = self.collectors {
            let (fewest, most) = collector_bounds(self.terminals);
            within("collectors", collectors.into(), fewest.into(), most.into())?;
        }
        within("days", self.days.into(), 1, DAYS_MAX.into())?;
        // Records are dated up to three months around the windows, and no record may leave 2000 to 2099.
        let year = self.date.civil().year();
        if !(2002..=2098).contains(&year) {
            return Err(SimError::Plan {
                field: "date",
                value: self.date.to_string(),
                expected: "a date from 2002-01-01 to 2098-12-31".to_owned(),
            });
        }
        Ok(())
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The window whose records are being made.
    pub window: BusinessDate,
    /// Records made so far, over all days.
    pub records: u64,
    /// Records that the whole run will make.
    pub records_total: u64,
}

/// Why a simulation did not come about.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Input: a field of the plan is outside its limits.
    #[error("{field} = {value}: expected {expected}")]
    Plan {
        /// The field of [`Plan`].
        field: &'static str,
        /// Its value.
        value: String,
        /// What would have been accepted.
        expected: String,
    },
    /// Input: the folder to write into is not empty, and nothing in it is ever overwritten.
    #[error("out = {path}: the folder is not empty; empty it, or name another one")]
    OutNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Infrastructure: a file or folder could not be written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Our bug: a file format refused what the simulator made.
    #[error("the simulator made something unfit to write, {what}: {message}")]
    Unfit {
        /// What it made.
        what: &'static str,
        /// Why it was refused.
        message: String,
    },
}

impl SimError {
    /// Whether the caller's input is at fault, rather than the disk or the simulator.
    #[must_use]
    pub const fn is_input(&self) -> bool {
        matches!(self, Self::Plan { .. } | Self::OutNotEmpty { .. })
    }
}
