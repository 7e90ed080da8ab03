//! The statement of a merchant for programs: what it is paid, what it is not paid, and the proof.
//!
//! Nothing stands in it that the proof does not cover or that does not follow from what it covers, except what was
//! carried in from the window before. `docs/proofs.md` says what each field is.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongclear_ledger::Position;
use tongclear_package::DetailRow;
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CollectorId, Disposition, DispositionTallies, Fen, IssuerId,
    MerchantCode, PackageSequence, Reason, Serial, TerminalId, TerminalNumber, Tti, Verdict,
};

use crate::account::{AdjustmentLine, Figure, PackageLine};
use crate::branch::Branch;
use crate::hash::Hash;
use crate::section::Section;

/// The format of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// The only one there is.
    #[serde(rename = "tongclear statement 1")]
    One,
}

/// What a merchant gets of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What this is.
    pub format: Format,
    /// The business date.
    pub window: BusinessDate,
    /// Whose statement.
    pub merchant: MerchantCode,
    /// What it is called.
    pub name: String,
    /// What it is called in English.
    pub name_en: String,
    /// What became of its records.
    pub dispositions: DispositionTallies,
    /// Its money, by operator and contract.
    pub figures: Vec<Figure>,
    /// Decisions, by reference and origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<AdjustmentLine>,
    /// On which day an amount carried in moves when there is no figure.
    pub idle_value_date: BusinessDate,
    /// Net positions, by value date.
    pub positions: Vec<PositionLine>,
    /// Its packages, by collector and sequence.
    pub packages: Vec<PackageLine>,
    /// Its records that were not accepted, by partition in the order of the export.
    pub unpaid: Vec<UnpaidRecord>,
    /// The way to the root.
    pub proof: Proof,
}

/// The way from a statement to the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The merchant's sections, by partition.
    pub sections: Vec<Section>,
    /// Hash of the packages.
    pub packages: Hash,
    /// Hash of names and figures.
    pub figures: Hash,
    /// Hash of the merchant's leaf.
    pub leaf: Hash,
    /// What stands beside the way to the top, from the leaf upwards.
    pub path: Vec<Branch>,
    /// Merchants in the tree.
    pub merchants: u32,
    /// Records of the window.
    pub records: u64,
    /// The sum of their amounts.
    pub amount_fen: Fen,
    /// Digest of the run.
    pub digest: Hash,
    /// The root.
    pub root: Hash,
}

/// What the merchant receives on one value date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of a position")]
pub struct PositionLine {
    pub value_date: BusinessDate,
    pub gross_fen: Fen,
    pub fee_fen: Fen,
    pub concession_fen: Fen,
    pub load_fen: Fen,
    pub adjustments_fen: Fen,
    pub carried_in_fen: Fen,
    pub net_fen: Fen,
    pub carried_out_fen: Fen,
}

impl From<&Position> for PositionLine {
    fn from(position: &Position) -> Self {
        Self {
            value_date: position.value_date,
            gross_fen: position.gross,
            fee_fen: position.fee,
            concession_fen: position.concession,
            load_fen: position.load,
            adjustments_fen: position.adjustments,
            carried_in_fen: position.carried_in,
            net_fen: position.net,
            carried_out_fen: position.carried_out,
        }
    }
}

/// A record that was not accepted: the columns of the export but the two that only accepted records have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the columns of the export")]
pub struct UnpaidRecord {
    pub merchant: MerchantCode,
    pub collector: CollectorId,
    pub package_sequence: PackageSequence,
    pub row: u32,
    pub issuer_id: IssuerId,
    pub serial: Serial,
    #[serde(with = "digits")]
    pub tti: [u8; 1],
    pub offline_counter: u16,
    pub online_counter: u16,
    pub terminal: TerminalId,
    pub terminal_number: TerminalNumber,
    pub amount_fen: u32,
    pub list_price_fen: u32,
    pub balance_before_fen: u32,
    pub balance_after_fen: u32,
    #[serde(with = "digits")]
    pub date: [u8; 4],
    #[serde(with = "digits")]
    pub time: [u8; 3],
    pub disposition: Disposition,
    /// None for duplicates.
    pub reason: Option<Reason>,
}

impl From<&DetailRow> for UnpaidRecord {
    fn from(row: &DetailRow) -> Self {
        Self {
            merchant: row.merchant,
            collector: row.collector,
            package_sequence: row.package_sequence,
            row: row.row,
            issuer_id: row.issuer,
            serial: row.serial,
            tti: [row.tti.0],
            offline_counter: row.offline_counter,
            online_counter: row.online_counter,
            terminal: row.terminal,
            terminal_number: row.terminal_number,
            amount_fen: row.amount_fen,
            list_price_fen: row.list_price_fen,
            balance_before_fen: row.balance_before_fen,
            balance_after_fen: row.balance_after_fen,
            date: row.date.0,
            time: row.time.0,
            disposition: row.verdict.disposition(),
            reason: row.verdict.reason(),
        }
    }
}

impl UnpaidRecord {
    /// The row of the export; none when disposition and reason do not belong together, or it was accepted.
    #[must_use]
    pub fn detail(&self) -> Option<DetailRow> {
        let verdict = self.reason.map_or(Verdict::Duplicate, Verdict::Refused);
        (verdict.disposition() == self.disposition).then_some(DetailRow {
            merchant: self.merchant,
            collector: self.collector,
            package_sequence: self.package_sequence,
            row: self.row,
            issuer: self.issuer_id,
            serial: self.serial,
            tti: Tti(self.tti[0]),
            offline_counter: self.offline_counter,
            online_counter: self.online_counter,
            terminal: self.terminal,
            terminal_number: self.terminal_number,
            amount_fen: self.amount_fen,
            list_price_fen: self.list_price_fen,
            balance_before_fen: self.balance_before_fen,
            balance_after_fen: self.balance_after_fen,
            date: BcdDate(self.date),
            time: BcdTime(self.time),
            verdict,
            fee_fen: None,
        })
    }
}

/// Bytes as lower-case hex digits.
mod digits {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(&text, &mut bytes)
            .map_err(|_| D::Error::custom(format_args!("{text:?} is not {} hex digits", 2 * N)))?;
        Ok(bytes)
    }
}

/// Why a file is no statement, or no published root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Statement {
    /// Reads a statement. White space and the order of fields are free; every value has one spelling.
    ///
    /// # Errors
    /// [`Malformed`] with the place and what is wrong there.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        parse(json)
    }

    /// The file: one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec(self).expect("every field is a plain value");
        json.push(b'\n');
        json
    }
}

impl crate::PublishedRoot {
    /// Reads a published root, as [`Statement::parse`] reads a statement.
    ///
    /// # Errors
    /// [`Malformed`] with the place and what is wrong there.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        parse(json)
    }

    /// The file, for people to read.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("every field is a plain value");
        json.push(b'\n');
        json
    }
}

fn parse<T: Serialize + serde::de::DeserializeOwned>(json: &[u8]) -> Result<T, Malformed> {
    let malformed = |error: serde_json::Error| Malformed(error.to_string());
    let parsed: T = serde_json::from_slice(json).map_err(malformed)?;
    // What was read must be what is there: a value that could be spelled in two ways could be changed unseen.
    let read = serde_json::to_value(&parsed).map_err(malformed)?;
    let there: Value = serde_json::from_slice(json).map_err(malformed)?;
    match difference(&there, &read, String::new()) {
        None => Ok(parsed),
        Some((place, there, read)) => Err(Malformed(format!("{place} is {there}, expected {read}"))),
    }
}

/// The first place where two values differ, with both.
fn difference(there: &Value, read: &Value, place: String) -> Option<(String, Value, Value)> {
    match (there, read) {
        (Value::Object(there), Value::Object(read)) if there.len() == read.len() => {
            there.iter().find_map(|(name, value)| {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                difference(value, read.get(name).unwrap_or(&Value::Null), place)
            })
        }
        (Value::Array(there), Value::Array(read)) if there.len() == read.len() => (0..)
            .zip(there.iter().zip(read))
            .find_map(|(i, (there, read))| difference(there, read, format!("{place}[{i}]"))),
        _ => (there != read).then(|| (place, there.clone(), read.clone())),
    }
}
