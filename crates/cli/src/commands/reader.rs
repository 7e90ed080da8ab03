//! `reader`: PC/SC readers.

use clap::Subcommand;
use serde_json::json;
use tongclear_reader::{Readers, SlotState};
use tongclear_report::{Align, Table};

use crate::exit::DONE;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum ReaderCommand {
    /// Readers and what lies in them · 读卡器列表
    #[command(after_help = "Example · 示例:\n  tongclear reader list\n  tongclear reader list --json")]
    List,
}

impl ReaderCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::List => "reader list",
        }
    }
}

pub(crate) fn run(command: &ReaderCommand, output: &Output) -> anyhow::Result<u8> {
    let ReaderCommand::List = command;
    let readers = Readers::connect()?.list()?;
    let atr = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let list: Vec<_> = readers
        .iter()
        .map(|it| json!({ "reader": it.name, "state": state(it.state).0, "atr": atr(&it.atr) }))
        .collect();
    output.result(&list, || {
        if readers.is_empty() {
            return output.pick("没有读卡器", "no reader is plugged in").to_owned();
        }
        let mut table = Table::new(&[
            (output.pick("读卡器", "reader"), Align::Left),
            (output.pick("状态", "state"), Align::Left),
            ("ATR", Align::Left),
        ]);
        for reader in &readers {
            let (en, zh) = state(reader.state);
            table.row([reader.name.clone(), output.pick(zh, en).to_owned(), atr(&reader.atr)]);
        }
        table.lines().join("\n")
    })?;
    Ok(DONE)
}

/// The state's name, and its Chinese.
const fn state(state: SlotState) -> (&'static str, &'static str) {
    match state {
        SlotState::Empty => ("empty", "无卡"),
        SlotState::Card => ("card", "有卡"),
        SlotState::InUse => ("in_use", "被占用"),
        SlotState::Mute => ("mute", "卡无应答"),
    }
}
