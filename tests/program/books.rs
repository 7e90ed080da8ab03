//! `ledger export`: hledger and beancount read the books of a centre, come to its balances, and refuse books that were changed.
//!
//! `cargo xtask test` installs both; without them these tests fail and say so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::city::{DAY, small_town, three_days};
use crate::program::{Centre, Ended, path};

const DAYS: [&str; 3] = [DAY, "2026-11-24", "2026-11-25"];
/// Loads the books as beancount's own programs do; prints each account's balance and each entry's id, or what is wrong.
const LOAD: &str = "
import json, sys
from beancount import loader
from beancount.core import data
entries, errors, options = loader.load_file(sys.argv[1])
if errors:
    sys.exit('\\n'.join(error.message for error in errors))
balances, ids = {}, []
for entry in entries:
    if isinstance(entry, data.Transaction):
        ids.append(entry.meta['id'])
        for posting in entry.postings:
            assert posting.units.currency == 'CNY'
            balances[posting.account] = balances.get(posting.account, 0) + posting.units.number
opened = {e.account: e.meta for e in entries if isinstance(e, data.Open)}
print(json.dumps({
    'balances': {account: str(number) for account, number in balances.items()},
    'accounts': {account: opened[account]['account'] for account in balances},
    'ids': ids,
}))
";

/// A centre after three nights, made once.
fn centre() -> &'static Centre {
    static CENTRE: OnceLock<Centre> = OnceLock::new();
    CENTRE.get_or_init(|| {
        let centre = Centre::of_city(three_days());
        for day in DAYS {
            centre.done(&["intake", path(&three_days().join("packages").join(day))]);
            centre.done(&["night", "--date", day]);
        }
        centre
    })
}

/// The books of that centre, in a file that no other test writes.
fn books(format: &str, name: &str) -> PathBuf {
    let out = centre().dir.path().join(name);
    let json = centre().json(&["ledger", "export", "--format", format, "--out", path(&out)]);
    assert_eq!((&json["format"], &json["out"]), (&format.into(), &path(&out).into()));
    assert!(json["transfers"].as_u64().unwrap() > 50, "{json}");
    out
}

/// The account's name in the books, worked out apart from the program.
fn name(account: &str) -> String {
    let parts: Vec<&str> = account.split(':').collect();
    match parts[..] {
        ["operator", code, "clearing"] => format!("Assets:Receivable:Operator:{code}"),
        ["operator", code, "suspense"] => format!("Assets:Suspense:Operator:{code}"),
        ["sponsor", code, "clearing"] => format!("Assets:Receivable:Sponsor:{code}"),
        ["merchant", code, "payable"] => format!("Liabilities:Payable:Merchant:{code}"),
        ["merchant", code, "suspense"] => format!("Liabilities:Suspense:Merchant:{code}"),
        ["centre", "fees"] => "Income:Fees".to_owned(),
        ["centre", "bank"] => "Assets:Bank".to_owned(),
        _ => panic!("{account}"),
    }
}

/// What the books must come to, in fen: debits − credits of every account that anything was posted to.
fn expected() -> BTreeMap<String, i64> {
    let balances = centre().json(&["ledger", "balances"]);
    let accounts = balances["accounts"].as_array().unwrap();
    let moved = |it: &&Value| it["debits_fen"] != 0 || it["credits_fen"] != 0;
    accounts
        .iter()
        .filter(moved)
        .map(|it| (name(it["account"].as_str().unwrap()), -it["balance_fen"].as_i64().unwrap()))
        .collect()
}

/// Yuan as a tool prints them, in fen: not a digit may be lost.
fn fen(yuan: &str) -> i64 {
    let fen = yuan.parse::<Decimal>().unwrap() * Decimal::from(100);
    assert!(fen.is_integer(), "{yuan}");
    fen.normalize().to_string().parse().unwrap()
}

/// The ids of all transfers.
fn ids() -> BTreeSet<String> {
    let transfers = DAYS.map(|day| centre().json(&["ledger", "transfers", "--window", day]));
    let all = transfers.iter().flat_map(|it| it["transfers"].as_array().unwrap());
    all.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn hledger(journal: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("hledger");
    // Its reader decodes files by the locale.
    command.env("LC_ALL", "C.UTF-8").arg("-f").arg(journal).args(arguments);
    command.output().unwrap_or_else(|error| panic!("hledger: {error}; `cargo xtask test` installs it"))
}

fn python(name: &str) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let program = target.join("python-peers/bin").join(name);
    assert!(program.exists(), "{} is missing: `cargo xtask test` makes it", program.display());
    Command::new(program)
}

fn bean_check(books: &Path) -> Output {
    python("bean-check").arg("--no-cache").arg(books).output().unwrap()
}

#[test]
fn hledger_comes_to_our_balances() {
    let journal = books("hledger", "ours.journal");
    let check = Ended::from(hledger(&journal, &["check", "--strict", "ordereddates"]));
    assert_eq!((check.code, check.err.as_str()), (0, ""));
    let csv =
        Ended::from(hledger(&journal, &["balance", "--flat", "--empty", "--no-total", "-O", "csv"])).out;
    let found: BTreeMap<String, i64> = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row[0].to_owned(), fen(row[1].trim_end_matches(" CNY")))
        })
        .collect();
    assert_eq!(found, expected());
    // Tags find a transfer again, and the names are there for people.
    let some = ids().pop_first().unwrap();
    let printed = Ended::from(hledger(&journal, &["print", &format!("tag:id={some}")])).out;
    assert_eq!(printed.matches(" CNY").count(), 2, "{printed}");
    let text = std::fs::read_to_string(&journal).unwrap();
    let found: BTreeSet<String> =
        text.lines().filter_map(|line| line.trim().strip_prefix("; id:")).map(str::to_owned).collect();
    assert_eq!(found, ids());
    assert!(text.contains("应收") && text.contains("payable"), "{text}");
}

#[test]
fn beancount_comes_to_our_balances() {
    let books = books("beancount", "ours.beancount");
    let check = Ended::from(bean_check(&books));
    assert_eq!((check.code, check.out.as_str(), check.err.as_str()), (0, "", ""));
    let loaded = Ended::from(python("python3").args(["-c", LOAD]).arg(&books).output().unwrap());
    assert_eq!(loaded.code, 0, "{}", loaded.err);
    let loaded: Value = serde_json::from_str(&loaded.out).unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let found: BTreeMap<String, i64> = loaded["balances"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(account, it)| (account.clone(), fen(&text(it))))
        .collect();
    assert_eq!(found, expected());
    for (account, ours) in loaded["accounts"].as_object().unwrap() {
        assert_eq!(account, &name(&text(ours)));
    }
    let found: Vec<String> = loaded["ids"].as_array().unwrap().iter().map(text).collect();
    assert_eq!((found.len(), BTreeSet::from_iter(found)), (ids().len(), ids()));
}

#[test]
fn csv_has_every_transfer() {
    let csv = std::fs::read_to_string(books("csv", "ours.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').unwrap().as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column = |name: &str| header.iter().position(|it| it.ends_with(&format!(" {name}"))).unwrap();
    let (id, debit, credit, amount) = (column("id"), column("debit"), column("credit"), column("amount_fen"));
    let mut balances: BTreeMap<String, i64> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for row in reader.records() {
        let row = row.unwrap();
        let fen: i64 = row[amount].parse().unwrap();
        *balances.entry(name(&row[debit])).or_default() += fen;
        *balances.entry(name(&row[credit])).or_default() -= fen;
        assert!(found.insert(row[id].to_owned()));
    }
    assert_eq!((balances, found), (expected(), ids()));
}

/// Changes a text, or finds nothing to change.
type Change = fn(&str) -> Option<String>;

/// The first amount above nothing on a line of a posting, one fen more on both sides: the entry still balances.
fn a_fen_more(text: &str) -> Option<String> {
    let first = text.lines().find_map(|line| {
        let (account, amount) = line.trim_start().strip_suffix(" CNY")?.split_once("  ")?;
        let is_posting = line.starts_with(' ') && account.contains(':') && !amount.contains('=');
        (is_posting && !amount.starts_with('-')).then_some(amount.to_owned())
    })?;
    let more = fen(&first) + 1;
    let more = format!("{}.{:02}", more / 100, more % 100);
    let once = text.replacen(&format!("  {first} CNY\n"), &format!("  {more} CNY\n"), 1);
    Some(once.replacen(&format!("  -{first} CNY\n"), &format!("  -{more} CNY\n"), 1))
}

/// An entry that does not balance.
fn one_side_only(text: &str) -> Option<String> {
    let both = a_fen_more(text)?;
    let (changed, line) = both.lines().zip(text.lines()).find(|(a, b)| a != b)?;
    Some(text.replacen(line, changed, 1))
}

/// The first entry, gone.
fn an_entry_less(text: &str) -> Option<String> {
    let mut parts: Vec<&str> = text.split("\n\n").collect();
    let first = parts.iter().position(|it| it.contains("id:"))?;
    let first = first + usize::from(!parts[first].starts_with(DAY) || parts[first].contains(" open "));
    parts.remove(first);
    Some(parts.join("\n\n"))
}

/// The assertion about the fees, a fen off.
fn another_balance(text: &str) -> Option<String> {
    let line =
        text.lines().find(|it| it.contains("Income:Fees") && (it.contains("==") || it.contains('~')))?;
    // Fees are below nothing; dates have dashes, too.
    let (before, after) = line.split_once(" -")?;
    let number = after.split(' ').next()?;
    let other = fen(number) + 1;
    let other = format!("{before} -{}.{:02}{}", other / 100, other % 100, &after[number.len()..]);
    Some(text.replacen(line, &other, 1))
}

#[test]
fn books_that_were_changed_are_refused_by_the_tools() {
    let changes: [(&str, Change); 4] = [
        ("a fen more", a_fen_more),
        ("one side only", one_side_only),
        ("an entry less", an_entry_less),
        ("another balance", another_balance),
    ];
    for format in ["hledger", "beancount"] {
        let sound = books(format, &format!("changed.{format}"));
        let text = std::fs::read_to_string(&sound).unwrap();
        for (what, change) in changes {
            let changed = change(&text).unwrap();
            assert_ne!(changed, text, "{what}");
            let file = sound.with_extension(format!("{}.{format}", what.replace(' ', "-")));
            std::fs::write(&file, changed).unwrap();
            let output = match format {
                "hledger" => hledger(&file, &["check", "--strict"]),
                _ => bean_check(&file),
            };
            let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
            assert!(!output.status.success(), "{format}: {what} went through");
            assert!(said.contains("balance"), "{format}: {what}: {said}");
        }
    }
}

#[test]
fn an_empty_ledger_can_be_exported_and_a_folder_is_no_file() {
    let centre = Centre::of_city(small_town());
    let out = centre.dir.path().join("empty.journal");
    let json = centre.json(&["ledger", "export", "--format", "hledger", "--out", path(&out)]);
    assert_eq!((&json["transfers"], &json["accounts"]), (&0.into(), &0.into()));
    let check = Ended::from(hledger(&out, &["check", "--strict"]));
    assert_eq!((check.code, check.err.as_str()), (0, ""));
    let folder = path(centre.dir.path());
    centre.refused(&["ledger", "export", "--format", "csv", "--out", folder], 2, &["folder"]);
    centre.refused(&["ledger", "export", "--format", "xml", "--out", "x"], 2, &["hledger, beancount, csv"]);
}
