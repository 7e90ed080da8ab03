//! `virtual-card` and `virtual-psam`: cards in software for pcscd's virtual reader (Debian's vsmartcard-vpcd).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;
use tongclear_card::TransportError;
use tongclear_card::file::CardCategory;
use tongclear_card::flow::Scheme;
use tongclear_card::simulated::{
    CardFile, CardIssue, CardMemory, CounterConvention, NumberAdvance, PsamMemory, SimulatedCard,
    SimulatedPsam, Tear, TearPoint, counting_randoms, psam_keys,
};
use tongclear_mac::{KeyLevels, KeyRing};
use tongclear_reader::{Inserted, VIRTUAL_PORTS, VirtualCard};
use tongclear_types::{BcdDate, IssuerId, OperatorCode, Serial, TerminalId, TerminalNumber};

use super::terminal::keys;
use crate::exit::{CliError, DONE};
use crate::out_file::OutFile;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum VirtualCardCommand {
    /// Issue a card into a file · 发虚拟卡
    #[command(
        after_help = "Example · 示例:\n  tongclear virtual-card issue --card card.json --issuer 04176510FFFFFFFF \
        --serial 03104780010000000007 --two-level-keys --balance 5000"
    )]
    Issue(Issue),
    /// Put a card into the virtual reader until Ctrl-C · 插卡
    #[command(
        after_help = "Needs pcscd and vsmartcard-vpcd. What the card holds is written back to its file before each answer.\n\n\
        Example · 示例:\n  tongclear virtual-card insert --card card.json --keys city/keys.toml\n  tongclear virtual-card insert \
        --card card.json --keys city/keys.toml --tear after --seconds 5"
    )]
    Insert(Insert),
}

/// What the card is issued with.
#[derive(Debug, Args)]
pub(crate) struct Issue {
    /// The card's file
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// First 8 bytes of file 15, 16 hex digits
    #[arg(long, value_name = "HEX", default_value = "04176510FFFFFFFF")]
    issuer: IssuerId,
    /// Application serial, 20 digits
    #[arg(long, value_name = "DIGITS")]
    serial: Serial,
    /// TUnion, CityUnion or PBOC
    #[arg(long, value_name = "SCHEME", default_value = "TUnion")]
    scheme: String,
    /// Keys are diversified by issuer and serial, not by serial alone
    #[arg(long)]
    two_level_keys: bool,
    /// Version of its keys
    #[arg(long, value_name = "N", default_value_t = 1)]
    key_version: u8,
    /// Algorithm byte: 0 and 1 DES, 4 SM4
    #[arg(long, value_name = "N", default_value_t = 0)]
    algorithm: u8,
    /// Fen on the purse
    #[arg(long, value_name = "FEN", default_value_t = 5_000)]
    balance: u32,
    /// normal, student, senior, test or military
    #[arg(long, value_name = "CATEGORY", default_value = "normal")]
    category: String,
    /// GET TRANSACTION PROVE wants the counter after the transaction
    #[arg(long)]
    prove_after: bool,
}

/// Which card, and what happens to it.
#[derive(Debug, Args)]
pub(crate) struct Insert {
    /// The card's file
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// Key file with the operator's purchase, load, TAC and maintenance masters
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// Port of the virtual slot
    #[arg(long, value_name = "PORT", default_value_t = VIRTUAL_PORTS[0])]
    port: u16,
    /// Leave the slot after so many seconds
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Tear the card out at the next debit, or credit
    #[arg(long, value_enum, value_name = "POINT")]
    tear: Option<Point>,
    /// The tear comes at the next credit, not at the next debit
    #[arg(long, requires = "tear")]
    at_credit: bool,
}

/// How far the card comes before it leaves.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Point {
    /// The command does not reach it
    Before,
    /// It is at work, nothing is written yet
    Unwritten,
    /// It is at work, everything is written
    Written,
    /// It has answered, and the answer is lost
    After,
}

/// `virtual-psam`.
#[derive(Debug, Args)]
pub(crate) struct VirtualPsam {
    /// Terminal id that the PSAM was issued with, 12 hex digits
    #[arg(long, value_name = "ID")]
    terminal_id: TerminalId,
    /// Key file with the operators' purchase and maintenance masters
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// registry.toml with the card operators
    #[arg(long, value_name = "FILE")]
    registry: PathBuf,
    /// The PSAM's file, where its transaction number is kept
    #[arg(long, value_name = "FILE")]
    psam: PathBuf,
    /// Port of the virtual slot
    #[arg(long, value_name = "PORT", default_value_t = VIRTUAL_PORTS[1])]
    port: u16,
    /// Leave the slot after so many seconds
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
}

impl VirtualCardCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Issue(_) => "virtual-card issue",
            Self::Insert(_) => "virtual-card insert",
        }
    }
}

/// Instruction bytes of DEBIT FOR PURCHASE and CREDIT FOR LOAD.
const DEBIT: u8 = 0x54;
const CREDIT: u8 = 0x52;

/// Reads a JSON file that the caller named.
fn read<A: serde::de::DeserializeOwned>(path: &Path) -> Result<A, CliError> {
    let text = fs::read_to_string(path).map_err(|error| CliError::reading(path, error))?;
    serde_json::from_str(&text).map_err(|error| CliError::Refused(format!("{}: {error}", path.display())))
}

/// Writes a JSON file whole or not at all.
fn write(path: &Path, value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| CliError::Refused(error.to_string()))?;
    let mut out = OutFile::create(path)?;
    let fault = |reason| CliError::Disk { doing: "writing", path: path.display().to_string(), reason };
    out.file().write_all(&text).map_err(fault)?;
    out.finish()
}

pub(crate) async fn run(command: VirtualCardCommand, output: &Output) -> anyhow::Result<u8> {
    match command {
        VirtualCardCommand::Issue(options) => issue(&options, output),
        VirtualCardCommand::Insert(options) => insert(options, output).await,
    }
}

fn issue(options: &Issue, output: &Output) -> anyhow::Result<u8> {
    let usage = |what: &str, value: &str, expected: &str| {
        CliError::Usage(format!("{what} is {value:?}, expected {expected}"))
    };
    let scheme = Scheme::from_name(&options.scheme)
        .ok_or_else(|| usage("--scheme", &options.scheme, "TUnion, CityUnion or PBOC"))?;
    let category = CardCategory::from_name(&options.category)
        .ok_or_else(|| usage("--category", &options.category, "normal, student, senior, test or military"))?;
    let convention = if options.prove_after { CounterConvention::After } else { CounterConvention::Before };
    let file = CardFile {
        issue: CardIssue {
            scheme,
            issuer: options.issuer,
            serial: options.serial,
            two_level_keys: options.two_level_keys,
            key_version: options.key_version,
            algorithm: options.algorithm,
            start: BcdDate([0x20, 0x20, 0x01, 0x01]),
            expiry: BcdDate([0x20, 0x40, 0x12, 0x31]),
            category,
            is_interoperable: true,
            log_counter: convention,
            prove_counter: convention,
        },
        memory: CardMemory::new(options.balance, 0, 0),
    };
    write(&options.card, &file)?;
    let shown = options.card.display().to_string();
    output.result(
        &json!({ "card": shown, "serial": options.serial, "balance_fen": options.balance }),
        || {
            output.pick(
                format!("已发卡 {}：{shown}", options.serial),
                format!("issued card {} into {shown}", options.serial),
            )
        },
    )?;
    Ok(DONE)
}

/// A virtual card that writes what it holds to its file before it answers.
struct Kept<C, S> {
    card: C,
    path: PathBuf,
    save: S,
}

impl<C: VirtualCard, S: FnMut(&C, &Path) -> Result<(), CliError> + Send + 'static> VirtualCard
    for Kept<C, S>
{
    fn power_on(&mut self) {
        self.card.power_on();
    }

    fn power_off(&mut self) {
        self.card.power_off();
    }

    fn execute(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let answer = self.card.execute(command);
        (self.save)(&self.card, &self.path).map_err(|error| TransportError::Fault(error.to_string()))?;
        answer
    }
}

async fn insert(options: Insert, output: &Output) -> anyhow::Result<u8> {
    let file: CardFile = read(&options.card)?;
    let ring = keys::ring(&options.keys)?;
    let mut card = make(&file, &ring)?;
    if let Some(point) = options.tear {
        let point = match point {
            Point::Before => TearPoint::Before,
            Point::Unwritten => TearPoint::DuringUnwritten,
            Point::Written => TearPoint::DuringWritten,
            Point::After => TearPoint::After,
        };
        let instruction = if options.at_credit { CREDIT } else { DEBIT };
        card.tear_at(Tear { instruction: Some(instruction), point });
    }
    let issue = file.issue;
    let mut last = file.memory;
    let save = move |card: &SimulatedCard, path: &Path| {
        if *card.memory() == last {
            return Ok(());
        }
        last = card.memory().clone();
        write(path, &CardFile { issue: issue.clone(), memory: last.clone() })
    };
    hold(Kept { card, path: options.card, save }, options.port, options.seconds, output).await
}

fn make(file: &CardFile, ring: &KeyRing) -> Result<SimulatedCard, CliError> {
    // A card's randoms must differ from one insertion to the next, or a MAC could be replayed.
    let seed = u32::from(file.memory.offline_counter) << 16 | u32::from(file.memory.online_counter);
    let made = file.issue.make(ring, file.memory.clone(), counting_randoms(seed));
    made.map_err(|error| CliError::Refused(error.to_string()))
}

pub(crate) async fn psam(options: VirtualPsam, output: &Output) -> anyhow::Result<u8> {
    let memory: PsamMemory = if options.psam.exists() {
        read(&options.psam)?
    } else {
        PsamMemory { next_number: TerminalNumber(1) }
    };
    let ring = keys::ring(&options.keys)?;
    let lists = keys::lists(&options.registry)?;
    let operators: Vec<(OperatorCode, KeyLevels)> =
        keys::operators(&lists).into_iter().map(|(_, code, levels)| (code, levels)).collect();
    let psam =
        SimulatedPsam::new(options.terminal_id, psam_keys(&ring, &operators), memory, NumberAdvance::AnyMac2);
    let mut last = memory;
    let save = move |psam: &SimulatedPsam, path: &Path| {
        if psam.memory() == last {
            return Ok(());
        }
        last = psam.memory();
        write(path, &last)
    };
    hold(Kept { card: psam, path: options.psam, save }, options.port, options.seconds, output).await
}

/// Keeps the card in its slot until it is torn out, the time is over, or Ctrl-C.
async fn hold<C: VirtualCard>(
    card: C,
    port: u16,
    seconds: Option<u64>,
    output: &Output,
) -> anyhow::Result<u8> {
    let inserted = Inserted::insert(card, port).map_err(|(_, error)| CliError::Disk {
        doing: "connecting to the virtual reader of pcscd (apt-get install pcscd vsmartcard-vpcd) at",
        path: format!("port {port}"),
        reason: error,
    })?;
    output.say("已插入，按 Ctrl-C 取出", "inserted; Ctrl-C takes it out");
    let over = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let fault =
        |reason| CliError::Disk { doing: "removing the card at", path: format!("port {port}"), reason };
    let remover = inserted.remover().map_err(fault)?;
    let mut out = tokio::task::spawn_blocking(move || inserted.wait());
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = over => {}
        _ = &mut out => {
            output.say("卡已离开", "the card left the slot");
            return Ok(DONE);
        }
    }
    remover.remove();
    out.await?.map_err(fault)?;
    Ok(DONE)
}
