//! Orders that cannot be made, and bytes that stay.

use super::*;
use crate::example::{order, party, payment};
use crate::text::MessageId;

fn made(groups: Vec<PaymentGroup>) -> Result<PaymentOrder, ValueError> {
    let example = order();
    PaymentOrder::new(MessageId::new("M1").unwrap(), example.created(), example.initiator().clone(), groups)
}

fn group(id: &str, payments: Vec<Payment>) -> PaymentGroup {
    PaymentGroup { id: GroupId::new(id).unwrap(), payments, ..order().groups()[0].clone() }
}

#[test]
fn orders_that_cannot_be_sent() {
    let pay = |id: &str, fen| payment(id, fen, party("公交", "1", "102651000000"));
    let table: Vec<(Vec<PaymentGroup>, &str)> = vec![
        (vec![], "payment groups is \"0\", expected at least one"),
        (
            vec![group("G1", vec![pay("A", 1)]), group("G2", vec![])],
            "payment group is \"G2\", expected at least one payment in it",
        ),
        (
            vec![group("G1", vec![pay("A", 1)]), group("G1", vec![pay("B", 1)])],
            "payment group id is \"G1\", expected each id once",
        ),
        (
            vec![group("G1", vec![pay("A", 1)]), group("G2", vec![pay("B", 1), pay("A", 2)])],
            "end-to-end id is \"A\", expected each id once",
        ),
        (
            vec![group("G1", vec![pay("A", Amount::MAX_FEN)]), group("G2", vec![pay("B", 1)])],
            "control sum is \"1000000000000000000\", expected at most 999999999999999999 fen",
        ),
        (
            vec![group("G1", (0..=PAYMENTS_MAX).map(|it| pay(&it.to_string(), 1)).collect())],
            "payments is \"100001\", expected at most 100000",
        ),
    ];
    for (groups, expected) in table {
        assert_eq!(made(groups).unwrap_err().to_string(), expected);
    }
}

#[test]
fn counts_and_sums_are_those_of_the_payments() {
    let order = order();
    assert_eq!((order.count(), order.sum().get()), (3, 236_572 + 1_000_001 + 5));
    let text = String::from_utf8(order.to_xml()).unwrap();
    for part in [
        "<NbOfTxs>3</NbOfTxs>\n   <CtrlSum>12365.78</CtrlSum>",
        "<NbOfTxs>2</NbOfTxs>\n   <CtrlSum>12365.73</CtrlSum>",
        "<NbOfTxs>1</NbOfTxs>\n   <CtrlSum>0.05</CtrlSum>",
        "<CreDtTm>2026-11-25T02:30:00</CreDtTm>",
        "<InstdAmt Ccy=\"CNY\">2365.72</InstdAmt>",
        "成都地铁 &lt;Metro&gt; &amp; &quot;Co&quot;",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn an_order_is_read_back() {
    let order = order();
    assert_eq!(PaymentOrder::read(&order.to_xml()[..]).unwrap(), order);
    assert_eq!(order.to_xml(), order.to_xml());
}

#[test]
fn fractions_of_a_second_are_dropped() {
    let example = order();
    let created = "2026-11-25T02:30:00.75".parse().unwrap();
    let made = PaymentOrder::new(
        MessageId::new("M1").unwrap(),
        created,
        example.initiator().clone(),
        example.groups.clone(),
    );
    assert_eq!(made.unwrap().created(), example.created());
}
