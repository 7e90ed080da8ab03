//! The kernels of a night, one at a time, for those who measure them (`bench/`, feature `kernels`); no part of what the
//! crate promises.
//!
//! The records are made up: cards by number, a tap every few seconds, everything accepted. What the kernels cost hangs on
//! how many records and cards there are, and on little else.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator as _;
use timely::dataflow::operators::vec::ToStream as _;
use tongclear_ledger::{Contract, ContractBook, ContractIndex};
use tongclear_package::DetailRow;
use tongclear_store::PackageKey;
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, Fen, Flags, MerchantCode, MoneyError, PackageSequence, TerminalId, Tti,
    Verdict,
};

use crate::clearing::bundle::{BUNDLE_ROWS, Bundle};
use crate::clearing::chain::{Past, judge};
use crate::clearing::detail::DetailWriter;
use crate::clearing::order::{Ordered, partition_of};
use crate::clearing::ranges::NumberRanges;
use crate::clearing::rating::Rater;
use crate::clearing::row::{Bearings, Row};
use crate::clearing::senders::Sender;
use crate::reconcile::item::{Facts, LinePlace, Ours, Place, Status, Theirs};
use crate::reconcile::matching::by_everything;

/// Purchases of some cards, in the order in which packages bring them.
#[derive(Debug, Clone)]
pub struct Day(Vec<Row>);

impl Day {
    /// `records` purchases of `records / 3` cards, at `records / 1,000` terminals.
    #[must_use]
    pub fn new(records: u32) -> Self {
        Self((0..records).map(|i| row(i, records)).collect())
    }

    /// The rows in bundles, as one partition has them.
    #[must_use]
    pub fn bundles(&self) -> Bundles {
        let bundle = |rows: &[Row]| Bundle { partition: 0, rows: rows.to_vec() };
        Bundles(self.0.chunks(BUNDLE_ROWS).map(bundle).collect())
    }

    /// Finds the partition of every card among 64 and hands the rows to as many workers in bundles; the number of rows
    /// that arrived.
    ///
    /// # Panics
    /// When the workers cannot be started.
    #[must_use]
    pub fn exchange(&self, workers: usize) -> u64 {
        let arrived = Arc::new(AtomicU64::new(0));
        let shares: Vec<Vec<Row>> =
            self.0.chunks(self.0.len().div_ceil(workers)).map(<[Row]>::to_vec).collect();
        let total = Arc::clone(&arrived);
        let guards = timely::execute(timely::Config::process(workers), move |worker| {
            let mut open = crate::clearing::bundle::Bundles::new(64);
            let mine = shares.get(worker.index()).cloned().unwrap_or_default();
            let mut full: Vec<Bundle> =
                mine.into_iter().filter_map(|row| open.add(partition_of(&row.card(), 64), row)).collect();
            full.extend(open.rest());
            let total = Arc::clone(&total);
            worker.dataflow::<u64, _, _>(|scope| {
                let by_partition = Exchange::new(|bundle: &Bundle| u64::from(bundle.partition));
                full.to_stream(scope).sink(by_partition, "count", move |(input, _frontier)| {
                    input.for_each(|_capability, bundles| {
                        let rows: usize = bundles.drain(..).map(|bundle| bundle.rows.len()).sum();
                        total.fetch_add(rows as u64, Ordering::Relaxed);
                    });
                });
            });
        });
        drop(guards.expect("threads can be started").join());
        arrived.load(Ordering::Relaxed)
    }

    /// Rates every row under one contract; the fees.
    ///
    /// # Errors
    /// [`MoneyError`] when a fee leaves the domain of money.
    ///
    /// # Panics
    /// Never: the book has the contract.
    pub fn rate(&self, contract: &Contract) -> Result<Fen, MoneyError> {
        let book = ContractBook::new(vec![contract.clone()]);
        let (place, _): (ContractIndex, _) = book.iter().next().expect("one contract");
        let mut rater = Rater::new(&book);
        self.0.iter().try_fold(Fen::ZERO, |sum, row| {
            let rated = rater.rate(place, row.chain(), row.amount_fen, row.list_price_fen)?;
            sum.checked_add(rated.fee.unwrap_or_default())
        })
    }

    /// Writes every row as cleared detail; the bytes of the file.
    ///
    /// # Errors
    /// What Parquet says.
    pub fn write(&self) -> Result<usize, String> {
        let mut writer = DetailWriter::new(Vec::new())?;
        self.details().try_for_each(|line| writer.write(&line))?;
        writer.finish().map(|file| file.len())
    }

    fn details(&self) -> impl Iterator<Item = DetailRow> {
        let merchant = MerchantCode::from_bytes(*b"BUS00001").expect("the form of a code");
        self.0.iter().map(move |row| {
            let [a, b, c, d] = row.package.to_be_bytes();
            let collector = CollectorId([0x65, 0x10, a, b, c, d]);
            let package = PackageKey { collector, sequence: PackageSequence(1) };
            row.detail(
                &Sender { merchant, package, merchant_place: 0 },
                Some(Fen::from(row.amount_fen / 100)),
            )
        })
    }

    /// The rows as records of ours and lines of an operator's file, for [`Sides::join`].
    #[must_use]
    pub fn sides(&self) -> Sides {
        let window = "2026-11-24".parse().expect("a date");
        let ours = self.details().zip(&self.0).map(|(line, row)| Ours {
            facts: facts(row),
            place: Place { collector: line.collector, sequence: line.package_sequence, row: line.row },
            merchant: line.merchant,
            window,
            new: true,
        });
        // The operator's books are in another order.
        let theirs = (0_u64..).zip(self.0.iter().rev()).map(|(line, row)| Theirs {
            facts: facts(row),
            place: LinePlace { run: 1, line },
            status: Status::OK,
            file_date: window,
            known: None,
            new: true,
        });
        Sides { ours: ours.collect(), theirs: theirs.collect() }
    }
}

/// The rows of one partition.
#[derive(Debug, Clone)]
pub struct Bundles(Vec<Bundle>);

impl Bundles {
    /// Sorts the rows and judges every chain; the number of rows that were accepted.
    #[must_use]
    pub fn chains(self) -> u64 {
        let suspended = HashSet::new();
        let past = Past { numbers: &[NumberRanges::default()], suspended: &suspended };
        let mut accepted = 0;
        let counted: Result<(), std::convert::Infallible> = Ordered::new(self.0).each_chain(|chain| {
            judge(chain, None, &past);
            accepted += chain.iter().filter(|row| matches!(row.verdict, Verdict::Accepted(_))).count() as u64;
            Ok(())
        });
        match counted {
            Ok(()) => accepted,
        }
    }
}

/// Both sides of a reconciliation.
#[derive(Debug, Clone)]
pub struct Sides {
    ours: Vec<Ours>,
    theirs: Vec<Theirs>,
}

impl Sides {
    /// Joins them by rule 1; the number of pairs.
    #[must_use]
    pub fn join(mut self) -> usize {
        let mut pairs = Vec::new();
        by_everything(&mut self.ours, &mut self.theirs, &mut pairs);
        pairs.len()
    }
}

fn facts(row: &Row) -> Facts {
    Facts {
        serial: row.serial,
        tti: row.tti,
        counter: row.offline_counter,
        terminal: row.terminal,
        terminal_number: row.terminal_number,
        amount_fen: row.amount_fen,
        date: row.date,
        time: row.time,
    }
}

/// The `i`-th of `records` purchases.
fn row(i: u32, records: u32) -> Row {
    let cards = (records / 3).max(1);
    // Every card comes to the terminals three times, far apart, and in no order of their serials.
    let (card, tap) = (u64::from(i % cards) * 7_919 % u64::from(cards), i / cards);
    let terminals = (records / 1_000).max(1);
    let bcd = |number: u32| u8::try_from(number / 10 * 16 + number % 10).unwrap_or_default();
    let mut serial = [0x31; 10];
    serial[2..].copy_from_slice(&card.to_be_bytes());
    let [.., a, b] = (i % terminals).to_be_bytes();
    let counter = u16::try_from(100 + tap % 60_000).unwrap_or(u16::MAX);
    Row {
        package: i % terminals,
        row: i / terminals,
        issuer: [0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff],
        serial,
        terminal: TerminalId([0x65, 0x10, 0, 0, a, b]).0,
        terminal_number: 1 + i / terminals,
        amount_fen: 90 + i % 11 * 10,
        list_price_fen: 200,
        balance_before_fen: 10_000 - 200 * (tap % 40),
        balance_after_fen: 9_800 - 200 * (tap % 40),
        date: BcdDate([0x20, 0x26, 0x11, 0x24]).0,
        time: BcdTime([bcd(6 + tap % 16), bcd(i % 60), bcd(i / 60 % 60)]).0,
        tti: Tti::PURCHASE.0,
        tac: i.to_be_bytes(),
        offline_counter: counter,
        online_counter: 1,
        passed: true,
        verdict: Verdict::Accepted(Flags::NONE),
        bearings: Bearings { terminal: 0, operator: 0, contract: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_do_all_the_work_there_is() {
        let day = Day::new(9_000);
        assert_eq!(day.exchange(2), 9_000);
        assert_eq!(day.bundles().chains(), 9_000);
        assert_eq!(day.sides().join(), 9_000);
        assert!(day.write().unwrap() > 9_000);
    }
}
