//! What people and programs read: text or JSON on standard output, log and errors on standard error.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

use crate::args::{Global, Lang};

/// Where results go, and in which form.
pub(crate) struct Output {
    json: bool,
    lang: Lang,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        Self { json: global.json, lang: global.lang }
    }

    /// The Chinese or the English of it.
    pub(crate) fn pick<T>(&self, zh: T, en: T) -> T {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The language of reports.
    pub(crate) const fn lang(&self) -> tongclear_report::Lang {
        match self.lang {
            Lang::Zh => tongclear_report::Lang::Zh,
            Lang::En => tongclear_report::Lang::En,
        }
    }

    /// Prints the result: `json` for programs, `text` for people.
    pub(crate) fn result(&self, json: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let mut line = if self.json { serde_json::to_string_pretty(json)? } else { text() };
        if !line.ends_with('\n') {
            line.push('\n');
        }
        match std::io::stdout().write_all(line.as_bytes()) {
            // Whoever reads has read enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            outcome => Ok(outcome?),
        }
    }

    /// Says something to a person while work goes on.
    pub(crate) fn say(&self, zh: &str, en: &str) {
        eprintln!("{}", self.pick(zh, en));
    }

    /// Says what went wrong.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        eprintln!("{}{error:#}", self.pick("tongclear: 错误: ", "tongclear: error: "));
    }
}

/// Whether a person watches standard error.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Sends the log to standard error; `TONGCLEAR_LOG` sets the level, such as `info` or `tongclear_engine=debug`.
pub(crate) fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TONGCLEAR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
