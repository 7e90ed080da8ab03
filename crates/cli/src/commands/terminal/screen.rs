//! The full screen of `terminal run`: what a validator shows. Only where a person watches standard output.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use ratatui::layout::{Alignment, Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Paragraph};
use tongclear_report::{grouped, yuan};
use tongclear_terminal::{Outcome, Terminal};
use tongclear_types::Fen;

use crate::args::Lang;
use crate::output::Output;

/// How long a verdict stays when its card has left.
const SHOWN_FOR: Duration = Duration::from_secs(3);

/// What is shown.
pub(super) struct Screen {
    terminal: Option<DefaultTerminal>,
    lang: Lang,
    face: Face,
    /// When the last verdict came, and whether its card has left.
    shown: Option<(Instant, bool)>,
    footer: Vec<String>,
}

/// The middle of the screen.
enum Face {
    /// Waiting for a card.
    Idle,
    /// What came of the last card.
    Tap(Box<Outcome>),
    /// The reader does not work.
    Fault(String),
}

impl Screen {
    /// Opens the screen, where a person watches and wants no JSON.
    pub(super) fn open(output: &Output) -> io::Result<Self> {
        let is_watched = io::stdout().is_terminal() && !output.is_json();
        let terminal = if is_watched { Some(ratatui::try_init()?) } else { None };
        Ok(Self {
            terminal,
            lang: output.pick(Lang::Zh, Lang::En),
            face: Face::Idle,
            shown: None,
            footer: Vec::new(),
        })
    }

    /// Whether there is one.
    pub(super) const fn is_open(&self) -> bool {
        self.terminal.is_some()
    }

    /// Whether somebody pressed `q`, Esc or Ctrl-C; raw mode keeps Ctrl-C from being a signal.
    pub(super) fn wants_to_end(&self) -> bool {
        let mut ends = false;
        while self.is_open() && event::poll(Duration::ZERO).unwrap_or(false) {
            if let Ok(Event::Key(key)) = event::read() {
                let is_ctrl_c =
                    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                ends |= is_ctrl_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc);
            }
        }
        ends
    }

    /// Shows what came of a card.
    pub(super) fn tap(&mut self, terminal: &Terminal, outcome: &Outcome) -> anyhow::Result<()> {
        self.face = Face::Tap(Box::new(outcome.clone()));
        self.shown = Some((Instant::now(), false));
        self.refresh(terminal)
    }

    /// The card has left; its verdict stays for as long as a passenger needs to read it.
    pub(super) fn card_left(&mut self, terminal: &Terminal) -> anyhow::Result<()> {
        if let Some((_, has_left)) = &mut self.shown {
            *has_left = true;
        }
        self.refresh(terminal)
    }

    /// Shows that the reader does not work.
    pub(super) fn reader_fault(&mut self, message: &str) {
        self.face = Face::Fault(message.to_owned());
        self.shown = Some((Instant::now(), true));
    }

    fn pick<T>(&self, zh: T, en: T) -> T {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Draws everything anew.
    pub(super) fn refresh(&mut self, terminal: &Terminal) -> anyhow::Result<()> {
        if !self.is_open() {
            return Ok(());
        }
        if self.shown.is_none_or(|(at, has_left)| has_left && at.elapsed() >= SHOWN_FOR) {
            self.face = Face::Idle;
        }
        self.footer = self.queue(terminal)?;
        let identity = &terminal.config().terminal;
        let sector = identity.sector;
        let title = self.pick(
            format!(" {} · {} · {} ", sector.name_zh(), identity.merchant, identity.id),
            format!(" {} · {} · {} ", sector.name(), identity.merchant, identity.id),
        );
        let (lines, colour) = self.face();
        let footer = self.footer.clone();
        let hint = self.pick(" q 退出 ", " q quits ");
        let Some(screen) = &mut self.terminal else { return Ok(()) };
        screen.draw(|frame| {
            let rows = u16::try_from(footer.len()).unwrap_or(u16::MAX).saturating_add(2);
            let [top, bottom] =
                Layout::vertical([Constraint::Min(5), Constraint::Length(rows)]).areas(frame.area());
            // The verdict stands in the middle, as far as the screen has room above it.
            let room = top.height.saturating_sub(2);
            let above = room.saturating_sub(u16::try_from(lines.len()).unwrap_or(room)) / 2;
            let mut text = vec![Line::default(); above.into()];
            text.extend(lines);
            let style = Style::default().fg(colour);
            let face = Paragraph::new(Text::from(text)).alignment(Alignment::Center).style(style);
            frame.render_widget(face.block(Block::bordered().title(title)), top);
            let queue = Paragraph::new(footer.join("\n"));
            frame.render_widget(queue.block(Block::bordered().title_bottom(hint)), bottom);
        })?;
        Ok(())
    }

    /// The verdict, amount and balance, and their colour.
    fn face(&self) -> (Vec<Line<'static>>, Color) {
        let large = |text: String| Line::from(text).style(Style::default().add_modifier(Modifier::BOLD));
        match &self.face {
            Face::Idle => {
                (vec![large(self.pick("请刷卡", "Please present your card").to_owned())], Color::Cyan)
            }
            Face::Fault(message) => (
                vec![
                    large(self.pick("读卡器故障", "The reader does not work").to_owned()),
                    Line::from(message.clone()),
                ],
                Color::Red,
            ),
            Face::Tap(outcome) => {
                let verdict = self.pick(outcome.verdict.zh(), outcome.verdict.en()).to_owned();
                let mut lines = vec![large(verdict), Line::default()];
                let money = |fen: u32| yuan(Fen::from(fen));
                if let Some(amount) = outcome.amount_fen {
                    lines.push(large(format!("{}  {}", self.pick("金额", "Amount"), money(amount))));
                }
                if let Some(balance) = outcome.balance_fen {
                    lines.push(large(format!("{}  {}", self.pick("余额", "Balance"), money(balance))));
                }
                for degraded in &outcome.degraded {
                    lines.push(Line::from(format!("! {}", self.pick(degraded.zh(), degraded.en()))));
                }
                let colour = match (outcome.verdict.lets_through(), outcome.degraded.is_empty()) {
                    (true, true) => Color::Green,
                    (true, false) => Color::Yellow,
                    (false, _) => Color::Red,
                };
                (lines, colour)
            }
        }
    }

    /// Queue and versions.
    fn queue(&self, terminal: &Terminal) -> anyhow::Result<Vec<String>> {
        let counts = terminal.counts()?;
        let number = |count: u64| grouped(count);
        let deny: Vec<String> = terminal
            .lists()
            .operators()
            .map(|operator| {
                let version = terminal
                    .lists()
                    .deny_list(operator.code)
                    .map_or_else(|| "-".to_owned(), |it| it.version.to_string());
                format!("{} v{version}", operator.code)
            })
            .collect();
        Ok(vec![
            self.pick(
                format!(
                    "已支付 {}   未决 {}   待封包 {}",
                    number(counts.paid),
                    number(counts.open),
                    number(counts.waiting)
                ),
                format!(
                    "paid {}   open {}   wait for a package {}",
                    number(counts.paid),
                    number(counts.open),
                    number(counts.waiting)
                ),
            ),
            self.pick(
                format!(
                    "待上送 {} 包   待结果 {} 包   未被接受 {}",
                    number(counts.packages_to_send),
                    number(counts.packages_unanswered),
                    number(counts.not_accepted)
                ),
                format!(
                    "packages to send {}   without result {}   not accepted {}",
                    number(counts.packages_to_send),
                    number(counts.packages_unanswered),
                    number(counts.not_accepted)
                ),
            ),
            self.pick(
                format!("黑名单 {}   票价 v{}", deny.join("  "), terminal.lists().fares.version),
                format!("deny lists {}   fares v{}", deny.join("  "), terminal.lists().fares.version),
            ),
        ])
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.is_open() {
            ratatui::restore();
        }
    }
}
