//! The program against the model: a simulated fortnight with three card operators, run by run and item by item.
//!
//! The nights run and the files come as the simulator has them come: late, in part, twice, after days off. What the program
//! says of each run must be what the model says, and in the end what the simulator knows. Bounded by: some twenty thousand
//! records a seed, in a data folder that goes with the test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tongclear_sim::{Plan, simulate};
use tongclear_types::{CollectorId, OperatorCode, Verdict};

use super::shown::{Words, figures, no_items};
use super::simulated::{DAYS, FIRST, cleared, operators, rows};
use super::*;
use crate::drive::{Program, Way};

/// Seeds of the normal tests.
const SEEDS: [u64; 2] = [1, 2];
/// How many disagreements of a run are told.
const TOLD: usize = 10;

/// One operator in both.
struct Held {
    code: OperatorCode,
    model: Model,
    /// Of the records that were cleared, those that are accepted and the operator's.
    accepted: BTreeMap<Date, Vec<String>>,
    issuer: IssuerId,
    words: Words,
    /// The file that each run took in, by its name.
    files: BTreeMap<u32, String>,
    /// Lines and records that the program has cleared so far, by their places.
    cleared: BTreeSet<String>,
    /// Lines that the program has taken.
    taken: BTreeSet<String>,
    /// Rows of the truth as the program has found them.
    found: Vec<String>,
    /// Open items of the last run, as rows of the truth.
    open: Vec<String>,
}

/// The rows of a CSV file that the program wrote.
fn items(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).expect("the program wrote it");
    reader
        .records()
        .map(|row| row.expect("a row as long as the header").iter().map(str::to_owned).collect())
        .collect()
}

impl Held {
    fn new(code: OperatorCode, operator: Operator) -> Self {
        Self {
            code,
            issuer: operator.issuer,
            model: Model::new(operator),
            accepted: BTreeMap::new(),
            words: Words::default(),
            files: BTreeMap::new(),
            cleared: BTreeSet::new(),
            taken: BTreeSet::new(),
            found: Vec::new(),
            open: Vec::new(),
        }
    }

    fn clear(&mut self, window: Date, records: &[Record]) {
        self.model.clear(records.iter().copied());
        let accepted = records
            .iter()
            .filter(|it| it.facts.issuer == self.issuer && matches!(it.verdict, Verdict::Accepted(_)));
        let places = accepted.map(|it| {
            let RecordPlace { collector, sequence, row } = it.place;
            format!("{collector},{sequence},{row},{window}")
        });
        self.accepted.insert(window, places.collect());
    }

    /// One run in both: they must agree.
    fn run(&mut self, program: &Program, date: Date, file: Option<(&str, &Path)>) -> Result<(), String> {
        let (code, day) = (self.code.to_string(), date.to_string());
        let mut arguments = vec!["reconcile", "--json", "--operator", &code, "--date", &day];
        let path = file.map(|(_, path)| path.to_string_lossy().into_owned());
        if let Some(path) = &path {
            arguments.extend(["--file", path]);
        }
        let bytes = file.map(|(_, path)| std::fs::read(path).expect("the simulator wrote it"));
        let text = bytes.clone().map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
        let report = match self.model.run(Run { date, file: bytes, other_days: false }) {
            Outcome::Ran(report) => *report,
            Outcome::SeenBefore => {
                let before = program.run(&["reconcile", "list", "--json", "--operator", &code], 0)?;
                program.run(&arguments, 0)?;
                let after = program.run(&["reconcile", "list", "--json", "--operator", &code], 0)?;
                return if before == after { Ok(()) } else { Err(format!("{path:?} counts twice: {after}")) };
            }
            Outcome::Refused(refusal) => return Err(format!("{path:?}: {refusal:?}")),
        };
        let ended = if report.not_taken.is_empty() { 0 } else { 3 };
        let said = program.run(&arguments, ended)?;
        let what = format!("{code}, run {} for {day}", report.number);
        let mut said: Value = serde_json::from_str(&said).map_err(|error| format!("{error}: {said}"))?;
        let lines = said["not_taken"].as_array().cloned().unwrap_or_default();
        if let Some(file) = said["file"].as_object_mut() {
            file.remove("sha256");
        }
        let through = self.accepted.range(..=report.as_of).next_back().map(|(window, _)| *window);
        let due = figures((self.code, date, text.is_some()), through, &report);
        for (name, due) in due.as_object().expect("an object") {
            if said[name] != *due {
                return Err(format!("{what}: {name}: model {due}\nprogram {}", said[name]));
            }
        }
        let told = lines.iter().map(|it| {
            (it["line"].as_u64().unwrap_or_default(), it["field"].as_str().unwrap_or_default().to_owned())
        });
        let told: Vec<_> = told.collect();
        let due = no_items(&report);
        if told != due {
            return Err(format!("{what}: lines that are no items: model {due:?}\nprogram {told:?}"));
        }
        if let Some(text) = &text {
            self.words.files.insert(report.number, text.lines().map(str::to_owned).collect());
        }
        let name = file.map_or("", |(name, _)| name);
        self.files.insert(report.number, name.to_owned());
        for (line, field) in &told {
            let copy = matches!(field.as_str(), "duplicate_line" | "repeated");
            let (state, field) = if copy { (field.as_str(), "") } else { ("not_taken", field.as_str()) };
            self.found.push(format!("{code},{name},{line},{state},{field},,,,,,"));
        }
        let dropped: BTreeSet<u64> = told.into_iter().map(|(line, _)| line).collect();
        let numbers = (2..report.lines + 2).filter(|line| !dropped.contains(line));
        self.taken.extend(numbers.map(|line| format!("{},{line}", report.number)));
        self.items(program, &report).map_err(|error| format!("{what}: {error}"))
    }

    /// The items of the last run, one by one.
    fn items(&mut self, program: &Program, report: &Report) -> Result<(), String> {
        let out = program.folder.path().join("items.csv");
        let (code, number) = (self.code.to_string(), report.number.to_string());
        let command = ["reconcile", "items", "--operator", &code, "--run", &number, "--out"];
        program.run(&[&command[..], &[&out.to_string_lossy()]].concat(), 0)?;
        let items = items(&out);
        let mut told: Vec<String> = items.iter().map(|row| row.join(",")).collect();
        told.sort();
        let due = self.words.rows(report);
        if told != due {
            let (told, due): (BTreeSet<_>, BTreeSet<_>) =
                (told.into_iter().collect(), due.into_iter().collect());
            let missing: Vec<_> = due.difference(&told).take(TOLD).cloned().collect();
            let more: Vec<_> = told.difference(&due).take(TOLD).cloned().collect();
            return Err(format!("model\n{}\nprogram\n{}", missing.join("\n"), more.join("\n")));
        }
        self.states(&items, report.as_of)
    }

    /// Every record and every line is in exactly one state.
    fn states(&mut self, items: &[Vec<String>], as_of: Date) -> Result<(), String> {
        let mut open = BTreeSet::new();
        self.open.clear();
        for row in items {
            let (state, record, line) = (row[0].as_str(), row[9..13].join(","), row[25..27].join(","));
            let is_pair = matches!(state, "matched" | "mismatch");
            let places = match state {
                "ours_only" => vec![record.clone()],
                "theirs_only" => vec![line],
                _ => vec![record.clone(), line],
            };
            for place in places {
                let once = if is_pair {
                    self.cleared.insert(place.clone())
                } else {
                    !self.cleared.contains(&place) && open.insert(place.clone())
                };
                if !once {
                    return Err(format!("{place} is in two states; now in {state}"));
                }
            }
            let file = row[25].parse::<u32>().map_or("", |run| self.files[&run].as_str());
            let truth = format!(
                "{},{file},{},{state},{},{},{},{record}",
                self.code, row[26], row[2], row[27], row[28]
            );
            if is_pair { &mut self.found } else { &mut self.open }.push(truth);
        }
        let records = self.accepted.range(..=as_of).flat_map(|(_, places)| places);
        let due: BTreeSet<&String> = records.chain(&self.taken).collect();
        let told: BTreeSet<&String> = open.iter().chain(&self.cleared).collect();
        match due.symmetric_difference(&told).next() {
            None => Ok(()),
            Some(place) => {
                Err(format!("{place}: due {}, told {}", due.contains(place), told.contains(place)))
            }
        }
    }
}

/// Whose records they are.
fn merchants(city: &Path) -> BTreeMap<(Date, RecordPlace), tongclear_types::MerchantCode> {
    let merchant = |row: Vec<String>| {
        let number = |at: usize| row[at].parse::<u32>().expect("a number");
        let collector: CollectorId = row[2].parse().expect("a collector");
        let place = RecordPlace { collector, sequence: number(3), row: number(4) };
        ((row[0].parse().expect("a date"), place), row[1].parse().expect("a merchant"))
    };
    rows(&city.join("truth.csv")).into_iter().map(merchant).collect()
}

/// Makes the city of a seed, with few partitions of cards: each costs two files a run.
fn city(seed: u64, folder: &Path) -> Result<(), String> {
    let plan = Plan {
        out: folder.to_owned(),
        seed,
        cards: 800,
        transactions: 1_500,
        terminals: 60,
        collectors: None,
        date: FIRST.parse().expect("a date"),
        anomaly_rate: "0.06".parse().expect("a rate"),
        days: DAYS,
    };
    simulate(&plan, &mut |_| {}).map_err(|error| error.to_string())?;
    let registry = folder.join("registry/registry.toml");
    let text = std::fs::read_to_string(&registry).map_err(|error| error.to_string())?;
    assert!(text.contains("card_partitions = 64"));
    std::fs::write(registry, text.replace("card_partitions = 64", "card_partitions = 8"))
        .map_err(|error| error.to_string())
}

/// A fortnight, and the days until everything has arrived.
fn agree(seed: u64) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let city_folder = folder.path();
    city(seed, city_folder)?;
    let inside = |name: &str| city_folder.join(name).to_string_lossy().into_owned();
    let program = Program::new(Way::Forwards)?;
    program.run(&["registry", "load", &inside("registry")], 0)?;
    program.run(&["keys", "load", &inside("keys.toml")], 0)?;
    let mut lists: Vec<_> = std::fs::read_dir(city_folder.join("lists"))
        .expect("the simulator wrote lists")
        .map(|entry| entry.expect("a list").path())
        .collect();
    lists.sort();
    for list in lists {
        program.run(&["denylist", "load", &list.to_string_lossy()], 0)?;
    }
    let mut held: Vec<Held> =
        operators(city_folder).into_iter().map(|(code, operator)| Held::new(code, operator)).collect();
    assert_eq!(held.len(), 3, "operators");
    let merchants = merchants(city_folder);
    held.iter_mut().for_each(|it| it.words.merchants.clone_from(&merchants));
    let mut windows = cleared(city_folder);
    let arrivals = rows(&city_folder.join("operators/arrivals.csv"));
    let last: Date = arrivals.last().expect("files")[0].parse().expect("a date");
    let mut day: Date = FIRST.parse().expect("a date");
    while day <= last {
        let date = day.to_string();
        let packages = inside(&format!("packages/{date}"));
        if Path::new(&packages).exists() {
            program.run(&["intake", &packages], 0)?;
        }
        program.run(&["night", "--date", &date, "--workers", "2"], 0)?;
        let records = windows.remove(&day).unwrap_or_default();
        for it in &mut held {
            it.clear(day, &records);
            let code = it.code.to_string();
            let today = arrivals.iter().filter(|row| row[0] == date && row[1] == code);
            let today: Vec<&Vec<String>> = today.collect();
            if today.is_empty() {
                it.run(&program, day, None)?;
            }
            for row in today {
                let path = city_folder.join("operators").join(&row[3]);
                it.run(&program, row[2].parse().expect("a date"), Some((&row[3], &path)))?;
            }
        }
        day = day.tomorrow().expect("dates of this century");
    }
    assert!(windows.is_empty(), "windows after the last arrival");
    in_the_end(city_folder, held)
}

/// What should match has matched, the rest is open, and no line is left over.
fn in_the_end(city: &Path, held: Vec<Held>) -> Result<(), String> {
    let truth = rows(&city.join("operators/truth.csv"));
    let mut truth: Vec<String> = truth
        .into_iter()
        .map(|mut row| {
            // Of a copy the truth names the record, too, which nobody is told.
            if matches!(row[3].as_str(), "duplicate_line" | "repeated") {
                row[7..].iter_mut().for_each(String::clear);
            }
            row.join(",")
        })
        .collect();
    let mut found: Vec<String> =
        held.into_iter().flat_map(|it| it.found.into_iter().chain(it.open)).collect();
    truth.sort();
    found.sort();
    match truth.iter().zip(&found).find(|(truth, found)| truth != found) {
        Some((truth, found)) => Err(format!("truth   {truth}\nprogram {found}")),
        None if truth.len() != found.len() => {
            Err(format!("{} rows of truth, program has {}", truth.len(), found.len()))
        }
        None => Ok(()),
    }
}

#[test]
fn the_program_reconciles_a_fortnight_as_the_model_does() {
    let seeds = crate::from_environment("TONGCLEAR_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
    std::thread::scope(|scope| {
        let running: Vec<_> = seeds.iter().map(|seed| (seed, scope.spawn(|| agree(*seed)))).collect();
        for (seed, running) in running {
            println!("seed {seed}");
            let agreed = running.join().expect("no seed panics");
            agreed.unwrap_or_else(|report| panic!("TONGCLEAR_SEED={seed}\n{report}"));
        }
    });
}
