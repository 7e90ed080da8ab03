//! The items of a run as Parquet: `pairs` holds what found its other side, `open` what waits for it, both sorted by card.
//!
//! Anyone can open the files: ids are hex text, numbers are integers. The columns from `serial` to `time` are the
//! operator's where it has the transaction, else ours; `our_…` is there only where ours differs.

use std::sync::Arc;

use arrow_array::builder::{StringBuilder, UInt16Builder, UInt32Builder, UInt64Builder};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::DataType;
use tongclear_life::reconciled::{Item, ItemState, LineSide, RecordPlace, Seen};
use tongclear_package::OperatorStatus;
use tongclear_types::{BusinessDate, Disposition, Fen, PackageSequence, Reason};

use super::item::{Facts, Known, LinePlace, Ours, Place, Theirs};
use super::matching::{Pair, Rule};
use super::words::Words;
use crate::clearing::columns::{self, BATCH_ROWS, ParquetFile};
use crate::clearing::detail::{append_hex, parsed, unhex};

/// Those whose name ends in `?` may be absent.
const COLUMNS: [(&str, DataType); 28] = [
    ("state", DataType::Utf8),
    ("rule?", DataType::UInt16),
    ("fields", DataType::Utf8),
    ("serial", DataType::Utf8),
    ("tti", DataType::Utf8),
    ("counter", DataType::UInt16),
    ("terminal", DataType::Utf8),
    ("terminal_number", DataType::UInt32),
    ("amount_fen", DataType::UInt32),
    ("date", DataType::Utf8),
    ("time", DataType::Utf8),
    ("status?", DataType::Utf8),
    ("file_date?", DataType::Utf8),
    ("file_run?", DataType::UInt32),
    ("line?", DataType::UInt64),
    ("merchant?", DataType::Utf8),
    ("collector?", DataType::Utf8),
    ("package_sequence?", DataType::UInt32),
    ("row?", DataType::UInt32),
    ("window?", DataType::Utf8),
    ("our_counter?", DataType::UInt16),
    ("our_terminal?", DataType::Utf8),
    ("our_terminal_number?", DataType::UInt32),
    ("our_amount_fen?", DataType::UInt32),
    ("our_date?", DataType::Utf8),
    ("our_time?", DataType::Utf8),
    ("disposition?", DataType::Utf8),
    ("reason?", DataType::Utf8),
];

/// One item of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Pair(Pair),
    Ours(Ours),
    Theirs(Theirs),
}

impl Entry {
    pub(crate) fn state(&self) -> ItemState {
        match self {
            Self::Pair(pair) if pair.differing().none() => ItemState::Matched,
            Self::Pair(_) => ItemState::Mismatch,
            Self::Ours(_) => ItemState::OursOnly,
            Self::Theirs(_) => ItemState::TheirsOnly,
        }
    }

    /// The item with words and typed ids, for people and programs.
    pub(crate) fn item(&self, words: &Words) -> Item {
        let ours = |it: &Ours| (seen(&it.facts), record_place(it));
        let theirs = |it: &Theirs| LineSide {
            seen: seen(&it.facts),
            status: words.text(it.status),
            file_date: it.file_date,
            run: it.place.run,
            line: it.place.line,
        };
        let bare = Item {
            state: self.state(),
            rule: None,
            fields: Vec::new(),
            record: None,
            line: None,
            known: None,
        };
        match self {
            Self::Pair(pair) => Item {
                rule: Some(pair.rule.0),
                fields: pair.differing().names().map(str::to_owned).collect(),
                record: Some(ours(&pair.ours)),
                line: Some(theirs(&pair.theirs)),
                ..bare
            },
            Self::Ours(it) => Item { record: Some(ours(it)), ..bare },
            Self::Theirs(it) => {
                let known = it.known.map(|known| {
                    let Place { collector, sequence: package_sequence, row } = known.place;
                    let Known { merchant, window, disposition, reason, .. } = known;
                    (RecordPlace { merchant, collector, package_sequence, row, window }, disposition, reason)
                });
                Item { line: Some(theirs(it)), known, ..bare }
            }
        }
    }
}

fn seen(facts: &Facts) -> Seen {
    Seen {
        serial: facts.serial(),
        tti: facts.tti(),
        counter: facts.counter,
        terminal: facts.terminal(),
        terminal_number: facts.terminal_number(),
        amount: Fen::from(facts.amount_fen),
        date: facts.date(),
        time: facts.time(),
    }
}

fn record_place(it: &Ours) -> RecordPlace {
    let Place { collector, sequence: package_sequence, row } = it.place;
    RecordPlace { merchant: it.merchant, collector, package_sequence, row, window: it.window }
}

/// Writes entries, batch by batch.
pub(crate) struct EntryWriter<'a> {
    words: &'a Words,
    file: ParquetFile<Vec<u8>>,
    batch: Batch,
    /// The texts of the last window and the last file's date: they hardly change from row to row.
    window: (Option<BusinessDate>, String),
    file_date: (Option<BusinessDate>, String),
}

impl<'a> EntryWriter<'a> {
    pub(crate) fn new(words: &'a Words) -> Result<Self, String> {
        let file = ParquetFile::new(columns::schema(&COLUMNS), Vec::new())?;
        Ok(Self {
            words,
            file,
            batch: Batch::default(),
            window: Default::default(),
            file_date: Default::default(),
        })
    }

    pub(crate) fn write(&mut self, entry: &Entry) -> Result<(), String> {
        self.push(entry);
        if self.batch.rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, String> {
        if self.batch.rows > 0 {
            self.flush()?;
        }
        self.file.finish()
    }

    fn flush(&mut self) -> Result<(), String> {
        let columns = self.batch.take();
        self.file.write(columns)
    }

    fn push(&mut self, entry: &Entry) {
        self.batch.rows += 1;
        self.batch.state.append_value(entry.state().name());
        match entry {
            Entry::Pair(pair) => {
                let (ours, theirs) = (&pair.ours, &pair.theirs);
                self.batch.rule.append_value(pair.rule.0.into());
                let differing = pair.differing();
                if differing.none() {
                    self.batch.fields.append_value("");
                } else {
                    self.batch.fields.append_value(differing.names().collect::<Vec<_>>().join("|"));
                }
                self.batch.facts(&theirs.facts);
                self.line(Some(theirs));
                self.record(Some((ours.place, ours.merchant, ours.window)));
                self.batch.our_facts(&ours.facts, &theirs.facts);
                self.batch.known(None);
            }
            Entry::Ours(ours) => {
                self.batch.rule.append_null();
                self.batch.fields.append_value("");
                self.batch.facts(&ours.facts);
                self.line(None);
                self.record(Some((ours.place, ours.merchant, ours.window)));
                self.batch.our_facts(&ours.facts, &ours.facts);
                self.batch.known(None);
            }
            Entry::Theirs(theirs) => {
                self.batch.rule.append_null();
                self.batch.fields.append_value("");
                self.batch.facts(&theirs.facts);
                self.line(Some(theirs));
                self.record(theirs.known.map(|known| (known.place, known.merchant, known.window)));
                let record = theirs.known.as_ref().map_or(&theirs.facts, |known| &known.facts);
                self.batch.our_facts(record, &theirs.facts);
                self.batch.known(theirs.known.as_ref());
            }
        }
    }

    fn line(&mut self, line: Option<&Theirs>) {
        let Some(it) = line else {
            self.batch.status.append_null();
            self.batch.file_date.append_null();
            self.batch.file_run.append_null();
            self.batch.line.append_null();
            return;
        };
        match it.status.is_ok() {
            true => self.batch.status.append_value("ok"),
            false => self.batch.status.append_value(self.words.text(it.status)),
        }
        self.batch.file_date.append_value(remembered(&mut self.file_date, it.file_date));
        self.batch.file_run.append_value(it.place.run);
        self.batch.line.append_value(it.place.line);
    }

    fn record(&mut self, record: Option<(Place, tongclear_types::MerchantCode, BusinessDate)>) {
        let Some((place, merchant, window)) = record else {
            self.batch.merchant.append_null();
            self.batch.collector.append_null();
            self.batch.package_sequence.append_null();
            self.batch.row.append_null();
            self.batch.window.append_null();
            return;
        };
        let merchant = merchant.bytes();
        self.batch.merchant.append_value(std::str::from_utf8(&merchant).expect("the form is ASCII"));
        append_hex(&mut self.batch.collector, &place.collector.0);
        self.batch.package_sequence.append_value(place.sequence.0);
        self.batch.row.append_value(place.row);
        self.batch.window.append_value(remembered(&mut self.window, window));
    }
}

/// The text of a date, made anew only when it is another date than before.
fn remembered(last: &mut (Option<BusinessDate>, String), date: BusinessDate) -> &str {
    if last.0 != Some(date) {
        *last = (Some(date), date.to_string());
    }
    &last.1
}

/// One batch, a builder a column.
#[derive(Default)]
struct Batch {
    rows: usize,
    state: StringBuilder,
    rule: UInt16Builder,
    fields: StringBuilder,
    serial: StringBuilder,
    tti: StringBuilder,
    counter: UInt16Builder,
    terminal: StringBuilder,
    terminal_number: UInt32Builder,
    amount_fen: UInt32Builder,
    date: StringBuilder,
    time: StringBuilder,
    status: StringBuilder,
    file_date: StringBuilder,
    file_run: UInt32Builder,
    line: UInt64Builder,
    merchant: StringBuilder,
    collector: StringBuilder,
    package_sequence: UInt32Builder,
    row: UInt32Builder,
    window: StringBuilder,
    our_counter: UInt16Builder,
    our_terminal: StringBuilder,
    our_terminal_number: UInt32Builder,
    our_amount_fen: UInt32Builder,
    our_date: StringBuilder,
    our_time: StringBuilder,
    disposition: StringBuilder,
    reason: StringBuilder,
}

/// Appends hex where ours differs, else nothing.
fn append_if_other<const N: usize>(column: &mut StringBuilder, ours: &[u8; N], theirs: &[u8; N]) {
    if ours == theirs { column.append_null() } else { append_hex(column, ours) }
}

impl Batch {
    fn facts(&mut self, facts: &Facts) {
        append_hex(&mut self.serial, &facts.serial);
        append_hex(&mut self.tti, &[facts.tti]);
        self.counter.append_value(facts.counter);
        append_hex(&mut self.terminal, &facts.terminal);
        self.terminal_number.append_value(facts.terminal_number);
        self.amount_fen.append_value(facts.amount_fen);
        append_hex(&mut self.date, &facts.date);
        append_hex(&mut self.time, &facts.time);
    }

    fn our_facts(&mut self, ours: &Facts, theirs: &Facts) {
        self.our_counter.append_option((ours.counter != theirs.counter).then_some(ours.counter));
        append_if_other(&mut self.our_terminal, &ours.terminal, &theirs.terminal);
        let number = ours.terminal_number;
        self.our_terminal_number.append_option((number != theirs.terminal_number).then_some(number));
        self.our_amount_fen.append_option((ours.amount_fen != theirs.amount_fen).then_some(ours.amount_fen));
        append_if_other(&mut self.our_date, &ours.date, &theirs.date);
        append_if_other(&mut self.our_time, &ours.time, &theirs.time);
    }

    fn known(&mut self, known: Option<&Known>) {
        self.disposition.append_option(known.map(|known| known.disposition.name()));
        self.reason.append_option(known.and_then(|known| known.reason).map(Reason::name));
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        vec![
            Arc::new(self.state.finish()),
            Arc::new(self.rule.finish()),
            Arc::new(self.fields.finish()),
            Arc::new(self.serial.finish()),
            Arc::new(self.tti.finish()),
            Arc::new(self.counter.finish()),
            Arc::new(self.terminal.finish()),
            Arc::new(self.terminal_number.finish()),
            Arc::new(self.amount_fen.finish()),
            Arc::new(self.date.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.file_date.finish()),
            Arc::new(self.file_run.finish()),
            Arc::new(self.line.finish()),
            Arc::new(self.merchant.finish()),
            Arc::new(self.collector.finish()),
            Arc::new(self.package_sequence.finish()),
            Arc::new(self.row.finish()),
            Arc::new(self.window.finish()),
            Arc::new(self.our_counter.finish()),
            Arc::new(self.our_terminal.finish()),
            Arc::new(self.our_terminal_number.finish()),
            Arc::new(self.our_amount_fen.finish()),
            Arc::new(self.our_date.finish()),
            Arc::new(self.our_time.finish()),
            Arc::new(self.disposition.finish()),
            Arc::new(self.reason.finish()),
        ]
    }
}

/// The entries of a batch, in order.
pub(crate) fn entries(batch: &RecordBatch, words: &Words) -> Result<Vec<Entry>, String> {
    let columns = Columns::of(batch)?;
    (0..batch.num_rows()).map(|i| columns.entry(i, words)).collect()
}

/// The columns of a batch, found once.
struct Columns<'a> {
    state: &'a StringArray,
    rule: &'a UInt16Array,
    serial: &'a StringArray,
    tti: &'a StringArray,
    counter: &'a UInt16Array,
    terminal: &'a StringArray,
    terminal_number: &'a UInt32Array,
    amount_fen: &'a UInt32Array,
    date: &'a StringArray,
    time: &'a StringArray,
    status: &'a StringArray,
    file_date: &'a StringArray,
    file_run: &'a UInt32Array,
    line: &'a UInt64Array,
    merchant: &'a StringArray,
    collector: &'a StringArray,
    package_sequence: &'a UInt32Array,
    row: &'a UInt32Array,
    window: &'a StringArray,
    our_counter: &'a UInt16Array,
    our_terminal: &'a StringArray,
    our_terminal_number: &'a UInt32Array,
    our_amount_fen: &'a UInt32Array,
    our_date: &'a StringArray,
    our_time: &'a StringArray,
    disposition: &'a StringArray,
    reason: &'a StringArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, String> {
        let text = |name| columns::column::<StringArray>(batch, name);
        let number = |name| columns::column::<UInt32Array>(batch, name);
        let counter = |name| columns::column::<UInt16Array>(batch, name);
        Ok(Self {
            state: text("state")?,
            rule: counter("rule")?,
            serial: text("serial")?,
            tti: text("tti")?,
            counter: counter("counter")?,
            terminal: text("terminal")?,
            terminal_number: number("terminal_number")?,
            amount_fen: number("amount_fen")?,
            date: text("date")?,
            time: text("time")?,
            status: text("status")?,
            file_date: text("file_date")?,
            file_run: number("file_run")?,
            line: columns::column::<UInt64Array>(batch, "line")?,
            merchant: text("merchant")?,
            collector: text("collector")?,
            package_sequence: number("package_sequence")?,
            row: number("row")?,
            window: text("window")?,
            our_counter: counter("our_counter")?,
            our_terminal: text("our_terminal")?,
            our_terminal_number: number("our_terminal_number")?,
            our_amount_fen: number("our_amount_fen")?,
            our_date: text("our_date")?,
            our_time: text("our_time")?,
            disposition: text("disposition")?,
            reason: text("reason")?,
        })
    }

    fn entry(&self, i: usize, words: &Words) -> Result<Entry, String> {
        let facts = self.facts(i)?;
        let state = self.state.value(i);
        match ItemState::from_name(state).ok_or_else(|| format!("state {state:?} is none"))? {
            ItemState::Matched | ItemState::Mismatch => {
                let rule = u8::try_from(self.rule.value(i)).map_err(|error| error.to_string())?;
                let ours = self.ours(i, self.our_facts(i, facts)?)?;
                Ok(Entry::Pair(Pair { ours, theirs: self.theirs(i, facts, words)?, rule: Rule(rule) }))
            }
            ItemState::OursOnly => Ok(Entry::Ours(self.ours(i, facts)?)),
            ItemState::TheirsOnly => Ok(Entry::Theirs(self.theirs(i, facts, words)?)),
        }
    }

    fn facts(&self, i: usize) -> Result<Facts, String> {
        Ok(Facts {
            serial: unhex(self.serial.value(i))?,
            tti: unhex::<1>(self.tti.value(i))?[0],
            counter: self.counter.value(i),
            terminal: unhex(self.terminal.value(i))?,
            terminal_number: self.terminal_number.value(i),
            amount_fen: self.amount_fen.value(i),
            date: unhex(self.date.value(i))?,
            time: unhex(self.time.value(i))?,
        })
    }

    /// What ours says: the operator's figures, but where ours differs.
    fn our_facts(&self, i: usize, theirs: Facts) -> Result<Facts, String> {
        fn other<const N: usize>(column: &StringArray, i: usize, theirs: [u8; N]) -> Result<[u8; N], String> {
            if column.is_null(i) { Ok(theirs) } else { unhex(column.value(i)) }
        }
        let number = |column: &UInt32Array, theirs| if column.is_null(i) { theirs } else { column.value(i) };
        let counter = if self.our_counter.is_null(i) { theirs.counter } else { self.our_counter.value(i) };
        Ok(Facts {
            counter,
            terminal: other(self.our_terminal, i, theirs.terminal)?,
            terminal_number: number(self.our_terminal_number, theirs.terminal_number),
            amount_fen: number(self.our_amount_fen, theirs.amount_fen),
            date: other(self.our_date, i, theirs.date)?,
            time: other(self.our_time, i, theirs.time)?,
            ..theirs
        })
    }

    fn place(&self, i: usize) -> Result<Place, String> {
        Ok(Place {
            collector: parsed(self.collector.value(i))?,
            sequence: PackageSequence(self.package_sequence.value(i)),
            row: self.row.value(i),
        })
    }

    fn ours(&self, i: usize, facts: Facts) -> Result<Ours, String> {
        let (merchant, window) = (parsed(self.merchant.value(i))?, parsed(self.window.value(i))?);
        Ok(Ours { facts, place: self.place(i)?, merchant, window, new: false })
    }

    fn theirs(&self, i: usize, facts: Facts, words: &Words) -> Result<Theirs, String> {
        let text = self.status.value(i);
        let status = match text.strip_prefix("refused:") {
            Some(reason) => words.number(OperatorStatus::Refused(reason.to_owned())),
            None => words.number(OperatorStatus::Ok),
        };
        let place = LinePlace { run: self.file_run.value(i), line: self.line.value(i) };
        let file_date = parsed(self.file_date.value(i))?;
        Ok(Theirs { facts, place, status, file_date, known: self.known(i, facts)?, new: false })
    }

    fn known(&self, i: usize, theirs: Facts) -> Result<Option<Known>, String> {
        if self.disposition.is_null(i) {
            return Ok(None);
        }
        let name = self.disposition.value(i);
        let disposition =
            Disposition::from_name(name).ok_or_else(|| format!("disposition {name:?} is none"))?;
        let reason = match self.reason.is_null(i) {
            true => None,
            false => {
                let name = self.reason.value(i);
                Some(Reason::from_name(name).ok_or_else(|| format!("reason {name:?} is none"))?)
            }
        };
        let (merchant, window) = (parsed(self.merchant.value(i))?, parsed(self.window.value(i))?);
        let (facts, place) = (self.our_facts(i, theirs)?, self.place(i)?);
        Ok(Some(Known { facts, place, merchant, window, disposition, reason }))
    }
}
