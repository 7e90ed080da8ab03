//! The ranges against an obvious slow model: sets of single numbers, over many seeded stories of several windows.
//!
//! The model keeps for every number when it was seen and since when it is missed, and says what each window must show;
//! the files are written and read back between the windows, so nothing is carried in memory.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_store::{Digest, PackageKey, PackageRow, WindowId};
use tongclear_types::{
    BusinessDate, CollectorId, ContinuityItem, ContinuityKind, Device, Fen, ItemState, PackageSequence,
    Subject, TerminalId, UnixMillis,
};

use super::super::row::Row;
use super::tests::row;
use super::{Known, PackageSighting, Reach, Sightings, devices, file};

/// A small linear congruential generator: the point is overlap, not randomness.
struct Dice(u32);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % bound
    }
}

/// One single number of a device in a window's items.
type Single = (ContinuityKind, Device, u32, BusinessDate, ItemState);

/// Every number by itself.
#[derive(Default)]
struct Model {
    seen: BTreeMap<Device, BTreeSet<u32>>,
    missed_since: BTreeMap<(Device, u32), BusinessDate>,
}

impl Model {
    /// The single numbers that the items of a window must be about.
    fn window(&mut self, date: BusinessDate, arrived: &[(Device, u32)]) -> BTreeSet<Single> {
        let closed = ItemState::Closed(date);
        let mut singles = BTreeSet::new();
        for &(device, number) in arrived {
            if !self.seen.entry(device).or_default().insert(number) {
                singles.insert((ContinuityKind::OverlappingNumber, device, number, date, closed));
            }
            if let Some(opened) = self.missed_since.remove(&(device, number)) {
                singles.insert((device.missing(), device, number, opened, closed));
            }
        }
        for (device, seen) in &self.seen {
            let lowest = match device {
                Device::Collector(_) => 1,
                Device::Terminal(_) => *seen.first().unwrap(),
            };
            for number in (lowest..*seen.last().unwrap()).filter(|number| !seen.contains(number)) {
                self.missed_since.entry((*device, number)).or_insert(date);
            }
        }
        let open = self
            .missed_since
            .iter()
            .map(|(&(device, number), &opened)| (device.missing(), device, number, opened, ItemState::Open));
        singles.extend(open);
        singles
    }
}

fn singles(items: &[ContinuityItem]) -> BTreeSet<Single> {
    let mut singles = BTreeSet::new();
    for item in items {
        let Subject::Device(device) = item.subject else { panic!("{item:?}") };
        assert_eq!(item.count, u64::from(item.last - item.first) + 1);
        for number in item.first..=item.last {
            let single = (item.kind, device, number, item.opened, item.state);
            assert!(singles.insert(single), "{single:?} stands in two items");
        }
    }
    singles
}

/// No two items could be one.
fn assert_ranges_are_maximal(items: &[ContinuityItem]) {
    for pair in items.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        let alike = (a.kind, a.subject, a.opened, a.state) == (b.kind, b.subject, b.opened, b.state);
        assert!(!alike || a.last + 1 < b.first, "{a:?} and {b:?} are one");
    }
}

fn package(collector: Device, sequence: u32) -> PackageRow {
    let Device::Collector(collector) = collector else { panic!("{collector:?}") };
    PackageRow {
        key: PackageKey { collector, sequence: PackageSequence(sequence) },
        merchant: "BUS00001".parse().unwrap(),
        window: WindowId(1),
        digest: Digest([0; 32]),
        seal: [0; 32],
        previous_seal: [0; 8],
        records: 0,
        amount: Fen::ZERO,
        received_at: UnixMillis(0),
    }
}

#[test]
fn ranges_over_several_windows_agree_with_single_numbers() {
    for seed in 0..150 {
        let mut dice = Dice(seed);
        let mut model = Model::default();
        let mut known = Known::of(Vec::new(), Vec::new(), 1);
        // Sequences are never taken twice; those that are left come in any order.
        let mut left: Vec<(u8, u32)> = (1..=2).flat_map(|c| (1..=12).map(move |s| (c, s))).collect();
        let mut date: BusinessDate = "2026-11-23".parse().unwrap();
        for _ in 0..5 {
            let (mut arrived, mut packages, mut sightings) = (Vec::new(), Vec::new(), Sightings::default());
            let mut sent: Vec<_> = (0..dice.below(6))
                .map(|_| {
                    left.swap_remove(dice.below(u32::try_from(left.len()).unwrap()) as usize % left.len())
                })
                .collect();
            sent.sort_unstable();
            for (index, (collector, sequence)) in (0..).zip(sent) {
                let collector = Device::Collector(CollectorId([collector; 6]));
                arrived.push((collector, sequence));
                packages.push(package(collector, sequence));
                let mut rows: Vec<Row> = Vec::new();
                for _ in 0..dice.below(4) {
                    let (terminal, first) = (u8::try_from(dice.below(3)).unwrap(), 20 + dice.below(40));
                    for number in first..first + 1 + dice.below(6) {
                        let mut row = row();
                        (row.terminal, row.terminal_number) = ([terminal; 6], number);
                        rows.push(row);
                        arrived.push((Device::Terminal(TerminalId([terminal; 6])), number));
                    }
                }
                let mut seen = PackageSighting::begin(index, date);
                rows.iter().for_each(|row| seen.note(row));
                sightings.add(seen.finish());
            }
            sightings.runs.reverse();
            let reach = Reach { date, max_age_days: 30 };
            let mut delivered = devices::advance(&mut known.devices, &packages, sightings, reach);
            delivered.items.sort_unstable();
            assert_eq!(singles(&delivered.items), model.window(date, &arrived), "seed {seed}, {date}");
            assert_ranges_are_maximal(&delivered.items);
            let records: u64 = delivered
                .quality
                .iter()
                .filter(|it| matches!(it.device, Device::Terminal(_)))
                .map(|it| it.records)
                .sum();
            assert_eq!(
                usize::try_from(records).unwrap() + packages.len(),
                arrived.len(),
                "seed {seed}: every record counts once"
            );

            let items = file::write_items(&delivered.items).unwrap();
            let seen = file::write_seen(&known.devices).unwrap();
            let back =
                Known::of(file::read_items(items.into()).unwrap(), file::read_seen(seen.into()).unwrap(), 1);
            assert_eq!(back.devices, known.devices, "seed {seed}: what is written is what is known");
            known = back;
            date = date.plus_days(1);
        }
    }
}
