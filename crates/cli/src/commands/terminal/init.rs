//! `terminal init`.

use clap::Args;
use serde_json::json;
use tongclear_terminal::Terminal;
use tongclear_terminal::config::{Config, Identity, Packages, Place, Rules};
use tongclear_types::{CollectorId, MerchantCode, Sector, TerminalId};

use super::Folder;
use crate::exit::DONE;
use crate::output::Output;

/// Who the terminal is and where it stands; everything else is changed in terminal.toml.
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    folder: Folder,
    /// Terminal id, 12 hex digits, as its PSAM has it
    #[arg(long, value_name = "ID")]
    id: TerminalId,
    /// Collector id, 12 hex digits, in whose name packages are sealed
    #[arg(long, value_name = "ID")]
    collector: CollectorId,
    /// Merchant code
    #[arg(long, value_name = "CODE")]
    merchant: MerchantCode,
    /// bus, metro, water, power, gas, commerce or load
    #[arg(long, value_name = "SECTOR")]
    sector: Sector,
    /// City whose cards need not be interoperable, 4 hex digits
    #[arg(long, value_name = "CITY", default_value = "6510")]
    home_city: String,
    /// Line
    #[arg(long, value_name = "N", default_value_t = 0)]
    line: u16,
    /// Vehicle of a bus, station of the metro
    #[arg(long, value_name = "N", default_value_t = 0)]
    vehicle_or_station: u32,
    /// Direction of travel
    #[arg(long, value_name = "N", default_value_t = 0)]
    direction: u8,
    /// Driver of a bus, operator in the metro
    #[arg(long, value_name = "N", default_value_t = 0)]
    driver_or_operator: u32,
    /// Reference of the till, at most 16 characters
    #[arg(long, value_name = "TEXT", default_value = "")]
    till: String,
}

pub(super) fn run(options: &Init, output: &Output) -> anyhow::Result<u8> {
    let config = Config {
        terminal: Identity {
            id: options.id,
            collector: options.collector,
            merchant: options.merchant,
            sector: options.sector,
            home_city: options.home_city.clone(),
            timezone: "Asia/Shanghai".to_owned(),
        },
        place: Place {
            line: options.line,
            vehicle_or_station: options.vehicle_or_station,
            stop: 0,
            direction: options.direction,
            driver_or_operator: options.driver_or_operator,
            till: options.till.clone(),
        },
        rules: Rules::default(),
        packages: Packages::default(),
        centre: None,
    };
    let folder = &options.folder.folder;
    Terminal::init(folder, &config)?;
    let shown = folder.display().to_string();
    output.result(&json!({ "terminal": options.id, "folder": shown }), || {
        output.pick(
            format!("已建立终端 {}：{shown}。请放入 seal.toml 和 lists/", options.id),
            format!(
                "made terminal {} in {shown}; put seal.toml beside terminal.toml, and lists into lists/",
                options.id
            ),
        )
    })?;
    Ok(DONE)
}
