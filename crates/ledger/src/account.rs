//! Accounts: a participant and a purpose, with one stable text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tongclear_types::{MerchantCode, OperatorCode};

/// Who takes part in clearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Participant {
    /// A card operator, who owes what its cards spent.
    Operator(OperatorCode),
    /// A merchant or load agent, who is owed what it took.
    Merchant(MerchantCode),
    /// A sponsor, who owes the concessions it granted.
    Sponsor(MerchantCode),
    /// The clearing centre itself.
    Centre,
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// What an operator or sponsor owes the other participants.
    Clearing,
    /// What a merchant is owed.
    Payable,
    /// What the centre has earned.
    Fees,
    /// Money that waits for a decision.
    Suspense,
    /// Money that has left for the bank or come in from it.
    Bank,
}

/// One account; which purposes a participant has is fixed by [`Account::new`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Account {
    participant: Participant,
    purpose: Purpose,
}

/// Why a text is not an account or a participant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct AccountError {
    /// The text that was refused.
    pub value: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 5] = [Self::Clearing, Self::Payable, Self::Fees, Self::Suspense, Self::Bank];

    /// The last part of an account's text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clearing => "clearing",
            Self::Payable => "payable",
            Self::Fees => "fees",
            Self::Suspense => "suspense",
            Self::Bank => "bank",
        }
    }
}

impl Account {
    /// The account of `participant` for `purpose`; none where that participant has no such account.
    #[must_use]
    pub const fn new(participant: Participant, purpose: Purpose) -> Option<Self> {
        let exists = matches!(
            (participant, purpose),
            (Participant::Operator(_), Purpose::Clearing | Purpose::Suspense)
                | (Participant::Merchant(_), Purpose::Payable | Purpose::Suspense)
                | (Participant::Sponsor(_), Purpose::Clearing)
                | (Participant::Centre, Purpose::Fees | Purpose::Bank)
        );
        if exists { Some(Self { participant, purpose }) } else { None }
    }

    /// `operator:0417:clearing`: what a card operator owes.
    #[must_use]
    pub const fn operator_clearing(operator: OperatorCode) -> Self {
        Self { participant: Participant::Operator(operator), purpose: Purpose::Clearing }
    }

    /// `operator:0417:suspense`.
    #[must_use]
    pub const fn operator_suspense(operator: OperatorCode) -> Self {
        Self { participant: Participant::Operator(operator), purpose: Purpose::Suspense }
    }

    /// `merchant:BUS00001:payable`: what a merchant is owed.
    #[must_use]
    pub const fn merchant_payable(merchant: MerchantCode) -> Self {
        Self { participant: Participant::Merchant(merchant), purpose: Purpose::Payable }
    }

    /// `merchant:BUS00001:suspense`.
    #[must_use]
    pub const fn merchant_suspense(merchant: MerchantCode) -> Self {
        Self { participant: Participant::Merchant(merchant), purpose: Purpose::Suspense }
    }

    /// `sponsor:GOV00001:clearing`: what a sponsor owes.
    #[must_use]
    pub const fn sponsor_clearing(sponsor: MerchantCode) -> Self {
        Self { participant: Participant::Sponsor(sponsor), purpose: Purpose::Clearing }
    }

    /// `centre:fees`.
    pub const CENTRE_FEES: Self = Self { participant: Participant::Centre, purpose: Purpose::Fees };

    /// `centre:bank`.
    pub const CENTRE_BANK: Self = Self { participant: Participant::Centre, purpose: Purpose::Bank };

    /// Whose account.
    #[must_use]
    pub const fn participant(self) -> Participant {
        self.participant
    }

    /// What it is for.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        self.purpose
    }
}

/// `operator:0417`, `merchant:BUS00001`, `sponsor:GOV00001` or `centre`.
impl fmt::Display for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(operator) => f.pad(&format!("operator:{operator}")),
            Self::Merchant(merchant) => f.pad(&format!("merchant:{merchant}")),
            Self::Sponsor(sponsor) => f.pad(&format!("sponsor:{sponsor}")),
            Self::Centre => f.pad("centre"),
        }
    }
}

impl FromStr for Participant {
    type Err = AccountError;
    fn from_str(text: &str) -> Result<Self, AccountError> {
        let participant = match text.split_once(':') {
            None => (text == "centre").then_some(Self::Centre),
            Some(("operator", code)) => code.parse().ok().map(Self::Operator),
            Some(("merchant", code)) => code.parse().ok().map(Self::Merchant),
            Some(("sponsor", code)) => code.parse().ok().map(Self::Sponsor),
            Some(_) => None,
        };
        // The way back must give the same text: codes are read in either case but have one spelling here.
        participant.filter(|participant| participant.to_string() == text).ok_or_else(|| AccountError {
            value: text.to_owned(),
            expected: "a participant such as operator:0417, merchant:BUS00001, sponsor:GOV00001 or centre",
        })
    }
}

/// The participant, a colon and the purpose.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.participant, self.purpose.name())
    }
}

impl FromStr for Account {
    type Err = AccountError;
    fn from_str(text: &str) -> Result<Self, AccountError> {
        let account = || {
            let (participant, purpose) = text.rsplit_once(':')?;
            let purpose = Purpose::ALL.into_iter().find(|it| it.name() == purpose)?;
            Self::new(participant.parse().ok()?, purpose)
        };
        account().ok_or_else(|| AccountError {
            value: text.to_owned(),
            expected: "an account such as operator:0417:clearing, merchant:BUS00001:payable or centre:fees",
        })
    }
}

/// Declares the conversions that serde goes through.
macro_rules! through_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = AccountError;
            fn try_from(text: String) -> Result<Self, AccountError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> Self {
                it.to_string()
            }
        }
    };
}

through_text!(Participant);
through_text!(Account);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_that_exist_have_one_text() {
        for text in [
            "operator:0417:clearing",
            "operator:0417:suspense",
            "merchant:BUS00001:payable",
            "merchant:BUS00001:suspense",
            "sponsor:GOV00001:clearing",
            "centre:fees",
            "centre:bank",
        ] {
            assert_eq!(text.parse::<Account>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_no_accounts() {
        for text in [
            "",
            "centre",
            "centre:clearing",
            "centre::fees",
            "operator:0417",
            "operator:0417:payable",
            "operator:04F7:clearing",
            "operator:417:clearing",
            "merchant:BUS00001:clearing",
            "merchant:bus00001:payable",
            "sponsor:GOV00001:payable",
            "sponsor:GOV00001:clearing ",
            "bank:0417:clearing",
        ] {
            assert!(text.parse::<Account>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_shorthands_are_accounts() {
        let (operator, merchant) = (OperatorCode([4, 0x17]), "BUS00001".parse().unwrap());
        for account in [
            Account::operator_clearing(operator),
            Account::operator_suspense(operator),
            Account::merchant_payable(merchant),
            Account::merchant_suspense(merchant),
            Account::sponsor_clearing(merchant),
            Account::CENTRE_FEES,
            Account::CENTRE_BANK,
        ] {
            assert_eq!(Account::new(account.participant(), account.purpose()), Some(account));
        }
    }
}
