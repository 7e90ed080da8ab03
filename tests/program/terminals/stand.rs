//! A depot: terminals of all sectors with their PSAMs, the keys and the registry of a small city.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tongclear_card::simulated::{NumberAdvance, PsamMemory, RingLoadKeys, SimulatedPsam, psam_keys};
use tongclear_mac::{KeyFile, KeyLevels, KeyRing};
use tongclear_package::{DenyList, SectorData, Utility};
use tongclear_terminal::config::{Config, Identity, Packages, Place, Rules};
use tongclear_terminal::{Asked, Terminal};
use tongclear_types::{OperatorCode, Sector, SystemClock, TerminalNumber};

use super::cards::{OPERATORS, SharedPsam};

/// A terminal with its PSAM.
pub(super) struct Stand {
    pub(super) folder: PathBuf,
    pub(super) sector: Sector,
    pub(super) psam: SharedPsam,
    terminal: Option<Terminal>,
}

/// Merchants by their sector.
pub(super) const MERCHANTS: [(Sector, &str); 7] = [
    (Sector::Bus, "BUS00001"),
    (Sector::Metro, "METRO001"),
    (Sector::Water, "WATER001"),
    (Sector::Power, "POWER001"),
    (Sector::Gas, "GAS00001"),
    (Sector::Commerce, "SHOP0001"),
    (Sector::Load, "LOAD0001"),
];

/// Two of each of bus and metro, one of each other sector.
pub(super) const STANDS: [usize; 9] = [0, 0, 1, 1, 2, 3, 4, 5, 6];

/// The key file.
pub(super) fn key_file() -> String {
    let mut text = String::new();
    for (at, (code, _, _, algorithm)) in OPERATORS.iter().enumerate() {
        let name = if *algorithm == 4 { "sm4" } else { "des" };
        for (of, key_use) in ["tac", "purchase", "load", "maintenance"].iter().enumerate() {
            let master = format!("{at:02x}{of:02x}").repeat(8);
            writeln!(text, "[[{key_use}]]\noperator = \"{code}\"\nversion = 1\nalgorithm = \"{name}\"")
                .unwrap();
            writeln!(text, "master = \"{master}\"\n").unwrap();
        }
    }
    text + &seal_file()
}

fn seal_file() -> String {
    format!("[[seal]]\nversion = 1\nalgorithm = \"hmac-sha256\"\nmaster = \"{}\"\n", "07".repeat(32))
}

/// The keys.
pub(super) fn ring() -> KeyRing {
    let mut ring = KeyRing::empty();
    ring.merge(KeyFile::parse(&key_file()).unwrap()).unwrap();
    ring
}

fn levels(twice: bool) -> KeyLevels {
    if twice { KeyLevels::Two } else { KeyLevels::One }
}

/// The load host's keys.
pub(super) fn load_keys() -> RingLoadKeys {
    let operators = OPERATORS
        .iter()
        .map(|(code, issuer, twice, _)| (issuer.parse().unwrap(), code.parse().unwrap(), levels(*twice)))
        .collect();
    RingLoadKeys { ring: ring(), operators }
}

/// The registry's card operators.
fn operators() -> String {
    let mut text = String::new();
    for (code, issuer, twice, _) in OPERATORS {
        writeln!(text, "[[operator]]\ncode = \"{code}\"\nissuer_id = \"{issuer}\"\nname = \"{code}\"")
            .unwrap();
        writeln!(text, "two_level_keys = {twice}\n").unwrap();
    }
    text
}

fn terminal_id(number: usize) -> String {
    format!("65100000{number:04x}")
}

fn collector_id(number: usize) -> String {
    format!("6510c000{number:04x}")
}

/// Writes `registry/` and `keys.toml` of the centre.
pub(super) fn found_city(city: &Path) {
    let mut registry = "[centre]\ncode = \"CDT\"\ntimezone = \"Asia/Shanghai\"\nmax_age_days = 30\n\
                        deny_grace_hours = 24\ncard_partitions = 4\n\n"
        .to_owned();
    registry += &operators();
    let mut terminals = "id,merchant,collector,from,until\n".to_owned();
    for (sector, merchant) in MERCHANTS {
        writeln!(
            registry,
            "[[merchant]]\ncode = \"{merchant}\"\nsector = \"{sector}\"\nname = \"{merchant}\"\n"
        )
        .unwrap();
        writeln!(
            registry,
            "[[contract]]\nmerchant = \"{merchant}\"\noperator = \"*\"\nfrom = \"2026-01-01\""
        )
        .unwrap();
        writeln!(
            registry,
            "rate = \"0.0060\"\nfixed_fen = \"0\"\nlevel = \"transaction\"\nrounding = \"half_up\""
        )
        .unwrap();
        writeln!(registry, "amount_limit_fen = 100000\ncycle = \"T+1\"\n").unwrap();
    }
    for (number, merchant) in STANDS.iter().map(|at| MERCHANTS[*at].1).enumerate() {
        let (terminal, collector) = (terminal_id(number), collector_id(number));
        writeln!(registry, "[[collector]]\nid = \"{collector}\"\nmerchant = \"{merchant}\"\n").unwrap();
        writeln!(terminals, "{terminal},{merchant},{collector},2026-01-01,").unwrap();
    }
    fs::create_dir_all(city.join("registry")).unwrap();
    fs::write(city.join("registry/registry.toml"), registry).unwrap();
    fs::write(city.join("registry/terminals.csv"), terminals).unwrap();
    fs::write(city.join("keys.toml"), key_file()).unwrap();
    fs::create_dir_all(city.join("lists")).unwrap();
}

impl Stand {
    /// Makes the `number`-th terminal below `folder`.
    pub(super) fn found(folder: &Path, number: usize) -> Self {
        let (sector, merchant) = MERCHANTS[STANDS[number]];
        let folder = folder.join(format!("terminal-{number}"));
        let config = Config {
            terminal: Identity {
                id: terminal_id(number).parse().unwrap(),
                collector: collector_id(number).parse().unwrap(),
                merchant: merchant.parse().unwrap(),
                sector,
                home_city: "6510".to_owned(),
                timezone: "Asia/Shanghai".to_owned(),
            },
            place: Place {
                line: 56,
                vehicle_or_station: u32::try_from(number).unwrap(),
                till: format!("TILL{number}"),
                ..Place::default()
            },
            rules: Rules::default(),
            packages: Packages { records_max: 25, ..Packages::default() },
            centre: None,
        };
        Terminal::init(&folder, &config).unwrap();
        fs::write(folder.join("seal.toml"), seal_file()).unwrap();
        fs::write(folder.join("lists/registry.toml"), operators()).unwrap();
        let fares = "version = 1\nflat_fen = 200\n[percent]\nstudent = 50\n[[trip]]\nfrom = 2\nto = 3\nfen = 300\n\
                     [[trip]]\nfrom = 2\nto = 2\nfen = 100\n[[trip]]\nfrom = 3\nto = 3\nfen = 100\n";
        fs::write(folder.join("lists/fares.toml"), fares).unwrap();
        for (code, ..) in OPERATORS {
            let list =
                DenyList::new(code.parse().unwrap(), 1, "2026-01-01T00:00:00".parse().unwrap(), vec![]);
            fs::write(folder.join(format!("lists/deny-{code}-1.txt")), list.unwrap().to_bytes()).unwrap();
        }
        let of_psam: Vec<(OperatorCode, KeyLevels)> =
            OPERATORS.iter().map(|(code, _, twice, _)| (code.parse().unwrap(), levels(*twice))).collect();
        let memory = PsamMemory { next_number: TerminalNumber(1) };
        let psam = SimulatedPsam::new(
            config.terminal.id,
            psam_keys(&ring(), &of_psam),
            memory,
            NumberAdvance::AnyMac2,
        );
        Self { folder, sector, psam: SharedPsam(Arc::new(Mutex::new(psam))), terminal: None }
    }

    /// The terminal, opened where it is not.
    pub(super) fn terminal(&mut self) -> &mut Terminal {
        let folder = &self.folder;
        self.terminal.get_or_insert_with(|| Terminal::open(folder, Arc::new(SystemClock)).unwrap())
    }

    /// Lets go of the folder, for another program.
    pub(super) fn close(&mut self) {
        self.terminal = None;
    }

    /// What this terminal asks of a card; a gate lets in those who are out.
    pub(super) fn asks(&mut self, is_in: bool, amount_fen: u32) -> Asked {
        match self.sector {
            Sector::Bus => Asked::Ride,
            Sector::Metro if is_in => Asked::Exit,
            Sector::Metro => Asked::Enter,
            Sector::Water | Sector::Power | Sector::Gas => {
                let utility = Utility {
                    account: "12345678".parse().unwrap(),
                    meter_reading: 1_024,
                    billing_period: "202611".parse().unwrap(),
                };
                Asked::Pay { amount_fen, data: SectorData::Utility(utility) }
            }
            _ => Asked::Pay { amount_fen, data: self.terminal().config().place.till().unwrap() },
        }
    }
}
