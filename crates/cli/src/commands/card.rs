//! `card`: what is on a card, read through PC/SC or from a recorded conversation.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tongclear_card::command::{GetBalance, InitialiseLoad, InitialisePurchase, KeyIndex};
use tongclear_card::file::{CardCategory, LogRecord, region_name};
use tongclear_card::flow::{CardReading, identify, read_card};
use tongclear_card::{CardError, Channel, Exchange, RecordedExchange, Replay, Traced, Transport};
use tongclear_report::{Align, Table, yuan};
use tongclear_types::{BcdDate, BcdTime, Fen, TerminalId};

use crate::exit::{CliError, DONE};
use crate::output::{Output, complain};
use crate::slots;

#[derive(Debug, Subcommand)]
pub(crate) enum CardCommand {
    /// Everything that the card tells without keys · 读卡
    #[command(
        after_help = "Example · 示例:\n  tongclear card read\n  tongclear card read --reader 'Virtual PCD' --json\n  \
        tongclear card read --replay conversation.json"
    )]
    Read(From),
    /// The card's own log, newest first · 交易明细
    #[command(after_help = "Example · 示例:\n  tongclear card log --reader 'Virtual PCD'")]
    Log(From),
    /// Balance, counters and key versions of the purse · 电子钱包
    #[command(after_help = "Example · 示例:\n  tongclear card purse --json")]
    Purse(From),
}

/// Where the card is.
#[derive(Debug, Args)]
pub(crate) struct From {
    /// Reader whose name contains this; by default the first with a card
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// Recorded conversation: a JSON list of {"tx", "rx"}, answered by exact command
    #[arg(long, value_name = "FILE", conflicts_with = "reader")]
    replay: Option<PathBuf>,
    /// Show every command and answer on standard error, secrets masked
    #[arg(long)]
    trace: bool,
}

impl CardCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Read(_) => "card read",
            Self::Log(_) => "card log",
            Self::Purse(_) => "card purse",
        }
    }
}

pub(crate) fn run(command: &CardCommand, output: &Output) -> anyhow::Result<u8> {
    match command {
        CardCommand::Read(from) => {
            let reading = read_card(&mut from.open()?)?;
            output.result(&reading_json(&reading), || reading_text(&reading, output))?;
        }
        CardCommand::Log(from) => {
            let reading = read_card(&mut from.open()?)?;
            let list: Vec<Value> = reading.log.iter().map(transaction).collect();
            output.result(&list, || log_table(&reading.log, output))?;
        }
        CardCommand::Purse(from) => {
            let purse = Purse::read(&mut from.open()?)?;
            output.result(&purse.json(), || purse.text(output))?;
        }
    }
    Ok(DONE)
}

impl From {
    fn open(&self) -> anyhow::Result<Channel<Box<dyn Transport>>> {
        let transport = match &self.replay {
            Some(path) => Box::new(replay(path)?),
            None => slots::card(self.reader.as_deref())?,
        };
        Ok(Channel::new(if self.trace {
            Box::new(Traced::new(transport, |exchange: &Exchange| complain(exchange)))
        } else {
            transport
        }))
    }
}

/// A recorded conversation.
fn replay(path: &Path) -> Result<Replay, CliError> {
    let text = fs::read_to_string(path).map_err(|error| CliError::reading(path, error))?;
    let refused = |message: String| CliError::Refused(format!("{}: {message}", path.display()));
    let exchanges: Vec<RecordedExchange> =
        serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    Replay::new(&exchanges).map_err(|error| refused(error.to_string()))
}

/// A transaction as other readers print it.
fn transaction(record: &LogRecord) -> Value {
    json!({
        "counter": record.counter,
        "amount_fen": record.amount_fen,
        "type": record.kind(),
        "tti": record.tti.to_string(),
        "terminal": record.terminal.to_string(),
        "date": record.date.to_string(),
        "time": record.time.to_string(),
    })
}

fn reading_json(reading: &CardReading) -> Value {
    let date = |date: Option<BcdDate>| date.map(|it| it.to_string());
    let mut value = json!({
        "card_type": reading.scheme.name(),
        "card_number": reading.number,
        "balance_fen": reading.balance_fen,
        "purchase_counter": reading.purchase_counter(),
        "transactions": reading.log.iter().map(transaction).collect::<Vec<_>>(),
        "issued": date(reading.issued),
        "expires": date(reading.expires),
        "not_read": reading.refused.iter().map(CardError::to_string).collect::<Vec<_>>(),
    });
    if let Some(public) = &reading.public {
        value["issuer_id"] = json!(public.issuer);
        value["serial"] = json!(public.serial);
        value["application_version"] = json!(public.version);
    }
    if let Some(city_union) = &reading.city_union {
        value["issuer"] = json!(hex(&city_union.issuer));
        value["city_code"] = json!(hex(&city_union.city));
        value["industry"] = json!(hex(&city_union.industry));
    }
    if let Some(management) = &reading.management {
        let category = CardCategory::from_byte(management.category);
        value["province"] = json!(region_name(management.province));
        value["city"] = json!(region_name(management.city));
        value["province_code"] = json!(hex(&management.province));
        value["city_code"] = json!(hex(&management.city));
        value["interoperable"] = json!(management.is_interoperable());
        value["category"] = json!(category.map(CardCategory::name));
        value["category_zh"] = json!(category.map(CardCategory::zh));
    }
    if let Some(trip) = &reading.trip {
        let ((entry_date, entry_time), (exit_date, exit_time)) = (trip.entry_time(), trip.exit_time());
        value["trip"] = json!({
            "state": trip.state(),
            "entry_station": hex(&trip.entry_station()),
            "entry_date": entry_date.to_string(),
            "entry_time": entry_time.to_string(),
            "exit_station": hex(&trip.exit_station()),
            "exit_date": exit_date.to_string(),
            "exit_time": exit_time.to_string(),
            "amount_fen": trip.amount_fen(),
        });
    }
    if !reading.trips.is_empty() {
        let trips = reading.trips.iter().map(|it| {
            json!({
                "type": format!("{:02x}", it.kind),
                "terminal": it.terminal.to_string(),
                "line": it.line,
                "station": it.station,
                "amount_fen": it.amount_fen,
                "date": it.date.to_string(),
                "time": it.time.to_string(),
            })
        });
        value["trips"] = trips.collect();
    }
    value
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `20171230` as `2017-12-30`.
fn dashed(date: BcdDate) -> String {
    let text = date.to_string();
    format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
}

/// `125637` as `12:56:37`.
fn with_colons(time: BcdTime) -> String {
    let text = time.to_string();
    format!("{}:{}:{}", &text[..2], &text[2..4], &text[4..])
}

fn money(fen: u32) -> String {
    yuan(Fen::from(fen))
}

fn reading_text(reading: &CardReading, output: &Output) -> String {
    let mut lines = Vec::new();
    let mut say = |zh: &str, en: &str, value: Option<String>| {
        let name = output.pick(zh, en);
        // Chinese characters are two columns wide.
        let width: usize = name.chars().map(|it| if it.is_ascii() { 1 } else { 2 }).sum();
        lines.push(format!(
            "{name}{} {}",
            " ".repeat(14_usize.saturating_sub(width)),
            value.as_deref().unwrap_or("-")
        ));
    };
    say("卡制式", "card", Some(format!("{} ({})", reading.scheme.name(), reading.scheme.zh())));
    say("卡号", "number", reading.number.clone());
    say("余额（元）", "balance, yuan", reading.balance_fen.map(money));
    say("启用日期", "issued", reading.issued.map(dashed));
    say("有效期至", "expires", reading.expires.map(dashed));
    if let Some(public) = &reading.public {
        say("发卡机构标识", "issuer id", Some(public.issuer.to_string()));
    }
    if let Some(management) = &reading.management {
        let place = format!("{} {}", region_name(management.province), region_name(management.city));
        say("发卡地", "home", Some(place));
        let category =
            CardCategory::from_byte(management.category).map(|it| output.pick(it.zh(), it.en()).to_owned());
        say("卡种", "holder", category);
        let is_taken = output.pick(["否", "是"], ["no", "yes"])[usize::from(management.is_interoperable())];
        say("互联互通", "interoperable", Some(is_taken.to_owned()));
    }
    if let Some(trip) = &reading.trip {
        let state = trip.state();
        say("行程", "trip", Some(output.pick(state.zh(), state.en()).to_owned()));
    }
    if !reading.log.is_empty() {
        lines.push(String::new());
        lines.push(log_table(&reading.log, output));
    }
    for refused in &reading.refused {
        lines.push(format!("{} {refused}", output.pick("未读出：", "not read:")));
    }
    lines.join("\n")
}

fn log_table(log: &[LogRecord], output: &Output) -> String {
    if log.is_empty() {
        return output.pick("卡内无交易明细", "the card's log is empty").to_owned();
    }
    let mut table = Table::new(&[
        (output.pick("序号", "counter"), Align::Right),
        (output.pick("日期", "date"), Align::Left),
        (output.pick("时间", "time"), Align::Left),
        (output.pick("类型", "type"), Align::Left),
        (output.pick("金额（元）", "yuan"), Align::Right),
        (output.pick("终端", "terminal"), Align::Left),
    ]);
    for record in log {
        let kind = match record.kind() {
            "Load" => output.pick("充值", "load"),
            "Purchase" => output.pick("消费", "purchase"),
            "CompoundPurchase" => output.pick("复合消费", "composite purchase"),
            _ => output.pick("未知", "unknown"),
        };
        table.row([
            record.counter.to_string(),
            dashed(record.date),
            with_colons(record.time),
            kind.to_owned(),
            money(record.amount_fen),
            record.terminal.to_string(),
        ]);
    }
    table.lines().join("\n")
}

/// The purse as its initialise commands tell it; a transaction of nothing is begun and left.
struct Purse {
    scheme: &'static str,
    balance_fen: u32,
    offline_counter: Option<u16>,
    online_counter: Option<u16>,
    key_version: Option<u8>,
    algorithm: Option<u8>,
    overdraft_limit_fen: Option<u32>,
}

impl Purse {
    fn read<T: Transport>(card: &mut Channel<T>) -> Result<Self, CardError> {
        let scheme = identify(card)?.scheme.name();
        let balance_fen = card.ask(&GetBalance)?;
        let (key_index, terminal) = (KeyIndex(1), TerminalId([0; 6]));
        let offer = card.ask(&InitialisePurchase { composite: false, key_index, amount_fen: 0, terminal });
        let load = card.ask(&InitialiseLoad { key_index, amount_fen: 0, terminal });
        // Leave the card as it was found: nothing begun.
        card.ask(&GetBalance)?;
        let offer = offer.ok();
        Ok(Self {
            scheme,
            balance_fen,
            offline_counter: offer.map(|it| it.offline_counter),
            online_counter: load.ok().map(|it| it.online_counter),
            key_version: offer.map(|it| it.key_version),
            algorithm: offer.map(|it| it.algorithm),
            overdraft_limit_fen: offer.map(|it| it.overdraft_limit_fen),
        })
    }

    fn json(&self) -> Value {
        json!({
            "card_type": self.scheme,
            "balance_fen": self.balance_fen,
            "offline_counter": self.offline_counter,
            "online_counter": self.online_counter,
            "key_version": self.key_version,
            "algorithm": self.algorithm.map(|it| format!("{it:02x}")),
            "overdraft_limit_fen": self.overdraft_limit_fen,
        })
    }

    fn text(&self, output: &Output) -> String {
        let number = |value: Option<u32>| value.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let algorithm = match self.algorithm {
            Some(4) => "SM4",
            Some(_) => "DES",
            None => "-",
        };
        let rows = [
            ("余额（元）", "balance, yuan", money(self.balance_fen)),
            ("脱机交易序号", "offline counter", number(self.offline_counter.map(u32::from))),
            ("联机交易序号", "online counter", number(self.online_counter.map(u32::from))),
            ("密钥版本", "key version", number(self.key_version.map(u32::from))),
            ("算法", "algorithm", algorithm.to_owned()),
        ];
        let lines = rows.map(|(zh, en, value)| format!("{}: {value}", output.pick(zh, en)));
        lines.join("\n")
    }
}
