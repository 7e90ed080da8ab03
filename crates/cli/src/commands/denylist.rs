//! `denylist load`.

use anyhow::Context as _;
use serde_json::json;
use tongclear_engine::admin;

use crate::args::{DenylistCommand, Global};
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

pub(crate) async fn run(command: DenylistCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let DenylistCommand::Load { file, approve } = command;
    let centre = open::centre(global).await?;
    let bytes = std::fs::read(&file).map_err(|error| CliError::reading(&file, error))?;
    let list =
        admin::load_deny_list(&centre, &bytes, approve).await.with_context(|| file.display().to_string())?;
    let json = json!({
        "operator": list.operator,
        "version": list.version,
        "effective": list.effective.to_string(),
        "entries": list.entries,
    });
    output.result(&json, || {
        let (operator, version, effective, entries) =
            (list.operator, list.version, list.effective, list.entries);
        output.pick(
            format!("黑名单 {operator} 第 {version} 版，{effective} 生效，{entries} 张卡"),
            format!("deny list {operator} version {version}, effective {effective}, {entries} cards"),
        )
    })?;
    Ok(DONE)
}
