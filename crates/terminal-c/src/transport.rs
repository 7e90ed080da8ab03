//! A reader of the caller's as a transport.

use std::ffi::c_void;

use tongclear_card::{ANSWER_LEN_MAX, Transport, TransportError};

/// How an exchange with a card ended.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcTransportResult {
    /// The answer is complete, status word included.
    Ok = 0,
    /// The card left.
    CardGone = 1,
    /// The card was reset by somebody else.
    CardReset = 2,
    /// The reader is not there.
    ReaderGone = 3,
    /// Anything else.
    Fault = 4,
}

/// Sends `command` and writes the answer with its status word to `answer`; `answer_len` holds the room there (at least 258
/// bytes) and receives the answer's length.
pub type TcExchange = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        command: *const u8,
        command_len: usize,
        answer: *mut u8,
        answer_len: *mut usize,
    ) -> TcTransportResult,
>;

/// A slot: the function that talks to what lies in it, and what the function needs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TcTransport {
    /// Talks to the card.
    pub exchange: TcExchange,
    /// Handed back to `exchange` as it is.
    pub context: *mut c_void,
}

impl Transport for TcTransport {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let Some(exchange) = self.exchange else { return Err(TransportError::ReaderGone) };
        let mut answer = vec![0; ANSWER_LEN_MAX];
        let mut length = answer.len();
        #[expect(unsafe_code, reason = "the caller's reader is C")]
        // SAFETY: both buffers live until the call returns, with the lengths that are told; the contract of the header
        // forbids the function to write past `answer_len`.
        let result = unsafe {
            exchange(self.context, command.as_ptr(), command.len(), answer.as_mut_ptr(), &raw mut length)
        };
        match result {
            TcTransportResult::Ok if length <= ANSWER_LEN_MAX => {
                answer.truncate(length);
                Ok(answer)
            }
            TcTransportResult::Ok => Err(TransportError::Fault(format!("an answer of {length} bytes"))),
            TcTransportResult::CardGone => Err(TransportError::CardGone),
            TcTransportResult::CardReset => Err(TransportError::CardReset),
            TcTransportResult::ReaderGone => Err(TransportError::ReaderGone),
            TcTransportResult::Fault => Err(TransportError::Fault("the caller's reader failed".to_owned())),
        }
    }
}
