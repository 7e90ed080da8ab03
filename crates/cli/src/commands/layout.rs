//! `layout pack`, `layout result` and `layout show`: files of terminals that speak their own layouts.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tongclear_layout::{FieldLine, FileFaults, Profile, ResultError, SealedPackage, pack};
use tongclear_mac::{KeyFile, KeyUse};
use tongclear_package::{PackageHeaderFields, PackageView, ResultFile};
use tongclear_report::{Align, Table, grouped};
use tongclear_types::{Clock as _, CollectorId, MerchantCode, PackageSequence, SystemClock};

use super::conformance::read_keys;
use super::registry::read_text;
use crate::exit::{BAD_INPUT, CliError, DONE};
use crate::out_file::write_file;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum LayoutCommand {
    /// A foreign file into sealed packages, whole or not at all · 转换为交易包
    #[command(after_help = "Every line or record that is wrong is named, and nothing is written then.\n\n\
        Example · 示例:\n  tongclear layout pack --profile shop.toml --in 2026-11-23.csv --collector 6510000000f2 \
        --merchant SHOP0001 --sequence 1 --keys keys.toml --out packages\n  \
        tongclear layout pack --profile shop.toml --in 2026-11-24.csv --collector 6510000000f2 --merchant SHOP0001 \
        --sequence 2 --previous packages/6510000000f2-0000000001.ctp --keys keys.toml --out packages")]
    Pack(Pack),
    /// The centre's result of a package back into the foreign layout · 转换结果文件
    #[command(
        after_help = "Example · 示例:\n  tongclear layout result --profile shop.toml --in 6510000000f2.csv \
        --package packages/6510000000f2-0000000001.ctp --out result.csv"
    )]
    Result(ResultBack),
    /// Check a profile and show its fields · 显示布局
    #[command(after_help = "Example · 示例:\n  tongclear layout show --profile shop.toml")]
    Show {
        /// The profile, TOML
        #[arg(long, value_name = "FILE")]
        profile: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Pack {
    /// The profile, TOML
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// The foreign file
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// Whose packages they are, 12 hex digits
    #[arg(long, value_name = "ID")]
    collector: CollectorId,
    /// The collector's merchant
    #[arg(long, value_name = "CODE")]
    merchant: MerchantCode,
    /// Number of the first package
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sequence: u32,
    /// The collector's package before it; needed unless the sequence is 1
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// keys.toml with the seal master
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// Version of the seal master, when the file has several
    #[arg(long, value_name = "N")]
    seal_version: Option<u32>,
    /// When the packages are created, Unix seconds; now by default
    #[arg(long, value_name = "SECONDS")]
    created_at: Option<u64>,
    /// Folder to write the packages into; made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ResultBack {
    /// The profile, TOML, with a `[result]` table
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// The centre's result file
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// The package that was sent
    #[arg(long, value_name = "FILE")]
    package: PathBuf,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl LayoutCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Pack(_) => "layout pack",
            Self::Result(_) => "layout result",
            Self::Show { .. } => "layout show",
        }
    }
}

pub(crate) fn run(command: &LayoutCommand, output: &Output) -> anyhow::Result<u8> {
    match command {
        LayoutCommand::Pack(options) => run_pack(options, output),
        LayoutCommand::Result(options) => run_result(options, output),
        LayoutCommand::Show { profile } => show(&read_profile(profile)?, output),
    }
}

fn refused(path: &Path, reason: impl std::fmt::Display) -> CliError {
    CliError::Refused(format!("{}: {reason}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| CliError::reading(path, error))
}

fn read_profile(path: &Path) -> Result<Profile, CliError> {
    Profile::parse(&read_text(path)?).map_err(|error| refused(path, error))
}

fn run_pack(options: &Pack, output: &Output) -> anyhow::Result<u8> {
    let profile = read_profile(&options.profile)?;
    let keys = read_keys(&options.keys)?;
    let version = seal_version(options, &keys)?;
    let master = keys.seal_master(version).ok_or_else(|| {
        refused(&options.keys, format_args!("there is no seal master of version {version}"))
    })?;
    let created_at_unix_s = match options.created_at {
        Some(seconds) => seconds,
        None => u64::try_from(SystemClock.now().0 / 1_000)?,
    };
    let header = PackageHeaderFields {
        merchant: options.merchant,
        collector: options.collector,
        sequence: PackageSequence(options.sequence),
        created_at_unix_s,
        seal_key_version: version,
        previous_seal: previous_seal(options)?,
    };
    let records = match profile.read(&read(&options.input)?) {
        Ok(records) => records,
        Err(faults) => return show_faults(&options.input, &faults, output),
    };
    let packages = pack(records, &header, master).map_err(|error| CliError::Usage(error.to_string()))?;
    write_packages(&options.out, &packages)?;
    let json: Vec<_> = packages
        .iter()
        .map(|it| {
            let path = options.out.join(&it.name).display().to_string();
            json!({ "path": path, "sequence": it.sequence, "records": it.records, "amount_fen": it.amount_fen })
        })
        .collect();
    output.result(&json!({ "packed": true, "packages": json }), || {
        let lines = packages.iter().map(|it| {
            let (path, records) = (options.out.join(&it.name), grouped(it.records as u64));
            let (path, fen) = (path.display(), it.amount_fen);
            let yuan = format!("{}.{:02}", grouped(fen / 100), fen % 100);
            output.pick(
                format!("{path}：{records} 笔，{yuan} 元"),
                format!("{path}: {records} records, {yuan} yuan"),
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    })?;
    Ok(DONE)
}

/// The seal master's version: the one that was asked for, or the only one there is.
fn seal_version(options: &Pack, keys: &KeyFile) -> Result<u32, CliError> {
    let mut versions = keys.entries().filter(|key| key.key_use == KeyUse::Seal).map(|key| key.version);
    match (options.seal_version, versions.next(), versions.next()) {
        (Some(asked), ..) => Ok(asked),
        (None, Some(only), None) => Ok(only),
        (None, Some(_), Some(_)) => {
            let keys = options.keys.display();
            Err(CliError::Usage(format!("{keys}: has several seal masters; say which with --seal-version")))
        }
        (None, None, _) => Err(refused(&options.keys, "there is no [[seal]] key")),
    }
}

/// What the first package repeats of the one before.
fn previous_seal(options: &Pack) -> Result<[u8; 8], CliError> {
    let (collector, sequence) = (options.collector, options.sequence);
    let Some(path) = &options.previous else {
        return match sequence {
            1 => Ok([0; 8]),
            _ => Err(CliError::Usage(format!(
                "--sequence is {sequence}: name the collector's package before it with --previous"
            ))),
        };
    };
    let bytes = read(path)?;
    let before = PackageView::reopen(&bytes).map_err(|refusal| refused(path, refusal))?;
    let header = before.header();
    if header.collector != collector || header.sequence.0.checked_add(1) != Some(sequence) {
        let expected = format_args!(
            "is package {} of collector {}, not the one before {sequence} of {collector}",
            header.sequence, header.collector
        )
        .to_string();
        return Err(refused(path, expected));
    }
    Ok(before.seal_start())
}

/// Writes all packages, or none where another one of the same name lies: a sequence is used once.
fn write_packages(out: &Path, packages: &[SealedPackage]) -> Result<(), CliError> {
    std::fs::create_dir_all(out).map_err(|reason| CliError::Disk {
        doing: "making",
        path: out.display().to_string(),
        reason,
    })?;
    for package in packages {
        let path = out.join(&package.name);
        if path.exists() && read(&path)? != package.bytes {
            return Err(refused(&path, "is there already with other bytes; a sequence is used once"));
        }
    }
    packages.iter().try_for_each(|package| write_file(&out.join(&package.name), &package.bytes))
}

fn show_faults(path: &Path, faults: &FileFaults, output: &Output) -> anyhow::Result<u8> {
    let kept: Vec<_> = faults
        .kept()
        .iter()
        .map(|fault| {
            json!({
                "place": fault.place.to_string(),
                "field": fault.field,
                "value": fault.value,
                "expected": fault.expected,
            })
        })
        .collect();
    let (path, count) = (path.display(), faults.count());
    let json = json!({ "packed": false, "count": count, "faults": kept });
    output.result(&json, || {
        let head = output.pick(
            format!("{path}：整个文件未转换，{count} 处错误"),
            format!("{path}: refused whole, nothing was written; {count} faults"),
        );
        format!("{head}\n{faults}")
    })?;
    Ok(BAD_INPUT)
}

fn run_result(options: &ResultBack, output: &Output) -> anyhow::Result<u8> {
    let profile = read_profile(&options.profile)?;
    let file = ResultFile::parse(&read(&options.input)?).map_err(|error| refused(&options.input, error))?;
    let package = read(&options.package)?;
    let view = PackageView::reopen(&package).map_err(|refusal| refused(&options.package, refusal))?;
    let bytes = profile.result(&view, &file).map_err(|error| match &error {
        ResultError::NoResult { .. } | ResultError::Fields(_) => refused(&options.profile, error),
        ResultError::NoPackage { .. } | ResultError::OtherPackage { .. } => refused(&options.input, error),
    })?;
    write_file(&options.out, &bytes)?;
    let (path, length) = (options.out.display().to_string(), bytes.len());
    output.result(&json!({ "path": path, "bytes": length }), || {
        output.pick(format!("{path}：{length} 字节"), format!("{path}: {length} bytes"))
    })?;
    Ok(DONE)
}

fn show(profile: &Profile, output: &Output) -> anyhow::Result<u8> {
    let json = json!({
        "name": profile.name(),
        "form": profile.form(),
        "fields": profile.lines(),
        "result_form": profile.result_form(),
        "result": profile.result_lines(),
    });
    output.result(&json, || {
        let mut text = vec![format!("{}: {}", profile.name(), profile.form())];
        text.extend(table(&profile.lines(), output));
        if let Some(form) = profile.result_form() {
            text.push(format!("\n{}: {form}", output.pick("结果", "result")));
            text.extend(table(&profile.result_lines(), output));
        }
        text.join("\n")
    })?;
    Ok(DONE)
}

fn table(lines: &[FieldLine], output: &Output) -> Vec<String> {
    let mut table = Table::new(&[
        (output.pick("字段", "field"), Align::Left),
        (output.pick("位置", "place"), Align::Left),
        (output.pick("编码", "encoding"), Align::Left),
        (output.pick("对应", "record field"), Align::Left),
        (output.pick("说明", "note"), Align::Left),
    ]);
    for line in lines {
        let FieldLine { name, place, encoding, feeds, note } = line.clone();
        table.row([name, place, encoding, feeds, note]);
    }
    table.lines()
}
