//! Key diversification, session keys, MACs and TACs of PBOC purse cards, one at a time and in bulk; the
//! sealed key ring.
//!
//! The rules are those of `card.md`, *Keys and MACs* (JR/T 0025.1, .2 and .9-2010 for DES; SM4 by analogy).
//!
//! **Invariant:** no key leaves this crate except as text for a key file that was asked for: key types have no
//! accessor for their bytes, their `Debug` shows none, and they are wiped when dropped.
//!
//! **Invariant:** no IO and no clock. The only outside thing is the operating system's randomness, for the
//! salt and nonce of a sealed key ring.

mod algorithm;
mod bitslice;
mod block;
mod bulk;
mod custody;
mod instruction_set;
mod key;
mod key_file;
mod key_ring;
mod key_set;
mod seal;
mod session;
mod tac;
#[cfg(test)]
mod vectors;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use bulk::{BulkVerifier, KeySlot, TacBatch};
pub use custody::KeyCustody;
pub use instruction_set::{InstructionSet, InstructionSetError};
pub use key::{CardKey, KeyLevels, MasterKey};
pub use key_file::{KeyFile, KeyFileError};
pub use key_ring::{KeyRing, KeyRingError, Passphrase, open_sealed, seal};
pub use key_set::{CardKeyId, KeyInfo, KeyUse};
pub use seal::{SealAlgorithm, SealKey, SealMaster};
pub use session::{LoadRequest, SessionKey, Terms, mac_matches};
pub use tac::{TacInput, tac, verify_tac};
