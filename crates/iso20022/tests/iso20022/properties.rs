//! What is written is read back; bytes that were changed are read or refused, and nothing else.

use proptest::prelude::*;
use proptest::sample::Index;
use tongclear_iso20022::{Bank, PaymentOrder, StatementFile, example};
use tongclear_types::Fen;

use crate::any::{order, order_and_twists, statement_file};

/// A change to some bytes: where, how many go, and what comes instead.
type Change = (Index, usize, Vec<u8>);

fn change() -> impl Strategy<Value = Change> {
    let pieces = [
        "<",
        ">",
        "/",
        "&",
        "\"",
        "<!DOCTYPE x [<!ENTITY a \"b\">]>",
        "&a;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?x?>",
        "<x:y>",
        "</Document>",
        "<Ntry>",
        "</Ntry>",
        "xmlns=\"\"",
        "\u{feff}",
        "&#0;",
        "&#xFFFF;",
        "-1",
        "99999999999999999999",
        "2026-02-30",
        "\0",
    ];
    let inserted = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        proptest::sample::select(pieces.map(|it| it.as_bytes().to_vec()).to_vec()),
    ];
    (any::<Index>(), 0..40_usize, inserted)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (at, gone, inserted) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = at.index(bytes.len());
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, inserted.iter().copied());
    }
    bytes
}

fn answer_of_the_example() -> Vec<u8> {
    let order = example::order();
    let answer = Bank::of(&order, Fen::new(10_000_000).unwrap()).in_batches().answer(&order, &[]);
    answer.unwrap().to_xml()
}

proptest! {
    #[test]
    fn orders_come_back(order in order()) {
        prop_assert_eq!(PaymentOrder::read(&order.to_xml()[..]).unwrap(), order);
    }

    #[test]
    fn statements_come_back(file in statement_file()) {
        prop_assert_eq!(StatementFile::read(&file.to_xml()[..]).unwrap(), file);
    }

    #[test]
    fn answers_come_back((order, twists) in order_and_twists(), in_batches: bool) {
        let bank = Bank::of(&order, Fen::ZERO);
        let mut bank = if in_batches { bank.in_batches() } else { bank };
        let answer = bank.answer(&order, &twists).unwrap();
        prop_assert_eq!(answer.statements[0].closing().amount, bank.balance());
        prop_assert_eq!(StatementFile::read(&answer.to_xml()[..]).unwrap(), answer);
    }

    #[test]
    fn a_changed_order_is_one_or_is_refused(changes in proptest::collection::vec(change(), 1..4)) {
        if let Ok(order) = PaymentOrder::read(&changed(example::order().to_xml(), &changes)[..]) {
            prop_assert_eq!(PaymentOrder::read(&order.to_xml()[..]).unwrap(), order);
        }
    }

    #[test]
    fn a_changed_statement_is_one_or_is_refused(changes in proptest::collection::vec(change(), 1..4)) {
        if let Ok(file) = StatementFile::read(&changed(answer_of_the_example(), &changes)[..]) {
            prop_assert_eq!(StatementFile::read(&file.to_xml()[..]).unwrap(), file);
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(PaymentOrder::read(&bytes[..]).is_err());
        prop_assert!(StatementFile::read(&bytes[..]).is_err());
    }
}

/// Cut anywhere, no document is taken for a whole one.
#[test]
fn a_document_that_was_cut_is_refused() {
    let (order, answer) = (example::order().to_xml(), answer_of_the_example());
    // The line break at the end is no part of the document.
    for cut in 0..order.len() - 1 {
        assert!(PaymentOrder::read(&order[..cut]).is_err(), "an order cut at byte {cut}");
    }
    for cut in 0..answer.len() - 1 {
        assert!(StatementFile::read(&answer[..cut]).is_err(), "a statement cut at byte {cut}");
    }
}
