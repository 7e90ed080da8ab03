//! `fixtures/packages`: what the door says to each, when the first and the third package of the bus depot were
//! accepted before.

use tongclear_package::{Neighbours, admit, peek_key, place};

use crate::fixtures::Folder;
use crate::sample::{BUS, Centre, METRO, changed, flipped, package, seal_start};

/// The bus depot's packages 1 to 3.
fn chain() -> [Vec<u8>; 3] {
    let first = package(BUS, 1, 2, [0; 8]);
    let second = package(BUS, 2, 1, seal_start(&first));
    let third = package(BUS, 3, 2, seal_start(&second));
    [first, second, third]
}

/// The answer of the door to `bytes`, with `accepted` as what it took before.
fn answer(bytes: &[u8], accepted: &[Vec<u8>]) -> String {
    let view = match admit(bytes, &Centre::new()) {
        Ok(view) => view,
        Err(refusal) => return refusal.to_string(),
    };
    let of_sequence = |sequence: Option<u32>| {
        accepted.iter().filter(|it| *it != bytes).find_map(|it| {
            let other = admit(it, &Centre::new()).unwrap();
            let key = (other.header().collector, Some(other.header().sequence.0));
            (key == (view.header().collector, sequence))
                .then_some((other.seal(), other.header().previous_seal))
        })
    };
    let sequence = view.header().sequence.0;
    let neighbours = Neighbours {
        same: of_sequence(Some(sequence)).map(|(seal, _)| seal),
        before: of_sequence(sequence.checked_sub(1)).map(|(seal, _)| seal),
        after: of_sequence(sequence.checked_add(1)).map(|(_, previous)| previous),
    };
    place(&view, &neighbours).map_or_else(|refusal| refusal.to_string(), |()| "accepted".to_owned())
}

#[test]
fn every_fixture_gets_the_message_beside_it() {
    let [first, second, third] = chain();
    let good = || package(BUS, 1, 2, [0; 8]);
    let accepted = [first.clone(), third.clone()];
    let cut = |len: usize| good()[..len].to_vec();
    let with = |at: usize, value: &[u8]| changed(good(), at, value);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("valid-two-records", first.clone()),
        ("valid-empty", package(METRO, 1, 0, [0; 8])),
        ("valid-second", second.clone()),
        ("valid-after-a-gap", third),
        ("empty", Vec::new()),
        ("truncated-header", cut(100)),
        ("truncated-record", cut(250)),
        ("truncated-seal", cut(good().len() - 1)),
        ("one-byte-too-long", [good(), vec![0]].concat()),
        ("count-too-high", with(28, &[0, 0, 0, 3])),
        ("count-too-low", with(28, &[0, 0, 0, 1])),
        ("magic-wrong", with(0, b"CTP\xff")),
        ("version-two", with(4, &[0, 2])),
        ("header-length-wrong", with(6, &[0, 0])),
        ("record-length-wrong", with(54, &[0, 97])),
        ("record-layout-two", with(53, &[2])),
        ("reserved-not-zero", with(22, &[0, 1])),
        ("reserved-not-zero-at-the-end", with(127, &[0x80])),
        ("merchant-lower-case", with(8, b"bus00001")),
        ("merchant-with-zero-bytes", with(8, b"BUS1\0\0\0\0")),
        ("unknown-collector", with(16, &[0x65, 0x10, 0, 0, 0, 0x99])),
        ("merchant-of-another", with(8, b"MET00001")),
        ("seal-algorithm-unknown", with(52, &[3])),
        ("seal-key-version-unknown", with(48, &[0, 0, 0, 9])),
        ("seal-algorithm-does-not-fit", with(52, &[2])),
        ("seal-flipped", flipped(good(), good().len() - 1, 0)),
        ("amount-changed-after-sealing", flipped(good(), 128 + 3, 0)),
        ("sum-off-by-one", with(39, &[201])),
        ("sequence-zero", with(24, &[0, 0, 0, 0])),
        ("sequence-taken", with(40, &[0, 0, 0, 0, 0, 0, 0, 1])),
        ("first-with-a-previous-seal", package(METRO, 1, 1, [7; 8])),
        ("previous-seal-wrong", package(BUS, 2, 1, [7; 8])),
        ("not-the-one-the-next-names", package(BUS, 2, 2, seal_start(&first))),
    ];
    let mut folder = Folder::new("packages", "ctp");
    for (name, bytes) in &cases {
        folder.check(name, bytes, &answer(bytes, &accepted));
    }
    folder.finish();
}

#[test]
fn a_package_says_who_sent_it_before_it_is_judged() {
    let bytes = flipped(package(BUS, 7, 0, [0; 8]), 0, 0);
    assert_eq!(peek_key(&bytes), Some((BUS, tongclear_types::PackageSequence(7))));
    assert_eq!(peek_key(&bytes[..127]), None);
}
