//! The one place where accounts of the ledger become accounts of the books.
//!
//! The roots follow from what the centre is: it owns none of the money that passes through it, so what operators and sponsors
//! owe (receivable) and what merchants are owed (payable) stand against each other, and only its fees are income.
//!
//! * `operator:…:clearing`, `sponsor:…:clearing`: **Assets:Receivable**. They owe until the money is collected; loads turn the
//!   sum round.
//! * `merchant:…:payable`: **Liabilities:Payable**. Owed until it is paid out.
//! * `operator:…:suspense`, `merchant:…:suspense`: **Assets:Suspense** and **Liabilities:Suspense**, the same pair for money
//!   that waits for a decision; refused, both go back to nothing, released, the first two take over.
//! * `centre:fees`: **Income:Fees**.
//! * `centre:bank`: **Assets:Bank**. What was collected less what was paid out.
//!
//! The names are valid in both tools: beancount wants one of five roots, and every part to begin with a capital or a digit
//! and to go on with letters, digits and dashes, which codes of operators (digits) and merchants (capitals and digits) do.

use tongclear_ledger::{Account, Participant, Purpose};

use crate::Names;
use crate::text::Lang;

/// The kind of an account, as hledger's `type:` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Assets,
    Cash,
    Liabilities,
    Income,
}

impl Root {
    pub(super) const fn hledger(self) -> char {
        match self {
            Self::Assets => 'A',
            Self::Cash => 'C',
            Self::Liabilities => 'L',
            Self::Income => 'R',
        }
    }
}

/// The account's name in the books.
pub(super) fn name(account: Account) -> String {
    match (account.participant(), account.purpose()) {
        (Participant::Operator(code), Purpose::Suspense) => format!("Assets:Suspense:Operator:{code}"),
        (Participant::Operator(code), _) => format!("Assets:Receivable:Operator:{code}"),
        (Participant::Sponsor(code), _) => format!("Assets:Receivable:Sponsor:{code}"),
        (Participant::Merchant(code), Purpose::Suspense) => format!("Liabilities:Suspense:Merchant:{code}"),
        (Participant::Merchant(code), _) => format!("Liabilities:Payable:Merchant:{code}"),
        (Participant::Centre, Purpose::Bank) => "Assets:Bank".to_owned(),
        (Participant::Centre, _) => "Income:Fees".to_owned(),
    }
}

/// Its kind.
pub(super) const fn root(account: Account) -> Root {
    match (account.participant(), account.purpose()) {
        (Participant::Operator(_) | Participant::Sponsor(_), _) => Root::Assets,
        (Participant::Merchant(_), _) => Root::Liabilities,
        (Participant::Centre, Purpose::Bank) => Root::Cash,
        (Participant::Centre, _) => Root::Income,
    }
}

/// Whose account it is, for people: the participant's name, or the centre.
pub(super) fn owner(account: Account, names: &Names, lang: Lang) -> &str {
    match account.participant() {
        Participant::Operator(code) => names.operator(code, lang),
        Participant::Merchant(code) | Participant::Sponsor(code) => names.merchant(code, lang),
        Participant::Centre => lang.pick("清算中心", "the clearing centre"),
    }
}

/// What the account is for, for people.
pub(super) const fn purpose(account: Account) -> (&'static str, &'static str) {
    match account.purpose() {
        Purpose::Clearing => ("应收", "receivable"),
        Purpose::Payable => ("应付", "payable"),
        Purpose::Fees => ("手续费收入", "fees"),
        Purpose::Suspense => ("待决", "suspense"),
        Purpose::Bank => ("银行存款", "bank"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every account that exists, its name and its kind.
    #[test]
    fn every_account_has_a_name_of_its_own() {
        let table = [
            ("operator:0417:clearing", "Assets:Receivable:Operator:0417", 'A'),
            ("operator:0417:suspense", "Assets:Suspense:Operator:0417", 'A'),
            ("merchant:BUS00001:payable", "Liabilities:Payable:Merchant:BUS00001", 'L'),
            ("merchant:BUS00001:suspense", "Liabilities:Suspense:Merchant:BUS00001", 'L'),
            ("sponsor:GOV00001:clearing", "Assets:Receivable:Sponsor:GOV00001", 'A'),
            ("centre:fees", "Income:Fees", 'R'),
            ("centre:bank", "Assets:Bank", 'C'),
        ];
        for (text, expected, kind) in table {
            let account: Account = text.parse().unwrap();
            assert_eq!((name(account).as_str(), root(account).hledger()), (expected, kind));
        }
    }
}
