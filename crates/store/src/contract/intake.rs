//! Intake: a batch happens whole or not at all, and nothing else writes meanwhile.

use futures::future::join;
use tongclear_types::{Fen, PackageSequence, TerminalId, TerminalNumber};

use super::sample::{close_next, digest, load, package, package_key, quarantined, take_in};
use super::{Database, Tested, assert_conflict};
use crate::{
    MissingPackages, NewPackage, NewQuarantine, PackageRow, QuarantineRow, SequenceNeighbours, Store,
    StoreError, TerminalSpan, WindowId,
};

fn row(package: &NewPackage) -> PackageRow {
    PackageRow {
        key: package.key,
        merchant: package.merchant,
        window: package.window,
        digest: package.digest,
        seal: package.seal,
        previous_seal: package.previous_seal,
        records: package.records,
        amount: package.amount,
        received_at: package.received_at,
    }
}

/// Packages are listed with the window that was open when they came, by collector and sequence.
pub async fn accepts_into_the_open_window(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let early = [package(1, "b1", 1), package(1, "a2", 2), package(1, "a2", 1)];
    take_in(&store, &early).await?;
    close_next(&store, "2026-11-22").await?;
    take_in(&store, &[package(2, "a2", 3)]).await?;

    assert_eq!(store.packages(WindowId(1)).await?, [row(&early[2]), row(&early[1]), row(&early[0])]);
    assert_eq!(store.packages(WindowId(2)).await?, [row(&package(2, "a2", 3))]);
    assert_eq!(store.packages(WindowId(3)).await?, []);
    Ok(())
}

/// A package is found by its name, by a number that its terminals span, and with the terminals in it.
pub async fn finds_packages_again(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let packages = [package(1, "a1", 1), package(1, "a1", 7), package(1, "b1", 7)];
    take_in(&store, &packages).await?;
    let [first, second, third] = &packages;
    assert_eq!(store.package(second.key).await?, Some(row(second)));
    assert_eq!(store.package(package_key("a1", 2)).await?, None);
    let spanning = async |terminal: u8, number: u32| {
        store.packages_spanning(TerminalId([0x65, 0x10, 0, 0, 0, terminal]), TerminalNumber(number)).await
    };
    // Terminal 1 used the package's sequence as its number, terminal 2 everything.
    assert_eq!(spanning(1, 7).await?, [row(second), row(third)]);
    assert_eq!(spanning(1, 2).await?, []);
    assert_eq!(spanning(2, u32::MAX).await?, [row(first), row(second), row(third)]);
    assert_eq!(spanning(3, 1).await?, []);
    let spans: Vec<_> =
        packages.iter().flat_map(|it| it.terminals.iter().map(|span| (it.key, *span))).collect();
    assert_eq!(store.terminal_spans(WindowId(1)).await?, spans);
    assert_eq!(store.terminal_spans(WindowId(2)).await?, []);
    Ok(())
}

/// A window's packages, records and fen are those of its packages, over several batches.
pub async fn counts_windows_like_their_packages(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    take_in(&store, &[package(1, "a1", 1), package(1, "a1", 2)]).await?;
    take_in(&store, &[NewPackage { records: 0, amount: Fen::ZERO, ..package(1, "a1", 3) }]).await?;
    take_in(&store, &[]).await?;
    close_next(&store, "2026-11-22").await?;
    take_in(&store, &[package(2, "a1", 4)]).await?;
    for window in store.windows().await? {
        let packages = store.packages(window.id).await?;
        let records: u64 = packages.iter().map(|package| u64::from(package.records)).sum();
        let amount: Fen = packages.iter().map(|package| package.amount).sum();
        let listed = (window.packages, window.transactions, window.amount);
        assert_eq!(
            listed,
            (packages.len().try_into().expect("few"), records, amount),
            "window {}",
            window.id
        );
    }
    assert_eq!(store.windows().await?[0].packages, 3);
    Ok(())
}

/// What a batch did before it was dropped has not happened, and the next batch is not kept waiting.
pub async fn forgets_a_dropped_batch(database: &impl Database) -> Tested {
    let store = database.open().await?;
    take_in(&store, &[package(1, "a1", 1)]).await?;
    let mut batch = store.begin_intake().await?;
    batch.quarantine(&quarantined(7)).await?;
    batch.commit().await?;
    let before = (store.windows().await?, store.packages(WindowId(1)).await?, store.quarantine().await?);

    let mut batch = store.begin_intake().await?;
    batch.accept(&package(1, "a1", 2)).await?;
    batch.quarantine(&quarantined(8)).await?;
    batch.release_quarantined(&digest(7)).await?;
    drop(batch);

    let after = (store.windows().await?, store.packages(WindowId(1)).await?, store.quarantine().await?);
    assert_eq!(after, before);
    take_in(&store, &[package(1, "a1", 2)]).await
}

/// A batch sees who stands around a sequence: of earlier windows, of this one, and of itself.
pub async fn knows_its_neighbours(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    take_in(&store, &[package(1, "a1", 1)]).await?;
    close_next(&store, "2026-11-22").await?;
    take_in(&store, &[package(2, "a1", 4), package(2, "b1", 2)]).await?;

    let (one, three, four) = (package(1, "a1", 1), package(2, "a1", 3), package(2, "a1", 4));
    let mut batch = store.begin_intake().await?;
    assert_eq!(batch.open_window(), WindowId(2));
    let none = SequenceNeighbours::default();
    let before = |package: &NewPackage| SequenceNeighbours { before: Some(package.seal), ..none };
    let after = |package: &NewPackage| SequenceNeighbours { after: Some(package.previous_seal), ..none };
    let same =
        |package: &NewPackage| SequenceNeighbours { same: Some((package.digest, package.seal)), ..none };
    assert_eq!(batch.neighbours(package_key("a1", 1)).await?, same(&one));
    assert_eq!(batch.neighbours(package_key("a1", 2)).await?, before(&one));
    assert_eq!(batch.neighbours(package_key("a1", 3)).await?, after(&four));
    assert_eq!(batch.neighbours(package_key("a1", 0)).await?, after(&one));
    assert_eq!(batch.neighbours(package_key("a1", u32::MAX)).await?, none);
    assert_eq!(batch.neighbours(package_key("c1", 2)).await?, none);
    batch.accept(&three).await?;
    let between = SequenceNeighbours { before: Some(one.seal), after: Some(three.previous_seal), same: None };
    assert_eq!(batch.neighbours(package_key("a1", 2)).await?, between);
    assert_eq!(
        batch.neighbours(package_key("a1", 4)).await?,
        SequenceNeighbours { before: Some(three.seal), ..same(&four) }
    );
    batch.commit().await
}

/// A sequence is accepted once; a batch that tried can only be dropped.
pub async fn refuses_the_same_sequence_twice(database: &impl Database) -> Tested {
    let store = database.open().await?;
    take_in(&store, &[package(1, "a1", 1)]).await?;
    for first in [None, Some(package(1, "a1", 2))] {
        let again = first.clone().unwrap_or_else(|| package(1, "a1", 1));
        let mut batch = store.begin_intake().await?;
        batch.accept(&package(1, "b1", 1)).await?;
        if let Some(first) = first {
            batch.accept(&first).await?;
        }
        assert_conflict(batch.accept(&again).await);
        assert!(matches!(batch.commit().await, Err(StoreError::Database { .. })));
    }
    assert_eq!(store.packages(WindowId(1)).await?, [row(&package(1, "a1", 1))]);
    Ok(())
}

/// Only the open window takes packages.
pub async fn refuses_another_window(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    close_next(&store, "2026-11-22").await?;
    for window in [0, 1, 3] {
        let mut batch = store.begin_intake().await?;
        assert_conflict(batch.accept(&package(window, "a1", 1)).await);
    }
    assert_eq!(store.windows().await?[1].packages, 0);
    Ok(())
}

/// Gaps are found over all windows, the first sequences of a collector included.
pub async fn finds_missing_packages(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    assert_eq!(store.missing_packages().await?, []);
    take_in(&store, &[package(1, "b1", 3), package(1, "a1", 1), package(1, "a1", 2)]).await?;
    close_next(&store, "2026-11-22").await?;
    take_in(&store, &[package(2, "a1", 4), package(2, "a1", u32::MAX)]).await?;

    let gap = |collector, first, last| MissingPackages {
        collector: package_key(collector, first).collector,
        first: PackageSequence(first),
        last: PackageSequence(last),
    };
    let all = [gap("a1", 3, 3), gap("a1", 5, u32::MAX - 1), gap("b1", 1, 2)];
    assert_eq!(store.missing_packages().await?, all);
    take_in(&store, &[package(2, "a1", 3), package(2, "b1", 1)]).await?;
    assert_eq!(store.missing_packages().await?, [gap("a1", 5, u32::MAX - 1), gap("b1", 2, 2)]);
    Ok(())
}

/// The same bytes again replace what was known of them and count one more arrival.
pub async fn quarantines_and_counts_arrivals(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let first = quarantined(1);
    let again = NewQuarantine {
        source: "ftp://depot/二".to_owned(),
        reason: "chain_broken".to_owned(),
        arrived_at: super::sample::CLOSED_AT,
        ..first.clone()
    };
    let mut batch = store.begin_intake().await?;
    batch.quarantine(&first).await?;
    batch.quarantine(&quarantined(3)).await?;
    batch.quarantine(&quarantined(2)).await?;
    batch.commit().await?;
    let once = |refused| QuarantineRow { refused, arrivals: 1 };
    let rows = [once(first.clone()), once(quarantined(2)), once(quarantined(3))];
    assert_eq!(store.quarantine().await?, rows);

    let mut batch = store.begin_intake().await?;
    batch.quarantine(&first).await?;
    batch.quarantine(&again).await?;
    batch.commit().await?;
    let [_, second, third] = rows;
    let rows = [second, third, QuarantineRow { refused: again, arrivals: 3 }];
    assert_eq!(store.quarantine().await?, rows, "by arrival");
    Ok(())
}

/// Released bytes are gone from quarantine; releasing what is not there changes nothing.
pub async fn releases_quarantined_bytes(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let mut batch = store.begin_intake().await?;
    batch.quarantine(&quarantined(1)).await?;
    batch.quarantine(&quarantined(2)).await?;
    batch.commit().await?;
    let mut batch = store.begin_intake().await?;
    batch.release_quarantined(&digest(1)).await?;
    batch.release_quarantined(&digest(9)).await?;
    batch.commit().await?;
    assert_eq!(store.quarantine().await?, [QuarantineRow { refused: quarantined(2), arrivals: 1 }]);
    Ok(())
}

/// Two writers who each take the next free sequence never take the same one, through one handle or two.
pub async fn batches_exclude_each_other(database: &impl Database) -> Tested {
    async fn append(store: &impl Store, packages: u32) -> Tested {
        for _ in 0..packages {
            let mut batch = store.begin_intake().await?;
            let mut next = 1;
            while batch.neighbours(package_key("a1", next)).await?.same.is_some() {
                next += 1;
            }
            batch.accept(&package(1, "a1", next)).await?;
            batch.commit().await?;
        }
        Ok(())
    }
    let (here, there) = (database.open().await?, database.open().await?);
    let ((first, second), third) = join(join(append(&here, 5), append(&here, 5)), append(&there, 5)).await;
    first.and(second).and(third)?;
    let sequences = here.packages(WindowId(1)).await?.into_iter().map(|package| package.key.sequence.0);
    assert!(sequences.eq(1..=15));
    assert_eq!(there.windows().await?[0].packages, 15);
    Ok(())
}

/// A close waits for the batch before it, so that a package's window is never a matter of luck.
pub async fn batches_exclude_the_close(database: &impl Database) -> Tested {
    let (here, there) = (database.open().await?, database.open().await?);
    load(&here).await?;
    let mut batch = here.begin_intake().await?;
    let intake = async {
        batch.accept(&package(1, "a1", 1)).await?;
        batch.accept(&package(1, "a1", 2)).await?;
        batch.commit().await
    };
    let (taken, closed) = join(intake, close_next(&there, "2026-11-22")).await;
    taken?;
    assert_eq!(closed?.packages, 2);
    let mut batch = here.begin_intake().await?;
    assert_eq!(batch.open_window(), WindowId(2));
    assert_conflict(batch.accept(&package(1, "a1", 3)).await);
    Ok(())
}

/// A depot's package may hold thousands of terminals.
pub async fn takes_many_terminals(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let terminals = (0..5_000_u32).map(|n| {
        let [_, _, high, low] = n.to_be_bytes();
        let (first, last) = (TerminalNumber(n), TerminalNumber(u32::MAX));
        TerminalSpan { terminal: TerminalId([0x65, 0x10, 0, 0, high, low]), first, last, records: 2 }
    });
    let large = NewPackage { terminals: terminals.collect(), records: 10_000, ..package(1, "a1", 1) };
    take_in(&store, std::slice::from_ref(&large)).await?;
    assert_eq!(store.packages(WindowId(1)).await?, [row(&large)]);
    Ok(())
}
