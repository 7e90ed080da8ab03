//! Texts of the standard, checked when they are made: a value that exists can be sent.
//!
//! Names and remittance texts may hold any character that people write, Chinese included. Ids are held to the characters
//! that every bank takes: letters, digits and `/ - ? : ( ) . , ' +`, with no `/` at either end and no `//`.

use std::fmt;

use crate::error::ValueError;

/// `MaxNText`: 1 to `MAX` characters, no control characters, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

/// `Max34Text`: an account number as a bank wrote it.
pub type Text34 = Text<34>;
/// `Max35Text`: an id that somebody else gave.
pub type Text35 = Text<35>;
/// `Max105Text`: what a bank adds to a reason.
pub type Text105 = Text<105>;
/// `Max140Text`: a name, or a line for the receiver.
pub type Text140 = Text<140>;

impl<const MAX: usize> Text<MAX> {
    /// The text, for the field of that name.
    ///
    /// # Errors
    /// [`ValueError`] when it is empty or too long, or has a control character or a space at an end.
    pub fn new(field: &'static str, text: &str) -> Result<Self, ValueError> {
        let wrong = |expected: String| Err(ValueError::new(field, text, expected));
        if !(1..=MAX).contains(&text.chars().count()) {
            return wrong(format!("1 to {MAX} characters"));
        }
        if text.chars().any(|it| !is_plain(it)) {
            return wrong("no control characters".to_owned());
        }
        if text.trim() != text {
            return wrong("no space at either end".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `it` may stand in a text: XML has no way to write U+FFFE and U+FFFF, and people have no use for controls.
fn is_plain(it: char) -> bool {
    !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}')
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether every bank takes `text` as an id.
fn is_id(text: &str) -> bool {
    let taken = |it: u8| it.is_ascii_alphanumeric() || b"/-?:().,'+".contains(&it);
    (1..=35).contains(&text.len())
        && text.bytes().all(taken)
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
}

fn is_account(text: &str) -> bool {
    (1..=34).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}

fn is_cnaps(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit())
}

fn is_reason(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric())
}

const ID: &str = "1 to 35 of letters, digits and /-?:().,'+, no slash at either end, no //";

/// Declares a text that is its own type, so that two of them cannot be taken for each other.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $field:literal, $check:ident, $expected:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("A ", $field, ".")]
            ///
            /// # Errors
            /// [`ValueError`] with the value, when it is none.
            pub fn new(text: &str) -> Result<Self, ValueError> {
                if !$check(text) {
                    return Err(ValueError::new($field, text, $expected));
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked! {
    /// The id of a message (报文标识号, `MsgId`).
    MessageId, "message id", is_id, ID
}
checked! {
    /// The id of a group of payments with one debtor and one date (`PmtInfId`).
    GroupId, "payment group id", is_id, ID
}
checked! {
    /// The id that travels with a payment from debtor to creditor and comes back in statements (端到端标识号, `EndToEndId`).
    EndToEndId, "end-to-end id", is_id, ID
}
checked! {
    /// An account number (账号, `Othr/Id`); not checksum-tested.
    AccountNumber, "account number", is_account, "1 to 34 of letters, digits and -"
}
checked! {
    /// The number of a bank in China's payment system (行号, `MmbId`).
    Cnaps, "bank", is_cnaps, "a CNAPS code of 12 digits"
}
checked! {
    /// Why a payment came back (ExternalReturnReason1Code): `AC04` closed account, `AM05` duplicate, …
    ReasonCode, "reason code", is_reason, "1 to 4 letters and digits, such as AC04"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_held_to_their_length_and_characters() {
        let long = "好".repeat(35);
        for (text, valid) in [
            ("a", true),
            ("成都公交 & Söhne <\"'>", true),
            (long.as_str(), true),
            ("", false),
            (&format!("{long}x"), false),
            (" a", false),
            ("a\u{3000}", false),
            ("a\nb", false),
            ("a\u{7f}b", false),
            ("a\u{ffff}b", false),
        ] {
            assert_eq!(Text35::new("name", text).is_ok(), valid, "{text:?}");
        }
        assert_eq!(
            Text34::new("account", "").unwrap_err().to_string(),
            "account is \"\", expected 1 to 34 characters"
        );
    }

    #[test]
    fn ids_have_the_characters_that_every_bank_takes() {
        for (text, valid) in [
            ("CDT/20261124/BUS00001", true),
            ("a-?:().,'+Z9", true),
            (&"x".repeat(35), true),
            (&"x".repeat(36), false),
            ("", false),
            ("/a", false),
            ("a/", false),
            ("a//b", false),
            ("a b", false),
            ("a_b", false),
            ("公交", false),
        ] {
            assert_eq!(EndToEndId::new(text).is_ok(), valid, "{text:?}");
        }
        assert_eq!(
            EndToEndId::new("a b").unwrap_err().to_string(),
            "end-to-end id is \"a b\", expected 1 to 35 of letters, digits and /-?:().,'+, no slash at either end, \
             no //"
        );
    }

    #[test]
    fn accounts_banks_and_reasons() {
        for (ok, valid) in [
            (AccountNumber::new("6222000000000000001").is_ok(), true),
            (AccountNumber::new("510-01").is_ok(), true),
            (AccountNumber::new("62 22").is_ok(), false),
            (AccountNumber::new(&"1".repeat(35)).is_ok(), false),
            (Cnaps::new("102651000000").is_ok(), true),
            (Cnaps::new("10265100000").is_ok(), false),
            (Cnaps::new("10265100000x").is_ok(), false),
            (ReasonCode::new("AC04").is_ok(), true),
            (ReasonCode::new("").is_ok(), false),
            (ReasonCode::new("AC004").is_ok(), false),
        ] {
            assert_eq!(ok, valid);
        }
    }
}
