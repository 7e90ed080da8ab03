//! What the evidence about a suspended record suggests: rules, one for each reason, from values to a value.
//!
//! A suggestion moves nothing. It says what a clerk would look up by hand, and a person decides.

use tongclear_ledger::Resolution;
use tongclear_life::dispute::{Because, Suggestion};
use tongclear_types::{Chain, Fen, Reason};

/// Two taps of one card at two terminals less than so many minutes apart are those of two cards.
const WALK_MINUTES: u32 = 2;

/// A record of the same card with the counter just before or just after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    pub(super) balance_before_fen: u32,
    pub(super) balance_after_fen: u32,
}

/// An accepted record that has what this one would need: its counter, or its terminal's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    /// Whether it was taken at the same terminal.
    pub(super) same_terminal: bool,
    /// Minutes between both; none when one of them has no time.
    pub(super) minutes_apart: Option<u32>,
    /// Whether its TAC is the same: it is the same transaction.
    pub(super) same_tac: bool,
}

/// What is known of a TAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tac {
    Right,
    Wrong,
    /// The key is not in the ring.
    NoKey,
    /// Nobody opened the ring.
    NotAsked,
}

/// What is known of a suspended record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) reason: Reason,
    pub(super) chain: Chain,
    pub(super) amount_fen: u32,
    pub(super) balance_before_fen: u32,
    pub(super) balance_after_fen: u32,
    /// Whether its TAC is right under the keys of now.
    pub(super) tac: Tac,
    /// The limit of the contract in force for it now.
    pub(super) limit: Option<Fen>,
    /// The card's record before and after it.
    pub(super) previous: Option<Beside>,
    pub(super) next: Option<Beside>,
    pub(super) counter_holder: Option<Holder>,
    pub(super) number_holder: Option<Holder>,
    /// Whether the number just below, and just above, is missing at its terminal.
    pub(super) missing_below: bool,
    pub(super) missing_above: bool,
}

impl Evidence {
    /// Whether the record goes on where the one before it ended; none when there is none.
    fn continues(&self) -> Option<bool> {
        self.previous.map(|previous| previous.balance_after_fen == self.balance_before_fen)
    }

    /// Whether the next one goes on where the record ended.
    fn is_continued(&self) -> Option<bool> {
        self.next.map(|next| next.balance_before_fen == self.balance_after_fen)
    }

    /// What the card lost by a purchase, or gained by a load, when its balance was `before` and then `after`.
    fn taken(&self, before: u32, after: u32) -> i64 {
        match self.chain {
            Chain::Purchase => i64::from(before) - i64::from(after),
            Chain::Load => i64::from(after) - i64::from(before),
        }
    }
}

/// What to do, and why.
pub(super) fn suggest(evidence: &Evidence) -> Suggestion {
    let (resolution, mut because) = match evidence.reason {
        Reason::NoContract => no_contract(evidence),
        Reason::KeyUnavailable | Reason::TooOld | Reason::FutureDated => by_tac(evidence),
        Reason::BalanceArithmetic => by_neighbours(evidence),
        Reason::OverLimit => over_limit(evidence),
        Reason::NumberConflict => number_conflict(evidence),
        Reason::StaleCounter => stale(evidence),
        Reason::CounterJump => jump(evidence),
        Reason::CounterConflict => conflict(evidence),
        // Rejected for good; such a record does not wait.
        _ => (Resolution::Keep, Vec::new()),
    };
    if evidence.missing_below && evidence.missing_above {
        because.push(told(
            "number_alone",
            "本终端前后两个序号均缺失",
            "the numbers just below and just above are missing at its terminal too",
        ));
    }
    if resolution.pays() && evidence.limit.is_none() {
        because.push(no_contract_yet());
        return Suggestion { resolution: Resolution::Keep, because };
    }
    Suggestion { resolution, because }
}

type Ruled = (Resolution, Vec<Because>);

fn told(rule: &'static str, zh: &str, en: &str) -> Because {
    Because { rule, zh: zh.to_owned(), en: en.to_owned() }
}

fn no_contract_yet() -> Because {
    told("no_contract_yet", "目前仍无有效合同", "no contract is in force for it yet")
}

fn no_contract(evidence: &Evidence) -> Ruled {
    match evidence.limit {
        None => (Resolution::Keep, vec![no_contract_yet()]),
        Some(limit) if Fen::from(evidence.amount_fen) <= limit => (
            Resolution::Pay,
            vec![told("contract_now", "现在有有效合同", "a contract is in force for it now")],
        ),
        Some(limit) => {
            let because = Because {
                rule: "contract_now_over_limit",
                zh: format!("现在有有效合同，但金额超过限额 {limit} 分"),
                en: format!(
                    "a contract is in force for it now, but the amount is over its limit of {limit} fen"
                ),
            };
            (Resolution::Keep, vec![because])
        }
    }
}

fn by_tac(evidence: &Evidence) -> Ruled {
    let (resolution, because) = match evidence.tac {
        Tac::Right => (Resolution::Pay, told("tac_right", "TAC 正确", "its TAC is right")),
        Tac::Wrong => (Resolution::Refuse, told("tac_wrong", "TAC 错误", "its TAC is wrong")),
        Tac::NoKey => (
            Resolution::Keep,
            told(
                "key_missing",
                "密钥环中仍无验证 TAC 的密钥",
                "the key to verify its TAC is still not in the key ring",
            ),
        ),
        Tac::NotAsked => (
            Resolution::Keep,
            told(
                "tac_unknown",
                "TAC 未验证：请给出密钥环口令",
                "its TAC is not verified: give the key ring's passphrase",
            ),
        ),
    };
    (resolution, vec![because])
}

fn by_neighbours(evidence: &Evidence) -> Ruled {
    let never = told(
        "never_debited",
        "前后两笔余额相接：卡上未发生此笔",
        "the card's records before and after it join: nothing was taken from the card",
    );
    let amount = i64::from(evidence.amount_fen);
    if let (Some(previous), Some(next)) = (evidence.previous, evidence.next) {
        let taken = evidence.taken(previous.balance_after_fen, next.balance_before_fen);
        if taken == amount {
            let because = told(
                "arithmetic_closes",
                "以前后两笔的余额计算，金额正确",
                "between the records before and after it the card lost just this amount",
            );
            return (Resolution::Pay, vec![because]);
        }
        if taken == 0 {
            return (Resolution::Refuse, vec![never]);
        }
        if 0 < taken && taken < amount {
            let part = Because {
                rule: "less_was_taken",
                zh: format!("前后两笔表明卡上只扣 {taken} 分"),
                en: format!("the records before and after it show that the card lost {taken} fen only"),
            };
            let fen = |fen: i64| Fen::new(fen).unwrap_or_default();
            let split = Resolution::Split { pay_fen: fen(taken), refuse_fen: fen(amount - taken) };
            return (split, vec![part]);
        }
    }
    (
        Resolution::Keep,
        vec![told("neighbours_silent", "前后两笔不足以判断", "the records beside it do not tell")],
    )
}

fn over_limit(evidence: &Evidence) -> Ruled {
    match (evidence.continues(), evidence.is_continued()) {
        (Some(true), Some(true) | None) | (None, Some(true)) => {
            let because = told(
                "balances_continue",
                "TAC 正确，且与卡的前后余额相接",
                "its TAC is right, and the card's balances go on through it",
            );
            (Resolution::Pay, vec![because])
        }
        (None, None) => {
            (Resolution::Keep, vec![told("alone", "没有相邻的记录", "no record stands beside it")])
        }
        _ => (Resolution::Keep, vec![contradicted()]),
    }
}

fn contradicted() -> Because {
    told(
        "balances_contradict",
        "与相邻记录的余额不相接",
        "the balances of the records beside it contradict it",
    )
}

fn number_conflict(evidence: &Evidence) -> Ruled {
    if evidence.number_holder.is_some_and(|holder| holder.same_tac) {
        let because = told(
            "replay",
            "与已入账记录 TAC 相同：重放",
            "the accepted record with that number has the same TAC: this is a replay",
        );
        return (Resolution::Refuse, vec![because]);
    }
    let reset = told(
        "terminal_reset",
        "已入账记录内容不同：终端序号可能被重置",
        "the accepted record with that number is another transaction: the terminal was probably reset",
    );
    match (evidence.continues(), evidence.is_continued()) {
        (Some(true), Some(true) | None) | (None, Some(true)) => (Resolution::Pay, vec![reset]),
        (Some(false), _) | (_, Some(false)) => (Resolution::Keep, vec![reset, contradicted()]),
        (None, None) => (Resolution::Keep, vec![reset]),
    }
}

fn stale(evidence: &Evidence) -> Ruled {
    if evidence.number_holder.is_none() && !evidence.missing_below && !evidence.missing_above {
        let because = told(
            "fills_a_hole",
            "恰好补上本终端缺失的一个序号",
            "it fills the one number that its terminal lacks between two accepted ones",
        );
        return (Resolution::Pay, vec![because]);
    }
    let because = told(
        "counter_forgotten",
        "计数器过旧，无法判断是否已入账",
        "its counter is so old that nothing tells whether it was accepted before",
    );
    (Resolution::Keep, vec![because])
}

fn jump(evidence: &Evidence) -> Ruled {
    match evidence.is_continued() {
        Some(true) => {
            let because = told(
                "followed",
                "该卡后续记录从此计数器继续",
                "the card went on from this counter and this balance",
            );
            (Resolution::Pay, vec![because])
        }
        Some(false) => (Resolution::Keep, vec![contradicted()]),
        None => {
            let because =
                told("not_followed", "该卡尚无后续记录", "the card has not gone on from this counter yet");
            (Resolution::Keep, vec![because])
        }
    }
}

fn conflict(evidence: &Evidence) -> Ruled {
    match evidence.counter_holder {
        Some(Holder { same_terminal: false, minutes_apart: Some(minutes), .. }) if minutes < WALK_MINUTES => {
            let because = Because {
                rule: "clone",
                zh: format!("同一计数器在另一终端已用，相隔 {minutes} 分钟：疑似克隆卡"),
                en: format!(
                    "another terminal took this counter {minutes} minutes apart, which nobody can walk: a suspected clone"
                ),
            };
            (Resolution::Refuse, vec![because])
        }
        Some(Holder { same_terminal: true, .. }) => {
            let because = told(
                "same_terminal_twice",
                "同一终端两次使用该计数器：终端可能有故障",
                "the same terminal took this counter twice: it may be faulty",
            );
            (Resolution::Keep, vec![because])
        }
        _ => {
            let because =
                told("counter_taken", "该计数器已被另一笔占用", "another accepted record has this counter");
            (Resolution::Keep, vec![because])
        }
    }
}

#[cfg(test)]
#[path = "suggest_tests.rs"]
mod tests;
