//! Single values of `registry.toml`; the errors say what is wrong without repeating the value.

use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::de::DeValue;

/// Characters that a text may have.
const TEXT_CHARACTERS_MAX: usize = 200;

/// Digits of a CNAPS code (行号).
const BANK_DIGITS: usize = 12;

/// The value as it stands in the file, for an error.
pub(crate) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(boolean) => boolean.to_string(),
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::Array(_) => "[…]".to_owned(),
        DeValue::Table(_) => "{…}".to_owned(),
    }
}

fn string<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("a TOML {}; write it as text, in quotes", value.type_str()))
}

/// A text that can be shown: not empty, on one line.
pub(crate) fn text(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    if text.trim().is_empty() {
        return Err("empty".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("has a control character".to_owned());
    }
    if text.chars().count() > TEXT_CHARACTERS_MAX {
        return Err(format!("longer than {TEXT_CHARACTERS_MAX} characters"));
    }
    Ok(text.to_owned())
}

/// A 12-digit CNAPS code.
pub(crate) fn bank(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    let well_formed = text.len() == BANK_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.to_owned()).ok_or_else(|| "not a CNAPS code of 12 digits".to_owned())
}

/// An id, code or name of a fixed set.
pub(crate) fn parsed<T: FromStr<Err: Display>>(value: &DeValue<'_>) -> Result<T, String> {
    parsed_text(string(value)?)
}

/// As [`parsed`], of a plain text. Our own types say `"x" is not …`; the value is told elsewhere.
pub(crate) fn parsed_text<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| {
        let message = error.to_string();
        message.strip_prefix(&format!("{text:?} is ")).unwrap_or(&message).to_owned()
    })
}

/// A date: a text or a TOML date.
pub(crate) fn date(value: &DeValue<'_>) -> Result<Date, String> {
    match value {
        DeValue::Datetime(datetime) => date_text(&datetime.to_string()),
        other => date_text(string(other)?),
    }
}

/// A date as text.
pub(crate) fn date_text(text: &str) -> Result<Date, String> {
    // Exactly the ISO form: jiff alone would also read a time behind it.
    let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
    date.ok_or_else(|| "not a date YYYY-MM-DD".to_owned())
}

/// A decimal: a text or a TOML integer, never a TOML float, whose digits are not those in the file.
pub(crate) fn decimal(value: &DeValue<'_>) -> Result<Decimal, String> {
    let text = match value {
        DeValue::Float(_) => return Err("a TOML float is not exact; write it in quotes".to_owned()),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        other => string(other)?,
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if !digits(whole) || !digits(fraction) {
        return Err("not a decimal such as 0.0060".to_owned());
    }
    // Without trailing zeros, so that 0.0060 and 0.006 are the same contract.
    Decimal::from_str_exact(text)
        .map(|decimal| decimal.normalize())
        .map_err(|_| "has more digits than can be computed with".to_owned())
}

/// A whole number.
pub(crate) fn number<T: TryFrom<i64>>(value: &DeValue<'_>) -> Result<T, String> {
    let Some(integer) = value.as_integer() else {
        return Err(format!("a TOML {}; write a whole number without quotes", value.type_str()));
    };
    let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| "out of range".to_owned())
}

/// `true` or `false`.
pub(crate) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("a TOML {}; write true or false", value.type_str()))
}

#[cfg(test)]
mod tests;
