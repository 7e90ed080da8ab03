//! What can go wrong with certificates. No variant holds any part of a key.

use tongclear_types::UnixMillis;

use super::DAYS_MAX;

/// What can go wrong with certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a name for an authority.
    #[error("{value:?} is not a common name: 1 to 64 characters, none a control character")]
    CommonName {
        /// The name that was given.
        value: String,
    },
    /// Not a name for a server.
    #[error("{value:?} is neither a DNS name nor an IP address")]
    ServerName {
        /// The name that was given.
        value: String,
    },
    /// A server without a name, which no client could reach.
    #[error("a server's certificate needs at least one name")]
    NoServerName,
    /// Not a number of days that a certificate may live.
    #[error("a certificate lives 1 to {DAYS_MAX} days, not {days}")]
    Days {
        /// How many were asked for.
        days: u32,
    },
    /// Not a time that a certificate can hold.
    #[error("{unix_ms} is not a time of the years 1970 to 9999 in Unix milliseconds")]
    Time {
        /// The time.
        unix_ms: i64,
    },
    /// The authority is too young or too old to issue anything.
    #[error("the authority is valid from {not_before} to {not_after} in Unix milliseconds, not at {now}",
        not_before = not_before.0, not_after = not_after.0, now = now.0)]
    AuthorityExpired {
        /// Its first moment.
        not_before: UnixMillis,
        /// Its last.
        not_after: UnixMillis,
        /// The moment at which it was to issue.
        now: UnixMillis,
    },
    /// Bytes or text that cannot be read.
    #[error("{what}")]
    Malformed {
        /// What, and why.
        what: &'static str,
    },
    /// A certificate that may not sign others.
    #[error("the certificate of {subject:?} is not one of an authority")]
    NotAuthority {
        /// Whose.
        subject: String,
    },
    /// A key that belongs to another certificate.
    #[error("the key is not that of the authority {subject:?}")]
    OtherKey {
        /// Whose certificate.
        subject: String,
    },
    /// A certificate that no collector has.
    #[error(
        "the certificate names no collector: it must have exactly one URI urn:tongclear:collector:<id>, it has {found}"
    )]
    NotCollector {
        /// The URIs that it has.
        found: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes for a serial number or key: {0}")]
    Randomness(String),
    /// The certificate could not be made.
    #[error("the certificate cannot be signed: {0}")]
    Signing(String),
}

impl CertificateError {
    pub(super) fn signing(error: rcgen::Error) -> Self {
        match error {
            rcgen::Error::RingUnspecified => Self::Randomness(error.to_string()),
            _ => Self::Signing(error.to_string()),
        }
    }
}
