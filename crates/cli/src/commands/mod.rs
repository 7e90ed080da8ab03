//! The commands, one file a noun.

pub(crate) mod audit;
mod backup;
pub(crate) mod ca;
pub(crate) mod card;
pub(crate) mod check;
pub(crate) mod conformance;
pub(crate) mod continuity;
mod denylist;
pub(crate) mod dispute;
mod export;
mod intake;
mod keys;
pub(crate) mod layout;
pub(crate) mod ledger;
mod night;
pub(crate) mod payout;
pub(crate) mod proposal;
mod quarantine;
pub(crate) mod reader;
pub(crate) mod reconcile;
mod registry;
pub(crate) mod result;
pub(crate) mod serve;
mod settlement;
mod simulate;
pub(crate) mod statement;
pub(crate) mod terminal;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod virtual_bank;
pub(crate) mod virtual_card;
pub(crate) mod webhook;
pub(crate) mod what_if;
pub(crate) mod why;
mod window;

use serde_json::json;
use tongclear_engine::WORKERS_MAX;

use crate::args::{Arguments, Command};
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

/// Runs the command and returns its exit code.
pub(crate) async fn run(arguments: Arguments, output: &Output) -> anyhow::Result<u8> {
    let global = &arguments.global;
    match arguments.command {
        Command::Init => init(global, output).await,
        Command::Registry(command) => registry::run(command, global, output).await,
        Command::Keys(command) => keys::run(command, global, output).await,
        Command::Denylist(command) => denylist::run(command, global, output).await,
        Command::Simulate(options) => simulate::run(options, global, output).await,
        Command::Intake { paths } => intake::run(&paths, global, output).await,
        Command::Night { date, effort } => night::run(date, effort.effort()?, global, output).await,
        Command::Window(command) => window::run(command, global, output).await,
        Command::Clear { window, effort } => window::clear(window, effort.effort()?, global, output).await,
        Command::Settle { window } => window::settle(window, global, output).await,
        Command::Quarantine(command) => quarantine::run(command, global, output).await,
        Command::Settlement(command) => settlement::run(command, global, output).await,
        Command::Statement(options) => statement::run(options, global, output).await,
        Command::Month(options) => statement::month(options, global, output).await,
        Command::Reconcile(options) => reconcile::run(options, global, output).await,
        Command::Dispute(command) => dispute::run(command, global, output).await,
        Command::Check(arguments) => check::run(arguments, global, output).await,
        Command::Backup { out } => backup::backup(&out, global, output).await,
        Command::Restore { from } => backup::restore(&from, global, output).await,
        Command::MigrateStore { to } => backup::migrate(to, global, output).await,
        Command::Audit(command) => audit::run(command, global, output).await,
        Command::Serve(options) => serve::run(options, global, output).await,
        Command::Ca(command) => ca::run(command, global, output).await,
        Command::User(command) => user::run(command, global, output).await,
        Command::Token(command) => token::run(command, global, output).await,
        Command::Proposal(command) => proposal::run(command, global, output).await,
        Command::Webhook(command) => webhook::run(command, global, output).await,
        Command::Conformance(options) => conformance::run(&options, output),
        Command::Layout(command) => layout::run(&command, output),
        Command::VerifyStatement(options) => verify::run(&options, output),
        Command::Continuity(options) => continuity::items(options, global, output).await,
        Command::Devices(options) => continuity::devices(options, global, output).await,
        Command::Result(command) => result::run(command, global, output).await,
        Command::Ledger(command) => ledger::run(command, global, output).await,
        Command::WhatIf(options) => what_if::run(options, global, output).await,
        Command::Why(asked) => why::run(asked, global, output).await,
        Command::Payout(command) => payout::run(command, global, output).await,
        Command::VirtualBank(options) => virtual_bank::run(&options, output),
        Command::Card(command) => card::run(&command, output),
        Command::Reader(command) => reader::run(&command, output),
        // Readers make the caller wait; the runtime keeps its threads for the rest.
        Command::Terminal(command) => tokio::task::block_in_place(|| terminal::run(command, output)),
        Command::VirtualCard(command) => virtual_card::run(command, output).await,
        Command::VirtualPsam(options) => virtual_card::psam(options, output).await,
        Command::Export { window, out, format } => export::run(window, &out, format, global, output).await,
    }
}

async fn init(global: &crate::args::Global, output: &Output) -> anyhow::Result<u8> {
    let fresh = open::init(global).await?;
    let data = global.data.display().to_string();
    output.result(&json!({ "data": data, "created": fresh }), || {
        if fresh {
            output.pick(format!("已初始化 {data}"), format!("made {data}: database and vault"))
        } else {
            output
                .pick(format!("{data} 已存在，未作更改"), format!("{data} is there already; nothing changed"))
        }
    })?;
    Ok(DONE)
}

/// The number of threads of a run: what was asked for, or one a core.
pub(crate) fn threads(asked: Option<usize>) -> Result<usize, CliError> {
    match asked {
        Some(workers) if (1..=WORKERS_MAX).contains(&workers) => Ok(workers),
        Some(workers) => Err(CliError::Usage(format!("--workers is {workers}: expected 1 to {WORKERS_MAX}"))),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX)),
    }
}
