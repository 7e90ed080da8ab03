//! `terminal run`: cards come and go; what happens is shown on a full screen, or said as JSON events.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use tongclear_card::flow::Psam;
use tongclear_card::{Channel, TransportError};
use tongclear_reader::{Change, PcscTransport, ReaderError, Readers, Watch};
use tongclear_report::yuan;
use tongclear_terminal::{Asked, Outcome, Terminal};
use tongclear_types::Fen;

use super::once::Bill;
use super::screen::Screen;
use super::{Folder, open};
use crate::exit::DONE;
use crate::output::Output;
use crate::slots;

/// How often lists are looked at, packages sealed and exchanged when nothing else happens.
const HOUSEKEEPING: Duration = Duration::from_secs(1);
/// How long to wait before the PC/SC service is asked again after it ended.
const SERVICE_WAIT: Duration = Duration::from_secs(1);

/// Where card and PSAM lie.
#[derive(Debug, Clone, Args)]
pub(crate) struct Slots {
    /// Reader of the cards: its name contains this · 读卡器
    #[arg(long, value_name = "NAME", default_value = "00 00")]
    pub(super) reader: String,
    /// Reader of the PSAM: its name contains this · PSAM卡座
    #[arg(long, value_name = "NAME", default_value = "00 01")]
    psam: String,
}

impl Slots {
    /// The PSAM, if there is one.
    pub(super) fn psam(&self) -> anyhow::Result<Option<Psam<PcscTransport>>> {
        slots::psam(&self.psam)
    }
}

/// `terminal run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    slots: Slots,
    #[command(flatten)]
    bill: Bill,
    /// Shared folder where terminals tell each other of torn taps
    #[arg(long, value_name = "DIR")]
    neighbours: Option<PathBuf>,
    /// Seconds between two exchanges with the centre
    #[arg(long, value_name = "N", default_value_t = 60)]
    exchange_seconds: u64,
    /// End after so many cards
    #[arg(long, value_name = "N")]
    cards: Option<u64>,
}

/// An outcome with how long it took.
#[derive(Debug, Serialize)]
struct Tapped<'a> {
    event: &'static str,
    #[serde(flatten)]
    outcome: &'a Outcome,
    verdict_zh: &'static str,
    /// From the card's arrival to the verdict, milliseconds, the journal's syncs included.
    ms: u128,
}

pub(super) fn run(options: &Run, output: &Output) -> anyhow::Result<u8> {
    let terminal = open(&options.folder.folder)?;
    let asked = options.bill.asked(&terminal)?;
    let is_over = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&is_over);
    // The process's own runtime listens for Ctrl-C; this thread only looks at the flag.
    tokio::runtime::Handle::current().spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
    });
    let screen = Screen::open(output)?;
    let mut stand = Stand { terminal, asked, options, output, screen, is_over, exchanged: None, seen: 0 };
    stand.serve()?;
    Ok(DONE)
}

/// The terminal at work.
struct Stand<'a> {
    terminal: Terminal,
    asked: Asked,
    options: &'a Run,
    output: &'a Output,
    screen: Screen,
    is_over: Arc<AtomicBool>,
    exchanged: Option<Instant>,
    seen: u64,
}

impl Stand<'_> {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
            || self.screen.wants_to_end()
            || self.options.cards.is_some_and(|cards| self.seen >= cards)
    }

    /// Serves until it is over, also when the PC/SC service ends and comes back.
    fn serve(&mut self) -> anyhow::Result<()> {
        self.say(&json!({ "event": "ready", "terminal": self.terminal.config().terminal.id }))?;
        while !self.is_over() {
            match self.watch() {
                Ok(()) => {}
                Err(error) if error.downcast_ref::<ReaderError>().is_some() => {
                    self.say(&json!({ "event": "reader", "fault": error.to_string() }))?;
                    self.screen.reader_fault(&error.to_string());
                    self.keep_house()?;
                    std::thread::sleep(SERVICE_WAIT);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for cards in the reader.
    fn watch(&mut self) -> anyhow::Result<()> {
        let readers = Readers::connect()?;
        let reader = readers.find(&self.options.slots.reader)?.name;
        let mut watch: Watch = readers.watch();
        self.keep_house()?;
        while !self.is_over() {
            match watch.next(HOUSEKEEPING)? {
                Some(event) if event.reader == reader => match event.change {
                    Change::CardIn { .. } => self.card_in(&readers, &reader)?,
                    Change::CardOut => self.screen.card_left(&self.terminal)?,
                    Change::Left => return Err(ReaderError::NoCard(reader).into()),
                    Change::Arrived => {}
                },
                Some(_) => {}
                None => self.keep_house()?,
            }
        }
        Ok(())
    }

    /// A card was put on the reader.
    fn card_in(&mut self, readers: &Readers, reader: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut card = match readers.open(reader) {
            Ok(card) => card,
            // It left again before we could say a word.
            Err(ReaderError::NoCard(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let mut psam = self.options.slots.psam()?;
        let (terminal, asked) = (&mut self.terminal, &self.asked);
        let done = slots::conversation(&mut card, |card| {
            terminal.present(&mut Channel::new(card), psam.as_mut(), asked)
        });
        self.seen += 1;
        match done {
            Ok(outcome) => {
                let outcome = outcome?;
                let ms = begun.elapsed().as_millis();
                self.say(&Tapped { event: "tap", outcome: &outcome, verdict_zh: outcome.verdict.zh(), ms })?;
                self.screen.tap(&self.terminal, &outcome)?;
                Ok(())
            }
            // Nothing was asked of the card yet.
            Err(TransportError::CardGone | TransportError::CardReset) => Ok(()),
            Err(error) => {
                Err(ReaderError::Fault { reader: reader.to_owned(), message: error.to_string() }.into())
            }
        }
    }

    /// Takes new lists, seals what is due, exchanges with centre and neighbours.
    fn keep_house(&mut self) -> anyhow::Result<()> {
        self.terminal.reload_lists()?;
        if self.terminal.is_package_due()?
            && let Some(sealed) = self.terminal.seal()?
        {
            self.say(&json!({ "event": "sealed", "package": sealed }))?;
        }
        if let Some(folder) = &self.options.neighbours {
            let closed = self.terminal.exchange_with_neighbours(folder)?;
            if closed > 0 {
                self.say(&json!({ "event": "proven_by_neighbours", "taps": closed }))?;
            }
        }
        let interval = Duration::from_secs(self.options.exchange_seconds);
        if self.exchanged.is_none_or(|at| at.elapsed() >= interval)
            && let Some(mut link) = self.terminal.link()?
        {
            self.exchanged = Some(Instant::now());
            // A centre that cannot be reached is asked again later; what waits is kept.
            match self.terminal.exchange(&mut *link) {
                Ok(done) => self.say(&json!({ "event": "exchanged", "done": done }))?,
                Err(error) => self.say(&json!({ "event": "exchange_failed", "fault": error.to_string() }))?,
            }
        }
        self.screen.refresh(&self.terminal)
    }

    /// Says an event to programs; the screen shows it to people.
    fn say(&self, event: &impl Serialize) -> anyhow::Result<()> {
        if self.screen.is_open() {
            return Ok(());
        }
        let mut line = if self.output.is_json() {
            serde_json::to_string(event)?
        } else {
            event_text(&serde_json::to_value(event)?, self.output)
        };
        line.push('\n');
        Output::print(line.as_bytes())
    }
}

/// An event as a line, for people without a full screen.
fn event_text(event: &serde_json::Value, output: &Output) -> String {
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    match event["event"].as_str() {
        Some("tap") => {
            let verdict = if output.pick(true, false) { text("verdict_zh") } else { text("verdict") };
            format!("{verdict} {}", event["detail"].as_str().unwrap_or_default())
        }
        _ => event.to_string(),
    }
}

/// An outcome for people.
pub(super) fn outcome_text(outcome: &Outcome, output: &Output) -> String {
    let mut lines = vec![output.pick(outcome.verdict.zh(), outcome.verdict.en()).to_owned()];
    let money = |fen: u32| yuan(Fen::from(fen));
    if let Some(amount) = outcome.amount_fen {
        lines.push(format!("{} {}", output.pick("金额", "amount"), money(amount)));
    }
    if let Some(balance) = outcome.balance_fen {
        lines.push(format!("{} {}", output.pick("余额", "balance"), money(balance)));
    }
    for degraded in &outcome.degraded {
        lines.push(format!("! {}", output.pick(degraded.zh(), degraded.en())));
    }
    lines.extend(outcome.detail.clone());
    lines.join("\n")
}
