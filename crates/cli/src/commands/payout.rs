//! `payout`: what the bank is told to pay, what it says it did, and what operators and sponsors still owe.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use tongclear_access::Action;
use tongclear_desk::proposals::{Effect, Outcome, Proposed, submit};
use tongclear_engine::Centre;
use tongclear_engine::payout::{Book, Confirmed, Created, Plan, confirm};
use tongclear_report::{
    CollectionsView, PaymentsView, PayoutsView, checks_text, entries_json, entries_text, yuan,
};
use tongclear_store::payouts::PaymentNews;
use tongclear_types::{BusinessDate, MoneyError};

use super::ledger;
use super::proposal::show as show_outcome;
use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::out_file::write_file;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum PayoutCommand {
    /// Everything that is due becomes one payment a merchant, and the order for the bank (pain.001) · 生成付款
    #[command(
        after_help = "Every check before money leaves is made again and shown; exit code 4 when one fails, and nothing is paid. \
        The same value date again gives the same order, byte for byte.\n\nExample · 示例:\n  tongclear payout create \
        --value-date 2026-11-24 --out pain.001.xml"
    )]
    Create {
        /// The day on which the bank is to pay; a business day
        #[arg(long, value_name = "DATE")]
        value_date: BusinessDate,
        /// File for the bank to write
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take in a statement of the bank (camt.053), whole or not at all · 银行回执
    #[command(
        after_help = "The same statement, or the same entry in another one, changes nothing.\n\nExample · 示例:\n  tongclear \
        payout confirm camt.053.xml"
    )]
    Confirm {
        /// The statement
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// All payouts, and what the bank moved that names nothing of ours · 付款列表
    #[command(after_help = "Example · 示例:\n  tongclear payout list")]
    List,
    /// The payments of a value date with what became of them · 付款明细
    #[command(after_help = "Example · 示例:\n  tongclear payout show --value-date 2026-11-24")]
    Show {
        /// The payout's value date
        #[arg(long, value_name = "DATE")]
        value_date: BusinessDate,
    },
    /// What card operators and sponsors owe, and what came in · 应收款项
    #[command(
        after_help = "Example · 示例:\n  tongclear payout collections\n  tongclear payout collections --due 2026-11-24 --out owed.csv"
    )]
    Collections {
        /// Only what is due by this date
        #[arg(long, value_name = "DATE")]
        due: Option<BusinessDate>,
        /// CSV file to write instead of printing the table
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl PayoutCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "payout create",
            Self::Confirm { .. } => "payout confirm",
            Self::List => "payout list",
            Self::Show { .. } => "payout show",
            Self::Collections { .. } => "payout collections",
        }
    }
}

pub(crate) async fn run(command: PayoutCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match command {
        PayoutCommand::Create { value_date, out } => {
            let (centre, acting) = open::desk(global).await?;
            let change = Proposed::Payout { value_date, payments: None };
            let outcome = submit(&centre, &acting, change, None).await?;
            if let (Outcome::Done(Effect::Payout(created)), Some(out)) = (&outcome, &out) {
                write_order(created, out)?;
            }
            show_outcome(&outcome, output, |effect| match effect {
                Effect::Payout(created) => {
                    (created_json(created, out.as_deref()), created_text(created, output))
                }
                _ => Default::default(),
            })?;
        }
        PayoutCommand::Confirm { file } => {
            let centre = open::centre_for(global, Action::RunNight).await?;
            let bytes = std::fs::read(&file).map_err(|error| CliError::reading(&file, error))?;
            let confirmed = confirm(&centre, &bytes).await?;
            output.result(&confirmed_json(&confirmed)?, || confirmed_text(&confirmed, output))?;
        }
        PayoutCommand::List => {
            let book = book(global).await?;
            let view = PayoutsView::new(&book.rows.payouts, &news(&book)?)?;
            let json = json!({ "payouts": view.json(), "unknown": entries_json(book.unknown()) });
            output.result(&json, || {
                let mut lines = vec![view.text(output.lang())];
                if book.unknown().next().is_some() {
                    lines.push(String::new());
                    lines.push(output.pick("未识别的银行明细", "what names nothing of ours").to_owned());
                    lines.extend(entries_text(book.unknown(), output.lang()));
                }
                lines.join("\n")
            })?;
        }
        PayoutCommand::Show { value_date } => {
            let book = book(global).await?;
            let row = book.rows.payouts.iter().find(|it| it.value_date == value_date).ok_or_else(|| {
                CliError::Refused(format!("there is no payout of {value_date}; see `tongclear payout list`"))
            })?;
            let mut payments = news(&book)?;
            payments.retain(|it| it.payment.value_date == value_date);
            let view = PaymentsView(payments);
            let json = json!({
                "value_date": value_date, "message": row.message, "sha256": row.file, "amount_fen": row.amount,
                "payments": view.json(),
            });
            output.result(&json, || view.lines(output.lang()).join("\n"))?;
        }
        PayoutCommand::Collections { due, out } => {
            let mut owed = book(global).await?.collections;
            owed.retain(|it| due.is_none_or(|due| it.value_date <= due));
            owed.retain(|it| !it.owed.is_zero() || !it.received.is_zero());
            let view = CollectionsView(owed);
            let csv = out.is_some().then(|| view.csv()).transpose()?;
            let (json, text) = (json!({ "collections": view.json()? }), view.text(output.lang())?);
            ledger::show(json, out.as_deref(), csv, output, || text)?;
        }
    }
    Ok(DONE)
}

async fn book(global: &Global) -> anyhow::Result<Book> {
    let centre: Centre = open::centre_for(global, Action::ReadFigures).await?;
    Ok(Book::of(&centre).await?)
}

fn news(book: &Book) -> Result<Vec<PaymentNews>, MoneyError> {
    book.payments.iter().map(tongclear_engine::payout::PaymentLine::news).collect()
}

fn write_order(created: &Created, out: &Path) -> Result<(), CliError> {
    match created {
        Created::Already { order, .. } | Created::Now { order, .. } => write_file(out, order),
        Created::Nothing { .. } => Ok(()),
    }
}

fn plan_json(plan: &Plan) -> (Value, Value) {
    let held = plan
        .held
        .iter()
        .map(|it| json!({ "merchant": it.merchant, "amount_fen": it.amount, "missing": it.missing }));
    let checks = plan.checks.iter().map(|it| json!({ "window": it.window, "check": it.check }));
    (held.collect(), checks.collect())
}

/// What making a payout did, for programs.
pub(crate) fn created_json(created: &Created, out: Option<&Path>) -> Value {
    let mut json = match created {
        Created::Already { row, .. } => json!({
            "value_date": row.value_date, "created": false, "payments": row.payments, "amount_fen": row.amount,
            "sha256": row.file,
        }),
        Created::Nothing { plan, paid } => {
            let (held, checks) = plan_json(plan);
            json!({
                "value_date": plan.value_date, "created": false, "payments": 0, "amount_fen": 0, "sha256": null,
                "held": held, "checks": checks, "paid_windows": paid,
            })
        }
        Created::Now { row, plan, paid, .. } => {
            let (held, checks) = plan_json(plan);
            json!({
                "value_date": row.value_date, "created": true, "payments": row.payments, "amount_fen": row.amount,
                "sha256": row.file, "held": held, "checks": checks, "paid_windows": paid,
            })
        }
    };
    if let (Some(out), Some(_)) = (out, created.row()) {
        json["out"] = Value::from(out.display().to_string());
    }
    json
}

/// What making a payout did, for people.
pub(crate) fn created_text(created: &Created, output: &Output) -> String {
    let lang = output.lang();
    let mut lines = Vec::new();
    match created {
        Created::Already { row, .. } => {
            let (date, count, amount) = (row.value_date, row.payments, yuan(row.amount));
            lines.push(output.pick(
                format!("{date} 的付款此前已生成：{count} 笔，{amount} 元；未作更改"),
                format!(
                    "the payout of {date} was made before: {count} payments, {amount} yuan; nothing changed"
                ),
            ));
        }
        Created::Nothing { plan, .. } => lines.push(output.pick(
            format!("{} 没有可付的款项", plan.value_date),
            format!("there is nothing to pay on {}", plan.value_date),
        )),
        Created::Now { row, plan, .. } => {
            lines.extend(checks_text(plan.checks.iter().map(|it| (it.window, &it.check)), lang));
            lines.push(String::new());
            let (date, count, amount) = (row.value_date, row.payments, yuan(row.amount));
            lines.push(output.pick(
                format!("{date} 付款：{count} 笔，{amount} 元"),
                format!("payout of {date}: {count} payments, {amount} yuan"),
            ));
        }
    }
    if let Created::Nothing { plan, paid } | Created::Now { plan, paid, .. } = created {
        for it in &plan.held {
            let (merchant, amount, missing) = (it.merchant, yuan(it.amount), it.missing);
            lines.push(output.pick(
                format!("未付 {merchant}：{amount} 元，登记中缺 {missing}，款项仍为应付"),
                format!(
                    "not paid: {merchant}, {amount} yuan, for the registry has no {missing}; it stays payable"
                ),
            ));
        }
        lines.extend(paid_line(paid, output));
    }
    lines.join("\n")
}

fn paid_line(paid: &[BusinessDate], output: &Output) -> Option<String> {
    let dates: Vec<String> = paid.iter().map(ToString::to_string).collect();
    let dates = dates.join(", ");
    (!paid.is_empty())
        .then(|| output.pick(format!("已付清的窗口：{dates}"), format!("windows that are paid: {dates}")))
}

fn confirmed_json(confirmed: &Confirmed) -> Result<Value, MoneyError> {
    let statements: Vec<Value> = confirmed
        .statements
        .iter()
        .map(|it| {
            json!({
                "id": it.row.id, "account": it.row.account, "from": it.row.opening.0, "to": it.row.closing.0,
                "opening_fen": it.row.opening.1, "closing_fen": it.row.closing.1, "entries": it.entries, "new": it.new,
            })
        })
        .collect();
    Ok(json!({
        "changed": confirmed.number.is_some(),
        "file": confirmed.number,
        "statements": statements,
        "payments": PaymentsView(confirmed.payments.clone()).json(),
        "collections": collected(confirmed).json()?,
        "unknown": entries_json(&confirmed.unknown),
        "paid_windows": confirmed.paid,
    }))
}

/// The collections to which something came in.
fn collected(confirmed: &Confirmed) -> CollectionsView {
    let came: Vec<_> = confirmed.postings.iter().map(|it| (it.credit.participant(), it.reference)).collect();
    let named = |it: &&tongclear_ledger::Collection| {
        came.iter().any(|(participant, reference)| {
            let text = reference.map(String::from).unwrap_or_default();
            *participant == it.participant && text.split('/').next() == Some(it.reference.as_str())
        })
    };
    CollectionsView(confirmed.book.collections.iter().filter(named).cloned().collect())
}

fn confirmed_text(confirmed: &Confirmed, output: &Output) -> String {
    let lang = output.lang();
    let mut lines = Vec::new();
    for it in &confirmed.statements {
        let (id, entries, new) = (&it.row.id, it.entries, it.new);
        lines.push(output.pick(
            format!("对账单 {id}：{entries} 条明细，新增 {new} 条"),
            format!("statement {id}: {entries} entries, {new} of them new"),
        ));
    }
    if confirmed.number.is_none() {
        lines.push(
            output.pick("此前均已入账，未作更改", "all of it was seen before; nothing changed").to_owned(),
        );
        return lines.join("\n");
    }
    if !confirmed.payments.is_empty() {
        lines.push(String::new());
        lines.extend(PaymentsView(confirmed.payments.clone()).lines(lang));
    }
    let collected = collected(confirmed);
    if !collected.0.is_empty() {
        lines.push(String::new());
        lines.extend(collected.text(lang));
    }
    if !confirmed.unknown.is_empty() {
        lines.push(String::new());
        lines.push(output.pick("未识别", "names nothing of ours, and is kept").to_owned());
        lines.extend(entries_text(&confirmed.unknown, lang));
    }
    lines.extend(paid_line(&confirmed.paid, output));
    lines.join("\n")
}
