//! A small city for terminals: keys, cards of three kinds, PSAMs, a clock that is moved by hand.

#![allow(dead_code, reason = "each test target uses its part")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tongclear_card::file::CardCategory;
use tongclear_card::flow::{Psam, Scheme};
use tongclear_card::simulated::{
    CardIssue, CardMemory, CounterConvention, NumberAdvance, PsamMemory, RingLoadKeys, SimulatedCard,
    SimulatedPsam, counting_randoms, psam_keys,
};
use tongclear_mac::{Algorithm, CardKeyId, KeyFile, KeyLevels, KeyRing, KeyUse, verify_tac};
use tongclear_terminal::Terminal;
use tongclear_terminal::config::{Config, Identity, Packages, Place, Rules};
use tongclear_types::{
    BcdDate, Clock, OperatorCode, Sector, Serial, TerminalId, TerminalNumber, TransactionRecord, UnixMillis,
};

/// Operators: code, issuer id, whether keys are diversified twice, algorithm byte.
pub(crate) const OPERATORS: [(&str, &str, bool, u8); 3] = [
    ("0417", "04176510FFFFFFFF", true, 0),
    ("0165", "01656900FFFFFFFF", false, 0),
    ("0101", "01011000FFFFFFFF", true, 4),
];

/// 2026-11-28 08:00:00 in Chengdu.
const MORNING_MS: i64 = 1_795_824_000_000;

/// A clock that is moved by hand.
#[derive(Debug, Clone)]
pub(crate) struct HandClock(Arc<AtomicI64>);

impl HandClock {
    pub(crate) fn morning() -> Self {
        Self(Arc::new(AtomicI64::new(MORNING_MS)))
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

/// The key file of the city.
pub(crate) fn key_file() -> String {
    let mut text = String::new();
    for (at, (code, _, _, algorithm)) in OPERATORS.iter().enumerate() {
        let name = if *algorithm == 4 { "sm4" } else { "des" };
        for (of, key_use) in ["tac", "purchase", "load", "maintenance"].iter().enumerate() {
            let master = format!("{at:02x}{of:02x}").repeat(8);
            writeln!(
                text,
                "[[{key_use}]]\noperator = \"{code}\"\nversion = 1\nalgorithm = \"{name}\"\nmaster = \"{master}\"\n"
            )
            .unwrap();
        }
    }
    text + SEAL
}

const SEAL: &str = "[[seal]]\nversion = 1\nalgorithm = \"hmac-sha256\"\n\
                    master = \"0707070707070707070707070707070707070707070707070707070707070707\"\n";

/// The keys of the city.
pub(crate) fn ring() -> KeyRing {
    let mut ring = KeyRing::empty();
    ring.merge(KeyFile::parse(&key_file()).unwrap()).unwrap();
    ring
}

fn levels(twice: bool) -> KeyLevels {
    if twice { KeyLevels::Two } else { KeyLevels::One }
}

/// The load host's keys.
pub(crate) fn load_keys() -> RingLoadKeys {
    let operators = OPERATORS
        .iter()
        .map(|(code, issuer, twice, _)| (issuer.parse().unwrap(), code.parse().unwrap(), levels(*twice)))
        .collect();
    RingLoadKeys { ring: ring(), operators }
}

/// What the `number`-th card of operator `of` is issued with; every second one counts differently.
pub(crate) fn issue(of: usize, number: u32) -> CardIssue {
    let (_, issuer, two_level_keys, algorithm) = OPERATORS[of];
    let convention = |odd| if odd { CounterConvention::After } else { CounterConvention::Before };
    CardIssue {
        scheme: if of == 0 && number % 4 == 3 { Scheme::Pboc } else { Scheme::TUnion },
        issuer: issuer.parse().unwrap(),
        serial: format!("0310{of}800{number:012}").parse::<Serial>().unwrap(),
        two_level_keys,
        key_version: 1,
        algorithm,
        start: BcdDate([0x20, 0x20, 0x01, 0x01]),
        expiry: BcdDate([0x20, 0x40, 0x12, 0x31]),
        category: CardCategory::Normal,
        is_interoperable: true,
        log_counter: convention(number % 2 == 1),
        prove_counter: convention(number / 2 % 2 == 1),
    }
}

/// A card with 50 yuan.
pub(crate) fn card(issue: &CardIssue) -> SimulatedCard {
    issue.make(&ring(), CardMemory::new(5_000, 7, 3), counting_randoms(1)).unwrap()
}

/// The PSAM of `terminal`.
pub(crate) fn psam(terminal: TerminalId, next: u32, advance: NumberAdvance) -> SimulatedPsam {
    let operators: Vec<(OperatorCode, KeyLevels)> =
        OPERATORS.iter().map(|(code, _, twice, _)| (code.parse().unwrap(), levels(*twice))).collect();
    let memory = PsamMemory { next_number: TerminalNumber(next) };
    SimulatedPsam::new(terminal, psam_keys(&ring(), &operators), memory, advance)
}

/// An opened PSAM.
pub(crate) fn open(psam: &mut SimulatedPsam) -> Psam<&mut SimulatedPsam> {
    Psam::open(psam).unwrap()
}

/// A terminal's configuration.
pub(crate) fn config(number: u32, sector: Sector) -> Config {
    Config {
        terminal: Identity {
            id: format!("65100000{number:04x}").parse().unwrap(),
            collector: format!("6510c000{number:04x}").parse().unwrap(),
            merchant: "BUS00001".parse().unwrap(),
            sector,
            home_city: "6510".to_owned(),
            timezone: "Asia/Shanghai".to_owned(),
        },
        place: Place { line: 56, vehicle_or_station: number, till: format!("T{number}"), ..Place::default() },
        rules: Rules::default(),
        packages: Packages::default(),
        centre: None,
    }
}

/// Makes a terminal's folder with its lists.
pub(crate) fn found(folder: &Path, config: &Config) {
    Terminal::init(folder, config).unwrap();
    fs::write(folder.join("seal.toml"), SEAL).unwrap();
    let mut registry = String::new();
    for (code, issuer, twice, _) in OPERATORS {
        writeln!(
            registry,
            "[[operator]]\ncode = \"{code}\"\nissuer_id = \"{issuer}\"\ntwo_level_keys = {twice}"
        )
        .unwrap();
        let list = tongclear_package::DenyList::new(
            code.parse().unwrap(),
            4,
            "2026-11-27T00:00:00".parse().unwrap(),
            vec![issue(0, 999).serial],
        );
        fs::write(folder.join(format!("lists/deny-{code}-4.txt")), list.unwrap().to_bytes()).unwrap();
    }
    fs::write(folder.join("lists/registry.toml"), registry).unwrap();
    let fares = "version = 1\nflat_fen = 200\n[percent]\nstudent = 50\nsenior = 0\n\
                 [[trip]]\nfrom = 1\nto = 2\nfen = 300\n";
    fs::write(folder.join("lists/fares.toml"), fares).unwrap();
}

/// Whether the card made this record's TAC.
pub(crate) fn is_genuine(record: &TransactionRecord) -> bool {
    let operator = OPERATORS.iter().find(|(_, issuer, ..)| issuer.parse() == Ok(record.issuer)).unwrap();
    let id = CardKeyId {
        key_use: KeyUse::Tac,
        operator: operator.0.parse().unwrap(),
        version: record.key_version,
        algorithm: Algorithm::from_record_byte(record.algorithm).unwrap(),
    };
    let key = ring().master(&id).unwrap().for_card(levels(operator.2), &record.card());
    verify_tac(&key, record).unwrap()
}
