//! `check` agrees with an honest centre, and names each kind of tampering.

use std::path::{Path, PathBuf};

use parquet::basic::Compression;
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::city::{DAY, one_day, three_days};
use crate::program::{Centre, path, sorted};

const NEXT: &str = "2026-11-24";

/// A centre that has settled two days, with the third waiting.
fn settled() -> Centre {
    let city = three_days();
    let centre = Centre::of_city(city);
    for day in [DAY, NEXT] {
        centre.done(&["intake", path(&city.join("packages").join(day))]);
        centre.done(&["night", "--date", day]);
    }
    centre.done(&["intake", path(&city.join("packages/2026-11-25"))]);
    centre
}

/// A centre that has settled its only day.
fn of_one_day() -> Centre {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    centre
}

/// Runs statements on a centre's database behind its back, past triggers and foreign keys.
pub(crate) fn tamper(centre: &Centre, statements: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options =
            SqliteConnectOptions::new().filename(centre.data().join("centre.sqlite")).foreign_keys(false);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        for statement in statements {
            let done = sqlx::query(AssertSqlSafe(*statement)).execute(&mut connection).await;
            let done = done.unwrap_or_else(|error| panic!("{statement}: {error}"));
            let changes = !statement.starts_with("DROP");
            assert!(!changes || done.rows_affected() > 0, "{statement} changed nothing");
        }
        connection.close().await.unwrap();
    });
}

/// The kinds that a check of the centre finds, and everything it says of them.
pub(crate) fn found(centre: &Centre) -> (Vec<String>, Value) {
    let ended = centre.run(&["check", "--json"]);
    let report: Value =
        serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}{}", ended.out, ended.err));
    assert_eq!(ended.code, if report["holds"] == true { 0 } else { 4 }, "{report:#}");
    let kinds = report["counts"].as_object().unwrap().keys().cloned().collect();
    (kinds, report)
}

fn first_package(centre: &Centre, day: &str) -> PathBuf {
    let name = sorted(&one_day().join("packages").join(day)).remove(0);
    let name = name.file_name().unwrap().to_str().unwrap().to_owned();
    let (collector, sequence) = name.trim_end_matches(".ctp").split_once('-').unwrap();
    let merchants = sorted(&centre.data().join("vault/packages"));
    let file = merchants.iter().map(|it| it.join(collector).join(format!("{sequence}.ctp")));
    file.into_iter().find(|file| file.exists()).unwrap()
}

/// Replaces one value in a Parquet file by another of the same column, and writes the file anew.
pub(crate) fn change_parquet(file: &Path, column: &str, change: impl Fn(u32) -> u32) {
    use arrow_array::{Array as _, ArrayRef, RecordBatch, UInt32Array};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::properties::WriterProperties;
    let bytes = bytes::Bytes::from(std::fs::read(file).unwrap());
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().with_batch_size(1 << 20).build().unwrap();
    let batch = reader.map(Result::unwrap).find(|batch| batch.num_rows() > 0).unwrap();
    let at = batch.schema().index_of(column).unwrap();
    let old = batch.column(at).as_any().downcast_ref::<UInt32Array>().unwrap();
    let new: UInt32Array = (0..old.len())
        .map(|i| if i == 0 { change(old.value(i)) } else { old.value(i) })
        .collect::<Vec<_>>()
        .into();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[at] = std::sync::Arc::new(new);
    let changed = RecordBatch::try_new(batch.schema(), columns).unwrap();
    let properties =
        WriterProperties::builder().set_compression(Compression::ZSTD(Default::default())).build();
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(file).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&changed).unwrap();
    writer.close().unwrap();
}

/// SHA-256 of a file, as the database has it.
pub(crate) fn digest(file: &Path) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(std::fs::read(file).unwrap()))
}

#[test]
fn an_honest_centre_agrees_with_itself() {
    let centre = settled();
    let (kinds, report) = found(&centre);
    assert_eq!(kinds, Vec::<String>::new(), "{report:#}");
    assert_eq!(report["windows"], 2);
    assert_eq!(report["rederived"], 2);
    assert_eq!(report["transactions"].as_u64().unwrap() / 1000, 18);
    assert!(report["audit"]["entries"].as_u64().unwrap() >= 8);

    // Taken as they stand, earlier windows are not derived; the same words in Chinese.
    let since = centre.json(&["check", "--since", NEXT, "--workers", "1"]);
    assert_eq!((&since["holds"], &since["rederived"]), (&Value::Bool(true), &Value::from(1)));
    let head = report["audit"]["head"].as_str().unwrap();
    centre.done(&["check", "--audit-head", head]);
    centre.refused(&["check", "--audit-head", &"ab".repeat(32)], 4, &["audit_broken"]);
    assert!(centre.done(&["check", "--lang", "zh"]).contains("全部一致"));
    assert!(centre.done(&["audit", "list"]).contains("settlement"));
}

#[test]
fn each_kind_of_tampering_is_named() {
    let honest = of_one_day();
    let vault = |centre: &Centre, name: &str| centre.data().join("vault").join(name);
    let check = |what: &str, expected: &[&str], change: &dyn Fn(&Centre)| {
        let centre = Centre::copy_of(&honest.data());
        change(&centre);
        let (kinds, report) = found(&centre);
        for kind in expected {
            assert!(kinds.iter().any(|it| it == kind), "{what}: {kind} is not found in {report:#}");
        }
        report
    };

    // A value in the cleared detail, with and without its recorded digest made to fit.
    let detail = format!("windows/{DAY}/part-07.parquet");
    let report = check("detail", &["detail_differs"], &|centre| {
        change_parquet(&vault(centre, &detail), "amount_fen", |fen| fen + 1);
    });
    let finding = &report["findings"][0];
    assert!(finding["subject"].as_str().unwrap().contains("amount_fen"), "{finding}");
    let fen = |field: &str| finding[field].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(fen("found"), fen("expected") + 1);
    check("detail and digest", &["detail_differs", "run_file_differs", "audit_differs"], &|centre| {
        let file = vault(centre, &detail);
        change_parquet(&file, "amount_fen", |fen| fen + 1);
        let update = format!("UPDATE run_files SET digest = '{}' WHERE path = '{detail}'", digest(&file));
        tamper(centre, &[&update]);
    });
    // Card states swapped between two partitions.
    check("card state", &["card_state_differs"], &|centre| {
        let (a, b) = (format!("cards/{DAY}/part-01.parquet"), format!("cards/{DAY}/part-02.parquet"));
        let (a, b) = (vault(centre, &a), vault(centre, &b));
        let kept = std::fs::read(&a).unwrap();
        std::fs::copy(&b, &a).unwrap();
        std::fs::write(&b, kept).unwrap();
    });
    check("card state gone", &["run_file_missing"], &|centre| {
        std::fs::remove_file(vault(centre, &format!("cards/{DAY}/part-01.parquet"))).unwrap();
    });
    check("terminal numbers", &["terminal_numbers_differ"], &|centre| {
        change_parquet(&vault(centre, &format!("terminals/{DAY}.parquet")), "first_number", |number| {
            number - 1
        });
    });
    // An altered package, without and with its row made to fit: then the seal tells.
    let alter = |centre: &Centre| {
        let file = first_package(centre, DAY);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[128 + 54 + 3] ^= 1; // balance after, which no sum covers
        std::fs::write(&file, bytes).unwrap();
        file
    };
    check("package", &["package_altered", "seal_invalid", "not_rederived"], &|centre| drop(alter(centre)));
    check("package and row", &["seal_invalid", "package_list"], &|centre| {
        let before = digest(&first_package(centre, DAY));
        let after = digest(&alter(centre));
        tamper(centre, &[&format!("UPDATE packages SET digest = '{after}' WHERE digest = '{before}'")]);
    });
    check("package gone", &["package_missing"], &|centre| {
        std::fs::remove_file(first_package(centre, DAY)).unwrap();
    });
    // A rewound sequence: the last package of a collector renumbered, or taken out of its window.
    check("sequence rewound", &["package_missing", "package_list"], &|centre| {
        tamper(
            centre,
            &[
                "UPDATE packages SET sequence = sequence + 100 WHERE window_id = 1 AND (collector, sequence) = \
               (SELECT collector, MAX(sequence) FROM packages WHERE window_id = 1)",
            ],
        );
    });
    check("package taken out", &["package_list", "window_counters", "not_rederived"], &|centre| {
        tamper(
            centre,
            &["DELETE FROM packages WHERE window_id = 1 AND (collector, sequence) = \
               (SELECT collector, MAX(sequence) FROM packages WHERE window_id = 1)"],
        );
    });
    check("chain", &["chain_broken", "package_row"], &|centre| {
        tamper(
            centre,
            &["UPDATE packages SET previous_seal = '00000000000000ff' WHERE sequence = 1 AND window_id = 1"],
        );
    });
    // The ledger.
    let unguarded = ["DROP TRIGGER transfers_never_change", "DROP TRIGGER transfers_never_vanish"];
    let ledger = |statement: &'static str| {
        move |centre: &Centre| tamper(centre, &[&unguarded[..], &[statement]].concat())
    };
    check(
        "transfer deleted",
        &["transfer_missing", "balance_differs", "audit_differs"],
        &ledger("DELETE FROM transfers WHERE id = (SELECT MIN(id) FROM transfers)"),
    );
    check(
        "transfer changed",
        &["transfer_altered", "balance_differs"],
        &ledger(
            "UPDATE transfers SET amount_fen = amount_fen + 1 WHERE id = (SELECT MIN(id) FROM transfers)",
        ),
    );
    check(
        "transfer redirected",
        &["unreadable"],
        &ledger("UPDATE transfers SET merchant = 'SHOP0009' WHERE id = (SELECT MIN(id) FROM transfers)"),
    );
    check("balance", &["balance_differs", "ledger_not_zero"], &|centre| {
        tamper(
            centre,
            &["UPDATE balances SET credits_fen = credits_fen + 100 WHERE account LIKE 'merchant:BUS%'"],
        );
    });
    // Settlement, run, results, suspended items.
    check("position", &["position_differs", "audit_differs"], &|centre| {
        tamper(
            centre,
            &["UPDATE positions SET net_fen = net_fen + 1 WHERE participant = 'merchant:BUS00001'"],
        );
    });
    check("totals", &["run_differs", "audit_differs"], &|centre| {
        tamper(
            centre,
            &["UPDATE runs SET totals_json = replace(totals_json, '\"packages\":', '\"packages\":1')"],
        );
    });
    check("digest", &["run_differs", "audit_differs"], &|centre| {
        tamper(
            centre,
            &[
                "UPDATE runs SET digest = replace(digest, substr(digest, 1, 1), 'x') WHERE window_id = 1",
                "UPDATE runs SET digest = replace(digest, 'x', 'f') WHERE window_id = 1",
            ],
        );
    });
    check("package result", &["package_result_differs"], &|centre| {
        tamper(centre, &["UPDATE package_results SET accepted_fen = accepted_fen + 1 WHERE sequence = 1"]);
    });
    check("suspended item", &["suspended_item_differs"], &|centre| {
        tamper(centre, &["UPDATE suspended_items SET amount_fen = amount_fen + 1"]);
    });
    check("suspended item gone", &["suspended_item_differs", "audit_differs"], &|centre| {
        tamper(centre, &["DELETE FROM suspended_items WHERE window_id = 1"]);
    });
    // Windows, registries, keys, lists, the log itself.
    check("window rewound", &["window_state"], &|centre| {
        tamper(centre, &["UPDATE windows SET state = 'cleared', settled_at = NULL WHERE id = 1"]);
    });
    check("registry", &["audit_differs"], &|centre| {
        tamper(centre, &["UPDATE registries SET body = body || ' '"]);
    });
    check("list file", &["list_altered"], &|centre| {
        let file = sorted(&sorted(&vault(centre, "lists")).remove(0)).remove(0);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes.pop();
        std::fs::write(&file, bytes).unwrap();
    });
    check("list row", &["audit_differs"], &|centre| {
        tamper(centre, &["UPDATE deny_lists SET entries = entries + 1 WHERE id = 1"]);
    });
    let log = |statement: &'static str| {
        let unguarded = ["DROP TRIGGER audit_never_changes", "DROP TRIGGER audit_never_vanishes"];
        move |centre: &Centre| tamper(centre, &[&unguarded[..], &[statement]].concat())
    };
    check("log entry", &["audit_broken"], &log("UPDATE audit SET actor = 'os:mallory' WHERE entry = 3"));
    check("log entry gone", &["audit_broken"], &log("DELETE FROM audit WHERE entry = 3"));
    check(
        "log cut off",
        &["window_state"],
        &log("DELETE FROM audit WHERE entry = (SELECT MAX(entry) FROM audit)"),
    );
}
