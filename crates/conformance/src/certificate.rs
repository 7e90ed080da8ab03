//! The certificate: which packages were examined, when, by which version, and that every rule was kept.
//!
//! Beside its content stands a SHA-256 over it. That is a checksum, which tells a certificate that was damaged or
//! edited carelessly; it is no signature, and proves nothing of who gave it. Whoever must know examines the packages
//! again: their hashes are in it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tongclear_types::{CollectorId, MerchantCode, PackageSequence};

use crate::coverage::Demand;
use crate::report::Report;
use crate::rule::Rule;

/// What the first field says.
const FORMAT: &str = "tongclear conformance certificate 1";

/// A certificate. Serialised, its fields stand in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    content: Content,
    /// SHA-256 of the content as JSON without white space, hex.
    checksum: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    date: Date,
    tool: String,
    centre: String,
    collectors: Vec<CertifiedCollector>,
    packages: Vec<CertifiedPackage>,
    records: u64,
    amount_fen: u64,
    terminals: u64,
    cards: u64,
    rules: Vec<Rule>,
    coverage: Vec<CertifiedCoverage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertifiedCollector {
    collector: CollectorId,
    merchant: MerchantCode,
    first_sequence: PackageSequence,
    last_sequence: PackageSequence,
    packages: u64,
    records: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertifiedPackage {
    name: String,
    sha256: String,
    records: u64,
    amount_fen: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertifiedCoverage {
    demand: Demand,
    found: u64,
    needed: u64,
}

/// Why a file is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It is not the JSON of one.
    #[error("not a certificate: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of another kind.
    #[error("format is {found:?}, expected {FORMAT:?}")]
    Format {
        /// What it says.
        found: String,
    },
    /// It was changed.
    #[error("checksum is {found}, expected {expected} for this content")]
    Checksum {
        /// What it says.
        found: String,
        /// What its content demands.
        expected: String,
    },
}

impl Certificate {
    /// The certificate of what `report` examined, given on `date` by `tool` under the registry of `centre`; none
    /// when it does not deserve one.
    #[must_use]
    pub fn of(report: &Report, date: Date, tool: &str, centre: &str) -> Option<Self> {
        if !report.is_certified() {
            return None;
        }
        let collectors = report.collectors().into_iter().map(|it| {
            Some(CertifiedCollector {
                collector: it.collector,
                merchant: it.merchant?,
                first_sequence: it.first_sequence,
                last_sequence: it.last_sequence,
                packages: it.packages,
                records: it.records,
            })
        });
        let packages = report.packages.iter().map(|it| CertifiedPackage {
            name: it.file_name().to_owned(),
            sha256: it.sha256.clone(),
            records: it.records,
            amount_fen: it.amount_fen,
        });
        let coverage = report.coverage.iter().map(|it| CertifiedCoverage {
            demand: it.demand,
            found: it.found,
            needed: it.needed,
        });
        let content = Content {
            format: FORMAT.to_owned(),
            date,
            tool: tool.to_owned(),
            centre: centre.to_owned(),
            collectors: collectors.collect::<Option<_>>()?,
            packages: packages.collect(),
            records: report.counts.records,
            amount_fen: report.counts.amount_fen,
            terminals: report.counts.terminals,
            cards: report.counts.cards,
            rules: Rule::ALL.to_vec(),
            coverage: coverage.collect(),
        };
        Some(Self { checksum: content.checksum(), content })
    }

    /// Reads a certificate and holds it against its checksum.
    ///
    /// # Errors
    /// [`CertificateError`] when it is none, or was changed.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        let certificate: Self = serde_json::from_slice(bytes)?;
        if certificate.content.format != FORMAT {
            return Err(CertificateError::Format { found: certificate.content.format });
        }
        let expected = certificate.content.checksum();
        if certificate.checksum != expected {
            return Err(CertificateError::Checksum { found: certificate.checksum, expected });
        }
        Ok(certificate)
    }

    /// The file: JSON for people to read, ending in a line feed.
    ///
    /// # Panics
    /// Never: every value has a JSON form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_string_pretty(self).expect("plain data has a JSON form");
        text.push('\n');
        text.into_bytes()
    }

    /// The checksum, 64 hex digits.
    #[must_use]
    pub fn checksum(&self) -> &str {
        &self.checksum
    }
}

impl Content {
    fn checksum(&self) -> String {
        let canonical = serde_json::to_vec(self).expect("plain data has a JSON form");
        hex::encode(Sha256::digest(canonical))
    }
}

#[cfg(test)]
mod tests;
