//! What bad input gets: a reason that names the field and the value, the right exit code, and nothing half done.

use std::path::{Path, PathBuf};

use crate::city::{DAY, one_day};
use crate::program::{Centre, path, sorted};

fn first_package(city: &Path) -> PathBuf {
    sorted(&city.join("packages").join(DAY)).remove(0)
}

#[test]
fn bad_packages_are_quarantined_and_the_night_goes_on() {
    let city = one_day();
    let centre = Centre::of_city(city);
    let good = std::fs::read(first_package(city)).unwrap();
    let bad = centre.dir.path().join("bad");
    std::fs::create_dir(&bad).unwrap();
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    let flipped = |at: usize| changed(at, &[good[at] ^ 1]);
    #[rustfmt::skip]
    let table: &[(&str, Vec<u8>, &str)] = &[
        ("empty", Vec::new(), "malformed_package: length is 0"),
        ("truncated", good[..good.len() - 1].to_vec(), "malformed_package: length"),
        ("oversized", vec![0; 96_000_161], "malformed_package: length is 96000161"),
        ("mis-counted", changed(28, &[0xff, 0xff, 0xff, 0xff]), "malformed_package: length"),
        ("magic", flipped(0), "malformed_package: magic"),
        ("version", changed(4, &[0, 2]), "malformed_package: version is 2"),
        ("merchant-form", changed(8, b"bus"), "malformed_package: merchant"),
        ("merchant", changed(8, b"NOSUCH00"), "merchant_mismatch: merchant is NOSUCH00"),
        ("collector", changed(16, &[9; 6]), "unknown_collector: collector is 090909090909"),
        ("seal-key", changed(48, &[0, 0, 0, 99]), "unknown_seal_key: seal_key_version is 99"),
        ("bit", flipped(200), "seal_invalid: seal"),
        ("seal", flipped(good.len() - 1), "seal_invalid: seal"),
    ];
    for (name, bytes, _) in table {
        std::fs::write(bad.join(format!("{name}.ctp")), bytes).unwrap();
    }
    let ended = centre.run(&["intake", path(&bad), path(&city.join("packages"))]);
    assert_eq!(ended.code, 3, "{}{}", ended.out, ended.err);
    for (name, _, message) in table {
        let line = ended.out.lines().find(|line| line.contains(&format!("{name}.ctp"))).unwrap_or_default();
        assert!(line.contains(message), "{name}: {line}");
    }
    // Kept byte for byte.
    let quarantine = centre.json(&["quarantine", "list"]);
    assert_eq!(quarantine.as_array().unwrap().len(), table.len());
    let kept: Vec<Vec<u8>> = sorted(&centre.data().join("vault/quarantine"))
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    for (name, bytes, _) in table {
        assert!(kept.contains(bytes), "{name} was not kept");
    }
    // Judged afresh they are as bad as before, and the good ones are in.
    centre.refused(&["quarantine", "retry"], 3, &["magic"]);
    assert_eq!(centre.json(&["quarantine", "list"]), quarantine, "judging afresh is no arrival");
    let night = centre.json(&["night", "--date", DAY]);
    let expected = sorted(&city.join("packages").join(DAY)).len();
    assert_eq!(night["settlement"]["received"]["packages"], expected);
}

#[test]
fn quarantined_packages_are_taken_once_their_collector_is_known() {
    let city = one_day();
    let centre = Centre::absent();
    centre.done(&["init"]);
    centre.done(&["keys", "load", path(&city.join("keys.toml"))]);
    // A registry without the first package's collector.
    let package = first_package(city);
    let collector = hex::encode(&std::fs::read(&package).unwrap()[16..22]);
    let registry = std::fs::read_to_string(city.join("registry/registry.toml")).unwrap();
    let without: String = registry
        .split("\n[[")
        .filter(|table| !(table.starts_with("collector]]") && table.contains(&collector)))
        .collect::<Vec<_>>()
        .join("\n[[");
    assert!(without.len() < registry.len());
    let terminals = std::fs::read_to_string(city.join("registry/terminals.csv")).unwrap();
    let others: Vec<&str> = terminals.lines().filter(|line| !line.contains(&collector)).collect();
    let folder = centre.dir.path().join("registry");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("registry.toml"), without).unwrap();
    std::fs::write(folder.join("terminals.csv"), others.join("\n") + "\n").unwrap();
    centre.done(&["registry", "load", path(&folder)]);
    centre.refused(&["intake", path(&package)], 3, &["unknown_collector", &collector]);
    centre.done(&["registry", "load", path(&city.join("registry"))]);
    centre.done(&["quarantine", "retry"]);
    assert_eq!(centre.json(&["quarantine", "list"]).as_array().unwrap().len(), 0);
    assert_eq!(centre.json(&["intake", path(&package)])["already_received"], 1);
}

#[test]
fn a_registry_that_does_not_hold_together_is_refused_whole() {
    let city = one_day();
    let centre = Centre::of_city(city);
    let registry = std::fs::read_to_string(city.join("registry/registry.toml")).unwrap();
    let terminals = std::fs::read_to_string(city.join("registry/terminals.csv")).unwrap();
    let folder = centre.dir.path().join("registry");
    std::fs::create_dir(&folder).unwrap();
    let load = |registry: &str, terminals: &str, words: &[&str]| {
        std::fs::write(folder.join("registry.toml"), registry).unwrap();
        std::fs::write(folder.join("terminals.csv"), terminals).unwrap();
        centre.refused(&["registry", "load", path(&folder)], 3, words);
    };
    let stranger = format!("{terminals}990000000001,NOBODY01,990000000001,2026-01-01,\n");
    let line = stranger.lines().count().to_string();
    load(&registry, &stranger, &["terminals.csv", &line, "NOBODY01"]);
    let contract = registry.split("\n[[").find(|table| table.starts_with("contract]]")).unwrap();
    load(&format!("{registry}\n[[{contract}"), &terminals, &["registry.toml", "equal rank"]);
    let rate = registry.lines().find(|line| line.starts_with("rate")).unwrap();
    load(&registry.replacen(rate, "rate = \"1.2\"", 1), &terminals, &["registry.toml", "rate", "1.2"]);
    let from = registry.lines().find(|line| line.starts_with("from")).unwrap();
    let backwards = format!("{from}\nuntil = \"1999-01-01\"");
    load(&registry.replacen(from, &backwards, 1), &terminals, &["registry.toml", "until", "1999-01-01"]);
    // Nothing of all that was loaded.
    assert_eq!(centre.json(&["registry", "load", path(&city.join("registry"))])["version"], 1);
}

#[test]
fn keys_and_passphrases() {
    let city = one_day();
    let centre = Centre::absent();
    centre.refused(&["window", "list"], 2, &["tongclear init"]);
    centre.done(&["init"]);
    assert_eq!(centre.json(&["init"])["created"], false);
    centre.refused(&["keys", "list"], 3, &["no key ring"]);
    centre.done(&["registry", "load", path(&city.join("registry"))]);
    let packages = city.join("packages");
    centre.refused(&["intake", path(&packages)], 3, &["no key ring"]);
    centre.refused(&["night", "--date", DAY], 3, &["no key ring"]);
    centre.done(&["keys", "load", path(&city.join("keys.toml"))]);
    let wrong = |arguments: &[&str]| {
        let output = centre.command(arguments).env("TONGCLEAR_PASSPHRASE", "wrong").output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("passphrase"), "{arguments:?}");
    };
    wrong(&["keys", "list"]);
    wrong(&["intake", path(&packages)]);
    wrong(&["night", "--date", DAY]);
    wrong(&["keys", "load", path(&city.join("keys.toml"))]);
    // A wrong passphrase closed nothing.
    assert_eq!(centre.json(&["window", "list"]).as_array().unwrap().len(), 1);
    let file = centre.dir.path().join("passphrase");
    std::fs::write(&file, "correct horse\n").unwrap();
    let keys = centre.done(&["keys", "list", "--passphrase-file", path(&file)]);
    let master = std::fs::read_to_string(city.join("keys.toml")).unwrap();
    let master = master.lines().find_map(|line| line.strip_prefix("master = \"")).unwrap();
    assert!(!keys.contains(master.trim_end_matches('"')), "a key is never shown");
}

#[test]
fn a_missing_tac_key_is_a_disposition() {
    let city = one_day();
    let centre = Centre::absent();
    let keys = std::fs::read_to_string(city.join("keys.toml")).unwrap();
    let seals: Vec<String> = keys
        .split("[[")
        .filter(|table| table.starts_with("seal]]"))
        .map(|table| format!("[[{table}"))
        .collect();
    let file = centre.dir.path().join("seals.toml");
    std::fs::write(&file, seals.join("\n")).unwrap();
    centre.done(&["init"]);
    centre.done(&["registry", "load", path(&city.join("registry"))]);
    centre.done(&["keys", "load", path(&file)]);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let settlement = centre.json(&["settlement", "show", "--window", DAY]);
    assert_eq!(settlement["dispositions"]["accepted"]["count"], 0);
    assert!(settlement["reasons"]["key_unavailable"]["count"].as_u64().unwrap() > 2_000, "{settlement}");
}

#[test]
fn usage_and_paths_that_do_not_exist() {
    let city = one_day();
    let centre = Centre::of_city(city);
    for arguments in [
        &["nonsense"] as &[&str],
        &["night"],
        &["night", "--date", "23.11.2026"],
        &["night", "--date", DAY, "--workers", "0"],
        &["intake", "/no/such/path"],
        &["registry", "load", "/no/such/path"],
        &["keys", "load", "/no/such/path"],
        &["denylist", "load", "/no/such/path"],
        &["--database", "mysql://x", "window", "list"],
    ] {
        assert_eq!(centre.run(arguments).code, 2, "{arguments:?}");
    }
    centre.refused(&["settlement", "show", "--window", "2020-01-01"], 3, &["no window 2020-01-01"]);
    centre.refused(&["export", "--window", "2020-01-01", "--out", "/tmp/x"], 3, &["no window"]);
    // A folder as the file to write, one that does not exist, and a passphrase that is no text.
    for out in ["/tmp", "/no/such/folder/x.csv"] {
        centre.done(&["intake", path(&city.join("packages"))]);
        centre.done(&["night", "--date", DAY]);
        centre.refused(
            &["export", "--window", DAY, "--out", out],
            2,
            &[out.strip_suffix("/x.csv").unwrap_or(out)],
        );
    }
    let file = centre.dir.path().join("passphrase");
    std::fs::write(&file, [0xff, 0xfe, 0xfd]).unwrap();
    centre.refused(&["keys", "list", "--passphrase-file", path(&file)], 3, &["UTF-8"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = centre
        .command(&["window", "list"])
        .stdout(full)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(5), "a full disk behind standard output");
    for help in [&["--help"] as &[&str], &["night", "--help"], &["intake", "--help"], &["--version"]] {
        centre.done(help);
    }
}

#[test]
fn a_second_package_of_one_sequence_and_a_broken_chain_are_quarantined() {
    // Another city of the same plan and another seed has other packages under the same collectors and numbers.
    let city = one_day();
    let centre = Centre::of_city(city);
    let package = first_package(city);
    centre.done(&["intake", path(&package)]);
    let mut other = std::fs::read(&package).unwrap();
    let body = other.len() - 32;
    other[40..48].copy_from_slice(&1_u64.to_be_bytes());
    let seal = seal(city, &other[..body]);
    other[body..].copy_from_slice(&seal);
    let file = centre.dir.path().join("second.ctp");
    std::fs::write(&file, &other).unwrap();
    centre.refused(&["intake", path(&file)], 3, &["sequence_conflict", "sequence is 1"]);
    let mut next = other.clone();
    next[24..28].copy_from_slice(&2_u32.to_be_bytes());
    next[56..64].copy_from_slice(&[7; 8]);
    let seal = self::seal(city, &next[..body]);
    next[body..].copy_from_slice(&seal);
    std::fs::write(&file, &next).unwrap();
    centre.refused(&["intake", path(&file)], 3, &["chain_broken", "previous_seal", "0707070707070707"]);
}

/// Seals a package as its collector would, with the city's own seal master.
fn seal(city: &Path, body: &[u8]) -> [u8; 32] {
    use tongclear_mac::{SealAlgorithm, SealMaster};
    let version = u32::from_be_bytes(body[48..52].try_into().unwrap());
    let keys = std::fs::read_to_string(city.join("keys.toml")).unwrap();
    let table = keys
        .split("[[")
        .find(|table| table.starts_with("seal]]") && table.contains(&format!("version = {version}\n")))
        .unwrap();
    let master = table.lines().find_map(|line| line.strip_prefix("master = \"")).unwrap();
    let master = hex::decode(master.trim_end_matches('"')).unwrap().try_into().unwrap();
    let algorithm = if body[52] == 1 { SealAlgorithm::HmacSha256 } else { SealAlgorithm::HmacSm3 };
    let collector = tongclear_types::CollectorId(body[16..22].try_into().unwrap());
    SealMaster::new(algorithm, master).seal_key(collector).seal(body)
}
