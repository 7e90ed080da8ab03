//! Operators' words for why they refused: kept once each, for they repeat a million times.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tongclear_package::OperatorStatus;

use super::item::Status;

/// All words of a run, shared by its workers. Numbers depend on who came first, so they order nothing and leave the run
/// only as the words they stand for.
#[derive(Debug, Default)]
pub(crate) struct Words(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
}

impl Words {
    /// The status as a number.
    pub(crate) fn number(&self, status: OperatorStatus) -> Status {
        let OperatorStatus::Refused(words) = status else { return Status::OK };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(&words) {
            return Status(*number);
        }
        known.words.push(words.clone());
        // Zero stands for `ok`; a file has fewer lines than there are numbers.
        let number = u32::try_from(known.words.len()).unwrap_or(u32::MAX);
        known.numbers.insert(words, number);
        Status(number)
    }

    /// `ok` or `refused:<reason>`, as the operator wrote it.
    pub(crate) fn text(&self, status: Status) -> String {
        let Some(place) = status.0.checked_sub(1) else { return "ok".to_owned() };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let words = usize::try_from(place).ok().and_then(|place| known.words.get(place));
        format!("refused:{}", words.map_or("", String::as_str))
    }
}
