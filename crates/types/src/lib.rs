//! Money, ids, dates and the transaction record: the words every other crate speaks.
//!
//! **Invariant:** no IO, no async, no clock read outside [`Clock`] implementations, no floating point.

mod clock;
mod continuity;
mod date;
mod disposition;
mod hex;
mod id;
mod money;
mod named;
mod quality;
mod record;
mod sector;
mod tally;

pub use clock::{Clock, FixedClock, SystemClock, UnixMillis};
pub use continuity::{ContinuityItem, ContinuityKind, Device, ItemState, Subject};
pub use date::{BcdDate, BcdTime, BusinessDate, CivilMoment};
pub use disposition::{Disposition, Flag, Flags, Reason, Verdict};
pub use id::{
    CardId, CollectorId, IdError, IssuerId, MerchantCode, OperatorCode, PackageSequence, Serial, TerminalId,
    TerminalNumber,
};
pub use money::{Fen, MoneyError, Rounding};
pub use quality::{Advice, DeviceQuality};
pub use record::{Chain, RecordFlags, TransactionRecord, Tti};
pub use sector::Sector;
pub use tally::{DispositionTallies, Tally};
