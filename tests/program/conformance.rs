//! An integrator's packages: a simulated city's are certified, and every way to break them is named.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use tongclear_mac::KeyFile;
use tongclear_package::{PackageHeaderFields, PackageView, write_package};
use tongclear_types::{RecordFlags, TransactionRecord};

use crate::city::DAY;
use crate::program::{Centre, copy_folder, path, program, sorted};

/// A city of two days in which nothing went wrong; its last package has a supplementary record, as a certificate
/// demands.
fn good_city() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    CITY.get_or_init(|| {
        let city = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-city");
        if city.exists() {
            std::fs::remove_dir_all(&city).unwrap();
        }
        let size = ["--cards", "300", "--transactions", "600", "--terminals", "60", "--days", "2"];
        let status = Command::new(program())
            .args(["simulate", "--out", path(&city), "--seed", "7", "--date", DAY, "--anomalies", "0"])
            .args(size)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        change(&city, |record| record.flags = RecordFlags(RecordFlags::SUPPLEMENTARY));
        city
    })
}

/// The city's last package of the last day with records.
fn last_package(city: &Path) -> PathBuf {
    let days = sorted(&city.join("packages"));
    let packages = sorted(days.last().unwrap());
    let has_records = |file: &&PathBuf| std::fs::metadata(file).unwrap().len() > 160;
    packages.iter().rev().find(has_records).unwrap().clone()
}

/// Changes the last record of the last package and seals it again with the city's key.
fn change(city: &Path, change: impl Fn(&mut TransactionRecord)) {
    let file = last_package(city);
    let bytes = std::fs::read(&file).unwrap();
    let view = PackageView::reopen(&bytes).unwrap();
    let header = *view.header();
    let mut records: Vec<TransactionRecord> = view.records().collect();
    change(records.last_mut().unwrap());
    let fields = PackageHeaderFields {
        merchant: header.merchant,
        collector: header.collector,
        sequence: header.sequence,
        created_at_unix_s: header.created_at_unix_s,
        seal_key_version: header.seal_key_version,
        previous_seal: header.previous_seal,
    };
    let keys = KeyFile::parse(&std::fs::read_to_string(city.join("keys.toml")).unwrap()).unwrap();
    let master = keys.seal_master(header.seal_key_version).unwrap();
    std::fs::write(&file, write_package(&fields, &records, master)).unwrap();
}

/// A copy of the good city, to be broken.
fn copy() -> TempDir {
    let dir = TempDir::new().unwrap();
    copy_folder(good_city(), dir.path());
    dir
}

/// Examines a city's packages; returns the exit code and what was found.
fn examine(city: &Path, out: &Path) -> (i32, Value) {
    let centre = Centre::absent();
    let ended = centre.run(&[
        "conformance",
        path(&city.join("packages")),
        "--registry",
        path(&city.join("registry")),
        "--keys",
        path(&city.join("keys.toml")),
        "--out",
        path(out),
        "--json",
    ]);
    assert!(!centre.data().exists(), "examining makes nothing but its verdict");
    (ended.code, serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}{}", ended.out, ended.err)))
}

#[test]
fn a_good_city_gets_a_certificate() {
    let out = TempDir::new().unwrap();
    std::fs::write(out.path().join("failures.csv"), "of yesterday").unwrap();
    let (code, verdict) = examine(good_city(), out.path());
    assert_eq!((code, &verdict["certified"]), (0, &Value::Bool(true)), "{verdict:#}");
    assert_eq!(verdict["counts"]["records"], 1200);
    let names: Vec<_> = sorted(out.path()).iter().map(|it| it.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["certificate.json"]);
    let certificate: Value =
        serde_json::from_slice(&std::fs::read(out.path().join("certificate.json")).unwrap()).unwrap();
    assert_eq!(certificate["checksum"], verdict["checksum"]);
    assert_eq!(certificate["content"]["records"], 1200);
    assert_eq!(certificate["content"]["packages"].as_array().unwrap().len(), verdict["counts"]["packages"]);

    let at = |name: &str| good_city().join(name);
    let (packages, registry, keys) = (at("packages"), at("registry"), at("keys.toml"));
    let arguments = ["--registry", path(&registry), "--keys", path(&keys)];
    let text = |lang: &str| {
        Centre::absent().done(&[&["conformance", path(&packages), "--lang", lang], &arguments[..]].concat())
    };
    assert!(text("en").contains("certified: every rule is kept"), "{}", text("en"));
    assert!(text("zh").contains("符合规范"), "{}", text("zh"));
}

#[test]
fn what_was_broken_is_named() {
    type Change = fn(&mut TransactionRecord);
    let table: [(Change, &str, &str, u64); 5] = [
        (|it| it.tac[0] ^= 1, "tac", "tac_mismatch", 22),
        (|it| it.balance_after_fen ^= 1 << 31, "balance", "balance_arithmetic", 54),
        (|it| it.terminal.0[0] ^= 0xff, "terminal_registered", "unknown_terminal", 5),
        (|it| it.flags.0 |= 0x40, "reserved_flags", "", 63),
        (|it| it.issuer.0[7] = 0, "issuer_registered", "unknown_operator", 28),
    ];
    for (break_it, rule, reason, offset) in table {
        let city = copy();
        change(city.path(), break_it);
        let out = city.path().join("verdict");
        let (code, verdict) = examine(city.path(), &out);
        assert_eq!((code, &verdict["certified"]), (4, &Value::Bool(false)));
        let findings = verdict["findings"].as_array().unwrap();
        let found =
            findings.iter().find(|it| it["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {verdict:#}"));
        assert_eq!(found["reason"].as_str().unwrap_or_default(), reason);
        assert_eq!(found["offset"], offset);
        assert_eq!(found["package"], path(&last_package(city.path())));
        let csv = std::fs::read_to_string(out.join("failures.csv")).unwrap();
        assert!(csv.starts_with("severity,rule,reason,package,row,offset,field,value,expected\r\n"));
        assert!(csv.contains(&format!(",{rule},{reason},")), "{csv}");
        assert!(!out.join("certificate.json").exists());
    }
}

#[test]
fn a_missing_package_and_a_changed_one_are_named() {
    let city = copy();
    let first_day = city.path().join("packages").join(DAY);
    let first = sorted(&first_day).into_iter().next().unwrap();
    std::fs::remove_file(&first).unwrap();
    let last = last_package(city.path());
    let mut bytes = std::fs::read(&last).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    std::fs::write(&last, bytes).unwrap();
    let (code, verdict) = examine(city.path(), &city.path().join("verdict"));
    assert_eq!(code, 4);
    assert_eq!(verdict["rules"], serde_json::json!({ "seal": 1, "sequence_contiguous": 1 }), "{verdict:#}");
}

#[test]
fn without_keys_no_certificate_is_given() {
    let city = good_city();
    let (packages, registry) = (city.join("packages"), city.join("registry"));
    let arguments = ["conformance", path(&packages), "--registry", path(&registry)];
    Centre::absent().refused(&arguments, 4, &["NOT certified: 0 errors, 0 advice", "no keys", "tac"]);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let city = copy();
    let at = |name: &str| city.path().join(name);
    let (packages, registry, keys) = (at("packages"), at("registry"), at("keys.toml"));
    std::fs::create_dir(at("empty")).unwrap();
    std::fs::write(at("bad.toml"), "[[tac]]\noperator = 1\n").unwrap();
    let centre = Centre::absent();
    let refused = |packages: &Path, registry: &Path, keys: &Path, code: i32, word: &str| {
        let keys = path(keys);
        centre.refused(
            &["conformance", path(packages), "--registry", path(registry), "--keys", keys],
            code,
            &[word],
        );
    };
    refused(&at("absent"), &registry, &keys, 2, "absent");
    refused(&at("empty"), &registry, &keys, 3, "no .ctp files");
    refused(&packages, &at("empty"), &keys, 2, "registry.toml");
    refused(&packages, &registry, &at("bad.toml"), 3, "line 2: [[tac]] operator");
    std::fs::write(registry.join("terminals.csv"), "id\n").unwrap();
    refused(&packages, &registry, &keys, 3, "terminals.csv:1: header");
}
