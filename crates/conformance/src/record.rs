//! One record by itself: the checks that the centre makes of it (`clearing.md`, 1 to 11, without the window's date),
//! and what `package.md` says of fields that the centre does not look at.

use tongclear_mac::Algorithm;
use tongclear_package::{RECORD_LEN, SectorData, SectorDataError};
use tongclear_registry::{Operator, Registry};
use tongclear_types::{Chain, MerchantCode, RecordFlags, Sector, TransactionRecord};

use crate::field::{Field, record as at};
use crate::finding::{Findings, Place};
use crate::rule::Rule;

/// The flag bits that have a meaning.
const FLAGS: u8 = RecordFlags::SUPPLEMENTARY | RecordFlags::DEGRADED | RecordFlags::TEST_CARD;

/// A record and where it stands.
pub(crate) struct Candidate<'a> {
    pub(crate) place: (Place, &'a str),
    /// The package's merchant, if its code has the form.
    pub(crate) merchant: Option<MerchantCode>,
    pub(crate) bytes: &'a [u8; RECORD_LEN],
    pub(crate) record: &'a TransactionRecord,
}

impl Candidate<'_> {
    fn wrong(&self, findings: &mut Findings, rule: Rule, field: Field, expected: impl Into<String>) {
        findings.field(rule, self.place, field, self.bytes, expected);
    }

    /// Everything but key and TAC, which are verified for many records at once. Says whose card it is.
    pub(crate) fn check<'r>(&self, registry: &'r Registry, findings: &mut Findings) -> Option<&'r Operator> {
        self.check_form(findings);
        self.check_terminal(registry, findings);
        let operator = registry.operator_by_issuer(&self.record.issuer).map(|(_, operator)| operator);
        if operator.is_none() {
            self.wrong(findings, Rule::IssuerRegistered, at::ISSUER, "the issuer id of a card operator");
        }
        self.check_money(registry, operator, findings);
        self.check_sector(registry, findings);
        operator
    }

    fn check_form(&self, findings: &mut Findings) {
        let record = self.record;
        if record.date.to_civil().is_none() {
            self.wrong(findings, Rule::DateTime, at::DATE, "a date YYYYMMDD from 2000 to 2099 in BCD");
        }
        if record.time.to_civil().is_none() {
            self.wrong(findings, Rule::DateTime, at::TIME, "a time hhmmss in BCD");
        }
        if record.tti.chain().is_none() {
            self.wrong(findings, Rule::TransactionType, at::TTI, "02, 05, 06 or 09");
        }
        if record.flags.has(RecordFlags::TEST_CARD) {
            self.wrong(findings, Rule::TestCard, at::FLAGS, "bit 2 clear: test cards are not paid");
        }
        if record.flags.0 & !FLAGS != 0 {
            self.wrong(findings, Rule::ReservedFlags, at::FLAGS, "bits 3 to 7 zero");
        }
        if Algorithm::from_record_byte(record.algorithm).is_none() {
            self.wrong(findings, Rule::Algorithm, at::ALGORITHM, "00, 01 or 04");
        }
        let is_bcd = |byte: &u8| byte >> 4 <= 9 && byte & 0x0f <= 9;
        if !record.serial.0.iter().all(is_bcd) {
            self.wrong(findings, Rule::SerialDigits, at::SERIAL, "20 decimal digits");
        }
    }

    fn check_terminal(&self, registry: &Registry, findings: &mut Findings) {
        let record = self.record;
        if registry.terminal(&record.terminal).is_none() {
            self.wrong(findings, Rule::TerminalRegistered, at::TERMINAL, "a registered terminal");
            return;
        }
        let (Some(merchant), Some(date)) = (self.merchant, record.date.to_civil()) else { return };
        if !registry.in_service(&record.terminal, merchant, date) {
            let expected = format!("a terminal in service for {merchant} on {date}");
            self.wrong(findings, Rule::TerminalInService, at::TERMINAL, expected);
        }
    }

    fn check_money(&self, registry: &Registry, operator: Option<&Operator>, findings: &mut Findings) {
        let record = self.record;
        let (before, amount) = (i64::from(record.balance_before_fen), i64::from(record.amount_fen));
        let expected = match record.tti.chain() {
            Some(Chain::Load) => Some((before + amount, '+')),
            Some(Chain::Purchase) => Some((before - amount, '-')),
            None => None,
        };
        if let Some((after, sign)) =
            expected.filter(|(after, _)| *after != i64::from(record.balance_after_fen))
        {
            let expected = format!("{before} {sign} {amount} = {after} fen");
            self.wrong(findings, Rule::Balance, at::BALANCE_AFTER, expected);
        }
        if record.list_price_fen < record.amount_fen {
            let expected = format!("the amount, {amount} fen, or more");
            self.wrong(findings, Rule::ListPrice, at::LIST_PRICE, expected);
        }
        let (Some(merchant), Some(operator), Some(date)) = (self.merchant, operator, record.date.to_civil())
        else {
            return;
        };
        match registry.contracts().find(merchant, operator.code, date) {
            None => {
                let expected = format!("a contract of {merchant} with operator {} on {date}", operator.code);
                self.wrong(findings, Rule::Contract, at::DATE, expected);
            }
            Some((_, contract)) if amount > contract.amount_limit.get() => {
                let expected = format!("at most {} fen, the contract's limit", contract.amount_limit);
                self.wrong(findings, Rule::AmountLimit, at::AMOUNT, expected);
            }
            Some(_) => {}
        }
    }

    fn check_sector(&self, registry: &Registry, findings: &mut Findings) {
        let byte = self.record.sector;
        let merchants = self.merchant.and_then(|code| registry.merchant(&code)).map(|it| it.sector);
        let expected = merchants.and_then(|sector| Some((sector, sector.byte()?)));
        if let Some((sector, right)) = expected.filter(|(_, right)| *right != byte) {
            self.wrong(findings, Rule::Sector, at::SECTOR, format!("{right:02x}, {sector} as the merchant"));
        }
        let Some(sector) = Sector::ALL.into_iter().find(|sector| sector.byte() == Some(byte)) else {
            if expected.is_none() {
                self.wrong(findings, Rule::Sector, at::SECTOR, "01 to 07");
            }
            return;
        };
        match SectorData::parse(sector, &self.record.sector_data) {
            Err(SectorDataError { field, expected, .. }) => {
                self.wrong(findings, Rule::SectorData, sector_field(sector, field), expected);
            }
            Ok(SectorData::Ride(ride)) => {
                let nothing = ride.entry_date.0 == [0; 4] && ride.entry_time.0 == [0; 3];
                if !nothing && ride.entry_date.to_civil().is_none() {
                    self.wrong(
                        findings,
                        Rule::SectorData,
                        at::ENTRY_DATE,
                        "a date YYYYMMDD in BCD, or zeros",
                    );
                }
                if !nothing && ride.entry_time.to_civil().is_none() {
                    self.wrong(findings, Rule::SectorData, at::ENTRY_TIME, "a time hhmmss in BCD, or zeros");
                }
            }
            Ok(_) => {}
        }
    }
}

/// Where a field of sector data lies.
fn sector_field(sector: Sector, field: &str) -> Field {
    let (first, reserved) = match sector {
        Sector::Bus | Sector::Metro => (at::ENTRY_DATE, at::RIDE_RESERVED),
        Sector::Water | Sector::Power | Sector::Gas => (at::ACCOUNT, at::BILL_RESERVED),
        Sector::Commerce | Sector::Load | Sector::Sponsor => (at::TILL_REFERENCE, at::TILL_RESERVED),
    };
    match field {
        "reserved" => reserved,
        "billing_period" => at::BILLING_PERIOD,
        _ => first,
    }
}
