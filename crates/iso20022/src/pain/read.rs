//! A payment order from XML: as strict as the values are, and held to its own counts and sums.

use std::io::BufRead;

use tongclear_types::Fen;

use super::{MESSAGE, NAMESPACE, PAYMENTS_MAX, Party, Payment, PaymentGroup, PaymentOrder};
use crate::amount::{Amount, from_yuan, yuan};
use crate::error::ReadError;
use crate::text::{AccountNumber, Cnaps, EndToEndId, GroupId, MessageId};
use crate::xml::{Node, Scanner, count, currency_amount, date, moment, text};

pub(super) fn document(source: impl BufRead) -> Result<PaymentOrder, ReadError> {
    let mut scanner = Scanner::open(source, NAMESPACE, MESSAGE)?;
    let order = message(&mut scanner).map_err(|error| error.within(MESSAGE).within("Document"))?;
    scanner.finish()?;
    Ok(order)
}

fn message<R: BufRead>(scanner: &mut Scanner<R>) -> Result<PaymentOrder, ReadError> {
    let mut outside = Node::named(MESSAGE);
    let mut groups: Vec<PaymentGroup> = Vec::new();
    while let Some(name) = scanner.child()? {
        match name {
            "PmtInf" => {
                let before: usize = groups.iter().map(|it| it.payments.len()).sum();
                let read = group(scanner, PAYMENTS_MAX - before);
                groups.push(read.map_err(|error| error.within_nth(name, groups.len()))?);
            }
            _ => outside.children.push(scanner.node(name).map_err(|error| error.within(name))?),
        }
    }
    outside.need("GrpHdr", "the group header", |header| {
        let message = header.need("MsgId", "the message's id", |it| Ok(MessageId::new(it.text())?))?;
        let created = header.need("CreDtTm", "a date and time", moment)?;
        let initiator = header.need_along(&["InitgPty", "Nm"], "the initiating party's name", text)?;
        let order = PaymentOrder::new(message, created, initiator, groups)
            .map_err(|error| ReadError::document(error.to_string()))?;
        agree_count(header.need("NbOfTxs", "the number of payments", count)?, order.count())?;
        agree_sum(header, order.sum)?;
        Ok(order)
    })
}

fn group<R: BufRead>(scanner: &mut Scanner<R>, payments_max: usize) -> Result<PaymentGroup, ReadError> {
    let mut outside = Node::named("PmtInf");
    let mut payments = Vec::new();
    while let Some(name) = scanner.child()? {
        if name == "CdtTrfTxInf" {
            if payments.len() == payments_max {
                return Err(ReadError::document(format!("more than {PAYMENTS_MAX} payments")));
            }
            let read = scanner.node(name).and_then(|node| payment(&node));
            payments.push(read.map_err(|error| error.within_nth(name, payments.len()))?);
        } else {
            outside.children.push(scanner.node(name).map_err(|error| error.within(name))?);
        }
    }
    outside.need("PmtMtd", "TRF", |it| match it.text() {
        "TRF" => Ok(()),
        other => Err(ReadError::value(other, "TRF")),
    })?;
    let group = PaymentGroup {
        id: outside.need("PmtInfId", "the group's id", |it| Ok(GroupId::new(it.text())?))?,
        execution: outside.need("ReqdExctnDt", "a date", date)?,
        debtor: party(&outside, "Dbtr", "DbtrAcct", "DbtrAgt")?,
        payments,
    };
    if let Some(counted) = outside.maybe("NbOfTxs", count)? {
        agree_count(counted, group.payments.len())?;
    }
    let sum = group.sum().map_err(|error| ReadError::document(error.to_string()))?;
    agree_sum(&outside, sum)?;
    Ok(group)
}

fn payment(node: &Node) -> Result<Payment, ReadError> {
    Ok(Payment {
        end_to_end: node.need_along(&["PmtId", "EndToEndId"], "the end-to-end id", |it| {
            Ok(EndToEndId::new(it.text())?)
        })?,
        amount: node.need_along(&["Amt", "InstdAmt"], "an amount in yuan", |it| {
            Ok(Amount::new(currency_amount(it)?)?)
        })?,
        creditor: party(node, "Cdtr", "CdtrAcct", "CdtrAgt")?,
        remittance: node.along(&["RmtInf", "Ustrd"], text)?,
    })
}

fn party(node: &Node, party: &str, account: &str, bank: &str) -> Result<Party, ReadError> {
    Ok(Party {
        name: node.need_along(&[party, "Nm"], "a name", text)?,
        account: node.need_along(&[account, "Id", "Othr", "Id"], "an account number", |it| {
            Ok(AccountNumber::new(it.text())?)
        })?,
        bank: node.need_along(&[bank, "FinInstnId", "ClrSysMmbId"], "a CNAPS code", |it| {
            it.along(&["ClrSysId", "Cd"], |code| match code.text() {
                "CNAPS" => Ok(()),
                other => Err(ReadError::value(other, "clearing system CNAPS")),
            })?;
            it.need("MmbId", "a CNAPS code of 12 digits", |it| Ok(Cnaps::new(it.text())?))
        })?,
    })
}

fn agree_count(counted: usize, there: usize) -> Result<(), ReadError> {
    if counted == there {
        return Ok(());
    }
    Err(ReadError::value(counted, format!("{there}, the number of payments there are")).within("NbOfTxs"))
}

fn agree_sum(node: &Node, there: Fen) -> Result<(), ReadError> {
    let expected = || format!("{}, the sum of the payments there are", yuan(there));
    node.maybe("CtrlSum", |it| match from_yuan(it.text())? {
        written if written == there => Ok(()),
        _ => Err(ReadError::value(it.text(), expected())),
    })?;
    Ok(())
}
