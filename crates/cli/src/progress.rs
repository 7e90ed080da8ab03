//! Progress bars on standard error, where a person watches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tongclear_engine::{Progress, Stage, Unwatched};

use crate::args::Lang;
use crate::output::watched;

/// The progress to show: bars for a person, nothing for a program.
pub(crate) fn progress(lang: Lang) -> Arc<dyn Progress> {
    if watched() {
        Arc::new(Bars { lang, bars: MultiProgress::new(), running: Mutex::default() })
    } else {
        Arc::new(Unwatched)
    }
}

struct Bars {
    lang: Lang,
    bars: MultiProgress,
    running: Mutex<HashMap<Stage, ProgressBar>>,
}

impl Bars {
    fn with(&self, stage: Stage, act: impl FnOnce(&ProgressBar)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        act(running.entry(stage).or_insert_with(|| self.start(stage, 0)));
    }

    fn start(&self, stage: Stage, total: u64) -> ProgressBar {
        let (zh, en) = stage.names();
        let template = match total {
            0 => "  {spinner} {msg} {elapsed}",
            _ => "  {msg} {wide_bar} {human_pos}/{human_len} {elapsed}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = match total {
            0 => ProgressBar::new_spinner(),
            _ => ProgressBar::new(total),
        };
        let bar = self.bars.add(bar.with_style(style));
        bar.set_message(match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        });
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

impl Progress for Bars {
    fn begin(&self, stage: Stage, total: u64) {
        let bar = self.start(stage, total);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(stage, bar);
    }

    fn advance(&self, stage: Stage, done: u64) {
        self.with(stage, |bar| bar.inc(done));
    }

    fn end(&self, stage: Stage) {
        self.with(stage, ProgressBar::finish_and_clear);
    }
}
