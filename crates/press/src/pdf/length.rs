//! Lengths on paper, in whole thousandths of a point: layout is integer arithmetic and comes out the same everywhere.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// A length, in thousandths of a point (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Length(i32);

impl Length {
    pub(super) const ZERO: Self = Self(0);

    /// Whole points.
    pub(super) const fn pt(points: i32) -> Self {
        Self(points * 1_000)
    }

    /// Tenths of a point.
    pub(super) const fn tenths(tenths: i32) -> Self {
        Self(tenths * 100)
    }

    /// Whole millimetres, 2.8346 points each.
    pub(super) const fn mm(millimetres: i32) -> Self {
        Self(millimetres * 28_346 / 10)
    }

    /// `units` of a font with `units_per_em`, set in this size.
    pub(super) fn scaled(self, units: u32, units_per_em: u16) -> Self {
        let product = i64::from(self.0) * i64::from(units) / i64::from(units_per_em.max(1));
        Self(i32::try_from(product).unwrap_or(i32::MAX))
    }

    /// This length times `part` / `whole`: of a column its share, of an axis a value's place.
    pub(super) fn share(self, part: i64, whole: i64) -> Self {
        let product = i128::from(self.0) * i128::from(part) / i128::from(whole.max(1));
        Self(i32::try_from(product).unwrap_or(i32::MAX))
    }

    /// Thousandths of a point.
    pub(super) const fn thousandths(self) -> i32 {
        self.0
    }
}

impl Add for Length {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Length {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Length {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<i32> for Length {
    type Output = Self;
    fn mul(self, times: i32) -> Self {
        Self(self.0 * times)
    }
}

impl Div<i32> for Length {
    type Output = Self;
    fn div(self, parts: i32) -> Self {
        Self(self.0 / parts)
    }
}

impl Sum for Length {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}
