//! What earlier windows left behind: the numbers seen of every device, and the open items.

use std::collections::BTreeMap;

use object_store::path::Path;
use tongclear_types::{BusinessDate, ContinuityItem, Device, ItemState, Subject};

use super::super::inputs::Previous;
use super::super::order::partition_of;
use super::super::ranges::NumberRanges;
use super::file;
use super::numbering::Numbering;
use crate::centre::closed_windows;
use crate::vault::{continuity_path, seen_path};
use crate::{Centre, EngineError};

/// What a run goes on from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Numbers and missing ranges, by device.
    pub(crate) devices: BTreeMap<Device, Numbering>,
    /// Open items and single conflicts of cards, by card partition, sorted by card and chain.
    pub(crate) cards: Vec<Vec<ContinuityItem>>,
}

impl Known {
    /// Reads what the run of the window before left. If an older version cleared that window, only the sequences of
    /// packages are known, which intake records.
    pub(crate) async fn load(
        centre: &Centre,
        previous: Option<&Previous>,
        partitions: u16,
    ) -> Result<Self, EngineError> {
        let Some(previous) = previous else { return Ok(Self::of(Vec::new(), Vec::new(), partitions)) };
        let (items_path, seen_path) = (continuity_path(previous.date), seen_path(previous.date));
        let damaged = |path: &Path, reason| EngineError::Damaged { path: path.to_string(), reason };
        if !previous.files.has(&items_path) && !previous.files.has(&seen_path) {
            return Ok(Self::of(Vec::new(), sequences_until(centre, previous.date).await?, partitions));
        }
        let items = previous.get(&items_path).await?;
        let seen = previous.get(&seen_path).await?;
        let items = file::read_items(items).map_err(|reason| damaged(&items_path, reason))?;
        let seen = file::read_seen(seen).map_err(|reason| damaged(&seen_path, reason))?;
        Ok(Self::of(items, seen, partitions))
    }

    /// Puts everything in its place; what has ended goes no further.
    pub(super) fn of(items: Vec<ContinuityItem>, seen: Vec<(Device, NumberRanges)>, partitions: u16) -> Self {
        let mut devices: BTreeMap<Device, Numbering> = seen
            .into_iter()
            .map(|(device, seen)| (device, Numbering { seen, missing: Vec::new() }))
            .collect();
        let mut cards = vec![Vec::new(); usize::from(partitions)];
        // Items come sorted by kind, subject and range, so those of a device ascend.
        for item in items.into_iter().filter(|item| item.state == ItemState::Open) {
            match item.subject {
                Subject::Device(device) => devices.entry(device).or_default().missing.push(item),
                Subject::Card(card, _) => cards[usize::from(partition_of(&card, partitions))].push(item),
            }
        }
        cards.iter_mut().for_each(|items| items.sort_unstable_by_key(|item| (item.subject, *item)));
        Self { devices, cards }
    }
}

/// The sequences of all packages up to the window of `date`, as if they had been watched.
async fn sequences_until(
    centre: &Centre,
    date: BusinessDate,
) -> Result<Vec<(Device, NumberRanges)>, EngineError> {
    let mut sequences = Vec::new();
    for window in closed_windows(&centre.store.windows().await?).filter(|window| window.date() <= date) {
        let packages = centre.store.packages(window.row.id).await?;
        sequences.extend(packages.iter().map(|package| (package.key.collector, package.key.sequence.0)));
    }
    sequences.sort_unstable();
    let of_collectors = sequences.chunk_by(|a, b| a.0 == b.0);
    Ok(of_collectors
        .map(|of_collector| {
            let runs = of_collector.iter().map(|(_, sequence)| (*sequence, *sequence));
            (Device::Collector(of_collector[0].0), NumberRanges::of_runs(runs).0)
        })
        .collect())
}
