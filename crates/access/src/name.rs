//! Names of users: short, lower-case and ASCII, so that no two look alike and one fits into a log line as it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tongclear_types::IdError;

/// The name that a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl UserName {
    /// Longest name, bytes.
    pub const LEN_MAX: usize = 32;
    const EXPECTED: &'static str =
        "a user name: 1 to 32 of a-z, 0-9, dot, underscore and hyphen, the first a letter";

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for UserName {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        };
        let good = text.len() <= Self::LEN_MAX
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(allowed);
        let refuse = || IdError { value: text.to_owned(), expected: Self::EXPECTED };
        good.then(|| Self(text.to_owned())).ok_or_else(refuse)
    }
}

impl TryFrom<String> for UserName {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        let longest = "x".repeat(UserName::LEN_MAX);
        for good in ["a", "wang.fang", "night-2", "li_na", &longest] {
            assert_eq!(good.parse::<UserName>().unwrap().to_string(), good);
            assert_eq!(serde_json::from_str::<UserName>(&format!("{good:?}")).unwrap().as_str(), good);
        }
        let too_long = "x".repeat(UserName::LEN_MAX + 1);
        for bad in
            ["", "2nd", ".wang", "-wang", "Wang", "wang fang", "wang\n", "王芳", "os:root", "a@b", &too_long]
        {
            assert!(bad.parse::<UserName>().is_err(), "{bad:?}");
            assert!(serde_json::from_str::<UserName>(&format!("{bad:?}")).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_refusal_names_value_and_rule() {
        assert_eq!(
            "Wang".parse::<UserName>().unwrap_err().to_string(),
            "\"Wang\" is not a user name: 1 to 32 of a-z, 0-9, dot, underscore and hyphen, the first a letter"
        );
    }
}
