//! The command line (`cli.md`): one enum a level, help with examples, names in both languages.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tongclear_types::BusinessDate;

use crate::commands::audit::AuditCommand;
use crate::commands::ca::CaCommand;
use crate::commands::card::CardCommand;
use crate::commands::check::Check;
use crate::commands::conformance::Conformance;
use crate::commands::continuity;
use crate::commands::layout::LayoutCommand;
use crate::commands::ledger::LedgerCommand;
use crate::commands::payout::PayoutCommand;
use crate::commands::proposal::ProposalCommand;
use crate::commands::reader::ReaderCommand;
use crate::commands::result::ResultCommand;
use crate::commands::serve::Serve;
use crate::commands::terminal::TerminalCommand;
use crate::commands::token::TokenCommand;
use crate::commands::user::UserCommand;
use crate::commands::verify::VerifyStatement;
use crate::commands::virtual_bank::VirtualBank;
use crate::commands::virtual_card::{VirtualCardCommand, VirtualPsam};
use crate::commands::webhook::WebhookCommand;
use crate::commands::what_if::WhatIf;
use crate::effort::EffortOptions;
use crate::open::DatabaseUrl;

/// The clearing centre of a city card · 城市一卡通清算中心
#[derive(Debug, Parser)]
#[command(name = "tongclear", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples · 示例:
  export TONGCLEAR_PASSPHRASE='…'
  tongclear simulate --out city --seed 1 --cards 20000 --transactions 100000 --terminals 600 --date 2026-11-23
  tongclear init
  tongclear registry load city/registry
  tongclear keys load city/keys.toml
  tongclear intake city/packages
  tongclear night --date 2026-11-23
  tongclear settlement show --window 2026-11-23 --json
  tongclear export --window 2026-11-23 --out cleared.csv

Exit codes · 退出码:
  0 done  1 unexpected fault  2 usage, or a path that does not exist  3 bad input refused
  4 a business check failed  5 infrastructure (database, disk, key device)";

/// Options of every command, before or after it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command · 通用选项")]
pub(crate) struct Global {
    /// Data folder · 数据目录
    #[arg(long, global = true, value_name = "DIR", default_value = "./tongclear-data")]
    pub(crate) data: PathBuf,
    /// Database, sqlite://PATH or postgres://ROLE@HOST/NAME; by default SQLite inside the data folder · 数据库
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<DatabaseUrl>,
    /// Vault, file://PATH or s3://BUCKET/PREFIX; by default a folder inside the data folder · 文件库
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) vault: Option<String>,
    /// Machine-readable result on standard output · 机器可读结果
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of what people read · 语言
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    pub(crate) lang: Lang,
    /// File with the key ring's passphrase, instead of TONGCLEAR_PASSPHRASE · 口令文件
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Act as this user of the centre, with the password in TONGCLEAR_PASSWORD or --password-file · 以该用户身份操作
    #[arg(long = "user", global = true, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// File with that user's password · 密码文件
    #[arg(long, global = true, value_name = "FILE", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,
}

/// The languages people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the data folder, database and vault · 初始化
    #[command(after_help = "Example · 示例:\n  tongclear init\n  tongclear init --data /srv/tongclear")]
    Init,
    /// Who takes part · 登记
    #[command(subcommand, after_help = "Example · 示例:\n  tongclear registry load city/registry")]
    Registry(RegistryCommand),
    /// Master keys · 密钥
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear keys load city/keys.toml\n  tongclear keys list"
    )]
    Keys(KeysCommand),
    /// Deny lists · 黑名单
    #[command(subcommand, after_help = "Example · 示例:\n  tongclear denylist load LIST_FILE")]
    Denylist(DenylistCommand),
    /// Make a city: registry, keys, lists, packages, and the truth about every record · 模拟城市
    #[command(after_help = "Example · 示例:\n  tongclear simulate --out city --seed 1 --cards 20000 \
        --transactions 100000 --terminals 600 --date 2026-11-23 --anomalies 0.01 --days 3\n  \
        tongclear simulate --out city --serve https://localhost:8443 --collectors 560 --certificates certificates")]
    Simulate(Simulate),
    /// Take packages into the open window · 接收交易包
    #[command(after_help = "Takes package files, or all .ctp files under folders. Exit code 3 when any was \
        quarantined; the others are in.\n\nExample · 示例:\n  tongclear intake city/packages/2026-11-23")]
    Intake {
        /// Package files, or folders with .ctp files
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Close, clear, settle, write statements · 夜间清算
    #[command(
        after_help = "Run again after a fault, it goes on where it stopped. For the date of the last window \
        it finishes what is unfinished and changes nothing else.\n\nExample · 示例:\n  tongclear night --date 2026-11-23\n  \
        tongclear night --date 2026-11-23 --workers 8 --memory 16G"
    )]
    Night {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        date: BusinessDate,
        #[command(flatten)]
        effort: EffortOptions,
    },
    /// Windows · 清算窗口
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear window list\n  tongclear window close --date 2026-11-23"
    )]
    Window(WindowCommand),
    /// Clear a closed window: dispositions and transfers · 清分
    #[command(after_help = "Example · 示例:\n  tongclear clear --window 2026-11-23 --workers 8")]
    Clear {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
        #[command(flatten)]
        effort: EffortOptions,
    },
    /// Settle a cleared window: positions and value dates · 结算
    #[command(after_help = "Example · 示例:\n  tongclear settle --window 2026-11-23")]
    Settle {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
    },
    /// What intake refused · 隔离区
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear quarantine list\n  tongclear quarantine retry"
    )]
    Quarantine(QuarantineCommand),
    /// Results of a window · 结算结果
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear settlement show --window 2026-11-23\n  tongclear settlement positions --window 2026-11-23"
    )]
    Settlement(SettlementCommand),
    /// Statements of merchants and card operators, for a window or a month · 对账单
    #[command(after_help = crate::commands::statement::EXAMPLES)]
    Statement(crate::commands::statement::Statement),
    /// The month's report for the centre's management · 月度报告
    #[command(after_help = crate::commands::statement::MONTH_EXAMPLES)]
    Month(crate::commands::statement::MonthEnd),
    /// Verify a merchant's statement against the published root, without a centre · 验证对账单
    #[command(
        after_help = "Needs the statement and the root alone: no data folder, no passphrase. Exit code 4 when they \
        disagree.\n\nExample · 示例:\n  tongclear verify-statement statement-BUS00001.json --root-file root.json\n  \
        tongclear verify-statement statement-BUS00001.json --root HEX --packages sent/2026-11-23"
    )]
    VerifyStatement(VerifyStatement),
    /// What is missing, doubled or broken between the records that arrived · 连续性
    #[command(after_help = "Example · 示例:\n  tongclear continuity --window 2026-11-23\n  \
        tongclear continuity --window 2026-11-23 --out lists")]
    Continuity(continuity::ItemOptions),
    /// Terminals and collectors by what they lose, the worst first · 设备质量
    #[command(after_help = "Example · 示例:\n  tongclear devices --window 2026-11-23\n  \
        tongclear devices --window 2026-11-23 --all")]
    Devices(continuity::DeviceOptions),
    /// What collectors are told about their packages · 结果文件
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear result list --window 2026-11-23\n  tongclear result show --window 2026-11-23 --collector 6510000000f1"
    )]
    Result(ResultCommand),
    /// Accounts and transfers · 账簿
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear ledger balances\n  tongclear ledger transfers --window 2026-11-23\n  tongclear ledger export --format hledger --out books.journal"
    )]
    Ledger(LedgerCommand),
    /// What the bank is told to pay, what it says it did, and what operators and sponsors owe · 付款与收款
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear payout create --value-date 2026-11-24 --out pain.001.xml\n  tongclear payout \
        confirm camt.053.xml\n  tongclear payout collections"
    )]
    Payout(PayoutCommand),
    /// A bank in software that answers a payment order with a statement · 模拟银行
    #[command(after_help = crate::commands::virtual_bank::EXAMPLES)]
    VirtualBank(VirtualBank),
    /// A past window under a draft of contracts, beside what it was cleared under · 试算
    #[command(
        after_help = "Of each merchant that FILE names, all contracts are replaced by those in FILE; nothing in \
        the centre is changed.\n\nExample · 示例:\n  tongclear what-if --window 2026-11-23 --contracts draft.toml\n  \
        tongclear what-if --window 2026-11-23 --contracts draft.toml --out difference.csv"
    )]
    WhatIf(WhatIf),
    /// Match a card operator's file with what we accepted · 与发卡机构对账
    #[command(after_help = crate::commands::reconcile::EXAMPLES)]
    Reconcile(crate::commands::reconcile::Reconcile),
    /// Suspended records and breaks: what waits, what speaks for and against it, and what is to become of it · 差错处置
    #[command(subcommand, after_help = crate::commands::dispute::EXAMPLES)]
    Dispute(crate::commands::dispute::DisputeCommand),
    /// The whole life of one transaction, and why it was paid or not · 一笔交易的来龙去脉
    #[command(after_help = crate::commands::why::EXAMPLES)]
    Why(crate::commands::why::Why),
    /// Every record of a window with its disposition · 导出明细
    #[command(after_help = "Example · 示例:\n  tongclear export --window 2026-11-23 --out cleared.csv")]
    Export {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// csv or parquet
        #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
        format: ExportFormat,
    },
    /// Open the door: API for collectors, merchants, card operators and staff · 启动服务
    #[command(
        after_help = "With TLS by default, under a certificate of the centre's own CA, which it issues itself.\n\nExample · \
        示例:\n  tongclear ca init\n  tongclear serve --listen 0.0.0.0:8443 --name clearing.example\n  tongclear serve --openapi \
        > openapi.json"
    )]
    Serve(Serve),
    /// The centre's certificate authority, and certificates of collectors · 证书
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear ca init\n  tongclear ca issue --all --out certificates"
    )]
    Ca(CaCommand),
    /// Accounts of people and programs · 用户
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear user add wang --role clerk --new-password-file wang.pass\n  tongclear user list"
    )]
    User(UserCommand),
    /// Tokens of programs · 令牌
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear token issue --for bus --label 'nightly download'"
    )]
    Token(TokenCommand),
    /// Four eyes: changes that wait for a second person · 双人复核
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear proposal require registry keys\n  tongclear proposal approve 3 --user li"
    )]
    Proposal(ProposalCommand),
    /// Who is told of events · 事件通知
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear webhook add https://books.example/tongclear"
    )]
    Webhook(WebhookCommand),
    /// Cards through PC/SC, or from a recorded conversation · 卡片
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear card read\n  tongclear card read --replay conversation.json --json"
    )]
    Card(CardCommand),
    /// PC/SC readers · 读卡器
    #[command(subcommand, after_help = "Example · 示例:\n  tongclear reader list")]
    Reader(ReaderCommand),
    /// A validator, a till or a load agent's terminal · 终端
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear terminal init --terminal bus1 --id 651000000001 --collector 6510c0000001 \
        --merchant BUS00001 --sector bus\n  tongclear terminal run --terminal bus1"
    )]
    Terminal(TerminalCommand),
    /// Cards in software, for pcscd's virtual reader · 虚拟卡
    #[command(
        subcommand,
        after_help = "Example · 示例:\n  tongclear virtual-card insert --card card.json --keys city/keys.toml"
    )]
    VirtualCard(VirtualCardCommand),
    /// A PSAM in software, for pcscd's virtual reader · 虚拟PSAM卡
    #[command(
        after_help = "Needs pcscd and vsmartcard-vpcd.\n\nExample · 示例:\n  tongclear virtual-psam --terminal-id 651000000001 \
        --keys city/keys.toml --registry city/registry/registry.toml --psam psam.json"
    )]
    VirtualPsam(VirtualPsam),
    /// What is wrong with an integrator's packages, record by record, or a certificate · 一致性检查
    #[command(after_help = crate::commands::conformance::EXAMPLES)]
    Conformance(Conformance),
    /// Files of terminals that speak their own layouts, into packages and back · 布局转换
    #[command(subcommand, after_help = "Example · 示例:\n  tongclear layout show --profile shop.toml")]
    Layout(LayoutCommand),
    /// Derive everything again from the sealed packages and name what disagrees · 核对
    #[command(
        after_help = "Exit code 4 when anything disagrees. Nothing is changed.\n\nExample · 示例:\n  tongclear check\n  \
        tongclear check --since 2026-11-01 --json"
    )]
    Check(Check),
    /// What people and nights did, each entry chained to the one before · 审计
    #[command(subcommand, after_help = "Example · 示例:\n  tongclear audit list")]
    Audit(AuditCommand),
    /// Copy the whole centre as it is at one moment, while work goes on · 备份
    #[command(
        after_help = "The backup is a data folder again: --data BACKUP works on it. Exit code 4 when a file of \
        the vault is not what the database says of it.\n\nExample · 示例:\n  tongclear backup --out /backup/2026-11-24"
    )]
    Backup {
        /// Folder to make
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Bring a backup back into a new data folder or an empty database · 恢复
    #[command(
        after_help = "Example · 示例:\n  tongclear restore /backup/2026-11-24 --data /srv/tongclear\n  tongclear check \
        --data /srv/tongclear"
    )]
    Restore {
        /// Folder that `backup` made
        #[arg(value_name = "BACKUP")]
        from: PathBuf,
    },
    /// Copy all rows into another, empty database; the vault stays · 迁移数据库
    #[command(
        after_help = "Stop intake first: what arrives meanwhile stays behind.\n\nExample · 示例:\n  tongclear migrate-store \
        --to postgres://tongclear@localhost/tongclear\n  tongclear check --database postgres://tongclear@localhost/tongclear"
    )]
    MigrateStore {
        /// The database to fill
        #[arg(long, value_name = "URL")]
        to: DatabaseUrl,
    },
}

impl Command {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Registry(RegistryCommand::Load { .. }) => "registry load",
            Self::Keys(KeysCommand::Load { .. }) => "keys load",
            Self::Keys(KeysCommand::List) => "keys list",
            Self::Denylist(DenylistCommand::Load { .. }) => "denylist load",
            Self::Simulate(_) => "simulate",
            Self::Intake { .. } => "intake",
            Self::Night { .. } => "night",
            Self::Window(WindowCommand::List) => "window list",
            Self::Window(WindowCommand::Close { .. }) => "window close",
            Self::Clear { .. } => "clear",
            Self::Settle { .. } => "settle",
            Self::Quarantine(QuarantineCommand::List) => "quarantine list",
            Self::Quarantine(QuarantineCommand::Retry) => "quarantine retry",
            Self::Settlement(SettlementCommand::Show { .. }) => "settlement show",
            Self::Settlement(SettlementCommand::Positions { .. }) => "settlement positions",
            Self::Settlement(SettlementCommand::Root { .. }) => "settlement root",
            Self::Statement(_) => "statement",
            Self::Month(_) => "month",
            Self::VerifyStatement(_) => "verify-statement",
            Self::Continuity(_) => "continuity",
            Self::Devices(_) => "devices",
            Self::Result(command) => command.name(),
            Self::Ledger(command) => command.name(),
            Self::Reconcile(options) => options.name(),
            Self::Dispute(command) => command.name(),
            Self::WhatIf(_) => "what-if",
            Self::Why(_) => "why",
            Self::Export { .. } => "export",
            Self::Serve(_) => "serve",
            Self::Ca(command) => command.name(),
            Self::User(command) => command.name(),
            Self::Token(command) => command.name(),
            Self::Proposal(command) => command.name(),
            Self::Webhook(command) => command.name(),
            Self::Payout(command) => command.name(),
            Self::VirtualBank(_) => "virtual-bank",
            Self::Card(command) => command.name(),
            Self::Reader(command) => command.name(),
            Self::Terminal(command) => command.name(),
            Self::VirtualCard(command) => command.name(),
            Self::VirtualPsam(_) => "virtual-psam",
            Self::Conformance(_) => "conformance",
            Self::Layout(command) => command.name(),
            Self::Check(_) => "check",
            Self::Audit(AuditCommand::List) => "audit list",
            Self::Backup { .. } => "backup",
            Self::Restore { .. } => "restore",
            Self::MigrateStore { .. } => "migrate-store",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Load registry.toml and terminals.csv, all or nothing · 载入登记
    #[command(after_help = "Example · 示例:\n  tongclear registry load city/registry")]
    Load {
        /// Folder with both files
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Seal master keys into the key ring · 载入密钥
    #[command(
        after_help = "Example · 示例:\n  TONGCLEAR_PASSPHRASE='…' tongclear keys load city/keys.toml\n  tongclear keys load city/keys.toml --passphrase-file ring.pass"
    )]
    Load {
        /// keys.toml
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Version, use and check value of each key, never a key · 密钥列表
    #[command(after_help = "Example · 示例:\n  tongclear keys list --json")]
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DenylistCommand {
    /// Take a deny list, whole or not at all · 载入黑名单
    #[command(
        after_help = "Example · 示例:\n  tongclear denylist load LIST_FILE\n  tongclear denylist load LIST_FILE --approve"
    )]
    Load {
        /// The list
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Take it although it grows by more than the guard allows
        #[arg(long)]
        approve: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Folder to make; with --serve the folder of a city made before, ./city by default
    #[arg(long, value_name = "DIR", required_unless_present = "serve")]
    pub(crate) out: Option<PathBuf>,
    /// Seed: the same one makes the same city, and plays the same tricks
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Cards in the city
    #[arg(long, value_name = "N", required_unless_present = "serve")]
    pub(crate) cards: Option<u32>,
    /// Transactions of a day
    #[arg(long, value_name = "M", required_unless_present = "serve")]
    pub(crate) transactions: Option<u64>,
    /// Terminals in the city
    #[arg(long, value_name = "T", required_unless_present = "serve")]
    pub(crate) terminals: Option<u32>,
    /// Collection sites: of the city as many as it needs by default, of those that play all
    #[arg(long, value_name = "N")]
    pub(crate) collectors: Option<u32>,
    /// The first day; with --serve the only one that is played, all by default
    #[arg(long, value_name = "D", required_unless_present = "serve")]
    pub(crate) date: Option<BusinessDate>,
    /// Share of records with something wrong, 0 to 0.2
    #[arg(long, value_name = "RATE", default_value = "0.01")]
    pub(crate) anomalies: String,
    /// Days
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) days: u16,
    /// Play the city's collection sites against a server that runs: they come and go, resend, lose the answer and retry
    #[arg(long, value_name = "URL")]
    pub(crate) serve: Option<String>,
    /// Folder that `ca issue` made; certificates in the city's folder by default
    #[arg(long, value_name = "DIR", requires = "serve")]
    pub(crate) certificates: Option<PathBuf>,
    /// Sites that are connected at the same time
    #[arg(long, value_name = "N", requires = "serve", default_value_t = 64)]
    pub(crate) at_once: usize,
    /// Send every package once and wait for each answer, as fast as it goes
    #[arg(long, requires = "serve")]
    pub(crate) well_behaved: bool,
    /// How long a site tries to send a package before the play is given up
    #[arg(long, value_name = "SECONDS", requires = "serve", default_value_t = 120)]
    pub(crate) patience: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WindowCommand {
    /// All windows with their state · 窗口列表
    #[command(after_help = "Example · 示例:\n  tongclear window list")]
    List,
    /// Close the open window under a business date and open the next · 关闭窗口
    #[command(after_help = "Example · 示例:\n  tongclear window close --date 2026-11-23")]
    Close {
        /// Business date
        #[arg(long, value_name = "DATE")]
        date: BusinessDate,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// What lies there, and why · 隔离列表
    #[command(after_help = "Example · 示例:\n  tongclear quarantine list --json")]
    List,
    /// Judge it afresh · 重新检查
    #[command(
        after_help = "Example · 示例:\n  tongclear registry load city/registry\n  tongclear quarantine retry"
    )]
    Retry,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettlementCommand {
    /// Totals, merchants, operators, sponsors, digest · 结算结果
    #[command(after_help = "Example · 示例:\n  tongclear settlement show --window 2026-11-23 --json")]
    Show {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
    },
    /// Net positions by participant and value date · 净额与起息日
    #[command(after_help = "Example · 示例:\n  tongclear settlement positions --window 2026-11-23")]
    Positions {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
    },
    /// The root that is published, against which statements prove themselves · 公布的根
    #[command(after_help = "Example · 示例:\n  tongclear settlement root --window 2026-11-23")]
    Root {
        /// Business date of the window
        #[arg(long, value_name = "DATE")]
        window: BusinessDate,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Comma-separated values
    Csv,
    /// Apache Parquet
    Parquet,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_shows_an_example() {
        let mut program = Arguments::command();
        program.build();
        program.clone().debug_assert();
        let mut waiting = vec![program];
        while let Some(command) = waiting.pop() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let name = command.get_bin_name().unwrap_or_default().to_owned();
            assert!(help.contains("Example") && help.contains(&name), "{name}: {help:?}");
            waiting.extend(command.get_subcommands().filter(|it| it.get_name() != "help").cloned());
        }
    }
}
