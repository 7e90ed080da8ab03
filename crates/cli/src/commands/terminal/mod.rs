//! `terminal`: a validator, a till or a load agent's terminal, from a folder of its own.

mod init;
pub(super) mod keys;
mod once;
mod run;
mod screen;
mod status;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use tongclear_package::ListError;
use tongclear_terminal::exchange::ApplyError;
use tongclear_terminal::{Terminal, TerminalError, TerminalView};
use tongclear_types::SystemClock;

use crate::exit::{CliError, DONE};
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum TerminalCommand {
    /// Make a terminal's folder · 初始化终端
    #[command(
        after_help = "Writes terminal.toml, the journal and lists/. Put seal.toml ([[seal]] of keys.toml) beside it, and into \
        lists/ registry.toml, fares.toml and deny-*.txt.\n\nExample · 示例:\n  tongclear terminal init --terminal bus1 --id \
        651000000001 --collector 6510c0000001 --merchant BUS00001 --sector bus"
    )]
    Init(init::Init),
    /// Serve cards until Ctrl-C: a full screen in a terminal, JSON events with --json · 运行终端
    #[command(
        after_help = "Example · 示例:\n  tongclear terminal run --terminal bus1 --reader '00 00' --psam '00 01'\n  \
        tongclear terminal run --terminal gate1 --enter --json\n  tongclear terminal run --terminal shop1 --amount 1250"
    )]
    Run(run::Run),
    /// Take one payment · 单笔消费
    #[command(
        after_help = "Example · 示例:\n  tongclear terminal purchase --terminal shop1 --amount 1250\n  tongclear terminal \
        purchase --terminal water1 --amount 8640 --account 12345678 --reading 1024 --period 202611"
    )]
    Purchase(once::Purchase),
    /// Load one card over the library's load host · 单笔充值
    #[command(
        after_help = "Example · 示例:\n  tongclear terminal load --terminal agent1 --amount 5000 --keys keys.toml"
    )]
    Load(once::Load),
    /// Journal, queue, lists, open taps · 终端状态
    #[command(after_help = "Example · 示例:\n  tongclear terminal status --terminal bus1 --json")]
    Status(Folder),
    /// Seal what waits into a package now · 封包
    #[command(after_help = "Example · 示例:\n  tongclear terminal seal --terminal bus1 --out packages")]
    Seal(Seal),
    /// Take the centre's result file: what became of each record · 应用结果文件
    #[command(after_help = "Example · 示例:\n  tongclear terminal apply-result result.csv --terminal bus1")]
    ApplyResult(ApplyResult),
    /// Send packages, fetch results and lists, by the way that terminal.toml names · 与中心交换
    #[command(
        after_help = "Example · 示例:\n  tongclear terminal exchange --terminal bus1\n  tongclear terminal exchange --terminal \
        bus1 --neighbours /srv/depot"
    )]
    Exchange(Exchange),
}

/// Which terminal.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// The terminal's folder · 终端目录
    #[arg(long = "terminal", value_name = "DIR", default_value = "./tongclear-terminal")]
    pub(super) folder: PathBuf,
}

/// `terminal seal`.
#[derive(Debug, Args)]
pub(crate) struct Seal {
    #[command(flatten)]
    folder: Folder,
    /// Copy every package that the centre has not answered into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// `terminal apply-result`.
#[derive(Debug, Args)]
pub(crate) struct ApplyResult {
    #[command(flatten)]
    folder: Folder,
    /// Result files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// `terminal exchange`.
#[derive(Debug, Args)]
pub(crate) struct Exchange {
    #[command(flatten)]
    folder: Folder,
    /// Shared folder where terminals tell each other of torn taps
    #[arg(long, value_name = "DIR")]
    neighbours: Option<PathBuf>,
}

impl TerminalCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "terminal init",
            Self::Run(_) => "terminal run",
            Self::Purchase(_) => "terminal purchase",
            Self::Load(_) => "terminal load",
            Self::Status(_) => "terminal status",
            Self::Seal(_) => "terminal seal",
            Self::ApplyResult(_) => "terminal apply-result",
            Self::Exchange(_) => "terminal exchange",
        }
    }
}

pub(crate) fn run(command: TerminalCommand, output: &Output) -> anyhow::Result<u8> {
    match command {
        TerminalCommand::Init(options) => init::run(&options, output),
        TerminalCommand::Run(options) => run::run(&options, output),
        TerminalCommand::Purchase(options) => once::purchase(&options, output),
        TerminalCommand::Load(options) => once::load(&options, output),
        TerminalCommand::Status(folder) => status::run(&folder.folder, output),
        TerminalCommand::Seal(options) => seal(&options, output),
        TerminalCommand::ApplyResult(options) => apply_result(&options, output),
        TerminalCommand::Exchange(options) => exchange(&options, output),
    }
}

/// The terminal in `folder`, locked.
fn open(folder: &Path) -> anyhow::Result<Terminal> {
    must_be_there(folder)?;
    Ok(Terminal::open(folder, Arc::new(SystemClock))?)
}

/// The terminal in `folder` to look at, also while another program works with it.
fn view(folder: &Path) -> anyhow::Result<TerminalView> {
    must_be_there(folder)?;
    Ok(TerminalView::open(folder)?)
}

fn must_be_there(folder: &Path) -> Result<(), CliError> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(CliError::Usage(format!("{}: there is no such folder; `terminal init` makes one", folder.display())))
}

fn seal(options: &Seal, output: &Output) -> anyhow::Result<u8> {
    let mut terminal = open(&options.folder.folder)?;
    let mut sealed = Vec::new();
    while let Some(package) = terminal.seal()? {
        sealed.push(package);
    }
    let written = match &options.out {
        Some(out) => terminal.copy_packages(out)?,
        None => Vec::new(),
    };
    output.result(&json!({ "sealed": sealed, "written": written }), || {
        let mut lines: Vec<String> = sealed
            .iter()
            .map(|it| {
                let (sequence, records) = (it.sequence.0, it.records);
                output.pick(
                    format!("已封包 {sequence}：{records} 条记录"),
                    format!("sealed package {sequence} with {records} records"),
                )
            })
            .collect();
        if lines.is_empty() {
            lines.push(output.pick("没有待封包的记录", "no record waits").to_owned());
        }
        lines.extend(written.iter().map(|path| path.display().to_string()));
        lines.join("\n")
    })?;
    Ok(DONE)
}

fn apply_result(options: &ApplyResult, output: &Output) -> anyhow::Result<u8> {
    let mut terminal = open(&options.folder.folder)?;
    let mut answered = 0;
    for file in &options.files {
        answered += terminal.apply_result_file(file).map_err(|error| match error {
            ApplyError::Refused(error) => refused(file, &error),
            ApplyError::Terminal(TerminalError::Io { path, error }) => CliError::reading(&path, error).into(),
            ApplyError::Terminal(error) => error.into(),
        })?;
    }
    let counts = terminal.counts()?;
    output.result(&json!({ "answered": answered, "counts": counts }), || {
        let not_accepted = counts.not_accepted;
        output.pick(
            format!("{answered} 个交易包已有结果，累计 {not_accepted} 条记录未被接受"),
            format!("{answered} packages answered; {not_accepted} records in all were not accepted"),
        )
    })?;
    Ok(DONE)
}

/// A result file that was refused whole.
fn refused(file: &Path, error: &ListError) -> anyhow::Error {
    CliError::Refused(format!("{}: {error}", file.display())).into()
}

fn exchange(options: &Exchange, output: &Output) -> anyhow::Result<u8> {
    let mut terminal = open(&options.folder.folder)?;
    let closed = match &options.neighbours {
        Some(folder) => terminal.exchange_with_neighbours(folder)?,
        None => 0,
    };
    let Some(mut link) = terminal.link()? else {
        if options.neighbours.is_some() {
            output.result(&json!({ "closed_by_neighbours": closed }), || neighbours_text(closed, output))?;
            return Ok(DONE);
        }
        let message = "terminal.toml has no [centre]: say folder = \"DIR\" or api = { url, root, certificate, key } there";
        return Err(CliError::Refused(message.to_owned()).into());
    };
    let done = terminal.exchange(&mut *link)?;
    output.result(&json!({ "exchanged": done, "closed_by_neighbours": closed }), || {
        let mut lines = vec![output.pick(
            format!(
                "中心已接收 {} 包，放出 {} 包；{} 包已有结果；更新名单 {} 个",
                done.received, done.put_out, done.answered, done.lists
            ),
            format!(
                "{} packages received by the centre, {} put out; {} answered; {} lists taken",
                done.received, done.put_out, done.answered, done.lists
            ),
        )];
        lines.extend(done.quarantined.iter().chain(&done.refused).cloned());
        if options.neighbours.is_some() {
            lines.push(neighbours_text(closed, output));
        }
        lines.join("\n")
    })?;
    Ok(if done.quarantined.is_empty() && done.refused.is_empty() { DONE } else { crate::exit::BAD_INPUT })
}

fn neighbours_text(closed: u32, output: &Output) -> String {
    output.pick(
        format!("其他终端证明了本机 {closed} 笔未决交易"),
        format!("{closed} open taps of this terminal were proven by others"),
    )
}
