//! Every command of `card.md` as a typed request with its answer.

mod authenticate;
mod composite;
mod load;
mod prove;
mod psam;
mod purchase;
mod read;
mod select;

pub use authenticate::{BlockApplication, ExternalAuthenticate, GetChallenge, VerifyPin};
pub use composite::UpdateComposite;
pub use load::{CreditLoad, InitialiseLoad, LoadOffer};
pub use prove::{Prove, TransactionProve};
pub use psam::{
    LockFactors, LockMac, PSAM_READ_LEN, PsamDebit, PsamInfo, PsamInitialise, PsamKeyIndex, PsamMac1,
    PsamTerminalId, VerifyMac2,
};
pub use purchase::{Debit, DebitAnswer, InitialisePurchase, PurchaseOffer};
pub use read::{BALANCE_MASK, GetBalance, ReadBinary, ReadRecord};
pub use select::{Aid, Fci, SelectApplication, SelectFile};

/// Purse key index that terminals use, 1 unless a card operator says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyIndex(pub u8);

/// A short file identifier (短文件标识).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sfi(pub u8);

impl Sfi {
    /// Public information (file 15).
    pub const PUBLIC: Self = Self(0x15);
    /// T-Union management (file 17).
    pub const MANAGEMENT: Self = Self(0x17);
    /// Transaction log (file 18).
    pub const LOG: Self = Self(0x18);
    /// Trip state (file 1A).
    pub const TRIP: Self = Self(0x1A);
    /// Trip records (file 1E).
    pub const TRIPS: Self = Self(0x1E);
}
