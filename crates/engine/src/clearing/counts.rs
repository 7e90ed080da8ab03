//! What workers count over all packages and partitions.

use super::ranges::NumberRanges;
use super::row::Row;
use super::totals::Totals;
use crate::EngineError;

/// Totals and accepted numbers of some partitions; workers' counts are merged in any order.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) totals: Totals,
    pub(crate) numbers: AcceptedNumbers,
}

impl Counts {
    /// Nothing yet, of a run with so many packages.
    pub(crate) fn new(packages: usize) -> Self {
        Self { totals: Totals::new(packages), numbers: AcceptedNumbers::default() }
    }

    /// Adds what another worker counted.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        self.totals.merge(&other.totals)?;
        self.numbers.merge(other.numbers);
        Ok(())
    }
}

/// The numbers of accepted records by terminal.
///
/// A terminal's numbers stand together in its packages and nowhere else: cards scatter them. So what passes checks 1 to
/// 12 is noted as runs while packages are read, and of what the chains then refuse, which is little, each number.
#[derive(Debug, Default)]
pub(crate) struct AcceptedNumbers {
    /// Terminal, first and last number of records that passed; a number that passed twice lies in two runs.
    passed: Vec<(u32, u32, u32)>,
    /// Terminal and number of each of them that was not accepted.
    refused: Vec<(u32, u32)>,
}

impl AcceptedNumbers {
    /// Notes a record after checks 1 to 12, in the order of its package.
    #[inline]
    pub(crate) fn checked(&mut self, row: &Row) {
        if !row.passed {
            return;
        }
        let (terminal, number) = (row.bearings.terminal, row.terminal_number);
        match self.passed.last_mut() {
            Some((of, _, last)) if *of == terminal && last.checked_add(1) == Some(number) => *last = number,
            _ => self.passed.push((terminal, number, number)),
        }
    }

    /// Notes a record that was noted before, and that its chain has refused.
    #[inline]
    pub(crate) fn refused(&mut self, row: &Row) {
        if row.passed {
            self.refused.push((row.bearings.terminal, row.terminal_number));
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.passed.append(&mut other.passed);
        self.refused.append(&mut other.refused);
    }

    /// The accepted numbers as ranges, by terminal index; terminals without any are left out.
    pub(crate) fn ranges(mut self) -> Vec<(u32, NumberRanges)> {
        self.passed.sort_unstable();
        self.refused.sort_unstable();
        let mut refused = self.refused.as_slice();
        let mut ranges = Vec::new();
        for runs in self.passed.chunk_by(|a, b| a.0 == b.0) {
            let terminal = runs[0].0;
            let skipped = refused.partition_point(|(of, _)| *of < terminal);
            let of_terminal = &refused[skipped..];
            let (of_terminal, rest) =
                of_terminal.split_at(of_terminal.partition_point(|(of, _)| *of == terminal));
            refused = rest;
            ranges.push((terminal, accepted(runs, of_terminal)));
        }
        ranges
    }
}

/// The numbers that lie in more of `runs` than they stand in `refused`; both are sorted and of one terminal.
fn accepted(runs: &[(u32, u32, u32)], refused: &[(u32, u32)]) -> NumberRanges {
    let passed = NumberRanges::of_runs(runs.iter().map(|(_, first, last)| (*first, *last))).0;
    let mut ends: Vec<u32> = runs.iter().map(|(_, _, last)| *last).collect();
    ends.sort_unstable();
    // As many as have begun by then, without those that ended before.
    let times_passed = |number: u32| {
        runs.partition_point(|(_, first, _)| *first <= number) - ends.partition_point(|last| *last < number)
    };
    let lost = refused.chunk_by(|a, b| a == b).filter_map(|times| {
        let number = times[0].1;
        (times_passed(number) <= times.len()).then_some((number, number))
    });
    passed.without(&NumberRanges::of_runs(lost).0)
}

#[cfg(test)]
mod tests {
    use tongclear_types::{Reason, Verdict};

    use super::super::continuity::tests::row;
    use super::*;

    fn of(terminal: u32, number: u32) -> Row {
        let mut row = row();
        (row.bearings.terminal, row.terminal_number, row.passed) = (terminal, number, true);
        row
    }

    #[test]
    fn what_passed_and_was_not_refused_every_time() {
        let (mut one, mut other) = (AcceptedNumbers::default(), AcceptedNumbers::default());
        [1, 2, 3, 3, 4, 9].iter().for_each(|number| one.checked(&of(7, *number)));
        [3, 20].iter().for_each(|number| other.checked(&of(7, *number)));
        [5, 6, 7].iter().for_each(|number| other.checked(&of(2, *number)));
        other.checked(&Row { passed: false, verdict: Verdict::Refused(Reason::TooOld), ..of(2, 8) });
        // Of the three with number 3 two were copies; 9 and all of terminal 2 but one were refused.
        [(7, 3), (7, 3), (7, 9), (2, 6), (2, 5)]
            .iter()
            .for_each(|(terminal, number)| one.refused(&of(*terminal, *number)));
        one.refused(&Row { passed: false, ..of(7, 1) });
        one.merge(other);
        let ranges = one.ranges();
        let ranges: Vec<_> =
            ranges.iter().map(|(terminal, ranges)| (*terminal, ranges.iter().collect::<Vec<_>>())).collect();
        assert_eq!(ranges, [(2, vec![(7, 7)]), (7, vec![(1, 4), (20, 20)])]);
        assert!(AcceptedNumbers::default().ranges().is_empty());
    }
}
