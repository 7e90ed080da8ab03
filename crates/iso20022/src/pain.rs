//! `pain.001.001.09`, CustomerCreditTransferInitiation: what the centre asks its bank to pay (付款指令).

mod read;
mod write;

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use tongclear_types::{BusinessDate, CivilMoment, Fen};

use crate::amount::Amount;
use crate::error::{ReadError, ValueError};
use crate::text::{AccountNumber, Cnaps, EndToEndId, GroupId, MessageId, Text140};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
const MESSAGE: &str = "CstmrCdtTrfInitn";

/// The most payments of one order; what is written stays below what is read (`DOCUMENT_MAX`).
pub const PAYMENTS_MAX: usize = 100_000;

/// Who pays or is paid, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Party {
    /// Name (`Nm`).
    pub name: Text140,
    /// Account (`Othr/Id`).
    pub account: AccountNumber,
    /// The account's bank (`ClrSysMmbId`).
    pub bank: Cnaps,
}

/// One payment (`CdtTrfTxInf`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Payment {
    /// What ties it to a line of a statement.
    pub end_to_end: EndToEndId,
    /// How much, in yuan.
    pub amount: Amount,
    /// To whom.
    pub creditor: Party,
    /// What the receiver reads (附言, `RmtInf/Ustrd`).
    pub remittance: Option<Text140>,
}

/// Payments with one debtor and one date (`PmtInf`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PaymentGroup {
    /// Its id.
    pub id: GroupId,
    /// The date on which the bank is to pay (`ReqdExctnDt`).
    pub execution: BusinessDate,
    /// Who pays.
    pub debtor: Party,
    /// What is paid.
    pub payments: Vec<Payment>,
}

impl PaymentGroup {
    /// The control sum (`CtrlSum`).
    ///
    /// # Errors
    /// [`ValueError`] when it has more digits than the schema allows.
    fn sum(&self) -> Result<Fen, ValueError> {
        sum(self.payments.iter().map(|payment| payment.amount.fen()))
    }
}

fn sum(amounts: impl Iterator<Item = Fen>) -> Result<Fen, ValueError> {
    let too_much = |it: &str| ValueError::new("control sum", it, format!("at most {} fen", Amount::MAX_FEN));
    let sum = Fen::try_sum(amounts).map_err(|_| too_much("beyond 2^62 fen"))?;
    if sum.get() > Amount::MAX_FEN {
        return Err(too_much(&sum.to_string()));
    }
    Ok(sum)
}

/// An order that can be sent: there is something to pay, no id comes twice, the sums can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOrder {
    message: MessageId,
    created: CivilMoment,
    initiator: Text140,
    groups: Vec<PaymentGroup>,
    sum: Fen,
}

impl PaymentOrder {
    /// An order of `groups`, made by `initiator` at `created` by the centre's clock; fractions of a second are dropped.
    ///
    /// # Errors
    /// [`ValueError`] when there is no group, a group without payments, more than [`PAYMENTS_MAX`] payments, a group id or
    /// end-to-end id that comes twice, or a sum beyond [`Amount::MAX_FEN`].
    pub fn new(
        message: MessageId,
        created: CivilMoment,
        initiator: Text140,
        groups: Vec<PaymentGroup>,
    ) -> Result<Self, ValueError> {
        if groups.is_empty() {
            return Err(ValueError::new("payment groups", 0, "at least one"));
        }
        if let Some(empty) = groups.iter().find(|group| group.payments.is_empty()) {
            return Err(ValueError::new("payment group", &empty.id, "at least one payment in it"));
        }
        let count: usize = groups.iter().map(|group| group.payments.len()).sum();
        if count > PAYMENTS_MAX {
            return Err(ValueError::new("payments", count, format!("at most {PAYMENTS_MAX}")));
        }
        let mut ids = BTreeSet::new();
        if let Some(twice) = groups.iter().find(|group| !ids.insert(&group.id)) {
            return Err(ValueError::new("payment group id", &twice.id, "each id once"));
        }
        let mut ids = BTreeSet::new();
        let mut payments = groups.iter().flat_map(|group| &group.payments);
        if let Some(twice) = payments.find(|payment| !ids.insert(&payment.end_to_end)) {
            return Err(ValueError::new("end-to-end id", &twice.end_to_end, "each id once"));
        }
        let mut sums = Vec::with_capacity(groups.len());
        for group in &groups {
            sums.push(group.sum()?);
        }
        let sum = sum(sums.into_iter())?;
        let created = created.with().subsec_nanosecond(0).build().unwrap_or(created);
        Ok(Self { message, created, initiator, groups, sum })
    }

    /// The message's id.
    #[must_use]
    pub const fn message(&self) -> &MessageId {
        &self.message
    }

    /// When it was made, by the centre's clock.
    #[must_use]
    pub const fn created(&self) -> CivilMoment {
        self.created
    }

    /// Who made it.
    #[must_use]
    pub const fn initiator(&self) -> &Text140 {
        &self.initiator
    }

    /// What is to be paid, by debtor and date.
    #[must_use]
    pub fn groups(&self) -> &[PaymentGroup] {
        &self.groups
    }

    /// What is to be paid, in the order of the groups.
    pub fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.groups.iter().flat_map(|group| &group.payments)
    }

    /// How many payments there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.payments().count()
    }

    /// The control sum over all payments.
    #[must_use]
    pub const fn sum(&self) -> Fen {
        self.sum
    }

    /// Reads a document, up to [`DOCUMENT_MAX`](crate::DOCUMENT_MAX) bytes.
    ///
    /// # Errors
    /// [`ReadError`] with the place, the value and what was expected.
    pub fn read(source: impl BufRead) -> Result<Self, ReadError> {
        read::document(source)
    }

    /// Writes the document.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(&self, to: impl io::Write) -> io::Result<()> {
        write::document(self, to)
    }

    /// The document's bytes.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes).expect("writing to memory does not fail");
        bytes
    }
}

#[cfg(test)]
mod tests;
