//! Continuity: what is missing, doubled or broken between the records that arrived (`docs/continuity.md`).
//!
//! ```text
//! package ► sighting ─┐
//!                     ├► devices ─┐
//! known ──────────────┤           ├► items, seen, quality
//! judged chains ──────┴► cards ───┘
//! ```
//! Pure: what earlier windows knew, what this window's packages showed and how its chains were judged; out come items
//! that are open or ended in this window, and what must be known to go on.
//!
//! Memory: a few ranges a terminal and package, the open items, and nothing a record.

mod cards;
mod devices;
mod file;
mod known;
#[cfg(test)]
mod model_tests;
mod numbering;
mod sighting;

use object_store::path::Path;
use tongclear_store::RunFile;
use tongclear_types::{BusinessDate, ContinuityItem};

pub(crate) use self::cards::CardWatch;
use self::devices::Delivered;
pub(crate) use self::file::{read_items, read_quality};
pub(crate) use self::known::Known;
pub(crate) use self::sighting::{PackageSighting, Sightings};
use super::check::DAYS_AHEAD;
use super::inputs::RunInputs;
use crate::EngineError;
use crate::vault::{continuity_path, quality_path, seen_path};

/// How far back a window reaches: what a record could still change when it is accepted in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// The window.
    pub(crate) date: BusinessDate,
    /// The age that its records may have.
    pub(crate) max_age_days: u16,
}

impl Reach {
    /// Whether something that last happened in the window of `latest` can still be changed by a record: one that
    /// belongs before it is dated the day after that window at most, and is not too old yet.
    pub(crate) fn covers(self, latest: BusinessDate) -> bool {
        self.date <= latest.plus_days(i32::from(self.max_age_days) + DAYS_AHEAD)
    }
}

/// Whether a file of a run is one of the three.
pub(crate) fn is_file(file: &RunFile) -> bool {
    ["continuity/", "seen/", "quality/"].iter().any(|folder| file.path.starts_with(folder))
}

/// The three files of a run, each with its place: items, what was seen, quality.
pub(crate) fn files(
    inputs: &RunInputs,
    sightings: Sightings,
    cards: Vec<ContinuityItem>,
) -> Result<[(Path, Vec<u8>); 3], EngineError> {
    let mut devices = inputs.known.devices.clone();
    let Delivered { mut items, quality } =
        devices::advance(&mut devices, &inputs.packages, sightings, inputs.reach());
    items.extend(cards);
    items.sort_unstable();
    let unwritable = |reason| EngineError::Internal(format!("writing Parquet: {reason}"));
    Ok([
        (continuity_path(inputs.date), file::write_items(&items).map_err(unwritable)?),
        (seen_path(inputs.date), file::write_seen(&devices).map_err(unwritable)?),
        (quality_path(inputs.date), file::write_quality(&quality).map_err(unwritable)?),
    ])
}

#[cfg(test)]
pub(crate) mod tests {
    use tongclear_types::{Flags, Verdict};

    use super::super::row::{Bearings, Row};

    /// A record of one card, accepted without a flag.
    pub(crate) fn row() -> Row {
        Row {
            package: 0,
            row: 0,
            issuer: [4; 8],
            serial: [1; 10],
            terminal: [9; 6],
            terminal_number: 1,
            amount_fen: 100,
            list_price_fen: 100,
            balance_before_fen: 500,
            balance_after_fen: 400,
            date: [0x20, 0x26, 0x11, 0x23],
            time: [0x08, 0, 0],
            tti: 0x06,
            tac: [7; 4],
            offline_counter: 1,
            online_counter: 3,
            passed: true,
            verdict: Verdict::Accepted(Flags::NONE),
            bearings: Bearings { terminal: 0, operator: 0, contract: None },
        }
    }
}
