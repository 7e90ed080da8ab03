//! Sets of terminal transaction numbers, kept as ranges: a terminal counts up by one, so a day is one range.

/// A set of `u32`, as sorted, disjoint, non-adjacent inclusive ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NumberRanges(Vec<(u32, u32)>);

impl NumberRanges {
    /// The numbers of `runs`, which come sorted by their first number and may overlap, and those that lie in more
    /// than one of them.
    pub(crate) fn of_runs(runs: impl IntoIterator<Item = (u32, u32)>) -> (Self, Self) {
        let (mut all, mut twice) = (Self::default(), Self::default());
        for (first, last) in runs {
            if let Some(&(_, end)) = all.0.last()
                && first <= end
            {
                twice.extend_end(first, last.min(end));
            }
            all.extend_end(first, last);
        }
        (all, twice)
    }

    /// The numbers of this set that are not in `other`.
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self(self.iter().flat_map(|range| other.lacking(range)).collect())
    }

    /// Adds a range that begins no earlier than the last one.
    fn extend_end(&mut self, first: u32, last: u32) {
        match self.0.last_mut() {
            Some(end) if first <= end.1.saturating_add(1) => end.1 = end.1.max(last),
            _ => self.0.push((first, last)),
        }
    }

    /// The numbers of either set.
    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut ranges = [self.0.as_slice(), other.0.as_slice()].concat();
        // Stable sorting takes two sorted halves in one pass.
        ranges.sort();
        Self::of_runs(ranges).0
    }

    /// The parts of the set from `first` to `last`.
    pub(crate) fn within(&self, (first, last): (u32, u32)) -> impl Iterator<Item = (u32, u32)> {
        let start = self.0.partition_point(|range| range.1 < first);
        self.0[start..]
            .iter()
            .take_while(move |range| range.0 <= last)
            .map(move |range| (range.0.max(first), range.1.min(last)))
    }

    /// The parts of `first` to `last` that are not in the set.
    pub(crate) fn lacking(&self, (first, last): (u32, u32)) -> Vec<(u32, u32)> {
        let mut lacking = Vec::new();
        // The next number to account for; none once the last number there is has been passed.
        let mut next = Some(first);
        for (from, to) in self.within((first, last)) {
            lacking.extend(next.filter(|next| *next < from).map(|next| (next, from - 1)));
            next = to.checked_add(1);
        }
        lacking.extend(next.filter(|next| *next <= last).map(|next| (next, last)));
        lacking
    }

    /// The lowest and the highest number.
    pub(crate) fn bounds(&self) -> Option<(u32, u32)> {
        Some((self.0.first()?.0, self.0.last()?.1))
    }

    /// Whether `number` is in the set.
    pub(crate) fn contains(&self, number: u32) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= number);
        after > 0 && self.0[after - 1].1 >= number
    }

    /// The ranges in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().copied()
    }

    /// Adds a range above all ranges there are, as they come from a file.
    pub(crate) fn push_last(&mut self, first: u32, last: u32) {
        match self.0.last_mut() {
            Some(end) if end.1.checked_add(1) == Some(first) => end.1 = last,
            _ => self.0.push((first, last)),
        }
    }

    /// Adds `numbers`, ascending, repetitions allowed, in one pass over both.
    pub(crate) fn merge(&mut self, numbers: impl IntoIterator<Item = u32>) {
        let old = std::mem::take(&mut self.0);
        let mut old = old.into_iter().peekable();
        let mut add = |first: u32, last: u32| match self.0.last_mut() {
            Some(end) if first <= end.1.saturating_add(1) => end.1 = end.1.max(last),
            _ => self.0.push((first, last)),
        };
        for number in numbers {
            while let Some((first, last)) = old.next_if(|&(first, _)| first <= number) {
                add(first, last);
            }
            add(number, number);
        }
        old.for_each(|(first, last)| add(first, last));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn merging_agrees_with_a_plain_set() {
        // A small linear congruential generator: the point is overlap, not randomness.
        let mut state = 12345_u32;
        let mut next = move |bound: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % bound
        };
        for _ in 0..200 {
            let (mut ranges, mut plain) = (NumberRanges::default(), BTreeSet::new());
            for _ in 0..4 {
                let mut numbers: Vec<u32> = (0..next(30)).map(|_| next(60)).collect();
                numbers.sort_unstable();
                ranges.merge(numbers.iter().copied());
                plain.extend(numbers);
                let spread: Vec<u32> = ranges.iter().flat_map(|(first, last)| first..=last).collect();
                assert_eq!(spread, plain.iter().copied().collect::<Vec<_>>());
                assert!(ranges.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{ranges:?}");
                assert!((0..61).all(|number| ranges.contains(number) == plain.contains(&number)));
            }
        }
    }

    #[test]
    fn a_set_without_another() {
        let set = |ranges: &[(u32, u32)]| NumberRanges::of_runs(ranges.iter().copied()).0;
        let without = |a: &[(u32, u32)], b: &[(u32, u32)]| set(a).without(&set(b)).iter().collect::<Vec<_>>();
        assert_eq!(without(&[(1, 9), (20, 30)], &[(3, 3), (9, 20), (30, 40)]), [(1, 2), (4, 8), (21, 29)]);
        assert_eq!(without(&[(0, u32::MAX)], &[(0, 0), (u32::MAX, u32::MAX)]), [(1, u32::MAX - 1)]);
        assert_eq!(without(&[(5, 6)], &[]), [(5, 6)]);
        assert_eq!(without(&[], &[(5, 6)]), []);
    }

    #[test]
    fn the_largest_number_has_no_neighbour_above() {
        let mut ranges = NumberRanges::default();
        ranges.merge([u32::MAX - 1, u32::MAX, u32::MAX]);
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [(u32::MAX - 1, u32::MAX)]);
        assert!(ranges.contains(u32::MAX) && !ranges.contains(0));
    }
}
