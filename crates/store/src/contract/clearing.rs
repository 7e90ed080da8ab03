//! Runs: committed whole, once, together with the window's step to `cleared`; the ledger always adds up.

use std::collections::BTreeMap;

use tongclear_ledger::{Account, Transfer, TransferCode, TransferParts};
use tongclear_types::Fen;

use super::sample::{
    close_next, commit, date, load, merchant, night, package, package_key, result, suspended, take_in,
    transfer,
};
use super::{Database, Tested, assert_conflict};
use crate::{ClearingCommit, NewPackage, RunRow, Store, StoreError, SuspendedItem, WindowId, WindowState};

/// A run is read back as it was committed, and its window is cleared.
pub async fn commits_a_run(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    assert_eq!(store.run(WindowId(1)).await?, None);
    let (_, commit) = night(&store, "2026-11-22").await?;

    let ClearingCommit { window, digest, root, totals_json, files, packages, transfers, suspended, stamp } =
        commit;
    assert_eq!(
        store.run(window).await?,
        Some(RunRow { window, digest, root, totals_json, cleared_at: stamp.at })
    );
    assert_eq!(store.run_files(window).await?, files);
    assert_eq!(store.package_results(window).await?, packages);
    assert_eq!(store.transfers(date("2026-11-22")).await?, transfers);
    assert_eq!(store.suspended_before(WindowId(2)).await?, suspended);
    let states: Vec<_> = store.windows().await?.into_iter().map(|window| window.state).collect();
    assert_eq!(states, [WindowState::Cleared, WindowState::Open]);
    Ok(())
}

/// The second of two equal commits finds the window cleared and changes nothing.
pub async fn commits_a_window_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (_, commit) = night(&store, "2026-11-22").await?;
    let before = history(&store).await?;
    assert_conflict(store.commit_clearing(&commit).await);
    assert_eq!(history(&store).await?, before);
    Ok(())
}

/// An open window, or one that is not there, cannot be cleared.
pub async fn commits_only_closed_windows(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let closed = close_next(&store, "2026-11-22").await?;
    for window in [0, 2, 3] {
        let commit = ClearingCommit { window: WindowId(window), ..commit(&closed, &[]) };
        assert_conflict(store.commit_clearing(&commit).await);
        assert_eq!(store.run(WindowId(window)).await?, None);
    }
    assert_eq!(store.balances().await?, []);
    Ok(())
}

/// Suspended items are found by their window and by their card; the ledger is read whole.
pub async fn finds_items_and_transfers_again(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (_, first) = night(&store, "2026-11-22").await?;
    let (_, second) = night(&store, "2026-11-23").await?;
    assert_eq!(store.suspended_in(first.window).await?, first.suspended);
    assert_eq!(store.suspended_in(second.window).await?, second.suspended);
    let card = first.suspended[0].card;
    let of_card = |commit: &ClearingCommit| -> Vec<_> {
        commit.suspended.iter().filter(|it| it.card == card).map(|it| (commit.window, *it)).collect()
    };
    assert_eq!(store.suspended_of_card(card).await?, [of_card(&first), of_card(&second)].concat());
    let ledger = store.ledger().await?;
    let mut transfers = [first.transfers, second.transfers].concat();
    transfers.sort_by_key(Transfer::id);
    assert_eq!(ledger.transfers, transfers);
    assert_eq!(ledger.balances, store.balances().await?);
    Ok(())
}

/// A transfer that stands in the ledger already is not posted again, by a later run or within one.
pub async fn leaves_equal_transfers_alone(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (_, first) = night(&store, "2026-11-22").await?;
    let balances = store.balances().await?;
    let closed = close_next(&store, "2026-11-23").await?;
    let again = first.transfers[0];
    let transfers = vec![again, again];
    store.commit_clearing(&ClearingCommit { transfers, ..commit(&closed, &[]) }).await?;
    assert_eq!(store.balances().await?, balances);
    assert_eq!(store.transfers(date("2026-11-22")).await?, first.transfers);
    assert_eq!(store.transfers(date("2026-11-23")).await?, []);
    Ok(())
}

/// Whatever goes wrong on the way, nothing of the run remains, and the right one can follow.
pub async fn commits_all_or_nothing(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (_, first) = night(&store, "2026-11-22").await?;
    take_in(&store, &[package(2, "b1", 1)]).await?;
    let closed = close_next(&store, "2026-11-23").await?;
    let good = commit(&closed, &[package_key("b1", 1)]);
    let before = history(&store).await?;

    let spoil = |change: &dyn Fn(&mut ClearingCommit)| {
        let mut spoilt = good.clone();
        change(&mut spoilt);
        spoilt
    };
    let other_amount = TransferParts { amount: Fen::from(1), ..*first.transfers[0] };
    let differing = Transfer::new(other_amount).expect("the amount is positive");
    let differs = spoil(&|it| it.transfers.push(differing));
    match store.commit_clearing(&differs).await {
        Err(StoreError::TransferDiffers { id, field }) => {
            assert_eq!((id, field.as_str()), (differing.id().to_string(), "amount"));
        }
        other => panic!("the transfer differs: {other:?}"),
    }
    let spoilt = [
        ("unknown package", spoil(&|it| it.packages.push(result(package_key("c1", 1))))),
        ("package twice", spoil(&|it| it.packages.push(result(package_key("b1", 1))))),
        ("unknown package's row", spoil(&|it| it.suspended.push(suspended(package_key("c1", 1), 9)))),
        ("row twice", spoil(&|it| it.suspended.push(suspended(package_key("b1", 1), 0)))),
    ];
    for (wrong, commit) in spoilt {
        assert!(store.commit_clearing(&commit).await.is_err(), "{wrong}");
        assert_eq!(history(&store).await?, before, "{wrong}");
    }
    store.commit_clearing(&good).await
}

/// Every account's debits and credits are the sums of its transfers, and all debits are all credits.
pub async fn balances_are_the_transfers(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    assert_eq!(store.balances().await?, []);
    let dates = ["2026-11-22", "2026-11-23", "2026-11-24"];
    let mut sums = BTreeMap::<Account, (Fen, Fen)>::new();
    for on in dates {
        night(&store, on).await?;
        for transfer in store.transfers(date(on)).await? {
            let left = &mut sums.entry(transfer.debit).or_default().0;
            *left = Fen::try_sum([*left, transfer.amount]).expect("small");
            let entered = &mut sums.entry(transfer.credit).or_default().1;
            *entered = Fen::try_sum([*entered, transfer.amount]).expect("small");
        }
    }
    let balances = store.balances().await?;
    let listed: Vec<_> = balances.iter().map(|it| (it.account, (it.debits, it.credits))).collect();
    assert_eq!(listed, sums.into_iter().collect::<Vec<_>>());
    let debits: Fen = balances.iter().map(|balance| balance.debits).sum();
    let credits: Fen = balances.iter().map(|balance| balance.credits).sum();
    assert_eq!(debits, credits);
    assert!(!debits.is_zero());
    Ok(())
}

/// Suspended items are seen by every later window and by no earlier one.
pub async fn keeps_suspended_items_for_later_windows(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (_, first) = night(&store, "2026-11-22").await?;
    let (_, second) = night(&store, "2026-11-23").await?;
    assert_eq!(store.suspended_before(WindowId(1)).await?, []);
    assert_eq!(store.suspended_before(WindowId(2)).await?, first.suspended);
    let both: Vec<SuspendedItem> = [first.suspended, second.suspended].concat();
    assert_eq!(store.suspended_before(WindowId(3)).await?, both);
    assert_eq!(store.suspended_before(WindowId(i64::MAX)).await?, both);
    Ok(())
}

/// A bad night: thousands of packages, results and suspended items, and hundreds of merchants.
pub async fn takes_many_rows(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let packages: Vec<NewPackage> = (1..=2_000).map(|sequence| package(1, "a1", sequence)).collect();
    take_in(&store, &packages).await?;
    let closed = close_next(&store, "2026-11-22").await?;
    let rows = (0..20_000).map(|row| suspended(package_key("a1", 1), row));
    let purchase = |n: u32| {
        let merchant = merchant(&format!("BUS{n:05}"));
        transfer(TransferCode::Purchase, merchant, date("2026-11-22"), Fen::from(n + 1))
    };
    let mut transfers: Vec<Transfer> = (0..500).map(purchase).collect();
    transfers.sort_by_key(Transfer::id);
    let many = ClearingCommit {
        packages: packages.iter().map(|package| result(package.key)).collect(),
        transfers,
        suspended: rows.collect(),
        ..commit(&closed, &[])
    };
    store.commit_clearing(&many).await?;
    assert_eq!(store.package_results(closed.id).await?, many.packages);
    assert_eq!(store.transfers(date("2026-11-22")).await?, many.transfers);
    assert_eq!(store.suspended_before(WindowId(2)).await?, many.suspended);
    Ok(())
}

/// What later windows do leaves what was read of an earlier one as it was.
pub async fn keeps_history(database: &impl Database) -> Tested {
    let store = database.open().await?;
    load(&store).await?;
    let (window, _) = night(&store, "2026-11-22").await?;
    let read = async || -> Result<_, StoreError> {
        let packages = store.packages(window.id).await?;
        let results = store.package_results(window.id).await?;
        let transfers = store.transfers(date("2026-11-22")).await?;
        Ok((store.windows().await?[0], packages, store.run(window.id).await?, results, transfers))
    };
    let before = read().await?;
    take_in(&store, &[package(2, "b1", 3)]).await?;
    night(&store, "2026-11-23").await?;
    assert_eq!(read().await?, before);
    Ok(())
}

/// Everything a run could change, as one text.
async fn history(store: &impl Store) -> Result<String, StoreError> {
    let windows = store.windows().await?;
    let mut text = format!("{windows:?}\n{:?}\n", store.balances().await?);
    for window in windows {
        let run = store.run(window.id).await?;
        text += &format!("{run:?}\n{:?}\n", store.package_results(window.id).await?);
        if let Some(snapshot) = window.snapshot {
            text += &format!("{:?}\n", store.transfers(snapshot.date).await?);
        }
    }
    Ok(text + &format!("{:?}", store.suspended_before(WindowId(i64::MAX)).await?))
}
