//! Statements from XML, one entry at a time. What the centre needs is held to the letter; what it does not need is passed
//! over.

use std::io::BufRead;

use tongclear_types::Fen;

use super::{
    Balance, Counterparty, Detail, Direction, Entry, MESSAGE, NAMESPACE, ReturnInfo, Statement, StatementFile,
};
use crate::amount::{from_yuan, yuan};
use crate::error::ReadError;
use crate::text::{ReasonCode, Text34, Text35};
use crate::xml::{Node, Scanner, boolean, count, currency_amount, date, moment, text};

/// What a bank writes when a payment has no end-to-end id.
const NOT_PROVIDED: &str = "NOTPROVIDED";

pub(super) fn document(source: impl BufRead) -> Result<StatementFile, ReadError> {
    let mut scanner = Scanner::open(source, NAMESPACE, MESSAGE)?;
    let file = message(&mut scanner).map_err(|error| error.within(MESSAGE).within("Document"))?;
    scanner.finish()?;
    Ok(file)
}

fn message<R: BufRead>(scanner: &mut Scanner<R>) -> Result<StatementFile, ReadError> {
    let mut outside = Node::named(MESSAGE);
    let mut statements = Vec::new();
    while let Some(name) = scanner.child()? {
        if name == "Stmt" {
            let read = statement(scanner);
            statements.push(read.map_err(|error| error.within_nth(name, statements.len()))?);
        } else {
            outside.children.push(scanner.node(name).map_err(|error| error.within(name))?);
        }
    }
    if statements.is_empty() {
        return Err(ReadError::missing("at least one statement").within("Stmt"));
    }
    outside.need("GrpHdr", "the group header", |header| {
        header.maybe("MsgPgntn", only_page)?;
        Ok(StatementFile {
            message: header.need("MsgId", "the message's id", text)?,
            created: header.need("CreDtTm", "a date and time", moment)?,
            statements,
        })
    })
}

fn statement<R: BufRead>(scanner: &mut Scanner<R>) -> Result<Statement, ReadError> {
    let mut outside = Node::named("Stmt");
    let mut entries = Vec::new();
    while let Some(name) = scanner.child()? {
        if name == "Ntry" {
            let read = scanner.node(name).and_then(|node| entry(&node));
            entries.push(read.map_err(|error| error.within_nth(name, entries.len()))?);
        } else {
            outside.children.push(scanner.node(name).map_err(|error| error.within(name))?);
        }
    }
    outside.maybe("StmtPgntn", only_page)?;
    let account = outside.need("Acct", "the account", |it| {
        it.maybe("Ccy", |currency| match currency.text() {
            "CNY" => Ok(()),
            other => Err(ReadError::value(other, "currency CNY")),
        })?;
        it.need("Id", "the account's number", account)
    })?;
    let balances = outside.all("Bal", coded_balance)?;
    let balance = |codes: &[&str]| {
        // The codes in order of preference.
        let found = codes.iter().find_map(|code| {
            let all: Vec<Balance> = balances.iter().filter(|it| it.0 == *code).map(|it| it.1).collect();
            (!all.is_empty()).then_some(all)
        });
        match found.as_deref() {
            Some([one]) => Ok(*one),
            Some(several) => Err(ReadError::repeated(several.len())),
            None => Err(ReadError::missing(format!("a balance with code {}", codes.join(" or ")))),
        }
        .map_err(|error| error.within("Bal"))
    };
    outside.maybe("TxsSummry", |it| summary(it, &entries))?;
    let (opening, closing) = (balance(&["OPBD", "PRCD"])?, balance(&["CLBD"])?);
    let id = outside.need("Id", "the statement's id", text)?;
    Statement::new(id, account, opening, closing, entries)
        .map_err(|error| ReadError::document(error.to_string()))
}

/// A statement in pages does not add up page by page.
fn only_page(node: &Node) -> Result<(), ReadError> {
    node.need("PgNb", "page number 1", |it| match count(it)? {
        1 => Ok(()),
        other => Err(ReadError::value(other, "page number 1: the whole statement in one file")),
    })?;
    node.need("LastPgInd", "true", |it| match boolean(it)? {
        true => Ok(()),
        false => Err(ReadError::value("false", "true: the whole statement in one file")),
    })
}

fn account(node: &Node) -> Result<Text34, ReadError> {
    match node.maybe("IBAN", text)? {
        Some(iban) => Ok(iban),
        None => node.need_along(&["Othr", "Id"], "an account number", text),
    }
}

fn coded_balance(node: &Node) -> Result<(String, Balance), ReadError> {
    // A balance with a name of the bank's own is none that is looked for.
    let code = node.along(&["Tp", "CdOrPrtry", "Cd"], |it| Ok(it.text().to_owned()))?.unwrap_or_default();
    let size = node.need("Amt", "an amount in yuan", currency_amount)?;
    let direction = node.need("CdtDbtInd", "CRDT or DBIT", direction)?;
    let date = node.need("Dt", "a date", date)?;
    Ok((code, Balance { date, amount: direction.signed(size) }))
}

fn direction(node: &Node) -> Result<Direction, ReadError> {
    match node.text() {
        "CRDT" => Ok(Direction::Credit),
        "DBIT" => Ok(Direction::Debit),
        other => Err(ReadError::value(other, "CRDT or DBIT")),
    }
}

/// What the bank counts and adds up itself must be what is there: a file that was cut is found out.
fn summary(node: &Node, entries: &[Entry]) -> Result<(), ReadError> {
    let only = |direction: Direction| entries.iter().filter(move |it| it.direction == direction);
    let kinds: [(&str, Vec<&Entry>); 3] = [
        ("TtlNtries", entries.iter().collect()),
        ("TtlCdtNtries", only(Direction::Credit).collect()),
        ("TtlDbtNtries", only(Direction::Debit).collect()),
    ];
    for (name, entries) in kinds {
        node.maybe(name, |it| {
            it.maybe("NbOfNtries", |number| match count(number)? {
                counted if counted == entries.len() => Ok(()),
                other => Err(ReadError::value(other, format!("{}, the entries there are", entries.len()))),
            })?;
            let sum = Fen::try_sum(entries.iter().map(|it| it.size))
                .map_err(|error| ReadError::document(error.to_string()))?;
            it.maybe("Sum", |number| match from_yuan(number.text())? {
                added if added == sum => Ok(()),
                _ => {
                    let expected = format!("{}, the sum of the entries there are", yuan(sum));
                    Err(ReadError::value(number.text(), expected))
                }
            })
        })?;
    }
    Ok(())
}

fn entry(node: &Node) -> Result<Entry, ReadError> {
    let size = node.need("Amt", "an amount in yuan", currency_amount)?;
    let direction = node.need("CdtDbtInd", "CRDT or DBIT", direction)?;
    node.need("Sts", "status BOOK", status)?;
    let booked = node.need("BookgDt", "the date of booking", date)?;
    let servicer = node.maybe("AcctSvcrRef", text)?;
    let details = node.all("NtryDtls", |it| it.all("TxDtls", |it| detail(it, direction)))?;
    Ok(Entry {
        reference: if servicer.is_some() { servicer } else { node.maybe("NtryRef", text)? },
        direction,
        size,
        is_reversal: node.maybe("RvslInd", boolean)?.unwrap_or_default(),
        booked,
        value: node.maybe("ValDt", date)?.unwrap_or(booked),
        details: with_amounts(details.into_iter().flatten().collect(), direction.signed(size))?,
    })
}

/// Statements say what was booked; what is pending or for information would not add up.
fn status(node: &Node) -> Result<(), ReadError> {
    node.need("Cd", "status BOOK", |it| match it.text() {
        "BOOK" => Ok(()),
        other => Err(ReadError::value(other, "status BOOK")),
    })
}

/// The details of an entry that booked `amount`: a single one may leave the amount to the entry, several must add up to it.
fn with_amounts(mut details: Vec<(Option<Fen>, Detail)>, amount: Fen) -> Result<Vec<Detail>, ReadError> {
    if details.is_empty() {
        return Ok(vec![Detail::of(amount)]);
    }
    if let [(missing @ None, _)] = details.as_mut_slice() {
        *missing = Some(amount);
    }
    let mut sum = Fen::ZERO;
    let mut complete = Vec::with_capacity(details.len());
    for (index, (own, detail)) in details.into_iter().enumerate() {
        let own = own.ok_or_else(|| {
            ReadError::missing("an amount in yuan: the entry has several transactions")
                .within("Amt")
                .within_nth("TxDtls", index)
                .within("NtryDtls")
        })?;
        sum = sum.checked_add(own).map_err(|error| ReadError::document(error.to_string()))?;
        complete.push(Detail { amount: own, ..detail });
    }
    if sum == amount {
        return Ok(complete);
    }
    let shown = |it: Fen| format!("{} {}", Direction::of(it).code(), yuan(it));
    let expected = format!("{}, the sum of its transactions", shown(sum));
    Err(ReadError::value(shown(amount), expected).within("Amt"))
}

/// A transaction of an entry that goes `entry`'s way unless it says otherwise, and its amount if it says one.
fn detail(node: &Node, entry: Direction) -> Result<(Option<Fen>, Detail), ReadError> {
    let direction = node.maybe("CdtDbtInd", direction)?.unwrap_or(entry);
    let own = match node.maybe("Amt", currency_amount)? {
        Some(own) => Some(own),
        None => node.along(&["AmtDtls", "TxAmt", "Amt"], currency_amount)?,
    };
    let refs = node.maybe("Refs", |it| Ok((it.maybe("EndToEndId", text)?, it.maybe("PmtInfId", text)?)))?;
    let (end_to_end, group) = refs.unwrap_or_default();
    let remittance = node.maybe("RmtInf", |it| {
        let references =
            it.all("Strd", |strd| strd.along(&["CdtrRefInf", "Ref"], text))?.into_iter().flatten();
        Ok((it.all("Ustrd", text)?, references.collect::<Vec<Text35>>()))
    })?;
    let (remittance, references) = remittance.unwrap_or_default();
    let detail = Detail {
        end_to_end: end_to_end.filter(|it: &Text35| it.as_str() != NOT_PROVIDED),
        group,
        amount: Fen::ZERO,
        counterparty: counterparty(node, direction)?,
        remittance,
        reference: references.into_iter().next(),
        returned: node.maybe("RtrInf", returned)?,
    };
    Ok((own.map(|it| direction.signed(it)), detail))
}

/// Party, account and bank of the other side.
pub(super) const fn other_side(direction: Direction) -> [&'static str; 3] {
    match direction {
        Direction::Credit => ["Dbtr", "DbtrAcct", "DbtrAgt"],
        Direction::Debit => ["Cdtr", "CdtrAcct", "CdtrAgt"],
    }
}

fn counterparty(node: &Node, direction: Direction) -> Result<Counterparty, ReadError> {
    let [party, number, bank] = other_side(direction);
    Ok(Counterparty {
        name: node.along(&["RltdPties", party, "Pty", "Nm"], text)?,
        account: node.along(&["RltdPties", number, "Id"], account)?,
        bank: node.along(&["RltdAgts", bank, "FinInstnId", "ClrSysMmbId", "MmbId"], text)?,
    })
}

fn returned(node: &Node) -> Result<ReturnInfo, ReadError> {
    let own_words = node.along(&["Rsn", "Prtry"], text)?;
    let more = node.all("AddtlInf", text)?;
    Ok(ReturnInfo {
        reason: node.along(&["Rsn", "Cd"], |it| Ok(ReasonCode::new(it.text())?))?,
        text: own_words.into_iter().chain(more).collect(),
    })
}
