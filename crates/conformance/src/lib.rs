//! What is wrong with an integrator's packages, record by record, and the certificate of those that are right.
//!
//! An integrator sends what a new terminal or collector wrote; [`examine()`] says of every package what the door would
//! refuse, of every record what the clearing would not pay, and of both what `package.md` does not allow although
//! nobody at the centre looks. `docs/conformance.md` lists the rules.
//!
//! ```
//! use tongclear_conformance::{PackageFile, Rule, examine};
//! # let toml = include_str!("../../../fixtures/layouts/registry/registry.toml");
//! # let terminals = include_bytes!("../../../fixtures/layouts/registry/terminals.csv");
//! # let registry = tongclear_registry::Registry::parse(toml, terminals).unwrap();
//! let mut bytes = include_bytes!("../../../fixtures/layouts/6510000000f1-0000000001.ctp").to_vec();
//! bytes[128 + 3] += 1;
//! let file = PackageFile { name: "6510000000f1-0000000001.ctp", bytes: &bytes };
//! let report = examine(&[file], &registry, None);
//! let broken: Vec<Rule> = report.findings.kept().map(|finding| finding.rule).collect();
//! assert_eq!(broken, [Rule::AmountSum, Rule::Balance, Rule::ListPrice]);
//! assert!(!report.is_certified());
//! ```
//!
//! **Invariant:** no file, socket, clock or randomness is touched here.
//!
//! **Invariant:** no bytes can make anything here panic.

mod certificate;
mod chain;
mod coverage;
mod examine;
mod field;
mod finding;
mod package;
mod record;
mod records;
mod report;
mod rule;
mod tacs;

pub use certificate::{Certificate, CertificateError};
pub use coverage::{Covered, Demand};
pub use examine::{PackageFile, examine};
pub use finding::{FINDINGS_MAX, Finding, Findings};
pub use report::{Counts, ExaminedCollector, ExaminedPackage, FAILURE_COLUMNS, Report};
pub use rule::{Rule, Severity};
