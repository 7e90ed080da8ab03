//! What can go wrong with a run, sorted by whose fault it is.

use std::error::Error;
use std::fmt::{Display, Write as _};
use std::path::PathBuf;

/// The longest piece of a strange answer that is repeated in an error, characters.
const SHOWN_MAX: usize = 500;

/// Why a fleet did not play to its end.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// Input: a field of the plan is outside its limits, or what it names is not there.
    #[error("{field} = {value}: expected {expected}")]
    Plan {
        /// The field of [`Plan`](crate::Plan) or [`Mischief`](crate::Mischief).
        field: &'static str,
        /// Its value.
        value: String,
        /// What would have been accepted.
        expected: &'static str,
    },
    /// Configuration: a certificate or key is not usable.
    #[error("certificate {path}: {message}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Configuration: the centre refused a request for good, which no retry would change.
    #[error("{file}: the centre refused the request with status {status}: {body}")]
    Refused {
        /// The package.
        file: String,
        /// The HTTP status.
        status: u16,
        /// The body of the answer.
        body: String,
    },
    /// Infrastructure: a file or folder could not be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Infrastructure: a package found no answer for as long as the plan allows.
    #[error("{file}: no answer in {waited_ms} ms and {attempts} attempts; the last one: {last}")]
    GaveUp {
        /// The package.
        file: String,
        /// How long was tried, milliseconds.
        waited_ms: u64,
        /// How many requests were sent for it, those that were cut off on purpose left out.
        attempts: u32,
        /// How the last of them failed.
        last: String,
    },
    /// The centre's bug: an answer that is none.
    #[error("{file}: not an answer to a package: {message}: {body}")]
    NotAnAnswer {
        /// The package.
        file: String,
        /// What is wrong with it.
        message: String,
        /// The body of the answer.
        body: String,
    },
    /// The centre's bug: it answered for other bytes than those that were sent.
    #[error("{file}: sent bytes with SHA-256 {sent}, answered for {answered}")]
    OtherBytes {
        /// The package.
        file: String,
        /// The digest of the bytes sent, hex.
        sent: String,
        /// The digest in the answer.
        answered: String,
    },
    /// The centre's bug: a package that it had taken was not recognised when it came again.
    #[error("{file}: sent again after it was taken, expected already_received, answered {answered}")]
    NotRecognised {
        /// The package.
        file: String,
        /// What was answered.
        answered: String,
    },
    /// Our bug: the client could not be made, or a collector's task broke off.
    #[error("the fleet broke: {message}")]
    Broken {
        /// What happened.
        message: String,
    },
}

impl FleetError {
    /// A field of the plan outside its limits.
    pub(crate) fn plan(field: &'static str, value: impl Display, expected: &'static str) -> Self {
        Self::Plan { field, value: value.to_string(), expected }
    }

    /// Whether the caller's plan or certificates are at fault, rather than the network, the centre or the fleet.
    #[must_use]
    pub const fn is_input(&self) -> bool {
        matches!(self, Self::Plan { .. } | Self::Certificate { .. } | Self::Refused { .. })
    }
}

/// An error with everything that caused it, in one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, ": {error}").expect("a String takes everything");
        cause = error.source();
    }
    text
}

/// The beginning of an answer's body, for people.
pub(crate) fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(SHOWN_MAX).collect()
}
