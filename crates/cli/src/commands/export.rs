//! `export`.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::json;
use tongclear_engine::export::{Format, export};
use tongclear_types::BusinessDate;

use crate::args::{ExportFormat, Global};
use crate::exit::{CliError, DONE};
use crate::out_file::OutFile;
use crate::output::Output;
use crate::{open, progress::progress};

pub(crate) async fn run(
    window: BusinessDate,
    out: &Path,
    format: ExportFormat,
    global: &Global,
    output: &Output,
) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    // Refused before a file is made.
    tongclear_engine::export::require_cleared(&centre.window(window).await?)?;
    let format = match format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Parquet => Format::Parquet,
    };
    let mut file = OutFile::create(out)?;
    let mut buffer = BufWriter::new(file.file());
    let records = export(&centre, window, format, &mut buffer, &*progress(global.lang)).await?;
    let written = buffer.flush();
    drop(buffer);
    written.map_err(|reason| CliError::Disk { doing: "writing", path: out.display().to_string(), reason })?;
    file.finish()?;
    let path = out.display().to_string();
    output.result(&json!({ "window": window, "out": path, "records": records }), || {
        output.pick(format!("{records} 条记录已写入 {path}"), format!("{records} records written to {path}"))
    })?;
    Ok(DONE)
}
