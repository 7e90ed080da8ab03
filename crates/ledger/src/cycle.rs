//! Settlement cycles, `T+n`: how many business days after the window its money moves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A settlement cycle of `n` business days; written `T+n`, `n` from 0 to 255.
///
/// ```
/// use tongclear_ledger::Cycle;
/// assert_eq!("T+1".parse(), Ok(Cycle(1)));
/// assert_eq!(Cycle(0).to_string(), "T+0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cycle(pub u8);

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T+{}", self.0)
    }
}

impl FromStr for Cycle {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        // Digits only: the number parser alone would also take a second plus sign.
        text.strip_prefix("T+")
            .filter(|days| days.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|days| days.parse().ok())
            .map(Self)
            .ok_or_else(|| format!("{text:?} is not a cycle: T+n with n from 0 to 255 business days"))
    }
}

impl TryFrom<String> for Cycle {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Cycle> for String {
    fn from(cycle: Cycle) -> Self {
        cycle.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_t_plus_a_number_of_days() {
        for (text, days) in [
            ("T+0", Some(0)),
            ("T+1", Some(1)),
            ("T+255", Some(255)),
            ("T+256", None),
            ("T+", None),
            ("T++1", None),
            ("T-1", None),
            ("T+ 1", None),
            ("t+1", None),
            ("1", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Cycle>().ok(), days.map(Cycle), "{text:?}");
        }
    }
}
