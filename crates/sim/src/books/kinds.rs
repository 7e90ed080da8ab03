//! What can be wrong with a line of an operator's file, and whose turn it is.

use std::collections::BTreeMap;

use tongclear_package::{OperatorLine, OperatorStatus};
use tongclear_types::{Fen, TerminalNumber};

use crate::moment::{Dates, Moment};
use crate::plan::{Plan, SimError};
use crate::random::Random;

/// Bit that no counter, terminal or number of the city has: counters stay below 30,000, numbers below 2^31.
const COUNTER_ASTRAY: u16 = 0x8000;
const TERMINAL_ASTRAY: u8 = 0xb0;
const NUMBER_ASTRAY: u32 = 0x8000_0000;
/// Days by which a date is wrong, at most.
const DATE_ASTRAY_MAX: u32 = 5;
/// Reasons for which an operator refuses what the centre accepted.
const REFUSALS: [&str; 3] = ["card_cancelled", "no_such_account", "balance_too_low"];

/// A kind of anomaly of the operators' side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    LeftOut,
    BookedLate,
    Twice,
    RepeatedLater,
    NeverWas,
    Misread(Field),
}

/// What is misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Amount,
    Counter,
    Terminal,
    Number,
    Date,
    Time,
    Status,
    AmountAndTime,
}

impl Slip {
    pub(crate) const ALL: [Self; 13] = [
        Self::LeftOut,
        Self::BookedLate,
        Self::Twice,
        Self::RepeatedLater,
        Self::NeverWas,
        Self::Misread(Field::Amount),
        Self::Misread(Field::Counter),
        Self::Misread(Field::Terminal),
        Self::Misread(Field::Number),
        Self::Misread(Field::Date),
        Self::Misread(Field::Time),
        Self::Misread(Field::Status),
        Self::Misread(Field::AmountAndTime),
    ];

    /// The name in the summary.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LeftOut => "line_left_out",
            Self::BookedLate => "line_booked_late",
            Self::Twice => "line_twice",
            Self::RepeatedLater => "line_repeated_next_day",
            Self::NeverWas => "line_of_nothing",
            Self::Misread(Field::Amount) => "amount_misread",
            Self::Misread(Field::Counter) => "counter_misread",
            Self::Misread(Field::Terminal) => "terminal_misread",
            Self::Misread(Field::Number) => "terminal_number_misread",
            Self::Misread(Field::Date) => "date_misread",
            Self::Misread(Field::Time) => "time_misread",
            Self::Misread(Field::Status) => "refused_although_accepted",
            Self::Misread(Field::AmountAndTime) => "amount_and_time_misread",
        }
    }
}

impl Field {
    /// The fields in which the pair differs, as the truth names them.
    pub(crate) const fn names(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Counter => "counter",
            Self::Terminal => "terminal",
            Self::Number => "terminal_number",
            Self::Date => "date",
            Self::Time => "time",
            Self::Status => "status",
            Self::AmountAndTime => "amount|time",
        }
    }

    /// Spoils the line of a transaction of `when`.
    ///
    /// # Errors
    /// [`SimError::Unfit`] when an amount leaves the domain of money.
    pub(crate) fn misread(
        self,
        line: &mut OperatorLine,
        when: Moment,
        dates: &Dates,
        random: &mut Random,
    ) -> Result<(), SimError> {
        match self {
            Self::Amount => {
                let more = Fen::from(random.between(1, 9) * random.pick(&[1, 10, 100]));
                let unfit = |error: tongclear_types::MoneyError| SimError::Unfit {
                    what: "an amount in a card operator's file",
                    message: error.to_string(),
                };
                line.amount = line.amount.checked_add(more).map_err(unfit)?;
            }
            Self::Counter => line.counter |= COUNTER_ASTRAY,
            Self::Terminal => line.terminal.0[2] |= TERMINAL_ASTRAY,
            Self::Number => line.terminal_number = astray(line.terminal_number),
            Self::Date => {
                let back = i32::try_from(random.between(1, DATE_ASTRAY_MAX)).unwrap_or(1);
                line.date = dates.bcd(when.day().plus(-back));
            }
            Self::Time => {
                let off = i32::try_from(random.between(1, 3_599)).unwrap_or(1);
                line.time = when.plus(off).time();
            }
            Self::Status => line.status = OperatorStatus::Refused(random.pick(&REFUSALS).to_owned()),
            Self::AmountAndTime => {
                Self::Amount.misread(line, when, dates, random)?;
                Self::Time.misread(line, when, dates, random)?;
            }
        }
        Ok(())
    }
}

/// A terminal number that no terminal reaches.
pub(crate) fn astray(number: TerminalNumber) -> TerminalNumber {
    TerminalNumber(number.0 ^ NUMBER_ASTRAY)
}

/// Whose turn it is, and what was made.
pub(crate) struct Kinds {
    per_million: u32,
    order: Vec<Slip>,
    next: usize,
    made: BTreeMap<&'static str, u64>,
}

impl Kinds {
    pub(crate) fn new(plan: &Plan, random: &mut Random) -> Self {
        let mut order = Slip::ALL.to_vec();
        random.shuffle(&mut order);
        Self { per_million: plan.anomaly_rate.per_million(), order, next: 0, made: BTreeMap::new() }
    }

    /// Whether there are anomalies at all.
    pub(crate) fn any(&self) -> bool {
        self.per_million > 0
    }

    /// The kind for the next line that `can` be made; mostly none.
    pub(crate) fn draw(&mut self, random: &mut Random, can: impl Fn(Slip) -> bool) -> Option<Slip> {
        if !random.chance(self.per_million, 1_000_000) {
            return None;
        }
        for _ in 0..self.order.len() {
            let kind = self.order[self.next];
            self.next = (self.next + 1) % self.order.len();
            if can(kind) {
                self.count(kind.name());
                return Some(kind);
            }
        }
        None
    }

    /// Counts an anomaly.
    pub(crate) fn count(&mut self, name: &'static str) {
        *self.made.entry(name).or_default() += 1;
    }

    /// What was made, by name.
    pub(crate) fn made(&self) -> &BTreeMap<&'static str, u64> {
        &self.made
    }
}
