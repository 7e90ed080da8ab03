//! The cleared detail: every record of a window with its disposition, one Parquet file a card partition.
//!
//! The columns are those of `export` (`cli.md`), so that anyone can open the vault's files directly: ids as hex
//! text, numbers as integers, dates and times as the digits that were sent.

use std::io::Write;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{Array, DictionaryArray, Int64Array, RecordBatch, StringArray, UInt16Array, UInt32Array};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use tongclear_columnar::{Column, PackedFile, Words};
use tongclear_package::DetailRow;
use tongclear_store::DispositionTallies;
use tongclear_types::{
    BcdDate, BcdTime, CardId, Disposition, Fen, Flag, Flags, PackageSequence, Reason, Tally, TerminalNumber,
    Tti, Verdict,
};

use super::columns::{self, PAGE_ROWS, ROW_GROUP_ROWS, hex_digits, number};

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

/// Writes detail rows into a Parquet file, page by page.
pub(crate) struct DetailWriter<W: Write + Send> {
    file: PackedFile<W>,
    page: Page,
    /// Rows of the row group in the pages before.
    written: usize,
}

impl<W: Write + Send> DetailWriter<W> {
    pub(crate) fn new(out: W) -> Result<Self, String> {
        Ok(Self { file: columns::packed(&detail_schema(), out)?, page: Page::default(), written: 0 })
    }

    #[inline]
    pub(crate) fn write(&mut self, row: &DetailRow) -> Result<(), String> {
        self.page.push(row);
        if self.page.row.len() == PAGE_ROWS { self.end_page() } else { Ok(()) }
    }

    pub(crate) fn finish(mut self) -> Result<W, String> {
        if !self.page.row.is_empty() {
            self.end_page()?;
        }
        if self.written > 0 {
            self.end_group()?;
        }
        self.file.finish().map_err(|error| error.to_string())
    }

    fn end_page(&mut self) -> Result<(), String> {
        self.file.write_page(&self.page.columns()).map_err(|error| error.to_string())?;
        self.written += self.page.row.len();
        self.page.clear();
        if self.written >= ROW_GROUP_ROWS { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> Result<(), String> {
        self.file.end_group(&self.page.columns()).map_err(|error| error.to_string())?;
        self.page.words().into_iter().for_each(Words::clear);
        self.written = 0;
        Ok(())
    }
}

/// The columns of one page, each in the encoding that fits it, and the words of its row group.
#[derive(Default)]
struct Page {
    merchant: Words,
    collector: Words,
    package_sequence: Vec<u32>,
    row: Vec<u32>,
    issuer: Words,
    /// Hex digits, end to end.
    serial: Vec<u8>,
    tti: Words,
    offline_counter: Vec<u32>,
    online_counter: Vec<u32>,
    terminal: Words,
    terminal_number: Vec<u32>,
    amount_fen: Vec<u32>,
    list_price_fen: Vec<u32>,
    balance_before_fen: Vec<u32>,
    balance_after_fen: Vec<u32>,
    date: Words,
    /// Hex digits, end to end.
    time: Vec<u8>,
    disposition: Words,
    reason: Words,
    flags: Words,
    fee_fen: Vec<Option<i64>>,
}

impl Page {
    #[inline]
    fn push(&mut self, row: &DetailRow) {
        let merchant = row.merchant.bytes();
        self.merchant.push_key(u64::from_be_bytes(merchant), || merchant);
        self.collector.push_key(number(&row.collector.0), || hex_digits::<6, 12>(&row.collector.0));
        self.package_sequence.push(row.package_sequence.0);
        self.row.push(row.row);
        self.issuer.push_key(number(&row.issuer.0), || hex_digits::<8, 16>(&row.issuer.0));
        self.serial.extend_from_slice(&hex_digits::<10, 20>(&row.serial.0));
        self.tti.push_place(row.tti.0.into(), || hex_digits::<1, 2>(&[row.tti.0]));
        self.offline_counter.push(row.offline_counter.into());
        self.online_counter.push(row.online_counter.into());
        self.terminal.push_key(number(&row.terminal.0), || hex_digits::<6, 12>(&row.terminal.0));
        self.terminal_number.push(row.terminal_number.0);
        self.amount_fen.push(row.amount_fen);
        self.list_price_fen.push(row.list_price_fen);
        self.balance_before_fen.push(row.balance_before_fen);
        self.balance_after_fen.push(row.balance_after_fen);
        self.date.push_key(number(&row.date.0), || hex_digits::<4, 8>(&row.date.0));
        self.time.extend_from_slice(&hex_digits::<3, 6>(&row.time.0));
        let (disposition, reason, flags) =
            (row.verdict.disposition(), row.verdict.reason(), row.verdict.flags());
        self.disposition.push_place(disposition as usize, || disposition.name());
        self.reason
            .push_place(reason.map_or(0, |reason| 1 + reason as usize), || reason.map_or("", Reason::name));
        self.flags.push_place(flags.bits().into(), || flags.to_string());
        self.fee_fen.push(row.fee_fen.map(Fen::get));
    }

    /// In the order of [`COLUMNS`].
    fn columns(&self) -> [Column<'_>; COLUMNS.len()] {
        [
            Column::Words(&self.merchant),
            Column::Words(&self.collector),
            Column::U32(&self.package_sequence),
            Column::U32(&self.row),
            Column::Words(&self.issuer),
            Column::Fronts { text: &self.serial, len: 20 },
            Column::Words(&self.tti),
            Column::U32(&self.offline_counter),
            Column::U32(&self.online_counter),
            Column::Words(&self.terminal),
            Column::U32(&self.terminal_number),
            Column::U32(&self.amount_fen),
            Column::U32(&self.list_price_fen),
            Column::U32(&self.balance_before_fen),
            Column::U32(&self.balance_after_fen),
            Column::Words(&self.date),
            Column::Texts { text: &self.time, len: 6 },
            Column::Words(&self.disposition),
            Column::Words(&self.reason),
            Column::Words(&self.flags),
            Column::OptionalI64(&self.fee_fen),
        ]
    }

    fn words(&mut self) -> [&mut Words; 9] {
        [
            &mut self.merchant,
            &mut self.collector,
            &mut self.issuer,
            &mut self.tti,
            &mut self.terminal,
            &mut self.date,
            &mut self.disposition,
            &mut self.reason,
            &mut self.flags,
        ]
    }

    /// Forgets the rows.
    fn clear(&mut self) {
        self.words().into_iter().for_each(Words::clear_rows);
        let numbers = [
            &mut self.package_sequence,
            &mut self.row,
            &mut self.offline_counter,
            &mut self.online_counter,
            &mut self.terminal_number,
            &mut self.amount_fen,
            &mut self.list_price_fen,
            &mut self.balance_before_fen,
            &mut self.balance_after_fen,
        ];
        numbers.into_iter().for_each(Vec::clear);
        self.serial.clear();
        self.time.clear();
        self.fee_fen.clear();
    }
}

/// Appends bytes as lower-case hex without allocating.
pub(crate) fn append_hex<const N: usize>(column: &mut StringBuilder, bytes: &[u8; N]) {
    let mut digits = [0_u8; 20];
    let digits = &mut digits[..2 * N];
    hex::encode_to_slice(bytes, digits).expect("ids are at most ten bytes");
    column.append_value(std::str::from_utf8(digits).expect("hex is ASCII"));
}

/// Reads detail rows back, in their order.
pub(crate) fn read(file: Bytes) -> Result<impl Iterator<Item = Result<DetailRow, String>>, String> {
    let batches = columns::read(file, &[])?;
    Ok(batches.flat_map(move |batch| {
        match batch.map_err(|error| error.to_string()).and_then(|batch| rows(&batch)) {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
    }))
}

/// Reads the rows that were not accepted, in their order; of the others only the disposition is decoded.
pub(crate) fn unpaid(file: Bytes) -> Result<Vec<DetailRow>, String> {
    let mut found = Vec::new();
    for batch in columns::read_unless(file, "disposition", Disposition::Accepted.name())? {
        found.extend(rows(&batch.map_err(|error| error.to_string())?)?);
    }
    Ok(found)
}

/// Reads the rows of one card out of its partition's file, in their order.
pub(crate) fn read_card(file: Bytes, card: &CardId) -> Result<Vec<DetailRow>, String> {
    let mut found = Vec::new();
    for batch in columns::read_where(file, &columns::of_card(card))? {
        found.extend(rows(&batch.map_err(|error| error.to_string())?)?);
    }
    Ok(found)
}

/// What the rows of a file add up to by disposition, reading nothing else.
pub(crate) fn control_totals(file: Bytes) -> Result<DispositionTallies, String> {
    let mut tallies = DispositionTallies::default();
    for batch in columns::read_words(file, &["amount_fen", "disposition"], "disposition")? {
        let batch = batch.map_err(|error| error.to_string())?;
        let amounts = columns::column::<UInt32Array>(&batch, "amount_fen")?.values();
        let words = columns::column::<DictionaryArray<Int32Type>>(&batch, "disposition")?;
        let dispositions = words.values().as_any().downcast_ref::<StringArray>();
        let dispositions = dispositions.ok_or("column disposition has another type than written")?;
        let dispositions = dispositions.iter().map(|name| name.and_then(Disposition::from_name));
        let dispositions = dispositions.collect::<Vec<_>>();
        // Few words: summed one by one, without money's checks on every row.
        let mut sums = vec![(0_u64, 0_u64); dispositions.len()];
        for (amount, word) in amounts.iter().zip(words.keys().values()) {
            let word = usize::try_from(*word).map_err(|error| error.to_string())?;
            let sum = sums.get_mut(word).ok_or("a row has no disposition")?;
            *sum = (sum.0 + 1, sum.1 + u64::from(*amount));
        }
        for ((count, fen), disposition) in sums.into_iter().zip(dispositions).filter(|(sum, _)| sum.0 > 0) {
            let amount_fen = i64::try_from(fen).map_err(|error| error.to_string()).and_then(fen_of)?;
            let tally = tallies.get_mut(disposition.ok_or("a row has no disposition")?);
            tally.merge(&Tally { count, amount_fen }).map_err(|error| error.to_string())?;
        }
    }
    Ok(tallies)
}

fn fen_of(fen: i64) -> Result<Fen, String> {
    Fen::new(fen).map_err(|error| error.to_string())
}

fn rows(batch: &RecordBatch) -> Result<Vec<DetailRow>, String> {
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
                fee_fen: (!fee.is_null(i)).then(|| fen_of(fee.value(i))).transpose()?,
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
