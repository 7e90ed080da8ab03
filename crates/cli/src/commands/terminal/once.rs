//! `terminal purchase` and `terminal load`: one card, then the end.

use std::path::PathBuf;

use clap::Args;
use tongclear_card::Channel;
use tongclear_package::{BillingPeriod, CustomerAccount, SectorData, Utility};
use tongclear_terminal::{Asked, FileLoadHost, Outcome, Terminal};
use tongclear_types::Sector;

use super::run::{Slots, outcome_text};
use super::{Folder, keys, open};
use crate::exit::{CHECK_FAILED, CliError, DONE};
use crate::output::Output;
use crate::slots;

/// `terminal purchase`.
#[derive(Debug, Args)]
pub(crate) struct Purchase {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    slots: Slots,
    #[command(flatten)]
    bill: Bill,
}

/// What is paid for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Bill {
    /// Amount, fen; a bus takes its fare by itself
    #[arg(long, value_name = "FEN")]
    amount: Option<u32>,
    /// Through a metro gate, in
    #[arg(long, conflicts_with = "exit")]
    enter: bool,
    /// Through a metro gate, out
    #[arg(long)]
    exit: bool,
    /// Customer account of water, power or gas, at most 20 digits
    #[arg(long, value_name = "DIGITS")]
    account: Option<CustomerAccount>,
    /// Meter reading
    #[arg(long, value_name = "N", default_value_t = 0)]
    reading: u32,
    /// Billing period, YYYYMM; this month by default
    #[arg(long, value_name = "MONTH")]
    period: Option<BillingPeriod>,
}

impl Bill {
    /// What the terminal asks of a card, by its sector.
    pub(super) fn asked(&self, terminal: &Terminal) -> anyhow::Result<Asked> {
        let sector = terminal.config().terminal.sector;
        let amount = || {
            self.amount.ok_or_else(|| {
                CliError::Usage(format!("--amount is missing: a terminal of sector {sector} has no fares"))
            })
        };
        Ok(match sector {
            Sector::Bus => Asked::Ride,
            Sector::Metro if self.enter => Asked::Enter,
            Sector::Metro if self.exit => Asked::Exit,
            Sector::Metro => {
                return Err(CliError::Usage("a metro gate needs --enter or --exit".to_owned()).into());
            }
            Sector::Water | Sector::Power | Sector::Gas => {
                let missing =
                    || CliError::Usage(format!("--account is missing: sector {sector} bills a customer"));
                let period = self.period.unwrap_or_else(|| BillingPeriod::of(terminal.today()));
                let account = self.account.ok_or_else(missing)?;
                let utility = Utility { account, meter_reading: self.reading, billing_period: period };
                Asked::Pay { amount_fen: amount()?, data: SectorData::Utility(utility) }
            }
            Sector::Commerce => Asked::Pay { amount_fen: amount()?, data: terminal.config().place.till()? },
            Sector::Load | Sector::Sponsor => {
                let message =
                    format!("a terminal of sector {sector} takes no payments; `terminal load` gives loads");
                return Err(CliError::Usage(message).into());
            }
        })
    }
}

/// `terminal load`.
#[derive(Debug, Args)]
pub(crate) struct Load {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    slots: Slots,
    /// Amount, fen
    #[arg(long, value_name = "FEN")]
    amount: u32,
    /// Key file with the load masters: the library's load host answers
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// The load host's book; loads.json in the terminal's folder by default
    #[arg(long, value_name = "FILE")]
    book: Option<PathBuf>,
}

pub(super) fn purchase(options: &Purchase, output: &Output) -> anyhow::Result<u8> {
    let mut terminal = open(&options.folder.folder)?;
    let asked = options.bill.asked(&terminal)?;
    let mut psam = options.slots.psam()?;
    let card = slots::wait_for_card(&options.slots.reader)?;
    let outcome = terminal.present(&mut Channel::new(card), psam.as_mut(), &asked)?;
    told(&outcome, output)
}

pub(super) fn load(options: &Load, output: &Output) -> anyhow::Result<u8> {
    let mut terminal = open(&options.folder.folder)?;
    if terminal.config().terminal.sector != Sector::Load {
        let message = format!("a terminal of sector {} gives no loads", terminal.config().terminal.sector);
        return Err(CliError::Usage(message).into());
    }
    let book = options.book.clone().unwrap_or_else(|| options.folder.folder.join("loads.json"));
    let mut host = FileLoadHost::open(keys::load_keys(&options.keys, terminal.lists())?, &book)?;
    let card = slots::wait_for_card(&options.slots.reader)?;
    let outcome = terminal.load(&mut Channel::new(card), &mut host, options.amount)?;
    told(&outcome, output)
}

/// Prints an outcome; a card that was not let through is a failed check.
fn told(outcome: &Outcome, output: &Output) -> anyhow::Result<u8> {
    output.result(outcome, || outcome_text(outcome, output))?;
    Ok(if outcome.verdict.lets_through() { DONE } else { CHECK_FAILED })
}
