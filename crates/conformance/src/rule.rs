//! The rules that packages are held against: names, meaning, what breaking one costs.

use std::fmt;

use serde::Serialize;
use tongclear_package::QuarantineReason;
use tongclear_types::{Reason, named};

named! {
    /// One rule of `package.md`, or of the centre's checks; the order is that of packages, records, and records together.
    Rule {
        Form = "form", "包格式", "the form of a package: length, constants, zero bytes, merchant code, sequence";
        CollectorRegistered = "collector_registered", "采集点已登记", "the collector is registered";
        MerchantOfCollector = "merchant_of_collector", "商户与采集点一致", "the merchant is the collector's";
        SealKey = "seal_key", "封签密钥已知", "algorithm and key version of the seal are known and fit";
        Seal = "seal", "封签正确", "the seal is that of header and records";
        AmountSum = "amount_sum", "金额合计", "the header's sum is that of the records";
        SequenceUnique = "sequence_unique", "包序号不重复", "a sequence is used once";
        SealChain = "seal_chain", "封签链", "each package repeats the start of the seal before";
        SequenceContiguous = "sequence_contiguous", "包序号连续", "sequences are contiguous from 1";
        FileName = "file_name", "文件名", "the file's name is collector and sequence";
        CreatedAt = "created_at", "打包时间", "the time of creation is in Unix seconds and not before the records";
        DateTime = "date_time", "日期时间有效", "date and time are BCD calendar values";
        TransactionType = "transaction_type", "交易类型有效", "the transaction type is 02, 05, 06 or 09";
        TestCard = "test_card", "非测试卡", "the test-card flag is clear";
        TerminalRegistered = "terminal_registered", "终端已登记", "the terminal is registered";
        TerminalInService = "terminal_in_service", "终端当日属于该商户", "the terminal is the merchant's on that date";
        IssuerRegistered = "issuer_registered", "发卡机构已登记", "the issuer id is a registered card operator's";
        Algorithm = "algorithm", "算法字节", "the algorithm byte is 00, 01 or 04";
        KeyVersion = "key_version", "密钥版本已知", "the operator has a TAC key of that version and algorithm";
        Tac = "tac", "TAC 正确", "the TAC is right";
        Balance = "balance", "余额计算", "balance before and amount give balance after";
        Contract = "contract", "有效合同", "a contract is in force for merchant and operator";
        AmountLimit = "amount_limit", "合同限额", "the amount is within the contract's limit";
        ListPrice = "list_price", "原价", "the list price is not below the amount";
        SerialDigits = "serial_digits", "应用序列号为数字", "the application serial has decimal digits only";
        Sector = "sector", "行业字节", "the sector byte is the merchant's";
        SectorData = "sector_data", "行业数据", "the sector data has the layout of its sector";
        ReservedFlags = "reserved_flags", "保留标志位", "reserved flag bits are zero";
        RecordOrder = "record_order", "记录次序", "records come in non-descending terminal and number";
        Copy = "copy", "无重复记录", "no record is sent twice";
        TerminalNumber = "terminal_number", "终端交易序号不重复", "a terminal's number is used once";
        TerminalNumberRising = "terminal_number_rising", "终端交易序号递增", "a terminal's numbers rise from package to package, but of recovered TACs";
        CardCounter = "card_counter", "卡计数器不重复", "a counter of a card is used once";
        CardCounterRising = "card_counter_rising", "卡计数器随时间递增", "a card's counters rise with date and time";
        DenyListVersion = "deny_list_version", "黑名单版本不回退", "a terminal's deny list version falls by one at most";
    }
}

/// What breaking a rule costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The centre would not accept the package or the record.
    Error,
    /// The centre would accept it; `package.md` does not allow it.
    Advice,
}

impl Severity {
    /// The name in files and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Advice => "advice",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Rule {
    /// The rules that cannot be checked without keys.
    pub const OF_KEYS: [Self; 4] = [Self::SealKey, Self::Seal, Self::KeyVersion, Self::Tac];

    /// What breaking it costs.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.reason() {
            Some(_) => Severity::Error,
            None => Severity::Advice,
        }
    }

    /// What the centre calls it: a reason for quarantine, a reason for not paying, or `duplicate`. None when it
    /// does not mind.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        let reason = match self {
            Self::Form => QuarantineReason::MalformedPackage.name(),
            Self::CollectorRegistered => QuarantineReason::UnknownCollector.name(),
            Self::MerchantOfCollector => QuarantineReason::MerchantMismatch.name(),
            Self::SealKey => QuarantineReason::UnknownSealKey.name(),
            Self::Seal => QuarantineReason::SealInvalid.name(),
            Self::AmountSum => QuarantineReason::SumMismatch.name(),
            Self::SequenceUnique => QuarantineReason::SequenceConflict.name(),
            Self::SealChain => QuarantineReason::ChainBroken.name(),
            Self::DateTime | Self::TransactionType => Reason::Malformed.name(),
            Self::TestCard => Reason::TestCard.name(),
            Self::TerminalRegistered => Reason::UnknownTerminal.name(),
            Self::TerminalInService => Reason::TerminalNotInService.name(),
            Self::IssuerRegistered => Reason::UnknownOperator.name(),
            Self::Algorithm | Self::KeyVersion => Reason::KeyUnavailable.name(),
            Self::Tac => Reason::TacMismatch.name(),
            Self::Balance => Reason::BalanceArithmetic.name(),
            Self::Contract => Reason::NoContract.name(),
            Self::AmountLimit => Reason::OverLimit.name(),
            Self::Copy => tongclear_types::Disposition::Duplicate.name(),
            Self::TerminalNumber => Reason::NumberConflict.name(),
            Self::CardCounter => Reason::CounterConflict.name(),
            Self::SequenceContiguous
            | Self::FileName
            | Self::CreatedAt
            | Self::ListPrice
            | Self::SerialDigits
            | Self::Sector
            | Self::SectorData
            | Self::ReservedFlags
            | Self::RecordOrder
            | Self::TerminalNumberRising
            | Self::CardCounterRising
            | Self::DenyListVersion => return None,
        };
        Some(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_that_packages_alone_can_earn_has_a_rule() {
        // The others depend on the window's date, the deny lists, or what earlier windows left behind.
        let elsewhere = [
            Reason::FutureDated,
            Reason::TooOld,
            Reason::DenyListed,
            Reason::StaleCounter,
            Reason::CounterJump,
        ];
        let has = |name| Rule::ALL.iter().any(|rule| rule.reason() == Some(name));
        for reason in Reason::ALL {
            assert_eq!(has(reason.name()), !elsewhere.contains(reason), "{reason}");
        }
        for reason in QuarantineReason::ALL {
            assert!(has(reason.name()), "{reason}");
        }
    }
}
