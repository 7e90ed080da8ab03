//! `keys load` and `keys list`: check values are shown, keys never.

use std::path::Path;

use serde_json::json;
use tongclear_desk::DeskError;
use tongclear_desk::proposals::{Effect, Proposed, submit};
use tongclear_engine::EngineError;
use tongclear_mac::KeyInfo;
use tongclear_report::{Align, Table};
use zeroize::Zeroizing;

use super::proposal::show;
use super::registry::read_text;
use crate::args::{Global, KeysCommand};
use crate::exit::DONE;
use crate::open;
use crate::output::Output;

pub(crate) async fn run(command: KeysCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match command {
        KeysCommand::Load { file } => load(&file, global, output).await,
        KeysCommand::List => list(global, output).await,
    }
}

async fn load(file: &Path, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (centre, acting) = open::desk(global).await?;
    let passphrase = open::passphrase(global)?;
    let toml = Zeroizing::new(read_text(file)?);
    let loaded = submit(&centre, &acting, Proposed::Keys(toml), Some(&passphrase)).await;
    let outcome = loaded.map_err(|error| match error {
        // What is wrong with the file, not with the ring.
        DeskError::Engine(EngineError::KeyFile(_)) => {
            anyhow::Error::from(error).context(file.display().to_string())
        }
        _ => error.into(),
    })?;
    show(&outcome, output, |effect| {
        let Effect::Keys { generation, added } = effect else { return Default::default() };
        let json = json!({ "generation": generation, "added": added });
        if added.is_empty() {
            let unchanged = output.pick(
                format!("密钥环未变，仍为第 {generation} 代"),
                format!("the key ring holds them all already, generation {generation}"),
            );
            return (json, unchanged);
        }
        let head = output.pick(
            format!("密钥环第 {generation} 代，新增 {} 个密钥", added.len()),
            format!("key ring generation {generation}, {} new keys", added.len()),
        );
        (json, format!("{head}\n{}", table(added, output)))
    })?;
    Ok(DONE)
}

async fn list(global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    let ring = centre.key_ring(&open::passphrase(global)?).await?;
    let keys: Vec<KeyInfo> = ring.body.entries().collect();
    output.result(&json!({ "generation": ring.number, "keys": keys }), || table(&keys, output))?;
    Ok(DONE)
}

fn table(keys: &[KeyInfo], output: &Output) -> String {
    let mut table = Table::new(&[
        (output.pick("用途", "use"), Align::Left),
        (output.pick("发卡机构", "operator"), Align::Left),
        (output.pick("版本", "version"), Align::Right),
        (output.pick("算法", "algorithm"), Align::Left),
        (output.pick("校验值", "check value"), Align::Left),
    ]);
    for key in keys {
        table.row([
            key.key_use.to_string(),
            key.operator.map_or_else(|| "-".to_owned(), |code| code.to_string()),
            key.version.to_string(),
            key.algorithm.to_owned(),
            key.check_value.clone(),
        ]);
    }
    table.lines().join("\n")
}
