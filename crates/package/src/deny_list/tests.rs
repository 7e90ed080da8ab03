//! The guard, and lists made here; lists that are read are in `fixtures/lists`.

use super::*;

fn list(version: u32, entries: u64) -> DenyList {
    let serials = (0..entries).map(|i| format!("{i:020}").parse().unwrap()).collect();
    DenyList::new("0417".parse().unwrap(), version, "2026-11-24T01:02:03".parse().unwrap(), serials).unwrap()
}

#[test]
fn a_list_must_be_newer_and_may_not_grow_by_a_fifth_and_a_thousand() {
    let table = [
        // entries before, entries now, approved, answer
        (10_000, 12_000, false, "ok"), // exactly 20 %
        (10_000, 12_001, false, "count"),
        (10_000, 12_001, true, "ok"),
        (100, 1_100, false, "ok"), // exactly 1,000
        (100, 1_101, false, "count"),
        (0, 1_000, false, "ok"),
        (0, 1_001, false, "count"),
        (5_100, 6_101, false, "ok"), // 1,001 more, but under 20 %
        (10_000, 0, false, "ok"),
        (u64::MAX, 5, false, "ok"),
    ];
    for (before, now, approved, expected) in table {
        let previous = Some(Predecessor { version: 1, entries: before });
        let got = check_successor(previous, &list(2, now), Guard::default(), approved);
        assert_eq!(got.map_or_else(|error| error.what, |()| "ok"), expected, "{before} to {now}");
    }
    for (version, expected) in [(4, "version"), (5, "version"), (6, "ok")] {
        let previous = Some(Predecessor { version: 5, entries: 0 });
        let got = check_successor(previous, &list(version, 1), Guard::default(), true);
        assert_eq!(got.map_or_else(|error| error.what, |()| "ok"), expected, "version {version}");
    }
}

#[test]
fn a_first_list_is_not_guarded() {
    assert_eq!(check_successor(None, &list(1, 5_000), Guard::default(), false), Ok(()));
}

#[test]
fn the_form_is_that_of_the_readers() {
    assert_eq!(
        list(9, 2).to_bytes().escape_ascii().to_string(),
        "DENY:0417:9:20261124010203:2\\r\\n00000000000000000000\\r\\n00000000000000000001\\r\\nCRC:53f30eb9"
    );
}

#[test]
fn serials_are_sorted_unique_and_decimal() {
    let serials = |last: &[u8]| last.iter().map(|last| Serial([0, 0, 0, 0, 0, 0, 0, 0, 0, *last])).collect();
    let made = |last: &[u8]| {
        DenyList::new("0417".parse().unwrap(), 1, "2026-11-24T00:00:00".parse().unwrap(), serials(last))
    };
    let list = made(&[3, 1, 3, 2]).unwrap();
    assert_eq!(list.serials, serials(&[1, 2, 3]));
    assert!(list.contains(&list.serials[2]));
    assert!(!list.contains(&Serial([9; 10])));
    assert_eq!(
        made(&[1, 0x0a]).unwrap_err().to_string(),
        "line 3: serial is 0000000000000000000a, expected 20 decimal digits"
    );
}
