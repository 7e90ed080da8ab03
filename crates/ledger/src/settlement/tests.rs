//! Lines and positions of small windows, then of chains of random ones: every split re-adds, nothing is lost.

use proptest::prelude::*;

use super::*;
use crate::carried_from;

/// `merchant operator T+n sponsor purchases fee concession loads`, `-` for no sponsor; one record of each that
/// is not zero.
pub(crate) fn total(text: &str) -> RatedTotal {
    let [merchant, operator, cycle, sponsor, purchase, fee, concession, load] =
        text.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let [purchase, fee, concession, load] = [purchase, fee, concession, load].map(fen);
    RatedTotal {
        merchant: merchant.parse().unwrap(),
        operator: operator.parse().unwrap(),
        contract: format!("{merchant}/*/2026-01-01").parse().unwrap(),
        cycle: cycle.parse().unwrap(),
        sponsor: (sponsor != "-").then(|| sponsor.parse().unwrap()),
        purchase_count: u64::from(!purchase.is_zero() || !concession.is_zero()),
        purchase,
        fee,
        concession,
        load_count: u64::from(!load.is_zero()),
        load,
    }
}

fn fen(text: &str) -> Fen {
    Fen::new(text.parse().unwrap()).unwrap()
}

fn settle(window: &str, rated: &[&str], carried: &[Carried]) -> Settlement {
    let rated: Vec<_> = rated.iter().map(|text| total(text)).collect();
    Settlement::of(window.parse().unwrap(), &rated, &[], &Calendar::plain(), carried).unwrap()
}

/// `participant value-date gross fee concession load in net out`.
fn check(settlement: &Settlement, expected: &[&str]) {
    let lines = settlement.positions.iter().map(|it| {
        let Position {
            participant,
            value_date,
            gross,
            fee,
            concession,
            load,
            carried_in,
            net,
            carried_out,
            ..
        } = it;
        format!(
            "{participant} {value_date} {gross} {fee} {concession} {load} {carried_in} {net} {carried_out}"
        )
    });
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

/// The example of `cli.md`: a Sunday, so that T+1 is Monday.
#[test]
fn one_merchant_and_one_operator() {
    let settlement = settle("2026-11-22", &["BUS00001 0417 T+1 - 238000 1428 0 0"], &[]);
    check(
        &settlement,
        &[
            "operator:0417 2026-11-23 -238000 0 0 0 0 -238000 0",
            "merchant:BUS00001 2026-11-23 238000 1428 0 0 0 236572 0",
            "centre 2026-11-23 0 -1428 0 0 0 1428 0",
        ],
    );
    let [merchant] = &settlement.merchants[..] else { panic!("one line") };
    assert_eq!((merchant.count, merchant.gross, merchant.net), (1, fen("238000"), fen("236572")));
    let [operator] = &settlement.operators[..] else { panic!("one line") };
    assert_eq!((operator.purchase, operator.load, operator.owes), (fen("238000"), fen("0"), fen("238000")));
    assert_eq!(settlement.sponsors, []);
}

#[test]
fn contracts_with_other_cycles_are_other_value_dates() {
    check(
        &settle(
            "2026-11-20",
            &[
                "BUS00001 0417 T+0 - 1000 0 0 0",
                "BUS00001 0418 T+1 - 2000 20 0 0",
                "MET00001 0417 T+1 - 500 5 0 0",
            ],
            &[],
        ),
        &[
            "operator:0417 2026-11-20 -1000 0 0 0 0 -1000 0",
            "operator:0417 2026-11-23 -500 0 0 0 0 -500 0",
            "operator:0418 2026-11-23 -2000 0 0 0 0 -2000 0",
            "merchant:BUS00001 2026-11-20 1000 0 0 0 0 1000 0",
            "merchant:BUS00001 2026-11-23 2000 20 0 0 0 1980 0",
            "merchant:MET00001 2026-11-23 500 5 0 0 0 495 0",
            "centre 2026-11-23 0 -25 0 0 0 25 0",
        ],
    );
}

#[test]
fn sponsors_owe_concessions_and_free_rides_are_paid() {
    let settlement = settle("2026-11-22", &["BUS00001 0417 T+1 GOV00001 0 0 200 0"], &[]);
    check(
        &settlement,
        &[
            "merchant:BUS00001 2026-11-23 0 0 200 0 0 200 0",
            "sponsor:GOV00001 2026-11-23 0 0 -200 0 0 -200 0",
        ],
    );
    assert_eq!(
        settlement.sponsors,
        [SponsorLine { sponsor: "GOV00001".parse().unwrap(), concession: fen("200") }]
    );
    assert_eq!((settlement.merchants[0].count, settlement.operators[0].owes), (1, Fen::ZERO));
}

#[test]
fn lines_add_up_contracts_and_count_loads() {
    let rated = [
        total("BUS00001 0417 T+1 - 100 1 0 40"),
        total("BUS00001 0417 T+2 GOV00001 200 2 30 0"),
        total("BUS00001 0418 T+1 GOV00002 7 0 0 0"),
    ];
    let lines = lines(&rated).unwrap();
    let shown: Vec<_> = lines
        .merchants
        .iter()
        .map(|it| {
            let MerchantLine { merchant, operator, count, gross, fee, concession, load, net } = it;
            format!("{merchant} {operator} {count} {gross} {fee} {concession} {load} {net}")
        })
        .collect();
    assert_eq!(shown, ["BUS00001 0417 3 300 3 30 40 287", "BUS00001 0418 1 7 0 0 0 7"]);
    assert_eq!(lines.operators.iter().map(|it| it.owes.get()).collect::<Vec<_>>(), [260, 7]);
    assert_eq!(lines.sponsors, [SponsorLine { sponsor: "GOV00001".parse().unwrap(), concession: fen("30") }]);
}

/// A load agent owes more than it took, skips a window, and has it set off in the next.
#[test]
fn a_negative_net_is_carried_until_it_is_set_off() {
    let first = settle("2026-11-18", &["LOD00001 0417 T+1 - 100 1 0 5000"], &[]);
    check(
        &first,
        &[
            "operator:0417 2026-11-19 -100 0 0 -5000 0 4900 0",
            "merchant:LOD00001 2026-11-19 100 1 0 5000 0 -4901 -4901",
            "centre 2026-11-19 0 -1 0 0 0 1 0",
        ],
    );
    let carried = carried_from(&first.positions).unwrap();
    assert_eq!(carried, [Carried { merchant: "LOD00001".parse().unwrap(), amount: fen("-4901") }]);

    let second = settle("2026-11-21", &["BUS00001 0417 T+1 - 10 0 0 0"], &carried);
    check(
        &second,
        &[
            "operator:0417 2026-11-23 -10 0 0 0 0 -10 0",
            "merchant:BUS00001 2026-11-23 10 0 0 0 0 10 0",
            "merchant:LOD00001 2026-11-23 0 0 0 0 -4901 -4901 -4901",
        ],
    );
    let carried = carried_from(&second.positions).unwrap();

    let third =
        settle("2026-11-23", &["LOD00001 0417 T+2 - 9000 0 0 0", "LOD00001 0418 T+1 - 5000 0 0 0"], &carried);
    check(
        &third,
        &[
            "operator:0417 2026-11-25 -9000 0 0 0 0 -9000 0",
            "operator:0418 2026-11-24 -5000 0 0 0 0 -5000 0",
            "merchant:LOD00001 2026-11-24 5000 0 0 0 -4901 99 0",
            "merchant:LOD00001 2026-11-25 9000 0 0 0 0 9000 0",
        ],
    );
    assert_eq!(carried_from(&third.positions).unwrap(), []);
}

#[test]
fn a_window_without_money_has_no_positions() {
    check(&settle("2026-11-22", &[], &[]), &[]);
    check(&settle("2026-11-22", &["BUS00001 0417 T+1 - 0 0 0 0"], &[]), &[]);
    let zero = Carried { merchant: "BUS00001".parse().unwrap(), amount: Fen::ZERO };
    check(&settle("2026-11-22", &[], &[zero]), &[]);
}

prop_compose! {
    fn any_total()(
        merchant in 1..4_u8,
        operator in 1..3_u8,
        cycle in 0..3_u8,
        sponsored in any::<bool>(),
        purchase in 0..10_000_u32,
        fee in 0..50_u32,
        concession in 0..300_u32,
        load in prop_oneof![Just(0_u32), 0..30_000_u32],
    ) -> RatedTotal {
        let sponsor = if sponsored { "GOV00001" } else { "-" };
        let concession = if sponsored { concession } else { 0 };
        // Nobody is charged for nothing.
        let fee = if purchase + concession == 0 { 0 } else { fee };
        total(&format!(
            "BUS0000{merchant} 04{operator:02} T+{cycle} {sponsor} {purchase} {fee} {concession} {load}"
        ))
    }
}

fn sum(figures: impl Iterator<Item = Fen>) -> i64 {
    figures.map(Fen::get).sum()
}

proptest! {
    #[test]
    fn every_split_re_adds_and_nothing_is_lost(
        windows in prop::collection::vec(prop::collection::vec(any_total(), 0..8), 1..8),
    ) {
        let mut window: BusinessDate = "2026-11-20".parse().unwrap();
        let mut carried = Vec::new();
        let mut paid = BTreeMap::<Participant, i64>::new();
        let mut earned = BTreeMap::<Participant, i64>::new();
        for rated in &windows {
            let settlement = Settlement::of(window, rated, &[], &Calendar::plain(), &carried).unwrap();
            let positions = &settlement.positions;
            // Every column adds up to zero over all participants.
            let columns: [fn(&Position) -> Fen; 4] = [|it| it.gross, |it| it.fee, |it| it.concession, |it| it.load];
            for column in columns {
                prop_assert_eq!(sum(positions.iter().map(column)), 0);
            }
            // Merchants' lines are merchants' positions.
            let of_merchants = positions.iter().filter(|it| matches!(it.participant, Participant::Merchant(_)));
            let own = sum(of_merchants.map(|it| it.before_carrying().unwrap()));
            prop_assert_eq!(own, sum(settlement.merchants.iter().map(|line| line.net)));
            prop_assert_eq!(sum(settlement.merchants.iter().map(|it| it.gross)), sum(rated.iter().map(|it| it.purchase)));
            // What was carried in is all there.
            prop_assert_eq!(sum(positions.iter().map(|it| it.carried_in)), sum(carried.iter().map(|it: &Carried| it.amount)));
            for position in positions {
                let payable = position.payable().unwrap();
                prop_assert!(position.carried_out <= Fen::ZERO);
                if let Participant::Merchant(_) = position.participant {
                    prop_assert!(payable >= Fen::ZERO, "nothing is collected from a merchant");
                    prop_assert!(payable.is_zero() || position.carried_out.is_zero());
                }
                *paid.entry(position.participant).or_default() += payable.get();
                *earned.entry(position.participant).or_default() += position.before_carrying().unwrap().get();
            }
            carried = carried_from(positions).unwrap();
            window = window.plus_days(1);
        }
        // Over all windows: what a participant earned is what it was paid and what it still owes.
        for carried in &carried {
            *paid.entry(Participant::Merchant(carried.merchant)).or_default() += carried.amount.get();
        }
        paid.retain(|_, fen| *fen != 0);
        earned.retain(|_, fen| *fen != 0);
        prop_assert_eq!(paid, earned);
    }
}

#[test]
fn what_decisions_move_stands_in_a_column_of_its_own() {
    let text = |cycle, sponsor, moved, fee, concession| {
        let text = format!(
            r#"{{"reference":"6510000000f1-3-17","origin":"ours_only","merchant":"BUS00001","operator":"0417",
            "chain":"purchase","terms":{{"contract":"BUS00001/*/2026-01-01","cycle":"{cycle}","sponsor":{sponsor}}},
            "paid":0,"refused":200,"moved":{moved},"fee":{fee},"concession":{concession}}}"#
        );
        serde_json::from_str::<Adjustment>(&text).unwrap()
    };
    let adjustments = [text("T+1", r#""GOV00001""#, -200, -3, -50), text("T+2", "null", 80, 2, 0)];
    let rated = [total("BUS00001 0417 T+1 - 1000 10 0 0")];
    let window = "2026-11-22".parse().unwrap();
    let settlement = Settlement::of(window, &rated, &adjustments, &Calendar::plain(), &[]).unwrap();
    let lines = settlement
        .positions
        .iter()
        .map(|it| format!("{} {} {} {} {}", it.participant, it.value_date, it.gross, it.adjustments, it.net));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            "operator:0417 2026-11-23 -1000 200 -800",
            "operator:0417 2026-11-24 0 -80 -80",
            "merchant:BUS00001 2026-11-23 1000 -247 743",
            "merchant:BUS00001 2026-11-24 0 78 78",
            "sponsor:GOV00001 2026-11-23 0 50 50",
            "centre 2026-11-23 0 -3 7",
            "centre 2026-11-24 0 2 2",
        ]
    );
}
