//! What people and programs read: text or JSON on standard output, log and errors on standard error.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

use crate::args::{Global, Lang};
use crate::exit::CliError;

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

    /// Whether programs read what is printed.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
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
        Self::print(line.as_bytes())
    }

    /// Prints a file as it is, for people and programs alike.
    pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            // Whoever reads has read enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(reason) => {
                Err(CliError::Disk { doing: "writing", path: "standard output".into(), reason }.into())
            }
        }
    }

    /// Says something to a person while work goes on.
    pub(crate) fn say(&self, zh: &str, en: &str) {
        complain(self.pick(zh, en));
    }

    /// Says what went wrong.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        complain(format_args!("{}{error:#}", self.pick("tongclear: 错误: ", "tongclear: error: ")));
    }
}

/// A line on standard error. `eprintln!` would panic when nobody reads it any more; there is no place left to say so.
pub(crate) fn complain(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether a person watches standard error.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Sends the log to standard error; `TONGCLEAR_LOG` sets the level, such as `info` or `tongclear_engine=debug`, and
/// `TONGCLEAR_LOG_FORMAT=json` makes each line JSON, for programs that collect logs.
pub(crate) fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TONGCLEAR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(watched())
        // It would say with `eprintln!` that standard error cannot be written.
        .log_internal_errors(false);
    if std::env::var_os("TONGCLEAR_LOG_FORMAT").is_some_and(|format| format == "json") {
        log.json().with_span_list(false).init();
    } else {
        log.init();
    }
}
