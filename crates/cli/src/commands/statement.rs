//! `statement` and `month`: statements and the month's report as PDF, XLSX, CSV and JSON.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use tongclear_access::Action;
use tongclear_desk::paper::{
    Fonts, Format, Month, Papers, Period, fonts, month_document, month_report, statement_document,
};
use tongclear_engine::Stage;
use tongclear_ledger::Participant;
use tongclear_store::Scope;
use tongclear_types::{BusinessDate, MerchantCode, OperatorCode};

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::out_file::write_file;
use crate::output::Output;
use crate::{open, progress::progress};

pub(crate) const EXAMPLES: &str = "\
One document names opening, what moved, what was paid and closing, with the bank's references, and lists every transaction that \
was not paid, with the reason. All windows must be settled, or exit code 4 names those that are not. With --all, DIR gets the \
statements of every merchant and card operator. PDF needs a font with Chinese (apt-get install fonts-wqy-microhei).

Example · 示例:
  tongclear statement --merchant BUS00001 --window 2026-11-23 --out bus.pdf
  tongclear statement --operator 0417 --month 2026-11 --out 0417.xlsx
  tongclear statement --all --month 2026-11 --out november
  tongclear statement --all --month 2026-11 --format pdf,xlsx --out november";

pub(crate) const MONTH_EXAMPLES: &str = "\
Volumes and income day by day, by card operator and sector, why records are unpaid, open items of reconciliation by age, payouts \
by state. Exit code 4 names windows that are not settled.

Example · 示例:
  tongclear month --month 2026-11 --out november.pdf
  tongclear month --month 2026-11 --so-far --format json --out november.json";

/// Whose statement, of which days, in which form.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("who").required(true), group = ArgGroup::new("period").required(true))]
pub(crate) struct Statement {
    /// The merchant's or load agent's code
    #[arg(long, value_name = "CODE", group = "who")]
    merchant: Option<MerchantCode>,
    /// The card operator's code
    #[arg(long, value_name = "CODE", group = "who")]
    operator: Option<OperatorCode>,
    /// Every merchant and card operator, into the folder of --out
    #[arg(long, group = "who")]
    all: bool,
    /// Business date of the window
    #[arg(long, value_name = "DATE", group = "period")]
    window: Option<BusinessDate>,
    /// All windows of a month
    #[arg(long, value_name = "YYYY-MM", group = "period")]
    month: Option<Month>,
    /// pdf, xlsx, csv or json; several with --all, which writes all four by default; else the ending of --out
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = format)]
    format: Vec<Format>,
    /// Of a month take the windows that are settled
    #[arg(long, requires = "month")]
    so_far: bool,
    #[command(flatten)]
    place: Place,
}

/// Of which month, in which form.
#[derive(Debug, Args)]
pub(crate) struct MonthEnd {
    /// The month
    #[arg(long, value_name = "YYYY-MM")]
    month: Month,
    /// pdf, xlsx, csv or json; by default the ending of --out
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<Format>,
    /// Take the windows that are settled
    #[arg(long)]
    so_far: bool,
    #[command(flatten)]
    place: Place,
}

/// Where to, and in which type.
#[derive(Debug, Args)]
struct Place {
    /// File to write; for all statements the folder, which is made where it is missing
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Font with Chinese for PDF, and which face of a collection; by default the first known one that is installed
    #[arg(long, value_name = "FILE[:INDEX]", env = "TONGCLEAR_FONT", hide_env_values = true)]
    font: Option<String>,
}

fn format(text: &str) -> Result<Format, String> {
    Format::from_name(text).ok_or_else(|| format!("{text:?} is not a format: pdf, xlsx, csv or json"))
}

impl Place {
    /// The format that the ending of the file names, when none was asked for.
    fn format(&self, asked: Option<Format>) -> Result<Format, CliError> {
        let ending = self.out.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
        asked.or_else(|| Format::from_name(&ending?)).ok_or_else(|| {
            let out = self.out.display();
            CliError::Usage(format!("{out}: give --format, or a name that ends with pdf, xlsx, csv or json"))
        })
    }

    /// Fonts, when one of `formats` needs them.
    fn fonts(&self, formats: &[Format]) -> anyhow::Result<Option<Fonts>> {
        let asked = self.font.as_deref().filter(|font| !font.is_empty());
        Ok(formats.contains(&Format::Pdf).then(|| fonts(asked)).transpose()?)
    }
}

impl Statement {
    fn scope(&self) -> Scope {
        match (self.merchant, self.operator) {
            (Some(code), _) => Scope::Of(Participant::Merchant(code)),
            (None, Some(code)) => Scope::Of(Participant::Operator(code)),
            (None, None) => Scope::Everything,
        }
    }

    fn period(&self) -> Result<Period, CliError> {
        let window = self.window.map(Period::Window);
        let period = window.or(self.month.map(Period::Month));
        period.ok_or_else(|| CliError::Usage("give --window or --month".to_owned()))
    }

    fn formats(&self) -> Result<Vec<Format>, CliError> {
        match (self.all, self.format.as_slice()) {
            (true, []) => Ok(Format::ALL.to_vec()),
            (true, several) => Ok(several.to_vec()),
            (false, [] | [_]) => Ok(vec![self.place.format(self.format.first().copied())?]),
            (false, _) => {
                Err(CliError::Usage("--format: name one, or make the statements of --all".to_owned()))
            }
        }
    }
}

pub(crate) async fn run(options: Statement, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (period, formats) = (options.period()?, options.formats()?);
    // Refused before the records of a month are read.
    let fonts = options.place.fonts(&formats)?;
    let centre = open::centre_for(global, Action::ReadStatements).await?;
    let papers = Papers::gather(&centre, options.scope(), period, options.so_far).await?;
    let out = &options.place.out;
    if let Scope::Of(participant) = options.scope() {
        let made = one(&papers, participant, &formats, fonts.as_ref(), |_| out.clone())?;
        let path = out.display();
        output.result(&made, || output.pick(format!("已写入 {path}"), format!("written to {path}")))?;
        return Ok(DONE);
    }
    make_folder(out)?;
    let participants = papers.participants();
    let progress = progress(global.lang);
    let files = participants.len() * formats.len();
    progress.begin(Stage::Statements, u64::try_from(files).unwrap_or(u64::MAX));
    let mut all = Vec::new();
    for participant in participants {
        let code = match participant {
            Participant::Merchant(code) | Participant::Sponsor(code) => code.to_string(),
            Participant::Operator(code) => code.to_string(),
            Participant::Centre => String::new(),
        };
        let place = |format: Format| out.join(format!("statement-{code}-{period}.{}", format.name()));
        all.push(one(&papers, participant, &formats, fonts.as_ref(), place)?);
        progress.advance(Stage::Statements, u64::try_from(formats.len()).unwrap_or(u64::MAX));
    }
    progress.end(Stage::Statements);
    let (count, path) = (all.len(), out.display().to_string());
    output.result(&json!({ "period": period, "out": path, "files": files, "statements": all }), || {
        output.pick(
            format!("已写入 {path}：{count} 份对账单，{files} 个文件"),
            format!("written to {path}: {count} statements, {files} files"),
        )
    })?;
    Ok(DONE)
}

/// Writes one participant's statement in each format; says which and where.
fn one(
    papers: &Papers,
    participant: Participant,
    formats: &[Format],
    fonts: Option<&Fonts>,
    place: impl Fn(Format) -> PathBuf,
) -> anyhow::Result<Value> {
    let statement = papers.statement(participant)?;
    let mut files = Vec::new();
    for format in formats {
        let path = place(*format);
        let beside = path.with_extension(Format::Csv.name());
        let name = beside.file_name().unwrap_or_default().to_string_lossy();
        let document = statement_document(&statement, *format, fonts, &name)?;
        write_file(&path, &document.bytes)?;
        files.push(path.display().to_string());
        if let Some(bytes) = document.beside {
            write_file(&beside, &bytes)?;
            files.push(beside.display().to_string());
        }
    }
    files.dedup();
    let figures = statement.figures();
    Ok(json!({
        "participant": participant, "period": figures.period, "out": files,
        "opening_fen": figures.summary.opening, "net_fen": figures.summary.net,
        "payouts_fen": figures.summary.payouts, "closing_fen": figures.summary.closing,
        "unpaid": figures.unpaid.records().len(),
    }))
}

pub(crate) async fn month(options: MonthEnd, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let MonthEnd { month, so_far, place, .. } = options;
    let format = place.format(options.format)?;
    let fonts = place.fonts(&[format])?;
    let centre = open::centre_for(global, Action::ReadStatements).await?;
    let report = month_report(&centre, month, so_far).await?;
    write_file(&place.out, &month_document(&report, format, fonts.as_ref())?)?;
    let (path, figures) = (place.out.display().to_string(), report.figures());
    let made = json!({
        "month": month, "out": path, "windows": figures.days.len(), "income_fen": figures.movement.fee,
        "accepted": figures.dispositions.accepted,
    });
    output.result(&made, || output.pick(format!("已写入 {path}"), format!("written to {path}")))?;
    Ok(DONE)
}

fn make_folder(folder: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|reason| CliError::Disk {
        doing: "making",
        path: folder.display().to_string(),
        reason,
    })
}
