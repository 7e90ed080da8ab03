//! The same accepted records under two sets of contracts: what changes for whom.
//!
//! Counts, purchases and loads are the records' own and the same on both sides; only fees and concessions, and
//! with them the nets, can differ.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign as _;

use tongclear_types::{Fen, MerchantCode, MoneyError, OperatorCode};

use crate::{Lines, RatedTotal, lines};

/// What contracts make of some records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Charges {
    /// What the centre charges.
    pub fee: Fen,
    /// What sponsors add.
    pub concession: Fen,
    /// gross − fee + concession − load.
    pub net: Fen,
}

/// Accepted records that a draft would not let pass as they are; they are not judged anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unfit {
    /// Records without a contract in force under the draft: they stay in gross and load, and are charged nothing.
    pub no_contract_count: u64,
    /// The sum of their amounts.
    pub no_contract: Fen,
    /// Records above the draft contract's limit, charged like all others.
    pub over_limit_count: u64,
    /// The sum of their amounts.
    pub over_limit: Fen,
}

/// Some records under both sets of contracts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Accepted records, loads included.
    pub count: u64,
    /// Purchases.
    pub gross: Fen,
    /// Loads, which the merchant owes.
    pub load: Fen,
    /// Under the contracts that were in force.
    pub now: Charges,
    /// Under the draft.
    pub draft: Charges,
    /// Records that the draft would not let pass.
    pub unfit: Unfit,
}

/// A window under both sets of contracts, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// By merchant and operator with accepted records.
    pub lines: BTreeMap<(MerchantCode, OperatorCode), Compared>,
    /// What each sponsor owes, now and under the draft; nobody who owes nothing on either side.
    pub sponsors: BTreeMap<MerchantCode, (Fen, Fen)>,
}

impl Charges {
    fn of(gross: Fen, fee: Fen, concession: Fen, load: Fen) -> Result<Self, MoneyError> {
        let net = gross.checked_sub(fee)?.checked_add(concession)?.checked_sub(load)?;
        Ok(Self { fee, concession, net })
    }

    fn add(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.fee = self.fee.checked_add(other.fee)?;
        self.concession = self.concession.checked_add(other.concession)?;
        self.net = self.net.checked_add(other.net)?;
        Ok(())
    }
}

impl Unfit {
    /// Counts a record without a contract.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the sum leaves the domain.
    pub fn add_no_contract(&mut self, amount: Fen) -> Result<(), MoneyError> {
        self.no_contract_count += 1;
        self.no_contract = self.no_contract.checked_add(amount)?;
        Ok(())
    }

    /// Counts a record above the limit.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the sum leaves the domain.
    pub fn add_over_limit(&mut self, amount: Fen) -> Result<(), MoneyError> {
        self.over_limit_count += 1;
        self.over_limit = self.over_limit.checked_add(amount)?;
        Ok(())
    }
}

impl Compared {
    /// Draft − now, figure by figure.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a difference leaves the domain.
    pub fn difference(&self) -> Result<Charges, MoneyError> {
        Ok(Charges {
            fee: self.draft.fee.checked_sub(self.now.fee)?,
            concession: self.draft.concession.checked_sub(self.now.concession)?,
            net: self.draft.net.checked_sub(self.now.net)?,
        })
    }

    fn add(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.count += other.count;
        self.gross = self.gross.checked_add(other.gross)?;
        self.load = self.load.checked_add(other.load)?;
        self.now.add(&other.now)?;
        self.draft.add(&other.draft)?;
        let (mine, theirs) = (&mut self.unfit, &other.unfit);
        mine.no_contract_count.add_assign(theirs.no_contract_count);
        mine.no_contract = mine.no_contract.checked_add(theirs.no_contract)?;
        mine.over_limit_count.add_assign(theirs.over_limit_count);
        mine.over_limit = mine.over_limit.checked_add(theirs.over_limit)?;
        Ok(())
    }
}

impl Comparison {
    /// Compares the totals of the same accepted records: `now` of all of them, `draft` of those for which a draft
    /// has a contract; `unfit` says which it has none for, and more.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves the domain.
    pub fn of(
        now: &[RatedTotal],
        draft: &[RatedTotal],
        unfit: &BTreeMap<(MerchantCode, OperatorCode), Unfit>,
    ) -> Result<Self, MoneyError> {
        let (now, draft): (Lines, Lines) = (lines(now)?, lines(draft)?);
        let drafted: BTreeMap<_, _> =
            draft.merchants.iter().map(|line| ((line.merchant, line.operator), line)).collect();
        let mut compared = BTreeMap::new();
        for line in &now.merchants {
            let key = (line.merchant, line.operator);
            let (fee, concession) =
                drafted.get(&key).map_or((Fen::ZERO, Fen::ZERO), |line| (line.fee, line.concession));
            let figures = Compared {
                count: line.count,
                gross: line.gross,
                load: line.load,
                now: Charges::of(line.gross, line.fee, line.concession, line.load)?,
                draft: Charges::of(line.gross, fee, concession, line.load)?,
                unfit: unfit.get(&key).copied().unwrap_or_default(),
            };
            compared.insert(key, figures);
        }
        let mut sponsors = BTreeMap::<MerchantCode, (Fen, Fen)>::new();
        for line in &now.sponsors {
            sponsors.entry(line.sponsor).or_default().0 = line.concession;
        }
        for line in &draft.sponsors {
            sponsors.entry(line.sponsor).or_default().1 = line.concession;
        }
        Ok(Self { lines: compared, sponsors })
    }

    /// The merchants with accepted records.
    #[must_use]
    pub fn merchants(&self) -> BTreeSet<MerchantCode> {
        self.lines.keys().map(|(merchant, _)| *merchant).collect()
    }

    /// All lines of one merchant together.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves the domain.
    pub fn of_merchant(&self, merchant: MerchantCode) -> Result<Compared, MoneyError> {
        sum(self.lines.iter().filter(|((it, _), _)| *it == merchant).map(|(_, line)| line))
    }

    /// All lines together.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves the domain.
    pub fn total(&self) -> Result<Compared, MoneyError> {
        sum(self.lines.values())
    }
}

fn sum<'a>(lines: impl Iterator<Item = &'a Compared>) -> Result<Compared, MoneyError> {
    let mut sum = Compared::default();
    lines.into_iter().try_for_each(|line| sum.add(line))?;
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settlement::tests::total;

    /// What a line holds: `merchant operator count gross load fee concession net > fee concession net`.
    fn check(now: &[&str], draft: &[&str], expected: &[&str], sponsors: &[&str]) {
        let totals = |texts: &[&str]| texts.iter().map(|text| total(text)).collect::<Vec<_>>();
        let comparison = Comparison::of(&totals(now), &totals(draft), &BTreeMap::new()).unwrap();
        let charges = |it: &Charges| format!("{} {} {}", it.fee, it.concession, it.net);
        let shown = comparison.lines.iter().map(|((merchant, operator), it)| {
            let (now, draft) = (charges(&it.now), charges(&it.draft));
            format!("{merchant} {operator} {} {} {} {now} > {draft}", it.count, it.gross, it.load)
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        let owed = comparison.sponsors.iter().map(|(code, (now, draft))| format!("{code} {now} > {draft}"));
        assert_eq!(owed.collect::<Vec<_>>(), sponsors);
        let whole = comparison.total().unwrap();
        let (mut fee, mut net) = (Fen::ZERO, Fen::ZERO);
        for merchant in comparison.merchants() {
            let difference = comparison.of_merchant(merchant).unwrap().difference().unwrap();
            (fee, net) = (fee.checked_add(difference.fee).unwrap(), net.checked_add(difference.net).unwrap());
        }
        let difference = whole.difference().unwrap();
        assert_eq!((difference.fee, difference.net), (fee, net), "merchants add up to the total");
    }

    #[test]
    fn the_same_contracts_make_no_difference() {
        let totals = ["BUS00001 0417 T+1 GOV00001 1000 6 50 0", "LOAD0001 0417 T+1 - 0 0 0 5000"];
        let expected =
            ["BUS00001 0417 1 1000 0 6 50 1044 > 6 50 1044", "LOAD0001 0417 1 0 5000 0 0 -5000 > 0 0 -5000"];
        check(&totals, &totals, &expected, &["GOV00001 50 > 50"]);
    }

    #[test]
    fn fees_concessions_and_sponsors_may_differ() {
        check(
            &["BUS00001 0417 T+1 GOV00001 1000 6 50 0", "BUS00001 0418 T+1 - 200 1 0 0"],
            &["BUS00001 0417 T+1 GOV00002 1000 12 70 0", "BUS00001 0418 T+3 - 200 0 0 0"],
            &["BUS00001 0417 1 1000 0 6 50 1044 > 12 70 1058", "BUS00001 0418 1 200 0 1 0 199 > 0 0 200"],
            &["GOV00001 50 > 0", "GOV00002 0 > 70"],
        );
    }

    #[test]
    fn money_without_a_contract_stays_and_is_charged_nothing() {
        check(
            &["BUS00001 0417 T+1 GOV00001 1000 6 50 0"],
            &[],
            &["BUS00001 0417 1 1000 0 6 50 1044 > 0 0 1000"],
            &["GOV00001 50 > 0"],
        );
    }
}
