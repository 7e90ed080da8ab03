//! Everything a run of reconciliation is a function of: the operator's file, our windows, and what earlier runs left.

use std::collections::HashMap;
use std::path::PathBuf;

use bytes::Bytes;
use object_store::path::Path;
use tongclear_ledger::{Calendar, Cycle};
use tongclear_package::OperatorPiece;
use tongclear_registry::Registry;
use tongclear_store::reconciliations::{ReconciliationRow, reconciliation_files};
use tongclear_store::{Digest, RegistryVersion, WindowState};
use tongclear_types::{BusinessDate, IssuerId, OperatorCode};

use super::decided::Decided;
use super::words::Words;
use crate::centre::closed_windows;
use crate::run_files::RunFiles;
use crate::vault::{open_items_path, pairs_path};
use crate::{Centre, EngineError, Vault};

/// The operator's file, once it has proved whole.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) pieces: Vec<OperatorPiece>,
    pub(super) sha256: Digest,
    /// The day that it is for.
    pub(super) date: BusinessDate,
    /// Whether it may hold other days only.
    pub(super) other_days: bool,
}

/// The files of one of our windows.
pub(super) struct Window {
    pub(super) date: BusinessDate,
    pub(super) files: RunFiles,
}

/// An earlier run with the same operator.
#[derive(Clone)]
pub(crate) struct Past {
    pub(crate) row: ReconciliationRow,
    pub(crate) files: RunFiles,
    /// First and last date of the operator's lines in its pairs.
    pub(crate) dates: Option<(String, String)>,
    /// Where its files lie: the centre's vault, or a scratch one of a derivation.
    pub(crate) vault: Vault,
}

impl Past {
    /// A committed run.
    pub(crate) async fn of(centre: &Centre, row: ReconciliationRow) -> Result<Self, EngineError> {
        let files = reconciliation_files(&*centre.store, row.operator, row.run).await?.into();
        let dates = row.figures()?.paired_dates;
        Ok(Self { row, files, dates, vault: centre.vault.clone() })
    }

    /// Its open items in a partition; none when the partition had none.
    pub(super) async fn open_items(&self, partition: u16) -> Result<Option<(Path, Bytes)>, EngineError> {
        self.find(open_items_path(self.row.operator, &folder_of(&self.row), partition)).await
    }

    /// Its pairs in a partition.
    pub(super) async fn pairs(&self, partition: u16) -> Result<Option<(Path, Bytes)>, EngineError> {
        self.find(pairs_path(self.row.operator, &folder_of(&self.row), partition)).await
    }

    async fn find(&self, path: Path) -> Result<Option<(Path, Bytes)>, EngineError> {
        if !self.files.has(&path) {
            return Ok(None);
        }
        let file = self.files.get(&self.vault, &path).await?;
        Ok(Some((path, file)))
    }
}

/// The name of a run's folder: its number, and 16 hex digits of SHA-256 over what it takes in, so that two runs that are under
/// way at once and cannot both be committed never write into each other's files.
pub(super) fn folder(
    run: u32,
    date: BusinessDate,
    file: Option<Digest>,
    taken_through: Option<BusinessDate>,
    registry: RegistryVersion,
) -> String {
    let or_dash = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
    let (file, through) = (file.map(|it| it.to_string()), taken_through.map(|it| it.to_string()));
    let text = format!("{date}\n{}\n{}\n{}\n", or_dash(file), or_dash(through), registry.0);
    let digest = Digest::of(text.as_bytes()).to_string();
    format!("{run:06}-{}", &digest[..16])
}

fn folder_of(row: &ReconciliationRow) -> String {
    folder(row.run, row.business_date, row.file, row.taken_through, row.registry)
}

/// The inputs of one run.
pub(super) struct Inputs {
    pub(super) operator: OperatorCode,
    pub(super) issuer: IssuerId,
    /// The number of this run, and the name of its folder.
    pub(super) run: u32,
    pub(super) folder: String,
    pub(super) as_of: BusinessDate,
    pub(super) registry: RegistryVersion,
    /// The operator's calendar, and the business days after which an open item is a break.
    pub(super) calendar: Calendar,
    pub(super) grace: Cycle,
    pub(super) partitions: u16,
    /// Windows that no earlier run has taken in, in order.
    pub(super) new_windows: Vec<Window>,
    /// Windows that earlier runs took in: they may hold what explains a line.
    pub(super) old_windows: Vec<Window>,
    pub(super) taken_through: Option<BusinessDate>,
    /// What was decided in the windows that this run takes in.
    pub(super) decided: Decided,
    /// Earlier runs with the operator, in order.
    pub(super) past: Vec<Past>,
    pub(super) source: Option<Source>,
    pub(super) words: Words,
}

/// Business days of grace where the registry names none.
const GRACE_DAYS: u16 = 1;

impl Inputs {
    /// What a run for `date` finds; windows are taken in as far as `through` says, or as there are.
    ///
    /// # Errors
    /// [`EngineError::CheckFailed`] when a window up to that date is closed and not cleared; store faults.
    pub(super) async fn load(
        centre: &Centre,
        operator: OperatorCode,
        date: BusinessDate,
        (registry_version, registry): (RegistryVersion, &Registry),
        past: Vec<Past>,
        source: Option<Source>,
        through: Option<Option<BusinessDate>>,
    ) -> Result<Self, EngineError> {
        let issuer = registry.operator(&operator).ok_or_else(|| unknown(operator, registry))?.issuer_id;
        let (calendar, grace) = grace(registry, operator)?;
        let before = past.last().map(|past| &past.row);
        let as_of = before.map_or(date, |before| date.max(before.as_of));
        let known_through = before.and_then(|before| before.taken_through);
        let (mut new_windows, mut old_windows) = (Vec::new(), Vec::new());
        let (partitions, mut decided) = (registry.centre.card_partitions, Decided::default());
        let windows = centre.store.windows().await?;
        let wanted = |date| date <= as_of && through.is_none_or(|through| Some(date) <= through);
        for window in closed_windows(&windows).filter(|window| wanted(window.date())) {
            if window.state() < WindowState::Cleared {
                let date = window.date();
                return Err(EngineError::CheckFailed(format!(
                    "window {date} is {}: run `tongclear clear --window {date}` first, then reconcile",
                    window.state()
                )));
            }
            let files = RunFiles::of(centre, window.row.id).await?;
            let of = if known_through.is_some_and(|through| window.date() <= through) {
                &mut old_windows
            } else {
                decided.take(centre, operator, &window, &past, partitions).await?;
                &mut new_windows
            };
            of.push(Window { date: window.date(), files });
        }
        let taken_through = new_windows.last().map(|window| window.date).or(known_through);
        let run = before.map_or(1, |before| before.run + 1);
        let file = source.as_ref().map(|source| source.sha256);
        Ok(Self {
            operator,
            issuer,
            run,
            folder: folder(run, date, file, taken_through, registry_version),
            as_of,
            registry: registry_version,
            calendar,
            grace,
            partitions,
            new_windows,
            old_windows,
            taken_through,
            decided,
            past,
            source,
            words: Words::default(),
        })
    }
}

/// The calendar and the business days after which an open item of `operator` is a break.
pub(super) fn grace(registry: &Registry, operator: OperatorCode) -> Result<(Calendar, Cycle), EngineError> {
    let found = registry.operator(&operator).ok_or_else(|| unknown(operator, registry))?;
    let days = found.grace_days.unwrap_or(GRACE_DAYS);
    Ok((registry.operator_calendar(found).clone(), Cycle(u8::try_from(days).unwrap_or(u8::MAX))))
}

/// The operator is not in the registry; those that are.
fn unknown(operator: OperatorCode, registry: &Registry) -> EngineError {
    let known: Vec<String> = registry.operators.iter().map(|it| it.code.to_string()).collect();
    EngineError::Refused(format!(
        "operator is {operator}: not in the registry, which has {}",
        known.join(", ")
    ))
}

/// When an item of a day becomes a break: remembered, for there are few days and many items.
pub(super) struct Breaks<'a> {
    inputs: &'a Inputs,
    known: HashMap<BusinessDate, bool>,
}

impl<'a> Breaks<'a> {
    pub(super) fn new(inputs: &'a Inputs) -> Self {
        Self { inputs, known: HashMap::new() }
    }

    /// Whether an open item of `since` is past the operator's grace.
    pub(super) fn is(&mut self, since: BusinessDate) -> bool {
        let Inputs { calendar, grace, as_of, .. } = self.inputs;
        *self.known.entry(since).or_insert_with(|| is_break(since, *as_of, calendar, *grace))
    }
}

/// Whether an item of `since` is past the grace at `as_of`.
pub(super) fn is_break(since: BusinessDate, as_of: BusinessDate, calendar: &Calendar, grace: Cycle) -> bool {
    as_of > calendar.value_date(since, grace)
}

/// Calendar days from `since` to `as_of`; zero when it lies ahead.
pub(crate) fn age_days(since: BusinessDate, as_of: BusinessDate) -> u32 {
    let hours = since.civil().duration_until(as_of.civil()).as_hours();
    u32::try_from(hours / 24).unwrap_or(0)
}
