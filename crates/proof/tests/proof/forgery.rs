//! A dishonest centre: trees built to tell two merchants, or one merchant twice, different stories.

use tongclear_proof::{Branch, BranchError, Hash};
use tongclear_types::Fen;

use crate::sample::code;

fn leaf(merchant: &str, records: u64, hash: u8) -> Branch {
    Branch {
        first: code(merchant),
        last: code(merchant),
        records,
        amount_fen: Fen::from(100),
        hash: Hash([hash; 32]),
    }
}

/// A node says nothing of its children that another path could say otherwise.
#[test]
fn a_node_covers_range_sums_and_hash_of_both_children() {
    let (left, right) = (leaf("BUS00001", 10, 1), leaf("MET00001", 20, 2));
    let honest = Branch::join(left, right).unwrap();
    // Each keeps the node's own range and sums, so only a hash over the children's can tell them apart.
    let shifted = [
        (Branch { last: code("BUS00002"), ..left }, right),
        (left, Branch { first: code("MET00000"), ..right }),
        (Branch { records: 11, ..left }, Branch { records: 19, ..right }),
        (Branch { amount_fen: Fen::from(99), ..left }, Branch { amount_fen: Fen::from(101), ..right }),
        (Branch { hash: right.hash, ..left }, Branch { hash: left.hash, ..right }),
    ];
    for (left, right) in shifted {
        let other = Branch::join(left, right).unwrap();
        let outside = |node: &Branch| (node.first, node.last, node.records, node.amount_fen);
        assert_eq!(outside(&other), outside(&honest));
        assert_ne!(other.hash, honest.hash);
    }
}

#[test]
fn ranges_that_overlap_and_amounts_below_zero_are_refused() {
    let order = |left, right| matches!(Branch::join(left, right), Err(BranchError::Order { .. }));
    let (bus, met) = (leaf("BUS00001", 1, 1), leaf("MET00001", 1, 2));
    assert!(order(bus, bus), "one merchant twice");
    assert!(order(met, bus), "descending");
    assert!(order(Branch { last: code("POW00001"), ..bus }, met), "overlapping");
    assert!(order(Branch { first: code("POW00001"), ..bus }, met), "a range that ends before it begins");
    assert!(order(bus, Branch { last: code("LOAD0001"), ..met }), "likewise to the right");
    let owing = Branch { amount_fen: Fen::new(-1).unwrap(), ..met };
    assert!(matches!(Branch::join(bus, owing), Err(BranchError::Money(_))));
    let endless = Branch { records: u64::MAX, ..met };
    assert!(matches!(Branch::join(bus, endless), Err(BranchError::Money(_))));
}
