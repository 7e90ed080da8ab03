//! The transfers of a clearing run (`clearing.md`, Ledger): one for each merchant, operator, contract and code.

use tongclear_types::{BusinessDate, Fen};

use crate::{Account, RatedTotal, SuspendedTotal, Transfer, TransferCode, TransferParts};

/// The postings of a run, sorted by id.
///
/// A zero amount posts nothing; suspended loads post the other way round; suspended postings carry no contract.
/// A concession is posted against the sponsor that the total names; without one there is nobody to owe it, and
/// finalisation finds the difference.
#[must_use]
pub fn postings(window: BusinessDate, rated: &[RatedTotal], suspended: &[SuspendedTotal]) -> Vec<Transfer> {
    let rated = rated.iter().flat_map(|total| rated_postings(window, total));
    let suspended = suspended.iter().flat_map(|total| suspended_postings(window, total));
    let mut transfers: Vec<_> = rated.chain(suspended).collect();
    transfers.sort_by_key(Transfer::id);
    transfers
}

fn rated_postings(window: BusinessDate, total: &RatedTotal) -> impl Iterator<Item = Transfer> {
    let payable = Account::merchant_payable(total.merchant);
    let clearing = Account::operator_clearing(total.operator);
    let sponsor = total.sponsor.map(Account::sponsor_clearing);
    let (merchant, operator) = (Some(total.merchant), Some(total.operator));
    let contract = Some(total.contract);
    [
        (TransferCode::Purchase, Some(clearing), payable, total.purchase),
        (TransferCode::Fee, Some(payable), Account::CENTRE_FEES, total.fee),
        (TransferCode::Concession, sponsor, payable, total.concession),
        (TransferCode::Load, Some(payable), clearing, total.load),
    ]
    .into_iter()
    .filter_map(move |(code, debit, credit, amount)| {
        let debit = debit?;
        post(TransferParts {
            window,
            code,
            debit,
            credit,
            amount,
            merchant,
            operator,
            contract,
            reference: None,
        })
    })
}

fn suspended_postings(window: BusinessDate, total: &SuspendedTotal) -> impl Iterator<Item = Transfer> {
    let of_operator = Account::operator_suspense(total.operator);
    let of_merchant = Account::merchant_suspense(total.merchant);
    let (merchant, operator) = (Some(total.merchant), Some(total.operator));
    let code = TransferCode::Suspended;
    [(of_operator, of_merchant, total.purchase), (of_merchant, of_operator, total.load)]
        .into_iter()
        .filter_map(move |(debit, credit, amount)| {
            post(TransferParts {
                window,
                code,
                debit,
                credit,
                amount,
                merchant,
                operator,
                contract: None,
                reference: None,
            })
        })
}

/// The transfer of some parts, or nothing for a zero amount. Totals are sums of amounts that are never below
/// zero; should one be, it moves the other way, so that no money is lost in silence.
pub(crate) fn post(parts: TransferParts) -> Option<Transfer> {
    let TransferParts { debit, credit, amount, .. } = parts;
    if amount < Fen::ZERO {
        return post(TransferParts { debit: credit, credit: debit, amount: amount.negated(), ..parts });
    }
    Transfer::new(parts).ok()
}

#[cfg(test)]
mod tests;
