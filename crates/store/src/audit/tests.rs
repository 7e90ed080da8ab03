//! The log is a chain, and every change to it is found.

use super::*;

fn log() -> Vec<AuditRow> {
    let mut rows: Vec<AuditRow> = Vec::new();
    for n in 1..=4 {
        let stamp = Stamp { at: UnixMillis(n * 1000), by: "os:root".parse().unwrap() };
        let event = AuditEvent::registry(RegistryVersion(n), "body");
        let last = rows.last().map(|row| (row.entry, row.hash));
        rows.push(AuditRow::after(last, &stamp, &event).unwrap());
    }
    rows
}

#[test]
fn a_log_is_a_chain() {
    let rows = log();
    assert_eq!(first_break(&rows), None);
    assert_eq!(first_break(&[]), None);
    assert_eq!(rows[0].previous, GENESIS);
    assert_eq!(
        rows[0].event,
        format!(r#"{{"event":"registry","version":1,"sha256":"{}"}}"#, Digest::of(b"body"))
    );
    assert_eq!(rows[0].parsed().unwrap(), AuditEvent::registry(RegistryVersion(1), "body"));
}

/// Every change is found at the entry that it touches, or at the next one when it was made to look right.
#[test]
fn changes_are_found() {
    type Change = fn(&mut Vec<AuditRow>);
    let table: &[(Change, i64, &str)] = &[
        (|rows| rows[1].stamp.at.0 += 1, 2, "its hash is not that of its content"),
        (|rows| rows[1].stamp.by = "os:mallory".parse().unwrap(), 2, "its hash is not that of its content"),
        (|rows| rows[2].event = rows[2].event.replace('3', "4"), 3, "its hash is not that of its content"),
        (|rows| rows[2].hash = Digest([1; 32]), 3, "its hash is not that of its content"),
        (
            |rows| {
                rows[1].stamp.at.0 += 1;
                rows[1].hash = rows[1].hash_of_content();
            },
            3,
            "it does not hold the hash of the entry before",
        ),
        (|rows| drop(rows.remove(1)), 3, "its number does not follow"),
        (|rows| drop(rows.remove(0)), 2, "its number does not follow"),
        (|rows| rows.swap(1, 2), 3, "its number does not follow"),
    ];
    for (change, entry, why) in table {
        let mut rows = log();
        change(&mut rows);
        assert_eq!(first_break(&rows), Some(Broken { entry: *entry, why }), "{why}");
    }
}

#[test]
fn an_actor_cannot_pretend_to_be_a_line() {
    assert!("os:root".parse::<Actor>().is_ok());
    assert!("王芳".parse::<Actor>().is_ok());
    assert!("".parse::<Actor>().is_err());
    assert!("a\n{}".parse::<Actor>().is_err());
    assert!("x".repeat(129).parse::<Actor>().is_err());
}
