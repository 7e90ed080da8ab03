//! The axis of a chart: round steps, and values in a unit that keeps them short.

use super::chart::Unit;
use crate::words::Label;
use crate::words::label;

/// From this many on (records, or yuan), values are shown in ten thousands (万).
const SHORTENED_FROM: i64 = 100_000;
/// The most steps of an axis.
const STEPS_MAX: i64 = 5;

/// An axis from zero up.
#[derive(Debug)]
pub(super) struct Scale {
    step: i64,
    top: i64,
    /// Decimal places between the value and what is shown.
    places: usize,
    unit: Option<Label>,
}

impl Scale {
    /// An axis that reaches `largest`.
    pub(super) fn of(largest: i64, unit: Unit) -> Self {
        let one = match unit {
            Unit::Count => 1,
            Unit::Fen => 100,
        };
        let is_shortened = largest / one >= SHORTENED_FROM;
        let steps = largest.max(one).saturating_add(STEPS_MAX - 1) / STEPS_MAX;
        let mut step = 1_i64;
        let mut factors = [2, 5, 10].iter().cycle();
        let mut decade = 1_i64;
        while step < steps {
            let Some(factor) = factors.next() else { break };
            step = decade.saturating_mul(*factor);
            if *factor == 10 {
                decade = step;
            }
        }
        let top = step.saturating_mul((largest.max(one).saturating_add(step - 1)) / step);
        let (places, unit) = match (unit, is_shortened) {
            (Unit::Count, false) => (0, Some(label("笔", "records"))),
            (Unit::Count, true) => (4, Some(label("万笔", "10,000 records"))),
            (Unit::Fen, false) => (2, Some(label("元", "yuan"))),
            (Unit::Fen, true) => (6, Some(label("万元", "10,000 yuan"))),
        };
        Self { step, top, places, unit }
    }

    /// Its upper end.
    pub(super) const fn top(&self) -> i64 {
        self.top
    }

    /// From zero to the upper end.
    pub(super) fn ticks(&self) -> Vec<i64> {
        (0..=self.top / self.step).map(|it| it * self.step).collect()
    }

    /// The unit in words.
    pub(super) fn unit(&self) -> String {
        self.unit.map(|it| format!("{} {}", it.zh, it.en)).unwrap_or_default()
    }

    /// A value in the unit, with at most two decimals.
    pub(super) fn show(&self, value: i64) -> String {
        let digits = format!("{:0>width$}", value.unsigned_abs(), width = self.places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.places);
        let fraction = fraction.get(..self.places.min(2)).unwrap_or_default().trim_end_matches('0');
        let sign = if value < 0 { "-" } else { "" };
        let whole = crate::words::grouped(whole.parse().unwrap_or_default());
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_reach_the_largest() {
        for (largest, unit, top, shown) in [
            (0, Unit::Count, 1, "1"),
            (7, Unit::Count, 8, "8"),
            (1_234, Unit::Count, 1_500, "1,500"),
            (1_234_567, Unit::Count, 1_500_000, "150"),
            (123_456, Unit::Fen, 150_000, "1,500"),
            (98_765_432_100, Unit::Fen, 100_000_000_000, "100,000"),
        ] {
            let scale = Scale::of(largest, unit);
            assert_eq!((scale.top(), scale.show(scale.top()).as_str()), (top, shown), "{largest}");
            assert!(scale.ticks().len() <= 7, "{:?}", scale.ticks());
        }
        assert_eq!(Scale::of(i64::MAX, Unit::Fen).ticks().first(), Some(&0));
    }
}
