//! Who may do what: people with roles, passwords and sessions; programs with tokens; collectors with certificates of
//! the centre's own authority; the rule that takes two people; signatures of what the centre sends out.
//!
//! **Invariant:** pure apart from random bytes: no file, no network, no clock (time is a parameter), no async.
//!
//! **Invariant:** a secret is never shown by `Debug` or by an error, and what is stored of one does not give it back:
//! of a password an argon2id hash, of a bearer secret a SHA-256. Private keys of collectors and servers are not kept
//! at all.
//!
//! **Invariant:** what a role may do stands in one table ([`Role::may`], `docs/roles.md`) and nowhere else.

mod four_eyes;
mod lockout;
mod name;
mod named;
mod password;
mod person;
mod role;
mod secret;
mod signature;

pub use four_eyes::{ProposalKind, ProposalState, SamePerson, TransitionError, may_approve};
pub use lockout::{Attempts, FAILURES_MAX, LOCKED_MS};
pub use name::UserName;
pub use password::{Password, PasswordError, PasswordHash};
pub use person::{Person, PersonError};
pub use role::{Action, Role};
pub use secret::{Secret, SecretError, SecretKind};
pub use signature::{SIGNATURE_HEADER, SignatureError, sign, verify};
