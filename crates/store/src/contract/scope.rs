//! Scopes: a participant sees its own positions, a collector its own gaps, and nobody anybody else's.

use tongclear_ledger::{Participant, Position};

use super::sample::{
    LOADED_AT, SETTLED_AT, load, merchant, night, package, package_key, position, stamp, take_in,
};
use super::{Database, Tested};
use crate::collectors::{last_heard, missing_of, windows_of};
use crate::scope::positions;
use crate::{Scope, SettlementCommit, Store, WindowId};

/// Of a settled window everyone sees what is theirs, by value date; a participant of another kind with the same code, and
/// a collector, see nothing.
pub async fn shows_positions_of_one_participant(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let of = |participant, value_date| Position { participant, ..position("BUS00001", value_date) };
    let bus = Participant::Merchant(merchant("BUS00001"));
    let sponsor = Participant::Sponsor(merchant("BUS00001"));
    let government = Participant::Sponsor(merchant("GOV00001"));
    let operator = Participant::Operator("0417".parse().expect("an operator"));
    let first = [
        of(operator, "2026-11-23"),
        of(bus, "2026-11-23"),
        of(bus, "2026-11-24"),
        of(government, "2026-11-23"),
    ];
    let second = [of(bus, "2026-11-25"), of(sponsor, "2026-11-25")];
    for (window, on, rows) in [(1, "2026-11-22", &first[..]), (2, "2026-11-23", &second[..])] {
        night(&store, on).await?;
        assert_eq!(positions(&store, WindowId(window), Scope::Everything).await?, []);
        assert_eq!(positions(&store, WindowId(window), Scope::Of(bus)).await?, []);
        let positions = rows.iter().rev().cloned().collect();
        let stamp = stamp(SETTLED_AT);
        store.commit_settlement(&SettlementCommit { window: WindowId(window), positions, stamp }).await?;
    }
    let collector = Scope::Collector(package_key("a1", 1).collector);
    let table: &[(i64, Scope, &[Position])] = &[
        (1, Scope::Everything, &first),
        (1, Scope::Of(bus), &first[1..3]),
        (1, Scope::Of(operator), &first[..1]),
        (1, Scope::Of(government), &first[3..]),
        (1, Scope::Of(sponsor), &[]),
        (1, Scope::Of(Participant::Merchant(merchant("GOV00001"))), &[]),
        (1, Scope::Of(Participant::Centre), &[]),
        (1, collector, &[]),
        (2, Scope::Everything, &second),
        (2, Scope::Of(bus), &second[..1]),
        (2, Scope::Of(sponsor), &second[1..]),
        (2, Scope::Of(operator), &[]),
        (3, Scope::Everything, &[]),
        (3, Scope::Of(bus), &[]),
    ];
    for (window, scope, expected) in table {
        assert_eq!(positions(&store, WindowId(*window), *scope).await?, *expected, "{window} {scope:?}");
    }
    Ok(())
}

/// A collector sees the gaps in its own sequences, over all windows, the same that the centre sees, and its own windows; each
/// that has sent anything was heard of.
pub async fn shows_gaps_of_one_collector(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let early = [package(1, "a1", 2), package(1, "a1", 3), package(1, "b1", 1), package(1, "c1", 4)];
    take_in(&store, &early).await?;
    let collector = |last| package_key(last, 1).collector;
    store.close_window(WindowId(1), super::sample::date("2026-11-22"), &stamp(LOADED_AT)).await?;
    take_in(&store, &[package(2, "a1", 7), package(2, "a1", u32::MAX), package(2, "b1", 2)]).await?;
    let all = store.missing_packages().await?;
    for (name, gaps, windows) in [
        ("a1", vec![(1, 1), (4, 6), (8, u32::MAX - 1)], vec![1, 2]),
        ("b1", vec![], vec![1, 2]),
        ("c1", vec![(1, 3)], vec![1]),
        ("d1", vec![], vec![]),
    ] {
        let found: Vec<i64> = windows_of(&store, collector(name)).await?.iter().map(|it| it.0).collect();
        assert_eq!(found, windows, "{name}");
        let found = missing_of(&store, collector(name)).await?;
        let spans: Vec<_> = found.iter().map(|gap| (gap.first.0, gap.last.0)).collect();
        assert_eq!(spans, gaps, "{name}");
        let own: Vec<_> = all.iter().filter(|gap| gap.collector == collector(name)).copied().collect();
        assert_eq!(found, own, "{name}");
    }
    let heard: Vec<_> = last_heard(&store).await?.into_iter().map(|(collector, _)| collector).collect();
    assert_eq!(heard, ["a1", "b1", "c1"].map(collector));
    Ok(())
}
