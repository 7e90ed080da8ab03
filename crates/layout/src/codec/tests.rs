//! Values in every encoding, in and out, and what does not fit.

use super::*;

/// `raw` is read as `value` (hex) and written from it.
#[track_caller]
fn check(codec: &Codec, kind: Kind, len: usize, raw: &[u8], width: Option<usize>, value: &str) {
    let bytes = codec.read(raw, kind, len, "something else").map(hex::encode);
    assert_eq!(bytes.as_deref(), Ok(value), "{codec:?}");
    let bytes = hex::decode(value).unwrap();
    let written = codec.write(&bytes, kind, width).unwrap();
    assert_eq!(written.escape_ascii().to_string(), raw.escape_ascii().to_string(), "{codec:?}");
}

/// Codec, kind, length of the value, field, its width, value.
type Row<'a> = (Codec, Kind, usize, &'a [u8], Option<usize>, &'a str);

fn prefixed(encoding: Encoding, prefix: &str, pad: bool) -> Codec {
    Codec { prefix: prefix.to_owned(), pad, ..Codec::plain(encoding) }
}

fn formatted(encoding: Encoding, format: &str, kind: Kind) -> Codec {
    Codec { format: Format::parse(format, kind), ..Codec::plain(encoding) }
}

#[test]
fn numbers_in_every_encoding() {
    let table: [(Encoding, &[u8], Option<usize>); 12] = [
        (Encoding::Bytes, &[0x00, 0x01, 0x02], Some(3)),
        (Encoding::BytesReversed, &[0x02, 0x01, 0x00], Some(3)),
        (Encoding::BigEndian, &[0x01, 0x02], Some(2)),
        (Encoding::LittleEndian, &[0x02, 0x01, 0x00, 0x00], Some(4)),
        (Encoding::Bcd, &[0x00, 0x02, 0x58], Some(3)),
        (Encoding::Hex, b"0102", Some(4)),
        (Encoding::Hex, b"00000102", None),
        (Encoding::Decimal, b"000258", Some(6)),
        (Encoding::Decimal, b"258", None),
        (Encoding::Yuan, b"    2.58", Some(8)),
        (Encoding::Yuan, b"2.58", None),
        (Encoding::Hex, b"000102", Some(6)),
    ];
    for (encoding, raw, width) in table {
        check(&Codec::plain(encoding), Kind::Number, 4, raw, width, "00000102");
    }
}

#[test]
fn digits_with_prefix_and_leading_zeros() {
    let table: [Row<'_>; 10] = [
        (Codec::plain(Encoding::Bytes), Kind::Hex, 3, &[0xab, 0xcd, 0xef], Some(3), "abcdef"),
        (Codec::plain(Encoding::BytesReversed), Kind::Hex, 3, &[0xef, 0xcd, 0xab], Some(3), "abcdef"),
        (Codec::plain(Encoding::Hex), Kind::Hex, 3, b"abcdef", None, "abcdef"),
        (prefixed(Encoding::Bcd, "6510", false), Kind::Hex, 3, &[0x17], Some(1), "651017"),
        (prefixed(Encoding::Decimal, "6510", false), Kind::Hex, 3, b"07", None, "651007"),
        (prefixed(Encoding::Decimal, "6510", true), Kind::Hex, 3, b"7", None, "651007"),
        (prefixed(Encoding::Decimal, "", true), Kind::Digits, 3, b"00000042", Some(8), "000042"),
        (prefixed(Encoding::Decimal, "", true), Kind::Digits, 3, b"0042", Some(4), "000042"),
        (prefixed(Encoding::Decimal, "", true), Kind::Digits, 3, b"0", None, "000000"),
        (prefixed(Encoding::Hex, "", true), Kind::Hex, 3, b"0abc", None, "000abc"),
    ];
    for (codec, kind, len, raw, width, value) in table {
        check(&codec, kind, len, raw, width, value);
    }
}

#[test]
fn dates_times_texts_maps_and_blanks() {
    let map = BTreeMap::from([("B".to_owned(), vec![1]), ("M".to_owned(), vec![2])]);
    let mapped = Codec { map: Some(map), ..Codec::plain(Encoding::Text) };
    let byte_map = BTreeMap::from([("0f".to_owned(), vec![4])]);
    let byte_mapped = Codec { map: Some(byte_map), ..Codec::plain(Encoding::Bytes) };
    let blank = Codec { empty: Some(vec![0]), ..Codec::plain(Encoding::Decimal) };
    let table: [Row<'_>; 12] = [
        (Codec::plain(Encoding::Bcd), Kind::Date, 4, &[0x20, 0x26, 0x11, 0x23], Some(4), "20261123"),
        (Codec::plain(Encoding::Decimal), Kind::Time, 3, b"081530", Some(6), "081530"),
        (
            formatted(Encoding::Bcd, "YYMMDD", Kind::Date),
            Kind::Date,
            4,
            &[0x26, 0x11, 0x23],
            Some(3),
            "20261123",
        ),
        (formatted(Encoding::Text, "MM/YYYY", Kind::Month), Kind::Month, 3, b"11/2026", None, "202611"),
        (Codec::plain(Encoding::Text), Kind::Text, 4, b"A 1   ", Some(6), "41203100"),
        (Codec::plain(Encoding::Text), Kind::Text, 4, b"A 1", None, "41203100"),
        (Codec::plain(Encoding::Bcd), Kind::Text, 4, &[0x00, 0x12], Some(2), "30303132"),
        (mapped.clone(), Kind::Sector, 1, b"M", Some(1), "02"),
        (mapped, Kind::Sector, 1, b"B ", Some(2), "01"),
        (byte_mapped, Kind::Hex, 1, &[0x0f], Some(1), "04"),
        (blank.clone(), Kind::Number, 1, b"", None, "00"),
        (blank, Kind::Number, 1, b"   ", Some(3), "00"),
    ];
    for (codec, kind, len, raw, width, value) in table {
        check(&codec, kind, len, raw, width, value);
    }
}

#[test]
fn what_cannot_be_read_is_shown() {
    let map = BTreeMap::from([("B".to_owned(), vec![1]), ("M".to_owned(), vec![2])]);
    let mapped = Codec { map: Some(map), ..Codec::plain(Encoding::Text) };
    let long = [b'x'; 100];
    let table: [(Codec, Kind, &[u8], &str, &str); 9] = [
        (Codec::plain(Encoding::Bcd), Kind::Number, &[0x1a], "1a", "decimal digits, two a byte"),
        (Codec::plain(Encoding::Yuan), Kind::Number, b"1,5", "\"1,5\"", Encoding::Yuan.expected()),
        (Codec::plain(Encoding::Decimal), Kind::Number, b"65536", "\"65536\"", "the value"),
        (mapped, Kind::Sector, b"T", "\"T\"", "one of \"B\", \"M\""),
        (Codec::plain(Encoding::Hex), Kind::Hex, b"abcdef", "\"abcdef\"", "the value"),
        (prefixed(Encoding::Decimal, "65", true), Kind::Hex, b"123", "\"123\"", "the value"),
        (formatted(Encoding::Text, "hh:mm:ss", Kind::Time), Kind::Time, b"8:15", "\"8:15\"", "the value"),
        (Codec::plain(Encoding::Text), Kind::Text, b"ABC", "\"ABC\"", "the value"),
        (
            Codec::plain(Encoding::Decimal),
            Kind::Number,
            &long,
            "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\"",
            "decimal digits",
        ),
    ];
    for (codec, kind, raw, value, expected) in table {
        let wrong = codec.read(raw, kind, 2, "the value").unwrap_err();
        assert_eq!((&*wrong.value, &*wrong.expected), (value, expected), "{codec:?}");
    }
}

#[test]
fn what_cannot_be_written_is_shown() {
    let map = BTreeMap::from([("B".to_owned(), vec![1])]);
    let mapped = Codec { map: Some(map), ..Codec::plain(Encoding::Text) };
    let table = [
        (Codec::plain(Encoding::Decimal), Kind::Number, "03e8", Some(3), "1000"),
        (mapped, Kind::Sector, "02", Some(1), "2"),
        (prefixed(Encoding::Bcd, "6510", false), Kind::Hex, "651117", Some(1), "651117"),
        (prefixed(Encoding::Decimal, "", true), Kind::Digits, "1234", Some(3), "1234"),
        (Codec::plain(Encoding::Bcd), Kind::Hex, "0a", Some(1), "0a"),
        (Codec::plain(Encoding::Text), Kind::Text, "414243", Some(2), "\"ABC\""),
    ];
    for (codec, kind, value, width, shown) in table {
        let wrong = codec.write(&hex::decode(value).unwrap(), kind, width).unwrap_err();
        assert_eq!(wrong.value, shown, "{codec:?}");
    }
}

#[test]
fn the_widest_fields_are_filled() {
    let width = 4_096;
    for (encoding, kind) in [
        (Encoding::Decimal, Kind::Number),
        (Encoding::Yuan, Kind::Number),
        (Encoding::Hex, Kind::Number),
        (Encoding::Bcd, Kind::Number),
        (Encoding::Bytes, Kind::Number),
        (Encoding::Text, Kind::Text),
        (Encoding::Bcd, Kind::Digits),
        (Encoding::Hex, Kind::Hex),
    ] {
        let codec = prefixed(encoding, "", true);
        let raw = codec.write(&[0x31, 0x32], kind, Some(width)).unwrap();
        assert_eq!(raw.len(), width);
        assert_eq!(codec.read(&raw, kind, 2, "the value").ok(), Some(vec![0x31, 0x32]), "{encoding:?}");
    }
}
