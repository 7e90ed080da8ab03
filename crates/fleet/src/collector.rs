//! One collector playing its script: every package until it is answered, every mishap on the way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::sleep;
use tongclear_types::CollectorId;
use tracing::debug;

use crate::answer::{Meaning, Verdict};
use crate::error::FleetError;
use crate::figures::{Figures, millis};
use crate::line::Line;
use crate::muster::{Parcel, Site};
use crate::patience::Patience;
use crate::plan::{Mischief, Plan};
use crate::random::{Purpose, Random};
use crate::script::{Step, script};

/// What is worth telling whoever watches.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// A package was answered for good; with the records that the centre took.
    Answered(u64),
    /// A request had to be made again.
    Retried,
}

/// What all collectors of a run have in common.
#[derive(Debug)]
pub(crate) struct Run {
    url: Url,
    seed: u64,
    mischief: Mischief,
    give_up_after: Duration,
    /// One permit a connected collector.
    seats: Arc<Semaphore>,
    events: mpsc::Sender<Event>,
}

impl Run {
    /// The run of a plan that uploads to `url`.
    pub(crate) fn new(plan: &Plan, url: Url, events: mpsc::Sender<Event>) -> Self {
        Self {
            url,
            seed: plan.seed,
            mischief: plan.mischief,
            give_up_after: plan.give_up_after,
            seats: Arc::new(Semaphore::new(plan.at_once.min(Semaphore::MAX_PERMITS))),
            events,
        }
    }

    /// Tells whoever watches; nobody may be listening any more when the run is ending.
    async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }
}

/// A connected collector: its line, and the seat that it takes.
struct Visit {
    line: Line,
    _seat: OwnedSemaphorePermit,
}

/// A collector at work.
pub(crate) struct Collector {
    run: Arc<Run>,
    site: Site,
    jitter: Random,
    figures: Figures,
    /// Which packages the centre has taken.
    taken: Vec<bool>,
}

impl Collector {
    /// A collector that has not begun.
    pub(crate) fn new(run: Arc<Run>, site: Site) -> Self {
        let jitter = Random::new(run.seed, site.collector, Purpose::Jitter);
        let taken = vec![false; site.files.len()];
        Self { run, jitter, figures: Figures { collectors: 1, ..Figures::default() }, taken, site }
    }

    /// Which collector it is.
    pub(crate) const fn id(&self) -> CollectorId {
        self.site.collector
    }

    /// Plays the script to its end.
    ///
    /// # Errors
    /// The first package that was not answered as it must be.
    pub(crate) async fn play(mut self) -> Result<Figures, FleetError> {
        let mut chance = Random::new(self.run.seed, self.id(), Purpose::Script);
        let steps = script(self.site.files.len(), &self.run.mischief, &mut chance);
        let mut visit = self.arrive().await?;
        for step in steps {
            match step {
                Step::HangUp { package, percent } => {
                    let parcel = self.parcel(package).await?;
                    self.figures.uploads += 1;
                    self.figures.hung_up += u64::from(visit.line.hang_up(&parcel.bytes, percent).await);
                }
                Step::LoseAnswer { package, stays } => {
                    let parcel = self.parcel(package).await?;
                    self.figures.uploads += 1;
                    self.figures.answers_lost +=
                        u64::from(visit.line.lose_answer(&parcel.bytes, stays).await);
                }
                Step::Upload { package } => self.upload(&visit.line, package).await?,
                Step::Resend { package } => self.resend(&visit.line, package).await?,
                Step::Leave { away } => {
                    drop(visit);
                    sleep(away).await;
                    visit = self.arrive().await?;
                }
            }
        }
        Ok(self.figures)
    }

    /// Takes a seat and a new line.
    async fn arrive(&self) -> Result<Visit, FleetError> {
        let seat = Arc::clone(&self.run.seats)
            .acquire_owned()
            .await
            .map_err(|error| FleetError::Broken { message: error.to_string() })?;
        let line = Line::new(self.site.identity.as_ref(), &self.run.url, self.run.give_up_after)?;
        Ok(Visit { line, _seat: seat })
    }

    /// Reads a package from its file: a collector does not keep all of them in memory.
    async fn parcel(&self, package: usize) -> Result<Parcel, FleetError> {
        let path = self.site.files[package].clone();
        tokio::task::spawn_blocking(move || Parcel::read(&path))
            .await
            .map_err(|error| FleetError::Broken { message: error.to_string() })?
    }

    /// Sends a package until it is answered, and notes the answer.
    async fn upload(&mut self, line: &Line, package: usize) -> Result<(), FleetError> {
        let parcel = self.parcel(package).await?;
        let verdict = self.deliver(line, &parcel).await?;
        let taken = !matches!(verdict, Verdict::Quarantined(_));
        self.taken[package] = taken;
        let (records, len) =
            (u64::from(parcel.records), u64::try_from(parcel.bytes.len()).unwrap_or(u64::MAX));
        self.figures.note(&parcel.file, records, len, verdict);
        self.run.tell(Event::Answered(if taken { records } else { 0 })).await;
        Ok(())
    }

    /// Sends a package that was taken again, and demands that the centre knows it. One that was put aside would be
    /// judged afresh, so it is left alone.
    async fn resend(&mut self, line: &Line, package: usize) -> Result<(), FleetError> {
        if !self.taken[package] {
            return Ok(());
        }
        let parcel = self.parcel(package).await?;
        let verdict = self.deliver(line, &parcel).await?;
        if verdict != Verdict::AlreadyReceived {
            let answered = verdict.result().to_owned();
            return Err(FleetError::NotRecognised { file: parcel.file, answered });
        }
        self.figures.resent += 1;
        Ok(())
    }

    /// Sends a package until it is answered.
    async fn deliver(&mut self, line: &Line, parcel: &Parcel) -> Result<Verdict, FleetError> {
        let begun = Instant::now();
        let mut patience = Patience::new(self.run.give_up_after);
        let mut attempts = 0;
        loop {
            attempts += 1;
            self.figures.uploads += 1;
            let sent = Instant::now();
            let (last, asked_for) = match line.send(&parcel.bytes).await {
                Err(fault) => (fault, None),
                Ok(response) => match response.judge(&parcel.file, &parcel.sha256)? {
                    Meaning::Answered(verdict) => {
                        self.figures.latencies_ms.push(millis(sent.elapsed()));
                        return Ok(verdict);
                    }
                    Meaning::Again(asked_for) => (response.summary(), asked_for),
                },
            };
            let elapsed = begun.elapsed();
            let Some(wait) = patience.wait(elapsed, asked_for, &mut self.jitter) else {
                return Err(FleetError::GaveUp {
                    file: parcel.file.clone(),
                    waited_ms: millis(elapsed),
                    attempts,
                    last,
                });
            };
            debug!(file = %parcel.file, attempts, wait_ms = millis(wait), last, "sending again");
            self.figures.retries += 1;
            self.run.tell(Event::Retried).await;
            sleep(wait).await;
        }
    }
}
