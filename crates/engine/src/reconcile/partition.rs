//! One card partition: its records, its lines and what earlier runs left open, matched, counted and written.

use std::collections::HashSet;

use arrow_array::{RecordBatch, StringArray, UInt16Array, UInt32Array};
use bytes::Bytes;
use object_store::path::Path;
use tongclear_store::reconciliations::{
    AGE_BUCKETS, LineFigures, NotTaken, OpenItems, Pairs, ReconciliationFigures, SideProof,
};
use tongclear_types::{
    BcdDate, BusinessDate, Chain, Disposition, Fen, MoneyError, PackageSequence, Reason, Tally, Tti,
};

use super::dataflow::Shared;
use super::entries::{Entry, EntryWriter, entries};
use super::inputs::{Breaks, Inputs, Past, Window, age_days};
use super::item::{Facts, Known, Line, LinePlace, Ours, Place, Theirs};
use super::known::{earliest_window, explain};
use super::lines::NOT_TAKEN_MAX;
use super::matching::{Pair, by_everything, by_part};
use crate::EngineError;
use crate::clearing::columns;
use crate::clearing::detail::{parsed, unhex};
use crate::vault::{detail_path, open_items_path, pairs_path};

/// Matches one partition.
pub(super) struct PartitionRun<'a> {
    pub(super) shared: &'a Shared,
    pub(super) partition: u16,
}

/// Records and lines that have not found each other.
#[derive(Default)]
struct Sides {
    ours: Vec<Ours>,
    theirs: Vec<Theirs>,
    unpaid: Vec<Known>,
}

impl PartitionRun<'_> {
    /// Takes `lines` in, matches them, starts writing the partition's files, and returns what it comes to.
    pub(super) fn run(&self, lines: Vec<Line>) -> Result<ReconciliationFigures, EngineError> {
        let mut figures = ReconciliationFigures::default();
        let mut sides = self.open_items()?;
        figures.ours.opening = tally(sides.ours.iter().map(|it| &it.facts))?;
        figures.theirs.opening = tally(sides.theirs.iter().map(|it| &it.facts))?;
        self.set_aside_decided(&mut sides, &mut figures)?;
        for window in &self.inputs().new_windows {
            self.take_records(window, &mut sides)?;
        }
        sides.ours.extend(self.inputs().decided.released(self.partition));
        figures.ours.new = tally(sides.ours.iter().filter(|it| it.new).map(|it| &it.facts))?;
        self.take_lines(lines, &mut sides.theirs, &mut figures);

        let mut pairs = Vec::new();
        by_everything(&mut sides.ours, &mut sides.theirs, &mut pairs);
        let repeated = self.set_aside_repeated(&mut sides.theirs, &mut figures)?;
        by_part(&mut sides.ours, &mut sides.theirs, &mut pairs);
        let new = pairs.iter().map(|pair| &pair.theirs).chain(&sides.theirs).filter(|it| it.new);
        figures.theirs.new = tally(new.map(|it| &it.facts))?;
        if let Some(file) = &mut figures.file {
            file.taken = figures.theirs.new;
            file.repeated += repeated;
        }
        self.explain(&mut sides)?;
        count_pairs(&pairs, &mut figures)?;
        self.count_open(&sides, &mut figures)?;
        self.write(pairs, sides)?;
        Ok(figures)
    }

    fn inputs(&self) -> &Inputs {
        &self.shared.inputs
    }

    /// What the run before left open.
    fn open_items(&self) -> Result<Sides, EngineError> {
        let mut sides = Sides::default();
        let Some(before) = self.inputs().past.last() else { return Ok(sides) };
        let Some((path, file)) = self.shared.runtime.block_on(before.open_items(self.partition))? else {
            return Ok(sides);
        };
        let damaged = |reason| EngineError::Damaged { path: path.to_string(), reason };
        for batch in columns::read(file, &[]).map_err(damaged)? {
            let batch = batch.map_err(|error| damaged(error.to_string()))?;
            for entry in entries(&batch, &self.inputs().words).map_err(damaged)? {
                match entry {
                    Entry::Ours(it) => sides.ours.push(it),
                    Entry::Theirs(it) => sides.theirs.push(it),
                    Entry::Pair(_) => return Err(damaged("a pair among open items".to_owned())),
                }
            }
        }
        Ok(sides)
    }

    /// Takes out breaks that were decided, before they could be matched: the ledger has what was decided.
    fn set_aside_decided(
        &self,
        sides: &mut Sides,
        figures: &mut ReconciliationFigures,
    ) -> Result<(), MoneyError> {
        let decided = &self.inputs().decided;
        let ours: Vec<Ours> = sides.ours.extract_if(.., |it| decided.ends_record(it.place)).collect();
        let theirs: Vec<Theirs> = sides.theirs.extract_if(.., |it| decided.ends_line(it.place)).collect();
        figures.ours.decided = tally(ours.iter().map(|it| &it.facts))?;
        figures.theirs.decided = tally(theirs.iter().map(|it| &it.facts))?;
        Ok(())
    }

    /// Takes in the operator's records of a window: accepted ones, and those that explain why there is none.
    fn take_records(&self, window: &Window, sides: &mut Sides) -> Result<(), EngineError> {
        let (path, file) = self.detail(window)?;
        let records =
            Records { issuer: self.inputs().issuer.to_string(), window: window.date, unpaid_only: false };
        records.read(file, sides).map_err(|reason| EngineError::Damaged { path: path.to_string(), reason })
    }

    fn detail(&self, window: &Window) -> Result<(Path, Bytes), EngineError> {
        let path = detail_path(window.date, self.partition);
        let file = self.shared.runtime.block_on(window.files.get(&self.shared.vault, &path))?;
        Ok((path, file))
    }

    /// Lines become items; a line that stands in the file twice, or is open already, does not.
    fn take_lines(
        &self,
        mut lines: Vec<Line>,
        theirs: &mut Vec<Theirs>,
        figures: &mut ReconciliationFigures,
    ) {
        let Some(source) = &self.inputs().source else { return };
        let file = figures.file.insert(LineFigures::default());
        let open: HashSet<_> = theirs.iter().map(|it| (it.facts, it.status)).collect();
        // Equal lines stand beside each other, the first of the file before the others.
        lines.sort_unstable();
        let mut last = None;
        for Line { facts, status, number } in lines {
            if last == Some((facts, status)) {
                file.duplicate_lines += 1;
                tell(&mut figures.not_taken, number, "duplicate_line");
                continue;
            }
            last = Some((facts, status));
            if open.contains(&(facts, status)) {
                file.repeated += 1;
                tell(&mut figures.not_taken, number, "repeated");
                continue;
            }
            let place = LinePlace { run: self.inputs().run, line: number };
            theirs.push(Theirs { facts, place, status, file_date: source.date, known: None, new: true });
        }
    }

    /// Takes out new lines that an earlier run has paired; says how many.
    ///
    /// Rule 1 goes before, for it cannot take such a line for another: two accepted records that agree in card, counter,
    /// terminal and number do not exist.
    fn set_aside_repeated(
        &self,
        theirs: &mut Vec<Theirs>,
        figures: &mut ReconciliationFigures,
    ) -> Result<u64, EngineError> {
        let mut wanted: HashSet<[u8; 10]> =
            theirs.iter().filter(|it| it.new).map(|it| it.facts.serial).collect();
        if wanted.is_empty() {
            return Ok(0);
        }
        let dates = theirs.iter().filter(|it| it.new).map(|it| it.facts.date().to_string());
        let (first, last) = dates.fold((String::new(), String::new()), |(first, last), date| {
            let earlier = if first.is_empty() { date.clone() } else { first.min(date.clone()) };
            (earlier, last.max(date))
        });
        let overlaps =
            |past: &&Past| past.dates.as_ref().is_some_and(|(from, to)| *from <= last && *to >= first);
        let mut seen = HashSet::new();
        for past in self.inputs().past.iter().filter(overlaps) {
            let Some((path, file)) = self.shared.runtime.block_on(past.pairs(self.partition))? else {
                continue;
            };
            let damaged = |reason| EngineError::Damaged { path: path.to_string(), reason };
            for batch in
                columns::read_those(file, "serial", wanted.iter().map(hex::encode)).map_err(damaged)?
            {
                let batch = batch.map_err(|error| damaged(error.to_string()))?;
                for entry in entries(&batch, &self.inputs().words).map_err(damaged)? {
                    if let Entry::Pair(Pair { theirs, .. }) = entry {
                        seen.insert((theirs.facts, theirs.status));
                    }
                }
            }
        }
        wanted.clear();
        let before = theirs.len();
        theirs.retain(|it| {
            let repeated = it.new && seen.contains(&(it.facts, it.status));
            if repeated {
                tell(&mut figures.not_taken, it.place.line, "repeated");
            }
            !repeated
        });
        Ok((before - theirs.len()) as u64)
    }

    /// Finds, for lines without an accepted record of ours, the record that was not accepted.
    fn explain(&self, sides: &mut Sides) -> Result<(), EngineError> {
        // What waits already has been held against the earlier windows.
        let new = sides.theirs.iter().filter(|it| it.new).filter_map(earliest_window);
        if let Some(first) = new.min() {
            let unpaid_only = true;
            for window in self.inputs().old_windows.iter().filter(|window| window.date >= first) {
                let (path, file) = self.detail(window)?;
                let records =
                    Records { issuer: self.inputs().issuer.to_string(), window: window.date, unpaid_only };
                let damaged = |reason| EngineError::Damaged { path: path.to_string(), reason };
                records.read(file, sides).map_err(damaged)?;
            }
        }
        explain(&mut sides.theirs, &mut sides.unpaid);
        Ok(())
    }

    fn count_open(&self, sides: &Sides, figures: &mut ReconciliationFigures) -> Result<(), MoneyError> {
        let mut breaks = Breaks::new(self.inputs());
        let as_of = self.inputs().as_of;
        for it in &sides.ours {
            add_open(&mut figures.ours_only, it.window, as_of, it.facts.amount_fen, &mut breaks)?;
        }
        for it in &sides.theirs {
            add_open(&mut figures.theirs_only, it.file_date, as_of, it.facts.amount_fen, &mut breaks)?;
            if let Some(known) = &it.known {
                figures.known.entry(known.name()).or_default().add(Fen::from(it.facts.amount_fen))?;
            }
        }
        figures.ours.closing = figures.ours_only.all;
        figures.theirs.closing = figures.theirs_only.all;
        Ok(())
    }

    /// Starts writing what the partition has; a file that would hold nothing is not written.
    fn write(&self, pairs: Vec<Pair>, sides: Sides) -> Result<(), EngineError> {
        let Inputs { operator, folder, .. } = self.inputs();
        let mut pairs: Vec<Entry> = pairs.into_iter().map(Entry::Pair).collect();
        pairs.sort_unstable_by_key(order);
        let ours = sides.ours.into_iter().map(Entry::Ours);
        let mut open: Vec<Entry> = ours.chain(sides.theirs.into_iter().map(Entry::Theirs)).collect();
        open.sort_unstable_by_key(order);
        self.write_file(pairs_path(*operator, folder, self.partition), &pairs)?;
        self.write_file(open_items_path(*operator, folder, self.partition), &open)
    }

    fn write_file(&self, path: Path, items: &[Entry]) -> Result<(), EngineError> {
        if items.is_empty() {
            return Ok(());
        }
        let unwritable = |reason| EngineError::Internal(format!("writing Parquet: {reason}"));
        let mut writer = EntryWriter::new(&self.inputs().words).map_err(unwritable)?;
        items.iter().try_for_each(|entry| writer.write(entry)).map_err(unwritable)?;
        self.shared.uploads.start(path, writer.finish().map_err(unwritable)?);
        Ok(())
    }
}

/// Where an entry stands in a file: by card, then as matching has it, ours before theirs.
fn order(entry: &Entry) -> (Facts, u8, Option<Place>, Option<LinePlace>) {
    match entry {
        Entry::Pair(pair) => (pair.theirs.facts, 0, Some(pair.ours.place), Some(pair.theirs.place)),
        Entry::Ours(it) => (it.facts, 1, Some(it.place), None),
        Entry::Theirs(it) => (it.facts, 2, None, Some(it.place)),
    }
}

fn tell(told: &mut Vec<NotTaken>, line: u64, why: &str) {
    if told.len() < NOT_TAKEN_MAX {
        told.push(NotTaken {
            line,
            field: why.to_owned(),
            value: "the same ten fields".to_owned(),
            expected: "each transaction once".to_owned(),
        });
    }
}

fn tally<'a>(facts: impl Iterator<Item = &'a Facts>) -> Result<Tally, MoneyError> {
    let mut tally = Tally::default();
    for facts in facts {
        tally.add(Fen::from(facts.amount_fen))?;
    }
    Ok(tally)
}

fn add_open(
    open: &mut OpenItems,
    since: BusinessDate,
    as_of: BusinessDate,
    amount_fen: u32,
    breaks: &mut Breaks<'_>,
) -> Result<(), MoneyError> {
    let amount = Fen::from(amount_fen);
    open.all.add(amount)?;
    if breaks.is(since) {
        open.breaks.add(amount)?;
    }
    let age = age_days(since, as_of);
    let bucket = AGE_BUCKETS.iter().position(|(_, oldest)| age <= *oldest).unwrap_or(AGE_BUCKETS.len() - 1);
    open.aging[bucket].add(amount)
}

fn count_pairs(pairs: &[Pair], figures: &mut ReconciliationFigures) -> Result<(), MoneyError> {
    let mut dates: Option<([u8; 4], [u8; 4])> = None;
    let mut by_field = [0_u64; super::matching::FIELDS.len()];
    for pair in pairs {
        let differing = pair.differing();
        let Pairs { ours, theirs } =
            if differing.none() { &mut figures.matched } else { &mut figures.mismatch };
        ours.add(Fen::from(pair.ours.facts.amount_fen))?;
        theirs.add(Fen::from(pair.theirs.facts.amount_fen))?;
        for (bit, count) in by_field.iter_mut().enumerate() {
            *count += u64::from(differing.0 >> bit & 1);
        }
        let date = pair.theirs.facts.date;
        dates = Some(dates.map_or((date, date), |(first, last)| (first.min(date), last.max(date))));
    }
    for (field, count) in super::matching::FIELDS.iter().zip(by_field).filter(|(_, count)| *count > 0) {
        figures.fields.insert((*field).to_owned(), count);
    }
    figures.paired_dates = dates.map(|(first, last)| (BcdDate(first).to_string(), BcdDate(last).to_string()));
    let cleared = |proof: &mut SideProof, matched: &Tally, mismatch: &Tally| {
        proof.cleared.merge(matched)?;
        proof.cleared.merge(mismatch)
    };
    cleared(&mut figures.ours, &figures.matched.ours, &figures.mismatch.ours)?;
    cleared(&mut figures.theirs, &figures.matched.theirs, &figures.mismatch.theirs)
}

/// Reads an operator's records out of a window's detail file; the other columns are not decoded.
struct Records {
    /// As the column has it.
    issuer: String,
    window: BusinessDate,
    unpaid_only: bool,
}

const RECORD_COLUMNS: [&str; 16] = [
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
    "date",
    "time",
    "disposition",
    "reason",
];

impl Records {
    fn read(&self, file: Bytes, sides: &mut Sides) -> Result<(), String> {
        for batch in columns::read(file, &RECORD_COLUMNS)? {
            self.take(&batch.map_err(|error| error.to_string())?, sides)?;
        }
        Ok(())
    }

    fn take(&self, batch: &RecordBatch, sides: &mut Sides) -> Result<(), String> {
        let text = |name| columns::column::<StringArray>(batch, name);
        let number = |name| columns::column::<UInt32Array>(batch, name);
        let counter = |name| columns::column::<UInt16Array>(batch, name);
        let (merchant, collector, issuer) = (text("merchant")?, text("collector")?, text("issuer_id")?);
        let (sequence, row) = (number("package_sequence")?, number("row")?);
        let (serial, tti) = (text("serial")?, text("tti")?);
        let (offline, online) = (counter("offline_counter")?, counter("online_counter")?);
        let (terminal, terminal_number) = (text("terminal")?, number("terminal_number")?);
        let (amount, date, time) = (number("amount_fen")?, text("date")?, text("time")?);
        let (disposition, reason) = (text("disposition")?, text("reason")?);
        for i in 0..batch.num_rows() {
            let accepted = disposition.value(i) == Disposition::Accepted.name();
            if issuer.value(i) != self.issuer || (accepted && self.unpaid_only) {
                continue;
            }
            let tti = Tti(unhex::<1>(tti.value(i))?[0]);
            let facts = Facts {
                serial: unhex(serial.value(i))?,
                tti: tti.0,
                counter: if tti.chain() == Some(Chain::Load) { online.value(i) } else { offline.value(i) },
                terminal: unhex(terminal.value(i))?,
                terminal_number: terminal_number.value(i),
                amount_fen: amount.value(i),
                date: unhex(date.value(i))?,
                time: unhex(time.value(i))?,
            };
            let place = Place {
                collector: parsed(collector.value(i))?,
                sequence: PackageSequence(sequence.value(i)),
                row: row.value(i),
            };
            let (merchant, window) = (parsed(merchant.value(i))?, self.window);
            if accepted {
                sides.ours.push(Ours { facts, place, merchant, window, new: true });
                continue;
            }
            let name = disposition.value(i);
            let disposition =
                Disposition::from_name(name).ok_or_else(|| format!("disposition {name:?} is none"))?;
            let reason = Reason::from_name(reason.value(i));
            sides.unpaid.push(Known { facts, place, merchant, window, disposition, reason });
        }
        Ok(())
    }
}
