//! `token`: what programs show instead of a password.

use clap::Subcommand;
use serde_json::json;
use tongclear_access::{Action, UserName};
use tongclear_desk::people;
use tongclear_report::{Align, Table};
use tongclear_store::people as rows;

use super::ca::day;
use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Issue a token that may what its user may; it is shown once · 签发令牌
    #[command(
        after_help = "Example · 示例:\n  tongclear token issue --for bus --label 'nightly download' --days 365"
    )]
    Issue {
        /// Whose it is
        #[arg(long = "for", value_name = "NAME")]
        holder: UserName,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        label: String,
        /// How long it is good for
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        days: u32,
    },
    /// All tokens, without their secrets · 令牌列表
    #[command(after_help = "Example · 示例:\n  tongclear token list")]
    List,
    /// Revoke a token · 吊销令牌
    #[command(after_help = "Example · 示例:\n  tongclear token revoke 3")]
    Revoke {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
    },
}

impl TokenCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "token issue",
            Self::List => "token list",
            Self::Revoke { .. } => "token revoke",
        }
    }
}

pub(crate) async fn run(command: TokenCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre_for(global, Action::ManageUsers).await?;
    match command {
        TokenCommand::Issue { holder, label, days } => {
            let (id, secret, expires_at) = people::issue_token(&centre, &holder, &label, days).await?;
            let json = json!({ "id": id, "secret": secret.reveal(), "expires_at": expires_at.0 });
            output.result(&json, || {
                let (until, secret) = (day(expires_at), secret.reveal());
                output.pick(
                    format!("令牌 {id}，有效期至 {until}，仅显示一次：\n{secret}"),
                    format!("token {id}, good until {until}, shown this once:\n{secret}"),
                )
            })?;
        }
        TokenCommand::List => {
            let tokens = rows::tokens(&*centre.store).await?;
            let list: Vec<_> = tokens
                .iter()
                .map(|row| {
                    json!({
                        "id": row.id,
                        "user": row.user,
                        "label": row.label,
                        "expires_at": row.expires_at.0,
                        "revoked_at": row.revoked_at.map(|it| it.0),
                    })
                })
                .collect();
            output.result(&list, || {
                let mut table = Table::new(&[
                    (output.pick("序号", "id"), Align::Right),
                    (output.pick("用户", "user"), Align::Left),
                    (output.pick("用途", "label"), Align::Left),
                    (output.pick("有效期至", "expires"), Align::Left),
                    (output.pick("吊销", "revoked"), Align::Left),
                ]);
                for row in &tokens {
                    let revoked = row.revoked_at.map_or_else(|| "-".to_owned(), day);
                    table.row([
                        row.id.to_string(),
                        row.user.to_string(),
                        row.label.clone(),
                        day(row.expires_at),
                        revoked,
                    ]);
                }
                table.lines().join("\n")
            })?;
        }
        TokenCommand::Revoke { id } => {
            if !rows::revoke_token(&*centre.store, id, &centre.stamp()).await? {
                let hint = format!("no token {id} is in force; see `tongclear token list`");
                return Err(CliError::Refused(hint).into());
            }
            output.result(&json!({ "revoked": id }), || {
                output.pick(format!("令牌 {id} 已吊销"), format!("token {id} is revoked"))
            })?;
        }
    }
    Ok(DONE)
}
