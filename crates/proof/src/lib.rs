//! The Merkle root of a window, and statements that prove themselves against it (`docs/proofs.md`).
//!
//! The clearing run feeds a [`SectionBuilder`] for each merchant and card partition; a [`WindowProof`] puts the
//! merchants' [`Account`]s under one root and gives every merchant its [`Statement`]; [`verify`] works everything out
//! again from the statement and the published root.
//!
//! **Invariant:** no IO, no runtime, nothing of the centre: whoever doubts the centre can read all that decides here.
//!
//! **Invariant:** no statement makes anything here panic, and every sum over it is checked.

mod account;
mod branch;
mod disagreement;
mod hash;
mod packages;
mod section;
mod statement;
mod tree;
mod verify;
mod window;

pub use account::{Account, AdjustmentLine, Figure, PackageLine};
pub use branch::{Branch, BranchError, ROOT_FORMAT};
pub use disagreement::Disagreement;
pub use hash::Hash;
pub use packages::{FilesHeld, PackageFiles};
pub use section::{CHUNK_RECORDS, Section, SectionBuilder};
pub use statement::{Format, Malformed, PositionLine, Proof, Statement, UnpaidRecord};
pub use verify::{Proven, verify};
pub use window::{PublishedRoot, RootFormat, WindowProof};
