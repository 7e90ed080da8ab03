//! Documents with more unpaid records than their form can hold.

use tongclear_press::{Centre, Party, Period, Role, Summary, UnpaidRecord};
use tongclear_types::{
    BcdDate, BcdTime, DispositionTallies, Fen, Sector, Serial, Tally, TerminalId, TerminalNumber, Verdict,
};

use super::*;

/// A statement in which nothing moved but `count` copies of a record.
fn statement(count: u64) -> Statement {
    let amount = Fen::new(180).unwrap();
    let window = "2026-11-23".parse().unwrap();
    let record = UnpaidRecord {
        window,
        terminal: TerminalId([0x65; 6]),
        terminal_number: TerminalNumber(88),
        card: Serial([0x31; 10]),
        date: BcdDate([0x20, 0x26, 0x11, 0x23]),
        time: BcdTime([0x08, 0x30, 0x00]),
        amount,
        verdict: Verdict::Duplicate,
    };
    let records = (0..count).map(|_| record.clone()).collect::<Vec<_>>();
    let duplicate = Tally { count, amount_fen: Fen::try_sum(records.iter().map(|it| it.amount)).unwrap() };
    let text = String::new;
    let draft = Draft {
        centre: Centre { code: "CDT".to_owned(), name: text(), name_en: text() },
        participant: Party { code: "BUS00001".to_owned(), name: text(), name_en: text() },
        role: Role::Merchant(Sector::Bus),
        account: text(),
        bank: text(),
        period: Period::Window(window),
        made_on: window,
        summary: Summary {
            opening: Fen::ZERO,
            movement: tongclear_press::Movement::default(),
            adjustments: Fen::ZERO,
            net: Fen::ZERO,
            payouts: Fen::ZERO,
            closing: Fen::ZERO,
            dispositions: DispositionTallies { duplicate, ..DispositionTallies::default() },
        },
        lines: Vec::new(),
        breakdowns: Vec::new(),
        adjustments: Vec::new(),
        positions: Vec::new(),
        payouts: Vec::new(),
        days: Vec::new(),
        unpaid: UnpaidList::Here(records),
    };
    Statement::new(draft).unwrap()
}

#[test]
fn too_many_unpaid_records_stand_in_a_file_that_is_named() {
    let three = statement(3);
    assert_eq!(shortened(&three, 3, "bus.csv").unwrap(), None);
    let short = shortened(&three, 2, "bus.csv").unwrap().unwrap();
    assert_eq!(short.figures().unpaid, UnpaidList::InFile("bus.csv".to_owned()));
    assert_eq!(short.figures().summary, three.figures().summary);
}

#[test]
fn the_file_beside_has_every_record() {
    let count = PDF_UNPAID_MAX + 1;
    let many = statement(u64::try_from(count).unwrap());
    let document =
        statement_document(&many, Format::Pdf, Some(&crate::paper::fonts(None).unwrap()), "bus.csv");
    let document = document.unwrap();
    let beside = String::from_utf8(document.beside.unwrap()).unwrap();
    assert_eq!(beside.matches("31313131313131313131").count(), count);
    assert!(document.bytes.len() < 200_000, "{} bytes", document.bytes.len());
    let whole = statement_document(&many, Format::Csv, None, "bus.csv").unwrap();
    assert_eq!((whole.bytes.len(), whole.beside), (beside.len(), None));
}
