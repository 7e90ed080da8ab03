//! `registry load`.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use tongclear_desk::proposals::{Effect, Proposed, submit};

use super::proposal::show;
use crate::args::{Global, RegistryCommand};
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

pub(crate) async fn run(command: RegistryCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match command {
        RegistryCommand::Load { dir } => load(&dir, global, output).await,
    }
}

async fn load(dir: &Path, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (centre, acting) = open::desk(global).await?;
    let toml = read_text(&dir.join("registry.toml"))?;
    let path = dir.join("terminals.csv");
    let terminals = std::fs::read(&path).map_err(|error| CliError::reading(&path, error))?;
    let outcome = submit(&centre, &acting, Proposed::Registry { toml, terminals }, None)
        .await
        .with_context(|| dir.display().to_string())?;
    show(&outcome, output, |effect| {
        let Effect::Registry { version, changes } = effect else { return Default::default() };
        let json = json!({ "version": version, "changes": changes });
        if changes.is_empty() {
            let unchanged = output.pick(
                format!("登记未变，仍为第 {version} 版"),
                format!("the registry is unchanged, version {version}"),
            );
            return (json, unchanged);
        }
        let head = output.pick(format!("登记第 {version} 版"), format!("registry version {version}"));
        (json, format!("{head}\n{changes}"))
    })?;
    Ok(DONE)
}

/// A file of text; one that is not UTF-8 is bad input, not a fault of the disk.
pub(crate) fn read_text(path: &Path) -> Result<String, CliError> {
    let bytes = std::fs::read(path).map_err(|error| CliError::reading(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CliError::Refused(format!("{}: byte {at} is not UTF-8", path.display()))
    })
}
