//! Continuity and devices as people read them, as snapshots.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

use tongclear_registry::Registry;
use tongclear_report::{ContinuityReport, DevicesReport, Lang, ReportFile};
use tongclear_types::{
    BusinessDate, CardId, Chain, CollectorId, ContinuityItem, ContinuityKind, Device, DeviceQuality,
    IssuerId, ItemState, Serial, Subject, TerminalId,
};

const REGISTRY: &str = r#"
[centre]
code = "CDT"

[[merchant]]
code = "BUS00001"
sector = "bus"
name = "成都公交"
name_en = "Chengdu Bus"

[[collector]]
id = "6510000000f1"
merchant = "BUS00001"
"#;
const TERMINALS: &[u8] =
    b"id,merchant,collector,from,until\n651000000001,BUS00001,6510000000f1,2026-01-01,\n";

const COLLECTOR: Device = Device::Collector(CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]));
const TERMINAL: Device = Device::Terminal(TerminalId([0x65, 0x10, 0, 0, 0, 1]));
/// Registered nowhere.
const STRANGER: Device = Device::Terminal(TerminalId([0xff; 6]));

fn date() -> BusinessDate {
    "2026-11-20".parse().unwrap()
}

fn registry() -> Registry {
    Registry::parse(REGISTRY, TERMINALS).unwrap()
}

/// One item of every kind, in every state there is.
fn items() -> Vec<ContinuityItem> {
    let (today, yesterday) = (date(), date().plus_days(-1));
    let card =
        Subject::Card(CardId { issuer: IssuerId([4; 8]), serial: Serial([0x31; 10]) }, Chain::Purchase);
    let open = |kind, subject, range, opened| ContinuityItem::open(kind, subject, range, opened);
    let clone = ContinuityItem { count: 3, ..open(ContinuityKind::SuspectedClone, card, (7, 9), today) };
    vec![
        open(ContinuityKind::OverlappingNumber, Subject::Device(TERMINAL), (5, 6), today)
            .in_state(ItemState::Closed(today)),
        open(ContinuityKind::CounterGap, card, (20, 29), date().plus_days(-32))
            .in_state(ItemState::Expired(today)),
        open(ContinuityKind::BalanceBreak, card, (11, 11), today),
        open(ContinuityKind::MissingNumber, Subject::Device(STRANGER), (100, 1_399), yesterday),
        open(ContinuityKind::MissingNumber, Subject::Device(TERMINAL), (88, 88), today),
        open(ContinuityKind::MissingPackage, Subject::Device(COLLECTOR), (3, 3), yesterday)
            .in_state(ItemState::Closed(today)),
        clone,
    ]
}

fn devices() -> Vec<DeviceQuality> {
    vec![
        DeviceQuality {
            device: COLLECTOR,
            received: 3,
            records: 9_000,
            late: 2_700,
            bad_mac: 12,
            missing: 0,
        },
        DeviceQuality { device: TERMINAL, received: 990, records: 990, late: 0, bad_mac: 40, missing: 1 },
        DeviceQuality { device: STRANGER, received: 0, records: 0, late: 0, bad_mac: 0, missing: 1_300 },
    ]
}

fn csv(file: &ReportFile) -> String {
    String::from_utf8(file.body.clone()).unwrap().replace("\r\n", "\n")
}

#[test]
fn continuity_for_people_programs_and_spreadsheets() {
    let registry = registry();
    let report = ContinuityReport::new(date(), &registry, &items());
    insta::assert_snapshot!("en", report.text(Lang::En, false));
    insta::assert_snapshot!("zh", report.text(Lang::Zh, true));
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&report.json()).unwrap());
    insta::assert_snapshot!("csv", csv(&report.file().unwrap()));
    let nothing = ContinuityReport::new(date(), &registry, &[]).text(Lang::En, false);
    assert!(nothing.ends_with("nothing is missing, doubled or broken\n"), "{nothing}");
}

#[test]
fn devices_for_people_programs_and_spreadsheets() {
    let registry = registry();
    let report = DevicesReport::new(date(), &registry, &devices());
    insta::assert_snapshot!("devices_en", report.text(Lang::En, false));
    insta::assert_snapshot!("devices_zh", report.text(Lang::Zh, true));
    insta::assert_snapshot!("devices_json", serde_json::to_string_pretty(&report.json()).unwrap());
    insta::assert_snapshot!("devices_csv", csv(&report.file().unwrap()));
    let nothing = DevicesReport::new(date(), &registry, &[]).text(Lang::Zh, false);
    assert!(nothing.ends_with("没有设备有缺失\n"), "{nothing}");
}
