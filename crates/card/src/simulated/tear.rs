//! The card leaves: when, and how much of its work it had done.

/// How far the card had come when its power went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TearPoint {
    /// The command never reached it.
    Before,
    /// It was at work; a card's memory is written whole or not at all, here not at all.
    DuringUnwritten,
    /// It was at work, and the memory had been written.
    DuringWritten,
    /// It had answered, and the answer was lost on the way.
    After,
}

impl TearPoint {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Before, Self::DuringUnwritten, Self::DuringWritten, Self::After];

    /// Whether the card's memory has what the command did.
    #[must_use]
    pub const fn is_written(self) -> bool {
        matches!(self, Self::DuringWritten | Self::After)
    }
}

/// The card leaves at the next command with that instruction byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tear {
    /// INS; none for the very next command.
    pub instruction: Option<u8>,
    /// How far it comes.
    pub point: TearPoint,
}

impl Tear {
    /// Whether it is this command.
    pub(super) fn strikes(&self, command: &[u8]) -> bool {
        self.instruction.is_none_or(|instruction| command.get(1) == Some(&instruction))
    }
}
