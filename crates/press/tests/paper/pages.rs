//! PDFs read back with poppler's programs: text and figures, pages, fonts, metadata; `cargo xtask test` installs both.

use std::process::Command;

use tongclear_press::{
    FONTS, FontError, FontFile, Fonts, MonthReport, Statement, UnpaidList, month_pdf, pdf,
};

use crate::city::{bus_day, bus_month, month, operator_day};

/// The first of the fonts that is whole on this machine.
fn fonts() -> Fonts {
    let files = FONTS.iter().find_map(|candidate| {
        let read =
            |(path, index): &(&str, u32)| Some(FontFile { bytes: std::fs::read(path).ok()?, index: *index });
        candidate.files.iter().map(read).collect::<Option<Vec<_>>>()
    });
    Fonts::new(files.expect("a font with Chinese is there: apt-get install fonts-wqy-microhei")).unwrap()
}

/// What one of poppler's programs says about a PDF.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("statement.pdf");
    std::fs::write(&file, pdf).unwrap();
    let mut command = Command::new(program);
    command.args(arguments).arg(&file);
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().expect("poppler is there: apt-get install poppler-utils");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The text as it stands on the pages.
fn text(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-layout"], pdf)
}

/// The line that begins so, without the room between its words.
fn line<'a>(text: &'a str, beginning: &str) -> Vec<&'a str> {
    let found = text.lines().find(|line| line.trim_start().starts_with(beginning));
    found.unwrap_or_else(|| panic!("no line begins with {beginning}:\n{text}")).split_whitespace().collect()
}

#[test]
fn figures_and_words_can_be_read_again() {
    let bytes = pdf(&Statement::new(bus_day(19)).unwrap(), &fonts()).unwrap();
    let text = text(&bytes);
    for words in [
        "结算对账单",
        "Settlement statement",
        "蓉城公共交通集团有限公司",
        "6222 0244 0200 1234 567",
        "RCCC-20261123-BUS00001-20261124",
        "卡计数器跳跃",
        "the card counter is too far above",
        "terminal_not_in_service",
        "93403100000010000000",
        "发卡机构对账差错：终端重复扣款，经双方确认退回",
        "第 1 页 共 3 页 · page 1 of 3",
    ] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
    assert_eq!(line(&text, "手续费 Fees")[2], "-7,528.26");
    assert_eq!(line(&text, "期末余额 Closing")[2], "1,569,604.94");
    assert_eq!(line(&text, "0417")[6..], ["1,432,567.80", "7,162.84", "98,765.40", "0.00", "1,524,170.36"]);
}

#[test]
fn an_operators_statement_names_where_its_unpaid_records_are() {
    let bytes = pdf(&Statement::new(operator_day()).unwrap(), &fonts()).unwrap();
    let text = text(&bytes);
    assert!(text.contains("unpaid-0417-2026-11-23.csv"), "{text}");
    assert_eq!(line(&text, "期末余额 Closing")[2], "-2,134,684.80");
}

#[test]
fn a_months_pages_repeat_headers_and_count_themselves() {
    let bytes = pdf(&Statement::new(bus_month(120)).unwrap(), &fonts()).unwrap();
    let text = text(&bytes);
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.is_empty()).collect();
    for (number, page) in (1..).zip(&pages) {
        let foot = format!("第 {number} 页 共 {count} 页 · page {number} of {count}", count = pages.len());
        assert!(page.contains(&foot), "{foot} is missing:\n{page}");
    }
    let continued: Vec<&&str> =
        pages.iter().filter(|it| it.contains("未付交易明细 Unpaid transactions（续")).collect();
    assert!(continued.len() >= 2, "{} pages", continued.len());
    assert!(continued.iter().all(|page| page.contains("Reason code")));
    assert!(text.contains("2026年11月") && text.contains("AC04 账户已销户"));
}

#[test]
fn ten_thousand_records_stand_on_paper_every_one() {
    let draft = bus_day(10_000);
    let UnpaidList::Here(records) = draft.unpaid.clone() else { panic!("the sample lists them") };
    let bytes = pdf(&Statement::new(draft).unwrap(), &fonts()).unwrap();
    assert!(bytes.len() < 6_000_000, "{} bytes", bytes.len());
    let text = text(&bytes);
    let cards =
        text.split_whitespace().filter(|word| word.len() == 20 && word.bytes().all(|it| it.is_ascii_digit()));
    let cards: Vec<&str> = cards.collect();
    let expected: Vec<String> = records.iter().map(|it| it.card.to_string()).collect();
    assert_eq!(cards, expected);
}

#[test]
fn the_report_of_a_month_has_its_figures_and_pictures() {
    let bytes = month_pdf(&MonthReport::new(month()).unwrap(), &fonts()).unwrap();
    let text = text(&bytes);
    for words in
        ["月度清算报告", "每日手续费收入", "Open items by age", "卡计数器跳跃 counter_jump", "348,417.40"]
    {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
}

#[test]
fn fonts_are_embedded_as_subsets_and_the_title_is_told() {
    let bytes = pdf(&Statement::new(bus_day(19)).unwrap(), &fonts()).unwrap();
    assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
    let fonts = poppler("pdffonts", &[], &bytes);
    for font in fonts.lines().skip(2) {
        let columns: Vec<&str> = font.split_whitespace().rev().collect();
        // From the right: object, its generation, unicode, subset, embedded.
        assert_eq!(columns[2..5], ["yes", "yes", "yes"], "{fonts}");
    }
    let info = poppler("pdfinfo", &[], &bytes);
    for fact in
        ["结算对账单 Settlement statement · BUS00001", "A4", "Tagged:          yes", "Nov 24 00:00:00 2026"]
    {
        assert!(info.contains(fact), "{fact} is missing:\n{info}");
    }
    let marks = poppler("pdfinfo", &["-struct"], &bytes);
    for mark in ["H1", "H2", "Table", "THead", "TH", "TD"] {
        assert!(marks.lines().any(|line| line.trim_start().starts_with(mark)), "{mark} is missing:\n{marks}");
    }
}

#[test]
fn the_same_values_give_the_same_pdf() {
    let statement = Statement::new(bus_day(50)).unwrap();
    assert!(pdf(&statement, &fonts()).unwrap() == pdf(&statement, &fonts()).unwrap());
    let report = MonthReport::new(month()).unwrap();
    assert!(month_pdf(&report, &fonts()).unwrap() == month_pdf(&report, &fonts()).unwrap());
}

#[test]
fn fonts_that_cannot_do_are_refused() {
    assert_eq!(Fonts::new(Vec::new()).err(), Some(FontError::None));
    let bytes = b"no font".to_vec();
    let error = Fonts::new(vec![FontFile { bytes, index: 0 }]).err();
    assert_eq!(error, Some(FontError::Unreadable { number: 1, index: 0 }));
}

#[test]
fn the_machine_is_made_ready_with_the_fonts_that_are_looked_for() {
    let machine = include_str!("../../../../xtask/src/machine.rs");
    assert!(machine.contains(FONTS[0].packages[0]));
    for (path, _) in FONTS.iter().flat_map(|it| it.files) {
        assert!(machine.contains(path), "xtask does not look for {path}");
    }
}

#[test]
fn a_character_that_no_font_has_does_not_stop_a_statement() {
    let mut draft = bus_day(0);
    draft.participant.name = "𠮷𪚥公交 \u{1f68c}".to_owned();
    let bytes = pdf(&Statement::new(draft).unwrap(), &fonts()).unwrap();
    assert!(text(&bytes).contains("公交"));
}
