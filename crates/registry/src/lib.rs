//! Who takes part: operators, merchants, collectors, terminals, contracts and calendars; parsed and validated whole.
//!
//! A registry comes as two files, `registry.toml` and `terminals.csv` (`cli.md`), and is taken or refused whole:
//! a [`Registry`] that exists holds everything its checks promise.
//!
//! **Invariant:** no IO; texts and bytes in, values or errors with file, line and value out.

mod changes;
mod contract_draft;
mod error;
mod index;
mod model;
mod read;
mod registry;
mod validate;

pub use changes::{Changes, KindChanges};
pub use contract_draft::ContractDraft;
pub use error::{ERRORS_MAX, RegistryError, SourceFile, StoredRegistryError};
pub use model::{CARD_PARTITIONS_MAX, Centre, Collector, Merchant, Operator, RegistryData, TerminalRow};
pub use registry::Registry;
