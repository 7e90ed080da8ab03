//! What becomes of a record (`clearing.md`, Dispositions): names and their meaning for people.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::named;

named! {
    /// Exactly one for every record of a closed window.
    Disposition {
        Accepted = "accepted", "接受", "accepted: the merchant is paid";
        Duplicate = "duplicate", "重复", "duplicate: a copy of a record that was seen before";
        Suspended = "suspended", "挂账", "suspended: the money waits for a decision";
        Rejected = "rejected", "拒付", "rejected: not paid";
    }
}

named! {
    /// Why a record was suspended or rejected, in the order in which the checks are made.
    Reason {
        Malformed = "malformed", "日期、时间或交易类型无效", "date, time or transaction type is not valid";
        TestCard = "test_card", "测试卡", "a test card";
        UnknownTerminal = "unknown_terminal", "终端未登记", "the terminal is not registered";
        TerminalNotInService = "terminal_not_in_service", "终端当日不属于该商户", "the terminal was not in service for this merchant on that date";
        UnknownOperator = "unknown_operator", "发卡机构未登记", "the card operator is not registered";
        FutureDated = "future_dated", "交易日期在未来", "dated more than a day after the window";
        TooOld = "too_old", "交易过期", "older than the centre accepts";
        KeyUnavailable = "key_unavailable", "缺少验证密钥", "the key to verify the TAC is not in the key ring";
        TacMismatch = "tac_mismatch", "TAC 不符", "the TAC is wrong";
        BalanceArithmetic = "balance_arithmetic", "余额计算不符", "balance before, amount and balance after do not add up";
        NoContract = "no_contract", "无有效合同", "no contract was in force";
        OverLimit = "over_limit", "超过合同限额", "above the contract's amount limit";
        DenyListed = "deny_listed", "黑名单卡", "the card was on the deny list the terminal held or should have held";
        NumberConflict = "number_conflict", "终端交易序号冲突", "the terminal number was accepted before for another transaction";
        StaleCounter = "stale_counter", "卡计数器过旧", "the card counter is too far below the highest to tell";
        CounterJump = "counter_jump", "卡计数器跳跃", "the card counter is too far above the highest";
        CounterConflict = "counter_conflict", "卡计数器冲突", "another accepted transaction has this card counter";
    }
}

impl Reason {
    /// Whether the reason suspends or rejects.
    #[must_use]
    #[inline]
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Malformed
            | Self::TestCard
            | Self::UnknownTerminal
            | Self::TerminalNotInService
            | Self::UnknownOperator
            | Self::TacMismatch
            | Self::DenyListed => Disposition::Rejected,
            Self::FutureDated
            | Self::TooOld
            | Self::KeyUnavailable
            | Self::BalanceArithmetic
            | Self::NoContract
            | Self::OverLimit
            | Self::NumberConflict
            | Self::StaleCounter
            | Self::CounterJump
            | Self::CounterConflict => Disposition::Suspended,
        }
    }
}

named! {
    /// Worth knowing about an accepted record; never a reason not to pay.
    Flag {
        CounterGap = "counter_gap", "卡计数器缺口", "the transaction before it on this card has not arrived";
        GapClosed = "gap_closed", "缺口补齐", "fills a gap of an earlier window";
        BalanceBreak = "balance_break", "余额不连续", "the balance does not follow from the transaction before";
        DenyListedLate = "deny_listed_late", "黑名单宽限期内", "listed, but the terminal could not know yet";
        Supplementary = "supplementary", "补采", "the TAC was recovered later";
        Late = "late", "迟到", "dated before the window";
    }
}

/// A set of [`Flag`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(u8);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// The set with `flag` in it.
    #[must_use]
    pub const fn with(self, flag: Flag) -> Self {
        Self(self.0 | 1 << flag as u8)
    }

    /// The set with `flag` in it if `condition` holds.
    #[must_use]
    #[inline]
    pub const fn with_if(self, flag: Flag, condition: bool) -> Self {
        if condition { self.with(flag) } else { self }
    }

    /// Whether `flag` is in the set.
    #[must_use]
    #[inline]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & 1 << flag as u8 != 0
    }

    /// The flags in the set, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.has(*flag))
    }

    /// The set as a byte, bit n standing for the n-th flag.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of `bits`; bits that stand for no flag are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & ((1 << Flag::ALL.len()) - 1))
    }
}

/// The names, separated by `|`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, flag) in self.iter().enumerate() {
            if i > 0 {
                f.write_str("|")?;
            }
            f.write_str(flag.name())?;
        }
        Ok(())
    }
}

/// What was decided about one record: the disposition with exactly the data that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// The merchant is paid.
    Accepted(Flags),
    /// A copy.
    Duplicate,
    /// Suspended or rejected, as the reason says.
    Refused(Reason),
}

impl Verdict {
    /// The disposition.
    #[must_use]
    #[inline]
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Accepted(_) => Disposition::Accepted,
            Self::Duplicate => Disposition::Duplicate,
            Self::Refused(reason) => reason.disposition(),
        }
    }

    /// The reason, when there is one.
    #[must_use]
    #[inline]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Refused(reason) => Some(reason),
            Self::Accepted(_) | Self::Duplicate => None,
        }
    }

    /// The flags; none unless accepted.
    #[must_use]
    #[inline]
    pub const fn flags(self) -> Flags {
        match self {
            Self::Accepted(flags) => flags,
            Self::Duplicate | Self::Refused(_) => Flags::NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_print_in_the_documented_order_and_survive_a_byte() {
        let flags = Flags::NONE.with(Flag::Late).with(Flag::CounterGap);
        assert_eq!(flags.to_string(), "counter_gap|late");
        assert_eq!(Flags::from_bits(flags.bits()), flags);
        assert_eq!(Flags::from_bits(0xff).iter().count(), Flag::ALL.len());
    }

    #[test]
    fn names_are_unique_and_found_again() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_name(reason.name()), Some(*reason));
        }
        assert_eq!(Reason::from_name("accepted"), None);
    }
}
