//! `proposal`: what waits for a second person, and which changes need one.

use clap::Subcommand;
use serde_json::{Value, json};
use tongclear_access::{Action, ProposalKind, ProposalState};
use tongclear_desk::proposals::{self, Effect, Outcome};
use tongclear_report::{Align, Table};
use tongclear_store::four_eyes::{self, ProposalRow};

use crate::args::Global;
use crate::exit::DONE;
use crate::open;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum ProposalCommand {
    /// Proposals that wait, or all of them · 待复核列表
    #[command(after_help = "Example · 示例:\n  tongclear proposal list\n  tongclear proposal list --all")]
    List {
        /// Those that are decided, too
        #[arg(long)]
        all: bool,
    },
    /// One proposal, whole · 查看
    #[command(after_help = "Example · 示例:\n  tongclear proposal show 3")]
    Show {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
    },
    /// Approve somebody else's proposal; it takes effect · 复核通过
    #[command(
        after_help = "Example · 示例:\n  TONGCLEAR_PASSWORD='…' tongclear proposal approve 3 --user li --note 'seen with the bus company'"
    )]
    Approve {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
        /// For the record
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Refuse somebody else's proposal · 复核拒绝
    #[command(
        after_help = "Example · 示例:\n  tongclear proposal refuse 3 --user li --note 'wrong terminals'"
    )]
    Refuse {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
        /// For the record
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Take one's own proposal back · 撤回
    #[command(after_help = "Example · 示例:\n  tongclear proposal withdraw 3 --user wang")]
    Withdraw {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
        /// For the record
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Which kinds of changes need two people; demand it of more kinds, or no longer · 双人复核范围
    #[command(
        after_help = "Kinds · 种类: registry, keys, deny_list, decision, payout.\n\nExample · 示例:\n  tongclear proposal \
        require\n  tongclear proposal require registry keys deny_list\n  tongclear proposal require --no-longer keys --user admin"
    )]
    Require {
        /// Kinds that need two people from now on
        #[arg(value_name = "KIND")]
        kinds: Vec<ProposalKind>,
        /// Kinds that no longer do
        #[arg(long, value_name = "KIND", num_args = 1..)]
        no_longer: Vec<ProposalKind>,
    },
}

impl ProposalCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "proposal list",
            Self::Show { .. } => "proposal show",
            Self::Approve { .. } => "proposal approve",
            Self::Refuse { .. } => "proposal refuse",
            Self::Withdraw { .. } => "proposal withdraw",
            Self::Require { .. } => "proposal require",
        }
    }
}

pub(crate) async fn run(command: ProposalCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (centre, acting) = open::desk(global).await?;
    match command {
        ProposalCommand::List { all } => {
            let mut rows = four_eyes::proposals(&*centre.store).await?;
            rows.retain(|row| all || matches!(row.state, ProposalState::Open | ProposalState::Approved));
            let list: Vec<Value> = rows.iter().map(json_of).collect();
            output.result(&list, || table(&rows, output))?;
        }
        ProposalCommand::Show { id } => {
            let row = proposals::proposal(&centre, id).await?;
            output.result(&json_of(&row), || {
                let decided = row
                    .decided
                    .as_ref()
                    .map(|it| format!("\n{} {}: {}", row.state, it.by, it.note.as_deref().unwrap_or("-")));
                format!(
                    "{}\n{}{}",
                    table(std::slice::from_ref(&row), output),
                    row.subject,
                    decided.unwrap_or_default()
                )
            })?;
        }
        ProposalCommand::Approve { id, note } => {
            let passphrase = open::passphrase_if_given(global)?;
            let effect =
                proposals::approve(&centre, &acting, id, note.as_deref(), passphrase.as_ref()).await?;
            let (words, version) = effect_words(&effect, output);
            output.result(&json!({ "proposal": id, "state": "applied", "version": version }), || words)?;
        }
        ProposalCommand::Refuse { id, note } => {
            proposals::refuse(&centre, &acting, id, note.as_deref()).await?;
            ended(id, "refused", "已拒绝", output)?;
        }
        ProposalCommand::Withdraw { id, note } => {
            proposals::withdraw(&centre, &acting, id, note.as_deref()).await?;
            ended(id, "withdrawn", "已撤回", output)?;
        }
        ProposalCommand::Require { kinds, no_longer } => {
            if !kinds.is_empty() {
                acting.demand(Action::SetPolicy)?;
            }
            if !no_longer.is_empty() {
                acting.demand_named(Action::SetPolicy)?;
            }
            for (kinds, required) in [(kinds, true), (no_longer, false)] {
                for kind in kinds {
                    four_eyes::require(&*centre.store, kind, required, &centre.stamp()).await?;
                }
            }
            let required = four_eyes::required(&*centre.store).await?;
            output.result(&json!({ "required": required }), || match required.is_empty() {
                true => output.pick(
                    "没有需要双人复核的变更".to_owned(),
                    "no kind of change needs two people".to_owned(),
                ),
                false => {
                    let kinds: Vec<&str> =
                        required.iter().map(|kind| output.pick(kind.zh(), kind.name())).collect();
                    let kinds = kinds.join(", ");
                    output
                        .pick(format!("需要双人复核：{kinds}"), format!("two people are needed for: {kinds}"))
                }
            })?;
        }
    }
    Ok(DONE)
}

/// Shows what became of a change: it took effect, or it waits.
pub(crate) fn show(
    outcome: &Outcome,
    output: &Output,
    done: impl FnOnce(&Effect) -> (Value, String),
) -> anyhow::Result<()> {
    match outcome {
        Outcome::Waits(id) => output.result(&json!({ "proposal": id, "state": "open" }), || {
            output.pick(
                format!("提案 {id} 等待另一人复核：tongclear proposal approve {id} --user 姓名"),
                format!(
                    "proposal {id} waits for another person: tongclear proposal approve {id} --user NAME"
                ),
            )
        }),
        Outcome::Done(effect) => {
            let (json, text) = done(effect);
            output.result(&json, || text)
        }
    }
}

fn effect_words(effect: &Effect, output: &Output) -> (String, i64) {
    match effect {
        Effect::Registry { version, changes } => {
            let head = output.pick(format!("登记第 {version} 版"), format!("registry version {version}"));
            (format!("{head}\n{changes}"), version.0)
        }
        Effect::Keys { generation, added } => {
            let added = added.len();
            let words = output.pick(
                format!("密钥环第 {generation} 代，新增 {added} 个密钥"),
                format!("key ring generation {generation}, {added} new keys"),
            );
            (words, generation.0)
        }
        Effect::Payout(created) => {
            let payments = created.row().map_or(0, |row| row.payments);
            let words = super::payout::created_text(created, output);
            (words, i64::try_from(payments).unwrap_or(i64::MAX))
        }
        Effect::Decision(row) => {
            let (what, reference) = (row.decision.resolution, row.decision.subject.reference());
            let words = output.pick(
                format!("处置 {}：{} {reference}，由当前开放窗口的清分执行", row.id, what.zh()),
                format!("decision {}: {what} {reference}; the run of the open window carries it out", row.id),
            );
            (words, row.id)
        }
        Effect::DenyList(row) => {
            let words = output.pick(
                format!("黑名单 {} 第 {} 版，{} 张卡", row.operator, row.version, row.entries),
                format!("deny list {} version {}, {} cards", row.operator, row.version, row.entries),
            );
            (words, i64::from(row.version))
        }
    }
}

fn ended(id: i64, en: &str, zh: &str, output: &Output) -> anyhow::Result<()> {
    output.result(&json!({ "proposal": id, "state": en }), || {
        output.pick(format!("提案 {id} {zh}"), format!("proposal {id} is {en}"))
    })
}

fn json_of(row: &ProposalRow) -> Value {
    json!({
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "sha256": row.body_sha256,
        "state": row.state,
        "proposed_by": row.proposed_by.to_string(),
        "proposed_at": row.proposed_at.0,
        "decided_by": row.decided.as_ref().map(|it| it.by.to_string()),
        "note": row.decided.as_ref().and_then(|it| it.note.clone()),
    })
}

fn table(rows: &[ProposalRow], output: &Output) -> String {
    let mut table = Table::new(&[
        (output.pick("序号", "id"), Align::Right),
        (output.pick("种类", "kind"), Align::Left),
        (output.pick("状态", "state"), Align::Left),
        (output.pick("提出人", "proposed by"), Align::Left),
        (output.pick("内容", "what"), Align::Left),
    ]);
    for row in rows {
        let first = row.subject.lines().next().unwrap_or_default();
        table.row([
            row.id.to_string(),
            output.pick(row.kind.zh(), row.kind.name()).to_owned(),
            output.pick(row.state.zh(), row.state.name()).to_owned(),
            row.proposed_by.to_string(),
            first.to_owned(),
        ]);
    }
    table.lines().join("\n")
}
