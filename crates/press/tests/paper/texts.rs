//! CSV and JSON are interfaces: names and columns stay as they are.

use tongclear_press::{Draft, MonthReport, Statement, csv, json, month_csv, month_json};

use crate::city::{bus_day, month, operator_day, water_day};

fn statement(draft: Draft) -> Statement {
    Statement::new(draft).unwrap()
}

/// CSV as text, with its mark and line ends made visible by their absence from the snapshot: both are checked here.
fn shown(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("the byte order mark stands first");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "every line ends with CRLF");
    text.replace("\r\n", "\n")
}

#[test]
fn csv_stays_as_it_is() {
    insta::assert_snapshot!("bus_day_csv", shown(csv(&statement(bus_day(19))).unwrap()));
    insta::assert_snapshot!("water_day_csv", shown(csv(&statement(water_day())).unwrap()));
    insta::assert_snapshot!("operator_day_csv", shown(csv(&statement(operator_day())).unwrap()));
    insta::assert_snapshot!("month_csv", shown(month_csv(&MonthReport::new(month()).unwrap()).unwrap()));
}

#[test]
fn json_stays_as_it_is() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    insta::assert_snapshot!("bus_day_json", text(json(&statement(bus_day(3))).unwrap()));
    insta::assert_snapshot!("operator_day_json", text(json(&statement(operator_day())).unwrap()));
    // The first of thirty days is enough to see the names.
    let bytes = month_json(&MonthReport::new(month()).unwrap()).unwrap();
    let text = text(bytes);
    let second_day = text.match_indices("\"window\"").nth(1).unwrap().0;
    let operators = text.find("\"operators\"").unwrap();
    insta::assert_snapshot!("month_json", format!("{}…{}", &text[..second_day], &text[operators..]));
}
