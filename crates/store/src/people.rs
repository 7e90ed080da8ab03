//! Who has an account, who is logged in, which programs hold tokens, which collectors hold certificates.
//!
//! Secrets never lie here: a password is its argon2id hash, a session or token the SHA-256 of what its holder shows, a
//! private key of the CA is sealed.

mod accounts;
mod certificates;
mod secrets;

pub use accounts::{UserRow, add_user, begin_attempt, change_user, note_attempt, user, user_of_os, users};
pub use certificates::{
    AuthorityRow, CertificateRow, add_authority, add_certificates, authority, certificate, certificates,
    revoke_certificate,
};
pub use secrets::{TokenRow, add_token, begin_session, end_session, holder, revoke_token, tokens};
