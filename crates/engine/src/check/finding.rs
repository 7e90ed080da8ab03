//! What a check found: which thing disagrees with what it must be.

use serde::Serialize;
use tongclear_types::BusinessDate;

/// Declares the kinds with their names for programs and for people.
macro_rules! kinds {
    ($($variant:ident = $name:literal, $zh:literal, $en:literal;)+) => {
        /// What disagrees.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FindingKind { $(#[doc = $en] $variant,)+ }

        impl FindingKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// For people, in Chinese and English.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($zh, $en),)+ }
            }
        }
    };
}

kinds! {
    AuditBroken = "audit_broken", "审计日志链断裂", "the audit log is no chain any more";
    AuditDiffers = "audit_differs", "与审计日志不符", "the audit log tells otherwise";
    AuditMissing = "audit_missing", "审计日志缺少记录", "the audit log has no entry for it";
    WindowState = "window_state", "窗口状态被改动", "a window is not as far as the audit log tells";
    WindowCounters = "window_counters", "窗口计数不符", "a window does not count its packages";
    PackageList = "package_list", "窗口的包清单不符", "a window's packages are not those it was closed with";
    PackageMissing = "package_missing", "包文件缺失", "a package is not in the vault";
    PackageAltered = "package_altered", "包被改动", "a package is not the bytes that were received";
    PackageRow = "package_row", "包登记不符", "a package is not what the database says of it";
    SealInvalid = "seal_invalid", "封签无效", "a package's seal is not the one of its bytes";
    ChainBroken = "chain_broken", "采集点的包链断裂", "a package does not follow the one before it";
    ListAltered = "list_altered", "黑名单文件被改动", "a deny list is not the one that was loaded";
    QuarantineAltered = "quarantine_altered", "隔离文件缺失或被改动", "bytes in quarantine are not those that were refused";
    OperatorFile = "operator_file_altered", "发卡机构文件缺失或被改动", "a card operator's file is not the one that arrived";
    Detail = "detail_differs", "清分明细不符", "the cleared detail is not what the packages give";
    CardState = "card_state_differs", "卡状态不符", "card state is not what the packages give";
    TerminalNumbers = "terminal_numbers_differ", "终端序号不符", "accepted terminal numbers are not what the packages give";
    RunFile = "run_file_differs", "清分文件不符", "a file of the run is not what the packages give";
    RunFileMissing = "run_file_missing", "清分文件缺失", "a file of the run is missing";
    RunRow = "run_differs", "清分结果不符", "digest, root or totals are not what the packages give";
    PackageResult = "package_result_differs", "包结果不符", "a package's result is not what the packages give";
    SuspendedItem = "suspended_item_differs", "挂账项不符", "a suspended item is not what the packages give";
    Decision = "decision_differs", "处置记录不符", "a decision is not the one that was approved";
    TransferMissing = "transfer_missing", "转账缺失", "a transfer is missing in the ledger";
    TransferUnexpected = "transfer_unexpected", "多余的转账", "a transfer that nothing gives stands in the ledger";
    TransferAltered = "transfer_altered", "转账被改动", "a transfer has another content than posted";
    BalanceDiffers = "balance_differs", "余额不符", "a balance is not the sum of its transfers";
    NotZero = "ledger_not_zero", "账簿借贷不平", "the ledger does not sum to zero";
    Payout = "payout_differs", "付款不符", "a payment is not what is due, or not what the bank was sent";
    BankFile = "bank_file_altered", "银行文件缺失或被改动", "a file to or from the bank is not the one that was recorded";
    BankEntry = "bank_entry_differs", "银行明细不符", "an entry of the bank is not what its file says";
    PositionDiffers = "position_differs", "结算头寸不符", "a settlement position is not what the run gives";
    Reconciliation = "reconciliation_differs", "对账结果不符", "a reconciliation is not what files and windows give";
    Unreadable = "unreadable", "无法读取", "what is stored cannot be read";
    NotRederived = "not_rederived", "未能重算", "a window could not be derived again";
}

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What disagrees.
    pub kind: FindingKind,
    /// In which window; none for what belongs to no window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<BusinessDate>,
    /// Which package, file and row, transfer, account, entry.
    pub subject: String,
    /// What it must be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

/// Findings of one kind that are kept; more are only counted.
const KEPT_OF_A_KIND: usize = 50;

/// All that was found, in the order in which it was looked for.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    /// How many there were of each kind, the kept ones included.
    counts: std::collections::BTreeMap<FindingKind, u64>,
}

impl Findings {
    /// Notes that `subject` is not as it must be.
    pub(super) fn add(
        &mut self,
        kind: FindingKind,
        window: Option<BusinessDate>,
        subject: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= KEPT_OF_A_KIND as u64 {
            let (expected, found) = (expected.to_string(), found.to_string());
            self.kept.push(Finding { kind, window, subject: subject.into(), expected, found });
        }
    }

    /// Notes it when two values that must be equal are not; says whether they are.
    pub(super) fn same<T: PartialEq + ToString>(
        &mut self,
        kind: FindingKind,
        window: Option<BusinessDate>,
        subject: impl Into<String>,
        expected: T,
        found: T,
    ) -> bool {
        let same = expected == found;
        if !same {
            self.add(kind, window, subject, expected, found);
        }
        same
    }

    /// The findings, at most fifty of a kind.
    #[must_use]
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// How many there are of each kind.
    pub fn counts(&self) -> impl Iterator<Item = (FindingKind, u64)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}
