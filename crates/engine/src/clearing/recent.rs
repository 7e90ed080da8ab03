//! What the record before asked, as records repeat each other.
//!
//! A package's records ascend by terminal, and a terminal's by number: thousands in a row ask for the same terminal,
//! date, operator and contract. Each question's last answer is therefore kept beside it; asking again costs one
//! comparison, where the registry costs a search. Answers depend on nothing but the question and what a run never
//! changes, so they hold for as long as the run's tables do.

use jiff::civil::Date;
use tongclear_ledger::ContractIndex;
use tongclear_mac::KeySlot;
use tongclear_types::{BcdDate, IssuerId, MerchantCode, Reason, TerminalId};

/// The last question and its answer.
#[derive(Debug)]
struct Last<Q, A>(Option<(Q, A)>);

impl<Q, A> Default for Last<Q, A> {
    fn default() -> Self {
        Self(None)
    }
}

impl<Q: Copy + PartialEq, A: Copy> Last<Q, A> {
    /// The answer to `question`, asked only when it is not the last one again.
    #[inline]
    fn answer(&mut self, question: Q, ask: impl FnOnce() -> A) -> A {
        match self.0 {
            Some((last, answer)) if last == question => answer,
            _ => {
                let answer = ask();
                self.0 = Some((question, answer));
                answer
            }
        }
    }
}

/// The last answers to what checks 1 to 12 look up, of one run's tables.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    dates: Last<BcdDate, Option<Date>>,
    terminals: Last<(TerminalId, MerchantCode, Date), Result<u32, Reason>>,
    operators: Last<IssuerId, Option<u16>>,
    keys: Last<(u16, u8, u8), Option<KeySlot>>,
    contracts: Last<(MerchantCode, u16, Date), Option<(ContractIndex, i64)>>,
}

impl Recent {
    /// The date that eight digits are.
    #[inline]
    pub(super) fn date(&mut self, digits: BcdDate) -> Option<Date> {
        self.dates.answer(digits, || digits.to_civil())
    }

    /// Index of a terminal in service at a merchant on a date, or why it is not.
    #[inline]
    pub(super) fn terminal(
        &mut self,
        question: (TerminalId, MerchantCode, Date),
        ask: impl FnOnce() -> Result<u32, Reason>,
    ) -> Result<u32, Reason> {
        self.terminals.answer(question, ask)
    }

    /// Index of the operator with an issuer id.
    #[inline]
    pub(super) fn operator(&mut self, issuer: IssuerId, ask: impl FnOnce() -> Option<u16>) -> Option<u16> {
        self.operators.answer(issuer, ask)
    }

    /// The key of an operator, version and algorithm byte.
    #[inline]
    pub(super) fn key(
        &mut self,
        question: (u16, u8, u8),
        ask: impl FnOnce() -> Option<KeySlot>,
    ) -> Option<KeySlot> {
        self.keys.answer(question, ask)
    }

    /// The contract of a merchant and an operator on a date, and its limit, fen.
    #[inline]
    pub(super) fn contract(
        &mut self,
        question: (MerchantCode, u16, Date),
        ask: impl FnOnce() -> Option<(ContractIndex, i64)>,
    ) -> Option<(ContractIndex, i64)> {
        self.contracts.answer(question, ask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_new_question_is_asked() {
        let mut last = Last::default();
        let mut asked = 0;
        let mut answer = |question: u32| {
            last.answer(question, || {
                asked += 1;
                question * 10
            })
        };
        assert_eq!([1, 1, 2, 2, 1].map(&mut answer), [10, 10, 20, 20, 10]);
        assert_eq!(asked, 3);
    }
}
