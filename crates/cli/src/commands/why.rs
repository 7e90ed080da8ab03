//! `why`: one transaction, from any handle.

use std::str::FromStr;

use clap::{ArgGroup, Args, ValueEnum};
use tongclear_engine::{EngineError, why};
use tongclear_life::{Handle, Issuer, Life};
use tongclear_report::{life_text, not_found_text};
use tongclear_types::{
    BusinessDate, Chain, CollectorId, IdError, PackageSequence, Serial, TerminalId, TerminalNumber,
};

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

/// What the help ends with.
pub(crate) const EXAMPLES: &str = "\
With a passphrase the TAC is computed again; without, what the run found is believed. Records of windows that are not \
cleared yet are found by --terminal and --package only. Exit code 3 when nothing is found, 4 when the rules give \
something else than what is stored.

Example · 示例:
  tongclear why --card 04176510ffffffff:00000000000000001234 --counter 17
  tongclear why --card 00000000000000001234 --counter 3 --chain load --window 2026-11-23
  tongclear why --terminal 651000000123 --number 45
  tongclear why --package 6510000000f1-0000000003.ctp --row 17 --json";

/// Exactly one of three handles.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("handle").required(true).args(["card", "terminal", "package"])))]
pub(crate) struct Why {
    /// Card: ISSUER:SERIAL, with issuer id or operator code, or SERIAL of any registered operator · 卡
    #[arg(long, value_name = "CARD", requires = "counter")]
    card: Option<Card>,
    /// Its counter, as the record has it · 卡计数器
    #[arg(long, value_name = "N", requires = "card")]
    counter: Option<u16>,
    /// Of which chain; both when it is left out · 计数器链
    #[arg(long, value_enum, requires = "card")]
    chain: Option<ChainName>,
    /// Terminal · 终端
    #[arg(long, value_name = "ID", requires = "number")]
    terminal: Option<TerminalId>,
    /// Its transaction number · 终端交易序号
    #[arg(long, value_name = "N", requires = "terminal")]
    number: Option<u32>,
    /// Package: COLLECTOR-SEQUENCE, or the name of its file · 交易包
    #[arg(long, value_name = "PACKAGE", requires = "row")]
    package: Option<Package>,
    /// Row in it, from 0 · 行
    #[arg(long, value_name = "R", requires = "package")]
    row: Option<u32>,
    /// Only this window · 仅此窗口
    #[arg(long, value_name = "DATE")]
    window: Option<BusinessDate>,
}

/// The counter chains of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ChainName {
    /// Purchases, by the offline counter
    Purchase,
    /// Loads, by the online counter
    Load,
}

/// A card as the caller names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Card {
    issuer: Issuer,
    serial: Serial,
}

impl FromStr for Card {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let Some((issuer, serial)) = text.split_once(':') else {
            return Ok(Self { issuer: Issuer::Any, serial: text.parse()? });
        };
        let issuer =
            issuer.parse().map(Issuer::Operator).or_else(|_: IdError| issuer.parse().map(Issuer::Id))?;
        Ok(Self { issuer, serial: serial.parse()? })
    }
}

/// A package as the caller names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Package {
    collector: CollectorId,
    sequence: PackageSequence,
}

impl FromStr for Package {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.strip_suffix(".ctp").unwrap_or(text);
        let parts = name.split_once('-');
        let package = parts.and_then(|(collector, sequence)| {
            let digits = !sequence.is_empty() && sequence.bytes().all(|byte| byte.is_ascii_digit());
            let sequence = sequence.parse().ok().filter(|_| digits).map(PackageSequence)?;
            Some(Self { collector: collector.parse().ok()?, sequence })
        });
        package.ok_or_else(|| {
            format!("{text:?} is not a package such as 6510000000f1-3 or 6510000000f1-0000000003.ctp")
        })
    }
}

impl Why {
    /// The one handle that was given; the parser has seen to it that there is one and that it is whole.
    fn handle(&self) -> Option<Handle> {
        let card = self.card.zip(self.counter).map(|(card, counter)| Handle::Card {
            issuer: card.issuer,
            serial: card.serial,
            counter,
            chain: self.chain.map(|chain| match chain {
                ChainName::Purchase => Chain::Purchase,
                ChainName::Load => Chain::Load,
            }),
        });
        let terminal = self
            .terminal
            .zip(self.number)
            .map(|(terminal, number)| Handle::Terminal { terminal, number: TerminalNumber(number) });
        let package = self.package.zip(self.row).map(|(package, row)| Handle::Package {
            collector: package.collector,
            sequence: package.sequence,
            row,
        });
        card.or(terminal).or(package)
    }
}

pub(crate) async fn run(asked: Why, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let handle = asked.handle();
    let handle = handle.ok_or_else(|| CliError::Usage("name a card, a terminal or a package".into()))?;
    let centre = open::centre(global).await?;
    let passphrase = open::passphrase_if_given(global)?;
    let answer = why(&centre, handle, asked.window, passphrase.as_ref()).await?;
    if answer.lives.is_empty() {
        if global.json {
            output.result(&answer, String::new)?;
        }
        return Err(CliError::Refused(not_found_text(&answer, output.lang())).into());
    }
    output.result(&answer, || life_text(&answer, output.lang()))?;
    if answer.lives.iter().any(Life::contradicts) {
        let loud = "the rules give another disposition than the run stored; run `tongclear check`";
        return Err(EngineError::CheckFailed(loud.to_owned()).into());
    }
    Ok(DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_named_with_or_without_its_operator() {
        let serial: Serial = "00000000000000001234".parse().unwrap();
        for (text, issuer) in [
            ("00000000000000001234", Some(Issuer::Any)),
            ("0417:00000000000000001234", Some(Issuer::Operator("0417".parse().unwrap()))),
            ("04176510FFFFFFFF:00000000000000001234", Some(Issuer::Id("04176510ffffffff".parse().unwrap()))),
            ("0417:1234", None),
            (":00000000000000001234", None),
            ("041:00000000000000001234", None),
            ("", None),
        ] {
            let card = text.parse::<Card>().ok();
            assert_eq!(card, issuer.map(|issuer| Card { issuer, serial }), "{text}");
        }
    }

    #[test]
    fn a_package_is_named_as_its_file_is() {
        let package = Package { collector: "6510000000f1".parse().unwrap(), sequence: PackageSequence(3) };
        for (text, named) in [
            ("6510000000f1-3", true),
            ("6510000000f1-0000000003", true),
            ("6510000000f1-0000000003.ctp", true),
            ("6510000000F1-3", true),
            ("6510000000f1-+3", false),
            ("6510000000f1-", false),
            ("6510000000f1", false),
            ("6510000000f1-4294967296", false),
        ] {
            assert_eq!(text.parse::<Package>().ok(), named.then_some(package), "{text}");
        }
    }
}
