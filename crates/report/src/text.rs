//! Languages, and numbers as people read them.

use std::ops::RangeInclusive;

use tongclear_types::Fen;

/// The language of a text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// The Chinese or the English of it.
    pub(crate) fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A count with a comma at every third digit.
#[must_use]
pub fn grouped(count: u64) -> String {
    group(&count.to_string())
}

/// An amount in yuan with two decimal places and commas, such as `-1,234.50`.
#[must_use]
pub fn yuan(amount: Fen) -> String {
    let text = amount.yuan().to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{fraction}", group(whole))
}

/// A difference in yuan, as [`yuan`] with a sign wherever there is one.
pub(crate) fn yuan_difference(amount: Fen) -> String {
    let sign = if amount > Fen::ZERO { "+" } else { "" };
    format!("{sign}{}", yuan(amount))
}

fn group(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The characters that take two columns of a terminal (East Asian Width W and F of Unicode, by blocks).
const WIDE: &[RangeInclusive<char>] = &[
    '\u{1100}'..='\u{115f}',   // Hangul Jamo
    '\u{2e80}'..='\u{a4cf}',   // CJK radicals, punctuation, kana, ideographs
    '\u{ac00}'..='\u{d7a3}',   // Hangul syllables
    '\u{f900}'..='\u{faff}',   // CJK compatibility ideographs
    '\u{fe30}'..='\u{fe6f}',   // CJK compatibility forms
    '\u{ff00}'..='\u{ff60}',   // full-width forms
    '\u{ffe0}'..='\u{ffe6}',   // full-width signs
    '\u{20000}'..='\u{3fffd}', // rarer ideographs, as names have them
];

/// How many columns of a terminal a text takes: Chinese characters and full-width marks take two.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| if WIDE.iter().any(|range| range.contains(&c)) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (fen, expected) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456, "1,234.56"), (-100_000_000, "-1,000,000.00")]
        {
            assert_eq!(yuan(Fen::new(fen).unwrap()), expected);
        }
        for (fen, expected) in [(0, "0.00"), (5, "+0.05"), (-5, "-0.05")] {
            assert_eq!(yuan_difference(Fen::new(fen).unwrap()), expected);
        }
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        for (text, columns) in [("ab", 2), ("结算ab", 6), ("（元）", 6), ("￥1", 3), ("𠮷", 2), ("–", 1)]
        {
            assert_eq!(width(text), columns, "{text}");
        }
    }
}
