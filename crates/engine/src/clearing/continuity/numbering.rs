//! The sequences of one collector, or the numbers of one terminal: what was seen, and what is missing since when.

use tongclear_types::{BusinessDate, ContinuityItem, ContinuityKind, Device, ItemState, Subject};

use super::super::ranges::NumberRanges;

/// What is known of one device's numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Numbering {
    /// Every number ever seen.
    pub(crate) seen: NumberRanges,
    /// Open items, ascending and disjoint: what is missing below the highest number seen.
    pub(crate) missing: Vec<ContinuityItem>,
}

impl Numbering {
    /// Takes in the numbers that the window of `date` brought, as runs sorted by their first number, and puts what
    /// ended in it into `ended`.
    pub(crate) fn advance(
        &mut self,
        device: Device,
        date: BusinessDate,
        runs: &[(u32, u32)],
        ended: &mut Vec<ContinuityItem>,
    ) {
        let (fresh, twice) = NumberRanges::of_runs(runs.iter().copied());
        let again: Vec<_> = fresh.iter().flat_map(|range| self.seen.within(range)).collect();
        let overlapping = twice.union(&NumberRanges::of_runs(again).0);
        self.seen = self.seen.union(&fresh);
        let subject = Subject::Device(device);
        ended.extend(overlapping.iter().map(|range| {
            ContinuityItem::open(ContinuityKind::OverlappingNumber, subject, range, date)
                .in_state(ItemState::Closed(date))
        }));

        let (known, _) = NumberRanges::of_runs(self.missing.iter().map(|item| (item.first, item.last)));
        let Cut { inside, outside } = cut(&self.missing, &fresh);
        ended.extend(inside.into_iter().map(|item| item.in_state(ItemState::Closed(date))));
        self.missing = outside;
        if let Some((lowest, highest)) = self.seen.bounds() {
            let gaps = self.seen.lacking((first_expected(device, lowest), highest));
            let new = gaps.into_iter().flat_map(|gap| known.lacking(gap));
            self.missing.extend(new.map(|gap| ContinuityItem::open(device.missing(), subject, gap, date)));
        }
        self.missing.sort_unstable_by_key(|item| item.first);
    }
}

/// From which number on a device's numbers are expected: sequences begin at 1, while a terminal may have worked
/// elsewhere before it came here.
const fn first_expected(device: Device, lowest_seen: u32) -> u32 {
    match device {
        Device::Collector(_) => 1,
        Device::Terminal(_) => lowest_seen,
    }
}

/// Items cut in two.
pub(super) struct Cut {
    /// The parts about numbers of the set.
    pub(super) inside: Vec<ContinuityItem>,
    /// The parts about others.
    pub(super) outside: Vec<ContinuityItem>,
}

/// Cuts items into the parts about numbers of `set` and the others.
pub(super) fn cut(items: &[ContinuityItem], set: &NumberRanges) -> Cut {
    let mut cut = Cut { inside: Vec::new(), outside: Vec::new() };
    for item in items {
        let range = (item.first, item.last);
        cut.inside.extend(set.within(range).map(|part| item.part(part)));
        cut.outside.extend(set.lacking(range).into_iter().map(|part| item.part(part)));
    }
    cut
}

#[cfg(test)]
mod tests {
    use tongclear_types::{CollectorId, TerminalId};

    use super::*;

    /// Runs of each window, and what its items are: kind, first, last, day opened, state.
    type Story<'a> = &'a [(&'a [(u32, u32)], &'a str)];

    fn check(device: Device, story: Story<'_>) {
        let mut numbering = Numbering::default();
        let first: BusinessDate = "2026-11-23".parse().unwrap();
        for (day, (runs, expected)) in (0..).zip(story) {
            let mut items = Vec::new();
            numbering.advance(device, first.plus_days(day), runs, &mut items);
            items.extend(numbering.missing.iter().copied());
            let shown: Vec<String> = items
                .iter()
                .map(|item| {
                    let kind = item.kind.name().split('_').next().unwrap();
                    let opened = (item.opened.civil() - first.civil()).get_days();
                    assert_eq!(item.count, u64::from(item.last - item.first) + 1);
                    format!("{kind} {}-{} d{opened} {}", item.first, item.last, item.state.name())
                })
                .collect();
            assert_eq!(shown.join(", "), *expected, "day {day} of {device:?}");
        }
    }

    #[test]
    fn gaps_of_a_terminal_open_split_and_close() {
        let terminal = Device::Terminal(TerminalId([1; 6]));
        check(terminal, &[(&[], ""), (&[(5, 9)], ""), (&[(10, 12)], ""), (&[], "")]);
        check(
            terminal,
            &[
                (&[(10, 12), (20, 21)], "missing 13-19 d0 open"),
                (&[(15, 16)], "missing 15-16 d0 closed, missing 13-14 d0 open, missing 17-19 d0 open"),
                (&[(25, 25)], "missing 13-14 d0 open, missing 17-19 d0 open, missing 22-24 d2 open"),
                // 20 and 21 were seen before.
                (
                    &[(13, 14), (17, 24)],
                    "overlapping 20-21 d3 closed, missing 13-14 d0 closed, missing 17-19 d0 closed, \
                     missing 22-24 d2 closed",
                ),
                // Below the first one ever seen nothing is missing until something arrives there.
                (&[(5, 6)], "missing 7-9 d4 open"),
                (&[(u32::MAX, u32::MAX)], "missing 7-9 d4 open, missing 26-4294967294 d5 open"),
            ],
        );
    }

    #[test]
    fn a_number_seen_more_than_once_overlaps_where_it_is_seen_again() {
        let terminal = Device::Terminal(TerminalId([1; 6]));
        check(
            terminal,
            &[
                (&[(1, 5), (3, 3), (4, 8)], "overlapping 3-5 d0 closed"),
                (&[(7, 10)], "overlapping 7-8 d1 closed"),
                (&[(1, 2), (1, 2)], "overlapping 1-2 d2 closed"),
            ],
        );
    }

    #[test]
    fn sequences_of_a_collector_begin_at_one() {
        let collector = Device::Collector(CollectorId([1; 6]));
        check(
            collector,
            &[
                (&[(3, 3), (4, 4)], "missing 1-2 d0 open"),
                (&[(2, 2)], "missing 2-2 d0 closed, missing 1-1 d0 open"),
                (&[(1, 1), (5, 5)], "missing 1-1 d0 closed"),
            ],
        );
    }
}
