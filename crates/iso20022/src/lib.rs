//! ISO 20022 between the centre and its bank: payment orders out (`pain.001.001.09`, CustomerCreditTransferInitiation)
//! and statements in (`camt.053.001.08`, BankToCustomerStatement), each written and read, and a [`Bank`] in software that
//! turns the one into the other.
//!
//! Money is yuan on the wire (`Ccy="CNY"`, at most two decimals) and [`Fen`](tongclear_types::Fen) in values. Banks are
//! 12-digit CNAPS codes in `ClrSysMmbId` with clearing system code `CNAPS` (External Code Sets,
//! ExternalClearingSystemIdentification1Code); accounts are `Othr/Id`, China has no IBAN.
//!
//! ```
//! use tongclear_iso20022::{Bank, Movement, PaymentOrder, StatementFile, example};
//!
//! let order: PaymentOrder = example::order();
//! let sent = order.to_xml();
//! let mut bank = Bank::of(&order, tongclear_types::Fen::new(5_000_000)?);
//! let answer = bank.answer(&PaymentOrder::read(&sent[..])?, &[])?.to_xml();
//!
//! let file = StatementFile::read(&answer[..])?;
//! let entry = &file.statements[0].entries()[0];
//! let detail = &entry.details()[0];
//! assert_eq!(entry.movement(detail), Movement::Out);
//! assert_eq!(detail.end_to_end.as_ref().unwrap().as_str(), order.payments().next().unwrap().end_to_end.as_str());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Invariant:** bytes in, bytes out: no file, socket, clock or randomness; the same values give the same bytes.
//!
//! **Invariant:** what is written is read back equal, and validates against the public schemas.
//!
//! **Invariant:** no input can make a reader panic, nor hold more than a bounded multiple of the bytes it was given.

mod amount;
mod bank;
mod camt;
mod error;
pub mod example;
mod pain;
mod text;
mod xml;

pub use amount::Amount;
pub use bank::{Bank, BankError, Twist};
pub use camt::{
    Balance, Counterparty, Detail, Direction, Entry, Movement, ReturnInfo, Statement, StatementFile,
};
pub use error::{Fault, ReadError, ValueError};
pub use pain::{PAYMENTS_MAX, Party, Payment, PaymentGroup, PaymentOrder};
pub use text::{
    AccountNumber, Cnaps, EndToEndId, GroupId, MessageId, ReasonCode, Text, Text34, Text35, Text105, Text140,
};
pub use xml::{DEPTH_MAX, DOCUMENT_MAX, NODES_MAX};
