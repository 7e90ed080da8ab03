//! `user`: accounts of people and programs.

use clap::Subcommand;
use serde_json::json;
use tongclear_access::{Action, Role, UserName};
use tongclear_desk::people::{self, NewUser};
use tongclear_ledger::Participant;
use tongclear_report::{Align, Table};
use tongclear_store::{four_eyes, people as rows};

use crate::args::Global;
use crate::exit::DONE;
use crate::open;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account; its password from TONGCLEAR_NEW_PASSWORD or --new-password-file · 新增用户
    #[command(
        after_help = "Roles · 角色: viewer, merchant, operator, clerk, approver, auditor, admin (docs/roles.md).\n\nExample · \
        示例:\n  tongclear user add wang --role clerk --new-password-file wang.pass\n  tongclear user add bus --role merchant \
        --participant merchant:BUS00001 --new-password-file bus.pass"
    )]
    Add {
        /// Its name
        #[arg(value_name = "NAME")]
        name: UserName,
        /// What it may
        #[arg(long)]
        role: Role,
        /// Whose figures it sees, for merchant and operator: merchant:CODE or operator:CODE
        #[arg(long, value_name = "PARTICIPANT")]
        participant: Option<Participant>,
        /// The machine's user who acts as this one on the command line
        #[arg(long, value_name = "NAME")]
        os_user: Option<String>,
        #[command(flatten)]
        password: NewPassword,
    },
    /// All accounts · 用户列表
    #[command(after_help = "Example · 示例:\n  tongclear user list")]
    List,
    /// Give an account another password, which lifts a lock and ends its sessions · 修改密码
    #[command(after_help = "Example · 示例:\n  tongclear user password wang --new-password-file wang.pass")]
    Password {
        /// Whose
        #[arg(value_name = "NAME")]
        name: UserName,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Close an account; its sessions and tokens open nothing any more · 停用用户
    #[command(after_help = "Example · 示例:\n  tongclear user close wang")]
    Close {
        /// Whose
        #[arg(value_name = "NAME")]
        name: UserName,
    },
    /// Open a closed account again · 启用用户
    #[command(after_help = "Example · 示例:\n  tongclear user open wang")]
    Open {
        /// Whose
        #[arg(value_name = "NAME")]
        name: UserName,
    },
}

/// Where a new password comes from: never from an argument, which others can see.
#[derive(Debug, clap::Args)]
pub(crate) struct NewPassword {
    /// File with the new password, instead of TONGCLEAR_NEW_PASSWORD
    #[arg(long = "new-password-file", value_name = "FILE")]
    file: Option<std::path::PathBuf>,
}

impl NewPassword {
    fn read(&self) -> anyhow::Result<tongclear_access::Password> {
        open::password(self.file.as_deref(), "TONGCLEAR_NEW_PASSWORD", "--new-password-file")
    }
}

impl UserCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Add { .. } => "user add",
            Self::List => "user list",
            Self::Password { .. } => "user password",
            Self::Close { .. } => "user close",
            Self::Open { .. } => "user open",
        }
    }
}

pub(crate) async fn run(command: UserCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (centre, acting) = open::desk(global).await?;
    // Whoever could make accounts without a name could be both of the two people.
    match four_eyes::required(&*centre.store).await?.is_empty() || matches!(command, UserCommand::List) {
        true => acting.demand(Action::ManageUsers)?,
        false => acting.demand_named(Action::ManageUsers)?,
    }
    match command {
        UserCommand::Add { name, role, participant, os_user, password } => {
            let new = NewUser { name, role, participant, os_user, password: password.read()? };
            let row = people::add_user(&centre, new).await?;
            output.result(&json!({ "user": row.name, "role": row.role }), || {
                output.pick(
                    format!("已新增用户 {}，角色 {}", row.name, row.role.zh()),
                    format!("made the account {} with the role {}", row.name, row.role),
                )
            })?;
        }
        UserCommand::List => {
            let users = rows::users(&*centre.store).await?;
            let list: Vec<_> = users
                .iter()
                .map(|row| {
                    json!({
                        "name": row.name,
                        "role": row.role,
                        "participant": row.participant.map(|it| it.to_string()),
                        "os_user": row.os_user,
                        "active": row.active,
                        "locked_until": row.attempts.locked_until.map(|it| it.0),
                    })
                })
                .collect();
            output.result(&list, || {
                let mut table = Table::new(&[
                    (output.pick("用户", "user"), Align::Left),
                    (output.pick("角色", "role"), Align::Left),
                    (output.pick("参与方", "participant"), Align::Left),
                    (output.pick("系统用户", "acts for"), Align::Left),
                    (output.pick("状态", "state"), Align::Left),
                ]);
                for row in &users {
                    table.row([
                        row.name.to_string(),
                        output.pick(row.role.zh(), row.role.name()).to_owned(),
                        row.participant.map_or_else(|| "-".to_owned(), |it| it.to_string()),
                        row.os_user.clone().unwrap_or_else(|| "-".to_owned()),
                        match row.active {
                            true => output.pick("启用", "open").to_owned(),
                            false => output.pick("停用", "closed").to_owned(),
                        },
                    ]);
                }
                table.lines().join("\n")
            })?;
        }
        UserCommand::Password { name, password } => {
            people::set_password(&centre, &name, password.read()?).await?;
            done(&name, "密码已修改", "has another password", output)?;
        }
        UserCommand::Close { name } => {
            people::set_active(&centre, &name, false).await?;
            done(&name, "已停用", "is closed", output)?;
        }
        UserCommand::Open { name } => {
            people::set_active(&centre, &name, true).await?;
            done(&name, "已启用", "is open", output)?;
        }
    }
    Ok(DONE)
}

fn done(name: &UserName, zh: &str, en: &str, output: &Output) -> anyhow::Result<()> {
    output.result(&json!({ "user": name }), || output.pick(format!("{name} {zh}"), format!("{name} {en}")))
}
