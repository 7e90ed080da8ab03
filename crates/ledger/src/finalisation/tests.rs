//! Each check fails alone, and says which figure disagrees with which.

use super::*;
use crate::{Calendar, Carried, postings};

/// A window that may be paid; tests spoil one thing of it.
struct Window {
    intake: ControlFigures,
    run: ControlFigures,
    detail: ControlFigures,
    rated: Vec<RatedTotal>,
    suspended: Vec<SuspendedTotal>,
    transfers: Vec<Transfer>,
    debits: Fen,
    unsettled: Vec<BusinessDate>,
    open_approvals: u64,
    settlement: Settlement,
}

fn window() -> Window {
    let date = "2026-11-22".parse().unwrap();
    let rated = vec![RatedTotal {
        merchant: "BUS00001".parse().unwrap(),
        operator: "0417".parse().unwrap(),
        contract: "BUS00001/*/2026-01-01".parse().unwrap(),
        cycle: crate::Cycle(1),
        sponsor: Some("GOV00001".parse().unwrap()),
        purchase_count: 3,
        purchase: Fen::from(600),
        fee: Fen::from(4),
        concession: Fen::from(100),
        load_count: 1,
        load: Fen::from(50),
    }];
    let suspended = vec![SuspendedTotal {
        merchant: "BUS00001".parse().unwrap(),
        operator: "0417".parse().unwrap(),
        purchase: Fen::from(200),
        load: Fen::from(30),
        count: 2,
    }];
    let carried = [Carried { merchant: "BUS00001".parse().unwrap(), amount: Fen::new(-9).unwrap() }];
    let figures = ControlFigures { count: 6, amount: Fen::from(880) };
    Window {
        intake: figures,
        run: figures,
        detail: figures,
        transfers: postings(date, &rated, &suspended),
        debits: Fen::from(984),
        unsettled: Vec::new(),
        open_approvals: 0,
        settlement: Settlement::of(date, &rated, &[], &Calendar::plain(), &carried).unwrap(),
        rated,
        suspended,
    }
}

/// The checks that fail once `spoil` has been at the window.
fn check(spoil: impl FnOnce(&mut Window), expected: &[&str]) {
    let mut window = window();
    spoil(&mut window);
    let inputs = FinalisationInputs {
        intake: window.intake,
        run: window.run,
        detail: window.detail,
        rated: &window.rated,
        suspended: &window.suspended,
        adjustments: &[],
        transfers: &window.transfers,
        ledger_debits: window.debits,
        ledger_credits: Fen::from(984),
        unsettled: &window.unsettled,
        open_approvals: window.open_approvals,
        settlement: &window.settlement,
    };
    let checks = finalisation_checks(&inputs).unwrap();
    assert_eq!(checks.len(), 15, "every check is reported, failed or not");
    let failed: Vec<_> = checks.iter().filter(|check| !check.holds).map(ToString::to_string).collect();
    assert_eq!(failed, expected);
}

fn without(window: &mut Window, code: TransferCode) {
    window.transfers.retain(|transfer| transfer.code != code);
}

#[test]
fn a_window_that_adds_up() {
    check(|_| {}, &[]);
}

#[test]
fn control_totals_disagree() {
    check(
        |it| it.intake.count = 7,
        &[
            "control totals: intake accepted 7 records of 880 fen, the run judged 6 records of 880 fen: they disagree",
        ],
    );
    check(
        |it| it.detail.amount = Fen::from(879),
        &[
            "control totals: the run judged 6 records of 880 fen, the detail files hold 6 records of 879 fen: they disagree",
        ],
    );
}

#[test]
fn the_ledger_lacks_a_posting() {
    for (code, line) in [
        (TransferCode::Purchase, "the run's purchase is 600 fen, the ledger's purchase is 0 fen"),
        (TransferCode::Fee, "the run's fee is 4 fen, the ledger's fee is 0 fen"),
        (TransferCode::Concession, "the run's concession is 100 fen, the ledger's concession is 0 fen"),
        (TransferCode::Load, "the run's load is 50 fen, the ledger's load is 0 fen"),
        (TransferCode::Suspended, "the run's suspended is 230 fen, the ledger's suspended is 0 fen"),
    ] {
        check(|it| without(it, code), &[&format!("control totals: {line}: they disagree")]);
    }
}

#[test]
fn the_ledger_does_not_sum_to_zero() {
    check(
        |it| it.debits = Fen::from(983),
        &["ledger sums to zero: all debits are 983 fen, all credits are 984 fen: they disagree"],
    );
}

#[test]
fn something_must_be_done_first() {
    check(
        |it| it.unsettled = vec!["2026-11-20".parse().unwrap(), "2026-11-21".parse().unwrap()],
        &[
            "no earlier window is unsettled: earlier windows not settled, the first of 2026-11-20: 2, allowed: 0: they disagree",
        ],
    );
    check(|it| it.open_approvals = 1, &["no approval is open: open approvals: 1, allowed: 0: they disagree"]);
}

#[test]
fn a_participant_does_not_re_add() {
    let name = "sums per participant re-add";
    let position = |it: &mut Window, participant: &str, change: fn(&mut Position)| {
        let participant = participant.parse().unwrap();
        change(it.settlement.positions.iter_mut().find(|it| it.participant == participant).unwrap());
    };
    let all = |sum: i64| {
        format!("{name}: all positions add up to {sum} fen, they must add up to 0 fen: they disagree")
    };
    check(
        |it| position(it, "merchant:BUS00001", |it| it.gross = Fen::from(601)),
        &[
            &format!(
                "{name}: the merchants' positions add up to 647 fen, the merchants' lines add up to 646 fen: they disagree"
            ),
            &all(1),
        ],
    );
    check(
        |it| position(it, "operator:0417", |it| it.load = Fen::ZERO),
        &[
            &format!(
                "{name}: the operators' positions add up to -600 fen, the operators' lines add up to -550 fen: they disagree"
            ),
            &all(-50),
        ],
    );
    check(
        |it| position(it, "sponsor:GOV00001", |it| it.concession = Fen::ZERO),
        &[
            &format!(
                "{name}: the sponsors' positions add up to 0 fen, the sponsors' lines add up to -100 fen: they disagree"
            ),
            &all(100),
        ],
    );
    check(|it| position(it, "centre", |it| it.fee = Fen::ZERO), &[&all(-4)]);
    check(
        |it| position(it, "merchant:BUS00001", |it| it.net = Fen::from(646)),
        &[&format!("{name}: all nets are 0 fen, what was carried in is -9 fen: they disagree")],
    );
}

#[test]
fn decisions_are_held_against_their_own_transfers() {
    let window: BusinessDate = "2026-11-22".parse().unwrap();
    let text = r#"{"reference":"6510000000f1-3-17","origin":"suspended","merchant":"BUS00001","operator":"0417",
        "chain":"purchase","terms":{"contract":"BUS00001/*/2026-01-01","cycle":"T+1","sponsor":null},"paid":200,
        "refused":0,"moved":200,"fee":2,"concession":0}"#;
    let adjustments: Vec<Adjustment> = vec![serde_json::from_str(text).unwrap()];
    let settlement = Settlement::of(window, &[], &adjustments, &Calendar::plain(), &[]).unwrap();
    let posted = adjustment_postings(window, &adjustments);
    let failed = |transfers: &[Transfer], settlement: &Settlement| {
        let inputs = FinalisationInputs {
            intake: ControlFigures::default(),
            run: ControlFigures::default(),
            detail: ControlFigures::default(),
            rated: &[],
            suspended: &[],
            adjustments: &adjustments,
            transfers,
            ledger_debits: Fen::ZERO,
            ledger_credits: Fen::ZERO,
            unsettled: &[],
            open_approvals: 0,
            settlement,
        };
        let checks = finalisation_checks(&inputs).unwrap();
        assert_eq!(checks.iter().filter(|check| check.name == "decisions").count(), 3);
        checks.iter().filter(|check| !check.holds).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(failed(&posted, &settlement), [""; 0]);
    for transfer in &posted {
        let others: Vec<Transfer> = posted.iter().filter(|it| it.id() != transfer.id()).copied().collect();
        let [line] = &failed(&others, &settlement)[..] else { panic!("one figure disagrees") };
        assert!(line.contains(&format!("the ledger's {} of decisions is 0 fen", transfer.code)), "{line}");
    }
    let mut spoilt = settlement;
    spoilt.positions[0].adjustments = Fen::from(7);
    assert!(failed(&posted, &spoilt).iter().any(|line| line.contains("all adjustments add up to")));
}
