//! Layout profiles (`package.md`, Other layouts): a TOML file names the fields of a foreign layout, their encodings
//! and the field of the record that each feeds, and turns such files into packages and result files back, without
//! code. `docs/layouts.md` is the reference, with two worked examples.
//!
//! ```
//! use tongclear_layout::Profile;
//!
//! let profile = Profile::parse(include_str!("../../../fixtures/layouts/shop-csv.toml"))?;
//! let records = profile.read(include_bytes!("../../../fixtures/layouts/shop-csv.csv"))?;
//! assert_eq!(profile.write(&records)?, include_bytes!("../../../fixtures/layouts/shop-csv.csv"));
//!
//! let faults = profile.read(b"").unwrap_err();
//! assert!(faults.to_string().starts_with("file: header is missing, expected receipt, till"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Invariant:** no file, socket, clock or randomness is touched here: bytes in, bytes out.
//!
//! **Invariant:** nothing is dropped: every byte or column of a foreign record belongs to a field of its profile, and
//! a file with one bad record is refused whole.
//!
//! **Invariant:** no input can make anything here panic.

mod build;
mod codec;
mod describe;
mod encoding;
mod error;
mod format;
mod frame;
mod kind;
mod pack;
mod profile;
mod raw;
mod records;
mod result;
mod target;

pub use describe::FieldLine;
pub use error::{FAULTS_MAX, FileFault, FileFaults, PackError, Place, ProfileError, ResultError};
pub use pack::{SealedPackage, pack};
pub use profile::Profile;
