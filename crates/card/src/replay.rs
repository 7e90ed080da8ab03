//! A recorded conversation: answers by exact command, as other readers print them.

use std::collections::HashMap;

use serde::Deserialize;

use crate::{Transport, TransportError};

/// What a recording answers to a command that it does not have: file not found.
const UNKNOWN: [u8; 2] = [0x6A, 0x82];

/// One line of a recording, hex in either case.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedExchange {
    /// The command.
    pub tx: String,
    /// The answer with its status word.
    pub rx: String,
}

/// Why a recording cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("exchange {index}: {field} is {value:?}, expected an even number of hex digits")]
pub struct RecordingError {
    /// Which exchange, from 1.
    pub index: usize,
    /// `tx` or `rx`.
    pub field: &'static str,
    /// What stood there.
    pub value: String,
}

/// Answers each command as it was recorded; a command that was recorded more than once gives its answers in turn and
/// then repeats the last.
#[derive(Debug, Clone)]
pub struct Replay {
    answers: HashMap<Vec<u8>, Answers>,
}

#[derive(Debug, Clone, Default)]
struct Answers {
    recorded: Vec<Vec<u8>>,
    next: usize,
}

impl Replay {
    /// Reads `exchanges`.
    ///
    /// # Errors
    /// The exchange whose command or answer is not hex.
    pub fn new(exchanges: &[RecordedExchange]) -> Result<Self, RecordingError> {
        let mut answers: HashMap<Vec<u8>, Answers> = HashMap::new();
        for (at, exchange) in exchanges.iter().enumerate() {
            let bytes = |field, text: &str| {
                hex::decode(text).map_err(|_| RecordingError { index: at + 1, field, value: text.to_owned() })
            };
            let command = bytes("tx", &exchange.tx)?;
            answers.entry(command).or_default().recorded.push(bytes("rx", &exchange.rx)?);
        }
        Ok(Self { answers })
    }
}

impl Transport for Replay {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let Some(answers) = self.answers.get_mut(command) else { return Ok(UNKNOWN.to_vec()) };
        let answer = answers.recorded[answers.next].clone();
        answers.next = (answers.next + 1).min(answers.recorded.len() - 1);
        Ok(answer)
    }
}
