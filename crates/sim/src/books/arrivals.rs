//! When the files of the card operators arrive: late, in part, twice, after days off.
//!
//! All of it is decided before the first day. Memory: a few dozen bytes a file, of which there are at most 4 a day.

use std::collections::BTreeMap;
use std::fmt::Write;

use tongclear_types::BusinessDate;

use super::Kinds;
use crate::city::Operator;
use crate::moment::{Dates, Day};
use crate::plan::{AnomalyRate, Plan};
use crate::random::Random;

/// Days by which a file is late, at most.
const LATE_DAYS_MAX: u32 = 3;
/// Files of the foreign operators that are late: one in so many, and at least one.
const LATE_ONE_IN: u32 = 8;

/// A file: whose, of which day, and whether it is a first part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileKey {
    pub(crate) day: Day,
    /// Index of the operator.
    pub(crate) operator: usize,
    pub(crate) part: bool,
}

/// The place of a file among all in the order in which they first arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(usize);

/// When each file arrives.
pub(crate) struct Arrivals {
    /// In order; a file that comes twice is there twice.
    order: Vec<(Day, FileKey)>,
    ranks: BTreeMap<FileKey, Rank>,
}

impl Arrivals {
    /// The arrivals of `plan`; `kinds` counts what is out of the ordinary.
    pub(crate) fn new(plan: &Plan, operators: &[Operator], kinds: &mut Kinds) -> Self {
        let dates = Dates::new(plan.date);
        let mut random = Random::new(plan.seed, 7);
        let astray = plan.days > 1 && plan.anomaly_rate != AnomalyRate::NONE;
        let days = i32::from(plan.days);
        let mut order = Vec::new();
        for (index, operator) in operators.iter().enumerate() {
            let rests =
                |day: Day| operator.rests && days > 1 && !operator.calendar.is_working(dates.civil(day));
            let open = |mut day: Day| {
                while rests(day) {
                    day = day.plus(1);
                }
                day
            };
            let mut turns: Vec<Day> = (0..days).map(Day).filter(|day| !rests(*day)).collect();
            random.shuffle(&mut turns);
            for day in (0..days).map(Day) {
                let whole = FileKey { operator: index, day, part: false };
                let turn = turns.iter().position(|it| *it == day);
                let wait = i32::try_from(random.between(1, LATE_DAYS_MAX)).unwrap_or(1);
                let late = random.chance(1, LATE_ONE_IN);
                let after = open(day.plus(wait));
                match (turn.filter(|_| astray), index) {
                    // The largest operator shows each of the three, if there are days enough.
                    (Some(0), 0) => {
                        order.push((day, FileKey { part: true, ..whole }));
                        order.push((after, whole));
                        kinds.count("file_in_part");
                    }
                    (Some(1), 0) => {
                        order.push((day, whole));
                        order.push((after, whole));
                        kinds.count("file_twice");
                    }
                    (Some(turn), _) if (turn == 2 && index == 0) || (index > 0 && (turn == 0 || late)) => {
                        order.push((after, whole));
                        kinds.count("file_late");
                    }
                    _ => order.push((open(day), whole)),
                }
            }
        }
        order.sort_by_key(|(arrives, key)| (*arrives, key.day, key.operator, !key.part));
        let mut ranks = BTreeMap::new();
        for (place, (_, key)) in order.iter().enumerate() {
            ranks.entry(*key).or_insert(Rank(place));
        }
        Self { order, ranks }
    }

    /// The place of the file; none when there is no such file.
    pub(crate) fn rank(&self, key: FileKey) -> Option<Rank> {
        self.ranks.get(&key).copied()
    }

    /// `arrivals.csv`; writing to a `String` cannot fail.
    pub(crate) fn csv(&self, date: BusinessDate, operators: &[Operator]) -> String {
        let mut out = String::from("arrives_on,operator,file_date,file\n");
        for (arrives, key) in &self.order {
            let code = operators[key.operator].code;
            let file = key.name(date, code);
            let (arrives, of) = (date.plus_days(arrives.0), date.plus_days(key.day.0));
            let _ = writeln!(out, "{arrives},{code},{of},{file}");
        }
        out
    }
}

impl FileKey {
    /// The name of a file of the operator `code`, in a run that begins on `date`.
    pub(crate) fn name(self, date: BusinessDate, code: impl std::fmt::Display) -> String {
        let part = if self.part { "-part" } else { "" };
        format!("{code}-{}{part}.csv", date.plus_days(self.day.0))
    }
}
