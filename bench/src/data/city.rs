//! Who takes part: 3 card operators, 200 merchants, 12,000 terminals and the collectors between them, skewed as cities are.
//!
//! Nothing of it depends on the seed: all data of one version of the maker share the registry.

use tongclear_types::{CollectorId, MerchantCode, Sector, TerminalId};

use super::random::Random;
use super::terms::{Terms, terms};

/// Terminals of one collector, a depot or a shop's office.
const TERMINALS_PER_COLLECTOR: usize = 30;

/// A group of merchants: how many, how many terminals they have together, and their share of the purchases in thousandths.
struct Group {
    prefix: &'static str,
    sector: Sector,
    merchants: u32,
    terminals: u32,
    share: u32,
}

/// Buses and metro make nearly nine purchases in ten.
#[rustfmt::skip]
const GROUPS: [Group; 7] = [
    Group { prefix: "BUS",   sector: Sector::Bus,      merchants: 10,  terminals: 5_400, share: 520 },
    Group { prefix: "METRO", sector: Sector::Metro,    merchants: 3,   terminals: 2_400, share: 350 },
    Group { prefix: "SHOP",  sector: Sector::Commerce, merchants: 165, terminals: 3_500, share: 120 },
    Group { prefix: "WATER", sector: Sector::Water,    merchants: 2,   terminals: 40,    share: 4 },
    Group { prefix: "POWER", sector: Sector::Power,    merchants: 2,   terminals: 30,    share: 3 },
    Group { prefix: "GAS",   sector: Sector::Gas,      merchants: 2,   terminals: 30,    share: 3 },
    Group { prefix: "LOAD",  sector: Sector::Load,     merchants: 16,  terminals: 600,   share: 1_000 },
];

/// A merchant or load agent.
pub(crate) struct Merchant {
    pub(crate) code: MerchantCode,
    pub(crate) sector: Sector,
    /// Its terms for each card operator.
    pub(crate) terms: [Terms; 3],
    /// Its collectors, a range of [`City::collectors`].
    pub(crate) collectors: std::ops::Range<usize>,
}

/// A collector.
pub(crate) struct Collector {
    pub(crate) id: CollectorId,
    /// Index of its merchant.
    pub(crate) merchant: usize,
}

/// A terminal.
pub(crate) struct Terminal {
    pub(crate) id: TerminalId,
    /// Index of its merchant.
    pub(crate) merchant: usize,
    /// Index of its collector.
    pub(crate) collector: usize,
}

/// Terminals that serve one kind of transaction, drawn by how busy they are.
#[derive(Default)]
struct Urn {
    /// Terminal, and the sum of the weights up to it.
    upto: Vec<(u16, u32)>,
    sum: u32,
}

impl Urn {
    fn add(&mut self, terminal: usize, weight: u32) {
        self.sum += weight;
        self.upto.push((u16::try_from(terminal).unwrap_or(u16::MAX), self.sum));
    }

    fn draw(&self, random: &mut Random) -> u16 {
        let ball = random.below(self.sum);
        self.upto[self.upto.partition_point(|(_, upto)| *upto <= ball)].0
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct City {
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) collectors: Vec<Collector>,
    pub(crate) terminals: Vec<Terminal>,
    purchases: Urn,
    loads: Urn,
}

impl City {
    /// The city.
    pub(crate) fn new() -> Self {
        let mut city = Self::default();
        for group in &GROUPS {
            // The first merchant of a group has the most, the second half of that, the third a third.
            let harmonic: u32 = (1..=group.merchants).map(|rank| 1_000_000 / rank).sum();
            let mut left = group.terminals - group.merchants;
            for rank in 1..=group.merchants {
                let fair = u64::from(group.terminals - group.merchants) * u64::from(1_000_000 / rank);
                let fair = u32::try_from(fair / u64::from(harmonic)).unwrap_or_default();
                let more = if rank == group.merchants { left } else { fair.min(left) };
                left -= more;
                city.add(group, rank, 1 + more);
            }
        }
        city
    }

    fn add(&mut self, group: &Group, rank: u32, terminals: u32) {
        let merchant = self.merchants.len();
        let width = 8 - group.prefix.len();
        let code = format!("{}{rank:0width$}", group.prefix);
        let first = self.collectors.len();
        for place in 0..terminals as usize {
            if place % TERMINALS_PER_COLLECTOR == 0 {
                let id = CollectorId(id(0xf0, self.collectors.len()));
                self.collectors.push(Collector { id, merchant });
            }
            let terminal = self.terminals.len();
            // Within a merchant the busiest terminal has five times the taps of the quietest.
            let busy = 1 + Random::new(0, 1, terminal as u64).below(5);
            let urn = if group.sector == Sector::Load { &mut self.loads } else { &mut self.purchases };
            urn.add(terminal, busy * group.share * 10_000 / group.terminals);
            let collector = self.collectors.len() - 1;
            self.terminals.push(Terminal { id: TerminalId(id(0x00, terminal)), merchant, collector });
        }
        let code = code.parse().unwrap_or_else(|_| unreachable!("{code} has the form of a code"));
        let terms = [0, 1, 2].map(|operator| terms(group.sector, rank, operator));
        let collectors = first..self.collectors.len();
        self.merchants.push(Merchant { code, sector: group.sector, terms, collectors });
    }

    /// A terminal that sells something.
    pub(crate) fn shop(&self, random: &mut Random) -> u16 {
        self.purchases.draw(random)
    }

    /// A terminal that loads cards.
    pub(crate) fn load_point(&self, random: &mut Random) -> u16 {
        self.loads.draw(random)
    }
}

fn id(kind: u8, place: usize) -> [u8; 6] {
    let [.., high, middle, low] = (place + 1).to_be_bytes();
    [0x65, 0x10, kind, high, middle, low]
}
