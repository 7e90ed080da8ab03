//! The generator itself: the same seed is the same script, and the nights are as eventful as they should be.
//!
//! Bounded by: the model alone, no program.

use std::collections::BTreeMap;

use tongclear_types::{Disposition, Flag, Reason};

use super::*;
use crate::centre::Centre;
use crate::settle;

#[test]
fn a_seed_is_always_the_same_script() {
    assert_eq!(format!("{:?}", script(7)), format!("{:?}", script(7)));
    assert_ne!(format!("{:?}", script(7)), format!("{:?}", script(8)));
}

#[test]
fn every_reason_and_flag_turns_up_and_most_records_are_good() {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut ended: BTreeMap<(String, i32), u32> = BTreeMap::new();
    let mut records = 0;
    for seed in 1..=10 {
        let mut centre = Centre::default();
        for action in script(seed) {
            let code = centre.act(&action);
            let told = format!("{action:?}");
            let name = told.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
            *ended.entry((name, code)).or_insert(0) += 1;
        }
        for cleared in centre.cleared.values() {
            let figures = settle::settlement(cleared);
            let sum: i64 = figures["merchants"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| line["gross_fen"].as_i64().unwrap() + line["load_fen"].as_i64().unwrap())
                .sum();
            assert_eq!(
                figures["dispositions"]["accepted"]["amount_fen"], sum,
                "seed {seed} {}",
                cleared.date
            );
            for judged in &cleared.records {
                records += 1;
                *seen.entry(judged.disposition.to_string()).or_default() += 1;
                *seen.entry(judged.reason.map(|it| it.to_string()).unwrap_or_default()).or_default() += 1;
                for flag in &judged.flags {
                    *seen.entry(flag.to_string()).or_default() += 1;
                }
            }
        }
    }
    let names = Disposition::ALL.iter().map(|it| it.name());
    let names =
        names.chain(Reason::ALL.iter().map(|it| it.name())).chain(Flag::ALL.iter().map(|it| it.name()));
    for name in names {
        assert!(seen.get(name).is_some_and(|count| *count >= 3), "{name} is too rare: {seen:?}");
    }
    assert!(seen["accepted"] * 3 > records, "{records} records: {seen:?}");
    for (name, code) in
        [("DenyList", 0), ("DenyList", 3), ("Intake", 0), ("Intake", 3), ("Keys", 0), ("Clear", 0)]
    {
        assert!(ended.contains_key(&(name.to_owned(), code)), "{name} never ends with {code}: {ended:?}");
    }
}
