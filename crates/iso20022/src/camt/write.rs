//! Statements as XML, as a bank would write them: the simulated one does.

use std::io::{self, Write};

use super::{
    Balance, Counterparty, Detail, Direction, Entry, MESSAGE, Movement, NAMESPACE, Statement, StatementFile,
};
use crate::xml::Put;

pub(super) fn document(file: &StatementFile, to: impl Write) -> io::Result<()> {
    Put::document(to, NAMESPACE, MESSAGE, |put| {
        put.within("GrpHdr", |put| {
            put.text(&["MsgId"], file.message.as_str())?;
            put.moment("CreDtTm", file.created)
        })?;
        file.statements.iter().try_for_each(|it| statement(put, file, it))
    })
}

fn statement<W: Write>(put: &mut Put<W>, file: &StatementFile, statement: &Statement) -> io::Result<()> {
    put.within("Stmt", |put| {
        put.text(&["Id"], statement.id.as_str())?;
        put.moment("CreDtTm", file.created)?;
        put.within("Acct", |put| {
            put.text(&["Id", "Othr", "Id"], statement.account.as_str())?;
            put.text(&["Ccy"], "CNY")
        })?;
        balance(put, "OPBD", statement.opening)?;
        balance(put, "CLBD", statement.closing)?;
        put.within("TxsSummry", |put| {
            put.within("TtlNtries", |put| put.number("NbOfNtries", statement.entries.len()))
        })?;
        statement.entries.iter().try_for_each(|it| entry(put, it))
    })
}

fn balance<W: Write>(put: &mut Put<W>, code: &str, balance: Balance) -> io::Result<()> {
    put.within("Bal", |put| {
        put.text(&["Tp", "CdOrPrtry", "Cd"], code)?;
        put.amount("Amt", balance.amount)?;
        put.text(&["CdtDbtInd"], Direction::of(balance.amount).code())?;
        put.date("Dt", balance.date)
    })
}

fn entry<W: Write>(put: &mut Put<W>, entry: &Entry) -> io::Result<()> {
    put.within("Ntry", |put| {
        put.amount("Amt", entry.size)?;
        put.text(&["CdtDbtInd"], entry.direction.code())?;
        put.text(&["RvslInd"], if entry.is_reversal { "true" } else { "false" })?;
        put.text(&["Sts", "Cd"], "BOOK")?;
        put.date("BookgDt", entry.booked)?;
        put.date("ValDt", entry.value)?;
        put.maybe(&["AcctSvcrRef"], entry.reference.as_ref().map(|it| it.as_str()))?;
        code(put, entry)?;
        put.within("NtryDtls", |put| entry.details.iter().try_for_each(|it| detail(put, it)))
    })
}

/// The bank transaction code (External Code Sets, domain PMNT): issued or received credit transfers, domestic or undoing one.
fn code<W: Write>(put: &mut Put<W>, entry: &Entry) -> io::Result<()> {
    let movement = entry.details.first().map(|detail| entry.movement(detail));
    let (family, sub_family) = match movement {
        Some(Movement::Out) => ("ICDT", "DMCT"),
        Some(Movement::Back) => ("ICDT", "RRTN"),
        Some(Movement::In) | None => ("RCDT", "DMCT"),
        Some(Movement::InUndone) => ("RCDT", "RRTN"),
    };
    put.within("BkTxCd", |put| {
        put.within("Domn", |put| {
            put.text(&["Cd"], "PMNT")?;
            put.within("Fmly", |put| {
                put.text(&["Cd"], family)?;
                put.text(&["SubFmlyCd"], sub_family)
            })
        })
    })
}

fn detail<W: Write>(put: &mut Put<W>, detail: &Detail) -> io::Result<()> {
    put.within("TxDtls", |put| {
        if detail.end_to_end.is_some() || detail.group.is_some() {
            put.within("Refs", |put| {
                put.maybe(&["PmtInfId"], detail.group.as_ref().map(|it| it.as_str()))?;
                put.maybe(&["EndToEndId"], detail.end_to_end.as_ref().map(|it| it.as_str()))
            })?;
        }
        put.amount("Amt", detail.amount)?;
        put.text(&["CdtDbtInd"], Direction::of(detail.amount).code())?;
        counterparty(put, Direction::of(detail.amount), &detail.counterparty)?;
        if !detail.remittance.is_empty() || detail.reference.is_some() {
            put.within("RmtInf", |put| {
                detail.remittance.iter().try_for_each(|it| put.text(&["Ustrd"], it.as_str()))?;
                let reference = detail.reference.as_ref().map(|it| it.as_str());
                put.maybe(&["Strd", "CdtrRefInf", "Ref"], reference)
            })?;
        }
        let Some(returned) = &detail.returned else { return Ok(()) };
        put.within("RtrInf", |put| {
            put.maybe(&["Rsn", "Cd"], returned.reason.as_ref().map(|it| it.as_str()))?;
            returned.text.iter().try_for_each(|it| put.text(&["AddtlInf"], it.as_str()))
        })
    })
}

/// The other side: the creditor of what left the account, the debtor of what came in.
fn counterparty<W: Write>(put: &mut Put<W>, direction: Direction, other: &Counterparty) -> io::Result<()> {
    let [party, account, bank] = super::read::other_side(direction);
    if other.name.is_some() || other.account.is_some() {
        put.within("RltdPties", |put| {
            put.maybe(&[party, "Pty", "Nm"], other.name.as_ref().map(|it| it.as_str()))?;
            put.maybe(&[account, "Id", "Othr", "Id"], other.account.as_ref().map(|it| it.as_str()))
        })?;
    }
    let Some(code) = &other.bank else { return Ok(()) };
    put.within("RltdAgts", |put| put.bank(bank, code.as_str()))
}
