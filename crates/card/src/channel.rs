//! A conversation with one card: typed requests over a transport, `61XX` and `6CXX` handled inside.

use crate::transport::ANSWER_LEN_MAX;
use crate::{Apdu, StatusWord, Transport, TransportError};

/// How often a card may send us on to fetch or repeat before it is taken to be talking nonsense: 16 blocks of 256 bytes
/// are more than any file of `card.md`.
const ROUNDS_MAX: usize = 16;

/// A command with the answer that belongs to it.
pub trait Request {
    /// What the card tells when it did as asked.
    type Answer;

    /// The command's name in the field, for people and traces.
    const NAME: &'static str;

    /// The command.
    fn apdu(&self) -> Apdu;

    /// Reads the data of a `9000` answer.
    ///
    /// # Errors
    /// What in it is not as it should be.
    fn parse(&self, data: &[u8]) -> Result<Self::Answer, AnswerError>;
}

/// What an answer should have looked like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Too short or too long.
    #[error("{found} bytes, expected {expected}")]
    Length {
        /// How many came.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A field that cannot be.
    #[error("{field} is {value}, expected {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// Its value, hex.
        value: String,
        /// What would have been accepted.
        expected: &'static str,
    },
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Nothing came back: the card may or may not have done it.
    #[error("{request}: {error}")]
    Transport {
        /// The command's name.
        request: &'static str,
        /// Why.
        #[source]
        error: TransportError,
    },
    /// The card said no.
    #[error("{request}: the card answered {status}")]
    Status {
        /// The command's name.
        request: &'static str,
        /// What it said.
        status: StatusWord,
    },
    /// The card said something else than it should.
    #[error("{request}: the card's answer is garbage: {error}")]
    Answer {
        /// The command's name.
        request: &'static str,
        /// What was wrong with it.
        #[source]
        error: AnswerError,
    },
}

impl CardError {
    /// The card's status word, when that is what it was.
    #[must_use]
    pub const fn status(&self) -> Option<StatusWord> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Transport { .. } | Self::Answer { .. } => None,
        }
    }

    /// The transport's error, when no answer came.
    #[must_use]
    pub const fn transport(&self) -> Option<&TransportError> {
        match self {
            Self::Transport { error, .. } => Some(error),
            Self::Status { .. } | Self::Answer { .. } => None,
        }
    }
}

/// A conversation over `T`.
#[derive(Debug)]
pub struct Channel<T> {
    transport: T,
}

impl<T: Transport> Channel<T> {
    /// Talks over `transport`.
    pub const fn new(transport: T) -> Self {
        Self { transport }
    }

    /// Sends `request` and reads its answer.
    ///
    /// # Errors
    /// No answer, a refusal, or garbage; see [`CardError`].
    pub fn ask<R: Request>(&mut self, request: &R) -> Result<R::Answer, CardError> {
        let (data, status) = self.send(R::NAME, request.apdu())?;
        if !status.is_ok() {
            return Err(CardError::Status { request: R::NAME, status });
        }
        request.parse(&data).map_err(|error| CardError::Answer { request: R::NAME, error })
    }

    /// Sends `apdu`, fetches what waits, repeats with the right length; data and the last status word.
    fn send(&mut self, request: &'static str, mut apdu: Apdu) -> Result<(Vec<u8>, StatusWord), CardError> {
        let mut gathered = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let answer = self
                .transport
                .exchange(&apdu.to_bytes())
                .map_err(|error| CardError::Transport { request, error })?;
            let garbage = |expected| CardError::Answer {
                request,
                error: AnswerError::Length { found: answer.len(), expected },
            };
            if answer.len() > ANSWER_LEN_MAX {
                return Err(garbage(ANSWER_LEN_MAX));
            }
            let (data, [sw1, sw2]) = answer.split_last_chunk().ok_or_else(|| garbage(2))?;
            let status = StatusWord(u16::from_be_bytes([*sw1, *sw2]));
            if let Some(length) = status.right_length() {
                apdu.expected = Some(length);
                continue;
            }
            gathered.extend_from_slice(data);
            match status.bytes_waiting() {
                Some(length) => apdu = Apdu::read([0x00, 0xC0, 0x00, 0x00], length),
                None => return Ok((gathered, status)),
            }
        }
        Err(CardError::Answer { request, error: AnswerError::Length { found: gathered.len(), expected: 0 } })
    }
}

/// The whole of `data` as `N` bytes.
pub(crate) fn exactly<const N: usize>(data: &[u8]) -> Result<[u8; N], AnswerError> {
    data.try_into().map_err(|_| AnswerError::Length { found: data.len(), expected: N })
}

#[cfg(test)]
mod tests;
