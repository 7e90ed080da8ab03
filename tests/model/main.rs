//! The independent model of clearing: slow, obvious, written from clearing.md, package.md and cli.md alone.
//!
//! Seeded random nights go through the program's command line and through the model, which must agree record by
//! record and fen by fen. Reconciliation with card operators has a model of its own, in `reconcile`, which is held against
//! the simulated city and against the program. Nothing here uses the engine, the ledger or the registry; of the project's own crates only
//! the words of `tongclear-types` are shared, and the simulator as a peer. Bounded by: a few thousand records a seed.
//!
//! `TONGCLEAR_SEED=7` runs seed 7 alone, `TONGCLEAR_SEEDS=200` runs 200 seeds.

mod centre;
mod city;
mod compare;
mod dice;
mod door;
mod drive;
mod facts;
mod fees;
mod lists;
mod nights;
mod post;
mod reconcile;
mod rules;
mod sample;
mod script;
mod settle;
mod street;
mod tac;
mod text;
mod twist;
mod unique;
mod wire;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use centre::Centre;
use drive::{Program, Way};
use jiff::civil::Date;
use script::Action;

/// How many seeds run when nobody says otherwise.
const SEEDS: u64 = 20;

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, not a number")))
}

/// How often a seed is run a second time, the other way round.
const BACKWARDS_EVERY: u64 = 5;

/// Runs one seed; some once more the other way round, which must give the same digests.
fn agree(seed: u64) -> Result<(), String> {
    let digests = agree_in(seed, Way::Forwards)?;
    if seed.is_multiple_of(BACKWARDS_EVERY) {
        let again = agree_in(seed, Way::Backwards).map_err(|report| format!("backwards: {report}"))?;
        if again != digests {
            return Err(format!("backwards the digests are {again:?}, not {digests:?}"));
        }
    }
    Ok(())
}

/// Runs one seed in the model and in the program, command by command, and answers each window's digest.
fn agree_in(seed: u64, way: Way) -> Result<BTreeMap<Date, String>, String> {
    let mut centre = Centre::default();
    let mut program = Program::new(way)?;
    let mut digests = BTreeMap::new();
    for action in nights::script(seed) {
        let code = centre.act(&action);
        program.act(&action, code)?;
        if let Action::Check(date) = action {
            let said = program.ask(date)?;
            compare::compare(&centre.cleared[&date], &said)?;
            let digest = said.settlement["digest"].to_string();
            let before = digests.entry(date).or_insert_with(|| digest.clone());
            if *before != digest {
                return Err(format!("the digest of {date} was {before} and is {digest}"));
            }
        }
    }
    Ok(digests)
}

#[test]
fn seeded_nights_agree_record_by_record_and_fen_by_fen() {
    let seeds: Vec<u64> = match from_environment("TONGCLEAR_SEED") {
        Some(seed) => vec![seed],
        None => (1..=from_environment("TONGCLEAR_SEEDS").unwrap_or(SEEDS)).collect(),
    };
    println!("against {}", tongclear_tests::program().display());
    let next = AtomicU64::new(0);
    let failures = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(seed) =
                    usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok().and_then(|at| seeds.get(at))
                {
                    if let Err(report) = agree(*seed) {
                        let mut failures = failures.lock().expect("no thread panics with the lock");
                        failures.push(format!("TONGCLEAR_SEED={seed}\n{report}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panics with the lock");
    assert!(
        failures.is_empty(),
        "{} of {} seeds disagree\n{}",
        failures.len(),
        seeds.len(),
        failures.join("\n")
    );
}
