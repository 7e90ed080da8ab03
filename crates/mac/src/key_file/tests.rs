//! Key files: what is read, what is refused and with which words, and that no error shows a key.

use super::*;

const GOOD: &str = r#"
[[tac]]
operator = "0417"
version = 1
algorithm = "des"                  # or "sm4"
master = "00112233445566778899aabbccddeeff"

[[tac]]
operator = "0417"
version = 1
algorithm = "sm4"
master = "00112233445566778899AABBCCDDEEFF"

[[maintenance]]
operator = "0417"
version = 255
algorithm = "des"
master = "00112233445566778899aabbccddeeff"

[[seal]]
version = 4294967295
algorithm = "hmac-sm3"
master = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
"#;

#[test]
fn a_file_is_read_and_written_back() {
    let file = KeyFile::parse(GOOD).unwrap();
    let lines: Vec<String> = file.entries().map(|info| info.to_string()).collect();
    let check = hex::encode(
        MasterKey::new(Algorithm::Sm4, *file.keys.cards.values().next().unwrap().bytes()).check_value(),
    );
    assert_eq!(
        lines[..3],
        [
            "tac key of operator 0417, version 1, des, check value fb0975".to_owned(),
            format!("tac key of operator 0417, version 1, sm4, check value {check}"),
            "maintenance key of operator 0417, version 255, des, check value fb0975".to_owned(),
        ]
    );
    assert!(lines[3].starts_with("seal key, version 4294967295, hmac-sm3, check value "));
    let written = file.to_toml();
    let again = KeyFile::parse(&written).unwrap();
    assert_eq!(*again.to_toml(), *written);
    assert_eq!(again.entries().collect::<Vec<_>>(), file.entries().collect::<Vec<_>>());
    assert!(again.seal_master(u32::MAX).is_some() && again.seal_master(1).is_none());
    assert!(KeyFile::parse("").unwrap().entries().next().is_none());
}

/// One row a fault: the file, and the whole message.
#[test]
fn faults_name_line_field_and_value() {
    let zeros = "0".repeat(32);
    let tac = |fields: &str| format!("[[tac]]\n{fields}");
    let full = |operator: &str, version: &str, algorithm: &str, master: &str| {
        tac(&format!(
            "operator = {operator}\nversion = {version}\nalgorithm = {algorithm}\nmaster = {master}"
        ))
    };
    let with_master = |master: &str| full("\"0417\"", "1", "\"des\"", master);
    let good = with_master(&format!("\"{zeros}\""));
    let seal = |version: &str| {
        format!("[[seal]]\nversion = {version}\nalgorithm = \"hmac-sm3\"\nmaster = \"{zeros}{zeros}\"\n")
    };
    let rows: Vec<(String, &str)> = vec![
        ("[[pin]]\n".into(), "line 1: unknown table pin, expected tac, purchase, load, maintenance or seal"),
        ("\n[tac]\nversion = 1".into(), "line 2: tac must be written as [[tac]]"),
        ("tac = 1".into(), "line 1: tac must be written as [[tac]]"),
        ("tac = [1]".into(), "line 1: tac must be written as [[tac]]"),
        (tac("operator = \"0417\"\ncolour = 1"), "line 3: [[tac]] has no field colour"),
        (tac(""), "line 1: [[tac]] lacks the field operator"),
        (tac("operator = \"0417\""), "line 1: [[tac]] lacks the field version"),
        (
            full("\"417\"", "1", "\"des\"", "\"\""),
            "line 2: [[tac]] operator: expected 4 hex digits, found 417",
        ),
        (
            full("417", "1", "\"des\"", "\"\""),
            "line 2: [[tac]] operator: expected 4 hex digits, found a value of type integer",
        ),
        (
            full("\"0417\"", "256", "\"des\"", "\"\""),
            "line 3: [[tac]] version: expected a number from 0 to 255, found 256",
        ),
        (
            full("\"0417\"", "-1", "\"des\"", "\"\""),
            "line 3: [[tac]] version: expected a number from 0 to 255, found -1",
        ),
        (
            full("\"0417\"", "\"1\"", "\"des\"", "\"\""),
            "line 3: [[tac]] version: expected a number from 0 to 255, found a value of type string",
        ),
        (
            full("\"0417\"", "1", "\"aes\"", "\"\""),
            "line 4: [[tac]] algorithm: expected des or sm4, found aes",
        ),
        (
            full("\"0417\"", "1", "\"hmac-sha256\"", "\"\""),
            "line 4: [[tac]] algorithm: expected des or sm4, found hmac-sha256",
        ),
        (
            with_master(&format!("\"{}\"", &zeros[1..])),
            "line 5: [[tac]] master: expected 32 hex digits, found 31 characters",
        ),
        (
            with_master(&format!("\"{}g\"", &zeros[1..])),
            "line 5: [[tac]] master: expected 32 hex digits, found a character that is no hex digit",
        ),
        (with_master("7"), "line 5: [[tac]] master: expected 32 hex digits, found a value of type integer"),
        (format!("{good}\n{good}"), "line 6: a second tac key of operator 0417, version 1, des"),
        (
            seal("4294967296"),
            "line 2: [[seal]] version: expected a number from 0 to 4294967295, found 10 characters",
        ),
        (format!("{}{}", seal("1"), seal("1")), "line 5: a second seal key of version 1"),
        (format!("{}operator = \"0417\"", seal("1")), "line 5: [[seal]] has no field operator"),
    ];
    for (text, expected) in rows {
        assert_eq!(KeyFile::parse(&text).unwrap_err().to_string(), expected, "{text}");
    }
    let syntax = KeyFile::parse("[[tac]]\noperator = ").unwrap_err();
    assert!(matches!(syntax, KeyFileError::Syntax { line: 2, .. }), "{syntax}");
}

/// A key typed into every wrong place, and every way of breaking the line that holds it.
#[test]
fn no_error_shows_a_key() {
    let key = "c0ffee1234c0ffee5678c0ffee9abcc0";
    let faulty = [
        format!("[[tac]]\noperator = \"{key}\""),
        format!("[[tac]]\noperator = \"0417\"\nversion = 1\nalgorithm = \"{key}\""),
        format!("[[tac]]\noperator = \"0417\"\nversion = \"{key}\""),
        format!("[[tac]]\noperator = \"0417\"\nversion = 1\nalgorithm = \"des\"\nmaster = \"{key}0\""),
        format!("[[tac]]\nmaster = \"{key}"),
        format!("[[tac]]\nmaster = {key}"),
        format!("[[tac]]\nmaster = \"{key}\" x"),
        format!("[[tac]]\n{key}"),
        format!("[[tac]]\n{key} = 1"),
        format!("[[{key}]]"),
        format!("[[tac]]\n{key} = 1\n{key} = 2"),
        format!("[[tac]]\nmaster = \"\\{key}\""),
        format!("[[tac]]\nmaster.{key} = 1\nmaster.{key}.x = 1"),
    ];
    for text in faulty {
        let error = KeyFile::parse(&text).unwrap_err();
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("c0ffee"), "{shown}");
        }
    }
}

#[test]
fn a_file_that_is_built_refuses_a_second_key_too() {
    let mut file = KeyFile::new();
    let operator = OperatorCode([0x04, 0x17]);
    let key = MasterKey::new(Algorithm::Des, [1; 16]);
    file.add(KeyUse::Purchase, operator, 1, key.clone()).unwrap();
    file.add(KeyUse::Purchase, operator, 1, MasterKey::new(Algorithm::Sm4, [1; 16])).unwrap();
    file.add(KeyUse::Load, operator, 1, key.clone()).unwrap();
    let error = file.add(KeyUse::Purchase, operator, 1, key).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key file already holds a purchase key of operator 0417, version 1, des"
    );
    file.add_seal(1, SealMaster::new(SealAlgorithm::HmacSha256, [1; 32])).unwrap();
    assert!(file.add_seal(1, SealMaster::new(SealAlgorithm::HmacSm3, [2; 32])).is_err());
    assert_eq!(file.entries().count(), 4);
}
