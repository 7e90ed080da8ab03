//! The comparison itself: it is content with what the model says, and with nothing else.
//!
//! Bounded by: the first window of one seed.

use super::*;
use crate::centre::Centre;
use crate::nights;

fn window() -> Cleared {
    let mut centre = Centre::default();
    for action in nights::script(3) {
        centre.act(&action);
    }
    centre.cleared.into_values().next().unwrap()
}

fn said(cleared: &Cleared) -> Said {
    let mut export = format!("{COLUMNS}\n");
    for judged in &cleared.records {
        export += &settle::row(judged).join(",");
        export.push('\n');
    }
    let mut settlement = settle::settlement(cleared);
    settlement["digest"] = "0f".repeat(32).into();
    Said { settlement, export }
}

#[test]
fn what_the_model_says_agrees_with_the_model() {
    let cleared = window();
    assert_eq!(compare(&cleared, &said(&cleared)), Ok(()));
}

#[test]
fn every_difference_is_seen() {
    type Bend = fn(&mut Said);
    let table: &[(&str, Bend, &str)] = &[
        (
            "a disposition",
            |s| s.export = s.export.replacen(",accepted,", ",duplicate,", 1),
            "disposition: model",
        ),
        ("a column's name", |s| s.export = s.export.replacen("fee_fen", "fee", 1), "the header"),
        (
            "a record twice",
            |s| s.export = format!("{0}{1}", s.export, s.export.lines().nth(1).unwrap()),
            "program says",
        ),
        (
            "a record missing",
            |s| s.export = s.export.lines().take(20).collect::<Vec<_>>().join("\n"),
            "no such record",
        ),
        (
            "the order",
            |s| {
                let mut lines: Vec<&str> = s.export.lines().collect();
                lines.swap(1, 2);
                s.export = lines.join("\n");
            },
            "order: row 0",
        ),
        ("a figure", |s| s.settlement["merchants"][0]["fee_fen"] = 1_000_000.into(), "merchants: model"),
        ("a key too many", |s| s.settlement["received"]["more"] = 1.into(), "received: model"),
        ("the state", |s| s.settlement["state"] = "cleared".into(), "state: model"),
        ("the digest", |s| s.settlement["digest"] = "none".into(), "digest:"),
        ("a sum", |s| s.settlement["dispositions"]["rejected"]["count"] = 9_999.into(), "add up to"),
    ];
    let cleared = window();
    for (name, bend, expected) in table {
        let mut said = said(&cleared);
        bend(&mut said);
        let report = compare(&cleared, &said).expect_err(name);
        assert!(report.contains(expected), "{name}: {report}");
    }
}
