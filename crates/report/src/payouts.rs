//! Payouts and collections as people and programs read them: payments with what became of them, what is owed and came in,
//! and what the bank moved that names nothing of ours.

use serde_json::{Value, json};
use tongclear_ledger::{Check, Collection};
use tongclear_store::payouts::{BankEntryRow, PaymentNews, PayoutRow};
use tongclear_types::{BusinessDate, Fen, MoneyError};

use crate::ReportError;
use crate::statement::Sheet;
use crate::table::{Align, Table};
use crate::text::{Lang, yuan};

/// A payment for programs.
#[must_use]
pub fn payment_json(news: &PaymentNews) -> Value {
    let PaymentNews { payment, state, paid, returned, difference, reason } = news;
    json!({
        "reference": payment.reference,
        "merchant": payment.merchant,
        "value_date": payment.value_date,
        "state": state,
        "amount_fen": payment.amount,
        "paid_fen": paid,
        "returned_fen": returned,
        "difference_fen": difference,
        "reason": reason,
    })
}

/// Payments of one payout, or those that a statement tells of.
#[derive(Debug, Clone)]
pub struct PaymentsView(pub Vec<PaymentNews>);

impl PaymentsView {
    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        self.0.iter().map(payment_json).collect()
    }

    /// For people.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let mut table = Table::new(&[
            (lang.pick("端到端标识", "reference"), Align::Left),
            (lang.pick("商户", "merchant"), Align::Left),
            (lang.pick("应付（元）", "ordered, yuan"), Align::Right),
            (lang.pick("已付（元）", "paid, yuan"), Align::Right),
            (lang.pick("退回待付（元）", "payable again, yuan"), Align::Right),
            (lang.pick("差额（元）", "difference, yuan"), Align::Right),
            (lang.pick("状态", "state"), Align::Left),
            (lang.pick("银行原因", "bank's reason"), Align::Left),
        ]);
        for news in &self.0 {
            table.row([
                news.payment.reference.to_string(),
                news.payment.merchant.to_string(),
                yuan(news.payment.amount),
                yuan(news.paid),
                yuan(news.returned),
                yuan(news.difference),
                lang.pick(news.state.zh(), news.state.name()).to_owned(),
                news.reason.clone().unwrap_or_default(),
            ]);
        }
        table.lines()
    }
}

/// All payouts, a line each.
#[derive(Debug, Clone)]
pub struct PayoutsView {
    rows: Vec<(PayoutRow, u64, Fen)>,
}

impl PayoutsView {
    /// The payouts with what the bank said of their payments.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn new(payouts: &[PayoutRow], payments: &[PaymentNews]) -> Result<Self, MoneyError> {
        let row = |row: &PayoutRow| {
            let of_date = payments.iter().filter(|it| it.payment.value_date == row.value_date);
            let (mut waiting, mut returned) = (0, Fen::ZERO);
            for news in of_date {
                waiting += u64::from(news.state == tongclear_ledger::PaymentState::Sent);
                returned = returned.checked_add(news.returned)?;
            }
            Ok((row.clone(), waiting, returned))
        };
        Ok(Self { rows: payouts.iter().map(row).collect::<Result<_, MoneyError>>()? })
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let payout = |(row, waiting, returned): &(PayoutRow, u64, Fen)| {
            json!({
                "value_date": row.value_date,
                "message": row.message,
                "payments": row.payments,
                "amount_fen": row.amount,
                "unconfirmed": waiting,
                "returned_fen": returned,
                "sha256": row.file,
                "created_by": row.created_by.to_string(),
                "created_at": row.created_at.0,
            })
        };
        self.rows.iter().map(payout).collect()
    }

    /// For people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        if self.rows.is_empty() {
            return lang.pick("尚无付款", "nothing was paid out yet").to_owned();
        }
        let mut table = Table::new(&[
            (lang.pick("起息日", "value date"), Align::Left),
            (lang.pick("笔数", "payments"), Align::Right),
            (lang.pick("金额（元）", "amount, yuan"), Align::Right),
            (lang.pick("未确认", "unconfirmed"), Align::Right),
            (lang.pick("退回待付（元）", "payable again, yuan"), Align::Right),
        ]);
        for (row, waiting, returned) in &self.rows {
            table.row([
                row.value_date.to_string(),
                row.payments.to_string(),
                yuan(row.amount),
                waiting.to_string(),
                yuan(*returned),
            ]);
        }
        table.lines().join("\n")
    }
}

/// What operators and sponsors owe, and what came in.
#[derive(Debug, Clone)]
pub struct CollectionsView(pub Vec<Collection>);

impl CollectionsView {
    /// For programs.
    ///
    /// # Errors
    /// [`MoneyError`] when a figure leaves the domain of money.
    pub fn json(&self) -> Result<Value, MoneyError> {
        let collection = |it: &Collection| {
            Ok(json!({
                "reference": it.reference,
                "participant": it.participant,
                "value_date": it.value_date,
                "owed_fen": it.owed,
                "received_fen": it.received,
                "open_fen": it.open()?,
                "state": it.state(),
            }))
        };
        self.0.iter().map(collection).collect()
    }

    /// For people.
    ///
    /// # Errors
    /// [`MoneyError`] when a figure leaves the domain of money.
    pub fn text(&self, lang: Lang) -> Result<String, MoneyError> {
        if self.0.is_empty() {
            return Ok(lang.pick("无应收款项", "nobody owes anything").to_owned());
        }
        let mut table = Table::new(&[
            (lang.pick("参考号", "reference"), Align::Left),
            (lang.pick("付款方", "from"), Align::Left),
            (lang.pick("起息日", "value date"), Align::Left),
            (lang.pick("应收（元）", "owed, yuan"), Align::Right),
            (lang.pick("已收（元）", "received, yuan"), Align::Right),
            (lang.pick("未收（元）", "open, yuan"), Align::Right),
            (lang.pick("状态", "state"), Align::Left),
        ]);
        for it in &self.0 {
            table.row([
                it.reference.to_string(),
                it.participant.to_string(),
                it.value_date.to_string(),
                yuan(it.owed),
                yuan(it.received),
                yuan(it.open()?),
                lang.pick(it.state().zh(), it.state().name()).to_owned(),
            ]);
        }
        Ok(table.lines().join("\n"))
    }

    /// For a spreadsheet.
    ///
    /// # Errors
    /// [`ReportError`] when the file cannot be made.
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut sheet = Sheet::new(&[
            "参考号 reference",
            "付款方 participant",
            "起息日 value_date",
            "应收（分） owed_fen",
            "已收（分） received_fen",
            "未收（分） open_fen",
            "状态 state",
        ])?;
        for it in &self.0 {
            let open = it.open().map(|open| open.to_string()).unwrap_or_default();
            sheet.line(&[
                it.reference.as_str(),
                &it.participant.to_string(),
                &it.value_date.to_string(),
                &it.owed.to_string(),
                &it.received.to_string(),
                &open,
                it.state().name(),
            ])?;
        }
        sheet.finish()
    }
}

/// Entries of the bank for programs.
#[must_use]
pub fn entries_json<'a>(entries: impl IntoIterator<Item = &'a BankEntryRow>) -> Value {
    let entry = |it: &BankEntryRow| {
        json!({
            "file": it.file,
            "entry": it.entry,
            "bank_reference": it.bank_reference,
            "booked": it.booked,
            "movement": it.movement,
            "amount_fen": it.amount,
            "reference": it.reference,
            "names": it.names,
            "reason": it.reason,
        })
    };
    entries.into_iter().map(entry).collect()
}

/// Entries of the bank for people.
#[must_use]
pub fn entries_text<'a>(entries: impl IntoIterator<Item = &'a BankEntryRow>, lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("记账日", "booked"), Align::Left),
        (lang.pick("银行编号", "bank's reference"), Align::Left),
        (lang.pick("类型", "movement"), Align::Left),
        (lang.pick("金额（元）", "amount, yuan"), Align::Right),
        (lang.pick("所载内容", "what it names"), Align::Left),
    ]);
    for it in entries {
        table.row([
            it.booked.to_string(),
            it.bank_reference.clone().unwrap_or_default(),
            lang.pick(it.movement.zh(), it.movement.name()).to_owned(),
            yuan(it.amount),
            it.names.clone(),
        ]);
    }
    table.lines()
}

/// Checks for people, a line each: what was compared, both figures, and whether they hold.
#[must_use]
pub fn checks_text<'a>(
    checks: impl IntoIterator<Item = (Option<BusinessDate>, &'a Check)>,
    lang: Lang,
) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("窗口", "window"), Align::Left),
        (lang.pick("检查", "check"), Align::Left),
        (lang.pick("左", "left"), Align::Left),
        (lang.pick("右", "right"), Align::Left),
        (lang.pick("结果", "holds"), Align::Left),
    ]);
    for (window, check) in checks {
        table.row([
            window.map_or_else(|| "-".to_owned(), |it| it.to_string()),
            check.name.to_owned(),
            format!("{} {}", check.left.what, check.left.value),
            format!("{} {}", check.right.what, check.right.value),
            lang.pick(if check.holds { "成立" } else { "不符" }, if check.holds { "yes" } else { "NO" })
                .to_owned(),
        ]);
    }
    table.lines()
}

#[cfg(test)]
mod tests {
    use tongclear_ledger::{Participant, collections};

    use super::*;

    #[test]
    fn what_came_in_stands_beside_what_is_owed() {
        let position = |participant: &str, net: i64| tongclear_ledger::Position {
            participant: participant.parse().unwrap(),
            value_date: "2026-11-24".parse().unwrap(),
            gross: Fen::new(net).unwrap(),
            fee: Fen::ZERO,
            concession: Fen::ZERO,
            load: Fen::ZERO,
            adjustments: Fen::ZERO,
            carried_in: Fen::ZERO,
            net: Fen::new(net).unwrap(),
            carried_out: Fen::ZERO,
        };
        let mut owed = collections("CDT", &[position("operator:0417", -1_000)]).unwrap();
        owed[0].received = Fen::new(400).unwrap();
        assert_eq!(owed[0].participant, Participant::Operator("0417".parse().unwrap()));
        let view = CollectionsView(owed);
        let json = view.json().unwrap();
        assert_eq!(
            json[0],
            json!({ "reference": "CDT-0417-20261124", "participant": "operator:0417", "value_date": "2026-11-24",
                "owed_fen": 1_000, "received_fen": 400, "open_fen": 600, "state": "partial" })
        );
        assert!(view.text(Lang::Zh).unwrap().contains("部分到账"));
        assert!(view.text(Lang::En).unwrap().contains("partial"));
        let csv = String::from_utf8(view.csv().unwrap()).unwrap();
        assert!(
            csv.lines()
                .nth(1)
                .unwrap()
                .starts_with("CDT-0417-20261124,operator:0417,2026-11-24,1000,400,600,partial")
        );
        assert_eq!(CollectionsView(Vec::new()).text(Lang::En).unwrap(), "nobody owes anything");
    }
}
