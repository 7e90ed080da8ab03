//! Lookups, order, calendars and changes, on the registry of a fixture.

use super::*;

const OVERLAPS: &str = include_str!("../../../../fixtures/registry/valid-overlaps/registry.toml");
const TERMINALS: &str = include_str!("../../../../fixtures/registry/valid-overlaps/terminals.csv");
const CALENDAR: &str = include_str!("../../../../fixtures/registry/valid-calendar/registry.toml");
const TERMINAL: &str = include_str!("../../../../fixtures/registry/valid-calendar/terminals.csv");
const DEFAULTS: &str = include_str!("../../../../fixtures/registry/valid-defaults/registry.toml");

fn registry(toml: &str, csv: &str) -> Registry {
    Registry::parse(toml, csv.as_bytes()).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn what_records_name_is_found() {
    let registry = registry(OVERLAPS, TERMINALS);
    let (place, operator) = registry.operator_by_issuer(&"04176510ffffffff".parse().unwrap()).unwrap();
    assert_eq!((place, operator.name.as_str(), operator.two_level_keys), (0, "天府通", true));
    assert_eq!(registry.operator(&operator.code), Some(operator));
    assert_eq!(registry.operator_by_issuer(&"04186510ffffffff".parse().unwrap()), None);
    assert_eq!(registry.operator(&"0418".parse().unwrap()), None);
    assert_eq!(registry.merchant(&"GOV00001".parse().unwrap()).unwrap().name, "成都市财政局");
    assert_eq!(registry.merchant(&"GOV00002".parse().unwrap()), None);
    let collector = registry.collector(&"6510000000f1".parse().unwrap()).unwrap();
    assert_eq!(collector.merchant.to_string(), "BUS00001");
    assert_eq!(registry.collector(&"6510000000f2".parse().unwrap()), None);
    let found = registry.contracts().find("BUS00001".parse().unwrap(), operator.code, date("2026-08-01"));
    assert_eq!(found.unwrap().1.key().to_string(), "BUS00001/0417/2026-01-01");
}

#[test]
fn terminals_are_in_service_where_and_when_a_row_says_so() {
    let csv = "id,merchant,collector,from,until\n\
               6510000000aa,GOV00001,6510000000f1,2026-06-01,\n\
               6510000000aa,BUS00001,6510000000f1,2026-01-01,2026-03-31\n";
    let registry = registry(OVERLAPS, csv);
    let id = "6510000000AA".parse().unwrap();
    assert_eq!(registry.terminal(&id).unwrap().len(), 2);
    assert!(registry.terminal(&id).unwrap().is_sorted_by_key(|row| row.from));
    for (merchant, on, expected) in [
        ("BUS00001", "2025-12-31", false),
        ("BUS00001", "2026-01-01", true),
        ("GOV00001", "2026-01-01", false),
        ("BUS00001", "2026-03-31", true),
        ("BUS00001", "2026-04-01", false),
        ("GOV00001", "2026-05-31", false),
        ("GOV00001", "2026-06-01", true),
        ("BUS00001", "2026-06-01", false),
        ("GOV00001", "2099-12-31", true),
    ] {
        assert_eq!(
            registry.in_service(&id, merchant.parse().unwrap(), date(on)),
            expected,
            "{merchant} {on}"
        );
    }
    let unknown = "6510000000ab".parse().unwrap();
    assert_eq!(registry.terminal(&unknown), None);
    assert!(!registry.in_service(&unknown, "BUS00001".parse().unwrap(), date("2026-01-01")));
}

#[test]
fn defaults_are_those_of_the_documents() {
    let registry = registry(DEFAULTS, TERMINAL);
    let centre = &registry.centre;
    assert_eq!(
        (centre.timezone.as_str(), centre.max_age_days, centre.deny_grace_hours, centre.card_partitions),
        ("Asia/Shanghai", 30, 24, 64)
    );
    assert!(!registry.operators[0].two_level_keys);
    assert_eq!((&registry.operators[0].name_en, &registry.merchants[0].name_en), (&None, &None));
    assert_eq!(registry.centre_calendar(), &Calendar::plain());
}

#[test]
fn the_centre_has_the_calendar_it_names_or_the_one_of_its_name() {
    let named = registry(CALENDAR, TERMINAL);
    assert_eq!((named.centre_calendar().name.as_str(), named.centre_calendar().holidays.len()), ("banks", 2));
    assert_eq!(named.operator_calendar(&named.operators[0]).name, "banks");
    let implied = CALENDAR.replace("calendar = \"banks\"\n", "").replace("\"banks\"", "\"centre\"");
    let implied = registry(&implied, TERMINAL);
    assert_eq!(implied.centre.calendar, None);
    assert_eq!(implied.centre_calendar().name, "centre");
    assert_eq!(implied.operator_calendar(&implied.operators[0]).name, "centre");
}

#[test]
fn the_order_of_the_files_is_not_kept() {
    let mut sections: Vec<&str> = OVERLAPS.split("\n[[").collect();
    sections[1..].reverse();
    let turned = registry(&sections.join("\n[["), TERMINALS);
    let registry = registry(OVERLAPS, TERMINALS);
    assert!(turned == registry);
    assert_eq!(turned.to_json(), registry.to_json());
}

#[test]
fn a_damaged_stored_registry_is_refused() {
    let json = registry(OVERLAPS, TERMINALS).to_json();
    for (from, to, expected) in [
        ("{\"centre\"", "[\"centre\"", "stored registry: "),
        ("\"card_partitions\":64", "\"card_partitions\":63", "stored registry: card_partitions is \"63\": "),
        ("\"rate\":\"1\"", "\"rate\":\"2\"", "stored registry: rate is \"2\": above 1"),
        (
            "\"sponsor\":\"GOV00001\"",
            "\"sponsor\":\"GOV00009\"",
            "stored registry: sponsor is \"GOV00009\": ",
        ),
    ] {
        let damaged = json.replace(from, to);
        assert_ne!(damaged, json, "{from}");
        let error = Registry::from_json(&damaged).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn changes_are_told_by_kind() {
    let old = registry(CALENDAR, TERMINAL);
    let everything = old.changes_from(None);
    assert_eq!(
        everything.to_string(),
        "发卡机构 operators  新增 added 1: 0417\n\
         商户 merchants  新增 added 1: BUS00001\n\
         采集点 collectors  新增 added 1: 6510000000f1\n\
         合同 contracts  新增 added 1: BUS00001/*/2026-01-01\n\
         日历 calendars  新增 added 1: banks\n\
         终端 terminals  新增 added 1: 651000000001"
    );
    assert!(old.changes_from(Some(&old)).is_empty());
    assert_eq!(old.changes_from(Some(&old)).to_string(), "");

    let toml = CALENDAR
        .replace("max_age_days = 30", "max_age_days = 45")
        .replace("rate = \"0.0060\"", "rate = \"0.0070\"")
        .replace("workdays = [\"2026-10-10\"]", "workdays = []")
        .replace("\"Chengdu Bus\"", "\"Chengdu Public Transport\"");
    let mut csv = "id,merchant,collector,from,until\n".to_owned();
    (10..20).for_each(|n| csv += &format!("6510000000{n},BUS00001,6510000000f1,2026-01-01,\n"));
    let new = registry(&toml, &csv);
    assert_eq!(
        new.changes_from(Some(&old)).to_string(),
        "清算中心 centre  max_age_days: 30 → 45\n\
         商户 merchants  变更 changed 1: BUS00001\n\
         合同 contracts  变更 changed 1: BUS00001/*/2026-01-01\n\
         日历 calendars  变更 changed 1: banks\n\
         终端 terminals  新增 added 10: 651000000010, 651000000011, 651000000012, 651000000013, 651000000014, \
         651000000015, 651000000016, 651000000017, …\n\
         终端 terminals  移除 removed 1: 651000000001"
    );
}

#[test]
fn trailing_zeros_are_no_change() {
    let old = registry(CALENDAR, TERMINAL);
    let new = registry(&CALENDAR.replace("0.0060", "0.00600"), TERMINAL);
    assert!(new.changes_from(Some(&old)).is_empty());
}

#[test]
fn another_number_of_partitions_is_seen() {
    let old = registry(CALENDAR, TERMINAL);
    let new = registry(&CALENDAR.replace("card_partitions = 64", "card_partitions = 1024"), TERMINAL);
    assert!(new.card_partitions_changed_from(&old));
    assert!(!old.card_partitions_changed_from(&old));
    assert_eq!(new.changes_from(Some(&old)).centre, ["card_partitions: 64 → 1024"]);
}

/// A file that is wrong in every line is refused with a bounded number of errors.
#[test]
fn errors_are_bounded() {
    let csv = "id,merchant,collector,from,until\n".to_owned() + &"x\n".repeat(10_000);
    assert_eq!(Registry::parse(CALENDAR, csv.as_bytes()).unwrap_err().len(), crate::ERRORS_MAX);
    let row = "651000000001,BUS00001,6510000000f1,2026-01-01,\n";
    let csv = "id,merchant,collector,from,until\n".to_owned() + &row.repeat(10_000);
    assert_eq!(Registry::parse(CALENDAR, csv.as_bytes()).unwrap_err().len(), crate::ERRORS_MAX);
}
