//! Profiles that are refused, each with its message.

use crate::Profile;

const VALIDATOR: &str = include_str!("../../../../fixtures/layouts/validator-fixed.toml");
const SHOP: &str = include_str!("../../../../fixtures/layouts/shop-csv.toml");

/// The profile with `from` replaced by `to` once is refused with `expected`, the line apart.
#[track_caller]
fn refused(profile: &str, from: &str, to: &str, expected: &str) {
    assert!(profile.contains(from), "{from:?} is not in the profile");
    let error = Profile::parse(&profile.replacen(from, to, 1)).unwrap_err();
    let message = error.to_string();
    let (_, message) = message.split_once(": ").unwrap();
    assert_eq!(message, expected, "{from:?} → {to:?}");
}

#[test]
fn the_form_of_the_file() {
    for (from, to, expected) in [
        ("\"fixed\"", "\"fix\"", "kind is \"fix\", expected fixed or delimited"),
        ("record_length = 80\n", "", "record_length is missing, expected 1 to 4096 bytes"),
        ("record_length = 80", "record_length = 0", "record_length is 0, expected 1 to 4096 bytes"),
        (
            "record_length = 80",
            "record_length = 81",
            "record_length is 81, expected 80, where the last field ends",
        ),
        ("header_length = 16", "header_length = 65537", "header_length is 65537, expected 0 to 65536 bytes"),
        ("header_length = 16", "header = true", "header is true, expected header_length in a fixed file"),
        (
            "trailer_length = 4",
            "delimiter = \",\"",
            "delimiter is \",\", expected no delimiter in a fixed file",
        ),
        (
            "trailer_length = 4",
            "colour = 4",
            "unknown field `colour`, expected one of `kind`, `record_length`, `header_length`, \
            `trailer_length`, `delimiter`, `header`, `line_end`, found colour",
        ),
        (
            "trailer_length = 4",
            "trailer_length = \"4\"",
            "invalid type: string \"4\", expected usize, found \"4\"",
        ),
        ("name = \"Validator upload\"", "name = \" \"", "name is \" \", expected a name"),
    ] {
        refused(VALIDATOR, from, to, expected);
    }
    for (from, to, expected) in [
        (
            "delimiter = \",\"",
            "delimiter = \",,\"",
            "delimiter is \",,\", expected one ASCII character that is no \
            letter, digit or quote",
        ),
        (
            "delimiter = \",\"",
            "delimiter = \"a\"",
            "delimiter is \"a\", expected one ASCII character that is no \
            letter, digit or quote",
        ),
        ("line_end = \"crlf\"", "line_end = \"cr\"", "line_end is \"cr\", expected crlf or lf"),
        (
            "line_end = \"crlf\"",
            "record_length = 4",
            "record_length is 4, expected no lengths in a delimited file",
        ),
    ] {
        refused(SHOP, from, to, expected);
    }
}

#[test]
fn the_place_of_a_field() {
    for (from, to, expected) in [
        ("offset = 79\n", "", "offset of spare is missing, expected a place within the 80 bytes of a record"),
        (
            "offset = 79\nlength = 1",
            "offset = 79\nlength = 2",
            "length of spare is 2 from 79, expected a place \
            within the 80 bytes of a record",
        ),
        (
            "offset = 79\nlength = 1",
            "offset = 79\nlength = 0",
            "length of spare is 0 from 79, expected a place \
            within the 80 bytes of a record",
        ),
        (
            "offset = 1\nlength = 3",
            "offset = 1\nlength = 2",
            "offset of number is 4, expected 3: each byte in one \
            field, those that nobody uses as well",
        ),
        (
            "name = \"spare\"",
            "name = \"driver\"",
            "name is \"driver\", expected a name that no other field has",
        ),
        (
            "offset = 79",
            "column = 3\noffset = 79",
            "column of spare is 3, expected offset and length in a \
            fixed file",
        ),
    ] {
        refused(VALIDATOR, from, to, expected);
    }
    for (from, to, expected) in [
        (
            "name = \"cashier\"",
            "name = \"cashier\"\noffset = 3",
            "offset of cashier is 3, expected column in a \
            delimited file",
        ),
        (
            "name = \"cashier\"",
            "name = \"cashier\"\ncolumn = 3",
            "column of cashier is 3, expected the \
            column's name in the first line",
        ),
        (
            "name = \"cashier\"",
            "name = \"cashier\"\ncolumn = \"till\"",
            "column of cashier is column till, expected \
            a column of its own",
        ),
    ] {
        refused(SHOP, from, to, expected);
    }
}

#[test]
fn columns_without_names_are_counted() {
    let numbered = SHOP.replacen("header = true", "header = false", 1);
    assert!(Profile::parse(&numbered).is_ok());
    refused(
        &numbered,
        "name = \"cashier\"",
        "name = \"cashier\"\ncolumn = 7",
        "column of cashier is 7, expected 19: fields in the order of the columns, all of them",
    );
}

#[test]
fn what_a_field_feeds() {
    for (from, to, expected) in [
        ("feeds = \"tac\"", "feeds = \"tack\"", "feeds is \"tack\", expected a field of the record"),
        (
            "feeds = \"tac\"",
            "feeds = \"tti\"",
            "feeds is \"tti\", expected a field of the record that nothing else \
            feeds; tti does",
        ),
        (
            "feeds = \"tac\"",
            "feeds = \"sector_data\"",
            "feeds is \"line\", expected a field of the record that nothing else feeds; sector_data \
            does",
        ),
        ("feeds = \"tac\"\n", "", "tac is missing, expected a field or a constant that feeds it"),
        (
            "feeds = \"balance_before\"\n",
            "",
            "balance_before is missing, expected a field that feeds it or \
            balance_after",
        ),
        ("is = \"D\"", "is = \"D\"\nfeeds = \"tac\"", "is is \"D\", expected either feeds or is"),
        (
            "feeds = \"tac\"",
            "from = \"tac\"",
            "from is \"tac\", expected feeds, which says the field of the record",
        ),
        (
            "name = \"spare\"",
            "name = \"spare\"\npad = true",
            "pad is present, expected a field that feeds something",
        ),
        ("is = \"D\"", "is = \"DD\"", "is is \"DD\", expected what text can say in this field"),
    ] {
        refused(VALIDATOR, from, to, expected);
    }
    for (from, to, expected) in [
        (
            "sector = \"commerce\"",
            "sector = \"sponsor\"",
            "sector is \"sponsor\", expected a sector that sends \
            records: bus, metro, water, power, gas, commerce or load",
        ),
        (
            "sector = \"commerce\"",
            "sector = \"bus\"",
            "feeds is \"till_reference\", expected a part of the sector \
            data of sector bus",
        ),
        (
            "sector = \"commerce\"",
            "sector = 1.5",
            "sector is a TOML float, expected a text or a whole number",
        ),
        ("sector = \"commerce\"", "colour = 1", "constants is \"colour\", expected a field of the record"),
        ("issuer = \"04176510ffffffff\"", "issuer = \"0417\"", "issuer is \"0417\", expected 16 hex digits"),
    ] {
        refused(SHOP, from, to, expected);
    }
}

#[test]
fn how_a_field_is_written() {
    for (from, to, expected) in [
        (
            "encoding = \"le\"",
            "encoding = \"middle\"",
            "encoding is \"middle\", expected bytes, bytes_reversed, \
            bcd, be, le, hex, decimal, yuan or text",
        ),
        (
            "encoding = \"le\"\nfeeds = \"amount\"",
            "feeds = \"amount\"",
            "encoding of fare is missing, expected \
            bytes, bytes_reversed, bcd, be, le, hex, decimal, yuan or text",
        ),
        (
            "encoding = \"le\"\nfeeds = \"amount\"",
            "encoding = \"text\"\nfeeds = \"amount\"",
            "encoding is \"text\", \
            expected an encoding for a number, or a map",
        ),
        (
            "encoding = \"bcd\"\nfeeds = \"serial\"",
            "encoding = \"be\"\nfeeds = \"serial\"",
            "encoding is \"be\", \
            expected at most 8 bytes for an integer",
        ),
        (
            "\"YYMMDDhhmmss\"",
            "\"YYMMDDhhmm\"",
            "format is \"YYMMDDhhmm\", expected every part of a date and time \
            once, as long as the field",
        ),
        (
            "\"YYMMDDhhmmss\"",
            "\"YY-MM-DDhhmmss\"",
            "format is \"YY-MM-DDhhmmss\", expected every part of a date and \
            time once, as long as the field",
        ),
        (
            "feeds = \"amount\"",
            "format = \"YYYY\"\nfeeds = \"amount\"",
            "format is \"YYYY\", expected a date, a time \
            or a month, without a map",
        ),
        (
            "feeds = \"amount\"",
            "prefix = \"00\"\nfeeds = \"amount\"",
            "prefix is \"00\", expected digits of a value \
            in hex, without a map",
        ),
        (
            "\"651000\"",
            "\"65100x\"",
            "prefix is \"65100x\", expected digits of a value in hex, without a map",
        ),
        ("\"651000\"", "\"6510000000000\"", "prefix is \"6510000000000\", expected 12 hex digits"),
        (
            "feeds = \"amount\"",
            "pad = true\nfeeds = \"amount\"",
            "pad is true, expected a value in hex, without a \
            map",
        ),
        ("{ B = \"bus\", M = \"metro\" }", "{}", "map is empty, expected at least one value"),
        (
            "{ B = \"bus\", M = \"metro\" }",
            "{ B = \"tram\" }",
            "map is \"tram\", expected a sector that sends \
            records: bus, metro, water, power, gas, commerce or load",
        ),
        (
            "{ B = \"bus\", M = \"metro\" }",
            "{ \"公\" = \"bus\" }",
            "map is \"公\", expected what text can say",
        ),
        (
            "feeds = \"flags\"",
            "empty = \"08\"\nfeeds = \"flags\"",
            "empty is \"08\", expected flags 00 to 07",
        ),
    ] {
        refused(VALIDATOR, from, to, expected);
    }
    refused(
        SHOP,
        "encoding = \"hex\"",
        "encoding = \"be\"",
        "encoding is \"be\", expected hex, decimal, yuan or text in a delimited file",
    );
}

#[test]
fn what_a_result_tells() {
    for (from, to, expected) in [
        ("records = \"all\"", "records = \"some\"", "records is \"some\", expected all or unpaid"),
        (
            "from = \"reason\"",
            "from = \"mood\"",
            "from is \"mood\", expected row, sequence, collector, disposition, \
            reason or a field of the record",
        ),
        ("from = \"reason\"", "feeds = \"tac\"", "feeds is \"tac\", expected from, which says what is told"),
        ("from = \"reason\"\n", "", "from of reason is missing, expected either from or is"),
        (", rejected = \"NO\"", "", "map of code is missing, expected rejected, or \"*\" for all others"),
        (
            "rejected = \"NO\"",
            "refused = \"NO\"",
            "map is \"refused\", expected a value of disposition, or \"*\" for \
            all others",
        ),
        ("rejected = \"NO\"", "rejected = \"公\"", "map is \"公\", expected what text can say in this field"),
    ] {
        refused(SHOP, from, to, expected);
    }
    refused(
        VALIDATOR,
        "tac_mismatch = \"0010\"",
        "tac_mismatch = \"00010\"",
        "map is \"00010\", expected what bcd can say in this field",
    );
}

#[test]
fn errors_say_the_line() {
    for (profile, line) in [
        ("", 1),
        ("name = \"x\"\n[file]\nkind = 3\n", 3),
        ("name = \"x\"\n\n[file]\nkind = \"round\"\n[[field]]\nname = \"a\"\n", 4),
        ("name = \"x\"\nfield = []\n[file]\nkind = \"delimited\"\n", 1),
        ("name = \"x\"\n[file\n", 2),
    ] {
        assert_eq!(Profile::parse(profile).unwrap_err().line(), line, "{profile:?}");
    }
    let field = VALIDATOR.replacen("feeds = \"tac\"", "feeds = \"tack\"", 1);
    let line = field.lines().position(|line| line.contains("tack")).unwrap() + 1;
    assert_eq!(Profile::parse(&field).unwrap_err().line(), line);
}
