//! Roles and what they may do: one table, read by every door (`docs/roles.md`).
//!
//! A role says what kind of thing a person may do; of whom they may see it says [`Person::sees`](crate::Person::sees).

use crate::named::named;

named! {
    /// What a person is here for; everybody has exactly one.
    Role, "a role: viewer, merchant, operator, clerk, approver, auditor or admin" {
        Viewer = "viewer", "查看员", "viewer";
        Merchant = "merchant", "商户用户", "merchant user";
        Operator = "operator", "发卡机构用户", "operator user";
        Clerk = "clerk", "经办员", "clerk";
        Approver = "approver", "复核员", "approver";
        Auditor = "auditor", "审计员", "auditor";
        Admin = "admin", "系统管理员", "administrator";
    }
}

named! {
    /// Something that a person may or may not do.
    Action, "an action such as read_figures" {
        ReadFigures = "read_figures", "查看窗口、汇总与头寸", "read windows, totals and positions";
        ReadTransactions = "read_transactions", "查询、导出与解释交易", "read, export and explain transactions";
        ReadStatements = "read_statements", "下载对账单", "read statements";
        ReadDevices = "read_devices", "查看设备连续性与质量", "read continuity and quality of devices";
        UploadOperatorFile = "upload_operator_file", "上传发卡机构文件", "upload an operator's file";
        ReadRegistry = "read_registry", "查看登记", "read the registry";
        ReadKeys = "read_keys", "查看密钥校验值", "read check values of keys";
        ReadDenyLists = "read_deny_lists", "查看黑名单", "read deny lists";
        ReadQuarantine = "read_quarantine", "查看隔离区", "read the quarantine";
        RetryQuarantine = "retry_quarantine", "重试隔离区", "retry the quarantine";
        RunNight = "run_night", "启动夜间清分", "run the night";
        ReadProposals = "read_proposals", "查看提案", "read proposals";
        Propose = "propose", "提出提案", "propose";
        Approve = "approve", "复核提案", "approve or refuse proposals";
        ReadAudit = "read_audit", "查看审计日志", "read the audit log";
        ReadOperations = "read_operations", "查看运行指标与采集点延迟", "read metrics and the lag of collectors";
        ManageUsers = "manage_users", "管理用户", "manage users";
        ManageCertificates = "manage_certificates", "管理证书", "manage certificates";
        ManageWebhooks = "manage_webhooks", "管理回调通知", "manage webhooks";
        SetPolicy = "set_policy", "设定策略", "set policies";
    }
}

/// May.
const Y: bool = true;
/// May not.
const N: bool = false;

/// Who may do what: a row an action, a column a role in the order of [`Role::ALL`].
#[rustfmt::skip]
const MAY: [(Action, [bool; 7]); 20] = [
    //                         viewer merchant operator clerk approver auditor admin
    (Action::ReadFigures,        [Y,     Y,      Y,      Y,     Y,       Y,     N]),
    (Action::ReadTransactions,   [Y,     Y,      Y,      Y,     Y,       Y,     N]),
    (Action::ReadStatements,     [Y,     Y,      Y,      Y,     Y,       Y,     N]),
    (Action::ReadDevices,        [Y,     Y,      Y,      Y,     Y,       Y,     N]),
    (Action::UploadOperatorFile, [N,     N,      Y,      Y,     N,       N,     N]),
    (Action::ReadRegistry,       [Y,     N,      N,      Y,     Y,       Y,     N]),
    (Action::ReadKeys,           [N,     N,      N,      Y,     Y,       Y,     N]),
    (Action::ReadDenyLists,      [Y,     N,      N,      Y,     Y,       Y,     N]),
    (Action::ReadQuarantine,     [Y,     N,      N,      Y,     Y,       Y,     N]),
    (Action::RetryQuarantine,    [N,     N,      N,      Y,     N,       N,     N]),
    (Action::RunNight,           [N,     N,      N,      Y,     N,       N,     N]),
    (Action::ReadProposals,      [Y,     N,      N,      Y,     Y,       Y,     Y]),
    (Action::Propose,            [N,     N,      N,      Y,     N,       N,     N]),
    (Action::Approve,            [N,     N,      N,      N,     Y,       N,     N]),
    (Action::ReadAudit,          [N,     N,      N,      N,     N,       Y,     Y]),
    (Action::ReadOperations,     [Y,     N,      N,      Y,     Y,       Y,     Y]),
    (Action::ManageUsers,        [N,     N,      N,      N,     N,       N,     Y]),
    (Action::ManageCertificates, [N,     N,      N,      N,     N,       N,     Y]),
    (Action::ManageWebhooks,     [N,     N,      N,      N,     N,       N,     Y]),
    (Action::SetPolicy,          [N,     N,      N,      N,     N,       N,     Y]),
];

impl Role {
    /// Whether people of this role may do `action`. What has no place in the table nobody may do.
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        let rows = MAY.iter().filter(|(row, _)| *row == action);
        let mut cells = rows.flat_map(|(_, columns)| Self::ALL.iter().zip(columns));
        cells.any(|(role, may)| *role == self && *may)
    }

    /// Whether people of this role belong to one participant and see that one's data only.
    #[must_use]
    pub const fn of_participant(self) -> bool {
        matches!(self, Self::Merchant | Self::Operator)
    }
}

#[cfg(test)]
mod tests;
