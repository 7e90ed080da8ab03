//! `audit`: the log of what people and nights did, and whether it is still a chain.

use clap::Subcommand;
use serde_json::{Value, json};
use tongclear_report::{Align, Table};
use tongclear_store::AuditRow;
use tongclear_store::audit::first_break;

use crate::args::Global;
use crate::exit::{CHECK_FAILED, DONE};
use crate::open;
use crate::output::Output;

/// Subcommands of `audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// All entries, each chained to the one before · 审计日志
    #[command(
        after_help = "Exit code 4 when the log is no chain any more.\n\nExample · 示例:\n  tongclear audit list\n  \
        tongclear audit list --json"
    )]
    List,
}

pub(crate) async fn run(command: AuditCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let AuditCommand::List = command;
    let centre = open::centre(global).await?;
    let log = centre.store.audit_log().await?;
    // Times are shown in the centre's zone once there is a registry that names it.
    let zone = match centre.store.latest_registry().await? {
        Some(_) => Some(centre.registry().await?.body.centre.timezone.clone()),
        None => None,
    };
    let broken = first_break(&log);
    let json: Vec<Value> = log
        .iter()
        .map(|row| {
            json!({
                "entry": row.entry,
                "at": row.stamp.at,
                "actor": row.stamp.by.to_string(),
                "event": serde_json::from_str::<Value>(&row.event).unwrap_or_else(|_| row.event.clone().into()),
                "previous": row.previous,
                "hash": row.hash,
            })
        })
        .collect();
    let chain = broken.as_ref().map(|broken| json!({ "entry": broken.entry, "why": broken.why }));
    output.result(&json!({ "entries": json, "broken": chain }), || {
        let mut table = Table::new(&[
            (output.pick("序号", "entry"), Align::Right),
            (output.pick("时间", "at"), Align::Left),
            (output.pick("操作人", "actor"), Align::Left),
            (output.pick("事件", "event"), Align::Left),
            (output.pick("哈希", "hash"), Align::Left),
        ]);
        for row in &log {
            table.row([
                row.entry.to_string(),
                local_time(row, zone.as_deref()),
                row.stamp.by.to_string(),
                told(row),
                format!("{:.16}…", row.hash.to_string()),
            ]);
        }
        let mut lines = table.lines();
        lines.push(match &broken {
            None => output.pick("日志链完整".to_owned(), "the log is a chain".to_owned()),
            Some(broken) => {
                let entry = broken.entry;
                output.pick(
                    format!("日志链在第 {entry} 条断裂：{}", broken.why),
                    format!("the chain breaks at entry {entry}: {}", broken.why),
                )
            }
        });
        lines.join("\n")
    })?;
    Ok(if broken.is_none() { DONE } else { CHECK_FAILED })
}

/// The moment in the centre's zone, or in UTC.
fn local_time(row: &AuditRow, zone: Option<&str>) -> String {
    let Ok(at) = jiff::Timestamp::from_millisecond(row.stamp.at.0) else { return row.stamp.at.0.to_string() };
    match zone.and_then(|zone| at.in_tz(zone).ok()) {
        Some(local) => local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        None => at.to_string(),
    }
}

/// The event and what names it, without its digests.
fn told(row: &AuditRow) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(&row.event) else { return row.event.clone() };
    let name = fields.get("event").and_then(Value::as_str).unwrap_or_default();
    let shown = [
        "window",
        "date",
        "version",
        "generation",
        "id",
        "name",
        "user",
        "role",
        "participant",
        "collector",
        "serial",
        "kind",
        "state",
        "required",
        "url",
        "label",
        "change",
        "operator",
        "packages",
        "transactions",
        "lines",
        "approved",
    ];
    let parts = shown.iter().filter_map(|field| fields.get(*field).map(|value| format!("{field} {value}")));
    let parts: Vec<String> = parts.map(|part| part.replace('"', "")).collect();
    format!("{name}  {}", parts.join(", "))
}
