//! What is written is read; what is wrong is named by its line.

use super::*;

fn transaction(number: u32, status: OperatorStatus) -> OperatorLine {
    OperatorLine {
        issuer: "04176510ffffffff".parse().unwrap(),
        serial: "00005100012345678901".parse().unwrap(),
        tti: Tti(6),
        counter: 7,
        terminal: "651000000a01".parse().unwrap(),
        terminal_number: TerminalNumber(number),
        amount: Fen::from(200),
        date: BcdDate([0x20, 0x26, 0x11, 0x24]),
        time: BcdTime([0x08, 0x30, 0x00]),
        status,
    }
}

fn file(lines: &[OperatorLine]) -> Vec<u8> {
    let mut writer = OperatorFileWriter::new(Vec::new()).unwrap();
    lines.iter().try_for_each(|line| writer.write(line)).unwrap();
    writer.finish().unwrap()
}

fn read(file: &[u8]) -> Result<Vec<OperatorLine>, ListError> {
    let mut reader = OperatorFileReader::new();
    let mut lines = Vec::new();
    for raw in file.split_inclusive(|byte| *byte == b'\n') {
        lines.extend(reader.take(raw)?);
    }
    assert_eq!(reader.finish()?, lines.len() as u64);
    Ok(lines)
}

/// The lines with LF and a right trailer.
fn sealed(lines: &[&str]) -> Vec<u8> {
    let mut text: Vec<u8> = lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
    crate::trailer::append_trailer(&mut text);
    text
}

#[test]
fn what_is_written_is_read() {
    let lines = [
        transaction(1, OperatorStatus::Ok),
        transaction(2, OperatorStatus::Refused("no such card".to_owned())),
        transaction(3, OperatorStatus::Refused("wrong, \"really\"".to_owned())),
        transaction(4, OperatorStatus::Refused(String::new())),
    ];
    let written = file(&lines);
    assert_eq!(read(&written).unwrap(), lines);
    assert_eq!(
        String::from_utf8(written).unwrap().lines().nth(1).unwrap(),
        "04176510ffffffff,00005100012345678901,06,7,651000000a01,1,200,20261124,083000,ok"
    );
}

#[test]
fn a_line_end_in_a_reason_does_not_break_the_line() {
    let lines = read(&file(&[transaction(1, OperatorStatus::Refused("a\r\nb".to_owned()))])).unwrap();
    assert_eq!(lines, [transaction(1, OperatorStatus::Refused("a  b".to_owned()))]);
}

#[test]
fn crlf_capitals_and_a_line_end_after_the_trailer_are_read_too() {
    let lines = [OPERATOR_COLUMNS.join(","), LINE.to_uppercase().replace("OK", "ok")];
    let mut text = lines.map(|line| line + "\r\n").concat().into_bytes();
    crate::trailer::append_trailer(&mut text);
    for end in ["", "\n", "\r\n"] {
        assert_eq!(read(&[&text, end.as_bytes()].concat()).unwrap(), [transaction(1, OperatorStatus::Ok)]);
    }
}

const LINE: &str = "04176510ffffffff,00005100012345678901,06,7,651000000a01,1,200,20261124,083000,ok";

#[test]
fn what_is_wrong_is_named_by_its_line() {
    let columns = OPERATOR_COLUMNS.join(",");
    let with = |from: &str, to: &str| sealed(&[&columns, &LINE.replace(from, to)]);
    let long = LINE.replace("ok", &format!("refused:{}", "x".repeat(1_000)));
    let table: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "line 1: trailer is the end of the file"),
        (sealed(&[]), "line 1: columns is the trailer"),
        (sealed(&["issuer,serial"]), "line 1: columns is \"issuer,serial\\n\""),
        (sealed(&[&columns, LINE, "a"]), "line 3: number_of_fields is 1, expected 10"),
        (sealed(&[&columns, ""]), "line 2: number_of_fields is 1, expected 10"),
        (sealed(&[&columns, &long]), "line 2: line is"),
        (with(",06,", ",6,"), "line 2: tti is \"6\", expected 2 hex digits"),
        (with(",7,", ",65536,"), "line 2: counter is \"65536\""),
        (with(",200,", ",-200,"), "line 2: amount_fen is \"-200\""),
        (with(",200,", ",,"), "line 2: amount_fen is \"\""),
        (with("20261124", "2026112a"), "line 2: date is \"2026112a\""),
        (with("651000000a01,1,200,20261124", "x,1,200,2026112a"), "line 2: terminal is \"x\""),
        (with("20261124", "2026-11-24"), "line 2: date is \"2026-11-24\""),
        (with("ok", "OK"), "line 2: status is \"OK\""),
        (with("ok", "\"ok"), "line 2: line is"),
        (with("ok", "o\rk"), "line 2: line is"),
        (with("ok", "ok").repeat(2), "line 3: issuer_id is \"CRC:"),
        ([sealed(&[&columns]), b"\n\n".to_vec()].concat(), "line 3: line is \"\\n\", expected nothing after"),
        (columns.clone().into_bytes(), "line 1: line is"),
        (format!("{columns}\n").into_bytes(), "line 2: trailer is the end of the file"),
        (format!("{columns}\nCRC:00000000").into_bytes(), "line 2: crc is 00000000, expected "),
    ];
    for (file, expected) in table {
        let error = read(&file).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error:?} should begin {expected:?}");
    }
}
