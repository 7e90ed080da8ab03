//! Texts in both languages: fixed ones of the forms, and those that come with the values.

use serde::Serialize;

/// A text in Chinese and in English, given with the values; the English may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Words {
    /// 中文
    pub zh: String,
    /// English; empty when there is none.
    pub en: String,
}

impl Words {
    /// Both texts.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A fixed text of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

/// A fixed text in Chinese and English.
pub(crate) const fn label(zh: &'static str, en: &'static str) -> Label {
    Label { zh, en }
}

/// A count with a comma at every third digit.
pub(crate) fn grouped(count: u64) -> String {
    group(&count.to_string())
}

/// An amount in yuan with two decimal places and commas, such as `-1,234.50`.
pub(crate) fn yuan(amount: tongclear_types::Fen) -> String {
    let text = amount.yuan().to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{fraction}", group(whole))
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

#[cfg(test)]
mod tests {
    use tongclear_types::Fen;

    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        for (fen, expected) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456, "1,234.56"), (-100_000_000, "-1,000,000.00")]
        {
            assert_eq!(yuan(Fen::new(fen).unwrap()), expected);
        }
        for (count, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), expected);
        }
    }
}
