//! Result files: what collectors are told agrees with the export, and a lost file comes back as it was.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use tongclear_package::{PackageResult, ResultFile, Tally};

use crate::city::{DAY, one_day, three_days};
use crate::program::{Centre, path, sorted};

type Line = HashMap<String, String>;

/// A centre whose window of [`DAY`] is settled.
fn settled(city: &Path, workers: &str) -> Centre {
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY, "--workers", workers]);
    centre
}

/// The bytes of every result file of [`DAY`] by name.
fn files(centre: &Centre) -> BTreeMap<String, Vec<u8>> {
    let folder = centre.data().join("vault/results").join(DAY);
    let name = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    sorted(&folder).iter().map(|file| (name(file), std::fs::read(file).unwrap())).collect()
}

/// The exported records of [`DAY`] by collector and sequence.
fn export(centre: &Centre) -> BTreeMap<(String, u32), Vec<Line>> {
    let file = centre.dir.path().join("export.csv");
    centre.done(&["export", "--window", DAY, "--out", path(&file)]);
    let mut packages: BTreeMap<(String, u32), Vec<Line>> = BTreeMap::new();
    for line in csv::Reader::from_path(&file).unwrap().deserialize() {
        let line: Line = line.unwrap();
        let key = (line["collector"].clone(), line["package_sequence"].parse().unwrap());
        packages.entry(key).or_default().push(line);
    }
    packages
}

/// One package against its exported records.
fn assert_told(package: &PackageResult, mut exported: Vec<Line>) {
    exported.sort_by_key(|line| line["row"].parse::<u32>().unwrap());
    let tally = |disposition: &str| {
        let mine: Vec<&Line> = exported.iter().filter(|it| it["disposition"] == disposition).collect();
        let fen: i64 = mine.iter().map(|it| it["amount_fen"].parse::<i64>().unwrap()).sum();
        (mine.len(), fen)
    };
    let told = |tally: Tally| (usize::try_from(tally.count).unwrap(), tally.amount.get());
    let name = format!("{} {}", package.collector, package.sequence);
    assert_eq!(told(package.accepted), tally("accepted"), "{name}");
    assert_eq!(told(package.duplicate), tally("duplicate"), "{name}");
    assert_eq!(told(package.suspended), tally("suspended"), "{name}");
    assert_eq!(told(package.rejected), tally("rejected"), "{name}");
    let lines: Vec<[String; 5]> = package
        .unpaid
        .iter()
        .map(|it| {
            let verdict = it.outcome.verdict();
            [
                it.row.to_string(),
                it.terminal.to_string(),
                it.terminal_number.0.to_string(),
                verdict.disposition().name().to_owned(),
                verdict.reason().map_or("", |reason| reason.name()).to_owned(),
            ]
        })
        .collect();
    let columns = ["row", "terminal", "terminal_number", "disposition", "reason"];
    let expected: Vec<[String; 5]> = exported
        .iter()
        .filter(|line| line["disposition"] != "accepted")
        .map(|line| columns.map(|column| line[column].clone()))
        .collect();
    assert_eq!(lines, expected, "{name}");
}

#[test]
fn every_record_that_was_not_accepted_is_told_to_its_collector_once() {
    let centre = settled(three_days(), "2");
    let mut exported = export(&centre);
    let mut unpaid = 0;
    for (name, bytes) in files(&centre) {
        let file = ResultFile::parse(&bytes).unwrap();
        assert_eq!(file.to_bytes(), bytes, "{name}");
        assert!(!file.packages.is_empty(), "{name}");
        for package in file.packages {
            assert_eq!(name, format!("{}.csv", package.collector));
            let key = (package.collector.to_string(), package.sequence.0);
            unpaid += package.unpaid.len();
            assert_told(&package, exported.remove(&key).unwrap_or_default());
        }
    }
    assert!(exported.is_empty(), "packages without a result: {:?}", exported.keys());
    let show = centre.json(&["settlement", "show", "--window", DAY]);
    let count = |disposition: &str| show["dispositions"][disposition]["count"].as_u64().unwrap();
    assert_eq!(unpaid as u64, count("duplicate") + count("suspended") + count("rejected"));
    assert!(unpaid > 0, "the city has anomalies");
}

#[test]
fn workers_and_order_of_arrival_leave_no_trace() {
    let city = three_days();
    let forward = files(&settled(city, "1"));
    let centre = Centre::of_city(city);
    for package in sorted(&city.join("packages").join(DAY)).iter().rev() {
        centre.done(&["intake", path(package)]);
    }
    centre.done(&["night", "--date", DAY, "--workers", "3"]);
    assert_eq!(forward, files(&centre));
}

#[test]
fn lost_files_come_back_with_the_next_night_or_on_request() {
    let centre = settled(one_day(), "2");
    let written = files(&centre);
    let folder = centre.data().join("vault/results").join(DAY);
    let (lost, _) = written.iter().next().unwrap();
    let collector = lost.strip_suffix(".csv").unwrap();
    let show = ["result", "show", "--window", DAY, "--collector", collector];
    assert_eq!(centre.json(&["night", "--date", DAY])["changed"], false);

    // One file, and the night looks for it.
    std::fs::remove_file(folder.join(lost)).unwrap();
    centre.refused(&show, 5, &["not there", "result write"]);
    assert_eq!(centre.json(&["result", "list", "--window", DAY])[0]["present"], false);
    assert!(centre.done(&["result", "list", "--window", DAY]).contains("not there"));
    assert_eq!(centre.json(&["night", "--date", DAY])["changed"], true);
    assert_eq!(files(&centre), written);
    assert_eq!(centre.json(&["night", "--date", DAY])["changed"], false);

    // All of them.
    std::fs::remove_dir_all(&folder).unwrap();
    centre.done(&["night", "--date", DAY]);
    assert_eq!(files(&centre), written);

    // Of a window that the night does not look at any more, on request.
    centre.done(&["night", "--date", "2026-11-24"]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(centre.json(&["night", "--date", "2026-11-24"])["changed"], false);
    let again = centre.json(&["result", "write", "--window", DAY]);
    assert_eq!(again["files"], written.len());
    assert_eq!(files(&centre), written);

    // A file that is no longer what was written is not shown.
    let mut changed = written[lost].clone();
    let digit = changed.iter().rposition(|byte| *byte == b',').unwrap() - 1;
    changed[digit] ^= 1;
    std::fs::write(folder.join(lost), &changed).unwrap();
    centre.refused(&show, 5, &["damaged", lost]);
    // One whose checksum is right, too, but which is another collector's.
    let (_, other) = written.iter().nth(1).unwrap();
    std::fs::write(folder.join(lost), other).unwrap();
    centre.refused(&show, 5, &["not say what the run committed"]);
}

#[test]
fn files_are_listed_shown_and_copied() {
    let centre = settled(one_day(), "2");
    let written = files(&centre);
    let list = centre.json(&["result", "list", "--window", DAY]);
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), written.len());
    for entry in list {
        let collector = entry["collector"].as_str().unwrap();
        let bytes = &written[&format!("{collector}.csv")];
        assert_eq!(&std::fs::read(entry["path"].as_str().unwrap()).unwrap(), bytes);
        let file = ResultFile::parse(bytes).unwrap();
        assert_eq!(entry["packages"], file.packages.len());
        let accepted: u64 = file.packages.iter().map(|it| u64::from(it.accepted.count)).sum();
        assert_eq!(entry["accepted"]["count"], accepted);
    }
    let collector = list[0]["collector"].as_str().unwrap();
    let bytes = &written[&format!("{collector}.csv")];
    let show = ["result", "show", "--window", DAY, "--collector", collector];
    assert_eq!(centre.done(&show).as_bytes(), bytes);
    let file = ResultFile::parse(bytes).unwrap();
    let shown = centre.json(&show);
    assert_eq!(shown["path"], list[0]["path"]);
    let packages = shown["packages"].as_array().unwrap();
    assert_eq!(packages.len(), file.packages.len());
    for (shown, package) in packages.iter().zip(&file.packages) {
        assert_eq!(shown["sequence"], package.sequence.0);
        assert_eq!(shown["unpaid"].as_array().unwrap().len(), package.unpaid.len());
        assert_eq!(shown["rejected"]["amount_fen"], package.rejected.amount.get());
    }

    // Into a folder that is not there yet: one, then all.
    let out = centre.dir.path().join("to/collectors");
    centre.done(&[&show[..], &["--out", path(&out)]].concat());
    assert_eq!(&std::fs::read(out.join(format!("{collector}.csv"))).unwrap(), bytes);
    centre.done(&["--lang", "zh", "result", "list", "--window", DAY, "--out", path(&out)]);
    let copies: Vec<Vec<u8>> = sorted(&out).iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert_eq!(copies, written.into_values().collect::<Vec<_>>());

    let stranger = ["result", "show", "--window", DAY, "--collector", "ffffffffffff"];
    centre.refused(&stranger, 3, &["ffffffffffff", "no packages"]);
    centre.refused(&["result", "list", "--window", "2026-11-30"], 3, &["no window 2026-11-30"]);
}

#[test]
fn nobody_is_told_before_the_window_is_settled() {
    let centre = Centre::of_city(one_day());
    centre.done(&["intake", path(&one_day().join("packages"))]);
    centre.done(&["window", "close", "--date", DAY]);
    centre.refused(&["result", "list", "--window", DAY], 3, &["tongclear clear"]);
    centre.done(&["clear", "--window", DAY]);
    centre.refused(&["result", "write", "--window", DAY], 3, &["tongclear settle"]);
    assert!(!centre.data().join("vault/results").exists());
}
