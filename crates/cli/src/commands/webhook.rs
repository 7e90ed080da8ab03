//! `webhook`: who is told of events.

use clap::Subcommand;
use serde_json::json;
use tongclear_access::Action;
use tongclear_desk::hooks;
use tongclear_ledger::Participant;
use tongclear_report::{Align, Table};
use tongclear_store::webhooks;

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Tell an address of every event from now on, or of a participant's · 新增事件通知
    #[command(
        after_help = "A server that runs delivers them, signed, in order, at least once (docs/serve.md).\n\nExample · 示例:\n  \
        tongclear webhook add https://books.example/tongclear\n  tongclear webhook add https://bus.example/hook --participant \
        merchant:BUS00001"
    )]
    Add {
        /// Where events are sent
        #[arg(value_name = "URL")]
        url: String,
        /// Only what concerns this participant
        #[arg(long, value_name = "PARTICIPANT")]
        participant: Option<Participant>,
    },
    /// All of them, and how far each has been told · 列表
    #[command(after_help = "Example · 示例:\n  tongclear webhook list")]
    List,
    /// Stop telling an address · 停止通知
    #[command(after_help = "Example · 示例:\n  tongclear webhook remove 1")]
    Remove {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
    },
}

impl WebhookCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Add { .. } => "webhook add",
            Self::List => "webhook list",
            Self::Remove { .. } => "webhook remove",
        }
    }
}

pub(crate) async fn run(command: WebhookCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre_for(global, Action::ManageWebhooks).await?;
    match command {
        WebhookCommand::Add { url, participant } => {
            let (id, secret) = hooks::add(&centre, &url, participant, &open::passphrase(global)?).await?;
            output.result(&json!({ "id": id, "secret": secret.reveal() }), || {
                let secret = secret.reveal();
                output.pick(
                    format!("事件通知 {id}，签名密钥仅显示一次：\n{secret}"),
                    format!("webhook {id}; the key that signs its events, shown this once:\n{secret}"),
                )
            })?;
        }
        WebhookCommand::List => {
            let rows = webhooks::webhooks(&*centre.store).await?;
            let list: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({
                        "id": row.id,
                        "url": row.url,
                        "participant": row.participant.map(|it| it.to_string()),
                        "sent": row.sent,
                        "failures": row.failures,
                        "last_error": row.last_error,
                        "active": row.active,
                    })
                })
                .collect();
            output.result(&list, || {
                let mut table = Table::new(&[
                    (output.pick("序号", "id"), Align::Right),
                    (output.pick("地址", "url"), Align::Left),
                    (output.pick("参与方", "participant"), Align::Left),
                    (output.pick("已通知至", "told up to"), Align::Right),
                    (output.pick("连续失败", "failures"), Align::Right),
                    (output.pick("最近错误", "last error"), Align::Left),
                ]);
                for row in rows.iter().filter(|row| row.active) {
                    table.row([
                        row.id.to_string(),
                        row.url.clone(),
                        row.participant.map_or_else(|| "-".to_owned(), |it| it.to_string()),
                        row.sent.to_string(),
                        row.failures.to_string(),
                        row.last_error.clone().unwrap_or_else(|| "-".to_owned()),
                    ]);
                }
                table.lines().join("\n")
            })?;
        }
        WebhookCommand::Remove { id } => {
            if !webhooks::remove_webhook(&*centre.store, id, &centre.stamp()).await? {
                return Err(CliError::Refused(format!(
                    "no webhook {id} is told; see `tongclear webhook list`"
                ))
                .into());
            }
            output.result(&json!({ "removed": id }), || {
                output.pick(format!("事件通知 {id} 已停止"), format!("webhook {id} is told no more"))
            })?;
        }
    }
    Ok(DONE)
}
