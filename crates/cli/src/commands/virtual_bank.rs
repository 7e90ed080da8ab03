//! `virtual-bank`: a bank in software that answers a payment order with a statement, for integrators and tests.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tongclear_iso20022::{
    AccountNumber, Amount, Bank, BankError, Cnaps, EndToEndId, Party, PaymentOrder, ReasonCode, Text140,
    Twist, ValueError,
};
use tongclear_types::{BusinessDate, Fen};

use crate::exit::{CliError, DONE};
use crate::out_file::write_file;
use crate::output::Output;

/// What the account holds before: enough for whatever is ordered, so that a simulated bank never runs dry.
const BALANCE: i64 = 1_000_000_000_000;

/// Examples for `--help`.
pub(crate) const EXAMPLES: &str = "\
Pays what the order says, but for what the options make of single payments, and writes the statement (camt.053) that \
`payout confirm` takes in. REF is a payment's end-to-end id.

Example · 示例:
  tongclear virtual-bank --payout pain.001.xml --out camt.053.xml
  tongclear virtual-bank --payout pain.001.xml --out camt.053.xml --return CDT-BUS00001-20261124=AC04
  tongclear virtual-bank --payout pain.001.xml --out camt.053.xml --short CDT-BUS00001-20261124=9000 --collect CDT-0417-20261124=250000";

#[derive(Debug, Args)]
pub(crate) struct VirtualBank {
    /// The order, pain.001
    #[arg(long, value_name = "FILE")]
    payout: PathBuf,
    /// The statement to write, camt.053
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The statement's date; the order's by default
    #[arg(long, value_name = "DATE")]
    date: Option<BusinessDate>,
    /// A payment that leaves and comes back, with the reason
    #[arg(long = "return", value_name = "REF=CODE")]
    returns: Vec<String>,
    /// A payment that the bank does not let out, with the reason
    #[arg(long, value_name = "REF=CODE")]
    reject: Vec<String>,
    /// A payment of which another amount is paid
    #[arg(long, value_name = "REF=FEN")]
    short: Vec<String>,
    /// A payment that the statement does not have
    #[arg(long, value_name = "REF")]
    miss: Vec<String>,
    /// Money that somebody pays in, quoting a collection's reference or anything else
    #[arg(long, value_name = "TEXT=FEN")]
    collect: Vec<String>,
}

pub(crate) fn run(options: &VirtualBank, output: &Output) -> anyhow::Result<u8> {
    let bytes = std::fs::read(&options.payout).map_err(|error| CliError::reading(&options.payout, error))?;
    let order = PaymentOrder::read(&bytes[..])
        .map_err(|error| CliError::Refused(format!("{}: {error}", options.payout.display())))?;
    let twists = twists(options)?;
    let balance = Fen::new(BALANCE).map_err(|error| CliError::Refused(error.to_string()))?;
    let mut bank = Bank::of(&order, balance);
    let last = order.groups().iter().map(|group| group.execution).max();
    let answer = match options.date.or(last) {
        Some(date) => bank.statement(date, &[&order], &twists),
        None => bank.answer(&order, &twists),
    };
    let answer = answer.map_err(|error: BankError| CliError::Refused(error.to_string()))?;
    write_file(&options.out, &answer.to_xml())?;
    let entries: usize = answer.statements.iter().map(|it| it.entries().len()).sum();
    let out = options.out.display().to_string();
    output.result(&json!({ "out": out, "payments": order.count(), "entries": entries }), || {
        output.pick(
            format!("{} 笔付款，{entries} 条明细，已写入 {out}", order.count()),
            format!("{} payments, {entries} entries, written to {out}", order.count()),
        )
    })?;
    Ok(DONE)
}

fn twists(options: &VirtualBank) -> Result<Vec<Twist>, CliError> {
    let mut twists = Vec::new();
    for it in &options.returns {
        let (payment, reason) = reason("--return", it)?;
        twists.push(Twist::Returned { payment, reason, text: None });
    }
    for it in &options.reject {
        let (payment, reason) = reason("--reject", it)?;
        twists.push(Twist::Rejected { payment, reason, text: None });
    }
    for it in &options.short {
        let (payment, paid) = split("--short", it)?;
        twists.push(Twist::Short { payment: id(payment)?, paid: amount("--short", paid)? });
    }
    for it in &options.miss {
        twists.push(Twist::Missing { payment: id(it)? });
    }
    for it in &options.collect {
        let (quotes, paid) = split("--collect", it)?;
        let payer = party().map_err(usage)?;
        let remittance = Text140::new("--collect", quotes).map_err(usage)?;
        twists.push(Twist::Collected { payer, amount: amount("--collect", paid)?, remittance });
    }
    Ok(twists)
}

fn party() -> Result<Party, ValueError> {
    Ok(Party {
        name: Text140::new("name", "付款方")?,
        account: AccountNumber::new("6229000000000000001")?,
        bank: Cnaps::new("104651000000")?,
    })
}

fn split<'a>(option: &str, text: &'a str) -> Result<(&'a str, &'a str), CliError> {
    let parts = text.rsplit_once('=');
    parts.ok_or_else(|| {
        CliError::Usage(format!("{option} is {text:?}: expected two parts with = between them"))
    })
}

fn reason(option: &str, text: &str) -> Result<(EndToEndId, ReasonCode), CliError> {
    let (payment, code) = split(option, text)?;
    Ok((id(payment)?, ReasonCode::new(code).map_err(usage)?))
}

fn id(text: &str) -> Result<EndToEndId, CliError> {
    EndToEndId::new(text).map_err(usage)
}

fn amount(option: &str, text: &str) -> Result<Amount, CliError> {
    let fen = text.parse().ok().and_then(|fen| Fen::new(fen).ok());
    let fen = fen.ok_or_else(|| CliError::Usage(format!("{option}: {text:?} is not a number of fen")))?;
    Amount::new(fen).map_err(usage)
}

fn usage(error: ValueError) -> CliError {
    CliError::Usage(error.to_string())
}
