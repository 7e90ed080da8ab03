//! All contracts of a registry, found by merchant, operator and date; asked once for every record of a window.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::num::NonZeroU32;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tongclear_types::{MerchantCode, OperatorCode};

use crate::Contract;

/// Place of a contract in its [`ContractBook`], counted from 1 so that "none" takes no room; means nothing in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContractIndex(NonZeroU32);

impl ContractIndex {
    /// The place after `before` contracts.
    fn after(before: usize) -> Self {
        let place = u32::try_from(before).ok().and_then(|before| NonZeroU32::MIN.checked_add(before));
        Self(place.expect("a contract takes 100 bytes: memory ends before u32 does"))
    }
}

/// Contracts in the order of their keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Contract>", into = "Vec<Contract>")]
pub struct ContractBook {
    contracts: Vec<Contract>,
    /// For each merchant and operator (none for `*`) its contracts, the latest `from` first.
    index: HashMap<(MerchantCode, Option<OperatorCode>), Vec<ContractIndex>>,
}

impl ContractBook {
    /// A book of `contracts`, in any order.
    #[must_use]
    pub fn new(mut contracts: Vec<Contract>) -> Self {
        contracts.sort_by_key(Contract::key);
        let mut index = HashMap::<_, Vec<ContractIndex>>::new();
        for (place, contract) in (0..).map(ContractIndex::after).zip(&contracts) {
            index.entry((contract.merchant, contract.operator)).or_default().push(place);
        }
        index.values_mut().for_each(|places| places.sort_by_key(|place| Reverse(*place)));
        Self { contracts, index }
    }

    /// The contract in force for a record of `date`: one that names the operator goes before one for all
    /// operators, then the latest `from`.
    #[must_use]
    pub fn find(
        &self,
        merchant: MerchantCode,
        operator: OperatorCode,
        date: Date,
    ) -> Option<(ContractIndex, &Contract)> {
        [Some(operator), None].into_iter().find_map(|operator| {
            let places = self.index.get(&(merchant, operator))?;
            places
                .iter()
                .map(|place| (*place, self.get(*place)))
                .find(|(_, contract)| contract.in_force(date))
        })
    }

    /// The contract at a place that this book gave.
    ///
    /// # Panics
    /// When the place is of another, larger book.
    #[must_use]
    pub fn get(&self, place: ContractIndex) -> &Contract {
        let place = usize::try_from(place.0.get()).expect("a usize has at least 32 bits here");
        &self.contracts[place - 1]
    }

    /// How many contracts there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.contracts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.contracts.is_empty()
    }

    /// All contracts with their places, by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ContractIndex, &Contract)> {
        self.contracts.iter().enumerate().map(|(place, contract)| (ContractIndex::after(place), contract))
    }
}

/// Books are equal when their contracts are.
impl PartialEq for ContractBook {
    fn eq(&self, other: &Self) -> bool {
        self.contracts == other.contracts
    }
}

impl Eq for ContractBook {}

impl From<Vec<Contract>> for ContractBook {
    fn from(contracts: Vec<Contract>) -> Self {
        Self::new(contracts)
    }
}

impl From<ContractBook> for Vec<Contract> {
    fn from(book: ContractBook) -> Self {
        book.contracts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::tests::sample;

    /// `operator from until`, `-` for an open end.
    fn book(terms: &[&str]) -> ContractBook {
        let contract = |terms: &&str| {
            let [operator, from, until] = terms.split(' ').collect::<Vec<_>>().try_into().unwrap();
            Contract {
                operator: (operator != "*").then(|| operator.parse().unwrap()),
                from: from.parse().unwrap(),
                until: (until != "-").then(|| until.parse().unwrap()),
                ..sample()
            }
        };
        ContractBook::new(terms.iter().map(contract).collect())
    }

    #[test]
    fn the_operators_own_contract_goes_first_then_the_latest() {
        let book = book(&[
            "* 2026-01-01 -",
            "* 2026-06-01 2026-06-30",
            "0417 2026-03-01 2026-03-31",
            "0417 2026-03-10 2026-03-20",
            "0417 2026-12-01 -",
        ]);
        for (operator, date, expected) in [
            ("0417", "2025-12-31", None),
            ("0417", "2026-01-01", Some("BUS00001/*/2026-01-01")),
            ("0417", "2026-02-28", Some("BUS00001/*/2026-01-01")),
            ("0417", "2026-03-01", Some("BUS00001/0417/2026-03-01")),
            ("0417", "2026-03-09", Some("BUS00001/0417/2026-03-01")),
            ("0417", "2026-03-10", Some("BUS00001/0417/2026-03-10")),
            ("0417", "2026-03-20", Some("BUS00001/0417/2026-03-10")),
            ("0417", "2026-03-21", Some("BUS00001/0417/2026-03-01")),
            ("0417", "2026-03-31", Some("BUS00001/0417/2026-03-01")),
            ("0417", "2026-04-01", Some("BUS00001/*/2026-01-01")),
            ("0418", "2026-03-15", Some("BUS00001/*/2026-01-01")),
            ("0418", "2026-06-30", Some("BUS00001/*/2026-06-01")),
            ("0418", "2026-07-01", Some("BUS00001/*/2026-01-01")),
            ("0418", "2027-01-01", Some("BUS00001/*/2026-01-01")),
            ("0417", "2027-01-01", Some("BUS00001/0417/2026-12-01")),
        ] {
            let found = book.find(sample().merchant, operator.parse().unwrap(), date.parse().unwrap());
            let key = found.map(|(place, contract)| {
                assert_eq!(book.get(place), contract);
                contract.key().to_string()
            });
            assert_eq!(key.as_deref(), expected, "{operator} {date}");
        }
        let stranger =
            book.find("BUS00002".parse().unwrap(), OperatorCode([4, 0x17]), "2026-03-15".parse().unwrap());
        assert_eq!(stranger, None);
    }

    #[test]
    fn the_order_of_the_file_does_not_matter() {
        let ascending = book(&["* 2026-01-01 -", "0417 2026-01-01 -"]);
        assert_eq!(ascending, book(&["0417 2026-01-01 -", "* 2026-01-01 -"]));
        assert!(ascending.iter().all(|(place, contract)| ascending.get(place) == contract));
        assert_eq!((ascending.len(), ascending.is_empty()), (2, false));
    }
}
