//! Foreign files with something wrong in them: refused whole, with the place, the field and the value.

use super::*;

const VALIDATOR: &[u8] = include_bytes!("../../../../fixtures/layouts/validator-fixed.dat");
const SHOP: &str = include_str!("../../../../fixtures/layouts/shop-csv.csv");

fn validator() -> Profile {
    Profile::parse(include_str!("../../../../fixtures/layouts/validator-fixed.toml")).unwrap()
}

fn shop() -> Profile {
    Profile::parse(include_str!("../../../../fixtures/layouts/shop-csv.toml")).unwrap()
}

#[test]
fn a_changed_field_of_a_fixed_record_is_named() {
    // The second record begins at byte 96.
    for (at, bytes, expected) in [
        (0, &b"X"[..], "mark is \"X\", expected always \"D\""),
        (1, &[0x1a], "validator is 1a0017, expected decimal digits, two a byte"),
        (
            8,
            &[0x26, 0x02, 0x30],
            "when is 260230081541, expected a date and time YYYYMMDDhhmmss from 2000 to 2099",
        ),
        (
            14,
            &[0xff, 0xff, 0xff, 0xff],
            "balance_after is 5000 - 4294967295, expected a number from 0 to 4294967295",
        ),
        (48, &[0x07], "type is 07, expected 02, 05, 06 or 09"),
        (50, &[0x02], "cipher is 02, expected 00, 01 or 04"),
        (55, b"T", "mode is \"T\", expected one of \"B\", \"M\""),
        (65, b"1x2", "line is \"1x2\", expected decimal digits"),
        (75, &[0xff; 4], "driver is ffffffff, expected decimal digits, two a byte"),
    ] {
        let mut file = VALIDATOR.to_vec();
        let at = 16 + 80 + at;
        file[at..at + bytes.len()].copy_from_slice(bytes);
        let message = validator().read(&file).unwrap_err().to_string();
        assert_eq!(message, format!("record 2 at byte 96: {expected}"));
    }
    let cut = validator().read(&VALIDATOR[..VALIDATOR.len() - 1]).unwrap_err();
    assert_eq!(cut.to_string(), "file: length is 339, expected 20 and a multiple of 80 bytes");
}

#[test]
fn a_changed_column_of_a_line_is_named() {
    for (from, to, expected) in [
        ("12.30", "12,30", "line 2: number_of_fields is 20"),
        (
            "12.30",
            "12.345",
            "line 2: paid is \"12.345\", expected yuan with at most two decimals, such as 12.30",
        ),
        ("12.30", "", "line 2: paid is \"\", expected yuan with at most two decimals, such as 12.30"),
        (
            "A-0001",
            "A-0001-0001-0001-0001",
            "line 2: receipt is \"A-0001-0001-0001-0001\", expected up to 16 \
            printable ASCII characters",
        ),
        (",901,", ",123456789,", "line 2: till is \"123456789\", expected 12 hex digits"),
        (
            "2026-11-23 08:15:30",
            "23.11.2026 08:15:30",
            "line 2: time is \"23.11.2026 08:15:30\", expected a date and \
            time YYYYMMDDhhmmss from 2000 to 2099",
        ),
        (",sale,", ",refund,", "line 2: kind is \"refund\", expected one of \"sale\", \"sale (stored)\""),
        (",40,", ",65536,", "line 2: purchases is \"65536\", expected a number from 0 to 65535"),
        (",DES,", ",AES,", "line 2: cipher is \"AES\", expected one of \"3DES\", \"DES\", \"SM4\""),
        ("receipt,", "Receipt,", "line 1: receipt is missing, expected a column of that name"),
    ] {
        assert!(SHOP.contains(from), "{from}");
        let message = shop().read(SHOP.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message:?} should begin {expected:?}");
    }
}

#[test]
fn every_bad_line_is_named_and_none_is_packed() {
    let file = SHOP.replace(",sale,", ",refund,").replace(",sale (stored),", ",stored,");
    let faults = shop().read(file.as_bytes()).unwrap_err();
    let lines: Vec<String> = faults.kept().iter().map(|fault| fault.place.to_string()).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 4"]);
    let line = file.lines().nth(1).unwrap();
    let many = format!("{}\r\n{}", file.lines().next().unwrap(), format!("{line}\r\n").repeat(250));
    let faults = shop().read(many.as_bytes()).unwrap_err();
    assert_eq!((faults.kept().len(), faults.count()), (crate::FAULTS_MAX, 250));
    assert!(faults.to_string().ends_with("\nand 150 more"));
}

#[test]
fn what_the_layout_cannot_carry_is_not_written() {
    let records = validator().read(VALIDATOR).unwrap();
    let change = |change: &dyn Fn(&mut TransactionRecord), expected: &str| {
        let mut records = records.clone();
        change(&mut records[1]);
        let message = validator().write(&records).unwrap_err().to_string();
        assert_eq!(message, format!("record 2 at byte 96: {expected}"));
    };
    change(
        &|it| it.terminal.0[1] = 0x11,
        "validator is 651100000017, expected a value that the field can say in 3 bytes",
    );
    change(
        &|it| it.balance_after_fen += 1,
        "balance_after is 00001325, expected 00001324, which is what the layout carries",
    );
    change(&|it| it.sector = 3, "mode is 3, expected a value that the map has");
    change(&|it| it.flags.0 = 2, "late_tac is 02, expected a value that the map has");
    change(
        &|it| it.sector_data[23] = 1,
        "sector_data is 000300002721000500000aae710000000000000000000001, \
            expected 000300002721000500000aae710000000000000000000000, which is what the layout carries",
    );
}

#[test]
fn balances_follow_from_each_other() {
    let toml = include_str!("../../../../fixtures/layouts/validator-fixed.toml");
    let after = Profile::parse(&toml.replace("\"balance_before\"", "\"balance_after\"")).unwrap();
    let record = validator().read(VALIDATOR).unwrap()[0];
    assert_eq!(record.balance_after_fen, record.balance_before_fen - record.amount_fen);
    let same_bytes = after.read(VALIDATOR).unwrap()[0];
    assert_eq!(same_bytes.balance_after_fen, record.balance_before_fen);
    assert_eq!(same_bytes.balance_before_fen, record.balance_before_fen + record.amount_fen);
    let free = toml.replace("feeds = \"list_price\"", "").replace("[result]", "[unused]");
    let free = free.split("[unused]").next().unwrap();
    let derived = Profile::parse(&free.replace(
        "name = \"full_fare\"\noffset = 18\nlength = 4\nencoding = \"le\"",
        "name = \"full_fare\"\noffset = 18\nlength = 4",
    ))
    .unwrap();
    let records = derived.read(VALIDATOR).unwrap();
    assert!(records.iter().all(|record| record.list_price_fen == record.amount_fen));
}

#[test]
fn parts_of_another_sectors_data_must_be_empty() {
    let toml = include_str!("../../../../fixtures/layouts/validator-fixed.toml");
    let map = "{ B = \"bus\", M = \"metro\" }";
    let profile = Profile::parse(&toml.replace(map, "{ B = \"water\", M = \"metro\" }")).unwrap();
    let message = profile.read(VALIDATOR).unwrap_err().to_string();
    let first = message.lines().next().unwrap();
    assert_eq!(first, "record 1 at byte 16: line is 0003, expected nothing: only bus and metro have it");
}
