//! The cleared detail: every record of a window with its disposition, one Parquet file a card partition.
//!
//! The columns are those of `export` (`cli.md`), so that anyone can open the vault's files directly: ids as hex
//! text, numbers as integers, dates and times as the digits that were sent.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder, UInt16Builder, UInt32Builder};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt16Array, UInt32Array};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use tongclear_package::DetailRow;
use tongclear_store::DispositionTallies;
use tongclear_types::{
    BcdDate, BcdTime, CardId, Disposition, Fen, Flag, Flags, PackageSequence, Reason, TerminalNumber, Tti,
    Verdict,
};

use super::columns::{self, BATCH_ROWS, ParquetFile};

/// The columns in the order of `cli.md`; only the fee may be absent.
const COLUMNS: [(&str, DataType); 21] = [
    ("merchant", DataType::Utf8),
    ("collector", DataType::Utf8),
    ("package_sequence", DataType::UInt32),
    ("row", DataType::UInt32),
    ("issuer_id", DataType::Utf8),
    ("serial", DataType::Utf8),
    ("tti", DataType::Utf8),
    ("offline_counter", DataType::UInt16),
    ("online_counter", DataType::UInt16),
    ("terminal", DataType::Utf8),
    ("terminal_number", DataType::UInt32),
    ("amount_fen", DataType::UInt32),
    ("list_price_fen", DataType::UInt32),
    ("balance_before_fen", DataType::UInt32),
    ("balance_after_fen", DataType::UInt32),
    ("date", DataType::Utf8),
    ("time", DataType::Utf8),
    ("disposition", DataType::Utf8),
    ("reason", DataType::Utf8),
    ("flags", DataType::Utf8),
    ("fee_fen?", DataType::Int64),
];

fn detail_schema() -> SchemaRef {
    columns::schema(&COLUMNS)
}

/// Writes detail rows into a Parquet file, batch by batch.
pub(crate) struct DetailWriter<W: Write + Send> {
    file: ParquetFile<W>,
    batch: Batch,
}

impl<W: Write + Send> DetailWriter<W> {
    pub(crate) fn new(out: W) -> Result<Self, String> {
        Ok(Self { file: ParquetFile::new(detail_schema(), out)?, batch: Batch::default() })
    }

    pub(crate) fn write(&mut self, row: &DetailRow) -> Result<(), String> {
        self.batch.push(row);
        if self.batch.rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    pub(crate) fn finish(mut self) -> Result<W, String> {
        if self.batch.rows > 0 {
            self.flush()?;
        }
        self.file.finish()
    }

    fn flush(&mut self) -> Result<(), String> {
        let columns = self.batch.take();
        self.file.write(columns)
    }
}

/// One batch, a builder a column.
#[derive(Default)]
struct Batch {
    rows: usize,
    merchant: StringBuilder,
    collector: StringBuilder,
    package_sequence: UInt32Builder,
    row: UInt32Builder,
    issuer: StringBuilder,
    serial: StringBuilder,
    tti: StringBuilder,
    offline_counter: UInt16Builder,
    online_counter: UInt16Builder,
    terminal: StringBuilder,
    terminal_number: UInt32Builder,
    amount_fen: UInt32Builder,
    list_price_fen: UInt32Builder,
    balance_before_fen: UInt32Builder,
    balance_after_fen: UInt32Builder,
    date: StringBuilder,
    time: StringBuilder,
    disposition: StringBuilder,
    reason: StringBuilder,
    flags: StringBuilder,
    fee_fen: Int64Builder,
}

/// Appends bytes as lower-case hex without allocating.
pub(crate) fn append_hex<const N: usize>(column: &mut StringBuilder, bytes: &[u8; N]) {
    let mut digits = [0_u8; 20];
    let digits = &mut digits[..2 * N];
    hex::encode_to_slice(bytes, digits).expect("ids are at most ten bytes");
    column.append_value(std::str::from_utf8(digits).expect("hex is ASCII"));
}

impl Batch {
    fn push(&mut self, row: &DetailRow) {
        self.rows += 1;
        let merchant = row.merchant.bytes();
        self.merchant.append_value(std::str::from_utf8(&merchant).expect("the form is ASCII"));
        append_hex(&mut self.collector, &row.collector.0);
        self.package_sequence.append_value(row.package_sequence.0);
        self.row.append_value(row.row);
        append_hex(&mut self.issuer, &row.issuer.0);
        append_hex(&mut self.serial, &row.serial.0);
        append_hex(&mut self.tti, &[row.tti.0]);
        self.offline_counter.append_value(row.offline_counter);
        self.online_counter.append_value(row.online_counter);
        append_hex(&mut self.terminal, &row.terminal.0);
        self.terminal_number.append_value(row.terminal_number.0);
        self.amount_fen.append_value(row.amount_fen);
        self.list_price_fen.append_value(row.list_price_fen);
        self.balance_before_fen.append_value(row.balance_before_fen);
        self.balance_after_fen.append_value(row.balance_after_fen);
        append_hex(&mut self.date, &row.date.0);
        append_hex(&mut self.time, &row.time.0);
        self.disposition.append_value(row.verdict.disposition().name());
        self.reason.append_value(row.verdict.reason().map_or("", Reason::name));
        match row.verdict.flags() {
            Flags::NONE => self.flags.append_value(""),
            flags => self.flags.append_value(flags.to_string()),
        }
        self.fee_fen.append_option(row.fee_fen.map(Fen::get));
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        vec![
            Arc::new(self.merchant.finish()),
            Arc::new(self.collector.finish()),
            Arc::new(self.package_sequence.finish()),
            Arc::new(self.row.finish()),
            Arc::new(self.issuer.finish()),
            Arc::new(self.serial.finish()),
            Arc::new(self.tti.finish()),
            Arc::new(self.offline_counter.finish()),
            Arc::new(self.online_counter.finish()),
            Arc::new(self.terminal.finish()),
            Arc::new(self.terminal_number.finish()),
            Arc::new(self.amount_fen.finish()),
            Arc::new(self.list_price_fen.finish()),
            Arc::new(self.balance_before_fen.finish()),
            Arc::new(self.balance_after_fen.finish()),
            Arc::new(self.date.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.disposition.finish()),
            Arc::new(self.reason.finish()),
            Arc::new(self.flags.finish()),
            Arc::new(self.fee_fen.finish()),
        ]
    }
}

/// Which rows of a file are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    All,
    /// Those that were not accepted.
    Unpaid,
}

/// Reads detail rows back, in their order.
pub(crate) fn read(
    file: Bytes,
    wanted: Rows,
) -> Result<impl Iterator<Item = Result<DetailRow, String>>, String> {
    let batches = columns::read(file, &[])?;
    Ok(batches.flat_map(move |batch| {
        match batch.map_err(|error| error.to_string()).and_then(|batch| rows(&batch, wanted)) {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
    }))
}

/// Reads the rows of one card out of its partition's file, in their order.
pub(crate) fn read_card(file: Bytes, card: &CardId) -> Result<Vec<DetailRow>, String> {
    let mut found = Vec::new();
    for batch in columns::read_where(file, &columns::of_card(card))? {
        found.extend(rows(&batch.map_err(|error| error.to_string())?, Rows::All)?);
    }
    Ok(found)
}

/// What the rows of a file add up to by disposition, reading nothing else.
pub(crate) fn control_totals(file: Bytes) -> Result<DispositionTallies, String> {
    let mut tallies = DispositionTallies::default();
    for batch in columns::read(file, &["amount_fen", "disposition"])? {
        let batch = batch.map_err(|error| error.to_string())?;
        let amounts = columns::column::<UInt32Array>(&batch, "amount_fen")?.values();
        let dispositions = columns::column::<StringArray>(&batch, "disposition")?;
        for (amount, disposition) in amounts.iter().zip(dispositions) {
            let disposition = disposition.and_then(Disposition::from_name);
            let disposition = disposition.ok_or("a row has no disposition")?;
            tallies.get_mut(disposition).add(Fen::from(*amount)).map_err(|error| error.to_string())?;
        }
    }
    Ok(tallies)
}

fn rows(batch: &RecordBatch, wanted: Rows) -> Result<Vec<DetailRow>, String> {
    let text = |name| columns::column::<StringArray>(batch, name);
    let number = |name| columns::column::<UInt32Array>(batch, name);
    let counter = |name| columns::column::<UInt16Array>(batch, name);
    let (merchant, collector) = (text("merchant")?, text("collector")?);
    let (package_sequence, row) = (number("package_sequence")?, number("row")?);
    let (issuer, serial, tti) = (text("issuer_id")?, text("serial")?, text("tti")?);
    let (offline_counter, online_counter) = (counter("offline_counter")?, counter("online_counter")?);
    let (terminal, terminal_number) = (text("terminal")?, number("terminal_number")?);
    let (amount, list_price) = (number("amount_fen")?, number("list_price_fen")?);
    let (before, after) = (number("balance_before_fen")?, number("balance_after_fen")?);
    let (date, time) = (text("date")?, text("time")?);
    let (disposition, reason, flags) = (text("disposition")?, text("reason")?, text("flags")?);
    let fee = columns::column::<Int64Array>(batch, "fee_fen")?;
    (0..batch.num_rows())
        .filter(|i| wanted == Rows::All || disposition.value(*i) != Disposition::Accepted.name())
        .map(|i| {
            Ok(DetailRow {
                merchant: parsed(merchant.value(i))?,
                collector: parsed(collector.value(i))?,
                package_sequence: PackageSequence(package_sequence.value(i)),
                row: row.value(i),
                issuer: parsed(issuer.value(i))?,
                serial: parsed(serial.value(i))?,
                tti: Tti(unhex::<1>(tti.value(i))?[0]),
                offline_counter: offline_counter.value(i),
                online_counter: online_counter.value(i),
                terminal: parsed(terminal.value(i))?,
                terminal_number: TerminalNumber(terminal_number.value(i)),
                amount_fen: amount.value(i),
                list_price_fen: list_price.value(i),
                balance_before_fen: before.value(i),
                balance_after_fen: after.value(i),
                date: BcdDate(unhex(date.value(i))?),
                time: BcdTime(unhex(time.value(i))?),
                verdict: verdict(disposition.value(i), reason.value(i), flags.value(i))?,
                fee_fen: (!fee.is_null(i))
                    .then(|| Fen::new(fee.value(i)))
                    .transpose()
                    .map_err(|error| error.to_string())?,
            })
        })
        .collect()
}

pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|error| format!("{text:?}: {error}"))?;
    Ok(bytes)
}

/// The verdict behind the three columns that show it.
fn verdict(disposition: &str, reason: &str, flags: &str) -> Result<Verdict, String> {
    let unknown = || format!("disposition {disposition:?}, reason {reason:?}, flags {flags:?} is no verdict");
    let verdict = match Disposition::from_name(disposition).ok_or_else(unknown)? {
        Disposition::Accepted => {
            let flags =
                flags.split('|').filter(|name| !name.is_empty()).try_fold(Flags::NONE, |set, name| {
                    Flag::from_name(name).map(|flag| set.with(flag)).ok_or_else(unknown)
                })?;
            Verdict::Accepted(flags)
        }
        Disposition::Duplicate => Verdict::Duplicate,
        Disposition::Suspended | Disposition::Rejected => {
            Verdict::Refused(Reason::from_name(reason).ok_or_else(unknown)?)
        }
    };
    if verdict.disposition().name() == disposition { Ok(verdict) } else { Err(unknown()) }
}

#[cfg(test)]
#[path = "detail_tests.rs"]
mod tests;
