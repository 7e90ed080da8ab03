//! Faults of the PC/SC service and of readers, before any card is talked to.

use tongclear_card::TransportError;

/// Why a reader cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReaderError {
    /// pcscd does not run, or ended.
    #[error("the PC/SC service does not answer: start pcscd (Debian: apt-get install pcscd)")]
    NoService,
    /// No reader at all.
    #[error("no reader is plugged in")]
    NoReaders,
    /// No reader of that name.
    #[error("no reader's name contains {wanted:?}; there are: {there}")]
    NoSuchReader {
        /// What was looked for.
        wanted: String,
        /// Those that there are.
        there: String,
    },
    /// No card lies in it.
    #[error("no card is in reader {0:?}")]
    NoCard(String),
    /// No reader has a card.
    #[error("no reader has a card")]
    NoCardAnywhere,
    /// Another program talks to the card.
    #[error("another program holds the card in reader {0:?}")]
    Shared(String),
    /// Anything else, as the driver said it.
    #[error("reader {reader:?}: {message}")]
    Fault {
        /// Which reader.
        reader: String,
        /// What the driver said.
        message: String,
    },
}

impl ReaderError {
    /// What PC/SC's `error` about `reader` means.
    pub(crate) fn of(error: pcsc::Error, reader: &str) -> Self {
        use pcsc::Error as E;
        match error {
            E::NoService | E::ServiceStopped | E::InvalidHandle | E::CommError | E::Shutdown => {
                Self::NoService
            }
            E::NoReadersAvailable => Self::NoReaders,
            E::UnknownReader | E::ReaderUnavailable => {
                Self::NoSuchReader { wanted: reader.to_owned(), there: String::new() }
            }
            E::NoSmartcard | E::RemovedCard => Self::NoCard(reader.to_owned()),
            E::SharingViolation => Self::Shared(reader.to_owned()),
            other => Self::Fault { reader: reader.to_owned(), message: other.to_string() },
        }
    }
}

/// What PC/SC's `error` in the middle of a conversation means.
pub(crate) fn in_conversation(error: pcsc::Error) -> TransportError {
    use pcsc::Error as E;
    match error {
        E::RemovedCard | E::NoSmartcard | E::UnpoweredCard | E::UnresponsiveCard => TransportError::CardGone,
        E::ResetCard => TransportError::CardReset,
        E::NoService
        | E::ServiceStopped
        | E::InvalidHandle
        | E::CommError
        | E::Shutdown
        | E::UnknownReader
        | E::ReaderUnavailable => TransportError::ReaderGone,
        // Drivers say this when the card leaves between two bytes.
        E::NotTransacted => TransportError::CardGone,
        other => TransportError::Fault(other.to_string()),
    }
}
