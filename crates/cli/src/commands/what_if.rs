//! `what-if`: a past window rated again under a draft of contracts; nothing is changed.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tongclear_report::{Names, WhatIfView};
use tongclear_types::BusinessDate;

use super::ledger::show;
use super::registry::read_text;
use crate::args::Global;
use crate::exit::DONE;
use crate::output::Output;
use crate::{open, progress::progress};

#[derive(Debug, Args)]
pub(crate) struct WhatIf {
    /// Business date of a cleared window
    #[arg(long, value_name = "DATE")]
    window: BusinessDate,
    /// Draft: `[[contract]]` tables as in registry.toml, or a whole registry.toml
    #[arg(long, value_name = "FILE")]
    contracts: PathBuf,
    /// CSV file to write instead of printing the table
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn run(options: WhatIf, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let WhatIf { window, contracts, out } = options;
    let draft = read_text(&contracts)?;
    let centre = open::centre(global).await?;
    let progress = progress(global.lang);
    let found = tongclear_engine::what_if(&centre, window, &draft, &*progress).await;
    let found = match found {
        // Only what is wrong with the draft is wrong with that file.
        Err(error @ tongclear_engine::EngineError::Registry(_)) => {
            Err(error).with_context(|| contracts.display().to_string())?
        }
        found => found?,
    };
    let view = WhatIfView {
        window,
        contracts: contracts.display().to_string(),
        drafted: &found.drafted,
        comparison: &found.comparison,
        names: Names::of(&found.registry),
    };
    let csv = out.is_some().then(|| view.csv()).transpose()?;
    let text = view.text(output.lang())?;
    show(view.json()?, out.as_deref(), csv, output, || text)?;
    Ok(DONE)
}
