//! `continuity` and `devices`: what is missing, doubled or broken, and which device should be looked at.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use tongclear_desk::cleared;
use tongclear_report::{ContinuityReport, DevicesReport, ReportFile};
use tongclear_types::BusinessDate;

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::out_file::OutFile;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct ItemOptions {
    /// Business date of the window
    #[arg(long, value_name = "DATE")]
    window: BusinessDate,
    /// Every item, not only the most important
    #[arg(long)]
    all: bool,
    /// Folder to write continuity.csv and devices.csv into; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceOptions {
    /// Business date of the window
    #[arg(long, value_name = "DATE")]
    window: BusinessDate,
    /// Every device, not only the worst
    #[arg(long)]
    all: bool,
}

/// `continuity`.
pub(crate) async fn items(options: ItemOptions, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (known, registry) = cleared::continuity(&open::centre(global).await?, options.window).await?;
    let report = ContinuityReport::new(options.window, &registry, &known.items);
    let mut json = report.json();
    let mut written = Vec::new();
    if let Some(folder) = &options.out {
        let devices = DevicesReport::new(options.window, &registry, &known.devices);
        for file in [report.file()?, devices.file()?] {
            written.push(write(folder, &file)?.display().to_string());
        }
        json["written"] = serde_json::json!(written);
    }
    output.result(&json, || {
        let written =
            written.iter().map(|path| output.pick(format!("已写入 {path}\n"), format!("written: {path}\n")));
        std::iter::once(report.text(output.lang(), options.all)).chain(written).collect::<String>()
    })?;
    Ok(DONE)
}

/// `devices`.
pub(crate) async fn devices(options: DeviceOptions, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (known, registry) = cleared::continuity(&open::centre(global).await?, options.window).await?;
    let report = DevicesReport::new(options.window, &registry, &known.devices);
    output.result(&report.json(), || report.text(output.lang(), options.all))?;
    Ok(DONE)
}

/// Writes a file into `folder`, whole or not at all; says where it is.
fn write(folder: &Path, file: &ReportFile) -> Result<PathBuf, CliError> {
    let place = folder.join(&file.name);
    let fault =
        |path: &Path, reason| CliError::Disk { doing: "writing", path: path.display().to_string(), reason };
    std::fs::create_dir_all(folder).map_err(|reason| fault(folder, reason))?;
    let mut out = OutFile::create(&place)?;
    out.file().write_all(&file.body).map_err(|reason| fault(&place, reason))?;
    out.finish()?;
    Ok(place)
}
