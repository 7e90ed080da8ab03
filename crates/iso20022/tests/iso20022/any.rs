//! Any order, any answer, any statement.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tongclear_iso20022::{
    AccountNumber, Amount, Balance, Cnaps, Counterparty, Detail, EndToEndId, Entry, GroupId, MessageId,
    Party, Payment, PaymentGroup, PaymentOrder, ReasonCode, ReturnInfo, Statement, StatementFile, Text,
    Twist,
};
use tongclear_types::{BusinessDate, CivilMoment, Fen};

/// Any text of the standard of up to `MAX` characters, with what XML must escape among them.
pub(crate) fn text<const MAX: usize>() -> impl Strategy<Value = Text<MAX>> {
    let part = "[a-zA-Z0-9<>&'\"\\]\\[;#/ 公交清算\u{1f68c}]{1,140}";
    part.prop_filter_map("no text", |it| {
        let cut: String = it.chars().take(MAX).collect();
        Text::new("text", cut.trim()).ok()
    })
}

pub(crate) fn date() -> impl Strategy<Value = BusinessDate> {
    (0..3650).prop_map(|days| "2026-01-01".parse::<BusinessDate>().unwrap().plus_days(days))
}

fn moment() -> impl Strategy<Value = CivilMoment> {
    (date(), 0..24_i8, 0..60_i8, 0..60_i8)
        .prop_map(|(date, hour, minute, second)| date.civil().at(hour, minute, second, 0))
}

/// Mostly what cities pay, sometimes as much as can be written of many.
pub(crate) fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![9 => 1..100_000_000_i64, 1 => 1..Amount::MAX_FEN / 1000]
        .prop_map(|fen| Amount::new(Fen::new(fen).unwrap()).unwrap())
}

pub(crate) fn party() -> impl Strategy<Value = Party> {
    (text(), "[0-9A-Za-z-]{1,34}", "[0-9]{12}").prop_map(|(name, account, bank)| Party {
        name,
        account: AccountNumber::new(&account).unwrap(),
        bank: Cnaps::new(&bank).unwrap(),
    })
}

/// An order of one debtor's groups; the ids are made unique by their place.
pub(crate) fn order() -> impl Strategy<Value = PaymentOrder> {
    let payments = vec((amount(), party(), option::of(text())), 1..5);
    let groups = vec((date(), payments), 1..4);
    let id = "[A-Za-z0-9?:().,'+-]{1,20}";
    (id, moment(), text(), party(), groups).prop_map(|(id, created, initiator, debtor, groups)| {
        let groups = groups.into_iter().enumerate().map(|(group, (execution, payments))| PaymentGroup {
            id: GroupId::new(&format!("{id}{group}")).unwrap(),
            execution,
            debtor: debtor.clone(),
            payments: payments
                .into_iter()
                .enumerate()
                .map(|(number, (amount, creditor, remittance))| Payment {
                    end_to_end: EndToEndId::new(&format!("{id}{group}/{number}")).unwrap(),
                    amount,
                    creditor,
                    remittance,
                })
                .collect(),
        });
        PaymentOrder::new(MessageId::new(&id).unwrap(), created, initiator, groups.collect()).unwrap()
    })
}

/// An order, and something wrong with some of its payments.
pub(crate) fn order_and_twists() -> impl Strategy<Value = (PaymentOrder, Vec<Twist>)> {
    let fate = (0..8_u8, amount(), option::of(text()), "[A-Z]{2}[0-9]{2}");
    (order(), vec(fate, 12), vec((party(), amount(), text()), 0..3)).prop_map(|(order, fates, collected)| {
        let twists = order.payments().zip(fates).filter_map(|(payment, (fate, paid, text, reason))| {
            let payment = payment.end_to_end.clone();
            let reason = ReasonCode::new(&reason).unwrap();
            match fate {
                0 => Some(Twist::Returned { payment, reason, text }),
                1 => Some(Twist::Rejected { payment, reason, text }),
                2 => Some(Twist::Short { payment, paid }),
                3 => Some(Twist::Missing { payment }),
                _ => None,
            }
        });
        let collected = collected.into_iter().map(|(payer, amount, remittance)| Twist::Collected {
            payer,
            amount,
            remittance,
        });
        let twists = twists.chain(collected).collect();
        (order, twists)
    })
}

fn detail() -> impl Strategy<Value = Detail> {
    let returned = (option::of("[A-Z]{2}[0-9]{2}"), vec(text(), 0..3)).prop_map(|(reason, text)| {
        ReturnInfo { reason: reason.map(|it| ReasonCode::new(&it).unwrap()), text }
    });
    let counterparty = (option::of(text()), option::of("[0-9]{1,34}"), option::of(text())).prop_map(
        |(name, account, bank)| Counterparty {
            name,
            account: account.map(|it| Text::new("account", &it).unwrap()),
            bank,
        },
    );
    (
        option::of(text()),
        option::of(text()),
        (any::<bool>(), amount()),
        counterparty,
        vec(text(), 0..3),
        option::of(text()),
        option::of(returned),
    )
        .prop_map(
            |(end_to_end, group, (is_out, amount), counterparty, remittance, reference, returned)| {
                let amount = if is_out { amount.fen().negated() } else { amount.fen() };
                Detail {
                    end_to_end,
                    group,
                    counterparty,
                    remittance,
                    reference,
                    returned,
                    ..Detail::of(amount)
                }
            },
        )
}

fn entry() -> impl Strategy<Value = Entry> {
    (option::of(text()), any::<bool>(), date(), date(), vec(detail(), 1..4)).prop_map(
        |(reference, is_reversal, booked, value, details)| {
            Entry::new(reference, is_reversal, booked, details).unwrap().valued(value)
        },
    )
}

fn statement() -> impl Strategy<Value = Statement> {
    let opening = -1_000_000_000_000..1_000_000_000_000_i64;
    (text(), text(), opening, date(), 0..5, vec(entry(), 0..5)).prop_map(
        |(id, account, opening, date, days, entries)| {
            let opening = Balance { date, amount: Fen::new(opening).unwrap() };
            let amounts = entries.iter().map(Entry::amount).chain([opening.amount]);
            let closing = Balance { date: date.plus_days(days), amount: Fen::try_sum(amounts).unwrap() };
            Statement::new(id, account, opening, closing, entries).unwrap()
        },
    )
}

/// Any file of statements.
pub(crate) fn statement_file() -> impl Strategy<Value = StatementFile> {
    (text(), moment(), vec(statement(), 1..4)).prop_map(|(message, created, statements)| StatementFile {
        message,
        created,
        statements,
    })
}
