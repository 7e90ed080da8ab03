//! The order of the checks at the door: of two defects the one that is documented first is named.

use tongclear_package::{
    Neighbours, PACKAGE_LEN_MAX, PackageView, QuarantineReason, RECORD_LEN, RECORDS_MAX, admit, place,
};

use crate::sample::{BUS, Centre, changed, package, seal_start};

/// A defect: what it does to the bytes before they are sealed, and what it is refused for.
type Defect = (usize, &'static [u8], QuarantineReason, &'static str);

#[test]
fn of_two_defects_the_first_in_the_documented_order_decides() {
    use QuarantineReason::{
        MalformedPackage, MerchantMismatch, SealInvalid, SumMismatch, UnknownCollector, UnknownSealKey,
    };
    const SEAL_AT: usize = 128 + 2 * 96;
    let order: [Defect; 17] = [
        (28, &[0, 0, 0, 9], MalformedPackage, "length"),
        (0, b"X", MalformedPackage, "magic"),
        (4, &[1], MalformedPackage, "version"),
        (6, &[1], MalformedPackage, "header_length"),
        (54, &[1], MalformedPackage, "record_length"),
        (53, &[0], MalformedPackage, "record_layout"),
        (23, &[1], MalformedPackage, "reserved_22"),
        (64, &[1], MalformedPackage, "reserved_64"),
        // The two defects of the merchant field, and of algorithm and key version, do not go together.
        (15, b"_", MalformedPackage, "merchant"),
        (21, &[0x77], UnknownCollector, "collector"),
        (14, b"9", MerchantMismatch, "merchant"),
        (52, &[9], UnknownSealKey, "seal_algorithm"),
        (51, &[9], UnknownSealKey, "seal_key_version"),
        (52, &[2], UnknownSealKey, "seal_algorithm"),
        (SEAL_AT, &[0], SealInvalid, "seal"),
        (32, &[1], SumMismatch, "amount_sum"),
        (24, &[0, 0, 0, 0], MalformedPackage, "sequence"),
    ];
    let centre = Centre::new();
    for (i, first) in order.iter().enumerate() {
        for second in order[i..].iter().filter(|it| it.0 != first.0 || it.1 == first.1) {
            // The seal last: the other defects seal again.
            let mut bytes = package(BUS, 1, 2, [0; 8]);
            for (at, value, ..) in [second, first].iter().filter(|it| it.0 != SEAL_AT) {
                bytes = changed(bytes, *at, value);
            }
            if [first.0, second.0].contains(&SEAL_AT) {
                bytes[SEAL_AT] = !bytes[SEAL_AT];
            }
            let refusal = admit(&bytes, &centre).unwrap_err();
            assert_eq!((refusal.reason, refusal.field), (first.2, first.3), "with {}: {refusal}", second.3);
        }
    }
}

#[test]
fn a_count_above_the_maximum_is_refused_even_when_the_length_fits() {
    let mut bytes = vec![0; PACKAGE_LEN_MAX + RECORD_LEN];
    bytes[28..32].copy_from_slice(&(RECORDS_MAX + 1).to_be_bytes());
    let refusal = admit(&bytes, &Centre::new()).unwrap_err();
    assert_eq!(refusal.to_string(), "malformed_package: record_count is 1000001, expected at most 1000000");
}

#[test]
fn neighbours_are_asked_in_the_documented_order() {
    let first = package(BUS, 1, 1, [0; 8]);
    let second = package(BUS, 2, 1, seal_start(&first));
    let last = package(BUS, u32::MAX, 1, [1; 8]);
    let seal = |bytes: &[u8]| admit(bytes, &Centre::new()).unwrap().seal();
    let own = Some(seal_start(&second));
    let (right, wrong) = (Some(seal(&first)), Some([9; 32]));
    let table: [(&[u8], Neighbours, &str); 9] = [
        (&second, Neighbours::default(), "ok"),
        (&second, Neighbours { same: None, before: right, after: own }, "ok"),
        (
            &second,
            Neighbours { same: right, before: wrong, after: Some([9; 8]) },
            "sequence_conflict sequence",
        ),
        (
            &second,
            Neighbours { same: None, before: wrong, after: Some([9; 8]) },
            "chain_broken previous_seal",
        ),
        (&second, Neighbours { same: None, before: right, after: Some([9; 8]) }, "chain_broken seal"),
        // The first package has nothing before it, whatever is said.
        (&first, Neighbours { same: None, before: wrong, after: None }, "ok"),
        (&package(BUS, 1, 1, [1; 8]), Neighbours::default(), "chain_broken previous_seal"),
        (&last, Neighbours::default(), "ok"),
        (&last, Neighbours { before: wrong, ..Neighbours::default() }, "chain_broken previous_seal"),
    ];
    for (bytes, neighbours, expected) in table {
        let view = admit(bytes, &Centre::new()).unwrap();
        let got = match place(&view, &neighbours) {
            Ok(()) => "ok".to_owned(),
            Err(refusal) => format!("{} {}", refusal.reason, refusal.field),
        };
        assert_eq!(got, expected, "{neighbours:?}");
    }
}

#[test]
fn the_view_gives_back_what_was_written() {
    let bytes = package(BUS, 3, 2, [5; 8]);
    let view = PackageView::reopen(&bytes).unwrap();
    assert_eq!(view.records().len(), 2);
    assert_eq!(view.record(1), view.records().next_back());
    assert_eq!(view.record(2), None);
    assert_eq!(view.header().previous_seal, [5; 8]);
    assert_eq!(view.header().amount_sum_fen, 200);
    assert_eq!(view.seal_start(), seal_start(&bytes));
    let centre = Centre::new();
    let masters = [1, 2].map(|version| tongclear_package::Door::seal_master(&centre, version).unwrap());
    assert_eq!(masters.map(|master| view.verify_seal(master)), [true, false]);
}
