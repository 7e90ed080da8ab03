//! `terminal.toml`: who the terminal is, where it stands, and what it does when something is missing.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tongclear_package::{Ride, SectorData, TillReference};
use tongclear_types::{BcdDate, BcdTime, CollectorId, MerchantCode, Sector, TerminalId};

use crate::TerminalError;

/// The file's name in a terminal's folder.
pub const CONFIG_FILE: &str = "terminal.toml";

/// All of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who the terminal is.
    pub terminal: Identity,
    /// Where it stands.
    #[serde(default)]
    pub place: Place,
    /// What it does when something is missing.
    #[serde(default)]
    pub rules: Rules,
    /// How packages are made.
    #[serde(default)]
    pub packages: Packages,
    /// How the centre is reached; none when packages are carried by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<Centre>,
}

/// Who the terminal is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Its id; a PSAM must have the same.
    pub id: TerminalId,
    /// In whose name packages are sealed.
    pub collector: CollectorId,
    /// Whose money it takes.
    pub merchant: MerchantCode,
    /// What kind of business.
    pub sector: Sector,
    /// The city whose cards need not be interoperable, as bytes 2 and 3 of an issuer id.
    pub home_city: String,
    /// The zone of its clock.
    #[serde(default = "shanghai")]
    pub timezone: String,
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}

/// Where the terminal stands, for sector data; what does not apply is 0 or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    /// Line.
    pub line: u16,
    /// Vehicle on a bus, station in the metro.
    pub vehicle_or_station: u32,
    /// Where the vehicle is, as a number of the line's stops; changes while driving.
    pub stop: u16,
    /// Direction of travel.
    pub direction: u8,
    /// Driver on a bus, operator in the metro.
    pub driver_or_operator: u32,
    /// The till of a shop or load agent.
    pub till: String,
}

impl Place {
    /// Sector data of a ride that began now.
    #[must_use]
    pub const fn ride(&self, entry: Option<(BcdDate, BcdTime)>) -> SectorData {
        let (entry_date, entry_time) = match entry {
            Some(entry) => entry,
            None => (BcdDate([0; 4]), BcdTime([0; 3])),
        };
        SectorData::Ride(Ride {
            line: self.line,
            vehicle_or_station: self.vehicle_or_station,
            boarding_stop: self.stop,
            direction: self.direction,
            driver_or_operator: self.driver_or_operator,
            entry_date,
            entry_time,
        })
    }

    /// Sector data of a till.
    ///
    /// # Errors
    /// A till reference of more than 16 characters or with others than ASCII.
    pub fn till(&self) -> Result<SectorData, TerminalError> {
        let mut bytes = [0; 16];
        let text = self.till.as_bytes();
        let refused =
            || TerminalError::Refused(format!("till {:?} is not at most 16 ASCII characters", self.till));
        bytes.get_mut(..text.len()).ok_or_else(refused)?.copy_from_slice(text);
        TillReference::from_bytes(bytes).map(SectorData::Till).map_err(|_| refused())
    }
}

/// What the terminal does about a card although something is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degraded {
    /// Take no money.
    Refuse,
    /// Take it, and mark the record as made in a degraded mode.
    Mark,
}

/// What the terminal does without a PSAM: no debit is possible then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutPsam {
    /// Let nobody through.
    Refuse,
    /// Let riders through for nothing, and journal how many.
    LetThrough,
}

/// What the terminal does when something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// No PSAM, or one that does not answer.
    pub psam_missing: WithoutPsam,
    /// The clock is behind something that the terminal has seen.
    pub clock_wrong: Degraded,
    /// A card operator's deny list is missing or older than `deny_list_days_max`.
    pub list_too_old: Degraded,
    /// Days after its effective date.
    pub deny_list_days_max: u16,
    /// A torn debit that is proven within so many seconds is this ride's; after that it is an earlier one's.
    pub same_tap_seconds: u32,
    /// Whether test cards are taken; never in service.
    pub takes_test_cards: bool,
    /// Whether cards on the deny list are locked.
    pub locks_denied_cards: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            psam_missing: WithoutPsam::Refuse,
            clock_wrong: Degraded::Refuse,
            list_too_old: Degraded::Mark,
            deny_list_days_max: 7,
            same_tap_seconds: 300,
            takes_test_cards: false,
            locks_denied_cards: true,
        }
    }
}

/// How packages are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Packages {
    /// A package is sealed when so many records wait.
    pub records_max: u32,
    /// A package is sealed when the oldest record waits so long.
    pub minutes_max: u32,
    /// A package stays so many days after the centre said what became of each record.
    pub keep_days: u32,
    /// Version of the seal master.
    pub seal_version: u32,
    /// The key file (`keys.toml`, `[[seal]]`) with the seal master; relative to the terminal's folder.
    pub seal_file: PathBuf,
}

impl Default for Packages {
    fn default() -> Self {
        Self {
            records_max: 500,
            minutes_max: 60,
            keep_days: 30,
            seal_version: 1,
            seal_file: PathBuf::from("seal.toml"),
        }
    }
}

/// How the centre is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Centre {
    /// Through a folder that somebody else carries: packages go to `out/`, results and lists come from `in/`.
    Folder(PathBuf),
    /// Over the centre's API with a certificate.
    Api {
        /// `https://host:port`.
        url: String,
        /// The centre's root certificate, PEM.
        root: PathBuf,
        /// The collector's certificate, PEM.
        certificate: PathBuf,
        /// Its key, PEM.
        key: PathBuf,
    },
}

impl Config {
    /// Reads `terminal.toml` of `folder`.
    ///
    /// # Errors
    /// No such file, or one that says something else than it should: line, field and value are in the message.
    pub fn read(folder: &Path) -> Result<Self, TerminalError> {
        let path = folder.join(CONFIG_FILE);
        let text = fs::read_to_string(&path).map_err(TerminalError::io(&path))?;
        let config: Self = toml::from_str(&text)
            .map_err(|error| TerminalError::Config { path: path.clone(), message: error.to_string() })?;
        config.check().map_err(|message| TerminalError::Config { path, message })?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        self.home_city()?;
        if self.terminal.sector == Sector::Sponsor {
            return Err("sector is sponsor, which has no terminals".to_owned());
        }
        if !(1..=tongclear_package::RECORDS_MAX).contains(&self.packages.records_max) {
            return Err(format!(
                "packages.records_max is {}, expected 1 to {}",
                self.packages.records_max,
                tongclear_package::RECORDS_MAX
            ));
        }
        Ok(())
    }

    /// The city whose cards need not be interoperable.
    ///
    /// # Errors
    /// Not 4 hex digits.
    pub fn home_city(&self) -> Result<[u8; 2], String> {
        let mut city = [0; 2];
        hex::decode_to_slice(&self.terminal.home_city, &mut city)
            .map_err(|_| format!("home_city is {:?}, expected 4 hex digits", self.terminal.home_city))?;
        Ok(city)
    }
}
