//! The three files of a run: items, what was seen, quality. Ids are hex text and dates ISO text, so that anyone can open
//! them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use arrow_array::builder::{StringBuilder, UInt32Builder, UInt64Builder};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::DataType;
use bytes::Bytes;
use tongclear_types::{
    BusinessDate, CardId, Chain, ContinuityItem, ContinuityKind, Device, DeviceQuality, ItemState, Subject,
};

use super::super::columns::{self, BATCH_ROWS, ParquetFile};
use super::super::ranges::NumberRanges;
use super::numbering::Numbering;

const ITEMS: [(&str, DataType); 12] = [
    ("kind", DataType::Utf8),
    ("device", DataType::Utf8),
    ("issuer_id", DataType::Utf8),
    ("serial", DataType::Utf8),
    ("chain", DataType::Utf8),
    ("first", DataType::UInt32),
    ("last", DataType::UInt32),
    ("count", DataType::UInt64),
    ("opened", DataType::Utf8),
    ("latest", DataType::Utf8),
    ("state", DataType::Utf8),
    ("ended?", DataType::Utf8),
];
const SEEN: [(&str, DataType); 4] = [
    ("device_kind", DataType::Utf8),
    ("device", DataType::Utf8),
    ("first", DataType::UInt32),
    ("last", DataType::UInt32),
];
const QUALITY: [(&str, DataType); 7] = [
    ("device_kind", DataType::Utf8),
    ("device", DataType::Utf8),
    ("received", DataType::UInt64),
    ("records", DataType::UInt64),
    ("late", DataType::UInt64),
    ("bad_mac", DataType::UInt64),
    ("missing", DataType::UInt64),
];

fn text_column(values: impl Iterator<Item = String>) -> ArrayRef {
    let mut column = StringBuilder::new();
    values.for_each(|value| column.append_value(value));
    Arc::new(column.finish())
}

fn number_column(values: impl Iterator<Item = u32>) -> ArrayRef {
    let mut column = UInt32Builder::new();
    values.for_each(|value| column.append_value(value));
    Arc::new(column.finish())
}

fn count_column(values: impl Iterator<Item = u64>) -> ArrayRef {
    let mut column = UInt64Builder::new();
    values.for_each(|value| column.append_value(value));
    Arc::new(column.finish())
}

/// Writes items, which come sorted.
pub(crate) fn write_items(items: &[ContinuityItem]) -> Result<Vec<u8>, String> {
    let mut file = ParquetFile::new(columns::schema(&ITEMS), Vec::new())?;
    for batch in items.chunks(BATCH_ROWS) {
        let text = |of: &dyn Fn(&ContinuityItem) -> String| text_column(batch.iter().map(of));
        let card = |of: fn(CardId, Chain) -> String| {
            text_column(batch.iter().map(|item| match item.subject {
                Subject::Card(card, chain) => of(card, chain),
                Subject::Device(_) => String::new(),
            }))
        };
        let mut ended = StringBuilder::new();
        batch.iter().for_each(|item| ended.append_option(item.state.ended().map(|date| date.to_string())));
        file.write(vec![
            text(&|item| item.kind.to_string()),
            text(&|item| match item.subject {
                Subject::Device(device) => device.to_string(),
                Subject::Card(..) => String::new(),
            }),
            card(|card, _| card.issuer.to_string()),
            card(|card, _| card.serial.to_string()),
            card(|_, chain| chain.name().to_owned()),
            number_column(batch.iter().map(|item| item.first)),
            number_column(batch.iter().map(|item| item.last)),
            count_column(batch.iter().map(|item| item.count)),
            text(&|item| item.opened.to_string()),
            text(&|item| item.latest.to_string()),
            text(&|item| item.state.name().to_owned()),
            Arc::new(ended.finish()),
        ])?;
    }
    file.finish()
}

/// Reads items back, in their order.
pub(crate) fn read_items(file: Bytes) -> Result<Vec<ContinuityItem>, String> {
    let mut items = Vec::new();
    for batch in columns::read(file, &[])? {
        let batch = batch.map_err(|error| error.to_string())?;
        let text = Texts(&batch);
        let first = columns::column::<UInt32Array>(&batch, "first")?;
        let last = columns::column::<UInt32Array>(&batch, "last")?;
        let count = columns::column::<UInt64Array>(&batch, "count")?;
        let ended = columns::column::<StringArray>(&batch, "ended")?;
        for i in 0..batch.num_rows() {
            let kind = ContinuityKind::from_name(text.at("kind", i)?).ok_or_else(|| text.bad("kind", i))?;
            let date = |name| -> Result<BusinessDate, String> { text.parse(name, i) };
            let end = (!ended.is_null(i)).then(|| date("ended")).transpose()?;
            let state = match (text.at("state", i)?, end) {
                ("open", None) => ItemState::Open,
                ("closed", Some(date)) => ItemState::Closed(date),
                ("expired", Some(date)) => ItemState::Expired(date),
                _ => return Err(text.bad("state", i)),
            };
            items.push(ContinuityItem {
                kind,
                subject: subject(kind, &text, i)?,
                first: first.value(i),
                last: last.value(i),
                opened: date("opened")?,
                count: count.value(i),
                latest: date("latest")?,
                state,
            });
        }
    }
    Ok(items)
}

/// The kind of item says what it is about.
fn subject(kind: ContinuityKind, text: &Texts<'_>, i: usize) -> Result<Subject, String> {
    Ok(match kind {
        ContinuityKind::MissingPackage => Subject::Device(Device::Collector(text.parse("device", i)?)),
        ContinuityKind::MissingNumber | ContinuityKind::OverlappingNumber => {
            Subject::Device(Device::Terminal(text.parse("device", i)?))
        }
        ContinuityKind::CounterGap
        | ContinuityKind::BalanceBreak
        | ContinuityKind::SuspectedClone
        | ContinuityKind::SingleConflict => {
            let card = CardId { issuer: text.parse("issuer_id", i)?, serial: text.parse("serial", i)? };
            let chain = Chain::from_name(text.at("chain", i)?).ok_or_else(|| text.bad("chain", i))?;
            Subject::Card(card, chain)
        }
    })
}

/// Writes what was seen of every device.
pub(crate) fn write_seen(devices: &BTreeMap<Device, Numbering>) -> Result<Vec<u8>, String> {
    let mut file = ParquetFile::new(columns::schema(&SEEN), Vec::new())?;
    let ranges = || {
        devices
            .iter()
            .flat_map(|(device, numbering)| numbering.seen.iter().map(move |range| (*device, range)))
    };
    file.write(vec![
        text_column(ranges().map(|(device, _)| device.kind().to_owned())),
        text_column(ranges().map(|(device, _)| device.to_string())),
        number_column(ranges().map(|(_, range)| range.0)),
        number_column(ranges().map(|(_, range)| range.1)),
    ])?;
    file.finish()
}

/// Reads what was seen back, by device.
pub(crate) fn read_seen(file: Bytes) -> Result<Vec<(Device, NumberRanges)>, String> {
    let mut devices: Vec<(Device, NumberRanges)> = Vec::new();
    for batch in columns::read(file, &[])? {
        let batch = batch.map_err(|error| error.to_string())?;
        let text = Texts(&batch);
        let first = columns::column::<UInt32Array>(&batch, "first")?;
        let last = columns::column::<UInt32Array>(&batch, "last")?;
        for i in 0..batch.num_rows() {
            let device = device(&text, i)?;
            if devices.last().is_none_or(|(known, _)| *known != device) {
                devices.push((device, NumberRanges::default()));
            }
            if let Some((_, ranges)) = devices.last_mut() {
                ranges.push_last(first.value(i), last.value(i));
            }
        }
    }
    Ok(devices)
}

/// Writes what every device delivered.
pub(crate) fn write_quality(devices: &[DeviceQuality]) -> Result<Vec<u8>, String> {
    let mut file = ParquetFile::new(columns::schema(&QUALITY), Vec::new())?;
    let count = |of: fn(&DeviceQuality) -> u64| count_column(devices.iter().map(of));
    file.write(vec![
        text_column(devices.iter().map(|it| it.device.kind().to_owned())),
        text_column(devices.iter().map(|it| it.device.to_string())),
        count(|it| it.received),
        count(|it| it.records),
        count(|it| it.late),
        count(|it| it.bad_mac),
        count(|it| it.missing),
    ])?;
    file.finish()
}

/// Reads what every device delivered back.
pub(crate) fn read_quality(file: Bytes) -> Result<Vec<DeviceQuality>, String> {
    let mut devices = Vec::new();
    for batch in columns::read(file, &[])? {
        let batch = batch.map_err(|error| error.to_string())?;
        let text = Texts(&batch);
        let count = |name| columns::column::<UInt64Array>(&batch, name);
        let (received, records, late) = (count("received")?, count("records")?, count("late")?);
        let (bad_mac, missing) = (count("bad_mac")?, count("missing")?);
        for i in 0..batch.num_rows() {
            devices.push(DeviceQuality {
                device: device(&text, i)?,
                received: received.value(i),
                records: records.value(i),
                late: late.value(i),
                bad_mac: bad_mac.value(i),
                missing: missing.value(i),
            });
        }
    }
    Ok(devices)
}

fn device(text: &Texts<'_>, i: usize) -> Result<Device, String> {
    match text.at("device_kind", i)? {
        "collector" => Ok(Device::Collector(text.parse("device", i)?)),
        "terminal" => Ok(Device::Terminal(text.parse("device", i)?)),
        _ => Err(text.bad("device_kind", i)),
    }
}

/// The text columns of a batch.
struct Texts<'a>(&'a RecordBatch);

impl<'a> Texts<'a> {
    fn at(&self, name: &str, i: usize) -> Result<&'a str, String> {
        Ok(columns::column::<StringArray>(self.0, name)?.value(i))
    }

    fn parse<T: std::str::FromStr<Err: Display>>(&self, name: &str, i: usize) -> Result<T, String> {
        self.at(name, i)?.parse().map_err(|error| format!("{name}: {error}"))
    }

    fn bad(&self, name: &str, i: usize) -> String {
        format!("{name} is {:?}", self.at(name, i).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use tongclear_types::{CollectorId, IssuerId, Serial, TerminalId};

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let day: BusinessDate = "2026-11-23".parse().unwrap();
        let (collector, terminal) =
            (Device::Collector(CollectorId([1; 6])), Device::Terminal(TerminalId([2; 6])));
        let card = Subject::Card(CardId { issuer: IssuerId([4; 8]), serial: Serial([5; 10]) }, Chain::Load);
        let states = [ItemState::Open, ItemState::Closed(day.plus_days(1)), ItemState::Expired(day)];
        let items: Vec<ContinuityItem> = ContinuityKind::ALL
            .iter()
            .flat_map(|kind| states.map(|state| (*kind, state)))
            .map(|(kind, state)| {
                let subject = match kind {
                    ContinuityKind::MissingPackage => Subject::Device(collector),
                    ContinuityKind::MissingNumber | ContinuityKind::OverlappingNumber => {
                        Subject::Device(terminal)
                    }
                    _ => card,
                };
                let item = ContinuityItem::open(kind, subject, (1, u32::MAX), day).in_state(state);
                ContinuityItem { latest: day.plus_days(2), ..item }
            })
            .collect();
        assert_eq!(read_items(write_items(&items).unwrap().into()).unwrap(), items);
        assert_eq!(read_items(write_items(&[]).unwrap().into()).unwrap(), []);

        let seen = NumberRanges::of_runs([(1, 3), (9, u32::MAX)]).0;
        let numbering = Numbering { seen: seen.clone(), missing: Vec::new() };
        let devices = [(collector, numbering.clone()), (terminal, numbering)].into();
        let back = read_seen(write_seen(&devices).unwrap().into()).unwrap();
        assert_eq!(back, [(collector, seen.clone()), (terminal, seen)]);

        let quality = [collector, terminal].map(|device| DeviceQuality {
            device,
            received: 1,
            records: 2,
            late: 3,
            bad_mac: 4,
            missing: u64::MAX,
        });
        assert_eq!(read_quality(write_quality(&quality).unwrap().into()).unwrap(), quality);
        assert!(read_items(write_quality(&quality).unwrap().into()).is_err(), "not every file will do");
    }
}
