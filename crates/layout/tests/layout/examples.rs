//! The worked examples of `docs/layouts.md`: committed files, made again here; `UPDATE_FIXTURES=1` writes them.

use tongclear_layout::{Profile, pack};
use tongclear_mac::KeyFile;
use tongclear_package::{
    NotAccepted, PackageHeaderFields, PackageResult, PackageView, ResultFile, Tally, UnpaidRecord,
    encode_record,
};
use tongclear_types::{Fen, PackageSequence, Reason, TransactionRecord};

use crate::sample::{FOLDER, rides, sales, shop, text, validator};

/// The committed file holds `bytes`.
fn check_file(name: &str, bytes: &[u8]) {
    let path = format!("{FOLDER}/{name}");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let found = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(found == bytes, "{path} is not what this test makes; UPDATE_FIXTURES=1 writes it");
}

/// The input is what a terminal of that layout writes of `records`, and means them; `tongclear layout result` tells
/// of them what the result file says.
fn check(
    profile: &Profile,
    name: &str,
    extension: &str,
    records: &[TransactionRecord],
    header: &PackageHeaderFields,
) {
    let input = profile.write(records).unwrap();
    check_file(&format!("{name}.{extension}"), &input);
    assert_eq!(profile.read(&input).unwrap(), records);
    let lines: String = records.iter().map(|it| hex::encode(encode_record(it)) + "\n").collect();
    check_file(&format!("{name}.expected"), lines.as_bytes());

    let keys = KeyFile::parse(&text("keys.toml")).unwrap();
    let sealed = pack(records.to_vec(), header, keys.seal_master(1).unwrap()).unwrap();
    let [package] = sealed.as_slice() else { panic!("one package") };
    check_file(&package.name, &package.bytes);

    let view = PackageView::reopen(&package.bytes).unwrap();
    let result = result_of(&view);
    check_file(&format!("{name}.centre.csv"), &result.to_bytes());
    check_file(&format!("{name}.result.{extension}"), &profile.result(&view, &result).unwrap());
}

/// A result in which the second record was rejected and the third is a copy.
fn result_of(view: &PackageView<'_>) -> ResultFile {
    let unpaid = |row: u32, outcome| {
        let record = view.record(row).unwrap();
        UnpaidRecord { row, terminal: record.terminal, terminal_number: record.terminal_number, outcome }
    };
    let unpaid =
        vec![unpaid(1, NotAccepted::Refused(Reason::TacMismatch)), unpaid(2, NotAccepted::Duplicate)];
    let fen =
        |rows: &[u32]| Fen::try_sum(rows.iter().map(|row| view.record(*row).unwrap().amount())).unwrap();
    let others: Vec<u32> = (0..view.header().record_count).filter(|row| ![1, 2].contains(row)).collect();
    let tally = |rows: &[u32]| Tally { count: u32::try_from(rows.len()).unwrap(), amount: fen(rows) };
    let package = PackageResult {
        collector: view.header().collector,
        sequence: view.header().sequence,
        accepted: tally(&others),
        duplicate: tally(&[2]),
        suspended: Tally::default(),
        rejected: tally(&[1]),
        unpaid,
    };
    ResultFile { packages: vec![package] }
}

fn header(merchant: &str, collector: &str) -> PackageHeaderFields {
    PackageHeaderFields {
        merchant: merchant.parse().unwrap(),
        collector: collector.parse().unwrap(),
        sequence: PackageSequence(1),
        created_at_unix_s: 1_795_440_000,
        seal_key_version: 1,
        previous_seal: [0; 8],
    }
}

#[test]
fn the_validator_example_is_what_the_committed_files_say() {
    check(&validator(), "validator-fixed", "dat", &rides(), &header("BUS00001", "6510000000f1"));
}

#[test]
fn the_shop_example_is_what_the_committed_files_say() {
    check(&shop(), "shop-csv", "csv", &sales(), &header("SHOP0001", "6510000000f2"));
}

#[test]
fn every_file_of_the_folder_belongs_to_an_example() {
    let known = [
        "validator-fixed.toml",
        "validator-fixed.dat",
        "validator-fixed.expected",
        "validator-fixed.centre.csv",
        "validator-fixed.result.dat",
        "shop-csv.toml",
        "shop-csv.csv",
        "shop-csv.expected",
        "shop-csv.centre.csv",
        "shop-csv.result.csv",
        "6510000000f1-0000000001.ctp",
        "6510000000f2-0000000001.ctp",
        "keys.toml",
        "registry",
    ];
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&&*name), "{name} is no file of an example");
    }
}

#[test]
fn a_result_of_another_package_is_refused() {
    let profile = shop();
    let keys = KeyFile::parse(&text("keys.toml")).unwrap();
    let sealed = pack(sales(), &header("SHOP0001", "6510000000f2"), keys.seal_master(1).unwrap()).unwrap();
    let view = PackageView::reopen(&sealed[0].bytes).unwrap();
    let right = result_of(&view);
    let refused = |change: &dyn Fn(&mut PackageResult), expected: &str| {
        let mut file = right.clone();
        change(&mut file.packages[0]);
        assert_eq!(profile.result(&view, &file).unwrap_err().to_string(), expected);
    };
    refused(
        &|it| it.sequence = PackageSequence(2),
        "the result file has no line for package 1 of collector 6510000000f2",
    );
    refused(&|it| it.accepted.count = 2, "records is 4 in the result file, expected 3 as in the package");
    refused(
        &|it| it.unpaid[0].terminal_number.0 = 13,
        "terminal_number of row 1 is 13 in the result file, expected 12 as in the package",
    );
    refused(&|it| it.unpaid[1].row = 7, "row is 7 in the result file, expected below 3 as in the package");
    let without = Profile::parse(text("shop-csv.toml").split("[result]").next().unwrap()).unwrap();
    assert_eq!(
        without.result(&view, &right).unwrap_err().to_string(),
        "the profile \"Shop tills\" has no [result]"
    );
}
