//! `quarantine list` and `quarantine retry`.

use serde_json::json;
use tongclear_access::Action;
use tongclear_engine::intake::retry_quarantine;

use super::intake::show;
use crate::args::{Global, QuarantineCommand};
use crate::exit::DONE;
use crate::output::Output;
use crate::{open, progress::progress};

pub(crate) async fn run(command: QuarantineCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    match command {
        QuarantineCommand::List => list(global, output).await,
        QuarantineCommand::Retry => {
            let centre = open::centre_for(global, Action::RetryQuarantine).await?;
            let keys = centre.key_ring(&open::passphrase(global)?).await?.body;
            show(&retry_quarantine(&centre, &keys, &*progress(global.lang)).await?, output)
        }
    }
}

async fn list(global: &Global, output: &Output) -> anyhow::Result<u8> {
    let rows = open::centre(global).await?.store.quarantine().await?;
    let json: Vec<_> = rows
        .iter()
        .map(|row| {
            let refused = &row.refused;
            json!({
                "sha256": refused.digest.to_string(),
                "bytes": refused.bytes,
                "source": refused.source,
                "reason": refused.reason,
                "field": refused.field,
                "value": refused.value,
                "expected": refused.expected,
                "arrivals": row.arrivals,
            })
        })
        .collect();
    output.result(&json, || {
        if rows.is_empty() {
            return output.pick("隔离区为空".to_owned(), "nothing is in quarantine".to_owned());
        }
        let line = |row: &tongclear_store::QuarantineRow| {
            let it = &row.refused;
            format!(
                "{:.12}…  {:>10} B  ×{}  {}  {} = {}, expected {}  ({})",
                it.digest.to_string(),
                it.bytes,
                row.arrivals,
                it.reason,
                it.field,
                it.value,
                it.expected,
                it.source
            )
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(DONE)
}
