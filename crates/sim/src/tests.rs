//! Whole runs: the same bytes for the same plan, and a truth that holds against the rules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tongclear_package::OperatorStatus;
use tongclear_types::{Disposition, Flag, Reason, Verdict};

use crate::city::City;
use crate::keys::Keys;
use crate::moment::Dates;
use crate::random::Random;
use crate::{Anomaly, AnomalyRate, Plan, SimError, Summary, simulate};

mod books;
mod folder;
mod model;

use self::books::{Reconciled, check_books, states};
use folder::{Chains, book_line, books, files, lists, packages, truth, truth_line};
use model::Model;

fn plan(out: &Path) -> Plan {
    Plan {
        out: out.to_owned(),
        seed: 7,
        cards: 400,
        transactions: 1_500,
        terminals: 40,
        date: "2026-11-22".parse().unwrap(),
        anomaly_rate: "0.2".parse().unwrap(),
        collectors: None,
        days: 3,
    }
}

fn run(plan: &Plan) -> Summary {
    simulate(plan, &mut |_| {}).unwrap()
}

/// Holds the truth of a run against the model.
fn check(plan: &Plan) -> Summary {
    let summary = run(plan);
    let city = City::new(plan.terminals, plan.collectors, &mut Random::new(plan.seed, 1));
    let keys = Keys::new(&mut Random::new(plan.seed, 3), &city.operators).unwrap();
    let lists = lists(plan, &city);
    let mut model = Model::new(city, Dates::new(plan.date), keys, lists);
    let mut truth = truth(plan);
    let mut chains = Chains::new();
    let (books, lines) = books(plan);
    assert_eq!(lines, summary.operator_lines);
    let mut cleared = Vec::new();
    for day in 0..plan.days {
        let window = plan.date.plus_days(day.into());
        let records = packages(plan, &model.city, &model.keys, window, &mut chains);
        assert_eq!(records.len() as u64, plan.transactions, "{window}");
        for (placed, (verdict, fee)) in records.iter().zip(model.clear(window.civil(), &records)) {
            let key = (window.to_string(), placed.collector.to_string(), placed.sequence, placed.row);
            let told = truth.remove(&key).unwrap_or_default();
            let merchant = model.city.merchants[placed.merchant].code;
            let due = truth_line(window, merchant, placed, verdict, fee);
            assert_eq!(told, due, "seed {} {placed:?}", plan.seed);
            if verdict == Verdict::Refused(Reason::DenyListed) {
                let status = books.get(&book_line(&placed.record));
                assert_eq!(status, Some(&OperatorStatus::Refused("deny_listed".to_owned())));
            }
            cleared.push(Reconciled { window, placed: placed.clone(), verdict });
        }
    }
    check_books(plan, &cleared);
    assert!(truth.is_empty(), "{truth:?}");
    assert_eq!(summary.packages, chains.values().map(|(last, _)| u64::from(*last)).sum::<u64>());
    summary
}

#[test]
fn the_truth_holds_against_the_rules() {
    // Seed, cards, records a day, terminals, rate, days.
    let table = [
        (1, 400, 1_500, 40, "0.2", 3),
        (2, 3_000, 3_000, 15, "0.05", 4),
        (3, 40, 1_000, 20, "0.2", 3),
        (4, 1, 300, 2, "0.2", 3),
        (5, 200, 500, 7, "1", 4),
        (6, 5, 40, 60, "0.2", 12),
        (7, 100, 0, 10, "0.2", 2),
        (8, 100, 1, 10, "0.2", 3),
    ];
    for (seed, cards, transactions, terminals, rate, days) in table {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan {
            seed,
            cards,
            transactions,
            terminals,
            anomaly_rate: rate.parse().unwrap(),
            days,
            ..plan(folder.path())
        };
        check(&plan);
    }
}

#[test]
fn every_kind_occurs() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan {
        cards: 2_000,
        transactions: 10_000,
        terminals: 60,
        anomaly_rate: "0.05".parse().unwrap(),
        ..plan(folder.path())
    };
    let summary = check(&plan);
    for kind in Anomaly::ALL {
        assert!(summary.anomalies.contains_key(kind.name()), "{} in {:?}", kind.name(), summary.anomalies);
    }
    for reason in Reason::ALL {
        assert!(summary.reasons.contains_key(reason.name()), "{reason} in {:?}", summary.reasons);
    }
    for flag in Flag::ALL {
        assert!(summary.flags.contains_key(flag.name()), "{flag} in {:?}", summary.flags);
    }
    for disposition in Disposition::ALL {
        assert!(summary.dispositions.contains_key(disposition.name()), "{disposition}");
    }
    assert_eq!(summary.dispositions.values().sum::<u64>(), 30_000);
}

#[test]
fn without_anomalies_everything_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { cards: 3_000, terminals: 100, anomaly_rate: AnomalyRate::NONE, ..plan(folder.path()) };
    let summary = check(&plan);
    assert_eq!(summary.dispositions.into_iter().collect::<Vec<_>>(), [("accepted", 4_500)]);
    assert!(summary.flags.is_empty() && summary.anomalies.is_empty());
    assert_eq!(summary.operator_lines, 4_500);
    assert!(summary.operator_anomalies.is_empty());
    let states = states(&plan);
    assert_eq!(states.into_iter().collect::<Vec<_>>(), [("matched".to_owned(), 4_500)]);
}

#[test]
fn operators_get_lines_and_files_wrong_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan {
        cards: 2_000,
        transactions: 4_000,
        date: "2026-09-23".parse().unwrap(),
        anomaly_rate: "0.04".parse().unwrap(),
        days: 6,
        ..plan(folder.path())
    };
    let summary = check(&plan);
    let made: Vec<_> = summary.operator_anomalies.keys().copied().collect();
    assert_eq!(
        made,
        [
            "amount_and_time_misread",
            "amount_misread",
            "counter_misread",
            "date_misread",
            "file_in_part",
            "file_late",
            "file_twice",
            "line_booked_late",
            "line_left_out",
            "line_of_nothing",
            "line_repeated_next_day",
            "line_twice",
            "refused_although_accepted",
            "terminal_misread",
            "terminal_number_misread",
            "time_misread",
        ]
    );
    let states: Vec<_> = states(&plan).into_keys().collect();
    assert_eq!(
        states,
        ["duplicate_line", "matched", "mismatch", "not_taken", "ours_only", "repeated", "theirs_only"]
    );
    // 25 to 27 September 2026 are holidays: Chongqing sends their files on Monday.
    let arrivals = std::fs::read_to_string(folder.path().join("operators/arrivals.csv")).unwrap();
    let monday = arrivals.lines().filter(|line| line.starts_with("2026-09-28,0165,"));
    assert!(monday.count() >= 3, "{arrivals}");
}

#[test]
fn one_day_has_whole_files_in_time_and_few_transactions_a_line_of_their_date() {
    for (seed, days, transactions) in [(1, 1, 400), (2, 3, 1), (3, 2, 0), (4, 5, 6)] {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { seed, days, transactions, cards: 30, ..plan(folder.path()) };
        let summary = check(&plan);
        let irregular = summary.operator_anomalies.keys().any(|name| name.starts_with("file_"));
        assert_eq!(irregular, days > 1, "seed {seed}: {:?}", summary.operator_anomalies);
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_others() {
    let [first, again, other] = [0, 0, 1].map(|seed| {
        let folder = tempfile::tempdir().unwrap();
        run(&Plan { seed, ..plan(folder.path()) });
        let relative = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
        files(folder.path()).into_iter().map(|(path, bytes)| (relative(path), bytes)).collect::<Vec<_>>()
    });
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn a_folder_that_holds_anything_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes"), "mine").unwrap();
    let error = simulate(&plan(folder.path()), &mut |_| {}).unwrap_err();
    assert!(matches!(error, SimError::OutNotEmpty { .. }) && error.is_input(), "{error}");
}

#[test]
fn plans_outside_their_limits_name_the_field_and_the_value() {
    let good = plan(Path::new("unused"));
    good.validate().unwrap();
    let table = [
        (Plan { cards: 0, ..good.clone() }, "cards = 0: expected 1 to 100000000"),
        (
            Plan { cards: 1, transactions: 501, ..good.clone() },
            "transactions = 501: expected at most 500 a day, 500 for each of 1 cards",
        ),
        (Plan { terminals: 1, ..good.clone() }, "terminals = 1: expected 2 to 1000000"),
        (Plan { collectors: Some(1), ..good.clone() }, "collectors = 1: expected 18 to 40"),
        (Plan { days: 0, ..good.clone() }, "days = 0: expected 1 to 30"),
        (Plan { days: 31, ..good.clone() }, "days = 31: expected 1 to 30"),
        (
            Plan { date: "2099-01-01".parse().unwrap(), ..good.clone() },
            "date = 2099-01-01: expected a date from 2002-01-01 to 2098-12-31",
        ),
    ];
    for (plan, expected) in table {
        let error = plan.validate().unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.is_input());
    }
}

#[test]
fn anomaly_rates_are_exact_decimals() {
    let table = [
        ("0", Some(0)),
        ("1", Some(1_000_000)),
        ("0.2", Some(200_000)),
        ("0.000001", Some(1)),
        ("1.000000", Some(1_000_000)),
        ("1.000001", None),
        ("0.0000001", None),
        ("", None),
        (".5", None),
        ("0.", None),
        ("-0.1", None),
        ("1e-3", None),
        ("2", None),
    ];
    for (text, expected) in table {
        assert_eq!(text.parse().ok().map(AnomalyRate::per_million), expected, "{text}");
    }
}

#[test]
fn a_city_has_as_many_collection_sites_as_it_is_told() {
    for wanted in [18, 19, 25, 39, 40] {
        let city = City::new(40, Some(wanted), &mut Random::new(1, 1));
        assert_eq!(city.collectors.len(), usize::try_from(wanted).unwrap());
        let ids: BTreeSet<_> = city.collectors.iter().map(|collector| collector.id).collect();
        assert_eq!(ids.len(), city.collectors.len());
        // Each has work to do.
        let busy: BTreeSet<_> = city.terminals.iter().map(|terminal| terminal.collector).collect();
        assert_eq!(busy.len(), city.collectors.len());
    }
}

#[test]
fn cities_of_any_shape_have_books_whose_truth_is_certain() {
    for seed in 150..165_u64 {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random::new(seed, 99);
        let plan = Plan {
            seed,
            cards: random.pick(&[1, 2, 5, 20, 100]),
            transactions: random.pick(&[1, 5, 30, 200]),
            terminals: random.pick(&[2, 3, 7, 15, 40]),
            anomaly_rate: random.pick(&["0.02", "0.2", "0.5", "1"]).parse().unwrap(),
            days: random.step(1, 10),
            date: random.pick(&["2026-09-23", "2026-11-22", "2026-12-28"]).parse().unwrap(),
            ..plan(folder.path())
        };
        println!("seed {seed}");
        check(&plan);
    }
}
