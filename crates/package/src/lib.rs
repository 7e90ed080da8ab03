//! Packages, lists, result files and detail rows: parse, write, validate; bytes in, bytes out, no IO.
//!
//! The layouts are those of `package.md` and `cli.md`, to the byte.
//!
//! ```
//! use tongclear_mac::{SealAlgorithm, SealMaster};
//! use tongclear_package::{Door, PackageHeaderFields, admit, write_package};
//! use tongclear_types::{CollectorId, MerchantCode, PackageSequence};
//!
//! /// A centre with one collector and one seal master.
//! struct Centre(CollectorId, MerchantCode, SealMaster);
//!
//! impl Door for Centre {
//!     fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode> {
//!         (collector == self.0).then_some(self.1)
//!     }
//!     fn seal_master(&self, version: u32) -> Option<&SealMaster> {
//!         (version == 1).then_some(&self.2)
//!     }
//! }
//!
//! let master = SealMaster::new(SealAlgorithm::HmacSha256, [7; 32]);
//! let centre = Centre("6510000000f1".parse()?, "BUS00001".parse()?, master.clone());
//! let fields = PackageHeaderFields {
//!     merchant: centre.1,
//!     collector: centre.0,
//!     sequence: PackageSequence(1),
//!     created_at_unix_s: 1_795_500_000,
//!     seal_key_version: 1,
//!     previous_seal: [0; 8],
//! };
//! let mut bytes = write_package(&fields, &[], &master);
//! assert_eq!(admit(&bytes, &centre)?.header().record_count, 0);
//!
//! bytes[4] = 9;
//! let refusal = admit(&bytes, &centre).expect_err("there is no version 9");
//! assert_eq!(refusal.to_string(), "malformed_package: version is 2305, expected 1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Invariant:** no file, socket, clock or randomness is touched here; writers take any [`std::io::Write`].
//!
//! **Invariant:** no input can make anything here panic, and nothing read from input decides how much memory
//! is taken before its length was checked.

mod deny_list;
mod detail;
mod door;
mod fields;
mod form;
#[doc(hidden)]
pub mod fuzzing;
mod header;
mod list_error;
mod operator_file;
mod record;
mod refusal;
mod result_file;
mod sector_data;
mod trailer;
mod view;
mod wire;
mod write;

pub use deny_list::{DenyList, Guard, Predecessor, check_successor};
pub use detail::{CANONICAL_LEN, DETAIL_COLUMNS, DetailCsv, DetailRow, TRUTH_COLUMNS, TruthCsv};
pub use door::{Door, Neighbours, admit, peek_key, place};
pub use header::{HEADER_LEN, PACKAGE_LEN_MAX, PackageHeader, RECORD_LEN, RECORDS_MAX, SEAL_LEN};
pub use list_error::ListError;
pub use operator_file::{
    OPERATOR_COLUMNS, OPERATOR_LINE_MAX, OperatorFileReader, OperatorFileWriter, OperatorLine, OperatorPiece,
    OperatorStatus, OperatorSurvey, is_operator_header,
};
pub use record::{decode_record, encode_record};
pub use refusal::{QuarantineReason, Refusal};
pub use result_file::{NotAccepted, PackageResult, ResultFile, Tally, UnpaidRecord};
pub use sector_data::{
    BillingPeriod, CustomerAccount, Ride, SECTOR_DATA_LEN, SectorData, SectorDataError, TillReference,
    Utility,
};
pub use trailer::{TRAILER_LEN, TrailerWriter, parse_trailer_line, trailer_line};
pub use view::PackageView;
pub use write::{PackageHeaderFields, file_name, write_package};
