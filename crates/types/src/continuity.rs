//! What is missing, doubled or broken between the records that arrived: items that open in one window and close in a
//! later one (`docs/continuity.md`).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::named;
use crate::{BusinessDate, CardId, Chain, CollectorId, TerminalId};

named! {
    /// A kind of item, the most important first.
    ContinuityKind {
        SuspectedClone = "suspected_clone", "疑似复制卡", "suspected clone: counters that were used before, more than once";
        MissingPackage = "missing_package", "缺失交易包", "missing package: a later one of its collector is here";
        MissingNumber = "missing_number", "缺失终端交易序号", "missing number: a higher one of its terminal is here";
        BalanceBreak = "balance_break", "余额不连续", "balance break: the balance does not follow from the transaction before";
        CounterGap = "counter_gap", "卡计数器缺口", "counter gap: transactions of the card that have not arrived";
        OverlappingNumber = "overlapping_number", "重复终端交易序号", "overlapping number: one that arrived more than once";
        SingleConflict = "single_conflict", "单次计数器冲突", "single conflict: remembered, a second one makes a suspected clone";
    }
}

/// Something that sends: its numbers are expected without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Device {
    /// A collector, whose packages have sequences.
    Collector(CollectorId),
    /// A terminal, whose records have numbers.
    Terminal(TerminalId),
}

impl Device {
    /// The name of its kind in files and JSON.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Collector(_) => "collector",
            Self::Terminal(_) => "terminal",
        }
    }

    /// The kind of item that says what of it is missing.
    #[must_use]
    pub const fn missing(self) -> ContinuityKind {
        match self {
            Self::Collector(_) => ContinuityKind::MissingPackage,
            Self::Terminal(_) => ContinuityKind::MissingNumber,
        }
    }
}

/// The id as hex.
impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collector(id) => id.fmt(f),
            Self::Terminal(id) => id.fmt(f),
        }
    }
}

/// What an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A collector or terminal.
    Device(Device),
    /// A card and one of its two counter chains.
    Card(CardId, Chain),
}

/// How far an item has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ItemState {
    /// It stands.
    Open,
    /// What was missing arrived in that window; what was seen twice was seen in it.
    Closed(BusinessDate),
    /// From that window on nothing can close it any more.
    Expired(BusinessDate),
}

impl ItemState {
    /// The name in files and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed(_) => "closed",
            Self::Expired(_) => "expired",
        }
    }

    /// For people, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Open => "未关闭",
            Self::Closed(_) => "已关闭",
            Self::Expired(_) => "已过期",
        }
    }

    /// The window in which it ended.
    #[must_use]
    pub const fn ended(self) -> Option<BusinessDate> {
        match self {
            Self::Open => None,
            Self::Closed(date) | Self::Expired(date) => Some(date),
        }
    }
}

/// One item; items order by kind, subject and range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContinuityItem {
    /// Its kind.
    pub kind: ContinuityKind,
    /// What it is about.
    pub subject: Subject,
    /// The first sequence, number or counter; of a clone the lowest counter in conflict.
    pub first: u32,
    /// The last one, inclusive; of a clone the highest.
    pub last: u32,
    /// The window in which it opened.
    pub opened: BusinessDate,
    /// How many sequences, numbers or counters; of a clone the conflicts.
    pub count: u64,
    /// The last window that added to it: the latest conflict of a clone, else the one in which it opened.
    pub latest: BusinessDate,
    /// How far it has come.
    pub state: ItemState,
}

impl ContinuityItem {
    /// An open item about the numbers `first` to `last`.
    #[must_use]
    pub fn open(
        kind: ContinuityKind,
        subject: Subject,
        (first, last): (u32, u32),
        opened: BusinessDate,
    ) -> Self {
        let count = u64::from(last.saturating_sub(first)) + 1;
        Self { kind, subject, first, last, opened, count, latest: opened, state: ItemState::Open }
    }

    /// The part of it that is about the numbers `first` to `last`.
    #[must_use]
    pub fn part(&self, (first, last): (u32, u32)) -> Self {
        Self { first, last, count: u64::from(last.saturating_sub(first)) + 1, ..*self }
    }

    /// The item in another state.
    #[must_use]
    pub const fn in_state(self, state: ItemState) -> Self {
        Self { state, ..self }
    }
}
