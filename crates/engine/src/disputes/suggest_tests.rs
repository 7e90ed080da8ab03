//! One line a case: the reason, what is known, and what is suggested for which rules.

use super::*;

/// A purchase of 200 fen, 1000 before and 800 after, its TAC right, a contract in force, nothing beside it.
fn about(reason: Reason) -> Evidence {
    Evidence {
        reason,
        chain: Chain::Purchase,
        amount_fen: 200,
        balance_before_fen: 1_000,
        balance_after_fen: 800,
        tac: Tac::Right,
        limit: Some(Fen::from(500)),
        previous: None,
        next: None,
        counter_holder: None,
        number_holder: None,
        missing_below: false,
        missing_above: false,
    }
}

fn ended(balance_after_fen: u32) -> Option<Beside> {
    Some(Beside { balance_before_fen: 9_999, balance_after_fen })
}

fn began(balance_before_fen: u32) -> Option<Beside> {
    Some(Beside { balance_before_fen, balance_after_fen: 1 })
}

fn holder(same_terminal: bool, minutes: u32, same_tac: bool) -> Option<Holder> {
    Some(Holder { same_terminal, minutes_apart: Some(minutes), same_tac })
}

#[test]
fn what_the_evidence_suggests() {
    use Reason::*;
    type Change = fn(&mut Evidence);
    let table: &[(Reason, Change, &str)] = &[
        (NoContract, |_| {}, "pay: contract_now"),
        (NoContract, |it| it.limit = None, "keep: no_contract_yet"),
        (NoContract, |it| it.limit = Some(Fen::from(199)), "keep: contract_now_over_limit"),
        (KeyUnavailable, |_| {}, "pay: tac_right"),
        (KeyUnavailable, |it| it.tac = Tac::NotAsked, "keep: tac_unknown"),
        (KeyUnavailable, |it| it.tac = Tac::NoKey, "keep: key_missing"),
        (TooOld, |it| it.tac = Tac::Wrong, "refuse: tac_wrong"),
        (TooOld, |it| it.limit = None, "keep: tac_right, no_contract_yet"),
        (FutureDated, |_| {}, "pay: tac_right"),
        (BalanceArithmetic, |_| {}, "keep: neighbours_silent"),
        (BalanceArithmetic, |it| (it.previous, it.next) = (ended(700), began(500)), "pay: arithmetic_closes"),
        (BalanceArithmetic, |it| (it.previous, it.next) = (ended(700), began(700)), "refuse: never_debited"),
        (
            BalanceArithmetic,
            |it| (it.previous, it.next) = (ended(700), began(550)),
            "split 150 50: less_was_taken",
        ),
        (
            BalanceArithmetic,
            |it| (it.previous, it.next) = (ended(700), began(100)),
            "keep: neighbours_silent",
        ),
        (
            BalanceArithmetic,
            |it| (it.chain, it.previous, it.next) = (Chain::Load, ended(700), began(900)),
            "pay: arithmetic_closes",
        ),
        (OverLimit, |_| {}, "keep: alone"),
        (OverLimit, |it| it.previous = ended(1_000), "pay: balances_continue"),
        (OverLimit, |it| (it.previous, it.next) = (ended(1_000), began(900)), "keep: balances_contradict"),
        (NumberConflict, |it| it.number_holder = holder(true, 0, true), "refuse: replay"),
        (
            NumberConflict,
            |it| (it.number_holder, it.next) = (holder(true, 900, false), began(800)),
            "pay: terminal_reset",
        ),
        (NumberConflict, |it| it.number_holder = holder(true, 900, false), "keep: terminal_reset"),
        (NumberConflict, |it| it.previous = ended(7), "keep: terminal_reset, balances_contradict"),
        (StaleCounter, |_| {}, "pay: fills_a_hole"),
        (StaleCounter, |it| it.missing_above = true, "keep: counter_forgotten"),
        (
            StaleCounter,
            |it| (it.missing_below, it.missing_above) = (true, true),
            "keep: counter_forgotten, number_alone",
        ),
        (CounterJump, |_| {}, "keep: not_followed"),
        (CounterJump, |it| it.next = began(800), "pay: followed"),
        (CounterJump, |it| it.next = began(801), "keep: balances_contradict"),
        (CounterConflict, |it| it.counter_holder = holder(false, 1, false), "refuse: clone"),
        (CounterConflict, |it| it.counter_holder = holder(false, 2, false), "keep: counter_taken"),
        (CounterConflict, |it| it.counter_holder = holder(true, 1, false), "keep: same_terminal_twice"),
    ];
    for (reason, change, expected) in table {
        let mut evidence = about(*reason);
        change(&mut evidence);
        let Suggestion { resolution, because } = suggest(&evidence);
        let rules: Vec<&str> = because.iter().map(|it| it.rule).collect();
        let parts = match resolution {
            Resolution::Split { pay_fen, refuse_fen } => format!(" {pay_fen} {refuse_fen}"),
            _ => String::new(),
        };
        assert_eq!(format!("{resolution}{parts}: {}", rules.join(", ")), *expected, "{evidence:?}");
    }
}
