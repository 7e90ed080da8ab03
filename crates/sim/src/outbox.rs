//! What the collectors send: buffers, packages in sequence and chain, and the truth about each row.
//!
//! Memory: [`BUFFERED_MAX`] records over all collectors, or [`PACKAGE_MIN`] each when there are very many, and the
//! few that wait for the next package.

use tongclear_package::PackageHeaderFields;
use tongclear_types::{CollectorId, Fen, MerchantCode, PackageSequence, TransactionRecord, Verdict};

use crate::books::{LineId, LineTruth};
use crate::city::City;
use crate::keys::Keys;
use crate::moment::{Dates, Day, Moment};
use crate::plan::{Plan, SimError};
use crate::post::Post;
use crate::summary::{Summary, Tally};

/// Records in a package, at most.
const PACKAGE_MAX: usize = 5_000;
/// Collectors wait for this many before they send, unless the day ends.
const PACKAGE_MIN: usize = 100;
/// Records in all buffers together.
const BUFFERED_MAX: usize = 500_000;
/// At noon and in the evening a collector sends if it has this many.
const WORTH_SENDING: usize = 100;

/// A record with what must become of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) record: TransactionRecord,
    pub(crate) verdict: Verdict,
    /// Fee in fen, under a contract that rounds each transaction.
    pub(crate) fee_fen: Option<Fen>,
    /// The line of the card operator's books that it is a record of.
    pub(crate) line: Option<LineId>,
}

/// A collector's side of its package chain.
struct Sender {
    merchant: MerchantCode,
    id: CollectorId,
    /// Sequence of the next package.
    sequence: PackageSequence,
    /// First 8 bytes of the last package's seal.
    previous_seal: [u8; 8],
    /// Records of the next package.
    buffer: Vec<Row>,
    /// Records of the package after the next.
    later: Vec<Row>,
    /// Packages sent in this window.
    sent: u32,
    /// Version of its seal key.
    seal_key_version: u32,
}

/// All collectors.
pub(crate) struct Outbox {
    senders: Vec<Sender>,
    post: Post,
    dates: Dates,
    day: Day,
    /// The time of the slot that is being filled.
    clock: Moment,
    /// Records at which a collector sends.
    full: usize,
    tally: Tally,
    records: u64,
    packages: u64,
    amount: Fen,
}

impl Outbox {
    /// The collectors of `city`, nothing sent yet.
    pub(crate) fn new(plan: &Plan, city: &City, keys: &Keys) -> Result<Self, SimError> {
        let senders = city.collectors.iter().enumerate().map(|(place, collector)| Sender {
            merchant: city.merchants[collector.merchant].code,
            id: collector.id,
            sequence: PackageSequence(1),
            previous_seal: [0; 8],
            buffer: Vec::new(),
            later: Vec::new(),
            sent: 0,
            seal_key_version: Keys::seal_version(place),
        });
        let senders: Vec<_> = senders.collect();
        let full = (BUFFERED_MAX / senders.len().max(1)).clamp(PACKAGE_MIN, PACKAGE_MAX);
        Ok(Self {
            senders,
            post: Post::new(plan, city, keys)?,
            dates: Dates::new(plan.date),
            day: Day(0),
            clock: Day(0).at(0),
            full,
            tally: Tally::default(),
            records: 0,
            packages: 0,
            amount: Fen::ZERO,
        })
    }

    /// Records so far, those included that wait for a package.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// The truth about the lines of the card operators' files.
    pub(crate) fn lines(&mut self) -> &mut LineTruth {
        self.post.lines()
    }

    /// Sum of their amounts.
    pub(crate) fn amount(&self) -> Fen {
        self.amount
    }

    /// Opens the window of `day`.
    pub(crate) fn begin(&mut self, day: Day) -> Result<(), SimError> {
        self.day = day;
        self.clock = day.at(0);
        self.post.begin(day)
    }

    /// Tells the time of the slot that is being filled; packages say that they were made then.
    pub(crate) fn tick(&mut self, clock: Moment) {
        self.clock = clock;
    }

    /// Hands a record to the collector; full buffers are sent.
    pub(crate) fn push(&mut self, collector: usize, row: Row) -> Result<(), SimError> {
        self.enter(&row)?;
        let sender = &mut self.senders[collector];
        sender.buffer.push(row);
        if sender.buffer.len() >= self.full {
            self.send(collector)?;
        }
        Ok(())
    }

    /// Hands the collector a record that must not travel in its next package, but in the one after it.
    ///
    /// # Errors
    /// [`SimError::Unfit`] when the sum of all amounts leaves the domain of money.
    pub(crate) fn push_later(&mut self, collector: usize, row: Row) -> Result<(), SimError> {
        self.enter(&row)?;
        self.senders[collector].later.push(row);
        Ok(())
    }

    fn enter(&mut self, row: &Row) -> Result<(), SimError> {
        let unfit = |error: tongclear_types::MoneyError| SimError::Unfit {
            what: "the sum of all amounts",
            message: error.to_string(),
        };
        self.amount = self.amount.checked_add(row.record.amount()).map_err(unfit)?;
        self.records += 1;
        self.tally.count(row);
        Ok(())
    }

    /// Lets every collector send that has something worth sending.
    pub(crate) fn send_large(&mut self) -> Result<(), SimError> {
        for collector in 0..self.senders.len() {
            if self.senders[collector].buffer.len() >= WORTH_SENDING {
                self.send(collector)?;
            }
        }
        Ok(())
    }

    /// Lets every collector send all it has before the window closes; one that sent nothing today sends an empty
    /// package, which says that it is alive.
    pub(crate) fn end(&mut self) -> Result<(), SimError> {
        for collector in 0..self.senders.len() {
            self.clock = self.day.last_moment();
            loop {
                let sender = &self.senders[collector];
                if sender.sent > 0 && sender.buffer.is_empty() && sender.later.is_empty() {
                    break;
                }
                self.send(collector)?;
                self.clock = self.clock.plus(1);
            }
            self.senders[collector].sent = 0;
        }
        Ok(())
    }

    /// Seals and writes the collector's next package, and the truth about its rows.
    fn send(&mut self, collector: usize) -> Result<(), SimError> {
        let sender = &mut self.senders[collector];
        // Stable: of two records with the same terminal and number the one handed over first comes first.
        sender.buffer.sort_by_key(|row| (row.record.terminal, row.record.terminal_number));
        let fields = PackageHeaderFields {
            merchant: sender.merchant,
            collector: sender.id,
            sequence: sender.sequence,
            created_at_unix_s: self.dates.unix_seconds(self.clock),
            seal_key_version: sender.seal_key_version,
            previous_seal: sender.previous_seal,
        };
        sender.previous_seal = self.post.deliver(&fields, &sender.buffer)?;
        sender.sequence = PackageSequence(sender.sequence.0 + 1);
        sender.sent += 1;
        sender.buffer.clear();
        sender.buffer.append(&mut sender.later);
        self.packages += 1;
        Ok(())
    }

    /// Closes the truth, and puts the counts into the summary.
    pub(crate) fn finish(self, summary: &mut Summary) -> Result<(), SimError> {
        summary.packages = self.packages;
        summary.transactions = self.records;
        self.post.finish()?;
        self.tally.into_summary(summary);
        Ok(())
    }
}
