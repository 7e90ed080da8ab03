//! The month's report as a document.

use tongclear_types::{Fen, MoneyError, Sector, Tally};

use super::shared::{centre, dispositions};
use crate::month::{AGING_BUCKETS, aging, unpaid};
use crate::table::{
    Cell, Column, Document, Kind, MOVEMENT, TOTAL, Table, both, column, fixed, fixed_id, id, movement, tally,
};
use crate::words::{Label, label};
use crate::{MonthDraft, MonthReport};

const UNPAID: [Column; 2] =
    [column("未付笔数", "Unpaid", Kind::Count), column("未付金额", "Unpaid amount", Kind::Fen)];

/// The document of a month's report.
pub(crate) fn of_month(report: &MonthReport) -> Result<Document<'_>, MoneyError> {
    let draft = report.figures();
    let mut tables = vec![
        summary(draft),
        dispositions(&draft.dispositions)?,
        operators(draft)?,
        sectors(draft)?,
        reasons(draft),
        open_items(draft)?,
        ages(draft)?,
        payouts(draft)?,
        days(draft)?,
    ];
    tables.retain(|table| !table.is_empty());
    Ok(Document {
        centre: centre(&draft.centre),
        title: label("月度清算报告", "Monthly clearing report"),
        short: format!("{} · {}", draft.centre.code, draft.month),
        facts: vec![
            (label("清算中心", "Centre"), draft.centre.code.clone()),
            (label("账期", "Period"), {
                let days = format!("{} – {}", draft.month.first(), draft.month.last());
                format!("{} {days}", draft.month.zh())
            }),
            (label("币种", "Currency"), "人民币 CNY".to_owned()),
            (label("制表日期", "Made on"), draft.made_on.to_string()),
        ],
        made_on: draft.made_on,
        tables,
    })
}

/// What the month moved and earned.
fn summary(draft: &MonthDraft) -> Table<'static> {
    let columns = vec![
        column("项目", "Item", Kind::Words),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let it = &draft.movement;
    let row = |words, count: Option<u64>, amount| {
        vec![fixed(words), count.map_or(Cell::Empty, Cell::Count), Cell::Fen(amount)]
    };
    let rows = vec![
        row(label("消费", "Purchases"), Some(it.count), it.gross),
        row(label("充值", "Loads"), None, it.load),
        row(label("优惠补贴", "Concessions"), None, it.concession),
        row(label("手续费收入", "Income from fees"), None, it.fee),
    ];
    Table::new("summary", label("汇总", "Summary"), columns, rows)
        .with_strong(vec![3])
        .with_note("笔数含充值。", "The count includes loads.")
}

/// One row a card operator.
fn operators(draft: &MonthDraft) -> Result<Table<'_>, MoneyError> {
    let mut columns = vec![column("发卡机构", "Operator", Kind::Id), column("名称", "Name", Kind::Words)];
    columns.extend(MOVEMENT.into_iter().chain(UNPAID));
    let rows = draft.operators.iter().map(|it| {
        let mut row = vec![id(&it.operator.code), both(&it.operator.name, &it.operator.name_en)];
        row.extend(movement(&it.movement));
        row.extend(tally(&it.unpaid));
        row
    });
    let title = label("按发卡机构", "By card operator");
    let mut total = vec![fixed_id(TOTAL), Cell::Empty];
    total.extend(sums(draft)?);
    Ok(Table::new("operators", title, columns, rows.collect()).with_total(total))
}

/// The month's movement and what was not accepted.
fn sums<'a>(draft: &MonthDraft) -> Result<impl Iterator<Item = Cell<'a>>, MoneyError> {
    Ok(movement(&draft.movement).into_iter().chain(tally(&unpaid(&draft.dispositions)?)))
}

fn sector_name(sector: Sector) -> Label {
    Label { zh: sector.name_zh(), en: sector.name() }
}

/// One row a sector.
fn sectors(draft: &MonthDraft) -> Result<Table<'_>, MoneyError> {
    let mut columns = vec![column("行业", "Sector", Kind::Words), column("商户数", "Merchants", Kind::Count)];
    columns.extend(MOVEMENT.into_iter().chain(UNPAID));
    let rows = draft.sectors.iter().map(|it| {
        let mut row = vec![fixed(sector_name(it.sector)), Cell::Count(it.merchants)];
        row.extend(movement(&it.movement));
        row.extend(tally(&it.unpaid));
        row
    });
    let mut total = vec![fixed(TOTAL), Cell::Count(draft.sectors.iter().map(|it| it.merchants).sum())];
    total.extend(sums(draft)?);
    Ok(Table::new("sectors", label("按行业", "By sector"), columns, rows.collect()).with_total(total))
}

/// Why records were not accepted.
fn reasons(draft: &MonthDraft) -> Table<'_> {
    let columns = vec![
        column("原因码", "Reason code", Kind::Id),
        column("说明", "Meaning", Kind::Words),
        column("处理", "Disposition", Kind::Words),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let rows = draft.reasons.iter().map(|it| {
        let disposition = it.reason.disposition();
        let [count, amount] = tally(&it.tally);
        let meaning = both(it.reason.zh(), it.reason.en());
        vec![id(it.reason.name()), meaning, both(disposition.zh(), disposition.name()), count, amount]
    });
    Table::new("reasons", label("未付主要原因", "Why records are unpaid"), columns, rows.collect())
}

/// Open items: opening + new − cleared = closing.
fn open_items(draft: &MonthDraft) -> Result<Table<'_>, MoneyError> {
    let columns = vec![
        column("发卡机构", "Operator", Kind::Id),
        column("名称", "Name", Kind::Words),
        column("期初", "Opening", Kind::Count),
        column("金额", "Amount", Kind::Fen),
        column("新增", "New", Kind::Count),
        column("金额", "Amount", Kind::Fen),
        column("核销", "Cleared", Kind::Count),
        column("金额", "Amount", Kind::Fen),
        column("期末", "Closing", Kind::Count),
        column("金额", "Amount", Kind::Fen),
        column("其中差错", "Breaks", Kind::Count),
        column("金额", "Amount", Kind::Fen),
    ];
    let rows = draft.open_items.iter().map(|it| {
        let mut row = vec![id(&it.operator.code), both(&it.operator.name, &it.operator.name_en)];
        row.extend([&it.opening, &it.new, &it.cleared, &it.closing, &it.breaks].into_iter().flat_map(tally));
        row
    });
    let mut total = vec![fixed_id(TOTAL), Cell::Empty];
    for column in [
        crate::reckon::sum(draft.open_items.iter().map(|it| &it.opening))?,
        crate::reckon::sum(draft.open_items.iter().map(|it| &it.new))?,
        crate::reckon::sum(draft.open_items.iter().map(|it| &it.cleared))?,
        crate::reckon::sum(draft.open_items.iter().map(|it| &it.closing))?,
        crate::reckon::sum(draft.open_items.iter().map(|it| &it.breaks))?,
    ] {
        total.extend(tally(&column));
    }
    let title = label("未达账项", "Open items with operators");
    Ok(Table::new("open_items", title, columns, rows.collect())
        .with_note(
            "期初 + 新增 − 核销 = 期末；超过宽限期者为差错。",
            "Opening + new − cleared = closing; those past the operator's grace are breaks.",
        )
        .with_total(total))
}

/// Open items by age.
fn ages(draft: &MonthDraft) -> Result<Table<'_>, MoneyError> {
    let columns = vec![
        column("账龄（天）", "Age, days", Kind::Id),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let sums = aging(&draft.open_items)?;
    let rows = if draft.open_items.is_empty() { &[][..] } else { &AGING_BUCKETS[..] };
    let rows = rows.iter().zip(&sums).map(|(age, it)| {
        let [count, amount] = tally(it);
        vec![id(*age), count, amount]
    });
    let [count, amount] = tally(&crate::reckon::sum(&sums)?);
    Ok(Table::new("aging", label("未达账项账龄", "Open items by age"), columns, rows.collect())
        .with_total(vec![fixed_id(TOTAL), count, amount]))
}

/// Payouts by state.
fn payouts(draft: &MonthDraft) -> Result<Table<'_>, MoneyError> {
    let columns = vec![
        column("状态", "State", Kind::Words),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let rows = draft.payouts.iter().map(|it| {
        let [count, amount] = tally(&it.tally);
        vec![fixed(Label { zh: it.state.zh(), en: it.state.en() }), count, amount]
    });
    let sum: Tally = crate::reckon::sum(draft.payouts.iter().map(|it| &it.tally))?;
    let [count, amount] = tally(&sum);
    Ok(Table::new("payouts", label("划付", "Payouts"), columns, rows.collect()).with_total(vec![
        fixed(TOTAL),
        count,
        amount,
    ]))
}

/// One row a window.
fn days(draft: &MonthDraft) -> Result<Table<'_>, MoneyError> {
    let mut columns = vec![column("清算日", "Window", Kind::Date)];
    columns.extend(MOVEMENT);
    columns.extend([
        column("重复", "Duplicate", Kind::Count),
        column("挂账", "Suspended", Kind::Count),
        column("拒付", "Rejected", Kind::Count),
        column("未付金额", "Unpaid amount", Kind::Fen),
    ]);
    let counts = |it: &tongclear_types::DispositionTallies, amount: Fen| {
        let [a, b, c] = [it.duplicate.count, it.suspended.count, it.rejected.count].map(Cell::Count);
        [a, b, c, Cell::Fen(amount)]
    };
    let rows = draft.days.iter().map(|day| {
        let mut row = vec![Cell::Date(day.window)];
        row.extend(movement(&day.movement));
        row.extend(counts(&day.dispositions, unpaid(&day.dispositions)?.amount_fen));
        Ok(row)
    });
    let rows = rows.collect::<Result<Vec<_>, MoneyError>>()?;
    let mut total = vec![fixed(TOTAL)];
    total.extend(movement(&draft.movement));
    total.extend(counts(&draft.dispositions, unpaid(&draft.dispositions)?.amount_fen));
    let table = Table::new("days", label("每日", "Day by day"), columns, rows);
    Ok(table.with_total(total))
}
