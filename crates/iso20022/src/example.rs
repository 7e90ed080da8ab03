//! A payment order and its bank's answer, for documentation and tests.

use tongclear_types::{BusinessDate, Fen};

use crate::{
    AccountNumber, Amount, Cnaps, EndToEndId, GroupId, MessageId, Party, Payment, PaymentGroup, PaymentOrder,
    Text140,
};

/// Somebody with an account.
///
/// # Panics
/// When a value is none.
#[must_use]
pub fn party(name: &str, account: &str, bank: &str) -> Party {
    Party {
        name: Text140::new("name", name).expect("a name"),
        account: AccountNumber::new(account).expect("an account number"),
        bank: Cnaps::new(bank).expect("a CNAPS code"),
    }
}

/// A payment with an id.
///
/// # Panics
/// When a value is none.
#[must_use]
pub fn payment(end_to_end: &str, fen: i64, creditor: Party) -> Payment {
    Payment {
        end_to_end: EndToEndId::new(end_to_end).expect("an id"),
        amount: Fen::new(fen).ok().and_then(|fen| Amount::new(fen).ok()).expect("an amount"),
        creditor,
        remittance: Some(Text140::new("remittance", &format!("清算 {end_to_end}")).expect("a text")),
    }
}

/// Three payments on two dates.
///
/// # Panics
/// Never: its values are fixed.
#[must_use]
pub fn order() -> PaymentOrder {
    let debtor = party("城市一卡通清算中心", "5100123456789012", "102651000001");
    let bus = party("成都公交 Chengdu Bus", "6222000000000000001", "102651000000");
    let metro = party("成都地铁 <Metro> & \"Co\"", "6222000000000000002", "103651000002");
    let group = |id: &str, date: &str, payments| PaymentGroup {
        id: GroupId::new(id).expect("an id"),
        execution: date.parse::<BusinessDate>().expect("a date"),
        debtor: debtor.clone(),
        payments,
    };
    let groups = vec![
        group(
            "CDT-20261125",
            "2026-11-25",
            vec![
                payment("CDT-20261125-BUS00001", 236_572, bus.clone()),
                payment("CDT-20261125-MET00001", 1_000_001, metro),
            ],
        ),
        group("CDT-20261126", "2026-11-26", vec![payment("CDT-20261126-BUS00001", 5, bus)]),
    ];
    let created = "2026-11-25T02:30:00".parse().expect("a moment");
    let initiator = Text140::new("initiator", "城市一卡通清算中心").expect("a name");
    PaymentOrder::new(MessageId::new("CDT-20261125-1").expect("an id"), created, initiator, groups)
        .expect("an order")
}
