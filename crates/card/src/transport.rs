//! What carries a command to a card and its answer back.

use std::fmt;

/// Longest answer of a short APDU: 256 bytes of data and the status word.
pub const ANSWER_LEN_MAX: usize = 258;

/// Carries one command APDU to whatever answers: a reader, a simulated card, a recorded conversation.
///
/// Implementations carry bytes and nothing else: `61XX` and `6CXX` are the affair of [`Channel`](crate::Channel).
pub trait Transport {
    /// Sends `command` and returns the answer, data and status word, as it came.
    ///
    /// # Errors
    /// The command may or may not have reached the card: whoever sent a debit must treat it as unknown.
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError>;
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).exchange(command)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).exchange(command)
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The card left the field or the slot.
    #[error("the card was removed")]
    CardGone,
    /// The card was reset by somebody else; what it was told before is forgotten.
    #[error("the card was reset in the middle of a conversation")]
    CardReset,
    /// The reader itself is no longer there.
    #[error("the reader was unplugged")]
    ReaderGone,
    /// Anything else, as the reader's driver said it.
    #[error("the reader failed: {0}")]
    Fault(String),
}

/// One command with its answer, for a trace.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The command as it was sent.
    pub command: Vec<u8>,
    /// What came back.
    pub answer: Result<Vec<u8>, TransportError>,
}

/// Instructions whose data are secret (a PIN) or let one compute a key (cryptograms).
const SECRET_INSTRUCTIONS: [u8; 2] = [0x20, 0x82];

/// `> 00 B0 95 00 1E` and `< … 9000`, a PIN or cryptogram shown as stars.
impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = self.command.get(1).is_some_and(|ins| SECRET_INSTRUCTIONS.contains(ins));
        let shown = if secret { self.command.len().min(5) } else { self.command.len() };
        write!(
            f,
            "> {}{}",
            hex::encode_upper(&self.command[..shown]),
            "**".repeat(self.command.len() - shown)
        )?;
        match &self.answer {
            Ok(bytes) => write!(f, " < {}", hex::encode_upper(bytes)),
            Err(error) => write!(f, " < {error}"),
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A transport that tells `observer` of every exchange, after it took place.
pub struct Traced<T, F> {
    inner: T,
    observer: F,
}

impl<T: Transport, F: FnMut(&Exchange)> Traced<T, F> {
    /// Watches `inner`.
    pub const fn new(inner: T, observer: F) -> Self {
        Self { inner, observer }
    }
}

impl<T: Transport, F: FnMut(&Exchange)> Transport for Traced<T, F> {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let exchange = Exchange { command: command.to_vec(), answer: self.inner.exchange(command) };
        (self.observer)(&exchange);
        exchange.answer
    }
}
