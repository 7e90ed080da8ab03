//! From a bank's statement to rows: what each transaction is, and what of ours it names.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_iso20022::{Detail, Entry, Movement, StatementFile, Text140};
use tongclear_ledger::{BankMove, Reference};
use tongclear_store::Digest;
use tongclear_store::payouts::{BankEntryRow, BankStatementRow};

use super::book::Book;
use crate::EngineError;

/// The most characters of what an entry names that are kept.
const NAMES_MAX: usize = 280;

/// The rows of a file under the number `file`: its statements, and each transaction, those that were seen before included.
pub(crate) fn entries_of(
    read: &StatementFile,
    file: u32,
    book: &Book,
) -> Result<(Vec<BankStatementRow>, Vec<BankEntryRow>), EngineError> {
    let ours = Ours::of(book);
    let (mut statements, mut entries) = (Vec::new(), Vec::new());
    let mut number = 0;
    for (place, statement) in (1..).zip(&read.statements) {
        statements.push(BankStatementRow {
            file,
            statement: place,
            id: statement.id().to_string(),
            account: statement.account().to_string(),
            opening: (statement.opening().date, statement.opening().amount),
            closing: (statement.closing().date, statement.closing().amount),
        });
        // Equal transactions of one statement are told apart by their order.
        let mut equal = BTreeMap::<String, u32>::new();
        for entry in statement.entries() {
            for detail in entry.details() {
                number += 1;
                let said = said(entry, detail);
                let nth = equal.entry(said.clone()).or_default();
                *nth += 1;
                let movement = movement(entry, detail);
                entries.push(BankEntryRow {
                    file,
                    entry: number,
                    statement: place,
                    key: Digest::of(format!("tongclear bank entry 1\n{said}{nth}\n").as_bytes()),
                    bank_reference: entry.reference().map(ToString::to_string),
                    booked: entry.booked(),
                    value_date: entry.value(),
                    movement,
                    amount: detail.amount,
                    reference: ours.named(movement, detail),
                    names: names(detail),
                    reason: reason(detail),
                });
            }
        }
    }
    Ok((statements, entries))
}

fn movement(entry: &Entry, detail: &Detail) -> BankMove {
    match entry.movement(detail) {
        Movement::Out => BankMove::Out,
        Movement::Back if entry.is_reversal() => BankMove::Rejected,
        Movement::Back => BankMove::Returned,
        Movement::In => BankMove::In,
        Movement::InUndone => BankMove::InUndone,
    }
}

/// Everything that a transaction says, a line each; no text of the standard has a line feed.
fn said(entry: &Entry, detail: &Detail) -> String {
    let dash = || "-".to_owned();
    let or_dash = |text: Option<String>| text.unwrap_or_else(dash);
    let party = &detail.counterparty;
    let lines = [
        or_dash(entry.reference().map(ToString::to_string)),
        entry.booked().to_string(),
        entry.value().to_string(),
        entry.is_reversal().to_string(),
        detail.amount.to_string(),
        or_dash(detail.end_to_end.as_ref().map(ToString::to_string)),
        or_dash(detail.group.as_ref().map(ToString::to_string)),
        or_dash(detail.reference.as_ref().map(ToString::to_string)),
        or_dash(party.account.as_ref().map(ToString::to_string)),
        detail.remittance.iter().map(Text140::as_str).collect::<Vec<_>>().join("\t"),
        or_dash(reason(detail)),
    ];
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn reason(detail: &Detail) -> Option<String> {
    let returned = detail.returned.as_ref()?;
    let code = returned.reason.as_ref().map(ToString::to_string);
    let words: Vec<String> = code.into_iter().chain(returned.text.iter().map(ToString::to_string)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What a transaction names, for people: its end-to-end id, what the payer quotes, and the lines that came with it.
fn names(detail: &Detail) -> String {
    let ids = [&detail.end_to_end, &detail.reference].into_iter().flatten().map(ToString::to_string);
    let payer = detail.counterparty.name.iter().map(ToString::to_string);
    let lines = detail.remittance.iter().map(ToString::to_string);
    let all: Vec<String> = ids.chain(payer).chain(lines).collect();
    all.join(" / ").chars().take(NAMES_MAX).collect()
}

/// What of ours a transaction may name.
struct Ours {
    payments: BTreeSet<Reference>,
    collections: BTreeSet<Reference>,
}

impl Ours {
    fn of(book: &Book) -> Self {
        Self {
            payments: book.payments.iter().map(|line| line.payment.reference).collect(),
            collections: book.collections.iter().map(|it| it.reference).collect(),
        }
    }

    /// A payment is named by its end-to-end id; a collection wherever payers write what they were told to quote.
    fn named(&self, movement: BankMove, detail: &Detail) -> Option<Reference> {
        let parsed = |text: &str| text.parse::<Reference>().ok();
        let id = detail.end_to_end.as_ref().and_then(|it| parsed(it.as_str()));
        match movement {
            BankMove::Out | BankMove::Returned | BankMove::Rejected => {
                id.filter(|it| self.payments.contains(it))
            }
            BankMove::In | BankMove::InUndone => {
                let quoted = detail.reference.as_ref().and_then(|it| parsed(it.as_str()));
                let lines = detail.remittance.iter().map(Text140::as_str);
                let words = lines.flat_map(str::split_whitespace).filter_map(parsed);
                id.into_iter().chain(quoted).chain(words).find(|it| self.collections.contains(it))
            }
        }
    }
}
