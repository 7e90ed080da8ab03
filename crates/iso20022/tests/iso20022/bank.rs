//! What the bank in software does with each payment, and what a reader makes of it.

use tongclear_iso20022::{
    Bank, BankError, PaymentOrder, ReasonCode, StatementFile, Text105, Text140, Twist, example,
};
use tongclear_types::Fen;

/// What the account is left with when everything of the example is paid: 12,365.78 yuan of 50,000.
const ALL_PAID: i64 = 5_000_000 - 1_236_578;

fn opened(order: &PaymentOrder) -> Bank {
    Bank::of(order, Fen::new(5_000_000).unwrap())
}

/// Each movement of the answer: date, kind, end-to-end id or remittance, fen, reason.
fn lines(file: &StatementFile) -> Vec<String> {
    let read = StatementFile::read(&file.to_xml()[..]).unwrap();
    let entries = read.statements.iter().flat_map(|it| it.entries());
    entries
        .flat_map(|entry| entry.details().iter().map(move |detail| (entry, detail)))
        .map(|(entry, detail)| {
            let of = detail
                .end_to_end
                .as_ref()
                .map_or_else(|| detail.remittance[0].to_string(), |it| it.to_string());
            let kind = entry.movement(detail);
            let reason = detail.returned.as_ref().map_or(String::new(), |it| {
                let text: Vec<_> = it.text.iter().map(|it| it.as_str()).collect();
                format!(" {} {}", it.reason.as_ref().unwrap(), text.join("|"))
            });
            format!("{} {kind:?} {of} {}{reason}", entry.booked(), detail.amount)
        })
        .collect()
}

#[test]
fn every_fate_of_a_payment() {
    let order = example::order();
    let ids: Vec<_> = order.payments().map(|it| it.end_to_end.clone()).collect();
    let reason = |code: &str| ReasonCode::new(code).unwrap();
    let text = |it: &str| Some(Text105::new("text", it).unwrap());
    let bus = "2026-11-25 Out CDT-20261125-BUS00001 -236572";
    let metro = "2026-11-25 Out CDT-20261125-MET00001 -1000001";
    let later = "2026-11-26 Out CDT-20261126-BUS00001 -5";
    let amount = |fen| example::payment("x", fen, order.groups()[0].debtor.clone()).amount;
    let payer = example::party("天府通", "5100000000000001", "102651000009");
    let remittance = Text140::new("remittance", "0417 2026-11-25").unwrap();
    let table: Vec<(Vec<Twist>, Vec<&str>, i64)> = vec![
        (vec![], vec![bus, metro, later], ALL_PAID),
        (
            vec![Twist::Returned {
                payment: ids[0].clone(),
                reason: reason("AC04"),
                text: text("账户已销户"),
            }],
            vec![bus, metro, later, "2026-11-26 Back CDT-20261125-BUS00001 236572 AC04 账户已销户"],
            ALL_PAID + 236_572,
        ),
        (
            vec![Twist::Rejected { payment: ids[1].clone(), reason: reason("AM05"), text: None }],
            vec![bus, metro, later, "2026-11-25 Back CDT-20261125-MET00001 1000001 AM05 "],
            ALL_PAID + 1_000_001,
        ),
        (
            vec![Twist::Short { payment: ids[1].clone(), paid: amount(1_000_000) }],
            vec![bus, "2026-11-25 Out CDT-20261125-MET00001 -1000000", later],
            ALL_PAID + 1,
        ),
        (vec![Twist::Missing { payment: ids[2].clone() }], vec![bus, metro], ALL_PAID + 5),
        (
            vec![Twist::Collected { payer, amount: amount(777), remittance }],
            vec![bus, metro, later, "2026-11-26 In 0417 2026-11-25 777"],
            ALL_PAID + 777,
        ),
    ];
    for in_batches in [false, true] {
        for (twists, expected, balance) in &table {
            let mut bank = opened(&order);
            if in_batches {
                bank = bank.in_batches();
            }
            let answer = bank.answer(&order, twists).unwrap();
            let (mut seen, mut expected) = (lines(&answer), expected.clone());
            seen.sort();
            expected.sort_unstable();
            assert_eq!(seen, expected, "{twists:?}");
            assert_eq!(bank.balance().get(), *balance, "{twists:?}");
        }
    }
}

#[test]
fn a_batch_is_one_entry_with_several_transactions() {
    let order = example::order();
    let answer = opened(&order).in_batches().answer(&order, &[]).unwrap();
    let entries = answer.statements[0].entries();
    let sizes: Vec<_> = entries.iter().map(|it| (it.details().len(), it.amount().get())).collect();
    assert_eq!(sizes, [(2, -1_236_573), (1, -5)]);
}

#[test]
fn statements_follow_on_each_other() {
    let order = example::order();
    let mut bank = opened(&order);
    let first = bank.answer(&order, &[]).unwrap();
    let next = bank.statement("2026-11-27".parse().unwrap(), &[], &[]).unwrap();
    assert_eq!(first.statements[0].closing().amount, next.statements[0].opening().amount);
    assert_ne!(first.statements[0].id(), next.statements[0].id());
}

#[test]
fn what_a_bank_cannot_answer() {
    let order = example::order();
    let foreign = example::payment("NOT-OURS", 1, order.groups()[0].debtor.clone()).end_to_end;
    let missing = |payment: &_| Twist::Missing { payment: tongclear_iso20022::EndToEndId::clone(payment) };
    let first = &order.groups()[0].payments[0].end_to_end;
    let elsewhere = example::party("x", "999", "102651000001");
    let check = |error: BankError, expected: &str| assert_eq!(error.to_string(), expected);
    check(
        opened(&order).answer(&order, &[missing(&foreign)]).unwrap_err(),
        "payment NOT-OURS is not in the order, or has two twists",
    );
    check(
        opened(&order).answer(&order, &[missing(first), missing(first)]).unwrap_err(),
        "payment CDT-20261125-BUS00001 is not in the order, or has two twists",
    );
    check(
        Bank::new(elsewhere, Fen::ZERO, "2026-11-25".parse().unwrap()).answer(&order, &[]).unwrap_err(),
        "payment group pays from account 5100123456789012, which is not this bank's",
    );
    check(
        opened(&order).statement("2026-11-25".parse().unwrap(), &[&order], &[]).unwrap_err(),
        "payment group pays on 2026-11-26, after the statement of 2026-11-25",
    );
}
