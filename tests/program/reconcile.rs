//! Reconciliation with card operators from the outside: what a file changes, what changes nothing, and that nobody can tell
//! which computer did it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tongclear_test_postgres::Cluster;

use crate::check::{change_parquet, digest, found, tamper};
use crate::city::{DAY, town_of_few_partitions};
use crate::program::{Centre, path, sorted};

const NEXT: &str = "2026-11-24";
/// The operator of most cards.
const OPERATOR: &str = "0417";
/// The columns of a file.
const HEADER: &str = "issuer_id,serial,tti,counter,terminal,terminal_number,amount_fen,date,time,status\n";
/// What reconciliation keeps in the vault.
const FOLDERS: [&str; 2] = ["operators", "reconciliation"];

/// A centre that has settled both days of the town, made once and copied for each test.
fn settled() -> Centre {
    static CENTRE: OnceLock<Centre> = OnceLock::new();
    Centre::copy_of(&CENTRE.get_or_init(|| two_nights(Centre::absent())).data())
}

fn two_nights(centre: Centre) -> Centre {
    let town = town_of_few_partitions();
    let centre = centre.knows(town);
    for day in [DAY, NEXT] {
        centre.done(&["intake", path(&town.join("packages").join(day))]);
        centre.done(&["night", "--date", day]);
    }
    centre
}

/// The file of the simulated operator for `day`.
fn sent(day: &str) -> PathBuf {
    town_of_few_partitions().join(format!("operators/{OPERATOR}-{day}.csv"))
}

/// Header and lines of a file, without its trailer.
fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.starts_with("CRC:")).map(str::to_owned).collect()
}

/// Lines of the first day that agree with records of its window, without the header.
fn good_lines() -> Vec<String> {
    let file = sent(DAY);
    let truth = std::fs::read_to_string(file.with_file_name("truth.csv")).unwrap();
    let (name, lines) = (file.file_name().unwrap().to_str().unwrap(), lines(&file));
    let good = truth.lines().filter_map(|row| {
        let columns: Vec<&str> = row.split(',').collect();
        let good = (columns[1], columns[3], columns[10]) == (name, "matched", DAY);
        good.then(|| lines[columns[2].parse::<usize>().unwrap() - 1].clone())
    });
    let good: Vec<String> = good.filter(|line| line.contains(",20261123,")).take(20).collect();
    assert_eq!(good.len(), 20);
    good
}

/// A line with another value in a column.
fn with(line: &str, column: &str, value: &str) -> String {
    let at = HEADER.trim_end().split(',').position(|name| name == column).unwrap();
    let mut fields: Vec<&str> = line.split(',').collect();
    fields[at] = value;
    fields.join(",")
}

/// Writes a file of `lines` with header and trailer into the centre's folder.
fn write(centre: &Centre, name: &str, lines: &[String]) -> PathBuf {
    let mut text = HEADER.to_owned();
    lines.iter().for_each(|line| text.extend([line, "\n"]));
    text.push_str(&format!("CRC:{:08x}\n", crc32fast::hash(text.as_bytes())));
    let file = centre.dir.path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// What is kept of all runs: their list, and every file of the vault with its digest.
fn kept(centre: &Centre) -> (Value, BTreeMap<String, String>) {
    let mut files = BTreeMap::new();
    let mut waiting = FOLDERS.map(|folder| centre.data().join("vault").join(folder)).to_vec();
    while let Some(folder) = waiting.pop().filter(|folder| folder.exists()) {
        for file in sorted(&folder) {
            if file.is_dir() {
                waiting.push(file);
            } else {
                let sha256 = hex::encode(Sha256::digest(std::fs::read(&file).unwrap()));
                files.insert(file.strip_prefix(centre.data()).unwrap().display().to_string(), sha256);
            }
        }
    }
    (centre.json(&["reconcile", "list"]), files)
}

/// Takes a file in; lines that are not taken are no failure of these tests.
#[track_caller]
fn take(centre: &Centre, file: &Path, day: &str, more: &[&str]) -> Value {
    let arguments = ["reconcile", "--json", "--operator", OPERATOR, "--date", day, "--file", path(file)];
    let ended = centre.run(&[&arguments, more].concat());
    let said: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}", ended.err));
    assert_eq!(ended.code, if said["file"]["not_taken"] == 0 { 0 } else { 3 }, "{}", ended.err);
    said
}

fn count(said: &Value, pointer: &str) -> u64 {
    said.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer} in {said:#}"))
}

/// All that the simulated operators sent, in the order in which it came.
fn everything(centre: &Centre, workers: &str) -> Vec<Value> {
    let operators = town_of_few_partitions().join("operators");
    let arrivals = std::fs::read_to_string(operators.join("arrivals.csv")).unwrap();
    let runs = arrivals.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split(',').collect();
        let file = operators.join(columns[3]);
        let command = ["reconcile", "--json", "--workers", workers, "--operator", columns[1]];
        let ended = centre.run(&[&command[..], &["--date", columns[2], "--file", path(&file)]].concat());
        assert!(matches!(ended.code, 0 | 3), "{line}: {}{}", ended.out, ended.err);
        serde_json::from_str::<Value>(&ended.out).unwrap()["digest"].clone()
    });
    let digests = runs.collect();
    // Without an operator: all of them, nothing new on their side.
    let last = centre.json(&["reconcile", "--date", "2026-11-30", "--workers", workers]);
    assert_eq!(last.as_array().unwrap().len(), 3);
    digests
}

/// A centre that has taken everything in, made once.
fn reconciled() -> &'static Centre {
    static CENTRE: OnceLock<Centre> = OnceLock::new();
    CENTRE.get_or_init(|| {
        let centre = settled();
        everything(&centre, "2");
        centre
    })
}

#[test]
fn workers_and_database_leave_no_trace() {
    let two = kept(reconciled());
    assert!(two.1.len() > 20, "{:?}", two.1);
    let one = settled();
    let digests = everything(&one, "1");
    assert_eq!(kept(&one), two);
    let postgres = two_nights(Centre::absent_on(Cluster::shared().database()));
    assert_eq!(everything(&postgres, "3"), digests);
    assert_eq!(kept(&postgres), two);
    assert_eq!(postgres.json(&["check"])["holds"], true);
}

#[test]
fn the_same_file_counts_once_whatever_day_it_comes_for() {
    let centre = settled();
    let file = sent(DAY);
    let first = take(&centre, &file, DAY, &[]);
    let before = kept(&centre);
    for day in [DAY, NEXT] {
        let again = ["reconcile", "--operator", OPERATOR, "--date", day, "--file", path(&file)];
        centre.refused(&again, 0, &["run 1 (for 2026-11-23) has taken this file in: nothing changed"]);
        assert_eq!(centre.json(&again)["digest"], first["digest"]);
        assert_eq!(kept(&centre), before);
    }
    assert_eq!(centre.json(&["check"])["holds"], true);
}

#[test]
fn a_part_and_then_the_whole_is_the_whole() {
    let good = good_lines();
    let whole = settled();
    let (part, all) = (write(&whole, "part.csv", &good[..6]), write(&whole, "all.csv", &good));
    let at_once = take(&whole, &all, DAY, &[]);
    let parted = settled();
    let first = take(&parted, &part, DAY, &[]);
    assert_eq!((count(&first, "/file/lines"), count(&first, "/states/matched/count")), (6, 6));
    let second = take(&parted, &all, DAY, &[]);
    assert_eq!(count(&second, "/file/repeated"), 6);
    assert_eq!(count(&second, "/file/taken/count"), count(&at_once, "/file/taken/count") - 6);
    for state in ["ours_only", "theirs_only"] {
        assert_eq!(second["states"][state], at_once["states"][state], "{state}");
    }
    // What is open and comes again is no more an item than what has matched.
    let unknown = with(&with(&good[0], "terminal_number", "77"), "counter", "65000");
    let stranger = write(&parted, "stranger.csv", std::slice::from_ref(&unknown));
    let third = take(&parted, &stranger, DAY, &[]);
    let open = count(&third, "/states/theirs_only/count");
    let again = write(&parted, "again.csv", &[good[1].clone(), unknown]);
    let fourth = take(&parted, &again, DAY, &[]);
    assert_eq!((count(&fourth, "/file/repeated"), count(&fourth, "/states/theirs_only/count")), (2, open));
}

#[test]
fn a_late_file_finds_what_waits_for_it() {
    let centre = settled();
    let second = take(&centre, &sent(NEXT), NEXT, &[]);
    assert_eq!(second["as_of"], NEXT);
    let waiting = count(&second, "/states/ours_only/count");
    let aged = centre.json(&["reconcile", "--operator", OPERATOR, "--date", "2026-11-27"]);
    assert_eq!((aged["file"].is_null(), count(&aged, "/breaks/ours/count")), (true, waiting));
    let first = take(&centre, &sent(DAY), DAY, &[]);
    assert_eq!((&first["business_date"], &first["as_of"]), (&DAY.into(), &"2026-11-27".into()));
    let matched = count(&first, "/states/matched/count") + count(&first, "/states/mismatch/count");
    assert!(matched > 0 && count(&first, "/states/ours_only/count") == waiting - matched, "{first:#}");
    assert_eq!(centre.json(&["check"])["holds"], true);
}

#[test]
fn what_is_refused_changes_nothing() {
    let good = good_lines();
    let centre = settled();
    take(&centre, &write(&centre, "first.csv", &good[..5]), DAY, &[]);
    let before = kept(&centre);
    let letter = with(&good[6], "amount_fen", "2x0");
    let stranger = with(&good[7], "issuer_id", "01656900ffffffff");
    let future = with(&good[8], "date", "20261125");
    let other_day = with(&good[9], "date", "20261122");
    let file = |name: &str, lines: &[&String]| {
        write(&centre, name, &lines.iter().map(|line| (*line).clone()).collect::<Vec<_>>())
    };
    let raw = |name: &str, bytes: Vec<u8>| {
        let file = centre.dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let honest = std::fs::read(file("honest.csv", &[&good[6], &good[7]])).unwrap();
    let mut wrong_crc = honest.clone();
    let last = wrong_crc.len() - 2;
    wrong_crc[last] = if wrong_crc[last] == b'0' { b'1' } else { b'0' };
    let stated = String::from_utf8(wrong_crc[last - 7..=last].to_vec()).unwrap();
    let no_trailer = honest[..honest.len() - 13].to_vec();
    let mut no_header = honest.clone();
    no_header[0] = b'x';
    let only = "not one of 1 lines can be taken; the first: line 2: ";
    // A file, for which day, the exit code, and what is said.
    let table: &[(PathBuf, &str, i32, &[&str])] = &[
        (raw("crc.csv", wrong_crc), DAY, 3, &["line 4", &stated]),
        (raw("cut.csv", no_trailer), DAY, 3, &["line 3", "trailer", "CRC:"]),
        (raw("header.csv", no_header), DAY, 3, &["line 1", "columns", "xssuer_id", "issuer_id,serial"]),
        (raw("nothing.csv", Vec::new()), DAY, 3, &["line 1"]),
        (file("letter.csv", &[&letter]), DAY, 3, &[only, "amount_fen is ", "2x0", "an amount in fen"]),
        (
            file("stranger.csv", &[&stranger]),
            DAY,
            3,
            &[only, "issuer_id is 01656900ffffffff", "04176510ffffffff"],
        ),
        (file("future.csv", &[&future]), DAY, 3, &[only, "date is 20261125", "at most 20261124"]),
        (
            file("bad.csv", &[&future, &letter, &stranger]),
            DAY,
            3,
            &["not one of 3 lines", "line 2: date is 20261125"],
        ),
        (
            file("yesterday.csv", &[&other_day]),
            DAY,
            3,
            &["wrong day", "not one of 1 lines is dated 2026-11-23", "--other-days"],
        ),
        (file("today.csv", &[&good[9]]), "2026-11-28", 3, &["wrong day", "2026-11-28", "--other-days"]),
        (centre.dir.path().join("absent.csv"), DAY, 2, &["absent.csv"]),
    ];
    for (file, day, code, words) in table {
        let arguments = ["reconcile", "--operator", OPERATOR, "--date", day, "--file", path(file)];
        centre.refused(&arguments, *code, words);
        assert_eq!(kept(&centre), before, "{}", file.display());
    }
    let file = path(&table[9].0);
    let unknown = ["reconcile", "--operator", "0999", "--date", DAY, "--file", file];
    centre.refused(&unknown, 3, &["operator is 0999", "0101, 0165, 0417"]);
    centre.refused(&["reconcile", "--date", DAY, "--file", file], 2, &["--operator"]);
    centre.refused(&["reconcile", "--operator", OPERATOR, "--file", file], 2, &["--date"]);
    assert_eq!(kept(&centre), before);
    assert_eq!(centre.json(&["check"])["holds"], true);
    // The day that the caller insists on.
    let said = take(&centre, &table[9].0, "2026-11-28", &["--other-days"]);
    assert_eq!((count(&said, "/run"), count(&said, "/states/matched/count")), (2, 1));
}

#[test]
fn bad_lines_are_named_and_the_others_count() {
    let good = good_lines();
    let mut bent = good.clone();
    bent[1] = with(&good[1], "amount_fen", "2x0");
    bent[2] = with(&good[2], "issuer_id", "01656900ffffffff");
    bent[3] = with(&good[3], "date", "20261125");
    bent[4] = format!("{},", good[4]);
    bent.push(good[0].clone());
    let centre = settled();
    let file = write(&centre, "bent.csv", &bent);
    let arguments = ["reconcile", "--operator", OPERATOR, "--date", DAY, "--file", path(&file)];
    let copy = Centre::copy_of(&centre.data());
    let (lines, taken) = (u64::try_from(bent.len()).unwrap(), u64::try_from(good.len()).unwrap() - 4);
    let twice = lines + 1;
    copy.refused(
        &[&arguments[..], &["--lang", "en"]].concat(),
        3,
        &[
            "line 3: amount_fen is ",
            "line 4: issuer_id is 01656900ffffffff, expected 04176510ffffffff, the issuer id of operator 0417",
            "line 5: date is 20261125, expected at most 20261124",
            "line 6: ",
            &format!("line {twice}: duplicate_line is the same ten fields"),
        ],
    );
    let said = take(&centre, &file, DAY, &[]);
    for (pointer, expected) in [
        ("/file/lines", lines),
        ("/file/taken/count", taken),
        ("/file/not_taken", 4),
        ("/file/duplicate_lines", 1),
        ("/states/matched/count", taken),
        ("/states/theirs_only/count", 0),
    ] {
        assert_eq!(count(&said, pointer), expected, "{pointer}");
    }
    assert_eq!(said["digest"], copy.json(&["reconcile", "show", "--operator", OPERATOR])["digest"]);
    // A file without transactions is one, and only a line twice is no fault.
    let empty = take(&centre, &write(&centre, "empty.csv", &[]), NEXT, &[]);
    assert_eq!((count(&empty, "/run"), count(&empty, "/file/lines")), (2, 0));
    let twice = settled();
    let file = write(&twice, "twice.csv", &[good[0].clone(), good[0].clone()]);
    let said = take(&twice, &file, DAY, &[]);
    assert_eq!((count(&said, "/file/duplicate_lines"), count(&said, "/states/matched/count")), (1, 1));
    assert_eq!(centre.json(&["check"])["holds"], true);
}

#[test]
fn a_window_that_waits_is_cleared_first() {
    let centre = settled();
    centre.done(&["window", "close", "--date", "2026-11-25"]);
    let file = sent(NEXT);
    // An earlier day needs no window of a later one.
    take(&centre, &file, NEXT, &[]);
    let before = kept(&centre);
    let late = ["reconcile", "--operator", OPERATOR, "--date", "2026-11-25"];
    centre.refused(&late, 4, &["window 2026-11-25 is closed", "tongclear clear --window 2026-11-25"]);
    let first = write(&centre, "late.csv", &good_lines());
    centre.refused(&[&late[..], &["--other-days", "--file", path(&first)]].concat(), 4, &["2026-11-25"]);
    assert_eq!(kept(&centre), before);
    centre.done(&["clear", "--window", "2026-11-25"]);
    centre.done(&late);
}

#[test]
fn backup_and_restore_carry_what_is_open() {
    let centre = Centre::copy_of(&reconciled().data());
    let out = centre.dir.path().join("backup");
    centre.done(&["backup", "--out", path(&out)]);
    let restored = Centre::absent();
    restored.done(&["restore", path(&out)]);
    assert_eq!(kept(&restored), kept(&centre));
    let next = |centre: &Centre| {
        let next = centre.json(&["reconcile", "--operator", OPERATOR, "--date", "2026-12-01"]);
        assert!(count(&next, "/proof/ours/opening/count") > 0);
        next["digest"].clone()
    };
    assert_eq!(next(&restored), next(&centre));
    assert_eq!(restored.json(&["check"])["holds"], true);
}

#[test]
fn tampering_is_named() {
    let check = |what: &str, expected: &[&str], change: &dyn Fn(&Centre)| {
        let centre = Centre::copy_of(&reconciled().data());
        change(&centre);
        let (kinds, report) = found(&centre);
        for kind in expected {
            assert!(kinds.iter().any(|it| it == kind), "{what}: {kind} is not found in {report:#}");
        }
    };
    let file = |centre: &Centre, kind: &str| {
        let first = sorted(&centre.data().join(format!("vault/reconciliation/{OPERATOR}"))).remove(0);
        sorted(&first).into_iter().find(|file| path(file).contains(kind)).unwrap()
    };
    check("nothing", &[], &|_| ());
    check("an open item", &["reconciliation_differs"], &|centre| {
        change_parquet(&file(centre, "open-"), "amount_fen", |fen| fen + 1);
    });
    check("a pair and its digest", &["reconciliation_differs", "audit_differs"], &|centre| {
        let file = file(centre, "pairs-");
        change_parquet(&file, "terminal_number", |number| number + 1);
        let name = file.strip_prefix(centre.data().join("vault")).unwrap().display().to_string();
        let update =
            format!("UPDATE reconciliation_files SET digest = '{}' WHERE path = '{name}'", digest(&file));
        tamper(centre, &[&update]);
    });
    check("a file gone", &["reconciliation_differs"], &|centre| {
        std::fs::remove_file(file(centre, "pairs-")).unwrap();
    });
    check("the operator's file", &["operator_file_altered", "not_rederived"], &|centre| {
        let file = sorted(&centre.data().join(format!("vault/operators/{OPERATOR}"))).remove(0);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replacen(",ok\n", ",refused:no\n", 1)).unwrap();
    });
    check("the operator's file gone", &["operator_file_altered", "not_rederived"], &|centre| {
        let file = sorted(&centre.data().join(format!("vault/operators/{OPERATOR}"))).remove(0);
        std::fs::remove_file(file).unwrap();
    });
    let rows: &[(&str, &[&str], &str)] = &[
        (
            "figures",
            &["reconciliation_differs"],
            "UPDATE reconciliations SET figures_json = replace(figures_json, '\"lines\":', '\"lines\":1') \
             WHERE run = 1 AND operator = '0417'",
        ),
        (
            "digest",
            &["reconciliation_differs", "audit_differs"],
            "UPDATE reconciliations SET digest = replace(digest, substr(digest, 1, 1), 'f') || '' \
             WHERE run = 2 AND operator = '0417' AND substr(digest, 1, 1) <> 'f'",
        ),
        (
            "as of",
            &["reconciliation_differs"],
            "UPDATE reconciliations SET as_of = '2026-11-29' WHERE run = 1 AND operator = '0417'",
        ),
        (
            "the list of files",
            &["audit_differs"],
            "DELETE FROM reconciliation_files WHERE run = 1 AND operator = '0165'",
        ),
    ];
    for (what, expected, statement) in rows {
        check(what, expected, &|centre| tamper(centre, &[statement]));
    }
    check("a run gone", &["audit_differs"], &|centre| {
        let last =
            "operator = '0101' AND run = (SELECT MAX(run) FROM reconciliations WHERE operator = '0101')";
        let files = format!("DELETE FROM reconciliation_files WHERE {last}");
        tamper(centre, &[&files, &format!("DELETE FROM reconciliations WHERE {last}")]);
    });
}
