//! What decisions move, by origin and resolution: one line a case, the postings in the last column.

use rust_decimal::Decimal;
use tongclear_types::Rounding;

use super::*;
use crate::FeeLevel;
use crate::contract::tests::sample;

/// 1 % and half a fen, at least 2 fen; the city sponsors concessions.
fn contract() -> Contract {
    Contract {
        rate: Decimal::new(1, 2),
        fixed_fen: Decimal::new(5, 1),
        min_fee_fen: Some(Decimal::from(2)),
        rounding: Rounding::HalfUp,
        sponsor: Some("GOV00001".parse().unwrap()),
        ..sample()
    }
}

/// A purchase of 200 fen at a list price of 250.
fn original(origin: Origin) -> Original {
    Original {
        reference: "6510000000f1-3-17".parse().unwrap(),
        origin,
        merchant: "BUS00001".parse().unwrap(),
        operator: "0417".parse().unwrap(),
        chain: Chain::Purchase,
        amount: Fen::from(200),
        list_price: Fen::from(250),
        theirs: None,
    }
}

fn split(pay: u32, refuse: u32) -> Resolution {
    Resolution::Split { pay_fen: Fen::from(pay), refuse_fen: Fen::from(refuse) }
}

/// `code debit>credit amount`, without who: `o` operator, `m` merchant, `s` sponsor, `c` centre; `c`learing, `p`ayable,
/// `f`ees, `s`uspense.
fn told(adjustment: &Adjustment) -> String {
    let window = "2026-11-22".parse().unwrap();
    let posted = postings_of(window, adjustment);
    let letters = |account: Account| {
        let text = account.to_string();
        let last = text.rsplit(':').next().unwrap().to_owned();
        format!("{}{}", &text[..1], &last[..1])
    };
    let lines = posted.iter().map(|it| {
        assert_eq!(it.reference, Some(adjustment.reference));
        assert_eq!(it.contract.is_none(), matches!(it.code, TransferCode::Release | TransferCode::Refuse));
        format!("{} {}>{} {}", it.code, letters(it.debit), letters(it.credit), it.amount)
    });
    lines.collect::<Vec<_>>().join(", ")
}

#[test]
fn what_each_decision_moves() {
    use Origin::{Mismatch, OursOnly, Suspended, TheirsOnly};
    use Resolution::{Keep, Pay, Refuse};
    let theirs = |fen| Original { theirs: Some(Fen::from(fen)), ..original(Mismatch) };
    let load = |origin| Original { chain: Chain::Load, ..original(origin) };
    let free = Original { amount: Fen::ZERO, ..original(Suspended) };
    for (original, resolution, net, expected) in [
        (
            original(Suspended),
            Pay,
            247,
            "release ms>os 200, purchase oc>mp 200, fee mp>cf 3, concession sc>mp 50",
        ),
        (original(Suspended), Refuse, 0, "refuse ms>os 200"),
        // 80 × 1 % + 0.5 = 1.3, at least 2.
        (
            original(Suspended),
            split(80, 120),
            78,
            "release ms>os 80, refuse ms>os 120, purchase oc>mp 80, fee mp>cf 2",
        ),
        (load(Suspended), Pay, -200, "release os>ms 200, load mp>oc 200"),
        (load(Suspended), Refuse, 0, "refuse os>ms 200"),
        (free, Pay, 248, "fee mp>cf 2, concession sc>mp 250"),
        (original(OursOnly), Pay, 0, ""),
        (original(OursOnly), Refuse, -247, "correction mp>oc 200, correction cf>mp 3, correction mp>sc 50"),
        (
            original(OursOnly),
            split(80, 120),
            -169,
            "correction mp>oc 120, correction cf>mp 1, correction mp>sc 50",
        ),
        (load(OursOnly), Refuse, 200, "correction oc>mp 200"),
        (original(TheirsOnly), Pay, 247, "correction oc>mp 200, fee mp>cf 3, concession sc>mp 50"),
        (original(TheirsOnly), Refuse, 0, ""),
        (original(TheirsOnly), split(80, 120), 78, "correction oc>mp 80, fee mp>cf 2"),
        (theirs(150), Pay, 0, ""),
        (theirs(150), Refuse, -49, "correction mp>oc 50, correction cf>mp 1"),
        (theirs(320), Refuse, 119, "correction oc>mp 120, fee mp>cf 1"),
        (theirs(0), Refuse, -247, "correction mp>oc 200, correction cf>mp 3, correction mp>sc 50"),
        (theirs(200), Refuse, 0, ""),
        (theirs(150), split(180, 20), -69, "correction mp>oc 20, correction cf>mp 1, correction mp>sc 50"),
        (original(Suspended), Keep, 0, ""),
    ] {
        let adjustment = Adjustment::of(&original, resolution, Some(&contract())).unwrap();
        assert_eq!(told(&adjustment), expected, "{original:?} {resolution:?}");
        assert_eq!(adjustment.to_merchant().unwrap().get(), net, "{original:?} {resolution:?}");
        if resolution.is_final() {
            assert_eq!(adjustment.paid.checked_add(adjustment.refused).unwrap(), original.amount);
        }
    }
}

#[test]
fn a_window_level_contract_rounds_one_purchase_by_itself() {
    let contract = Contract { level: FeeLevel::Window, min_fee_fen: None, ..contract() };
    let adjustment = Adjustment::of(&original(Origin::Suspended), Resolution::Pay, Some(&contract)).unwrap();
    assert_eq!(adjustment.fee, Fen::from(3));
}

#[test]
fn what_cannot_be_carried_out() {
    let suspended = original(Origin::Suspended);
    for (resolution, contract, expected) in [
        (Resolution::Pay, None, "no contract is in force for merchant BUS00001"),
        (split(100, 99), Some(contract()), "pay 100 fen and refuse 99 fen do not split 200 fen"),
        (split(200, 0), Some(contract()), "do not split 200 fen"),
    ] {
        let error = Adjustment::of(&suspended, resolution, contract.as_ref()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let refused = Adjustment::of(&suspended, Resolution::Refuse, None).unwrap();
    assert_eq!((refused.terms, refused.refused), (None, Fen::from(200)), "to refuse needs no contract");
}

#[test]
fn adjustments_are_json_and_back() {
    let adjustment = Adjustment::of(&original(Origin::Suspended), split(80, 120), Some(&contract())).unwrap();
    let transfers = adjustment_postings("2026-11-22".parse().unwrap(), &[adjustment]);
    assert!(transfers.is_sorted_by_key(Transfer::id));
    assert_eq!(transfers.len(), 4);
}
