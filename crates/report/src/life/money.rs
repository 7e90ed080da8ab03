//! Fee, transfers and settlement as people read them.

use tongclear_ledger::{FeeArithmetic, FeeLevel, Participant};
use tongclear_life::{Charge, Money};
use tongclear_types::Fen;

use super::labelled;
use crate::table::{Align, Table};
use crate::text::{Lang, yuan};

/// The sections about money that have something to tell, each with a blank line before it.
pub(super) fn lines(money: &Money, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(charge) = &money.charge {
        lines.push(String::new());
        lines.extend(charge_lines(charge, lang));
    }
    if !money.transfers.is_empty() {
        lines.push(String::new());
        lines.extend(transfer_lines(money, lang));
    }
    if money.charge.is_some() {
        lines.push(String::new());
        lines.extend(settlement_lines(money, lang));
    }
    lines
}

fn charge_lines(charge: &Charge, lang: Lang) -> Vec<String> {
    let contract = &charge.contract;
    let mut lines = vec![
        lang.pick("手续费", "Fee").to_owned(),
        labelled(
            lang.pick("合同", "contract"),
            &lang.pick(
                format!("{}，周期 {}", charge.contract_key, contract.cycle),
                format!("{}, cycle {}", charge.contract_key, contract.cycle),
            ),
        ),
    ];
    match &charge.fee {
        Some(fee) => {
            let label = match contract.level {
                FeeLevel::Transaction => lang.pick("本笔", "this one"),
                FeeLevel::Window => lang.pick("整个窗口", "the window"),
            };
            lines.push(labelled(label, &arithmetic(fee, lang)));
            if contract.level == FeeLevel::Window {
                lines.push(labelled(
                    "",
                    lang.pick(
                        "按窗口合计收取，单笔没有自己的手续费",
                        "charged on the sum of the window: no single record has a fee of its own",
                    ),
                ));
            }
        }
        None => lines.push(labelled("", lang.pick("充值不收手续费", "a load carries no fee"))),
    }
    if let Some(sponsor) = charge.sponsor.filter(|_| !charge.concession_fen.is_zero()) {
        lines.push(labelled(
            lang.pick("优惠补贴", "concession"),
            &lang.pick(
                format!("{} 元，由 {sponsor} 承担", yuan(charge.concession_fen)),
                format!("{} yuan, owed by {sponsor}", yuan(charge.concession_fen)),
            ),
        ));
    }
    lines
}

fn arithmetic(fee: &FeeArithmetic, lang: Lang) -> String {
    let FeeArithmetic { count, amount, rate, fixed_fen, unrounded, clamped, rounding, fee, .. } = fee;
    let bound = match clamped.cmp(unrounded) {
        std::cmp::Ordering::Greater => lang.pick("，至少", ", at least "),
        std::cmp::Ordering::Less => lang.pick("，至多", ", at most "),
        std::cmp::Ordering::Equal => "",
    };
    let bound = if bound.is_empty() { String::new() } else { format!("{bound}{}", clamped.normalize()) };
    let (rate, fixed, sum) = (rate.normalize(), fixed_fen.normalize(), unrounded.normalize());
    let rounding = rounding.name();
    lang.pick(
        format!("{amount} × {rate} + {count} × {fixed} = {sum} 分{bound}；{rounding} 取整为 {fee} 分"),
        format!("{amount} × {rate} + {count} × {fixed} = {sum} fen{bound}; {rounding} gives {fee} fen"),
    )
}

fn transfer_lines(money: &Money, lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("代码", "code"), Align::Left),
        (lang.pick("借方", "from"), Align::Left),
        (lang.pick("贷方", "to"), Align::Left),
        (lang.pick("合计（元）", "sum, yuan"), Align::Right),
    ]);
    for transfer in &money.transfers {
        table.row([
            transfer.id.to_string(),
            transfer.code.to_string(),
            transfer.debit.to_string(),
            transfer.credit.to_string(),
            yuan(transfer.amount_fen),
        ]);
    }
    let mut lines = vec![lang.pick("转账（合计中含本笔）", "Transfers (whose sums contain it)").to_owned()];
    lines.extend(table.lines());
    lines
}

fn settlement_lines(money: &Money, lang: Lang) -> Vec<String> {
    let settlement = &money.settlement;
    let mut lines = vec![lang.pick("结算", "Settlement").to_owned()];
    let value_date = settlement.value_date.map_or_else(|| "?".to_owned(), |date| date.to_string());
    if settlement.positions.is_empty() {
        lines.push(labelled(
            "",
            &lang.pick(
                format!("窗口尚未结算；合同起息日 {value_date}"),
                format!("the window is not settled yet; by the contract its money moves on {value_date}"),
            ),
        ));
        return lines;
    }
    if let Some(at) = settlement.settled_at {
        lines.push(labelled(lang.pick("结算于", "settled"), &at.strftime("%Y-%m-%d %H:%M:%S").to_string()));
    }
    for position in &settlement.positions {
        lines.push(labelled(
            lang.pick("净额", "position"),
            &lang.pick(
                format!(
                    "{}，起息日 {}，净额 {} 元",
                    position.participant,
                    position.value_date,
                    yuan(position.net)
                ),
                format!(
                    "{}, value date {}, net {} yuan",
                    position.participant,
                    position.value_date,
                    yuan(position.net)
                ),
            ),
        ));
        let payouts = settlement.payouts.iter();
        for it in payouts.filter(|it| position.participant == Participant::Merchant(it.merchant)) {
            let (reference, date, amount) = (it.reference, it.value_date, yuan(it.amount_fen));
            let reason = it.reason.as_ref().map(|it| format!("，{it}")).unwrap_or_default();
            let because = it.reason.as_ref().map(|it| format!(", {it}")).unwrap_or_default();
            lines.push(labelled(
                lang.pick("付款", "payout"),
                &lang.pick(
                    format!("{reference}，起息日 {date}，{amount} 元，{}{reason}", it.state.zh()),
                    format!("{reference}, value date {date}, {amount} yuan: {}{because}", it.state.en()),
                ),
            ));
        }
        if position.carried_out != Fen::ZERO {
            lines.push(labelled(
                "",
                lang.pick("净额为负，结转至下一次结算", "below zero: carried into the next settlement"),
            ));
        }
    }
    lines
}
