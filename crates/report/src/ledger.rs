//! The ledger as an auditor reads it: what every account adds up to, and the transfers of a window.

use serde_json::{Value, json};
use tongclear_ledger::Transfer;
use tongclear_store::AccountBalance;
use tongclear_types::{BusinessDate, Fen, MoneyError};

use crate::ReportError;
use crate::statement::Sheet;
use crate::table::{Align, Table};
use crate::text::{Lang, grouped, yuan};

/// Every account with its totals.
#[derive(Debug, Clone)]
pub struct BalancesView {
    accounts: Vec<(AccountBalance, Fen)>,
    debits: Fen,
    credits: Fen,
}

impl BalancesView {
    /// The view of all accounts.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn new(accounts: Vec<AccountBalance>) -> Result<Self, MoneyError> {
        let debits = Fen::try_sum(accounts.iter().map(|it| it.debits))?;
        let credits = Fen::try_sum(accounts.iter().map(|it| it.credits))?;
        let accounts = accounts
            .into_iter()
            .map(|account| Ok((account, account.credits.checked_sub(account.debits)?)))
            .collect::<Result<_, MoneyError>>()?;
        Ok(Self { accounts, debits, credits })
    }

    /// Whether what left all accounts is what entered them.
    #[must_use]
    pub fn sums_to_zero(&self) -> bool {
        self.debits == self.credits
    }

    /// The accounts for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let account = |(it, balance): &(AccountBalance, Fen)| {
            json!({
                "account": it.account,
                "debits_fen": it.debits,
                "credits_fen": it.credits,
                "balance_fen": balance,
            })
        };
        json!({
            "accounts": self.accounts.iter().map(account).collect::<Vec<_>>(),
            "totals": { "debits_fen": self.debits, "credits_fen": self.credits },
            "sums_to_zero": self.sums_to_zero(),
        })
    }

    /// The accounts for people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        if self.accounts.is_empty() {
            return lang.pick("账簿中尚无转账", "no transfer was posted yet").to_owned();
        }
        let mut table = Table::new(&[
            (lang.pick("账户", "account"), Align::Left),
            (lang.pick("借方（元）", "debits"), Align::Right),
            (lang.pick("贷方（元）", "credits"), Align::Right),
            (lang.pick("余额（元）", "balance"), Align::Right),
        ]);
        for (it, balance) in &self.accounts {
            table.row([it.account.to_string(), yuan(it.debits), yuan(it.credits), yuan(*balance)]);
        }
        let total = lang.pick("合计", "total").to_owned();
        table.row([total, yuan(self.debits), yuan(self.credits), String::new()]);
        let mut lines = table.lines();
        lines.push(if self.sums_to_zero() {
            lang.pick("借贷相等，余额合计为零", "debits equal credits: the ledger sums to zero").to_owned()
        } else {
            lang.pick("借贷不等，账簿有误", "debits and credits differ: the ledger is broken").to_owned()
        });
        lines.join("\n")
    }

    /// The accounts as CSV, without a line of totals.
    ///
    /// # Errors
    /// [`ReportError`] when the file cannot be made.
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut sheet = Sheet::new(&[
            "账户 account",
            "借方（分） debits_fen",
            "贷方（分） credits_fen",
            "余额（分） balance_fen",
        ])?;
        for (it, balance) in &self.accounts {
            let cells = [it.account.to_string(), it.debits.to_string(), it.credits.to_string()];
            sheet.line(&[&cells[0], &cells[1], &cells[2], &balance.to_string()])?;
        }
        sheet.finish()
    }
}

/// The transfers of a window.
#[derive(Debug, Clone)]
pub struct TransfersView {
    window: BusinessDate,
    transfers: Vec<Transfer>,
    amount: Fen,
}

impl TransfersView {
    /// The view of the transfers of `window`, in the order given.
    ///
    /// # Errors
    /// [`MoneyError`] when their sum leaves the domain of money.
    pub fn new(window: BusinessDate, transfers: Vec<Transfer>) -> Result<Self, MoneyError> {
        let amount = Fen::try_sum(transfers.iter().map(|it| it.amount))?;
        Ok(Self { window, transfers, amount })
    }

    /// The transfers for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let transfer = |it: &Transfer| {
            json!({
                "id": it.id(),
                "code": it.code,
                "debit": it.debit,
                "credit": it.credit,
                "amount_fen": it.amount,
                "merchant": it.merchant,
                "operator": it.operator,
                "contract": it.contract,
                "reference": it.reference,
            })
        };
        json!({
            "window": self.window,
            "transfers": self.transfers.iter().map(transfer).collect::<Vec<_>>(),
            "totals": { "count": self.transfers.len(), "amount_fen": self.amount },
        })
    }

    /// The transfers for people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let referring = self.transfers.iter().any(|it| it.reference.is_some());
        let mut header = vec![
            (lang.pick("编号", "id"), Align::Left),
            (lang.pick("类别", "code"), Align::Left),
            (lang.pick("借方账户", "debit"), Align::Left),
            (lang.pick("贷方账户", "credit"), Align::Left),
            (lang.pick("金额（元）", "yuan"), Align::Right),
            (lang.pick("商户", "merchant"), Align::Left),
            (lang.pick("发卡机构", "operator"), Align::Left),
            (lang.pick("合同", "contract"), Align::Left),
        ];
        // Most windows have sums only, which refer to nothing.
        header.extend(referring.then(|| (lang.pick("原交易", "reference"), Align::Left)));
        let mut table = Table::new(&header);
        for it in &self.transfers {
            let [id, code, debit, credit, _, merchant, operator, contract, reference] = cells(it);
            let row = [id, code, debit, credit, yuan(it.amount), merchant, operator, contract];
            table.row(row.into_iter().chain(referring.then_some(reference)));
        }
        let (count, amount) = (grouped(self.transfers.len() as u64), yuan(self.amount));
        let window = self.window;
        let mut lines = table.lines();
        lines.push(lang.pick(
            format!("窗口 {window}：{count} 笔转账，共 {amount} 元"),
            format!("window {window}: {count} transfers, {amount} yuan"),
        ));
        lines.join("\n")
    }

    /// The transfers as CSV.
    ///
    /// # Errors
    /// [`ReportError`] when the file cannot be made.
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut sheet = Sheet::new(&[
            "编号 id",
            "类别 code",
            "借方账户 debit",
            "贷方账户 credit",
            "金额（分） amount_fen",
            "商户 merchant",
            "发卡机构 operator",
            "合同 contract",
            "原交易 reference",
        ])?;
        for it in &self.transfers {
            let cells = cells(it);
            sheet.line(&cells.each_ref().map(String::as_str))?;
        }
        sheet.finish()
    }
}

/// The columns of a transfer, the amount in fen; what it does not name is empty.
fn cells(it: &Transfer) -> [String; 9] {
    fn or_empty(part: Option<impl ToString>) -> String {
        part.map(|part| part.to_string()).unwrap_or_default()
    }
    [
        it.id().to_string(),
        it.code.to_string(),
        it.debit.to_string(),
        it.credit.to_string(),
        it.amount.to_string(),
        or_empty(it.merchant),
        or_empty(it.operator),
        or_empty(it.contract),
        or_empty(it.reference),
    ]
}

#[cfg(test)]
mod tests {
    use tongclear_ledger::Account;

    use super::*;

    #[test]
    fn a_ledger_that_does_not_sum_to_zero_is_called_broken() {
        let balance = |account, debits: u32, credits: u32| AccountBalance {
            account,
            debits: Fen::from(debits),
            credits: Fen::from(credits),
        };
        let (operator, merchant) = ("0417".parse().unwrap(), "BUS00001".parse().unwrap());
        let debit = balance(Account::operator_clearing(operator), 1_000, 0);
        for (credits, holds, zh, en) in
            [(1_000, true, "合计为零", "sums to zero"), (999, false, "有误", "broken")]
        {
            let credit = balance(Account::merchant_payable(merchant), 0, credits);
            let view = BalancesView::new(vec![credit, debit]).unwrap();
            assert_eq!((view.sums_to_zero(), view.json()["sums_to_zero"].clone()), (holds, json!(holds)));
            assert!(view.text(Lang::Zh).contains(zh) && view.text(Lang::En).contains(en));
            assert_eq!(view.json()["accounts"][1]["balance_fen"], -1_000);
        }
    }
}
