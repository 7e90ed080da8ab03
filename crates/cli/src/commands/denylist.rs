//! `denylist load`.

use anyhow::Context as _;
use serde_json::json;
use tongclear_desk::DeskError;
use tongclear_desk::proposals::{Effect, Outcome, Proposed, submit};
use tongclear_engine::admin;

use super::proposal::show;
use crate::args::{DenylistCommand, Global};
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

pub(crate) async fn run(command: DenylistCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let DenylistCommand::Load { file, approve } = command;
    let (centre, acting) = open::desk(global).await?;
    let bytes = std::fs::read(&file).map_err(|error| CliError::reading(&file, error))?;
    let outcome = match approve {
        true => submit(&centre, &acting, Proposed::DenyList(bytes), None).await,
        false => {
            let loaded = admin::load_deny_list(&centre, &bytes, false).await;
            loaded.map(|list| Outcome::Done(Effect::DenyList(list))).map_err(DeskError::from)
        }
    };
    let outcome = outcome.with_context(|| file.display().to_string())?;
    show(&outcome, output, |effect| {
        let Effect::DenyList(list) = effect else { return Default::default() };
        let json = json!({
            "operator": list.operator,
            "version": list.version,
            "effective": list.effective.to_string(),
            "entries": list.entries,
        });
        let (operator, version, effective, entries) =
            (list.operator, list.version, list.effective, list.entries);
        let text = output.pick(
            format!("黑名单 {operator} 第 {version} 版，{effective} 生效，{entries} 张卡"),
            format!("deny list {operator} version {version}, effective {effective}, {entries} cards"),
        );
        (json, text)
    })?;
    Ok(DONE)
}
