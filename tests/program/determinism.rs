//! The same accepted packages give the same bytes, whoever clears them and however they arrived.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::city::{DAY, three_days};
use crate::program::{Centre, RESULTS, path, sorted};

/// Every file below the vault's results, by name, with its digest.
pub(crate) fn results(centre: &Centre) -> Vec<(String, String)> {
    let vault = centre.data().join("vault");
    let mut waiting = RESULTS.map(|folder| vault.join(folder)).to_vec();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for file in sorted(&folder) {
            if file.is_dir() {
                waiting.push(file);
            } else {
                let name = file.strip_prefix(&vault).unwrap().display().to_string();
                found.push((name, hex::encode(Sha256::digest(std::fs::read(&file).unwrap()))));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn workers_memory_and_order_of_arrival_leave_no_trace() {
    let city = three_days();
    let mut packages = sorted(&city.join("packages").join(DAY));
    let clear = |workers: &str, memory: &str, packages: &[std::path::PathBuf]| {
        let centre = Centre::of_city(city);
        let arguments: Vec<&str> =
            std::iter::once("intake").chain(packages.iter().map(|file| path(file))).collect();
        centre.done(&arguments);
        let second = city.join("packages/2026-11-24");
        let mut digests = Vec::new();
        for (day, more) in [(DAY, None::<&Path>), ("2026-11-24", Some(&second))] {
            if let Some(more) = more {
                centre.done(&["intake", path(more)]);
            }
            let night = centre.json(&["night", "--date", day, "--workers", workers, "--memory", memory]);
            digests.push(night["settlement"]["digest"].as_str().unwrap().to_owned());
        }
        (digests, results(&centre))
    };
    let one = clear("1", "4G", &packages);
    assert!(one.1.len() > 3 * 64, "detail, what was not accepted, and card state of 64 partitions");
    packages.reverse();
    // So little memory that every partition is judged in a pass of its own.
    let two = clear("2", "1M", &packages);
    let third = packages.len() / 3;
    packages.rotate_left(third);
    let three = clear("3", "200M", &packages);
    assert_eq!(one.0, two.0);
    assert_eq!(one.0, three.0);
    assert_eq!(one.1, two.1);
    assert_eq!(one.1, three.1);
}

#[test]
fn both_export_formats_hold_the_same_records() {
    use parquet::file::reader::FileReader as _;
    let city = three_days();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY]);
    let csv_file = centre.dir.path().join("export.csv");
    let parquet_file = centre.dir.path().join("export.parquet");
    centre.done(&["export", "--window", DAY, "--out", path(&csv_file)]);
    centre.done(&["export", "--window", DAY, "--out", path(&parquet_file), "--format", "parquet"]);

    let mut csv = csv::Reader::from_path(&csv_file).unwrap();
    let header: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
    let parquet =
        parquet::file::reader::SerializedFileReader::new(std::fs::File::open(&parquet_file).unwrap())
            .unwrap();
    let mut rows = parquet.get_row_iter(None).unwrap();
    let mut sorted_by = Vec::new();
    for line in csv.records() {
        let (line, row) = (line.unwrap(), rows.next().unwrap().unwrap());
        let columns: Vec<(String, String)> = row
            .get_column_iter()
            .map(|(name, field)| {
                let text = match field {
                    parquet::record::Field::Null => String::new(),
                    parquet::record::Field::Str(text) => text.clone(),
                    number => number.to_string(),
                };
                (name.clone(), text)
            })
            .collect();
        let expected: Vec<(String, String)> =
            header.iter().cloned().zip(line.iter().map(str::to_owned)).collect();
        assert_eq!(columns, expected);
        let chain = u8::from(&line[6] == "02");
        let counter: u32 = line[if chain == 1 { 8 } else { 7 }].parse().unwrap();
        sorted_by.push((
            line[4].to_owned(),
            line[5].to_owned(),
            chain,
            counter,
            line[15].to_owned(),
            line[16].to_owned(),
        ));
    }
    assert!(rows.next().is_none());
    assert!(sorted_by.is_sorted(), "by issuer_id, serial, chain, counter, date, time");
}
