//! How a run that may not use as much memory as it has records goes through its packages: several times, each time for
//! some of the card partitions.
//!
//! What a partition comes to depends on its own records alone, so the number of passes shows in no result. The first
//! pass looks at every record, for what belongs to packages rather than to cards; later ones verify only the TACs of
//! their own partitions. What each costs on top is reading the packages once more.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::bundle::BUNDLE_ROWS;
use super::row::Row;

/// What a clearing run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Threads that judge.
    pub workers: usize,
    /// Memory that it keeps to, bytes; a day too large for it is judged in several passes.
    pub memory_bytes: u64,
}

impl Effort {
    /// What a run may use unless somebody says otherwise: 4 GiB, enough for 35 million records in one pass.
    pub const MEMORY_BYTES: u64 = 4 << 30;

    /// So many workers, and memory as usual.
    #[must_use]
    pub const fn of(workers: usize) -> Self {
        Self { workers, memory_bytes: Self::MEMORY_BYTES }
    }
}

/// What a run needs however few records it has: registry, lists, numbers, buffers.
const BASE_BYTES: u64 = 192 << 20;
/// What a record takes while its partition is judged, besides its row: the row once more in its place, its key, its
/// columns and the file that they become.
const JUDGED_BYTES: u64 = size_of::<Row>() as u64 + 32 + 110 + 60;

/// One time through the packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// The partitions that it judges.
    pub(crate) partitions: Range<u16>,
    /// Whether it also notes what belongs to packages rather than to cards.
    pub(crate) is_first: bool,
}

impl Pass {
    /// As few passes as keep `records` in as many `partitions` within the effort's memory, and never more than one a
    /// partition: less than that is not to be had.
    pub(crate) fn plan(effort: Effort, records: u64, partitions: u16) -> Vec<Self> {
        let fits = |passes: u16| needed(effort.workers, records, partitions, passes) <= effort.memory_bytes;
        let passes = (1..=partitions).find(|passes| fits(*passes)).unwrap_or(partitions);
        let start = |pass: u16| {
            let start = u32::from(partitions) * u32::from(pass) / u32::from(passes);
            u16::try_from(start).expect("no more than there are partitions")
        };
        (0..passes)
            .map(|pass| Self { partitions: start(pass)..start(pass + 1), is_first: pass == 0 })
            .collect()
    }

    /// Whether the pass judges a partition.
    #[inline]
    pub(crate) fn judges(&self, partition: u16) -> bool {
        self.partitions.contains(&partition)
    }
}

/// Memory that so many passes need, bytes.
fn needed(workers: usize, records: u64, partitions: u16, passes: u16) -> u64 {
    let workers = workers as u64;
    let in_a_pass = u64::from(partitions.div_ceil(passes));
    let of_a_partition = records / u64::from(partitions);
    let open_bundles = workers * in_a_pass * (BUNDLE_ROWS * size_of::<Row>()) as u64;
    let gathered = in_a_pass * of_a_partition * size_of::<Row>() as u64;
    BASE_BYTES + open_bundles + gathered + workers * of_a_partition * JUDGED_BYTES
}

/// Deals the packages of a pass to whichever worker is free.
#[derive(Debug)]
pub(crate) struct Dealer {
    next: AtomicU32,
    packages: u32,
}

impl Dealer {
    pub(crate) fn new(packages: usize) -> Self {
        let packages = u32::try_from(packages).expect("rows number the packages with 32 bits");
        Self { next: AtomicU32::new(0), packages }
    }

    /// The next package, until all are dealt.
    pub(crate) fn next(&self) -> Option<u32> {
        let deal = |next| (next < self.packages).then_some(next + 1);
        self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, deal).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(memory_bytes: u64, records: u64, partitions: u16) -> Vec<Pass> {
        Pass::plan(Effort { workers: 2, memory_bytes }, records, partitions)
    }

    #[test]
    fn a_day_that_fits_is_one_pass() {
        for records in [0, 1, 20_000_000] {
            assert_eq!(plan(4 << 30, records, 64), [Pass { partitions: 0..64, is_first: true }]);
        }
    }

    #[test]
    fn passes_are_as_few_as_fit_and_cover_every_partition_once() {
        for (memory, records, partitions) in [
            (1 << 30, 20_000_000, 64),
            (4 << 30, 100_000_000, 64),
            (600 << 20, 20_000_000, 64),
            (1, 5, 8),
            (1, 5, 1),
        ] {
            let passes = plan(memory, records, partitions);
            let count = u16::try_from(passes.len()).unwrap();
            let seen: Vec<u16> = passes.iter().flat_map(|pass| pass.partitions.clone()).collect();
            assert_eq!(seen, (0..partitions).collect::<Vec<_>>());
            assert!(passes.iter().all(|pass| !pass.partitions.is_empty()));
            assert_eq!(passes.iter().map(|pass| pass.is_first).position(|first| first), Some(0));
            assert_eq!(passes.iter().filter(|pass| pass.is_first).count(), 1);
            assert!(count > 1 || partitions == 1);
            assert!(count == partitions || needed(2, records, partitions, count) <= memory);
            assert!(count == 1 || needed(2, records, partitions, count - 1) > memory);
        }
    }

    #[test]
    fn every_package_is_dealt_once() {
        let dealer = Dealer::new(1_000);
        let dealt = std::thread::scope(|scope| {
            let deal = || std::iter::from_fn(|| dealer.next()).collect::<Vec<_>>();
            let hands = [(); 3].map(|()| scope.spawn(deal));
            let mut dealt = hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect::<Vec<_>>();
            dealt.sort_unstable();
            dealt
        });
        assert_eq!(dealt, (0..1_000).collect::<Vec<_>>());
        assert_eq!(dealer.next(), None);
    }
}
