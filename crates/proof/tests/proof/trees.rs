//! Trees of any size: every merchant reaches the root, and nobody else does.

use proptest::prelude::*;
use tongclear_proof::verify;
use tongclear_types::Fen;

use crate::sample::{code, date, sections, window};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("MERCH{i:03}")).collect()
}

#[test]
fn every_merchant_of_every_size_of_window_verifies() {
    for count in 1..=17_u32 {
        let names = names(count as usize);
        let merchants: Vec<(&str, u32)> =
            names.iter().map(String::as_str).zip((0..count).map(|i| i * 3)).collect();
        let window = window(&merchants);
        let published = window.proof.published();
        published.check().unwrap();
        assert_eq!((published.merchants, published.window), (count, date()));
        assert_eq!(published.records, (0..u64::from(count)).map(|i| i * 3).sum::<u64>());
        for (name, records) in &merchants {
            let proven = verify(&window.statement(name), published.root).unwrap();
            assert_eq!(proven.dispositions.sum().unwrap().count, u64::from(*records));
            assert_eq!(proven.amount_fen, published.amount_fen);
        }
    }
}

#[test]
fn a_merchant_outside_the_tree_has_no_statement() {
    let window = window(&[("BUS00001", 3)]);
    assert_eq!(window.proof.statement(code("MET00001"), &[], &[]).unwrap(), None);
}

#[test]
fn a_window_without_merchants_has_a_root() {
    let published = window(&[]).proof.published();
    published.check().unwrap();
    assert_eq!((published.merchants, published.records, published.amount_fen), (0, 0, Fen::ZERO));
    assert_eq!(published.top, None);
}

#[test]
fn two_accounts_of_one_merchant_are_refused() {
    let accounts = || {
        let rows = window(&[("BUS00001", 0)]);
        let statement = rows.statement("BUS00001");
        tongclear_proof::Account {
            merchant: statement.merchant,
            name: statement.name,
            name_en: statement.name_en,
            idle_value_date: statement.idle_value_date,
            figures: Vec::new(),
            adjustments: Vec::new(),
            packages: Vec::new(),
            sections: Vec::new(),
        }
    };
    let twice = vec![accounts(), accounts()];
    let error = tongclear_proof::WindowProof::new(date(), tongclear_proof::Hash([0; 32]), twice).unwrap_err();
    assert_eq!(error.to_string(), "merchant BUS00001 stands to the left of BUS00001");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The root over a section's records depends on each of them and on their order.
    #[test]
    fn a_section_depends_on_every_record(records in 2_u32..1_200, at in any::<prop::sample::Index>()) {
        let window = window(&[("BUS00001", records)]);
        let rows: Vec<_> = window.unpaid.clone();
        prop_assume!(rows.len() > 1);
        let whole = sections(&rows);
        let i = at.index(rows.len());
        let mut changed = rows.clone();
        changed[i].terminal_number.0 ^= 5 << 20;
        prop_assert_ne!(&sections(&changed), &whole);
        let mut without = rows.clone();
        without.remove(i);
        prop_assert_ne!(&sections(&without), &whole);
    }
}
