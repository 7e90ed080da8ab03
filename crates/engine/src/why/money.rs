//! What one record earned, and the sums of the window that contain it.

use tongclear_ledger::{Account, Contract, ContractKey, FeeLevel, Participant, Transfer, TransferCode};
use tongclear_life::{Charge, Money, PayoutLine, Settled, TransferLine};
use tongclear_registry::Registry;
use tongclear_store::{AuditEvent, WindowState};
use tongclear_types::{BusinessDate, Chain, Disposition, Fen, MoneyError, OperatorCode, Verdict};

use super::archive::Archive;
use super::judge::{Case, Judged};
use super::local;
use crate::clearing::rating::{Rated, Rater};
use crate::clearing::row::Row;
use crate::payout::{Book, PaymentLine};
use crate::{EngineError, run_totals};

/// Fee and concession of the row, as the run rates it.
pub(super) fn rated(registry: &Registry, row: &Row) -> Result<Rated, MoneyError> {
    let (Verdict::Accepted(_), Some(contract)) = (row.verdict, row.bearings.contract) else {
        return Ok(Rated::NOTHING);
    };
    Rater::new(registry.contracts()).rate(contract, row.chain(), row.amount_fen, row.list_price_fen)
}

/// Fee, transfers and settlement of the record, as its stored disposition has them.
pub(super) async fn trace(
    case: &Case,
    judged: &Judged,
    archive: &mut Archive<'_>,
) -> Result<Money, EngineError> {
    let row = judged.row();
    let stored = case.target().stored.verdict.disposition();
    let operator = case.registry.operator_by_issuer(&case.card.issuer).map(|(_, operator)| operator.code);
    let contract = row.bearings.contract.map(|index| case.registry.contracts().get(index));
    let charge = match (stored, operator, contract) {
        (Disposition::Accepted, Some(operator), Some(contract)) => {
            Some(charge(case, row, operator, contract, archive).await?)
        }
        _ => None,
    };
    let mut transfers = Vec::new();
    if let Some(operator) = operator.filter(|_| moves_money(stored)) {
        let key = charge.as_ref().map(|charge| charge.contract_key);
        let expected = accounts(case, row, operator, charge.as_ref());
        let posted = archive.centre.store.transfers(case.window.date()).await?;
        transfers.extend(posted.iter().filter(|it| contains(it, case, operator, key, &expected)).map(line));
    }
    let participants = participants(case, operator, charge.as_ref());
    Ok(Money { settlement: settled(case, charge.as_ref(), participants, archive).await?, charge, transfers })
}

const fn moves_money(disposition: Disposition) -> bool {
    matches!(disposition, Disposition::Accepted | Disposition::Suspended)
}

async fn charge(
    case: &Case,
    row: &Row,
    operator: OperatorCode,
    contract: &Contract,
    archive: &Archive<'_>,
) -> Result<Charge, EngineError> {
    let purchase = row.chain() == Chain::Purchase;
    let fee = match (purchase, contract.level) {
        (false, _) => None,
        (true, FeeLevel::Transaction) => Some(contract.explain(1, row.amount())?),
        (true, FeeLevel::Window) => {
            let totals = run_totals(archive.centre, &case.window).await?;
            let sum = totals.rated.iter().find(|it| (it.operator, it.contract) == (operator, contract.key()));
            sum.map(|sum| contract.explain(sum.purchase_count, sum.purchase)).transpose()?
        }
    };
    let fee_fen = fee.as_ref().filter(|_| contract.level == FeeLevel::Transaction).map(|fee| fee.fee);
    let concession_fen =
        if purchase { contract.concession(Fen::from(row.list_price_fen), row.amount()) } else { Fen::ZERO };
    let gross = if purchase { row.amount() } else { row.amount().negated() };
    Ok(Charge {
        contract_key: contract.key(),
        contract: contract.clone(),
        fee_text: fee.as_ref().map(ToString::to_string),
        fee,
        fee_fen,
        sponsor: contract.sponsor,
        concession_fen,
        net_fen: gross.checked_sub(fee_fen.unwrap_or_default())?.checked_add(concession_fen)?,
    })
}

/// The movements whose sums contain the record: code, from, to. Nothing of a zero amount is in any sum.
fn accounts(
    case: &Case,
    row: &Row,
    operator: OperatorCode,
    charge: Option<&Charge>,
) -> Vec<(TransferCode, Account, Account)> {
    let merchant = case.target().stored.merchant;
    let (payable, clearing) = (Account::merchant_payable(merchant), Account::operator_clearing(operator));
    let Some(charge) = charge else {
        let (from, to) = (Account::operator_suspense(operator), Account::merchant_suspense(merchant));
        let (from, to) = if row.chain() == Chain::Purchase { (from, to) } else { (to, from) };
        return vec![(TransferCode::Suspended, from, to)];
    };
    let mut movements = Vec::new();
    if row.chain() == Chain::Load {
        movements.push((TransferCode::Load, payable, clearing));
    } else if !row.amount().is_zero() {
        movements.push((TransferCode::Purchase, clearing, payable));
    }
    // At window level every purchase is in the sum or the count that the fee is taken from.
    if charge.fee.is_some() && charge.fee_fen.is_none_or(|fee| !fee.is_zero()) {
        movements.push((TransferCode::Fee, payable, Account::CENTRE_FEES));
    }
    if let Some(sponsor) = charge.sponsor.filter(|_| !charge.concession_fen.is_zero()) {
        movements.push((TransferCode::Concession, Account::sponsor_clearing(sponsor), payable));
    }
    movements
}

fn contains(
    transfer: &Transfer,
    case: &Case,
    operator: OperatorCode,
    contract: Option<ContractKey>,
    movements: &[(TransferCode, Account, Account)],
) -> bool {
    transfer.merchant == Some(case.target().stored.merchant)
        && transfer.operator == Some(operator)
        && transfer.contract == contract
        && movements.contains(&(transfer.code, transfer.debit, transfer.credit))
}

fn line(transfer: &Transfer) -> TransferLine {
    TransferLine {
        id: transfer.id(),
        code: transfer.code,
        debit: transfer.debit,
        credit: transfer.credit,
        amount_fen: transfer.amount,
    }
}

/// Who has a position that contains an accepted record.
fn participants(case: &Case, operator: Option<OperatorCode>, charge: Option<&Charge>) -> Vec<Participant> {
    let Some(charge) = charge else { return Vec::new() };
    let mut participants = vec![Participant::Merchant(case.target().stored.merchant)];
    participants.extend(operator.map(Participant::Operator));
    participants
        .extend(charge.sponsor.filter(|_| !charge.concession_fen.is_zero()).map(Participant::Sponsor));
    if charge.fee.is_some() {
        participants.push(Participant::Centre);
    }
    participants
}

async fn settled(
    case: &Case,
    charge: Option<&Charge>,
    participants: Vec<Participant>,
    archive: &Archive<'_>,
) -> Result<Settled, EngineError> {
    let store = &archive.centre.store;
    let id = case.window.row.id;
    let state = case.window.state();
    let value_date = charge
        .map(|charge| case.registry.centre_calendar().value_date(case.window.date(), charge.contract.cycle));
    let (mut positions, mut settled_at) = (Vec::new(), None);
    if state >= WindowState::Settled {
        positions = store.positions(id).await?;
        positions.retain(|it| participants.contains(&it.participant) && Some(it.value_date) == value_date);
        for entry in store.audit_log().await? {
            if matches!(entry.parsed()?, AuditEvent::Settlement { window, .. } if window == id) {
                settled_at = Some(local(entry.stamp.at)?);
            }
        }
    }
    let payouts = match value_date.filter(|_| !positions.is_empty()) {
        Some(date) => payouts(case, date, archive).await?,
        None => Vec::new(),
    };
    Ok(Settled { state, settled_at, value_date, participants, positions, payouts })
}

/// The payment of the merchant's position, and those that paid again what came back of it.
async fn payouts(
    case: &Case,
    value_date: BusinessDate,
    archive: &Archive<'_>,
) -> Result<Vec<PayoutLine>, EngineError> {
    let book = Book::of(archive.centre).await?;
    let merchant = case.target().stored.merchant;
    let mut waiting: Vec<&PaymentLine> =
        book.of_position(merchant, case.window.date(), value_date).into_iter().collect();
    let mut payouts = Vec::new();
    while let Some(line) = waiting.pop() {
        let news = line.news()?;
        payouts.push(PayoutLine {
            reference: line.payment.reference,
            merchant,
            value_date: line.payment.value_date,
            amount_fen: line.payment.amount,
            state: news.state,
            paid_fen: news.paid,
            returned_fen: news.returned,
            reason: news.reason,
        });
        waiting.extend(line.returned.iter().filter_map(|it| book.again(merchant, it.id())));
    }
    payouts.sort_by_key(|it| it.value_date);
    payouts.dedup();
    Ok(payouts)
}
