//! The run: day by day, hour by hour, record by record.
//!
//! Each slot of the day's schedule makes exactly one record. An anomaly that makes two takes a later slot with it;
//! one that makes none is followed by an ordinary tap; what was laid aside the day before takes the first slots. So a
//! day holds exactly as many records as the plan says.

use std::collections::BTreeMap;

use crate::draft::Slot;
use crate::files;
use crate::holidays;
use crate::kind::Anomaly;
use crate::moment::{FIRST_HOUR, HOURS};
use crate::plan::{Plan, Progress, SimError};
use crate::profile::Schedule;
use crate::random::Random;
use crate::summary::{Paths, Summary};
use crate::world::World;

/// Records between two reports of progress.
const PROGRESS_STEP: u64 = 10_000;
/// An anomaly makes at most this many records in its own window.
const RECORDS_PER_ANOMALY_MAX: u64 = 2;
/// Seconds in an hour.
const HOUR_SECONDS: u64 = 3_600;
/// Hours, from the start of the working day, after which collectors send what they have: 12:00 and 19:00.
const SEND_HOURS: [usize; 2] = [7, 14];

/// Makes the city of `plan` and writes it; the same plan gives the same bytes.
///
/// `progress` is called now and then. The crate's documentation says what is written and what can be relied on.
///
/// # Errors
/// [`SimError`]: a plan outside its limits, a folder that is not empty, or a file that cannot be written.
pub fn simulate(plan: &Plan, progress: &mut dyn FnMut(Progress)) -> Result<Summary, SimError> {
    plan.validate()?;
    files::claim(&plan.out)?;
    let mut world = World::new(plan)?;
    files::write_registry(&world)?;
    files::write_keys(&world)?;
    files::write_lists(&world)?;
    let mut kinds = Kinds::new(plan.seed);
    for day in 0..plan.days {
        live(&mut world, i32::from(day), &mut kinds, progress)?;
    }
    let mut summary = Summary {
        anomalies: kinds.made,
        operator_anomalies: world.books.anomalies().clone(),
        amount_fen: world.amount(),
        operator_lines: world.books.lines(),
        paths: Paths::below(&plan.out),
        ..Summary::default()
    };
    world.outbox.finish(&mut summary)?;
    Ok(summary)
}

/// The order in which kinds of anomaly take their turn.
struct Kinds {
    order: Vec<Anomaly>,
    next: usize,
    made: BTreeMap<&'static str, u64>,
}

impl Kinds {
    fn new(seed: u64) -> Self {
        let mut order = Anomaly::ALL.to_vec();
        Random::new(seed, 5).shuffle(&mut order);
        Self { order, next: 0, made: BTreeMap::new() }
    }

    /// Makes an anomaly of the next kind that can be made in `slot`.
    fn inject(&mut self, world: &mut World<'_>, slot: Slot) -> Result<(), SimError> {
        for _ in 0..self.order.len() {
            let kind = self.order[self.next];
            self.next = (self.next + 1) % self.order.len();
            if let Some(made) = world.inject(kind, slot)? {
                *self.made.entry(made.name()).or_default() += 1;
                return Ok(());
            }
        }
        Ok(())
    }
}

/// One working day.
fn live(
    world: &mut World<'_>,
    day: i32,
    kinds: &mut Kinds,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), SimError> {
    world.day.0 = day;
    let plan = world.plan;
    world.outbox.begin(world.day)?;
    world.books.begin(world.day, world.outbox.lines())?;
    let records_before = world.outbox.records();
    world.deliver()?;
    let mut due = plan.transactions - (world.outbox.records() - records_before);
    let mut schedule = Schedule::new(due, holidays::is_working(world.dates.civil(world.day)));
    // Records made ahead of their slots.
    let mut ahead = 0;
    for hour in 0..HOURS {
        let count = schedule.count(hour);
        for number in 0..count {
            let sector = schedule.take(hour, &mut world.random);
            due -= 1;
            if ahead > 0 {
                ahead -= 1;
                continue;
            }
            let second = (number * HOUR_SECONDS + world.random.below(HOUR_SECONDS)) / count;
            let hour = FIRST_HOUR + i32::try_from(hour).unwrap_or(0);
            let second = hour * 3_600 + i32::try_from(second).unwrap_or(0);
            let slot = Slot { sector, at: world.day.at(second) };
            world.outbox.tick(slot.at);
            let before = world.outbox.records();
            let strange = world.random.chance(plan.anomaly_rate.per_million(), 1_000_000);
            if strange && due >= ahead + RECORDS_PER_ANOMALY_MAX {
                kinds.inject(world, slot)?;
            }
            if world.outbox.records() == before {
                let draft = world.ordinary(slot)?;
                world.settle_ordinary(&draft)?;
            }
            ahead = world.outbox.records() - before - 1;
            if world.outbox.records().is_multiple_of(PROGRESS_STEP) {
                progress(report(world));
            }
        }
        if SEND_HOURS.contains(&hour) {
            world.outbox.send_large()?;
        }
    }
    world.outbox.end()?;
    world.books.end(world.outbox.lines())?;
    progress(report(world));
    Ok(())
}

fn report(world: &World<'_>) -> Progress {
    let plan = world.plan;
    Progress {
        window: world.window(),
        records: world.outbox.records(),
        records_total: plan.transactions * u64::from(plan.days),
    }
}
