//! Makes the data once: a city's day of so many transactions, as packages for the centre and as lines for its rivals.
//!
//! The same seed gives the same bytes whatever the number of threads. Memory: some 70 bytes a record and 8 a card.

mod city;
mod operators;
mod packing;
mod random;
mod registry_text;
mod stream;
mod taps;
mod terms;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use tongclear_package::DenyList;
use tongclear_types::BusinessDate;

use crate::parallel;
use city::City;
use operators::Keys;
use packing::{Chain, Packer};
use stream::Day;
use taps::{Purse, Tap};
pub(crate) use truth::{Tally, Truth};

/// Rises with every change that gives other bytes; part of the folder's name.
const VERSION: u32 = 1;
/// Pieces that the cards are dealt into, and files of lines; more than any machine has processors, and part of the result.
const PIECES: u32 = 64;
const LINE_FILES: usize = 16;
/// Cards on the deny list of the city's own operator; none of them is in circulation, as it should be.
const DENIED: u32 = 20_000;
/// The mark that says that all is there.
const MARK: &str = "made.json";

/// What is to be made.
#[derive(Debug, Clone, Args)]
pub(crate) struct Order {
    /// Where folders of data are kept, one for each size, day count, seed and version
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
    /// Transactions of a day, about
    #[arg(long)]
    pub(crate) transactions: u64,
    /// Days with packages; the rivals get the first
    #[arg(long, default_value_t = 1)]
    pub(crate) days: u32,
    /// The seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The first day
    #[arg(long, default_value = "2026-11-20")]
    pub(crate) date: BusinessDate,
    /// Threads that make them
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
}

/// What was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The days, and what is known of each.
    pub(crate) days: Vec<(BusinessDate, Truth)>,
    /// Cards in circulation.
    pub(crate) cards: u32,
}

/// Where what lies in a folder of data.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub(crate) root: PathBuf,
}

impl Paths {
    pub(crate) fn registry(&self) -> PathBuf {
        self.root.join("registry")
    }
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys.toml")
    }
    pub(crate) fn lists(&self) -> PathBuf {
        self.root.join("lists")
    }
    pub(crate) fn packages(&self, date: BusinessDate) -> PathBuf {
        self.root.join("packages").join(date.to_string())
    }
    /// The records of the first day, `00.csv` and so on.
    pub(crate) fn lines(&self) -> PathBuf {
        self.root.join("lines")
    }
    /// `contracts.csv` and `merchants.csv`.
    pub(crate) fn tables(&self) -> PathBuf {
        self.root.join("tables")
    }
}

/// Makes what is ordered, unless it is there.
pub(crate) fn make(order: &Order) -> Result<(Paths, Made)> {
    let name = format!("v{VERSION}-{}x{}-{}-s{}", order.transactions, order.days, order.date, order.seed);
    let paths = Paths { root: order.out.join(name) };
    let mark = paths.root.join(MARK);
    if let Ok(text) = fs::read_to_string(&mark) {
        let made = serde_json::from_str(&text).with_context(|| format!("cannot read {}", mark.display()))?;
        return Ok((paths, made));
    }
    if paths.root.exists() {
        fs::remove_dir_all(&paths.root)?;
    }
    let started = Instant::now();
    let made = Maker::new(order, &paths)?.run()?;
    fs::write(&mark, serde_json::to_string_pretty(&made)?)?;
    let records: u64 = made.days.iter().map(|(_, truth)| truth.records.count).sum();
    eprintln!(
        "{records} records of {} cards in {}: {:.1} s",
        made.cards,
        paths.root.display(),
        started.elapsed().as_secs_f64()
    );
    Ok((paths, made))
}

/// The maker and what goes on from day to day.
struct Maker<'a> {
    order: &'a Order,
    paths: &'a Paths,
    city: City,
    keys: Keys,
    purses: Vec<Purse>,
    numbers: Vec<u32>,
    chains: Vec<Chain>,
}

impl<'a> Maker<'a> {
    fn new(order: &'a Order, paths: &'a Paths) -> Result<Self> {
        ensure!(order.days >= 1, "--days is 0; there must be a first day");
        let city = City::new();
        let cards = taps::population(order.transactions);
        let purses = (0..cards).map(|card| taps::purse(order.seed, card)).collect();
        let (numbers, chains) =
            (vec![0; city.terminals.len()], vec![Chain::default(); city.collectors.len()]);
        Ok(Self { order, paths, city, keys: Keys::new(order.seed)?, purses, numbers, chains })
    }

    fn run(mut self) -> Result<Made> {
        self.write_what_is_known()?;
        let mut days = Vec::new();
        for day in 0..self.order.days {
            let date = self.order.date.plus_days(i32::try_from(day)?);
            days.push((date, self.day(day.into(), date)?));
        }
        Ok(Made { days, cards: u32::try_from(self.purses.len())? })
    }

    /// Registry, keys, the list and the rivals' small tables.
    fn write_what_is_known(&self) -> Result<()> {
        let (registry, lists, tables) = (self.paths.registry(), self.paths.lists(), self.paths.tables());
        for folder in [&registry, &lists, &tables] {
            make_folder(folder)?;
        }
        let write = |path: PathBuf, text: String| {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        write(registry.join("registry.toml"), registry_text::registry(&self.city, &self.keys.operators))?;
        write(registry.join("terminals.csv"), registry_text::terminals(&self.city))?;
        write(tables.join("contracts.csv"), registry_text::contracts(&self.city))?;
        write(tables.join("merchants.csv"), registry_text::merchants(&self.city))?;
        write(self.paths.keys(), self.keys.text())?;
        let serials = (0..DENIED).map(|place| self.keys.serial(0, u32::MAX - place)).collect();
        let effective = self.order.date.plus_days(-10).civil().to_datetime(jiff::civil::Time::midnight());
        let list = DenyList::new(self.keys.operators[0].code, stream::LIST_VERSION, effective, serials)?;
        fs::write(lists.join("deny.txt"), list.to_bytes()).context("cannot write the deny list")
    }

    fn day(&mut self, before: u64, date: BusinessDate) -> Result<Truth> {
        let (seed, threads) = (self.order.seed, self.order.threads);
        let (city, collectors) = (&self.city, self.city.collectors.len());
        let piece = u32::try_from(self.purses.len())?.div_ceil(PIECES).max(1);
        let pieces = (0..).step_by(piece as usize).zip(self.purses.chunks_mut(piece as usize)).collect();
        let pieces = parallel::map(pieces, threads, |(first, purses): (u32, &mut [Purse])| {
            let mut taps = Vec::new();
            for (card, purse) in (first..).zip(purses) {
                taps::live(seed, city, before, card, purse, &mut taps);
            }
            Ok(Dealt::new(city, &taps))
        })?;

        let day = Day { seed, city, keys: &self.keys, date, before };
        let mut numbers = Vec::new();
        let mut rest = &mut self.numbers[..];
        for collector in 0..collectors {
            let its = city.terminals.partition_point(|it| it.collector <= collector)
                - city.terminals.partition_point(|it| it.collector < collector);
            let (own, others) = rest.split_at_mut(its);
            numbers.push((collector, own));
            rest = others;
        }
        let streams = parallel::map(numbers, threads, |(collector, numbers)| {
            let taps = pieces.iter().flat_map(|piece| piece.of(collector)).copied().collect();
            Ok(day.stream(collector, taps, numbers))
        })?;
        drop(pieces);

        let mut sent: Vec<Vec<_>> = Vec::with_capacity(collectors);
        let mut again = Vec::new();
        for stream in streams {
            sent.push(stream.own);
            again.extend(stream.again);
        }
        for (collector, record) in again {
            sent[collector].push(record);
        }
        self.pack(&Day { seed, city: &self.city, keys: &self.keys, date, before }, sent).map(
            |(truth, chains)| {
                self.chains = chains;
                truth
            },
        )
    }

    fn pack(&self, day: &Day<'_>, sent: Vec<Vec<stream::Sent>>) -> Result<(Truth, Vec<Chain>)> {
        let folder = self.paths.packages(day.date);
        make_folder(&folder)?;
        make_folder(&self.paths.lines())?;
        let mut files: Vec<Vec<_>> = (0..LINE_FILES).map(|_| Vec::new()).collect();
        for (collector, stream) in sent.into_iter().enumerate() {
            files[collector % LINE_FILES].push((collector, stream));
        }
        let files = files.into_iter().enumerate().collect();
        let packed = parallel::map(files, self.order.threads, |(file, streams): (usize, Vec<_>)| {
            let lines = (day.before == 0).then(|| self.paths.lines().join(format!("{file:02}.csv")));
            let mut packer = Packer::new(day, &folder, lines)?;
            let mut chains = Vec::with_capacity(streams.len());
            for (collector, stream) in streams {
                let mut chain = self.chains[collector];
                packer.send(collector, stream, &mut chain)?;
                chains.push((collector, chain));
            }
            Ok((packer.finish()?, chains))
        })?;
        let (mut truth, mut chains) = (Truth::default(), self.chains.clone());
        for (part, ended) in packed {
            truth.merge(&part);
            for (collector, chain) in ended {
                chains[collector] = chain;
            }
        }
        Ok((truth, chains))
    }
}

/// Taps of one piece of the cards, dealt to their collectors.
struct Dealt {
    taps: Vec<Tap>,
    /// Where each collector's begin, and the end.
    starts: Vec<usize>,
}

impl Dealt {
    fn new(city: &City, taps: &[Tap]) -> Self {
        let collector = |tap: &Tap| city.terminals[usize::from(tap.terminal)].collector;
        let mut starts = vec![0; city.collectors.len() + 1];
        for tap in taps {
            starts[collector(tap) + 1] += 1;
        }
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let (mut next, mut dealt) = (starts.clone(), vec![Tap::default(); taps.len()]);
        for tap in taps {
            let place = &mut next[collector(tap)];
            dealt[*place] = *tap;
            *place += 1;
        }
        Self { taps: dealt, starts }
    }

    fn of(&self, collector: usize) -> &[Tap] {
        &self.taps[self.starts[collector]..self.starts[collector + 1]]
    }
}

fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

#[cfg(test)]
mod tests {
    use tongclear_package::PackageView;

    use super::*;

    fn made(threads: usize) -> (tempfile::TempDir, Paths, Made) {
        let folder = tempfile::tempdir().unwrap();
        let date = "2026-11-20".parse().unwrap();
        let out = folder.path().to_owned();
        let (paths, made) =
            make(&Order { out, transactions: 3_000, days: 2, seed: 7, date, threads }).unwrap();
        (folder, paths, made)
    }

    fn files(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let mut files: Vec<_> = entries.map(|it| (it.file_name(), fs::read(it.path()).unwrap())).collect();
        files.sort();
        files
    }

    #[test]
    fn the_number_of_threads_changes_no_byte() {
        let ((_one, one, made_by_one), (_three, three, made_by_three)) = (made(1), made(3));
        assert_eq!(made_by_one.days, made_by_three.days);
        for folder in [Paths::lines, Paths::registry, Paths::lists, Paths::tables] {
            assert_eq!(files(&folder(&one)), files(&folder(&three)));
        }
        for (date, _) in &made_by_one.days {
            assert_eq!(files(&one.packages(*date)), files(&three.packages(*date)), "{date}");
        }
    }

    #[test]
    fn packages_hold_what_the_lines_say() {
        let (_folder, paths, made) = made(2);
        let (date, truth) = made.days[0];
        let mut sums = [0_u64; 2];
        let mut cards = std::collections::BTreeSet::new();
        for (_, bytes) in files(&paths.packages(date)) {
            let package = PackageView::reopen(&bytes).unwrap();
            sums[0] += package.records().map(|record| u64::from(record.amount_fen)).sum::<u64>();
            cards.extend(package.records().map(|record| record.serial));
        }
        let lines: Vec<_> = files(&paths.lines()).into_iter().flat_map(|(_, bytes)| bytes).collect();
        let lines = String::from_utf8(lines).unwrap();
        sums[1] = lines.lines().map(|line| line.split(',').nth(12).unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!(sums, [truth.records.amount_fen; 2]);
        assert_eq!(u64::try_from(lines.lines().count()).unwrap(), truth.records.count);
        // Seven tenths of the cards in circulation are out on a day.
        let out = u32::try_from(cards.len()).unwrap() * 100 / made.cards;
        assert!((66..=74).contains(&out), "{out} %");
        assert!((2_700..=3_300).contains(&truth.records.count), "{truth:?}");
        assert!(truth.rejected.count > 0 && truth.duplicate.count > 0, "{truth:?}");
    }
}
