//! The records of all packages together: by terminal, by card, and in the order of their packages.
//!
//! Memory: at most some hundred bytes a record while they are sorted, by terminal and then by card.

use std::collections::HashMap;

use tongclear_package::{RECORD_LEN, decode_record};
use tongclear_types::{CardId, Chain, CollectorId, IssuerId, RecordFlags, TerminalId, TransactionRecord};

use crate::field::record as at;
use crate::finding::{Findings, Place};
use crate::package::Opened;
use crate::rule::Rule;

/// How many versions a terminal may fall back: a damaged list makes it use the one that it kept; nobody keeps two.
const LISTS_BACK_MAX: u32 = 1;

/// A record's place: package and row.
type Spot = (usize, u32);

/// The records of packages in the order of (collector, sequence).
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    pub(crate) packages: &'a [Opened<'a>],
}

impl<'a> Records<'a> {
    fn bytes(self, (package, row): Spot) -> &'a [u8; RECORD_LEN] {
        &self.packages[package].records[row as usize]
    }

    fn record(self, spot: Spot) -> TransactionRecord {
        decode_record(self.bytes(spot))
    }

    fn place(self, (package, row): Spot) -> (Place, &'a str) {
        (Place { package, row: Some(row) }, self.packages[package].file.name)
    }

    /// For messages: `row 3 of 6510000000f1-0000000001.ctp`.
    fn shown(self, spot: Spot) -> String {
        format!("row {} of {}", spot.1, self.packages[spot.0].file.name)
    }

    fn spots(self) -> impl Iterator<Item = Spot> {
        let packages = self.packages.iter().enumerate();
        packages.flat_map(|(index, package)| (0..).zip(package.records).map(move |(row, _)| (index, row)))
    }

    /// Within each package records come in non-descending (terminal, number); from package to package of one
    /// collector each terminal's numbers rise. A TAC that was recovered comes late and with its old number.
    pub(crate) fn check_order(self, findings: &mut Findings) {
        let mut highest: HashMap<(CollectorId, TerminalId), (u32, Spot)> = HashMap::new();
        for (index, package) in self.packages.iter().enumerate() {
            let mut in_package: HashMap<TerminalId, (u32, Spot)> = HashMap::new();
            let mut last = None;
            for (row, bytes) in (0..).zip(package.records) {
                let spot = (index, row);
                let record = decode_record(bytes);
                let key = (record.terminal, record.terminal_number);
                if last.is_some_and(|last| key < last) {
                    let expected = "a record not before the one in front of it in (terminal, number)";
                    findings.field(Rule::RecordOrder, self.place(spot), at::TERMINAL, bytes, expected);
                }
                last = Some(key);
                let number = record.terminal_number.0;
                let before = highest.get(&(package.collector, record.terminal));
                // The same number again is said by another rule.
                if let Some((before, at_spot)) = before.filter(|(before, _)| number < *before)
                    && !record.flags.has(RecordFlags::SUPPLEMENTARY)
                {
                    let expected = format!("above {before}, sent before in {}", self.shown(*at_spot));
                    findings.field(
                        Rule::TerminalNumberRising,
                        self.place(spot),
                        at::TERMINAL_NUMBER,
                        bytes,
                        expected,
                    );
                }
                let most = in_package.entry(record.terminal).or_insert((number, spot));
                if number > most.0 {
                    *most = (number, spot);
                }
            }
            for (terminal, (number, spot)) in in_package {
                let most = highest.entry((package.collector, terminal)).or_insert((number, spot));
                if number > most.0 {
                    *most = (number, spot);
                }
            }
        }
    }

    /// No terminal's number is used twice, and the deny list that it held never falls far back. Returns how many
    /// terminals there are.
    pub(crate) fn check_terminals(self, findings: &mut Findings) -> u64 {
        let mut order: Vec<Spot> = self.spots().collect();
        order.sort_by_cached_key(|spot| {
            let record = self.record(*spot);
            (record.terminal, record.terminal_number, *spot)
        });
        let mut versions: HashMap<(TerminalId, IssuerId), (u32, Spot)> = HashMap::new();
        let mut first: Option<(Spot, TransactionRecord)> = None;
        let mut terminals = 0;
        for spot in order {
            let (bytes, record) = (self.bytes(spot), self.record(spot));
            let same_terminal = first.filter(|(_, first)| first.terminal == record.terminal);
            terminals += u64::from(same_terminal.is_none());
            match same_terminal.filter(|(_, first)| first.terminal_number == record.terminal_number) {
                Some((at_spot, before)) if is_copy(&before, &record) => {
                    let expected = format!("no second copy of {}", self.shown(at_spot));
                    findings.field(Rule::Copy, self.place(spot), at::TERMINAL_NUMBER, bytes, expected);
                }
                Some((at_spot, _)) => {
                    let expected = format!("a number that {} does not have", self.shown(at_spot));
                    findings.field(
                        Rule::TerminalNumber,
                        self.place(spot),
                        at::TERMINAL_NUMBER,
                        bytes,
                        expected,
                    );
                }
                None => first = Some((spot, record)),
            }
            let newest =
                versions.entry((record.terminal, record.issuer)).or_insert((record.deny_list_version, spot));
            if record.deny_list_version.saturating_add(LISTS_BACK_MAX) < newest.0 {
                let expected = format!(
                    "{} or newer: {} is in {}",
                    newest.0 - LISTS_BACK_MAX,
                    newest.0,
                    self.shown(newest.1)
                );
                findings.field(
                    Rule::DenyListVersion,
                    self.place(spot),
                    at::DENY_LIST_VERSION,
                    bytes,
                    expected,
                );
            } else if record.deny_list_version > newest.0 {
                *newest = (record.deny_list_version, spot);
            }
        }
        terminals
    }

    /// No counter of a card is used twice, and counters rise with time.
    pub(crate) fn check_cards(self, findings: &mut Findings) -> Cards {
        let key = |record: &TransactionRecord| {
            let chain = record.sort_chain();
            (record.card(), chain, record.counter(chain))
        };
        let mut order: Vec<Spot> = self.spots().collect();
        order.sort_by_cached_key(|spot| {
            let record = self.record(*spot);
            (key(&record), record.date, record.time, *spot)
        });
        let mut cards = Cards::default();
        let mut last: Option<(Spot, TransactionRecord)> = None;
        let mut counted: Option<CardId> = None;
        for spot in order {
            let (bytes, record) = (self.bytes(spot), self.record(spot));
            cards.cards += u64::from(counted != Some(record.card()));
            counted = Some(record.card());
            let (_, chain, counter) = key(&record);
            let field = match chain {
                Chain::Purchase => at::OFFLINE_COUNTER,
                Chain::Load => at::ONLINE_COUNTER,
            };
            let before = last.filter(|(_, last)| last.card() == record.card() && last.sort_chain() == chain);
            match before {
                // A copy is said by another rule, and has its original's counter.
                Some((_, before)) if is_copy(&before, &record) => continue,
                Some((at_spot, before)) if before.counter(chain) == counter => {
                    let expected = format!("a counter that {} does not have", self.shown(at_spot));
                    findings.field(Rule::CardCounter, self.place(spot), field, bytes, expected);
                }
                Some((at_spot, before)) => {
                    cards.followed += 1;
                    if before.when() > record.when() && record.when().is_some() {
                        let expected = format!(
                            "a counter below {}, which is later in time: {}",
                            before.counter(chain),
                            self.shown(at_spot)
                        );
                        findings.field(Rule::CardCounterRising, self.place(spot), field, bytes, expected);
                    }
                }
                None => {}
            }
            last = Some((spot, record));
        }
        cards
    }
}

/// What is known of the cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cards {
    /// Different cards.
    pub(crate) cards: u64,
    /// Records whose counter was held against an earlier one of the same card.
    pub(crate) followed: u64,
}

/// Whether the centre takes one for a copy of the other: what a TAC covers, the counter left out on purpose.
fn is_copy(one: &TransactionRecord, two: &TransactionRecord) -> bool {
    let key = |it: &TransactionRecord| {
        (
            (it.card(), it.sort_chain(), it.terminal, it.terminal_number),
            (it.amount_fen, it.date, it.time, it.tac),
        )
    };
    key(one) == key(two)
}
