//! The places of the city: merchants with their collectors and terminals, and the card operators.
//!
//! Memory: about 70 bytes a terminal. Terminal and collector ids start with the issuer's city, 6510.

use std::ops::Range;

use tongclear_types::{
    CollectorId, IssuerId, MerchantCode, OperatorCode, Sector, TerminalId, TerminalNumber,
};

use crate::fee::Contract;
use crate::holidays::Calendar;
use crate::merchants::{Entry, MERCHANTS, Role, contracts};
use crate::moment::Day;
use crate::random::Random;

/// A card operator.
pub(crate) struct Operator {
    /// Code of the deny lists and keys.
    pub(crate) code: OperatorCode,
    /// First 8 bytes of file 15.
    pub(crate) issuer: IssuerId,
    /// Chinese name.
    pub(crate) name: &'static str,
    /// English name.
    pub(crate) name_en: &'static str,
    /// Whether keys are diversified by issuer and then by card.
    pub(crate) two_level_keys: bool,
    /// First eight digits of its card numbers.
    pub(crate) prefix: u64,
    /// Its business days.
    pub(crate) calendar: Calendar,
    /// Business days after which what only one side has becomes a break.
    pub(crate) grace_days: u8,
    /// Its bank account and the bank, a CNAPS code.
    pub(crate) account: [&'static str; 2],
    /// Whether it sends nothing on its days off, and on the next business day a file for each of them.
    pub(crate) rests: bool,
}

/// The card operators; the first is the city's own.
pub(crate) fn operators() -> Vec<Operator> {
    vec![
        Operator {
            code: OperatorCode([0x04, 0x17]),
            issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
            name: "天府通",
            name_en: "Tianfu Tong",
            two_level_keys: true,
            prefix: 31_047_800,
            calendar: Calendar::Centre,
            grace_days: 1,
            account: ["6221000000000000001", "102651000000"],
            rests: false,
        },
        Operator {
            code: OperatorCode([0x01, 0x65]),
            issuer: IssuerId([0x01, 0x65, 0x69, 0x00, 0xff, 0xff, 0xff, 0xff]),
            name: "重庆市民通",
            name_en: "Chongqing Citizen Card",
            two_level_keys: true,
            prefix: 31_016_500,
            calendar: Calendar::NoWeekends,
            grace_days: 2,
            account: ["6221000000000000002", "102653000016"],
            rests: true,
        },
        Operator {
            code: OperatorCode([0x01, 0x01]),
            issuer: IssuerId([0x01, 0x01, 0x10, 0x00, 0xff, 0xff, 0xff, 0xff]),
            name: "北京一卡通",
            name_en: "Beijing Yikatong",
            two_level_keys: false,
            prefix: 31_010_100,
            calendar: Calendar::YearEnd,
            grace_days: 3,
            account: ["6221000000000000003", "102100099996"],
            rests: false,
        },
    ]
}

/// A merchant with what belongs to it.
pub(crate) struct Merchant {
    /// Its line in the table.
    pub(crate) entry: &'static Entry,
    /// Its code.
    pub(crate) code: MerchantCode,
    /// Its contracts.
    pub(crate) contracts: Vec<Contract>,
    /// Its collectors, as indices.
    pub(crate) collectors: Range<usize>,
    /// Its terminals in service, as indices.
    pub(crate) terminals: Range<usize>,
    /// A terminal of its own that is out of service.
    pub(crate) retired: usize,
}

impl Merchant {
    /// The contract in force: a named operator before all, then the latest beginning.
    pub(crate) fn contract(&self, operator: usize, day: Day) -> Option<&Contract> {
        let in_force = self.contracts.iter().filter(|contract| contract.covers(operator, day));
        in_force.max_by_key(|contract| (contract.operator.is_some(), contract.from))
    }
}

/// What `terminals.csv` says of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// In service at its merchant all the time.
    Always,
    /// At another merchant of the city until 100 days before the first window, at its own since.
    MovedFrom(usize),
    /// In service until 70 days before the first window.
    Retired,
    /// Registered nowhere.
    Unregistered,
}

/// A terminal.
pub(crate) struct Terminal {
    /// Its id.
    pub(crate) id: TerminalId,
    /// Index of its merchant.
    pub(crate) merchant: usize,
    /// Index of its collector.
    pub(crate) collector: usize,
    /// Where it is in service.
    pub(crate) service: Service,
    /// The number of its next transaction.
    next_number: u32,
    /// A number accepted in the window of `accepted_day`, and one accepted before it, each with the card's index.
    accepted: [Option<(u32, u32)>; 2],
    accepted_day: Day,
}

impl Terminal {
    fn new(id: TerminalId, merchant: usize, collector: usize, service: Service, random: &mut Random) -> Self {
        let next_number = random.between(1, 1_000_000);
        Self { id, merchant, collector, service, next_number, accepted: [None; 2], accepted_day: Day(0) }
    }

    /// The number of a new transaction.
    pub(crate) fn take_number(&mut self) -> TerminalNumber {
        let number = TerminalNumber(self.next_number);
        self.next_number = self.next_number.wrapping_add(1);
        number
    }

    /// Remembers that `number` of the `card`-th card was accepted in the window of `day`.
    pub(crate) fn accepted(&mut self, number: TerminalNumber, card: usize, day: Day) {
        self.accepted[1] = self.accepted_before(day);
        // A city has fewer cards than 32 bits can count.
        self.accepted[0] = u32::try_from(card).ok().map(|card| (number.0, card));
        self.accepted_day = day;
    }

    /// Takes a number that a window before that of `day` accepted for another card than the `card`-th; it is given
    /// out only once.
    pub(crate) fn take_accepted_before(&mut self, card: usize, day: Day) -> Option<u32> {
        let (number, of) = self.accepted_before(day)?;
        if usize::try_from(of).is_ok_and(|of| of == card) {
            return None;
        }
        for accepted in &mut self.accepted {
            accepted.take_if(|(taken, _)| *taken == number);
        }
        Some(number)
    }

    /// A number accepted in a window before that of `day`, with its card.
    fn accepted_before(&self, day: Day) -> Option<(u32, u32)> {
        if self.accepted_day == day { self.accepted[1] } else { self.accepted[0].or(self.accepted[1]) }
    }
}

/// A collector.
pub(crate) struct Collector {
    /// Its id.
    pub(crate) id: CollectorId,
    /// Index of its merchant.
    pub(crate) merchant: usize,
}

/// All places.
pub(crate) struct City {
    pub(crate) operators: Vec<Operator>,
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) collectors: Vec<Collector>,
    /// First those in service, merchant by merchant, then the retired, spare and unregistered ones.
    pub(crate) terminals: Vec<Terminal>,
    /// Terminals in service that nobody uses, of the first two merchants, as indices.
    pub(crate) spare: Vec<usize>,
    /// Terminals that are registered nowhere.
    pub(crate) unregistered: Range<usize>,
}

/// Terminals that send records without being registered.
const UNREGISTERED: u32 = 8;

impl City {
    /// A city with `terminals` terminals in service, at least 2, and `collectors` collection sites within
    /// [`collector_bounds`], or as many as it needs.
    pub(crate) fn new(terminals: u32, collectors: Option<u32>, random: &mut Random) -> Self {
        let counts = share_out(terminals);
        let sites = sites(&counts, collectors);
        let mut city = Self {
            operators: operators(),
            merchants: Vec::new(),
            collectors: Vec::new(),
            terminals: Vec::new(),
            spare: Vec::new(),
            unregistered: 0..0,
        };
        for ((entry, count), sites) in MERCHANTS.iter().zip(&counts).zip(sites) {
            city.open(entry, *count, sites, random);
        }
        for merchant in 0..city.merchants.len() {
            let collector = city.merchants[merchant].collectors.start;
            let id = terminal_id(IdKind::Retired, merchant, 0);
            city.merchants[merchant].retired = city.terminals.len();
            city.terminals.push(Terminal::new(id, merchant, collector, Service::Retired, random));
        }
        for merchant in 0..2 {
            let collector = city.merchants[merchant].collectors.start;
            let id = terminal_id(IdKind::Spare, merchant, 0);
            city.spare.push(city.terminals.len());
            city.terminals.push(Terminal::new(id, merchant, collector, Service::Always, random));
        }
        let first = city.terminals.len();
        for number in 0..UNREGISTERED {
            let id = terminal_id(IdKind::Unregistered, 0, number);
            city.terminals.push(Terminal::new(id, 0, 0, Service::Unregistered, random));
        }
        city.unregistered = first..city.terminals.len();
        city
    }

    /// Adds a merchant with `count` terminals at `collectors` sites.
    fn open(&mut self, entry: &'static Entry, count: u32, collectors: u32, random: &mut Random) {
        let merchant = self.merchants.len();
        let first_collector = self.collectors.len();
        let first_terminal = self.terminals.len();
        for number in 0..count {
            let within = usize::try_from(number % collectors).expect("a 32-bit count");
            // Every fiftieth bus was another company's once.
            let moved = entry.sector == Sector::Bus && merchant > 0 && number % 50 == 1;
            let service = if moved { Service::MovedFrom(0) } else { Service::Always };
            let id = terminal_id(IdKind::InService, merchant, number);
            self.terminals.push(Terminal::new(id, merchant, first_collector + within, service, random));
        }
        for number in 0..collectors {
            // A utility's terminal is its own collector; the others have concentrators.
            let id = if entry.terminals_per_collector == 1 {
                CollectorId(terminal_id(IdKind::InService, merchant, number).0)
            } else {
                CollectorId(terminal_id(IdKind::Concentrator, merchant, number).0)
            };
            self.collectors.push(Collector { id, merchant });
        }
        self.merchants.push(Merchant {
            entry,
            code: entry.code.parse().expect("the table holds merchant codes"),
            contracts: contracts(entry.code),
            collectors: first_collector..self.collectors.len(),
            terminals: first_terminal..self.terminals.len(),
            retired: 0,
        });
    }

    /// The merchants of `sector` that have `role`, as indices.
    pub(crate) fn of(&self, sector: Sector, role: Role) -> impl Iterator<Item = usize> {
        let fits = move |entry: &Entry| entry.sector == sector && entry.role == role;
        self.merchants.iter().enumerate().filter(move |(_, it)| fits(it.entry)).map(|(index, _)| index)
    }
}

/// The fewest collectors that the merchant's terminals need.
fn needed(entry: &Entry, count: u32) -> u32 {
    count.div_ceil(entry.terminals_per_collector).max(entry.collectors_min)
}

/// The collectors that more sites could be made for: one a terminal where there are concentrators.
fn room(entry: &Entry, count: u32) -> u32 {
    if entry.terminals_per_collector == 1 { 0 } else { count.saturating_sub(needed(entry, count)) }
}

/// The fewest and the most collection sites of a city with `terminals` terminals.
pub(crate) fn collector_bounds(terminals: u32) -> (u32, u32) {
    let counts = share_out(terminals);
    let shops = || MERCHANTS.iter().zip(&counts);
    let fewest: u32 = shops().map(|(entry, count)| needed(entry, *count)).sum();
    (fewest, fewest + shops().map(|(entry, count)| room(entry, *count)).sum::<u32>())
}

/// How many sites each merchant has: what it needs, and of `collectors` beyond that a share by its size.
fn sites(counts: &[u32], collectors: Option<u32>) -> Vec<u32> {
    let shops = || MERCHANTS.iter().zip(counts);
    let mut sites: Vec<u32> = shops().map(|(entry, count)| needed(entry, *count)).collect();
    let fewest: u32 = sites.iter().sum();
    let rooms: Vec<u32> = shops().map(|(entry, count)| room(entry, *count)).collect();
    let all: u64 = rooms.iter().map(|room| u64::from(*room)).sum();
    let mut extra = collectors.map_or(0, |wanted| wanted.saturating_sub(fewest));
    let wanted = u64::from(extra);
    for (site, room) in sites.iter_mut().zip(&rooms) {
        let share = u32::try_from(wanted * u64::from(*room) / all.max(1)).unwrap_or(0).min(*room);
        *site += share;
        extra -= share;
    }
    // What rounding left over goes to the first ones with room.
    for ((site, room), needed) in
        sites.iter_mut().zip(&rooms).zip(shops().map(|(it, count)| needed(it, *count)))
    {
        let more = extra.min(needed + room - *site);
        *site += more;
        extra -= more;
    }
    sites
}

/// What an id stands for: half of its third byte; the merchant's index, below 16, is the other half.
#[derive(Clone, Copy)]
enum IdKind {
    InService = 0x00,
    Concentrator = 0xc0,
    Retired = 0xd0,
    Spare = 0xe0,
    Unregistered = 0xf0,
}

const _: () = assert!(MERCHANTS.len() <= 16);

/// The id of the `number`-th, below 2^24, of a merchant's terminals or concentrators.
fn terminal_id(kind: IdKind, merchant: usize, number: u32) -> TerminalId {
    let [_, high, middle, low] = number.to_be_bytes();
    let merchant = u8::try_from(merchant).expect("fewer than 16 merchants");
    TerminalId([0x65, 0x10, kind as u8 | merchant, high, middle, low])
}

/// How many terminals each merchant of the table has; a merchant without one does not exist.
fn share_out(terminals: u32) -> Vec<u32> {
    let present = MERCHANTS.len().min(usize::try_from(terminals).unwrap_or(usize::MAX));
    let entries = &MERCHANTS[..present];
    let mut counts = vec![1; present];
    let mut left = terminals - u32::try_from(present).expect("a short table");
    let share_total: u64 = entries.iter().map(|entry| u64::from(entry.terminal_share)).sum();
    let to_share = u64::from(left);
    for (entry, count) in entries.iter().zip(&mut counts) {
        let share = to_share * u64::from(entry.terminal_share) / share_total.max(1);
        let room = entry.terminals_max - *count;
        let more = u32::try_from(share).unwrap_or(u32::MAX).min(room).min(left);
        *count += more;
        left -= more;
    }
    counts[0] += left;
    counts
}
