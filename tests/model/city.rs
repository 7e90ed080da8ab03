//! A small city: operators and their keys, merchants, collectors, terminals, contracts, and how they change.
//!
//! Bounded by: up to 3 operators, 5 merchants, 3 terminals each, 16 cards; small numbers, so that things collide.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tongclear_types::{CollectorId, IssuerId, MerchantCode, OperatorCode, Rounding, Sector, TerminalId};

use crate::dice::Dice;
use crate::facts::{
    Cipher, Collector, Contract, Keys, Level, Merchant, Operator, Registry, SealHash, SealKey, Service,
    TacKey,
};

/// The city before its first window, and what is known of later ones.
#[derive(Debug)]
pub(crate) struct City {
    /// The windows' dates.
    pub dates: Vec<Date>,
    /// The registry that is loaded before each window.
    pub registries: Vec<Registry>,
    /// The key ring before each window.
    pub keys: Vec<Keys>,
    /// Every TAC key that any card was made with, in the key ring or not.
    pub made_with: Vec<TacKey>,
}

const OPERATORS: [(&str, &str); 3] =
    [("0417", "04176510ffffffff"), ("0165", "01656900ffffffff"), ("04a7", "04a70001ffffffff")];

const MERCHANTS: [(&str, Sector); 5] = [
    ("BUS00001", Sector::Bus),
    ("LOD00001", Sector::Load),
    ("SHOP0001", Sector::Commerce),
    ("MET00001", Sector::Metro),
    ("WAT00001", Sector::Water),
];

pub(crate) fn code(text: &str) -> MerchantCode {
    text.parse().expect("the codes of this file have the form")
}

fn sponsor() -> MerchantCode {
    code("GOV00001")
}

/// Builds a city.
pub(crate) fn build(dice: &mut Dice) -> City {
    let start = date(2026, 1, 1).saturating_add(dice.between(0, 700).days());
    let mut dates = vec![start];
    for _ in 0..dice.between(2, 4) {
        let last = dates[dates.len() - 1];
        let step = if dice.chance(80) { 1 } else { dice.between(2, 12) };
        dates.push(last.saturating_add(step.days()));
    }
    let operators: Vec<Operator> = OPERATORS[..dice.place(2) + 2]
        .iter()
        .map(|(code, issuer)| Operator {
            code: code.parse().expect("4 hex digits"),
            issuer: issuer.parse::<IssuerId>().expect("16 hex digits"),
            two_levels: dice.chance(60),
        })
        .collect();
    let made_with: Vec<TacKey> = operators
        .iter()
        .flat_map(|operator| {
            [(1, Cipher::Des), (2, Cipher::Des), (1, Cipher::Sm4)].map(|it| (operator.code, it))
        })
        .map(|(operator, (version, cipher))| TacKey { operator, version, cipher, master: dice.bytes() })
        .collect();
    let first = first_registry(dice, start, operators);
    let mut registries = vec![first];
    for (i, today) in dates.iter().enumerate().skip(1) {
        let mut next = registries[i - 1].clone();
        if dice.chance(50) {
            change(dice, &mut next, start, *today);
        }
        registries.push(next);
    }
    let keys = key_rings(dice, &made_with, dates.len());
    City { dates, registries, keys, made_with }
}

/// One key may be missing at first, and may come later.
fn key_rings(dice: &mut Dice, made_with: &[TacKey], windows: usize) -> Vec<Keys> {
    let seal = vec![
        SealKey { version: 1, hash: SealHash::Sha256, master: dice.bytes() },
        SealKey { version: 2, hash: SealHash::Sm3, master: dice.bytes() },
    ];
    let all = Keys { tac: made_with.to_vec(), seal };
    let mut some = all.clone();
    if dice.chance(70) {
        some.tac.remove(dice.place(made_with.len()));
    }
    let complete_from = if dice.chance(50) { dice.place(windows) } else { windows };
    (0..windows).map(|window| if window < complete_from { some.clone() } else { all.clone() }).collect()
}

fn first_registry(dice: &mut Dice, start: Date, operators: Vec<Operator>) -> Registry {
    let taking = &MERCHANTS[..dice.place(4) + 2];
    let mut registry = Registry {
        max_age_days: dice.pick(&[30, 30, 7, 3]),
        grace_hours: dice.pick(&[24, 24, 48, 0]),
        operators,
        merchants: taking.iter().map(|(it, sector)| Merchant { code: code(it), sector: *sector }).collect(),
        collectors: Vec::new(),
        contracts: Vec::new(),
        services: Vec::new(),
    };
    registry.merchants.push(Merchant { code: sponsor(), sector: Sector::Sponsor });
    for (m, (merchant, _)) in (1..).zip(taking) {
        for k in 0..dice.number(1, 2) {
            let k = u8::try_from(k).expect("one or two");
            registry.collectors.push(Collector {
                id: CollectorId([0x65, 0x10, 0, 0, m, 0xf0 + k]),
                merchant: code(merchant),
            });
        }
        add_terminals(dice, &mut registry, m, code(merchant), start);
        add_contracts(dice, &mut registry, code(merchant), start);
    }
    registry
}

/// Two or three terminals: one always there, others with a change, a gap, or an end.
fn add_terminals(dice: &mut Dice, registry: &mut Registry, m: u8, merchant: MerchantCode, start: Date) {
    let long_ago = start.saturating_sub(200.days());
    let collector = registry.collectors[registry.collectors.len() - 1].id;
    for t in 0..dice.number(2, 3) {
        let t = u8::try_from(t).expect("few");
        let terminal = TerminalId([0x65, 0x10, 0, m, 0, t]);
        let row = Service { terminal, merchant, collector, from: long_ago, until: None };
        let turn = start.saturating_add(dice.between(-1, 3).days());
        let then = turn.saturating_add(dice.between(1, 2).days());
        let first = &registry.collectors[0];
        let rows = match if t == 0 { 9 } else { dice.place(8) } {
            0 => vec![Service { until: Some(turn), ..row }],
            1 => vec![Service { until: Some(turn), ..row }, Service { from: then, ..row }],
            2 | 3 => vec![
                Service { until: Some(turn), ..row },
                Service { from: then, merchant: first.merchant, collector: first.id, ..row },
            ],
            4 => vec![Service { from: then, ..row }],
            _ => vec![row],
        };
        registry.services.extend(rows);
    }
}

/// Contracts for everyone, for one operator, or with a hole; some begin while the windows run.
fn add_contracts(dice: &mut Dice, registry: &mut Registry, merchant: MerchantCode, start: Date) {
    let long_ago = start.saturating_sub(200.days());
    let named = registry.operators[dice.place(registry.operators.len())].code;
    let soon = start.saturating_add(dice.between(0, 4).days());
    match dice.place(10) {
        // Only one operator's cards are taken at first.
        0 => add(dice, registry, merchant, Some(named), long_ago, None),
        // A hole.
        1 => {
            add(dice, registry, merchant, None, long_ago, Some(soon.saturating_sub(2.days())));
            add(dice, registry, merchant, None, soon, None);
        }
        _ => add(dice, registry, merchant, None, long_ago, None),
    }
    if dice.chance(60) {
        let until = dice.chance(40).then(|| soon.saturating_add(1.day()));
        add(dice, registry, merchant, Some(named), long_ago.saturating_add(1.day()), until);
    }
    if dice.chance(50) {
        add(dice, registry, merchant, None, soon.saturating_add(1.day()), None);
    }
}

/// Adds a contract with any terms, unless one of equal rank is there.
fn add(
    dice: &mut Dice,
    registry: &mut Registry,
    merchant: MerchantCode,
    operator: Option<OperatorCode>,
    from: Date,
    until: Option<Date>,
) {
    let taken = registry
        .contracts
        .iter()
        .any(|it| it.merchant == merchant && it.operator == operator && it.from == from);
    if taken || until.is_some_and(|until| until < from) {
        return;
    }
    let decimal = |text: &str| -> Decimal { text.parse().expect("a decimal") };
    let level = dice.pick(&[Level::Transaction, Level::Transaction, Level::Window]);
    let by_transaction = level == Level::Transaction;
    let min = dice.pick(&["", "", "0.5", "1", "2"]);
    let max = dice.pick(&["", "", "2.5", "3", "50"]);
    registry.contracts.push(Contract {
        merchant,
        operator,
        from,
        until,
        rate: decimal(
            dice.pick(&["0", "0.0060", "0.005", "0.005", "0.0125", "0.333333", "0.10", "1", "0.000001"]),
        ),
        fixed_fen: decimal(dice.pick(&["0", "0", "0.5", "1.25", "3"])),
        min_fee_fen: (by_transaction && !min.is_empty()).then(|| decimal(min)),
        max_fee_fen: (by_transaction && !max.is_empty()).then(|| decimal(max)),
        level,
        rounding: dice.pick(&Rounding::ALL),
        amount_limit_fen: dice.pick(&[500, 1_000, 100_000, 4_294_967_295]),
        sponsor: dice.chance(50).then(sponsor),
    });
}

/// What a later load of the registry may bring.
fn change(dice: &mut Dice, registry: &mut Registry, start: Date, today: Date) {
    let merchant = registry.merchants[dice.place(registry.merchants.len() - 1)].code;
    match dice.place(6) {
        0 => registry.max_age_days = dice.pick(&[2, 10, 40]),
        1 => registry.grace_hours = dice.pick(&[0, 12, 36]),
        2 => {
            // A contract goes away, from now on and for every date.
            let at = dice.place(registry.contracts.len());
            registry.contracts.remove(at);
        }
        3 => {
            let at = dice.place(registry.services.len());
            registry.services.remove(at);
        }
        _ => {
            let operator = registry.operators[dice.place(registry.operators.len())].code;
            let from = today.saturating_add(dice.between(-1, 1).days());
            let operator = dice.chance(50).then_some(operator);
            add(dice, registry, merchant, operator, from, None);
        }
    }
    // The bus company's new depot.
    let depot = Collector { id: NEW_DEPOT, merchant: code("BUS00001") };
    if !registry.collectors.contains(&depot) && today > start {
        registry.collectors.push(depot);
    }
}

/// A collector that sends before it is registered.
pub(crate) const NEW_DEPOT: CollectorId = CollectorId([0x65, 0x10, 0, 0, 0xee, 0xee]);
