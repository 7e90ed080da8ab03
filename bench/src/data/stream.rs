//! From taps to what collectors will send: terminal numbers, TACs, bits that turned, records that come twice.

use tongclear_mac::tac;
use tongclear_types::{BcdDate, BcdTime, BusinessDate, RecordFlags, TerminalNumber, TransactionRecord, Tti};

use super::city::City;
use super::operators::Keys;
use super::random::Random;
use super::taps::Tap;

/// Records whose TAC has a wrong bit, and records that come twice: in a thousand each.
const WRONG_PER_MILLE: u32 = 5;
const TWICE_PER_MILLE: u32 = 5;
/// Version of the deny list that all terminals hold.
pub(crate) const LIST_VERSION: u32 = 1;

/// A tap with what the terminal added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) tap: Tap,
    pub(crate) number: u32,
    pub(crate) tac: [u8; 4],
    pub(crate) tac_right: bool,
    /// Second at which it is ready to travel: that of the tap, or hours later for one that travels again.
    pub(crate) ready: u32,
}

/// What all that makes a day has in common.
pub(crate) struct Day<'a> {
    pub(crate) seed: u64,
    pub(crate) city: &'a City,
    pub(crate) keys: &'a Keys,
    pub(crate) date: BusinessDate,
    /// Days before it.
    pub(crate) before: u64,
}

/// The records of one collector, and those of them that travel again, with the collector that sends them then.
pub(crate) struct Stream {
    pub(crate) own: Vec<Sent>,
    pub(crate) again: Vec<(usize, Sent)>,
}

impl Day<'_> {
    /// The stream of a collector whose taps these are; `numbers` are the last ones of all its terminals, and go on.
    pub(crate) fn stream(&self, collector: usize, mut taps: Vec<Tap>, numbers: &mut [u32]) -> Stream {
        taps.sort_unstable_by_key(|tap| (tap.second, tap.terminal, tap.card, tap.offline, tap.online));
        let first = self.city.terminals.partition_point(|terminal| terminal.collector < collector);
        let siblings = self.city.merchants[self.city.collectors[collector].merchant].collectors.clone();
        let mut stream = Stream { own: Vec::with_capacity(taps.len()), again: Vec::new() };
        for tap in taps {
            let number = &mut numbers[usize::from(tap.terminal) - first];
            *number += 1;
            let mut sent = Sent { tap, number: *number, tac: [0; 4], tac_right: true, ready: tap.second };
            let (mut record, issue) = self.record(&sent);
            let key = self.keys.card_key(issue, record.serial);
            record.tac = tac(&key, &record).unwrap_or_default();
            sent.tac = record.tac;
            let place = (u64::from(tap.terminal) << 32) | u64::from(sent.number);
            let mut random = Random::new(self.seed, 1_000 + self.before, place);
            let chance = random.below(1_000);
            if chance < WRONG_PER_MILLE {
                sent.tac[random.below(4) as usize] ^= 1 << random.below(8);
                sent.tac_right = false;
            } else if chance < WRONG_PER_MILLE + TWICE_PER_MILLE {
                // By the same collector or by the next of the merchant's, two to six hours later.
                let next = if collector + 1 < siblings.end { collector + 1 } else { siblings.start };
                let by = random.pick(&[collector, next]);
                let ready = tap.second + random.between(2 * 3_600, 6 * 3_600);
                stream.again.push((by, Sent { ready, ..sent }));
            }
            stream.own.push(sent);
        }
        stream
    }

    /// The record as it travels.
    pub(crate) fn record(&self, sent: &Sent) -> (TransactionRecord, super::operators::Issue) {
        let tap = &sent.tap;
        let terminal = &self.city.terminals[usize::from(tap.terminal)];
        let issue = self.keys.issue(tap.card);
        let record = TransactionRecord {
            amount_fen: tap.amount_fen,
            tti: if tap.load { Tti::LOAD } else { Tti::PURCHASE },
            terminal: terminal.id,
            terminal_number: TerminalNumber(sent.number),
            date: BcdDate::from_civil(self.date.civil()),
            time: bcd_time(tap.second),
            tac: sent.tac,
            key_version: issue.key_version,
            algorithm: issue.algorithm,
            issuer: self.keys.operators[issue.operator].issuer,
            serial: self.keys.serial(issue.operator, tap.card),
            offline_counter: tap.offline,
            online_counter: tap.online,
            balance_before_fen: tap.balance_before_fen,
            balance_after_fen: tap.balance_after_fen(),
            list_price_fen: tap.amount_fen,
            sector: self.city.merchants[terminal.merchant].sector.byte().unwrap_or_default(),
            flags: RecordFlags::default(),
            deny_list_version: LIST_VERSION,
            card_random: tap.card.wrapping_mul(2_654_435_761).wrapping_add(tap.second).to_be_bytes(),
            sector_data: [0; 24],
        };
        (record, issue)
    }
}

fn bcd_time(second: u32) -> BcdTime {
    let part = |value: u32| u8::try_from(((value / 10) << 4) | (value % 10)).unwrap_or_default();
    BcdTime([part(second / 3_600), part(second / 60 % 60), part(second % 60)])
}
