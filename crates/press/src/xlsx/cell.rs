//! The one place where an amount becomes the binary number that a workbook's cell holds.
//!
//! A workbook stores a number as decimal text that programs read as a double. Up to fifteen digits survive that exactly;
//! longer figures are written as text rather than changed.

use tongclear_types::Fen;

/// The digits that a double keeps, whatever they are (IEEE 754, `DBL_DIG`).
const DIGITS_MAX: usize = 15;

/// An amount in yuan as a cell's number; none when a double would not keep every fen.
pub(super) fn exact_yuan(amount: Fen) -> Option<f64> {
    let text = amount.yuan().to_string();
    (text.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX).then(|| text.parse().ok()).flatten()
}

/// A count as a cell's number; none when a double would not keep it.
pub(super) fn exact_count(count: u64) -> Option<f64> {
    let text = count.to_string();
    (text.len() <= DIGITS_MAX).then(|| text.parse().ok()).flatten()
}

/// How many characters of a column a text takes: Chinese characters take two.
pub(super) fn characters(text: &str) -> u16 {
    let widths = text.chars().map(|c| if c >= '\u{1100}' { 2_u16 } else { 1 });
    widths.fold(0, u16::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_digits_are_kept_and_more_are_not_tried() {
        for (fen, text) in
            [(1, Some("0.01")), (-123_456, Some("-1234.56")), (999_999_999_999_999, Some("9999999999999.99"))]
        {
            let value = exact_yuan(Fen::new(fen).unwrap());
            assert_eq!(value.map(|it| it.to_string()).as_deref(), text);
        }
        assert_eq!(exact_yuan(Fen::new(1_000_000_000_000_000).unwrap()), None);
        assert_eq!(exact_count(1_000_000_000_000_000), None);
    }
}
