//! Collectors and terminals: their numbers taken on by one window, and what each of them delivered in it.

use std::collections::BTreeMap;

use tongclear_store::PackageRow;
use tongclear_types::{ContinuityItem, Device, DeviceQuality};

use super::Reach;
use super::numbering::Numbering;
use super::sighting::{Counts, Sightings};

/// What a window brought from the devices.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    /// Items that are open after the window or ended in it, in no particular order.
    pub(crate) items: Vec<ContinuityItem>,
    /// Every device that delivered or misses something, sorted.
    pub(crate) quality: Vec<DeviceQuality>,
}

/// Takes `devices` over one window: its packages, sorted by collector and sequence, and what they showed.
pub(crate) fn advance(
    devices: &mut BTreeMap<Device, Numbering>,
    packages: &[PackageRow],
    mut sightings: Sightings,
    reach: Reach,
) -> Delivered {
    let mut ended = Vec::new();
    let mut quality = BTreeMap::new();
    sightings.packages.sort_unstable();
    let mut numbers = Vec::new();
    let mut delivered = |device: Device, received: u64, counts: &mut dyn Iterator<Item = Counts>| {
        let entry = quality.entry(device).or_insert_with(|| DeviceQuality::nothing(device));
        entry.received += received;
        for counts in counts {
            entry.records += u64::from(counts.records);
            entry.late += u64::from(counts.late);
            entry.bad_mac += u64::from(counts.bad_mac);
        }
    };
    for &(index, counts) in &sightings.packages {
        let device = Device::Collector(packages[index as usize].key.collector);
        delivered(device, 1, &mut std::iter::once(counts));
    }
    for of_collector in packages.chunk_by(|a, b| a.key.collector == b.key.collector) {
        numbers.clear();
        numbers.extend(of_collector.iter().map(|package| (package.key.sequence.0, package.key.sequence.0)));
        let device = Device::Collector(of_collector[0].key.collector);
        devices.entry(device).or_default().advance(device, reach.date, &numbers, &mut ended);
    }
    sightings.runs.sort_unstable();
    for runs in sightings.runs.chunk_by(|a, b| a.terminal == b.terminal) {
        numbers.clear();
        numbers.extend(runs.iter().map(|run| (run.first, run.last)));
        let device = Device::Terminal(runs[0].terminal);
        devices.entry(device).or_default().advance(device, reach.date, &numbers, &mut ended);
        let received = runs.iter().map(|run| u64::from(run.counts.records)).sum();
        delivered(device, received, &mut runs.iter().map(|run| run.counts));
    }
    let mut items = ended;
    for (device, numbering) in devices {
        items.extend(&numbering.missing);
        let payable = numbering.missing.iter().filter(|item| reach.covers(item.opened));
        let missing: u64 = payable.map(|item| item.count).sum();
        if missing > 0 {
            quality.entry(*device).or_insert_with(|| DeviceQuality::nothing(*device)).missing = missing;
        }
    }
    Delivered { items, quality: quality.into_values().collect() }
}
