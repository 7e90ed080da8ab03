//! What waits for a decision, for people: the work list, as a table and as CSV, and everything about one item.

use tongclear_ledger::{Reference, Resolution};
use tongclear_life::dispute::{Because, DecisionView, Dispute, Neighbour, Suggestion, WorkItem};

use crate::statement::{ReportError, Sheet};
use crate::table::{Align, Table};
use crate::text::{Lang, yuan};

/// The work list as a table, the suggestion in the last column.
#[must_use]
pub fn work_list_text(items: &[WorkItem], lang: Lang) -> String {
    if items.is_empty() {
        return lang.pick("没有待处置的项目", "nothing waits for a decision").to_owned();
    }
    let mut table = Table::new(&[
        (lang.pick("编号", "reference"), Align::Left),
        (lang.pick("种类", "what"), Align::Left),
        (lang.pick("天数", "days"), Align::Right),
        (lang.pick("金额（元）", "yuan"), Align::Right),
        (lang.pick("商户", "merchant"), Align::Left),
        (lang.pick("发卡机构", "operator"), Align::Left),
        (lang.pick("原因", "reason"), Align::Left),
        (lang.pick("建议", "suggested"), Align::Left),
        (lang.pick("依据", "because"), Align::Left),
    ]);
    for item in items {
        let (zh, en) = item.origin.names();
        table.row([
            item.reference.to_string(),
            lang.pick(zh, en).to_owned(),
            item.age_days.to_string(),
            yuan(item.amount_fen),
            item.merchant.map(|it| it.to_string()).unwrap_or_default(),
            item.operator.to_string(),
            item.reason.clone(),
            suggested(&item.suggestion, lang),
            waiting(item, lang).unwrap_or_else(|| reasons(&item.suggestion.because, lang)),
        ]);
    }
    let count = items.len();
    let last = lang.pick(format!("共 {count} 项"), format!("{count} items"));
    table.lines().join("\n") + "\n" + &last
}

/// The proposal that waits already.
fn waiting(item: &WorkItem, lang: Lang) -> Option<String> {
    item.proposal
        .map(|id| lang.pick(format!("提案 {id} 等待复核"), format!("proposal {id} waits for another person")))
}

fn suggested(suggestion: &Suggestion, lang: Lang) -> String {
    let what = lang.pick(suggestion.resolution.zh(), suggestion.resolution.name());
    match suggestion.resolution {
        Resolution::Split { pay_fen, refuse_fen } => format!("{what} {pay_fen}/{refuse_fen}"),
        _ => what.to_owned(),
    }
}

fn reasons(because: &[Because], lang: Lang) -> String {
    let texts: Vec<&str> = because.iter().map(|it| lang.pick(&*it.zh, &*it.en)).collect();
    texts.join(lang.pick("；", "; "))
}

/// The work list as CSV, for a spreadsheet.
///
/// # Errors
/// [`ReportError::Csv`] never happens: it is written in memory.
pub fn work_list_csv(items: &[WorkItem]) -> Result<Vec<u8>, ReportError> {
    let mut sheet = Sheet::new(&[
        "编号 reference",
        "种类 origin",
        "起始 since",
        "天数 days",
        "金额（分） fen",
        "对方金额（分） theirs fen",
        "商户 merchant",
        "发卡机构 operator",
        "卡号 serial",
        "计数器 counter",
        "终端 terminal",
        "终端交易序号 terminal number",
        "日期 date",
        "时间 time",
        "原因 reason",
        "提案 proposal",
        "保留原因 kept",
        "建议 suggested",
        "依据",
        "because",
    ])?;
    for item in items {
        sheet.line(&[
            item.reference.as_str(),
            item.origin.name(),
            &item.since.to_string(),
            &item.age_days.to_string(),
            &item.amount_fen.to_string(),
            &item.theirs_fen.map(|it| it.to_string()).unwrap_or_default(),
            &item.merchant.map(|it| it.to_string()).unwrap_or_default(),
            &item.operator.to_string(),
            &item.serial.to_string(),
            &item.counter.to_string(),
            &item.terminal.to_string(),
            &item.terminal_number.to_string(),
            &item.date,
            &item.time,
            &item.reason,
            &item.proposal.map(|it| it.to_string()).unwrap_or_default(),
            item.kept.as_deref().unwrap_or_default(),
            &suggested(&item.suggestion, Lang::En),
            &reasons(&item.suggestion.because, Lang::Zh),
            &reasons(&item.suggestion.because, Lang::En),
        ])?;
    }
    sheet.finish()
}

/// Everything about one item.
#[must_use]
pub fn dispute_text(reference: Reference, dispute: &Dispute, lang: Lang) -> String {
    let mut lines = Vec::new();
    match &dispute.item {
        Some(item) => lines.extend(item_lines(item, lang)),
        None => lines.push(lang.pick(format!("{reference}：已处置"), format!("{reference}: decided"))),
    }
    if let Some((before, after)) = dispute.balances_fen {
        lines.push(lang.pick(
            format!("余额    之前 {before} 分，之后 {after} 分"),
            format!("balance   {before} fen before, {after} fen after"),
        ));
    }
    if dispute.item.is_some() && dispute.balances_fen.is_some() {
        let (zh, en) = match dispute.tac_right {
            Some(true) => ("TAC     正确", "TAC       right"),
            Some(false) => ("TAC     错误", "TAC       wrong"),
            None => ("TAC     未验证", "TAC       not verified"),
        };
        lines.push(lang.pick(zh, en).to_owned());
    }
    for (missing, zh, en) in [
        (dispute.numbers_missing.0, "终端的前一序号缺失", "the number just below is missing at its terminal"),
        (dispute.numbers_missing.1, "终端的后一序号缺失", "the number just above is missing at its terminal"),
    ] {
        if missing {
            lines.push(lang.pick(zh, en).to_owned());
        }
    }
    if !dispute.neighbours.is_empty() {
        lines.push(String::new());
        lines.extend(neighbour_lines(&dispute.neighbours, lang));
    }
    if !dispute.decisions.is_empty() {
        lines.push(String::new());
        lines.extend(decision_lines(&dispute.decisions, lang));
    }
    lines.join("\n")
}

fn item_lines(item: &WorkItem, lang: Lang) -> Vec<String> {
    let (zh, en) = item.origin.names();
    let merchant = item.merchant.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let mut lines = vec![
        lang.pick(
            format!("{}  {zh}  {} 元  {}", item.reference, yuan(item.amount_fen), item.reason),
            format!("{}  {en}  {} yuan  {}", item.reference, yuan(item.amount_fen), item.reason),
        ),
        lang.pick(
            format!("商户 {merchant}，发卡机构 {}，自 {} 起 {} 天", item.operator, item.since, item.age_days),
            format!(
                "merchant {merchant}, operator {}, waiting since {}, {} days",
                item.operator, item.since, item.age_days
            ),
        ),
        lang.pick(
            format!(
                "卡 {} 计数器 {}，终端 {} 序号 {}，{} {}",
                item.serial, item.counter, item.terminal, item.terminal_number, item.date, item.time
            ),
            format!(
                "card {} counter {}, terminal {} number {}, {} {}",
                item.serial, item.counter, item.terminal, item.terminal_number, item.date, item.time
            ),
        ),
    ];
    if let Some(theirs) = item.theirs_fen {
        lines.push(lang.pick(
            format!("对方金额 {} 元", yuan(theirs)),
            format!("the operator has {} yuan", yuan(theirs)),
        ));
    }
    lines.extend(waiting(item, lang));
    if let Some(kept) = &item.kept {
        lines.push(lang.pick(format!("保留待查：{kept}"), format!("kept: {kept}")));
    }
    let (what, why) = (suggested(&item.suggestion, lang), reasons(&item.suggestion.because, lang));
    lines.push(lang.pick(format!("建议    {what}：{why}"), format!("suggested {what}: {why}")));
    lines
}

fn neighbour_lines(neighbours: &[Neighbour], lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("相邻记录", "beside it"), Align::Left),
        (lang.pick("编号", "reference"), Align::Left),
        (lang.pick("处理", "disposition"), Align::Left),
        (lang.pick("计数器", "counter"), Align::Right),
        (lang.pick("终端", "terminal"), Align::Left),
        (lang.pick("序号", "number"), Align::Right),
        (lang.pick("时间", "when"), Align::Left),
        (lang.pick("金额（分）", "fen"), Align::Right),
        (lang.pick("之前", "before"), Align::Right),
        (lang.pick("之后", "after"), Align::Right),
    ]);
    for it in neighbours {
        let (zh, en) = match it.relation {
            "card_before" => ("该卡前一笔", "the card's before"),
            "card_after" => ("该卡后一笔", "the card's after"),
            "same_counter" => ("占用计数器", "has its counter"),
            _ => ("占用终端序号", "has its number"),
        };
        table.row([
            lang.pick(zh, en).to_owned(),
            Reference::record(it.collector, it.package_sequence.0, it.row).to_string(),
            lang.pick(it.disposition.zh(), it.disposition.name()).to_owned(),
            it.counter.to_string(),
            it.terminal.to_string(),
            it.terminal_number.to_string(),
            format!("{} {}", it.date, it.time),
            it.amount_fen.to_string(),
            it.balance_before_fen.to_string(),
            it.balance_after_fen.to_string(),
        ]);
    }
    table.lines()
}

/// A title, and for each decision who took it, why, and what it moved.
pub(crate) fn decision_lines(decisions: &[DecisionView], lang: Lang) -> Vec<String> {
    let mut lines = vec![lang.pick("处置", "Decisions").to_owned()];
    for it in decisions {
        let what = match it.resolution {
            Resolution::Split { pay_fen, refuse_fen } => lang.pick(
                format!("付款 {pay_fen} 分，拒付 {refuse_fen} 分"),
                format!("pay {pay_fen} fen, refuse {refuse_fen} fen"),
            ),
            other => lang.pick(other.zh(), other.name()).to_owned(),
        };
        let by = match &it.proposed_by {
            Some(proposer) => lang.pick(
                format!("{proposer} 提出，{} 复核", it.decided_by),
                format!("proposed by {proposer}, approved by {}", it.decided_by),
            ),
            None => lang.pick(format!("{} 决定", it.decided_by), format!("by {}", it.decided_by)),
        };
        lines.push(format!("  {}  {what}: {}  ({by})", it.id, it.reason));
        lines.extend(it.evidence.as_ref().map(|evidence| {
            lang.pick(format!("      依据：{evidence}"), format!("      evidence: {evidence}"))
        }));
        if let (Some(window), true) = (it.window, it.resolution.is_final()) {
            lines.push(lang.pick(
                format!("      由窗口 {window} 的清分执行"),
                format!("      carried out by the run of window {window}"),
            ));
        }
        for transfer in &it.transfers {
            lines.push(format!(
                "      {} {} → {}  {}  {}",
                transfer.code,
                transfer.debit,
                transfer.credit,
                yuan(transfer.amount_fen),
                transfer.id
            ));
        }
    }
    lines
}
