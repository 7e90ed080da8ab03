//! What a run adds up to: opening + new − cleared = closing, by age, and what has become a break.
//!
//! Bounded by: sums of 64 bits.

use super::age::bucket;
use super::{Line, Open, Record};

/// How many, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    pub(crate) count: u64,
    pub(crate) fen: u64,
}

impl Sum {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, fen: self.fen + other.fen }
    }
}

/// Whatever has an amount.
pub(crate) trait Amount {
    fn amount_fen(&self) -> u32;
}

impl Amount for Record {
    fn amount_fen(&self) -> u32 {
        self.facts.amount_fen
    }
}

impl Amount for Line {
    fn amount_fen(&self) -> u32 {
        self.facts.amount_fen
    }
}

/// All of `items`; refused lines count with their amounts.
pub(crate) fn sum<'a, I: Amount + 'a>(items: impl IntoIterator<Item = &'a I>) -> Sum {
    let one = |item: &I| Sum { count: 1, fen: item.amount_fen().into() };
    items.into_iter().fold(Sum::default(), |sum, item| sum.plus(one(item)))
}

/// One side of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) opening: Sum,
    pub(crate) new: Sum,
    pub(crate) cleared: Sum,
    /// What stays open, counted by itself.
    pub(crate) closing: Sum,
    pub(crate) breaks: Sum,
    /// What stays open, by age: 0–1, 2–3, 4–7, 8–30, over 30 days.
    pub(crate) aging: [Sum; 5],
}

impl Side {
    pub(crate) fn of<I: Amount>(opening: Sum, new: Sum, cleared: Sum, open: &[Open<I>]) -> Self {
        let closing = sum(open.iter().map(|open| &open.item));
        assert_eq!(opening.plus(new), cleared.plus(closing), "the proof line");
        let breaks = sum(open.iter().filter(|open| open.is_break).map(|open| &open.item));
        let aging =
            std::array::from_fn(|at| sum(open.iter().filter(|it| bucket(it.age) == at).map(|it| &it.item)));
        Self { opening, new, cleared, closing, breaks, aging }
    }
}
