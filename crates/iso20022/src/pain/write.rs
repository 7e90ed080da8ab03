//! A payment order as XML. The bank books each payment by itself (`BtchBookg` false), so that a statement names it, and
//! the centre bears all charges (`ChrgBr` DEBT), so that what arrives is what was owed.

use std::io::{self, Write};

use super::{MESSAGE, NAMESPACE, Party, Payment, PaymentGroup, PaymentOrder};
use crate::amount::yuan;
use crate::xml::Put;

pub(super) fn document(order: &PaymentOrder, to: impl Write) -> io::Result<()> {
    Put::document(to, NAMESPACE, MESSAGE, |put| {
        put.within("GrpHdr", |put| {
            put.text(&["MsgId"], order.message.as_str())?;
            put.moment("CreDtTm", order.created)?;
            put.number("NbOfTxs", order.count())?;
            put.number("CtrlSum", yuan(order.sum))?;
            put.text(&["InitgPty", "Nm"], order.initiator.as_str())
        })?;
        order.groups.iter().try_for_each(|it| group(put, it))
    })
}

fn group<W: Write>(put: &mut Put<W>, group: &PaymentGroup) -> io::Result<()> {
    // An order that exists has sums that can be written.
    let sum = group.sum().map_err(io::Error::other)?;
    put.within("PmtInf", |put| {
        put.text(&["PmtInfId"], group.id.as_str())?;
        put.text(&["PmtMtd"], "TRF")?;
        put.text(&["BtchBookg"], "false")?;
        put.number("NbOfTxs", group.payments.len())?;
        put.number("CtrlSum", yuan(sum))?;
        put.date("ReqdExctnDt", group.execution)?;
        name_and_account(put, "Dbtr", &group.debtor)?;
        put.bank("DbtrAgt", group.debtor.bank.as_str())?;
        put.text(&["ChrgBr"], "DEBT")?;
        group.payments.iter().try_for_each(|it| payment(put, it))
    })
}

fn payment<W: Write>(put: &mut Put<W>, payment: &Payment) -> io::Result<()> {
    put.within("CdtTrfTxInf", |put| {
        put.text(&["PmtId", "EndToEndId"], payment.end_to_end.as_str())?;
        put.within("Amt", |put| put.amount("InstdAmt", payment.amount.fen()))?;
        put.bank("CdtrAgt", payment.creditor.bank.as_str())?;
        name_and_account(put, "Cdtr", &payment.creditor)?;
        put.maybe(&["RmtInf", "Ustrd"], payment.remittance.as_ref().map(|it| it.as_str()))
    })
}

fn name_and_account<W: Write>(put: &mut Put<W>, name: &str, party: &Party) -> io::Result<()> {
    put.text(&[name, "Nm"], party.name.as_str())?;
    put.text(&[&format!("{name}Acct"), "Id", "Othr", "Id"], party.account.as_str())
}
