//! Reading a simulated folder back, by the documents and not by the code that wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tongclear_mac::SealMaster;
use tongclear_package::{
    Door, OperatorFileReader, OperatorLine, OperatorStatus, SectorData, admit, file_name,
};
use tongclear_types::{BusinessDate, CollectorId, Fen, MerchantCode, Serial, TransactionRecord, Verdict};

use super::model::{List, Placed};
use crate::Plan;
use crate::city::City;
use crate::keys::Keys;

/// `window` and the columns of an export, as `cli.md` lists them.
const TRUTH_COLUMNS: [&str; 22] = [
    "window",
    "merchant",
    "collector",
    "package_sequence",
    "row",
    "issuer_id",
    "serial",
    "tti",
    "offline_counter",
    "online_counter",
    "terminal",
    "terminal_number",
    "amount_fen",
    "list_price_fen",
    "balance_before_fen",
    "balance_after_fen",
    "date",
    "time",
    "disposition",
    "reason",
    "flags",
    "fee_fen",
];

/// Every file below `folder`, by its path.
pub(super) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// A door that knows the city's collectors and keys.
struct CityDoor<'a> {
    city: &'a City,
    masters: [SealMaster; 2],
}

impl Door for CityDoor<'_> {
    fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode> {
        let found = self.city.collectors.iter().find(|it| it.id == collector)?;
        Some(self.city.merchants[found.merchant].code)
    }

    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.masters.get(usize::try_from(version).ok()?.checked_sub(1)?)
    }
}

/// Seal and sequence of the last package of each collector.
pub(super) type Chains = BTreeMap<CollectorId, (u32, [u8; 8])>;

/// The packages of a window, admitted at the door, as records with their places.
pub(super) fn packages(
    plan: &Plan,
    city: &City,
    keys: &Keys,
    window: BusinessDate,
    chains: &mut Chains,
) -> Vec<Placed> {
    let door = CityDoor { city, masters: keys.seal_masters() };
    let mut placed = Vec::new();
    for (path, bytes) in files(&plan.out.join("packages").join(window.to_string())) {
        let view = admit(&bytes, &door).unwrap();
        let header = *view.header();
        let (collector, sequence) = (header.collector, header.sequence);
        assert_eq!(path.file_name().unwrap().to_str().unwrap(), file_name(collector, sequence));
        let (last, seal) = chains.get(&collector).copied().unwrap_or_default();
        assert_eq!((sequence.0, header.previous_seal), (last + 1, seal), "{collector}");
        chains.insert(collector, (sequence.0, view.seal_start()));
        assert!(view.records().is_sorted_by_key(|it| (it.terminal, it.terminal_number)), "{collector}");
        let merchant = city.merchants.iter().position(|it| it.code == header.merchant).unwrap();
        let sector = city.merchants[merchant].entry.sector;
        for record in view.records() {
            SectorData::parse(sector, &record.sector_data).unwrap();
        }
        let rows = (0..).zip(view.records());
        placed.extend(rows.map(|(row, record)| Placed {
            merchant,
            collector,
            sequence: sequence.0,
            row,
            record,
        }));
    }
    placed
}

/// The deny lists of each operator, read from the files.
pub(super) fn lists(plan: &Plan, city: &City) -> Vec<Vec<List>> {
    let texts = files(&plan.out.join("lists"));
    let of = |code: String| {
        let mut lists = Vec::new();
        for text in texts.values() {
            let text = String::from_utf8(text.clone()).unwrap();
            let mut lines = text.lines();
            let head: Vec<&str> = lines.next().unwrap().split(':').collect();
            if head[1] != code {
                continue;
            }
            let effective = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", head[3]).unwrap();
            let serials = lines.filter(|line| !line.starts_with("CRC")).map(|line| line.parse().unwrap());
            let serials: BTreeSet<Serial> = serials.collect();
            assert_eq!(serials.len().to_string(), head[4]);
            lists.push(List { version: head[2].parse().unwrap(), effective, serials });
        }
        assert!(lists.is_sorted_by_key(|list| (list.version, list.effective)));
        lists
    };
    city.operators.iter().map(|operator| of(operator.code.to_string())).collect()
}

/// The lines of the truth by window, collector, sequence and row.
pub(super) fn truth(plan: &Plan) -> BTreeMap<(String, String, u32, u32), String> {
    let text = fs::read_to_string(plan.out.join("truth.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next().unwrap().split(',').collect::<Vec<_>>(), TRUTH_COLUMNS);
    let mut found = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let key = (
            fields[0].to_owned(),
            fields[2].to_owned(),
            fields[3].parse().unwrap(),
            fields[4].parse().unwrap(),
        );
        assert_eq!(found.insert(key, line.to_owned()), None, "one line a record");
    }
    found
}

/// The line of truth that a record must have.
pub(super) fn truth_line(
    window: BusinessDate,
    merchant: MerchantCode,
    placed: &Placed,
    verdict: Verdict,
    fee: Option<Fen>,
) -> String {
    let Placed { collector, sequence, row, record, .. } = placed;
    let fields = [
        window.to_string(),
        merchant.to_string(),
        collector.to_string(),
        sequence.to_string(),
        row.to_string(),
        record.issuer.to_string(),
        record.serial.to_string(),
        record.tti.to_string(),
        record.offline_counter.to_string(),
        record.online_counter.to_string(),
        record.terminal.to_string(),
        record.terminal_number.to_string(),
        record.amount_fen.to_string(),
        record.list_price_fen.to_string(),
        record.balance_before_fen.to_string(),
        record.balance_after_fen.to_string(),
        record.date.to_string(),
        record.time.to_string(),
        verdict.disposition().to_string(),
        verdict.reason().map_or(String::new(), |reason| reason.to_string()),
        verdict.flags().to_string(),
        fee.map_or(String::new(), |fee| fee.to_string()),
    ];
    fields.join(",")
}

/// The lines of an operator's file.
pub(super) fn operator_lines(bytes: &[u8]) -> Vec<OperatorLine> {
    let mut reader = OperatorFileReader::new();
    let raw = bytes.split_inclusive(|byte| *byte == b'\n');
    let lines: Vec<_> = raw.filter_map(|raw| reader.take(raw).unwrap()).collect();
    assert_eq!(reader.finish().unwrap(), lines.len() as u64);
    lines
}

/// The lines of all whole files, by everything but the status, with the status.
pub(super) fn books(plan: &Plan) -> (BTreeMap<String, OperatorStatus>, u64) {
    let (mut lines, mut count) = (BTreeMap::new(), 0);
    for (path, bytes) in files(&plan.out.join("operators")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if !name.contains('-') || name.ends_with("-part") {
            continue;
        }
        for mut line in operator_lines(&bytes) {
            let status = std::mem::replace(&mut line.status, OperatorStatus::Ok);
            lines.insert(format!("{line:?}"), status);
            count += 1;
        }
    }
    (lines, count)
}

/// The line of its card operator's books that a record must have, without its status.
pub(super) fn book_line(record: &TransactionRecord) -> String {
    let &TransactionRecord { issuer, serial, tti, terminal, terminal_number, date, time, .. } = record;
    let (amount, counter) = (record.amount(), record.counter(record.sort_chain()));
    let status = OperatorStatus::Ok;
    let line =
        OperatorLine { issuer, serial, tti, counter, terminal, terminal_number, amount, date, time, status };
    format!("{line:?}")
}
