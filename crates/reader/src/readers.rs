//! The readers that there are, and what lies in them.

use std::ffi::{CStr, CString};
use std::time::Duration;

use pcsc::{Context, PNP_NOTIFICATION, Protocols, ReaderState, Scope, ShareMode, State};

use crate::{PcscTransport, ReaderError, Watch};

/// A connection to the PC/SC service.
#[derive(Clone)]
pub struct Readers {
    context: Context,
}

/// What is in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState {
    /// Nothing.
    Empty,
    /// A card.
    Card,
    /// A card that another program holds for itself.
    InUse,
    /// A card that does not answer to its reset.
    Mute,
}

/// A reader and what lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderInfo {
    /// Its name, as PC/SC gives it.
    pub name: String,
    /// What is in it.
    pub state: SlotState,
    /// The card's answer to reset.
    pub atr: Vec<u8>,
}

impl SlotState {
    pub(crate) fn of(state: State) -> Self {
        if state.contains(State::MUTE) {
            Self::Mute
        } else if state.contains(State::EXCLUSIVE) {
            Self::InUse
        } else if state.contains(State::PRESENT) {
            Self::Card
        } else {
            Self::Empty
        }
    }
}

impl Readers {
    /// Connects to the service.
    ///
    /// # Errors
    /// [`ReaderError::NoService`] when pcscd does not run.
    pub fn connect() -> Result<Self, ReaderError> {
        Context::establish(Scope::User)
            .map(|context| Self { context })
            .map_err(|error| ReaderError::of(error, ""))
    }

    /// All readers, in the service's order.
    ///
    /// # Errors
    /// A fault of the service. No reader at all is an empty list.
    pub fn list(&self) -> Result<Vec<ReaderInfo>, ReaderError> {
        let names = match self.context.list_readers_owned() {
            Ok(names) => names,
            Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(ReaderError::of(error, "")),
        };
        let mut states: Vec<ReaderState> =
            names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect();
        if states.is_empty() {
            return Ok(Vec::new());
        }
        match self.context.get_status_change(Duration::ZERO, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => return Err(ReaderError::of(error, "")),
        }
        Ok(states
            .iter()
            .filter(|it| it.name() != PNP_NOTIFICATION())
            .map(|it| ReaderInfo {
                name: name(it.name()),
                state: SlotState::of(it.event_state()),
                atr: it.atr().to_vec(),
            })
            .collect())
    }

    /// The reader whose name contains `wanted`.
    ///
    /// # Errors
    /// There is none; which there are.
    pub fn find(&self, wanted: &str) -> Result<ReaderInfo, ReaderError> {
        let mut readers = self.list()?;
        let there = readers.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
        let at = readers.iter().position(|it| it.name.contains(wanted));
        at.map(|at| readers.swap_remove(at))
            .ok_or_else(|| ReaderError::NoSuchReader { wanted: wanted.to_owned(), there })
    }

    /// The first reader with a card in it.
    ///
    /// # Errors
    /// None has one.
    pub fn first_with_card(&self) -> Result<ReaderInfo, ReaderError> {
        self.list()?.into_iter().find(|it| it.state == SlotState::Card).ok_or(ReaderError::NoCardAnywhere)
    }

    /// Talks to the card in the reader of exactly that name.
    ///
    /// # Errors
    /// No card, no reader, or another program holds the card.
    pub fn open(&self, reader: &str) -> Result<PcscTransport, ReaderError> {
        let name = CString::new(reader)
            .map_err(|_| ReaderError::NoSuchReader { wanted: reader.to_owned(), there: String::new() })?;
        let card = self
            .context
            .connect(&name, ShareMode::Shared, Protocols::ANY)
            .map_err(|error| ReaderError::of(error, reader))?;
        Ok(PcscTransport::new(card, reader.to_owned()))
    }

    /// Watches readers and cards come and go.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::new(self.context.clone())
    }
}

/// A reader's name as text.
pub(crate) fn name(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}
