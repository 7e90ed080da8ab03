//! Readers and cards that come and go. The service wakes us; nothing is asked again and again.

use std::collections::VecDeque;
use std::time::Duration;

use pcsc::{Context, PNP_NOTIFICATION, ReaderState, State};

use crate::ReaderError;
use crate::readers::name;

/// How often a wait goes on after the service woke us for nothing; then the caller decides.
const WAKES_MAX: usize = 64;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A reader was plugged in, or was there when the watch began.
    Arrived,
    /// A reader was unplugged.
    Left,
    /// A card was put in, or was there when the watch began.
    CardIn {
        /// Its answer to reset.
        atr: Vec<u8>,
    },
    /// A card was taken out.
    CardOut,
}

/// What happened where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderEvent {
    /// The reader's name.
    pub reader: String,
    /// What happened.
    pub change: Change,
}

/// Ends a wait from another thread.
#[derive(Clone)]
pub struct Stopper {
    context: Context,
}

impl Stopper {
    /// The watch that waits now returns with nothing.
    ///
    /// # Errors
    /// A fault of the service.
    pub fn stop(&self) -> Result<(), ReaderError> {
        self.context.cancel().map_err(|error| ReaderError::of(error, ""))
    }
}

/// Watches all readers.
pub struct Watch {
    context: Context,
    states: Vec<ReaderState>,
    waiting: VecDeque<ReaderEvent>,
}

impl Watch {
    pub(crate) fn new(context: Context) -> Self {
        let pnp = ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE);
        Self { context, states: vec![pnp], waiting: VecDeque::new() }
    }

    /// Ends a wait from another thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper { context: self.context.clone() }
    }

    /// The next thing that happens, or nothing within `timeout` or when the watch was stopped.
    ///
    /// # Errors
    /// The service ended: connect anew.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<ReaderEvent>, ReaderError> {
        for _ in 0..WAKES_MAX {
            self.take_readers()?;
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            match self.context.get_status_change(timeout, &mut self.states) {
                // Woken for something that is no event, such as a card that another program began to use.
                Ok(()) => self.note_changes(),
                Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => return Ok(None),
                // A reader that went away in the meantime is found when the list is taken.
                Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) => {}
                Err(error) => return Err(ReaderError::of(error, "")),
            }
        }
        Ok(None)
    }

    /// Compares the list of readers with those that are watched.
    fn take_readers(&mut self) -> Result<(), ReaderError> {
        let names = match self.context.list_readers_owned() {
            Ok(names) => names,
            Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(ReaderError::of(error, "")),
        };
        let waiting = &mut self.waiting;
        self.states.retain(|state| {
            let stays = state.name() == PNP_NOTIFICATION() || names.iter().any(|it| **it == *state.name());
            if !stays {
                waiting.push_back(ReaderEvent { reader: name(state.name()), change: Change::Left });
            }
            stays
        });
        for reader in names {
            if !self.states.iter().any(|state| *state.name() == *reader) {
                waiting.push_back(ReaderEvent { reader: name(&reader), change: Change::Arrived });
                self.states.push(ReaderState::new(reader, State::UNAWARE));
            }
        }
        Ok(())
    }

    /// Notes what changed since the service was asked last.
    fn note_changes(&mut self) {
        for state in &mut self.states {
            let (before, now) = (state.current_state(), state.event_state());
            if state.name() != PNP_NOTIFICATION() && now.contains(State::CHANGED) {
                let is_in = now.contains(State::PRESENT);
                let was_in = before.contains(State::PRESENT);
                let reader = name(state.name());
                let card_in = || Change::CardIn { atr: state.atr().to_vec() };
                // The upper half of the state counts cards in and out: two more mean out and in again.
                let is_another = was_in && is_in && now.bits() >> 16 != before.bits() >> 16;
                if was_in && (!is_in || is_another) {
                    self.waiting.push_back(ReaderEvent { reader: reader.clone(), change: Change::CardOut });
                }
                if is_in && (!was_in || is_another) {
                    self.waiting.push_back(ReaderEvent { reader, change: card_in() });
                }
            }
            state.sync_current_state();
        }
    }
}
