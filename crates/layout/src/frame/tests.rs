//! Files cut into fields and put together again, and files that have not their form.

use super::*;

fn fixed() -> Frame {
    Frame::Fixed(Fixed { record_length: 4, header_length: 2, trailer_length: 1 })
}

fn delimited(header: bool) -> Frame {
    Frame::Delimited(Delimited { delimiter: b';', header, crlf: true })
}

/// Two fields: of a fixed record, of named columns, of numbered ones.
fn slots(frame: &Frame) -> [Slot; 2] {
    match frame {
        Frame::Fixed(_) => [Slot::Bytes { offset: 0, length: 1 }, Slot::Bytes { offset: 1, length: 3 }],
        Frame::Delimited(Delimited { header: true, .. }) => {
            [Slot::Named("a".to_owned()), Slot::Named("b".to_owned())]
        }
        Frame::Delimited(_) => [Slot::Numbered(0), Slot::Numbered(1)],
    }
}

/// The fields of a file, a line each, or what is wrong.
fn read(frame: &Frame, bytes: &[u8]) -> Result<Vec<String>, String> {
    let slots = slots(frame);
    let slots: Vec<&Slot> = slots.iter().collect();
    let mut faults = FileFaults::default();
    let mut lines = Vec::new();
    frame.each(bytes, &slots, &mut faults, |place, fields, _| {
        let fields: Vec<_> = fields.iter().map(|it| it.escape_ascii().to_string()).collect();
        lines.push(format!("{place}: {}", fields.join("|")));
    });
    faults.or(lines).map_err(|faults| faults.to_string())
}

#[test]
fn files_are_cut_into_fields() {
    let table: [(Frame, &[u8], &[&str]); 7] = [
        (fixed(), b"HHabcdefghT", &["record 1 at byte 2: a|bcd", "record 2 at byte 6: e|fgh"]),
        (fixed(), b"HHT", &[]),
        (delimited(false), b"1;2\r\n3;4\r\n", &["line 1: 1|2", "line 2: 3|4"]),
        (delimited(false), b"1;\n\"x;\"\"y\";2", &["line 1: 1|", "line 2: x;\\\"y|2"]),
        (delimited(true), b"a;b\r\n1;2\r\n", &["line 2: 1|2"]),
        (delimited(true), b"\xef\xbb\xbfb;a\n1;2\n", &["line 2: 2|1"]),
        (delimited(true), b"a;b\n", &[]),
    ];
    for (frame, bytes, expected) in table {
        assert_eq!(read(&frame, bytes).unwrap(), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn files_without_the_form_are_refused() {
    let table: [(Frame, &[u8], &str); 9] = [
        (fixed(), b"HHabcT", "file: length is 6, expected 3 and a multiple of 4 bytes"),
        (fixed(), b"", "file: length is 0, expected 3 and a multiple of 4 bytes"),
        (delimited(false), b"1;2\n3\n", "line 2: number_of_fields is 1: \"3\", expected 2"),
        (delimited(true), b"", "file: header is missing, expected a, b"),
        (
            delimited(true),
            b"a;c\n",
            "line 1: b is missing, expected a column of that name\n\
            line 1: header is \"c\", expected only a, b",
        ),
        (delimited(true), b"a;b;a\n", "line 1: a is there twice, expected one column of that name"),
        (delimited(true), b"a;b;\n", "line 1: header is \"\", expected only a, b"),
        (
            delimited(false),
            b"1;\"2\n3;4\n",
            "line 1: line is \"2\\n3;4\\n\", expected a field whose quotes are closed on its line",
        ),
        (delimited(true), b"a;b\n1;2;3\n", "line 2: number_of_fields is 3: \"123\", expected 2"),
    ];
    for (frame, bytes, expected) in table {
        assert_eq!(read(&frame, bytes).unwrap_err(), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn files_are_put_together_again() {
    let rows = vec![vec![b"x".to_vec(), b"y;\"".to_vec()], vec![b"1".to_vec(), b"234".to_vec()]];
    let table: [(Frame, &[u8]); 3] = [
        (fixed(), b"\0\0xy;\"1234\0"),
        (delimited(true), b"a;b\r\nx;\"y;\"\"\"\r\n1;234\r\n"),
        (delimited(false), b"x;\"y;\"\"\"\r\n1;234\r\n"),
    ];
    for (frame, expected) in table {
        let slots = slots(&frame);
        let slots: Vec<&Slot> = slots.iter().collect();
        let written = frame.write(&slots, &rows);
        assert_eq!(written.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}
