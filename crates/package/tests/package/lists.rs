//! `fixtures/lists`: what becomes of each deny list of operator 0417, whose newest list so far is version 5 with
//! 3 cards.

use tongclear_package::{DenyList, Guard, Predecessor, check_successor, trailer_line};

use crate::fixtures::Folder;

/// The lines with CRLF and a right trailer.
fn list(lines: &[&str]) -> Vec<u8> {
    with_trailer(lines.iter().flat_map(|line| [line, "\r\n"]).collect())
}

fn with_trailer(text: String) -> Vec<u8> {
    let trailer = trailer_line(crc(text.as_bytes()));
    [text.into_bytes(), trailer.to_vec()].concat()
}

/// The CRC-32 of zlib, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let rest = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    !rest
}

/// What loading the list answers.
fn answer(bytes: &[u8]) -> String {
    let previous = Some(Predecessor { version: 5, entries: 3 });
    let loaded = DenyList::parse(bytes).and_then(|list| {
        assert_eq!(list.operator.to_string(), "0417");
        check_successor(previous, &list, Guard::default(), false)
    });
    loaded.map_or_else(|error| error.to_string(), |()| "accepted".to_owned())
}

#[test]
fn every_fixture_gets_the_message_beside_it() {
    const FIRST: &str = "DENY:0417:6:20261124000000:2";
    const A: &str = "00005100012345678901";
    const B: &str = "00005100012345678902";
    let good = || list(&[FIRST, A, B]);
    let grown = |entries: u32| {
        let serials: Vec<String> = (0..entries).map(|i| format!("{i:020}")).collect();
        let first = format!("DENY:0417:6:20261124000000:{entries}");
        list(&[first.as_str()].into_iter().chain(serials.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("valid-two-cards", good()),
        ("valid-no-cards", list(&["DENY:0417:6:20261124000000:0"])),
        ("valid-crlf-after-the-trailer", [good(), b"\r\n".to_vec()].concat()),
        ("valid-grown-by-a-thousand", grown(1_003)),
        ("empty", Vec::new()),
        ("trailer-missing", format!("{FIRST}\r\n{A}\r\n{B}\r\n").into_bytes()),
        ("trailer-with-capitals", text(good()).replace("CRC:", "crc:").into_bytes()),
        ("crc-wrong", text(good()).replace(A, "00005100012345678900").into_bytes()),
        ("crc-of-an-lf-file", text(good()).replace("\r\n", "\n").into_bytes()),
        ("line-after-the-trailer", [good(), b"\r\n\r\n".to_vec()].concat()),
        ("lf-line-ends", with_trailer(format!("{FIRST}\n{A}\n{B}\n"))),
        ("lf-after-an-entry", with_trailer(format!("{FIRST}\r\n{A}\n{B}\r\n"))),
        ("another-kind-of-list", list(&["GREY:0417:6:20261124000000:2", A, B])),
        ("field-too-many", list(&["DENY:0417:6:20261124000000:2:", A, B])),
        ("operator-too-short", list(&["DENY:417:6:20261124000000:2", A, B])),
        ("version-with-a-sign", list(&["DENY:0417:+6:20261124000000:2", A, B])),
        ("version-too-large", list(&["DENY:0417:4294967296:20261124000000:2", A, B])),
        ("effective-second-sixty", list(&["DENY:0417:6:20261124000060:2", A, B])),
        ("effective-without-time", list(&["DENY:0417:6:20261124:2", A, B])),
        ("count-too-high", list(&["DENY:0417:6:20261124000000:3", A, B])),
        ("count-too-low", list(&["DENY:0417:6:20261124000000:1", A, B])),
        ("count-not-a-number", list(&["DENY:0417:6:20261124000000:two", A, B])),
        ("entry-with-a-letter", list(&[FIRST, A, "0000510001234567890a"])),
        ("entry-too-short", list(&[FIRST, A, "0000510001234567890"])),
        ("entry-too-long", list(&[FIRST, A, "000051000123456789022"])),
        ("entry-blank", list(&[FIRST, A, ""])),
        ("out-of-order", list(&[FIRST, B, A])),
        ("entry-twice", list(&[FIRST, A, A])),
        ("version-not-newer", list(&["DENY:0417:5:20261124000000:2", A, B])),
        ("grown-too-much", grown(1_004)),
    ];
    let mut folder = Folder::new("lists", "txt");
    for (name, bytes) in &cases {
        folder.check(name, bytes, &answer(bytes));
    }
    folder.finish();
}
