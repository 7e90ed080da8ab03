//! A statement as a document: head, first page, and the sections that have something to tell.

use tongclear_types::{MoneyError, Sector};

use super::shared::{centre, dispositions};
use super::statement_rows as rows;
use crate::table::{Cell, Document, Kind, Table, column, fixed};
use crate::words::{Label, label};
use crate::{Draft, Period, Role, Statement};

/// The document of a statement.
pub(crate) fn of_statement(statement: &Statement) -> Result<Document<'_>, MoneyError> {
    let draft = statement.figures();
    let mut tables = vec![summary(draft), dispositions(&draft.summary.dispositions)?, rows::lines(draft)];
    tables.extend(draft.breakdowns.iter().map(rows::breakdown).collect::<Result<Vec<_>, _>>()?);
    tables.extend([
        rows::positions(draft)?,
        rows::payouts(draft),
        rows::adjustments(draft),
        rows::days(draft),
        rows::unpaid(draft)?,
    ]);
    tables.retain(|table| !table.is_empty());
    Ok(Document {
        centre: centre(&draft.centre),
        title: match draft.period {
            Period::Window(_) => label("结算对账单", "Settlement statement"),
            Period::Month(_) => label("月度结算对账单", "Monthly settlement statement"),
        },
        short: format!("{} {} · {}", draft.participant.code, draft.participant.name, draft.period),
        facts: facts(draft),
        made_on: draft.made_on,
        tables,
    })
}

/// What stands at the head of the first page.
fn facts(draft: &Draft) -> Vec<(Label, String)> {
    let both = |zh: &str, en: &str| if en.is_empty() { zh.to_owned() } else { format!("{zh} {en}") };
    let (who, role) = match draft.role {
        Role::Merchant(Sector::Load) => (label("充值代理", "Load agent"), None),
        Role::Merchant(sector) => {
            let name = sector.name();
            (label("商户", "Merchant"), Some(both(sector.name_zh(), name)))
        }
        Role::Operator => (label("发卡机构", "Card operator"), None),
    };
    let period = match draft.period {
        Period::Window(date) => (label("清算日", "Window"), date.to_string()),
        Period::Month(month) => {
            let days = format!("{} – {}", month.first(), month.last());
            (label("账期", "Period"), format!("{} {days}", month.zh()))
        }
    };
    let name = both(&draft.participant.name, &draft.participant.name_en);
    let facts = [
        (who, name),
        (label("代码", "Code"), draft.participant.code.clone()),
        (label("行业", "Sector"), role.unwrap_or_default()),
        period,
        (label("币种", "Currency"), "人民币 CNY".to_owned()),
        (label("账号", "Account"), draft.account.clone()),
        (label("开户银行", "Bank"), draft.bank.clone()),
        (label("清算中心", "Centre"), draft.centre.code.clone()),
        (label("制表日期", "Made on"), draft.made_on.to_string()),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// How the opening amount became the closing one: every line with its effect, so that the column adds up.
fn summary(draft: &Draft) -> Table<'static> {
    let summary = &draft.summary;
    let movement = &summary.movement;
    let columns = vec![
        column("项目", "Item", Kind::Words),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let row = |words, count: Option<u64>, amount| {
        vec![fixed(words), count.map_or(Cell::Empty, Cell::Count), Cell::Fen(amount)]
    };
    let rows = vec![
        row(label("期初结转及未付", "Carried in and unpaid so far"), None, summary.opening),
        row(label("消费", "Purchases"), Some(movement.count), movement.gross),
        row(label("手续费", "Fees"), None, movement.fee.negated()),
        row(label("优惠补贴", "Concessions"), None, movement.concession),
        row(label("充值", "Loads"), None, movement.load.negated()),
        row(label("调整", "Adjustments"), None, summary.adjustments),
        row(label("本期净额", "Net of the period"), None, summary.net),
        row(label("银行收付", "Moved by the bank"), None, summary.payouts.negated()),
    ];
    let (zh, en) = match draft.role {
        Role::Merchant(_) => (
            "正数为应付商户，负数为商户应缴。",
            "Above zero the centre owes it, below zero the merchant does.",
        ),
        Role::Operator => (
            "正数为应付发卡机构，负数为发卡机构应缴。",
            "Above zero the centre owes it, below zero the card operator does.",
        ),
    };
    Table::new("summary", label("汇总", "Summary"), columns, rows)
        .with_strong(vec![6])
        .with_note(zh, en)
        .with_total(row(label("期末余额", "Closing"), None, summary.closing))
}
