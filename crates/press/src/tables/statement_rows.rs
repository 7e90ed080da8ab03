//! The sections of a statement behind its first page.

use tongclear_types::{Fen, MoneyError, Tally};

use super::shared::empty;
use crate::table::{
    Cell, Column, Kind, MOVEMENT, TOTAL, Table, both, column, fixed, fixed_id, id, movement, tally,
};
use crate::words::{Label, label};
use crate::{Breakdown, BreakdownKind, Draft, PayoutState, Period, Role, UnpaidList};

const NET: Column = column("净额", "Net", Kind::Fen);

/// One row a counterparty and contract.
pub(super) fn lines(draft: &Draft) -> Table<'_> {
    let (code, name) = match draft.role {
        Role::Merchant(_) => (column("发卡机构", "Operator", Kind::Id), column("名称", "Name", Kind::Words)),
        Role::Operator => (column("商户", "Merchant", Kind::Id), column("名称", "Name", Kind::Words)),
    };
    let mut columns = vec![code, name, column("合同", "Contract", Kind::Id)];
    columns.extend(MOVEMENT);
    columns.push(NET);
    let rows = draft.lines.iter().map(|line| {
        let party = &line.counterparty;
        let mut row = vec![id(&party.code), both(&party.name, &party.name_en), id(&line.contract)];
        row.extend(movement(&line.movement));
        row.push(Cell::Fen(line.net));
        row
    });
    let mut total = vec![fixed_id(TOTAL), Cell::Empty, Cell::Empty];
    total.extend(movement(&draft.summary.movement));
    total.push(Cell::Fen(without_adjustments(draft)));
    let title = match draft.role {
        Role::Merchant(_) => label("按发卡机构和合同", "By operator, contract"),
        Role::Operator => label("按商户和合同", "By merchant and contract"),
    };
    Table::new("lines", title, columns, rows.collect())
        .with_note(
            "净额 = 消费 − 手续费 + 优惠补贴 − 充值。",
            "Net = purchases − fees + concessions − loads.",
        )
        .with_total(total)
}

/// The lines' net; a checked statement's own figures cannot leave the domain here.
fn without_adjustments(draft: &Draft) -> Fen {
    draft.lines.iter().map(|line| line.net).sum()
}

/// One way to break the accepted records down.
pub(super) fn breakdown(breakdown: &Breakdown) -> Result<Table<'_>, MoneyError> {
    let (key, title, code): (_, _, Label) = match breakdown.kind {
        BreakdownKind::Line => ("by_line", label("按线路", "By line"), label("线路", "Line")),
        BreakdownKind::Station => ("by_station", label("按站点", "By station"), label("站点", "Station")),
        BreakdownKind::BillingPeriod => {
            ("by_billing_period", label("按账期", "By billing period"), label("账期", "Billing period"))
        }
        BreakdownKind::Channel => ("by_channel", label("按缴费渠道", "By channel"), label("渠道", "Channel")),
        BreakdownKind::Till => ("by_till", label("按收银机", "By till"), label("收银机", "Till")),
        BreakdownKind::Sector => ("by_sector", label("按行业", "By sector"), label("行业", "Sector")),
    };
    let columns = vec![
        Column { label: code, kind: Kind::Id },
        column("名称", "Name", Kind::Words),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let rows = breakdown.rows.iter().map(|row| {
        let [count, amount] = tally(&row.tally);
        vec![id(&row.code), both(&row.name.zh, &row.name.en), count, amount]
    });
    let [count, amount] = tally(&crate::reckon::sum(breakdown.rows.iter().map(|row| &row.tally))?);
    let table = Table::new(key, title, columns, rows.collect());
    Ok(table.with_total(vec![fixed_id(TOTAL), Cell::Empty, count, amount]))
}

/// Decisions, one by one.
pub(super) fn adjustments(draft: &Draft) -> Table<'_> {
    let columns = vec![
        column("清算日", "Window", Kind::Date),
        column("决定", "Decision", Kind::Id),
        column("原清算日", "Original window", Kind::Date),
        column("原交易", "Original", Kind::Id),
        column("原因", "Reason", Kind::Words),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let rows = draft.adjustments.iter().map(|it| {
        vec![
            Cell::Date(it.window),
            id(&it.id),
            Cell::Date(it.original_window),
            id(&it.original),
            both(&it.reason.zh, &it.reason.en),
            Cell::Fen(it.amount),
        ]
    });
    let mut total = vec![fixed_id(TOTAL)];
    total.extend(empty(4));
    total.push(Cell::Fen(draft.summary.adjustments));
    Table::new("adjustments", label("调整", "Adjustments"), columns, rows.collect()).with_total(total)
}

/// A state in words.
fn state<'a>(state: PayoutState) -> Cell<'a> {
    fixed(Label { zh: state.zh(), en: state.en() })
}

/// What is paid when.
pub(super) fn positions(draft: &Draft) -> Result<Table<'_>, MoneyError> {
    let columns = vec![
        column("清算日", "Window", Kind::Date),
        column("起息日", "Value date", Kind::Date),
        column("上期结转", "Carried in", Kind::Fen),
        column("净额", "Net", Kind::Fen),
        column("结转下期", "Carried out", Kind::Fen),
        column("收付金额", "Payable", Kind::Fen),
        column("支付参考号", "Payment reference", Kind::Id),
        column("状态", "State", Kind::Words),
    ];
    let rows = draft.positions.iter().map(|it| {
        vec![
            Cell::Date(it.window),
            Cell::Date(it.value_date),
            Cell::Fen(it.carried_in),
            Cell::Fen(it.net),
            Cell::Fen(it.carried_out),
            Cell::Fen(it.payable),
            it.reference.as_deref().map_or(Cell::Empty, id),
            state(it.state),
        ]
    });
    // Carried amounts stand in two rows, once out and once in, so that only what moves can be added up.
    let payable = Fen::try_sum(draft.positions.iter().map(|it| it.payable))?;
    let mut total = vec![fixed_id(TOTAL)];
    total.extend(empty(4));
    total.extend([Cell::Fen(payable), Cell::Empty, Cell::Empty]);
    let title = label("按起息日的应收应付", "By value date");
    Ok(Table::new("positions", title, columns, rows.collect())
        .with_note(
            "净额含上期结转；收付金额 = 净额 − 结转下期。参考号即银行回单上的端到端标识。",
            "Net includes what was carried in; payable = net − carried out. The reference is the bank's end-to-end id.",
        )
        .with_total(total))
}

/// What the bank was told and did.
pub(super) fn payouts(draft: &Draft) -> Table<'_> {
    let columns = vec![
        column("支付参考号", "Payment reference", Kind::Id),
        column("起息日", "Value date", Kind::Date),
        column("指令金额", "Ordered", Kind::Fen),
        column("实际收付", "Moved", Kind::Fen),
        column("入账日", "Booked on", Kind::Date),
        column("状态", "State", Kind::Words),
        column("银行说明", "Bank's remark", Kind::Id),
    ];
    let rows = draft.payouts.iter().map(|it| {
        vec![
            id(&it.reference),
            Cell::Date(it.value_date),
            Cell::Fen(it.ordered),
            Cell::Fen(it.paid),
            it.booked_on.map_or(Cell::Empty, Cell::Date),
            state(it.state),
            id(&it.bank_remark),
        ]
    });
    let mut total: Vec<_> = vec![fixed_id(TOTAL), Cell::Empty, Cell::Empty, Cell::Fen(draft.summary.payouts)];
    total.extend(empty(3));
    Table::new("payouts", label("银行收付", "Moved by the bank"), columns, rows.collect()).with_total(total)
}

/// One row a window.
pub(super) fn days(draft: &Draft) -> Table<'_> {
    let mut columns = vec![column("清算日", "Window", Kind::Date)];
    columns.extend(MOVEMENT);
    columns.extend([
        column("调整", "Adjustments", Kind::Fen),
        NET,
        column("未付笔数", "Unpaid", Kind::Count),
        column("未付金额", "Unpaid amount", Kind::Fen),
    ]);
    let rows = draft.days.iter().map(|day| {
        let mut row = vec![Cell::Date(day.window)];
        row.extend(movement(&day.movement));
        row.extend([Cell::Fen(day.adjustments), Cell::Fen(day.net)]);
        row.extend(tally(&day.unpaid));
        row
    });
    let unpaid = draft.days.iter().fold((0, Fen::ZERO), |(count, amount), day| {
        (count + day.unpaid.count, [amount, day.unpaid.amount_fen].into_iter().sum())
    });
    let mut total = vec![fixed_id(TOTAL)];
    total.extend(movement(&draft.summary.movement));
    total.extend([Cell::Fen(draft.summary.adjustments), Cell::Fen(draft.summary.net)]);
    total.extend(tally(&Tally { count: unpaid.0, amount_fen: unpaid.1 }));
    Table::new("days", label("每日", "Day by day"), columns, rows.collect()).with_total(total)
}

/// Every record that was not accepted.
pub(super) fn unpaid(draft: &Draft) -> Result<Table<'_>, MoneyError> {
    // A statement of one window names it on its first page.
    let names_window = matches!(draft.period, Period::Month(_));
    let mut columns = if names_window { vec![column("清算日", "Window", Kind::Date)] } else { Vec::new() };
    columns.extend([
        column("终端", "Terminal", Kind::Id),
        column("终端序号", "Number", Kind::Id),
        column("卡号", "Card", Kind::Id),
        column("日期", "Date", Kind::Id),
        column("时间", "Time", Kind::Id),
        column("金额（元）", "Amount, yuan", Kind::Fen),
        column("处理", "Disposition", Kind::Words),
        column("原因码", "Reason code", Kind::Id),
        column("说明", "Meaning", Kind::Words),
    ]);
    let rows = draft.unpaid.records().iter().map(|it| {
        let disposition = it.verdict.disposition();
        let (reason_zh, reason_en) = it.reason_words();
        let mut row = if names_window { vec![Cell::Date(it.window)] } else { Vec::new() };
        row.extend([
            id(it.terminal.to_string()),
            id(it.terminal_number.to_string()),
            id(it.card.to_string()),
            id(it.date_text()),
            id(it.time_text()),
            Cell::Fen(it.amount),
            both(disposition.zh(), disposition.name()),
            id(it.reason_code()),
            both(reason_zh, reason_en),
        ]);
        row
    });
    let table = Table::new("unpaid", label("未付交易明细", "Unpaid transactions"), columns, rows.collect());
    Ok(match &draft.unpaid {
        UnpaidList::Here(records) if records.is_empty() => table.with_note("无。", "None."),
        UnpaidList::Here(records) => {
            let amount = Fen::try_sum(records.iter().map(|it| it.amount))?;
            let mut total = vec![fixed_id(TOTAL)];
            total.extend(empty(if names_window { 5 } else { 4 }));
            total.push(Cell::Fen(amount));
            total.extend(empty(3));
            table
                .with_note(
                    "挂账：待决定；拒付：更正后可重送；重复：此前已收到，不涉及款项。",
                    "Suspended waits for a decision; rejected may be sent again, corrected; duplicate was seen before and moves no money.",
                )
                .with_total(total)
        }
        UnpaidList::InFile(name) => {
            table.with_note(format!("明细见文件 {name}。"), format!("They stand in the file {name}."))
        }
    })
}
