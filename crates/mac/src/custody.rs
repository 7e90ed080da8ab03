//! What clearing asks of whoever holds the keys. The [`KeyRing`](crate::KeyRing) answers today; a hardware
//! security module may stand behind the same questions later.

use tongclear_types::OperatorCode;

use crate::{Algorithm, MasterKey, SealMaster};

/// Whoever holds the keys that clearing needs.
pub trait KeyCustody: Send + Sync {
    /// The TAC master of a card operator, by the version and algorithm that a record names.
    fn tac_master(&self, operator: OperatorCode, version: u8, algorithm: Algorithm) -> Option<&MasterKey>;

    /// The seal master of that version.
    fn seal_master(&self, version: u32) -> Option<&SealMaster>;
}
