//! The verdict in one sentence, and what to do about it.

use tongclear_life::dispute::DecisionView;
use tongclear_life::{Judgement, Life};
use tongclear_store::WindowState;
use tongclear_types::{Chain, Disposition, Fen, Reason};

use super::sighted;
use crate::text::{Lang, yuan};

/// The last line of the story.
pub(super) fn verdict(life: &Life, lang: Lang) -> String {
    let Some(judgement) = &life.judgement else { return waiting(life, lang) };
    if !judgement.agrees {
        return lang.pick(
            "存储的结果与规则不符，付款与否尚无定论：请运行 `tongclear check`".to_owned(),
            "what is stored contradicts the rules, so nothing can be said: run `tongclear check`".to_owned(),
        );
    }
    if let Some(decision) = life.decisions.iter().rev().find(|it| it.resolution.is_final()) {
        return decided(decision, lang);
    }
    match judgement.stored.disposition {
        Disposition::Accepted => accepted(life, judgement, lang),
        Disposition::Duplicate => duplicate(judgement, lang),
        Disposition::Suspended | Disposition::Rejected => refused(judgement, lang),
    }
}

/// What people decided outweighs what the run found.
fn decided(decision: &DecisionView, lang: Lang) -> String {
    let (id, what) = (decision.id, decision.resolution);
    match decision.window {
        None => lang.pick(
            format!("处置 {id}（{}）已复核：由当前开放窗口的清分执行", what.zh()),
            format!("decision {id}: {what}, approved; the run of the open window carries it out"),
        ),
        Some(window) => lang.pick(
            format!("处置 {id}：{}，由窗口 {window} 的清分执行", what.zh()),
            format!("decision {id}: {what}, carried out by the run of window {window}"),
        ),
    }
}

fn waiting(life: &Life, lang: Lang) -> String {
    match life.arrival.window {
        None => lang.pick(
            "尚未清算：记录在开放窗口中，下一次夜间清算时处理".to_owned(),
            "not judged yet: it waits in the open window for the next night".to_owned(),
        ),
        Some(date) => lang.pick(
            format!("尚未清分：窗口 {date} 已关闭；请运行 `tongclear clear --window {date}`"),
            format!("not judged yet: window {date} is closed; run `tongclear clear --window {date}`"),
        ),
    }
}

fn accepted(life: &Life, judgement: &Judgement, lang: Lang) -> String {
    let window = judgement.window;
    let money = &judgement.money;
    let Some(charge) = &money.charge else {
        return lang.pick(format!("窗口 {window} 已接受"), format!("accepted in window {window}"));
    };
    let date = money.settlement.value_date.map_or_else(|| "?".to_owned(), |date| date.to_string());
    if life.record.chain == Chain::Load {
        let amount = yuan(charge.net_fen.negated());
        return lang.pick(
            format!("窗口 {window} 已接受充值：代理点应付 {amount} 元，起息日 {date}"),
            format!("accepted in window {window}: the load agent owes {amount} yuan, value date {date}"),
        );
    }
    let net = yuan(charge.net_fen);
    let mut parts = lang.pick(
        format!("金额 {}", yuan(Fen::from(life.record.amount_fen))),
        format!("amount {}", yuan(Fen::from(life.record.amount_fen))),
    );
    match charge.fee_fen {
        Some(fee) => parts += &lang.pick(format!(" − 手续费 {}", yuan(fee)), format!(" − fee {}", yuan(fee))),
        None => parts += lang.pick("，手续费按窗口合计另收", ", the fee is taken from the window's sum"),
    }
    if !charge.concession_fen.is_zero() {
        let concession = yuan(charge.concession_fen);
        parts += &lang.pick(format!(" + 补贴 {concession}"), format!(" + concession {concession}"));
    }
    match money.settlement.state {
        WindowState::Paid => lang.pick(
            format!("已付：窗口 {window} 计入 {net} 元（{parts}），起息日 {date}"),
            format!("paid in window {window}: {net} yuan ({parts}), value date {date}"),
        ),
        WindowState::Settled => lang.pick(
            format!("已接受并结算：窗口 {window} 计入 {net} 元（{parts}），{date} 付款"),
            format!("accepted and settled in window {window}: {net} yuan ({parts}), paid on {date}"),
        ),
        WindowState::Open | WindowState::Closed | WindowState::Cleared => lang.pick(
            format!("已接受：窗口 {window} 计入 {net} 元（{parts}）；窗口结算后于 {date} 付款"),
            format!(
                "accepted in window {window}: {net} yuan ({parts}); paid on {date} once the window is settled"
            ),
        ),
    }
}

fn duplicate(judgement: &Judgement, lang: Lang) -> String {
    let uniqueness = judgement.uniqueness.as_ref();
    let original =
        uniqueness.and_then(|it| it.copy_of.or(it.counter_held_by).or(it.number_held_by.first().copied()));
    let original = original.map_or_else(
        || lang.pick("以前的记录".to_owned(), "an earlier record".to_owned()),
        |it| sighted(&it, lang),
    );
    lang.pick(
        format!("未付：与{original}重复，款项以那一条为准；无需处理"),
        format!("not paid: the same transaction as {original}; that one decides, nothing needs to be done"),
    )
}

fn refused(judgement: &Judgement, lang: Lang) -> String {
    let Some(reason) = judgement.stored.reason else { return String::new() };
    let (check, line) = (judgement.decided_by, judgement.line);
    let check = line.map_or_else(|| check.to_owned(), |line| format!("{check}.{line}"));
    let what_to_do = what_to_do(reason, lang);
    match reason.disposition() {
        Disposition::Suspended => lang.pick(
            format!("暂未付：检查 {check}，{}（{reason}），款项挂账待决定；{what_to_do}", reason.zh()),
            format!(
                "not paid yet: check {check}, {} ({reason}), the money waits for a decision; {what_to_do}",
                reason.en()
            ),
        ),
        _ => lang.pick(
            format!("未付：检查 {check}，{}（{reason}）；{what_to_do}", reason.zh()),
            format!("not paid: check {check}, {} ({reason}); {what_to_do}", reason.en()),
        ),
    }
}

/// What the merchant or the centre can do about it. Rejected records take no further part, so a corrected one can come
/// in a new package; suspended ones are known for good, so another copy of one is only a duplicate.
fn what_to_do(reason: Reason, lang: Lang) -> &'static str {
    let (zh, en) = match reason {
        Reason::Malformed => (
            "请终端厂商检查时钟与记录格式，更正后用新包再送",
            "have the terminal's clock and record format looked at; a corrected record may come in a new package",
        ),
        Reason::TestCard => {
            ("测试卡交易不付款，无需处理", "test cards are never paid; nothing needs to be done")
        }
        Reason::UnknownTerminal => {
            ("登记该终端后，用新包再送此记录", "register the terminal, then send the record in a new package")
        }
        Reason::TerminalNotInService => (
            "核对终端的商户与服役日期，更正登记后用新包再送",
            "correct the terminal's merchant and dates in the registry, then send the record in a new package",
        ),
        Reason::UnknownOperator => (
            "该卡的发卡机构未参加清算；登记后用新包再送",
            "the card's operator takes no part; once it is registered, send the record in a new package",
        ),
        Reason::FutureDated => ("请检查终端时钟", "have the terminal's clock set"),
        Reason::TooOld => ("请查明为何迟送", "find out why it was sent so late"),
        Reason::KeyUnavailable => (
            "请向发卡机构索取该版本密钥并载入，供决定时参考",
            "ask the operator for that key version and load it before deciding",
        ),
        Reason::TacMismatch => (
            "记录不是由该卡以此密钥产生，或途中被改动；请核对终端日志中的原始记录，以新包再送",
            "no card with that key made this record, or it was changed; compare the terminal's journal and send the \
             true record in a new package",
        ),
        Reason::BalanceArithmetic => {
            ("请核对终端日志中的余额", "compare the balances in the terminal's journal")
        }
        Reason::NoContract => ("请签订或更正合同后决定", "agree on a contract for that date, then decide"),
        Reason::OverLimit => ("请核实金额后决定", "confirm the amount with the merchant, then decide"),
        Reason::DenyListed => (
            "终端应当拒绝此卡；请更新终端的黑名单",
            "the terminal should have refused the card; keep its deny list up to date",
        ),
        Reason::NumberConflict => (
            "请查终端序号是否回退或重复",
            "find out whether the terminal's number went back or is used twice",
        ),
        Reason::StaleCounter => ("请与发卡机构核对此笔", "ask the operator whether the card knows it"),
        Reason::CounterJump => {
            ("请与发卡机构核对卡计数器", "ask the operator for the card's counter: it may be forged")
        }
        Reason::CounterConflict => (
            "可能是复制卡或终端故障；请与发卡机构核对两笔交易",
            "a clone or a faulty terminal: ask the operator which of the two the card knows",
        ),
    };
    lang.pick(zh, en)
}
