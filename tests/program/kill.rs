//! Kill anywhere: seeded campaigns that cut the program off at named places and at random moments, run it again, and
//! demand the results of an undisturbed centre, to the byte.
//!
//! Twelve seeds in the normal tests; `TONGCLEAR_SOAK_SEEDS=200` for the long campaign (`cargo xtask soak`);
//! `TONGCLEAR_SEED=n` runs just that one, the way a failure is reproduced.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tongclear_store::cut;

use crate::city::{DAY, small_town};
use crate::program::{Centre, RESULTS, path, sorted};

const NEXT: &str = "2026-11-24";
/// The card operator whose file of the first day is reconciled in the end.
const OPERATOR: &str = "0417";
/// Seeds of the normal tests.
const SEEDS: u64 = 12;
/// At most this many interruptions before a step is left to run to its end.
const CUTS_MAX: u32 = 3;
/// Longest time after which a step is killed.
const KILL_AFTER_MAX: Duration = Duration::from_millis(600);
/// A place is armed for one of its first passings.
const PASSINGS_MAX: u32 = 40;

/// What a centre holds after both nights, of what must never depend on interruptions.
struct Results {
    windows: String,
    settlements: [String; 2],
    /// Every file of the vault but quarantine and lists, by name, with its digest.
    files: BTreeMap<String, String>,
    /// Events of the audit log, whoever did them whenever.
    events: Vec<serde_json::Value>,
    transfers: serde_json::Value,
    /// Runs of reconciliation, and the last one whole.
    reconciliations: [String; 2],
}

impl Results {
    fn of(centre: &Centre) -> Self {
        let check = centre.json(&["check"]);
        assert_eq!(check["holds"], true, "{check:#}");
        let audit = centre.json(&["audit", "list"]);
        let events = audit["entries"].as_array().unwrap().iter().map(event).collect();
        let mut files = BTreeMap::new();
        for folder in ["packages", "operators", "reconciliation"].into_iter().chain(RESULTS) {
            digests(&centre.data().join("vault"), Path::new(folder), &mut files);
        }
        Self {
            windows: centre.done(&["window", "list", "--json"]),
            settlements: [DAY, NEXT]
                .map(|day| centre.done(&["settlement", "show", "--window", day, "--json"])),
            files,
            events,
            transfers: check["transfers"].clone(),
            reconciliations: [
                centre.done(&["reconcile", "list", "--json"]),
                centre.done(&["reconcile", "show", "--operator", OPERATOR, "--json"]),
            ],
        }
    }
}

/// What an entry tells, but for the sealed key ring, which no two loads seal alike.
fn event(entry: &serde_json::Value) -> serde_json::Value {
    let mut event = entry["event"].clone();
    if event["event"] == "keys" {
        event["sha256"] = serde_json::Value::Null;
    }
    event
}

/// Demands that results are those of the undisturbed centre, naming what is not.
#[track_caller]
fn assert_undisturbed(results: &Results, hint: &str) {
    let expected = undisturbed();
    let names = results.files.keys().chain(expected.files.keys());
    for name in names {
        assert_eq!(results.files.get(name), expected.files.get(name), "{name} {hint}");
    }
    assert_eq!(results.windows, expected.windows, "{hint}");
    assert_eq!(results.settlements, expected.settlements, "{hint}");
    assert_eq!(results.events, expected.events, "{hint}");
    assert_eq!(results.transfers, expected.transfers, "{hint}");
    assert_eq!(results.reconciliations, expected.reconciliations, "{hint}");
}

fn digests(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    use sha2::Digest as _;
    for entry in sorted(&root.join(folder)) {
        let name = folder.join(entry.file_name().unwrap());
        // What a killed writer left half written goes by a name of its own and is nobody's.
        if entry.is_dir() {
            digests(root, &name, files);
        } else if !path(&name).contains('#') {
            files.insert(
                path(&name).to_owned(),
                hex::encode(sha2::Sha256::digest(std::fs::read(&entry).unwrap())),
            );
        }
    }
}

/// The commands of two days and a reconciliation, in order.
fn steps(town: &Path) -> Vec<Vec<String>> {
    let town = |name: &str| path(&town.join(name)).to_owned();
    let mut steps = vec![
        vec!["registry".to_owned(), "load".to_owned(), town("registry")],
        vec!["keys".to_owned(), "load".to_owned(), town("keys.toml")],
    ];
    for list in sorted(Path::new(&town("lists"))) {
        steps.push(vec!["denylist".to_owned(), "load".to_owned(), path(&list).to_owned()]);
    }
    for day in [DAY, NEXT] {
        steps.push(vec!["intake".to_owned(), town(&format!("packages/{day}"))]);
        steps.push(vec!["night".to_owned(), "--date".to_owned(), day.to_owned()]);
    }
    let file = town(&format!("operators/{OPERATOR}-{DAY}.csv"));
    let reconcile = ["reconcile", "--operator", OPERATOR, "--date", DAY, "--file", &file];
    steps.push(reconcile.map(str::to_owned).to_vec());
    steps
}

/// How a step is disturbed.
#[derive(Debug)]
enum Cut {
    /// Abort at the n-th passing of a place.
    At(&'static str, u32),
    /// SIGKILL after a while.
    After(Duration),
}

impl Cut {
    fn random(dice: &mut ChaCha8Rng) -> Self {
        if dice.random_bool(0.6) {
            let place = cut::PLACES[dice.random_range(0..cut::PLACES.len())];
            Self::At(place, dice.random_range(1..=PASSINGS_MAX))
        } else {
            Self::After(KILL_AFTER_MAX.mul_f64(dice.random_range(0.0..1.0)))
        }
    }
}

/// Runs a step disturbed; says whether it was cut off.
fn disturbed(centre: &Centre, step: &[&str], cut: &Cut) -> bool {
    let mut command = centre.command(step);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if let Cut::At(place, times) = cut {
        command.env(cut::VARIABLE, format!("{place}:{times}"));
    }
    let mut child = command.spawn().unwrap();
    if let Cut::After(time) = cut {
        std::thread::sleep(*time);
        let _ = child.kill();
    }
    child.wait().unwrap().signal().is_some()
}

/// A deny list that was taken before its process was cut off is refused the second time, since it is not newer; of the
/// operator's lines some cannot be taken.
fn finish(centre: &Centre, step: &[&str]) {
    let ended = centre.run(step);
    let taken_already = step[0] == "denylist" && ended.code == 3 && ended.err.contains("version");
    let some_lines = step[0] == "reconcile" && ended.code == 3 && ended.out.contains("run 1");
    assert!(ended.code == 0 || taken_already || some_lines, "{step:?}\n{}\n{}", ended.out, ended.err);
}

fn undisturbed() -> &'static Results {
    static RESULTS: OnceLock<Results> = OnceLock::new();
    RESULTS.get_or_init(|| {
        let centre = Centre::absent();
        centre.done(&["init"]);
        for step in steps(small_town()) {
            finish(&centre, &step.iter().map(String::as_str).collect::<Vec<_>>());
        }
        Results::of(&centre)
    })
}

/// One campaign; returns how often the program was cut off.
fn campaign(seed: u64) -> u32 {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let centre = Centre::absent();
    centre.done(&["init"]);
    let mut cuts = 0;
    for step in steps(small_town()) {
        let mut step: Vec<&str> = step.iter().map(String::as_str).collect();
        let workers = dice.random_range(1..=3).to_string();
        if matches!(step[0], "night" | "reconcile") {
            step.extend(["--workers", &workers]);
        }
        for _ in 0..dice.random_range(0..=CUTS_MAX) {
            let cut = Cut::random(&mut dice);
            cuts += u32::from(disturbed(&centre, &step, &cut));
        }
        finish(&centre, &step);
    }
    assert_undisturbed(&Results::of(&centre), &format!("seed {seed}: TONGCLEAR_SEED={seed} runs it again"));
    cuts
}

fn seeds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    match number("TONGCLEAR_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("TONGCLEAR_SOAK_SEEDS").unwrap_or(SEEDS)).collect(),
    }
}

#[test]
fn cut_off_anywhere_the_centre_comes_to_the_same_results() {
    undisturbed();
    let (seeds, cuts) = (Mutex::new(seeds().into_iter()), AtomicU64::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(seed) = seeds.lock().unwrap().next() else { break };
                    println!("seed {seed}");
                    cuts.fetch_add(campaign(seed).into(), Ordering::SeqCst);
                }
            });
        }
    });
    let cuts = cuts.into_inner();
    println!("cut off {cuts} times");
    assert!(cuts > 0, "a campaign that cuts nothing off proves nothing");
}

/// Every place is really passed: a centre that is cut off at each of them in turn comes to the same results.
#[test]
fn every_place_cuts_and_is_survived() {
    let centre = Centre::absent();
    centre.done(&["init"]);
    let mut waiting: Vec<&'static str> = cut::PLACES.to_vec();
    // Those of payouts are cut at by `payouts.rs`.
    waiting.retain(|place| !place.starts_with("payout.") && !place.starts_with("bank."));
    for step in steps(small_town()) {
        let step: Vec<&str> = step.iter().map(String::as_str).collect();
        // A night passes a place only while it still has something to do there: later places come after earlier ones.
        waiting.retain(|place| !belongs(place, step[0]) || !disturbed(&centre, &step, &Cut::At(place, 1)));
        finish(&centre, &step);
    }
    assert_eq!(waiting, Vec::<&str>::new(), "these places are never passed");
    assert_undisturbed(&Results::of(&centre), "after a cut at every place");
}

/// Whether a command passes the place.
fn belongs(place: &str, command: &str) -> bool {
    let (area, _) = place.split_once('.').unwrap();
    match command {
        "registry" | "keys" | "intake" | "reconcile" => area == command,
        "denylist" => area == "list",
        _ => ["close", "clear", "commit", "settle", "results", "reports"].contains(&area),
    }
}
