//! The header is the source's, and a validator in C builds with it and runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tongclear_card::file::CardCategory;
use tongclear_card::flow::Scheme;
use tongclear_card::simulated::{CardFile, CardIssue, CardMemory, CounterConvention};
use tongclear_terminal::Terminal;
use tongclear_terminal::config::{Config, Identity, Packages, Place, Rules};
use tongclear_types::{BcdDate, Sector};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `UPDATE_HEADER=1 cargo test -p tongclear-terminal-c` writes the header anew.
#[test]
fn the_header_is_made_from_the_source() {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).unwrap();
    let mut header = Vec::new();
    cbindgen::Builder::new()
        .with_config(config)
        .with_crate(root())
        .with_parse_deps(false)
        .generate()
        .unwrap()
        .write(&mut header);
    let path = root().join("include/tongclear_terminal.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&path, &header).unwrap();
    }
    let header = String::from_utf8(header).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), header, "UPDATE_HEADER=1 makes it anew");
}

/// The static library, which cargo builds beside this test.
fn library() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let deps = here.parent().unwrap();
    [deps, deps.parent().unwrap()]
        .map(|folder| folder.join("libtongclear_terminal_c.a"))
        .into_iter()
        .find(|path| path.exists())
        .expect("cargo builds the static library with the test")
}

fn write_city(folder: &Path) {
    let keys = ["tac", "purchase", "load", "maintenance"].map(|key_use| {
        let master = "01".repeat(16);
        format!(
            "[[{key_use}]]\noperator = \"0417\"\nversion = 1\nalgorithm = \"des\"\nmaster = \"{master}\"\n"
        )
    });
    let seal =
        format!("[[seal]]\nversion = 1\nalgorithm = \"hmac-sha256\"\nmaster = \"{}\"\n", "07".repeat(32));
    fs::write(folder.join("keys.toml"), keys.concat()).unwrap();
    let registry = "[[operator]]\ncode = \"0417\"\nissuer_id = \"04176510FFFFFFFF\"\nname = \"Tianfu Tong\"\ntwo_level_keys = true\n";
    fs::write(folder.join("registry.toml"), registry).unwrap();
    let card = CardFile {
        issue: CardIssue {
            scheme: Scheme::TUnion,
            issuer: "04176510FFFFFFFF".parse().unwrap(),
            serial: "03104780010000000007".parse().unwrap(),
            two_level_keys: true,
            key_version: 1,
            algorithm: 0,
            start: BcdDate([0x20, 0x20, 0x01, 0x01]),
            expiry: BcdDate([0x20, 0x40, 0x12, 0x31]),
            category: CardCategory::Normal,
            is_interoperable: true,
            log_counter: CounterConvention::Before,
            prove_counter: CounterConvention::After,
        },
        memory: CardMemory::new(5_000, 1, 1),
    };
    fs::write(folder.join("card.json"), serde_json::to_vec(&card).unwrap()).unwrap();
    let terminal = folder.join("terminal");
    let config = Config {
        terminal: Identity {
            id: "651000000001".parse().unwrap(),
            collector: "6510c0000001".parse().unwrap(),
            merchant: "BUS00001".parse().unwrap(),
            sector: Sector::Bus,
            home_city: "6510".to_owned(),
            timezone: "Asia/Shanghai".to_owned(),
        },
        place: Place::default(),
        rules: Rules::default(),
        packages: Packages::default(),
        centre: None,
    };
    Terminal::init(&terminal, &config).unwrap();
    fs::write(terminal.join("seal.toml"), seal).unwrap();
    fs::write(terminal.join("lists/registry.toml"), registry).unwrap();
    fs::write(terminal.join("lists/fares.toml"), "version = 1\nflat_fen = 200\n").unwrap();
}

#[test]
fn a_validator_in_c_builds_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path());
    let program = folder.path().join("validator");
    let compiled = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o"])
        .arg(&program)
        .arg(root().join("examples/validator.c"))
        .arg("-I")
        .arg(root().join("include"))
        .arg(library())
        .args(["-lpthread", "-ldl", "-lm"])
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let arguments = ["terminal", "card.json", "keys.toml", "registry.toml", "out"];
    let ran = Command::new(&program).args(arguments.map(|name| folder.path().join(name))).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    assert_eq!(
        out.lines().collect::<Vec<_>>(),
        [
            "present_again 0",
            "recovered 1 4800 03104780010000000007",
            "paid 1 4600",
            "psam_missing 0",
            "package 1, 2 paid, 0 open",
        ]
    );
    assert!(folder.path().join("out/6510c0000001-0000000001.ctp").exists());
}
