//! `export`.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use serde_json::json;
use tongclear_engine::export::{Format, export};
use tongclear_types::BusinessDate;

use crate::args::{ExportFormat, Global};
use crate::exit::{CliError, DONE};
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
    // Written beside its place and moved there whole, so that a fault leaves no half an export.
    let partial = out.with_extension("partial");
    let disk = |doing| {
        let path = out.display().to_string();
        move |reason: std::io::Error| CliError::Disk { doing, path, reason }
    };
    let file = File::create(&partial).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CliError::reading(out.parent().unwrap_or(out), error),
        _ => disk("writing")(error),
    })?;
    let mut file = BufWriter::new(file);
    let written = export(&centre, window, format, &mut file, &*progress(global.lang)).await;
    let whole = match written {
        Ok(records) => file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&partial, out))
            .map(|()| records)
            .map_err(|error| anyhow::Error::from(disk("writing")(error))),
        Err(error) => Err(error.into()),
    };
    let records = whole.inspect_err(|_| {
        // The disk that failed may refuse this too; the error at hand is the one to tell.
        let _ = std::fs::remove_file(&partial);
    })?;
    let path = out.display().to_string();
    output.result(&json!({ "window": window, "out": path, "records": records }), || {
        output.pick(format!("{records} 条记录已写入 {path}"), format!("{records} records written to {path}"))
    })?;
    Ok(DONE)
}
