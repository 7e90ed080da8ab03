//! Deny lists as a run sees them (`clearing.md`, Deny list): which list was in force when, and since when a
//! card has been on it without a break.

use foldhash::HashMap;
use jiff::ToSpan;
use tongclear_package::DenyList;
use tongclear_types::{CivilMoment, Serial};

/// The lists of one card operator, in version order, kept as stays of cards rather than as whole lists.
#[derive(Debug, Default)]
pub(crate) struct DenyBook {
    versions: Vec<ListVersion>,
    stays: HashMap<Serial, Vec<Stay>>,
    /// Tells of most cards that they were never listed, without a search.
    filter: Filter,
    /// The cards of the last version, sorted: whose stay goes on if the next version lists them too.
    last: Vec<Serial>,
}

/// One bit for each listed card, at a place that follows from its serial: 32 KB that stay in the cache, where the stays of
/// many cards would not.
#[derive(Debug)]
struct Filter(Vec<u64>);

impl Default for Filter {
    fn default() -> Self {
        Self(vec![0; 1 << 12])
    }
}

impl Filter {
    /// Word and bit of a card. Serials are digits, whose last ones tell cards apart: multiplied, they reach all bits.
    #[inline]
    fn place(serial: &Serial) -> (usize, u64) {
        let [.., a, b, c, d, e, f, g, h] = serial.0;
        let mixed = u64::from_be_bytes([a, b, c, d, e, f, g, h]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let [high, low, bit, ..] = mixed.to_be_bytes();
        (usize::from(u16::from_be_bytes([high, low]) >> 4), 1 << (bit & 63))
    }

    fn add(&mut self, serial: &Serial) {
        let (word, bit) = Self::place(serial);
        self.0[word] |= bit;
    }

    #[inline]
    fn may_have(&self, serial: &Serial) -> bool {
        let (word, bit) = Self::place(serial);
        self.0[word] & bit != 0
    }
}

/// One version of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListVersion {
    pub(crate) version: u32,
    pub(crate) effective: CivilMoment,
}

/// An unbroken stay: indexes into the versions, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stay {
    from: usize,
    until: usize,
}

/// What the deny list means for one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// The card was not on the list in force.
    NotListed,
    /// It was, and the terminal knew or had time to know.
    Refuse,
    /// It was, but the terminal could not know yet: the operator bears it.
    WithinGrace,
}

impl DenyBook {
    /// Adds the next version; lists are taken in ascending order, so versions only ever rise.
    pub(crate) fn push(&mut self, list: DenyList) {
        let index = self.versions.len();
        self.versions.push(ListVersion { version: list.version, effective: list.effective });
        for serial in &list.serials {
            self.filter.add(serial);
            let stays = self.stays.entry(*serial).or_default();
            match stays.last_mut() {
                Some(stay) if stay.until == index && self.last.binary_search(serial).is_ok() => {
                    stay.until = index + 1;
                }
                _ => stays.push(Stay { from: index, until: index + 1 }),
            }
        }
        self.last = list.serials;
    }

    /// What the list in force at `when` says of a card whose record was made under list version `held`.
    #[inline]
    pub(crate) fn listing(&self, serial: &Serial, when: CivilMoment, held: u32, grace_hours: i64) -> Listing {
        let Some(first) = self.listed_since(serial, when) else { return Listing::NotListed };
        let grace_ends = first.effective.saturating_add(grace_hours.hours());
        if held >= first.version || when >= grace_ends { Listing::Refuse } else { Listing::WithinGrace }
    }

    /// The list in force at `when`: the highest version that was effective by then.
    pub(crate) fn in_force(&self, when: CivilMoment) -> Option<ListVersion> {
        self.place_in_force(when).map(|place| self.versions[place])
    }

    /// The first version of the card's unbroken stay on the list in force at `when`; none when it is not on it.
    #[inline]
    pub(crate) fn listed_since(&self, serial: &Serial, when: CivilMoment) -> Option<ListVersion> {
        // Most cards were never listed at all.
        let stays = if self.filter.may_have(serial) { self.stays.get(serial)? } else { return None };
        let in_force = self.place_in_force(when)?;
        let stay = stays.iter().find(|stay| (stay.from..stay.until).contains(&in_force))?;
        Some(self.versions[stay.from])
    }

    fn place_in_force(&self, when: CivilMoment) -> Option<usize> {
        self.versions.iter().rposition(|list| list.effective <= when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(version: u32, effective: &str, serials: &[u8]) -> DenyList {
        DenyList {
            operator: "0417".parse().unwrap(),
            version,
            effective: effective.parse().unwrap(),
            serials: serials.iter().map(|&last| Serial([0, 0, 0, 0, 0, 0, 0, 0, 0, last])).collect(),
        }
    }

    #[test]
    fn the_stay_decides_version_and_grace() {
        let mut book = DenyBook::default();
        for list in [
            list(3, "2026-11-01T00:00:00", &[1, 2]),
            list(5, "2026-11-10T00:00:00", &[2]),
            list(6, "2026-11-20T00:00:00", &[1, 2]),
        ] {
            book.push(list);
        }
        use Listing::{NotListed, Refuse, WithinGrace};
        let table = [
            // card, when, version held, expected
            (1, "2026-10-31T23:59:59", 9, NotListed),
            (1, "2026-11-01T00:00:00", 2, WithinGrace),
            (1, "2026-11-01T00:00:00", 3, Refuse),
            (1, "2026-11-01T23:59:59", 2, WithinGrace),
            (1, "2026-11-02T00:00:00", 2, Refuse),
            (1, "2026-11-15T00:00:00", 3, NotListed),
            (1, "2026-11-20T10:00:00", 5, WithinGrace),
            (1, "2026-11-20T10:00:00", 6, Refuse),
            (2, "2026-11-20T10:00:00", 2, Refuse),
            (2, "2026-11-01T10:00:00", 0, WithinGrace),
            (3, "2026-11-20T10:00:00", 6, NotListed),
        ];
        for (card, when, held, expected) in table {
            let serial = Serial([0, 0, 0, 0, 0, 0, 0, 0, 0, card]);
            assert_eq!(
                book.listing(&serial, when.parse().unwrap(), held, 24),
                expected,
                "{card} {when} {held}"
            );
        }
    }

    #[test]
    fn the_highest_effective_version_is_in_force_even_when_effective_times_cross() {
        let mut book = DenyBook::default();
        book.push(list(1, "2026-11-05T00:00:00", &[1]));
        book.push(list(2, "2026-11-09T00:00:00", &[]));
        book.push(list(3, "2026-11-07T00:00:00", &[1]));
        let serial = Serial([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let at = |when: &str, held| book.listing(&serial, when.parse().unwrap(), held, 24);
        assert_eq!(at("2026-11-06T12:00:00", 0), Listing::Refuse, "version 1 since the 5th, grace is over");
        assert_eq!(
            at("2026-11-07T12:00:00", 2),
            Listing::WithinGrace,
            "version 3, a new stay after version 2"
        );
        assert_eq!(at("2026-11-09T12:00:00", 2), Listing::Refuse, "version 3 still is the highest");
    }
}
