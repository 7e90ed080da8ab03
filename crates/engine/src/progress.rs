//! How long work tells how far it is, without knowing who watches.

use std::time::{Duration, Instant};

/// The steps that are worth watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Taking packages in; counted in packages.
    Intake,
    /// Closing the window.
    Close,
    /// Loading what the window is judged against.
    Prepare,
    /// Reading packages, checking records, verifying TACs; counted in records.
    Verify,
    /// Uniqueness, continuity, rating, writing the detail; counted in card partitions.
    Chain,
    /// The database transaction that commits the run.
    Commit,
    /// Netting and positions.
    Settle,
    /// Statements; counted in files.
    Statements,
    /// Result files for collectors; counted in files.
    Results,
    /// Writing an export; counted in records.
    Export,
    /// Deriving everything again; counted in records, twice each: its package, and its disposition.
    Check,
    /// Carrying rows to another database; counted in rows.
    CopyRows,
    /// Copying files to another vault; counted in files.
    CopyFiles,
    /// Rating a window again; counted in accepted records.
    Rerate,
    /// Looking at an operator's file and keeping it; counted in bytes.
    Survey,
    /// Reading an operator's lines; counted in lines.
    ReadLines,
    /// Matching with an operator's books; counted in card partitions.
    Match,
}

impl Stage {
    /// In Chinese and English, for people.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Intake => ("接收", "intake"),
            Self::Close => ("关闭窗口", "close"),
            Self::Prepare => ("准备", "prepare"),
            Self::Verify => ("读取并验证", "read, check, verify TAC"),
            Self::Chain => ("逐卡核对、计费、写明细", "chain, rate, write detail"),
            Self::Commit => ("提交", "commit"),
            Self::Settle => ("结算", "settle"),
            Self::Statements => ("对账单", "statements"),
            Self::Results => ("结果文件", "result files"),
            Self::Export => ("导出", "export"),
            Self::CopyRows => ("复制数据", "copy rows"),
            Self::CopyFiles => ("复制文件", "copy files"),
            Self::Check => ("重算核对", "derive again and compare"),
            Self::Rerate => ("重新计费", "rate again"),
            Self::Survey => ("核验发卡机构文件", "look at the operator's file"),
            Self::ReadLines => ("读取发卡机构文件", "read the operator's lines"),
            Self::Match => ("逐卡对账", "match"),
        }
    }
}

/// Watches work; called from worker threads, so it must be quick.
pub trait Progress: Send + Sync {
    /// A stage begins; `total` is in the stage's unit, 0 when unknown.
    fn begin(&self, stage: Stage, total: u64);
    /// `done` more units of the stage are done.
    fn advance(&self, stage: Stage, done: u64);
    /// The stage ended.
    fn end(&self, stage: Stage);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Stage, _: u64) {}
    fn advance(&self, _: Stage, _: u64) {}
    fn end(&self, _: Stage) {}
}

/// How long each stage took, in the order in which they ran.
#[derive(Debug, Clone, Default)]
pub struct Timings(Vec<(Stage, Duration)>);

impl Timings {
    /// Runs `work` as `stage`, tells `progress`, and notes the time.
    pub async fn stage<T>(
        &mut self,
        stage: Stage,
        total: u64,
        progress: &dyn Progress,
        work: impl Future<Output = T>,
    ) -> T {
        let started = Instant::now();
        progress.begin(stage, total);
        let result = work.await;
        progress.end(stage);
        self.note(stage, started.elapsed());
        result
    }

    /// Notes that `stage` took `elapsed`.
    pub fn note(&mut self, stage: Stage, elapsed: Duration) {
        self.0.push((stage, elapsed));
    }

    /// Appends the stages of `later`.
    pub fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// The stages and their times.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, Duration)> {
        self.0.iter().copied()
    }
}
