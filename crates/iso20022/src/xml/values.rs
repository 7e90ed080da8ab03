//! Values of elements: text, flags, counts, dates and amounts.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use tongclear_types::{BusinessDate, CivilMoment, Fen};

use super::Node;
use crate::amount::from_yuan;
use crate::error::ReadError;
use crate::text::Text;

/// The only currency.
pub(crate) const CURRENCY: &str = "CNY";
/// The centre's zone, Asia/Shanghai, has one offset all year.
const ZONE: Offset = Offset::constant(8);

/// A text of the standard.
pub(crate) fn text<const MAX: usize>(node: &Node) -> Result<Text<MAX>, ReadError> {
    Ok(Text::new("text", node.text())?)
}

/// `true`, `false`, `1` or `0`.
pub(crate) fn boolean(node: &Node) -> Result<bool, ReadError> {
    match node.text() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(ReadError::value(other, "true or false")),
    }
}

/// `Max15NumericText`: how many there are.
pub(crate) fn count(node: &Node) -> Result<usize, ReadError> {
    let text = node.text();
    let is_number = (1..=15).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| ReadError::value(text, "a number of 1 to 15 digits"))
}

/// Yuan, said to be yuan.
pub(crate) fn currency_amount(node: &Node) -> Result<Fen, ReadError> {
    match node.currency() {
        Some(CURRENCY) => from_yuan(node.text()),
        Some(other) => Err(ReadError::value(other, "currency CNY")),
        None => Err(ReadError::missing("currency CNY in attribute Ccy")),
    }
}

/// A date, or the date of a moment: `Dt` or `DtTm`.
pub(crate) fn date(node: &Node) -> Result<BusinessDate, ReadError> {
    if let Some(moment) = node.maybe("DtTm", moment)? {
        let date = BusinessDate::new(moment.date());
        return date.map_err(|_| ReadError::value(moment, "a year from 2000 to 2199").within("DtTm"));
    }
    node.need("Dt", "a date YYYY-MM-DD", |it| {
        let text = it.text();
        text.parse().map_err(|_| ReadError::value(text, "a date YYYY-MM-DD from 2000 to 2199"))
    })
}

/// A moment by the centre's clock, to the second: as written, or brought to +08:00 when it says its own offset.
pub(crate) fn moment(node: &Node) -> Result<CivilMoment, ReadError> {
    let text = node.text();
    let wrong = || ReadError::value(text, "a date and time YYYY-MM-DDThh:mm:ss");
    let written = text.get(..19).filter(|it| it.as_bytes().get(10) == Some(&b'T')).ok_or_else(wrong)?;
    let rest = text.get(19..).unwrap_or_default();
    let offset = rest.trim_start_matches(|it: char| it == '.' || it.is_ascii_digit());
    if offset.is_empty() {
        return written.parse::<DateTime>().map_err(|_| wrong());
    }
    let moment: Timestamp = format!("{written}{offset}").parse().map_err(|_| wrong())?;
    Ok(ZONE.to_datetime(moment))
}
