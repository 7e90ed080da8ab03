//! Files of terminals with layouts of their own: packed, cleared as any other package, and told of in their layout.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program::{Centre, path};

/// The worked examples of `docs/layouts.md`.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/layouts").join(name)
}

/// `layout pack` of an example as its first package.
fn pack(centre: &Centre, name: &str, input: &Path, of: [&str; 2], out: &Path) -> crate::program::Ended {
    let [collector, merchant] = of;
    centre.run(&[
        "layout",
        "pack",
        "--profile",
        path(&example(&format!("{name}.toml"))),
        "--in",
        path(input),
        "--collector",
        collector,
        "--merchant",
        merchant,
        "--sequence",
        "1",
        "--created-at",
        "1795440000",
        "--keys",
        path(&example("keys.toml")),
        "--out",
        path(out),
    ])
}

const VALIDATORS: [&str; 2] = ["6510000000f1", "BUS00001"];
const SHOP: [&str; 2] = ["6510000000f2", "SHOP0001"];

#[test]
fn the_examples_become_the_committed_packages() {
    let centre = Centre::absent();
    let out = TempDir::new().unwrap();
    for (name, input, of) in
        [("validator-fixed", "validator-fixed.dat", VALIDATORS), ("shop-csv", "shop-csv.csv", SHOP)]
    {
        let ended = pack(&centre, name, &example(input), of, out.path());
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
        let package = format!("{}-0000000001.ctp", of[0]);
        let packed = std::fs::read(out.path().join(&package)).unwrap();
        assert_eq!(packed, std::fs::read(example(&package)).unwrap());

        let (_, extension) = input.split_once('.').unwrap();
        let result = out.path().join("result");
        centre.done(&[
            "layout",
            "result",
            "--profile",
            path(&example(&format!("{name}.toml"))),
            "--in",
            path(&example(&format!("{name}.centre.csv"))),
            "--package",
            path(&out.path().join(&package)),
            "--out",
            path(&result),
        ]);
        let expected = std::fs::read(example(&format!("{name}.result.{extension}"))).unwrap();
        assert_eq!(std::fs::read(result).unwrap(), expected);
    }
    // What is wrong with two packages of seven records is only that there is too little to see.
    let (registry, keys) = (example("registry"), example("keys.toml"));
    let arguments = ["--registry", path(&registry), "--keys", path(&keys)];
    let said = ["NOT certified: 0 errors, 0 advice", "TOO FEW"];
    centre.refused(&[&["conformance", path(out.path())], &arguments[..]].concat(), 4, &said);
    assert!(!centre.data().exists(), "no centre is needed");
}

#[test]
fn a_packed_file_is_cleared_and_its_result_comes_back() {
    let centre = Centre::absent();
    centre.done(&["init"]);
    centre.done(&["registry", "load", path(&example("registry"))]);
    centre.done(&["keys", "load", path(&example("keys.toml"))]);
    let out = TempDir::new().unwrap();
    // The gift's TAC is spoiled on its way.
    let spoiled = std::fs::read_to_string(example("shop-csv.csv")).unwrap().replace("0c778cf7", "0c778cf8");
    let input = out.path().join("shop.csv");
    std::fs::write(&input, spoiled).unwrap();
    assert_eq!(pack(&centre, "shop-csv", &input, SHOP, out.path()).code, 0);
    let package = out.path().join("6510000000f2-0000000001.ctp");
    centre.done(&["intake", path(&package)]);
    centre.done(&["night", "--date", "2026-11-23"]);
    let to = ["--collector", SHOP[0], "--out", path(out.path())];
    centre.done(&[&["result", "show", "--window", "2026-11-23"], &to[..]].concat());
    let result = out.path().join("result.csv");
    centre.done(&[
        "layout",
        "result",
        "--profile",
        path(&example("shop-csv.toml")),
        "--in",
        path(&out.path().join("6510000000f2.csv")),
        "--package",
        path(&package),
        "--out",
        path(&result),
    ]);
    let expected = "receipt,till,paid,code,reason\r\nA-0001,901,12.30,OK,\r\n\
        \"A-0002, gift\",901,0.05,NO,tac_mismatch\r\nB-0001,902,18.00,OK,\r\n";
    assert_eq!(std::fs::read_to_string(result).unwrap(), expected);
}

#[test]
fn a_file_with_a_bad_line_is_refused_whole() {
    let centre = Centre::absent();
    let out = TempDir::new().unwrap();
    let packages = out.path().join("packages");
    let bad = std::fs::read_to_string(example("shop-csv.csv")).unwrap().replace("12.30", "12.345");
    let input = out.path().join("bad.csv");
    std::fs::write(&input, bad).unwrap();
    let ended = pack(&centre, "shop-csv", &input, SHOP, &packages);
    assert_eq!(ended.code, 3);
    let expected = "line 2: paid is \"12.345\", expected yuan with at most two decimals, such as 12.30";
    assert!(ended.out.contains(expected), "{}{}", ended.out, ended.err);
    assert!(!packages.exists(), "nothing was written");
}

#[test]
fn a_sequence_is_used_once_and_in_its_chain() {
    let centre = Centre::absent();
    let out = TempDir::new().unwrap();
    let input = example("shop-csv.csv");
    assert_eq!(pack(&centre, "shop-csv", &input, SHOP, out.path()).code, 0);
    assert_eq!(pack(&centre, "shop-csv", &input, SHOP, out.path()).code, 0, "the same again changes nothing");
    let empty = out.path().join("empty.csv");
    let text = std::fs::read_to_string(&input).unwrap();
    std::fs::write(&empty, text.lines().next().unwrap()).unwrap();
    let ended = pack(&centre, "shop-csv", &empty, SHOP, out.path());
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("is there already with other bytes"), "{}", ended.err);

    let (profile, keys) = (example("shop-csv.toml"), example("keys.toml"));
    let second = [
        "layout",
        "pack",
        "--profile",
        path(&profile),
        "--in",
        path(&input),
        "--collector",
        SHOP[0],
        "--merchant",
        SHOP[1],
        "--sequence",
        "2",
        "--keys",
        path(&keys),
        "--out",
        path(out.path()),
    ];
    centre.refused(&second, 2, &["--previous"]);
    let first = out.path().join("6510000000f2-0000000001.ctp");
    let packed = centre.json(&[&second[..], &["--previous", path(&first)]].concat());
    assert_eq!(packed["packages"][0]["records"], 3);
    let bytes = |name: &str| std::fs::read(out.path().join(name)).unwrap();
    let (first, second_bytes) = (bytes("6510000000f2-0000000001.ctp"), bytes("6510000000f2-0000000002.ctp"));
    assert_eq!(second_bytes[56..64], first[first.len() - 32..][..8]);
    let other = example("6510000000f1-0000000001.ctp");
    centre.refused(
        &[&second[..], &["--previous", path(&other)]].concat(),
        3,
        &["is package 1 of collector 6510000000f1, not the one before 2 of 6510000000f2"],
    );
}

#[test]
fn a_profile_is_shown_and_a_bad_one_refused() {
    let centre = Centre::absent();
    let profile = example("validator-fixed.toml");
    let shown = centre.json(&["layout", "show", "--profile", path(&profile)]);
    assert_eq!(shown["name"], "Validator upload");
    assert_eq!(shown["form"], "records of 80 bytes behind a header of 16, a trailer of 4");
    assert_eq!(shown["fields"][1]["feeds"], "terminal");
    assert_eq!(shown["fields"][1]["note"], "behind 651000");
    assert!(centre.done(&["layout", "show", "--profile", path(&profile), "--lang", "zh"]).contains("编码"));
    let dir = TempDir::new().unwrap();
    let bad = dir.path().join("bad.toml");
    let text = std::fs::read_to_string(&profile).unwrap();
    std::fs::write(&bad, text.replace("record_length = 80", "record_length = 81")).unwrap();
    centre.refused(
        &["layout", "show", "--profile", path(&bad)],
        3,
        &["bad.toml: line 5: record_length is 81, expected 80, where the last field ends"],
    );
    centre.refused(
        &["layout", "show", "--profile", path(&dir.path().join("absent.toml"))],
        2,
        &["absent.toml"],
    );
}
