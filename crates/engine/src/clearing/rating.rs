//! Rating: fee and concession of accepted records, and what they add up to by operator and contract.
//!
//! The run rates with it, and a what-if rates the same records again under other contracts.

use foldhash::{HashMap, HashMapExt as _};
use tongclear_ledger::{ContractBook, ContractIndex, FeeLevel, RatedTotal};
use tongclear_registry::Operator;
use tongclear_store::Tally;
use tongclear_types::{Chain, Fen, MoneyError};

/// Fee and concession of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rated {
    /// None unless the record is an accepted purchase under a contract that charges by the transaction.
    pub(crate) fee: Option<Fen>,
    pub(crate) concession: Fen,
}

impl Rated {
    /// Of a record that is not accepted, and of a load.
    pub(crate) const NOTHING: Self = Self { fee: None, concession: Fen::ZERO };
}

/// Rates accepted records; fares repeat, so a fee is computed once for each contract and amount.
pub(crate) struct Rater<'a> {
    contracts: &'a ContractBook,
    fees: HashMap<(ContractIndex, u32), Fen>,
}

impl<'a> Rater<'a> {
    pub(crate) fn new(contracts: &'a ContractBook) -> Self {
        Self { contracts, fees: HashMap::new() }
    }

    /// Fee and concession of an accepted record under a contract of the book.
    #[inline]
    pub(crate) fn rate(
        &mut self,
        contract: ContractIndex,
        chain: Chain,
        amount_fen: u32,
        list_price_fen: u32,
    ) -> Result<Rated, MoneyError> {
        if chain == Chain::Load {
            return Ok(Rated::NOTHING);
        }
        let (index, contract) = (contract, self.contracts.get(contract));
        let fee = match (contract.level, self.fees.get(&(index, amount_fen))) {
            (FeeLevel::Window, _) => None,
            (FeeLevel::Transaction, Some(fee)) => Some(*fee),
            (FeeLevel::Transaction, None) => {
                let fee = contract.transaction_fee(Fen::from(amount_fen))?;
                self.fees.insert((index, amount_fen), fee);
                Some(fee)
            }
        };
        let concession = contract.concession(Fen::from(list_price_fen), Fen::from(amount_fen));
        Ok(Rated { fee, concession })
    }
}

/// Accepted money by operator index and contract, which belongs to one merchant.
#[derive(Debug, Clone, Default)]
pub(crate) struct RatedSums(HashMap<(u16, ContractIndex), Sums>);

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    purchases: Tally,
    fee: Fen,
    concession: Fen,
    loads: Tally,
}

impl RatedSums {
    /// Counts one accepted record.
    pub(crate) fn count(
        &mut self,
        operator: u16,
        contract: ContractIndex,
        chain: Chain,
        amount: Fen,
        rated: Rated,
    ) -> Result<(), MoneyError> {
        let sums = self.0.entry((operator, contract)).or_default();
        match chain {
            Chain::Purchase => {
                sums.purchases.add(amount)?;
                sums.fee = sums.fee.checked_add(rated.fee.unwrap_or_default())?;
                sums.concession = sums.concession.checked_add(rated.concession)?;
            }
            Chain::Load => sums.loads.add(amount)?,
        }
        Ok(())
    }

    /// Adds the sums of other records.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), MoneyError> {
        for (key, sums) in &other.0 {
            let mine = self.0.entry(*key).or_default();
            mine.purchases.merge(&sums.purchases)?;
            mine.loads.merge(&sums.loads)?;
            mine.fee = mine.fee.checked_add(sums.fee)?;
            mine.concession = mine.concession.checked_add(sums.concession)?;
        }
        Ok(())
    }

    /// The totals with participants in place of indexes, sorted, fees of window-level contracts included.
    pub(crate) fn finish(
        self,
        contracts: &ContractBook,
        operators: &[Operator],
    ) -> Result<Vec<RatedTotal>, MoneyError> {
        let mut totals = Vec::with_capacity(self.0.len());
        for ((operator, index), sums) in self.0 {
            let contract = contracts.get(index);
            let fee = match contract.level {
                FeeLevel::Transaction => sums.fee,
                FeeLevel::Window => contract.window_fee(sums.purchases.count, sums.purchases.amount_fen)?,
            };
            totals.push(RatedTotal {
                merchant: contract.merchant,
                operator: operators[usize::from(operator)].code,
                contract: contract.key(),
                cycle: contract.cycle,
                sponsor: contract.sponsor,
                purchase_count: sums.purchases.count,
                purchase: sums.purchases.amount_fen,
                fee,
                concession: sums.concession,
                load_count: sums.loads.count,
                load: sums.loads.amount_fen,
            });
        }
        totals.sort_unstable_by_key(|rated| (rated.merchant, rated.operator, rated.contract));
        Ok(totals)
    }
}
