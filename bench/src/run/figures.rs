//! The gate: what a contender says came out, and where two of them disagree.

use std::collections::BTreeMap;

use crate::data::{Tally, Truth};

/// A merchant's day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MerchantFigures {
    /// Accepted purchases and loads.
    pub(crate) accepted: Tally,
    pub(crate) fee_fen: u64,
}

/// What came out of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) accepted: Tally,
    pub(crate) duplicate: Tally,
    pub(crate) rejected: Tally,
    pub(crate) gaps: u64,
    /// By code; merchants without an accepted record are left out.
    pub(crate) merchants: BTreeMap<String, MerchantFigures>,
}

impl Figures {
    fn fees(&self) -> u64 {
        self.merchants.values().map(|it| it.fee_fen).sum()
    }

    /// Every figure with its name.
    fn named(&self) -> BTreeMap<String, u64> {
        let mut named = BTreeMap::new();
        for (name, tally) in
            [("accepted", self.accepted), ("duplicate", self.duplicate), ("rejected", self.rejected)]
        {
            named.insert(format!("{name} records"), tally.count);
            named.insert(format!("{name} fen"), tally.amount_fen);
        }
        named.insert("records".to_owned(), self.accepted.count + self.duplicate.count + self.rejected.count);
        named.insert("counter gaps".to_owned(), self.gaps);
        named.insert("fees, fen".to_owned(), self.fees());
        for (code, merchant) in &self.merchants {
            named.insert(format!("{code}: accepted records"), merchant.accepted.count);
            named.insert(format!("{code}: accepted fen"), merchant.accepted.amount_fen);
            named.insert(format!("{code}: fees, fen"), merchant.fee_fen);
        }
        named
    }

    /// The first figure that differs, with both values.
    pub(crate) fn disagreement(&self, name: &str, other: &Self, other_name: &str) -> Option<String> {
        let (mine, theirs) = (self.named(), other.named());
        let names: std::collections::BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
        names.into_iter().find_map(|figure| {
            let value = |named: &BTreeMap<String, u64>| named.get(figure).copied().unwrap_or_default();
            let (mine, theirs) = (value(&mine), value(&theirs));
            (mine != theirs).then(|| format!("{figure}: {name} has {mine}, {other_name} has {theirs}"))
        })
    }

    /// The first figure that is not as it was made, with both values.
    pub(crate) fn untruth(&self, name: &str, truth: &Truth) -> Option<String> {
        let right = |tally: Tally| Tally {
            count: truth.records.count - truth.rejected.count - truth.duplicate.count - tally.count,
            amount_fen: truth.records.amount_fen
                - truth.rejected.amount_fen
                - truth.duplicate.amount_fen
                - tally.amount_fen,
        };
        let made = Self {
            accepted: right(Tally::default()),
            duplicate: truth.duplicate,
            rejected: truth.rejected,
            gaps: self.gaps,
            merchants: self.merchants.clone(),
        };
        self.disagreement(name, &made, "the maker of the data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Figures {
        let accepted = Tally { count: 3, amount_fen: 600 };
        let merchants = [("BUS00001".to_owned(), MerchantFigures { accepted, fee_fen: 4 })].into();
        let one = Tally { count: 1, amount_fen: 200 };
        Figures { accepted, duplicate: one, rejected: one, gaps: 1, merchants }
    }

    #[test]
    fn names_the_figure_and_both_values() {
        type Change = fn(&mut Figures);
        let table: [(Change, &str); 6] = [
            (|it| it.gaps = 2, "counter gaps: night has 1, rival has 2"),
            (|it| it.accepted.count = 2, "accepted records: night has 3, rival has 2"),
            (|it| it.duplicate.amount_fen = 0, "duplicate fen: night has 200, rival has 0"),
            (|it| it.rejected.count = 0, "records: night has 5, rival has 4"),
            (|it| it.merchants.clear(), "BUS00001: accepted fen: night has 600, rival has 0"),
            (
                |it| it.merchants.values_mut().for_each(|it| it.fee_fen = 5),
                "BUS00001: fees, fen: night has 4, rival has 5",
            ),
        ];
        for (change, expected) in table {
            let mut other = day();
            change(&mut other);
            assert_eq!(day().disagreement("night", &other, "rival").as_deref(), Some(expected));
        }
        assert_eq!(day().disagreement("night", &day(), "rival"), None);
    }

    #[test]
    fn is_held_against_what_was_made() {
        let one = Tally { count: 1, amount_fen: 200 };
        let records = Tally { count: 5, amount_fen: 1_000 };
        let truth = Truth { records, rejected: one, duplicate: one, ..Truth::default() };
        assert_eq!(day().untruth("night", &truth), None);
        let more = Truth { records: Tally { count: 6, amount_fen: 1_200 }, ..truth };
        let expected = "accepted fen: night has 600, the maker of the data has 800";
        assert_eq!(day().untruth("night", &more).as_deref(), Some(expected));
    }
}
