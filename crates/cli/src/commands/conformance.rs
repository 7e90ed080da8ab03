//! `conformance`: what is wrong with an integrator's packages, or a certificate.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tongclear_conformance::{Certificate, Covered, Finding, PackageFile, Report, Rule, Severity, examine};
use tongclear_engine::intake::find_packages;
use tongclear_mac::KeyFile;
use tongclear_registry::Registry;
use tongclear_report::{grouped, yuan};
use tongclear_types::{Clock as _, Fen, SystemClock};
use zeroize::Zeroizing;

use super::registry::read_text;
use crate::exit::{CHECK_FAILED, CliError, DONE};
use crate::out_file::write_file;
use crate::output::Output;

/// Findings of one rule that are shown to a person; `failures.csv` has more.
const SHOWN_MAX: usize = 10;
/// What `--out` is given when nothing is wrong.
const CERTIFICATE: &str = "certificate.json";
/// What it is given otherwise.
const FAILURES: &str = "failures.csv";

pub(crate) const EXAMPLES: &str = "Takes package files, or all .ctp files under folders, in any order. No data folder \
    and no passphrase is needed. Exit code 4 when no certificate is given; docs/conformance.md has the rules.\n\n\
    Example · 示例:\n  tongclear conformance city/packages --registry city/registry --keys city/keys.toml --out verdict\n  \
    tongclear conformance 6510000000f1-*.ctp --registry city/registry";

#[derive(Debug, Args)]
pub(crate) struct Conformance {
    /// Package files, or folders with .ctp files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Folder with registry.toml and terminals.csv
    #[arg(long, value_name = "DIR")]
    registry: PathBuf,
    /// keys.toml; without it seals and TACs are not checked, and no certificate is given
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Folder for certificate.json or failures.csv, whichever it is; made where it is missing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(options: &Conformance, output: &Output) -> anyhow::Result<u8> {
    let registry = read_registry(&options.registry)?;
    let keys = options.keys.as_deref().map(read_keys).transpose()?;
    let packages = read_packages(&options.paths)?;
    let files: Vec<PackageFile<'_>> =
        packages.iter().map(|(name, bytes)| PackageFile { name, bytes }).collect();
    let report = examine(&files, &registry, keys.as_ref());

    // The day in the centre's zone, which has one offset all year.
    let now = jiff::Timestamp::from_millisecond(SystemClock.now().0)?;
    let date = jiff::tz::Offset::constant(8).to_datetime(now).date();
    let tool = concat!("tongclear ", env!("CARGO_PKG_VERSION"));
    let certificate = Certificate::of(&report, date, tool, &registry.centre.code);
    let written = options.out.as_deref().map(|out| write(out, &report, certificate.as_ref())).transpose()?;
    let json = json!({
        "certified": certificate.is_some(),
        "counts": report.counts,
        "collectors": report.collectors(),
        "errors": report.findings.count(Severity::Error),
        "advice": report.findings.count(Severity::Advice),
        "rules": report.findings.counts().map(|(rule, count)| (rule.name().to_owned(), count.into()))
            .collect::<serde_json::Map<String, serde_json::Value>>(),
        "findings": report.findings.kept().collect::<Vec<_>>(),
        "coverage": report.coverage,
        "unchecked": report.unchecked,
        "checksum": certificate.as_ref().map(Certificate::checksum),
        "file": written.as_ref().map(|path| path.display().to_string()),
    });
    output.result(&json, || text(&report, written.as_deref(), output))?;
    Ok(if certificate.is_some() { DONE } else { CHECK_FAILED })
}

fn refused(path: &Path, reason: impl std::fmt::Display) -> CliError {
    CliError::Refused(format!("{}: {reason}", path.display()))
}

fn read_registry(dir: &Path) -> Result<Registry, CliError> {
    let toml = read_text(&dir.join("registry.toml"))?;
    let path = dir.join("terminals.csv");
    let terminals = std::fs::read(&path).map_err(|error| CliError::reading(&path, error))?;
    Registry::parse(&toml, &terminals).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        refused(dir, errors.join("\n"))
    })
}

/// Keys of a `keys.toml`.
pub(crate) fn read_keys(path: &Path) -> Result<KeyFile, CliError> {
    let text = Zeroizing::new(read_text(path)?);
    KeyFile::parse(&text).map_err(|error| refused(path, error))
}

fn read_packages(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let found = find_packages(paths)?;
    if let Some((path, why)) = found.passed_over.first() {
        return Err(refused(path, why).into());
    }
    if found.files.is_empty() {
        let folders: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(CliError::Refused(format!("{}: no .ctp files here", folders.join(", "))).into());
    }
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).map_err(|error| CliError::reading(&path, error))?;
        Ok((path.display().to_string(), bytes))
    };
    found.files.into_iter().map(read).collect()
}

/// Writes the certificate or the failures; the other file, of an earlier examination, is taken away, so that a folder
/// never says both.
fn write(out: &Path, report: &Report, certificate: Option<&Certificate>) -> Result<PathBuf, CliError> {
    let disk =
        |doing, path: &Path, reason| CliError::Disk { doing, path: path.display().to_string(), reason };
    std::fs::create_dir_all(out).map_err(|reason| disk("making", out, reason))?;
    let (name, other, bytes) = match certificate {
        Some(certificate) => (CERTIFICATE, FAILURES, certificate.to_bytes()),
        None => (FAILURES, CERTIFICATE, report.failures_csv()),
    };
    let other = out.join(other);
    match std::fs::remove_file(&other) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(reason) => return Err(disk("removing", &other, reason)),
    }
    let path = out.join(name);
    write_file(&path, &bytes)?;
    Ok(path)
}

fn text(report: &Report, written: Option<&Path>, output: &Output) -> String {
    let counts = &report.counts;
    let amount = i64::try_from(counts.amount_fen).ok().and_then(|fen| Fen::new(fen).ok()).unwrap_or(Fen::MAX);
    let (packages, records, amount) = (grouped(counts.packages), grouped(counts.records), yuan(amount));
    let (collectors, terminals) = (grouped(report.collectors().len() as u64), grouped(counts.terminals));
    let cards = grouped(counts.cards);
    let mut lines = vec![output.pick(
        format!("检查 {packages} 包（{collectors} 个采集点）：{records} 笔，{amount} 元，{terminals} 台终端，{cards} 张卡"),
        format!(
            "examined {packages} packages of {collectors} collectors: {records} records, {amount} yuan, {terminals} \
             terminals, {cards} cards"
        ),
    )];
    if counts.repeated > 0 {
        let repeated = grouped(counts.repeated);
        lines.push(output.pick(
            format!("另有 {repeated} 个文件内容相同，未再检查"),
            format!("{repeated} more files hold the same bytes and were not looked at again"),
        ));
    }
    for (rule, count) in report.findings.counts() {
        lines.extend(rule_lines(report, rule, count, output));
    }
    lines.push(String::new());
    lines.extend(report.coverage.iter().map(|covered| coverage_line(covered, output)));
    if !report.unchecked.is_empty() {
        let rules: Vec<&str> = report.unchecked.iter().map(|rule| rule.name()).collect();
        let rules = rules.join(", ");
        lines.push(output.pick(
            format!("未检查（没有密钥）：{rules}"),
            format!("not checked, for there are no keys: {rules}"),
        ));
    }
    lines.push(verdict(report, output));
    lines.extend(written.map(|path| path.display().to_string()));
    lines.join("\n")
}

/// One rule that is broken, and where.
fn rule_lines(report: &Report, rule: Rule, count: u64, output: &Output) -> Vec<String> {
    let severity = match rule.severity() {
        Severity::Error => output.pick("错误", "error"),
        Severity::Advice => output.pick("建议", "advice"),
    };
    let reason = rule.reason().map_or_else(String::new, |reason| format!(", {reason}"));
    let mut lines =
        vec![format!("\n{} ×{count}  [{rule}: {severity}{reason}]", output.pick(rule.zh(), rule.en()))];
    let of_rule: Vec<&Finding> = report.findings.kept().filter(|finding| finding.rule == rule).collect();
    lines.extend(of_rule.iter().take(SHOWN_MAX).map(|finding| {
        let Finding { package, row, offset, field, value, expected, .. } = finding;
        let row =
            row.map_or_else(String::new, |row| output.pick(format!(" 第 {row} 行"), format!(" row {row}")));
        let offset =
            offset.map_or_else(String::new, |at| output.pick(format!(" 字节 {at}"), format!(" byte {at}")));
        let (is, must) = output.pick(("为", "，应为"), ("is", ", expected"));
        format!("  {package}{row}{offset}: {field} {is} {value}{must} {expected}")
    }));
    let shown = of_rule.len().min(SHOWN_MAX) as u64;
    if count > shown {
        let more = count - shown;
        lines.push(output.pick(format!("  另有 {more} 处"), format!("  and {more} more")));
    }
    lines
}

fn coverage_line(covered: &Covered, output: &Output) -> String {
    let (name, found, needed) =
        (output.pick(covered.demand.zh(), covered.demand.en()), covered.found, covered.needed);
    let short = if covered.is_met() { "" } else { output.pick("  不足", "  TOO FEW") };
    output.pick(
        format!("{name}：{found}，至少 {needed}{short}"),
        format!("{found} {name}: at least {needed}{short}"),
    )
}

fn verdict(report: &Report, output: &Output) -> String {
    if report.is_certified() {
        return output.pick("符合规范".to_owned(), "certified: every rule is kept".to_owned());
    }
    let (errors, advice) = (report.findings.count(Severity::Error), report.findings.count(Severity::Advice));
    output.pick(
        format!("不发证书：{errors} 处错误，{advice} 处建议"),
        format!("NOT certified: {errors} errors, {advice} advice"),
    )
}
