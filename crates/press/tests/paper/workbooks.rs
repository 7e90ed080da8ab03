//! Workbooks read back by another program: numbers are numbers, ids are texts, to the last digit.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use tongclear_press::{MonthReport, Statement, UnpaidList, month_xlsx, xlsx};
use tongclear_types::Fen;

use crate::city::{bus_day, bus_month, month};

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

/// The rows of the sheet whose name begins so.
fn rows(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Vec<Vec<Data>> {
    let name = book.sheet_names().into_iter().find(|it| it.starts_with(name)).unwrap();
    book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn unpaid_records_keep_every_digit() {
    let draft = bus_day(40);
    let UnpaidList::Here(records) = draft.unpaid.clone() else { panic!("the sample lists them") };
    let mut book = open(xlsx(&Statement::new(draft).unwrap()).unwrap());
    let rows = rows(&mut book, "未付交易明细");
    let header: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(
        header,
        [
            "终端\nTerminal",
            "终端序号\nNumber",
            "卡号\nCard",
            "日期\nDate",
            "时间\nTime",
            "金额（元）\nAmount, yuan",
            "处理",
            "Disposition",
            "原因码\nReason code",
            "说明",
            "Meaning"
        ]
    );
    assert_eq!(rows.len(), 1 + records.len() + 1, "header, records, total");
    for (row, record) in rows[1..].iter().zip(&records) {
        assert_eq!(row[0], Data::String(record.terminal.to_string()));
        assert_eq!(row[1], Data::String(record.terminal_number.to_string()));
        assert_eq!(row[2], Data::String(record.card.to_string()));
        assert_eq!(row[2].to_string().len(), 20);
        let Data::Float(amount) = row[5] else { panic!("{:?} is no number", row[5]) };
        assert_eq!(format!("{amount:.2}"), record.amount.yuan().to_string());
    }
}

#[test]
fn money_and_dates_are_numbers_that_add_up() {
    let draft = bus_month(60);
    let net = draft.summary.net;
    let days = draft.days.len();
    let mut book = open(xlsx(&Statement::new(draft).unwrap()).unwrap());
    let rows = rows(&mut book, "每日");
    let mut sum = Fen::ZERO;
    for row in &rows[1..=days] {
        assert!(matches!(row[0], Data::DateTime(_)), "{:?}", row[0]);
        assert!(matches!(row[1], Data::Float(_)), "{:?}", row[1]);
        let Data::Float(amount) = row[7] else { panic!("{:?} is no number", row[7]) };
        let fen: i64 = format!("{amount:.2}").replace('.', "").parse().unwrap();
        sum = sum.checked_add(Fen::new(fen).unwrap()).unwrap();
    }
    assert_eq!(sum, net);
    let Data::Float(total) = rows[days + 1][7] else { panic!("the total is a number") };
    assert_eq!(format!("{total:.2}"), net.yuan().to_string());
}

#[test]
fn every_section_has_a_sheet() {
    let names = open(xlsx(&Statement::new(bus_day(5)).unwrap()).unwrap()).sheet_names();
    assert_eq!(
        names,
        [
            "封面 Cover",
            "汇总 Summary",
            "记录处理 Dispositions",
            "按发卡机构和合同 By operator, contract",
            "按线路 By line",
            "按起息日的应收应付 By value date",
            "银行收付 Moved by the bank",
            "调整 Adjustments",
            "未付交易明细 Unpaid transactions"
        ]
    );
    let names = open(month_xlsx(&MonthReport::new(month()).unwrap()).unwrap()).sheet_names();
    assert_eq!(names.len(), 10);
    assert!(names.iter().all(|name| name.chars().count() < 31), "a name was cut: {names:?}");
}

#[test]
fn the_same_values_give_the_same_workbook() {
    let statement = Statement::new(bus_day(50)).unwrap();
    assert_eq!(xlsx(&statement).unwrap(), xlsx(&statement).unwrap());
    let report = MonthReport::new(month()).unwrap();
    assert_eq!(month_xlsx(&report).unwrap(), month_xlsx(&report).unwrap());
}
