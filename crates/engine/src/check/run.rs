//! One cleared window, derived again from its packages and compared with everything its run committed.

use std::collections::BTreeMap;
use std::fmt::Debug;

use tongclear_store::{ClearingCommit, PackageResult, RunRow, SuspendedItem, Tally};
use tongclear_types::{BusinessDate, Disposition};

use super::files;
use super::finding::{FindingKind, Findings};
use crate::centre::ClosedWindow;
use crate::{Centre, EngineError, Vault};

/// Compares `derived`, whose files lie in `scratch`, with what is stored of the window.
pub(super) async fn compare(
    centre: &Centre,
    window: &ClosedWindow,
    derived: &ClearingCommit,
    scratch: &Vault,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let (id, date) = (window.row.id, window.date());
    match centre.store.run(id).await? {
        None => findings.add(FindingKind::RunRow, Some(date), "the run", derived.digest, "no run"),
        Some(run) => run_row(date, derived, &run, findings),
    }
    let recorded = centre.store.run_files(id).await?;
    files::check(centre, date, &recorded, &derived.files, scratch, findings).await?;
    let results = centre.store.package_results(id).await?;
    results_of_packages(date, &derived.packages, &results, findings);
    let items = centre.store.suspended_in(id).await?;
    suspended(date, &derived.suspended, &items, findings);
    Ok(())
}

fn run_row(date: BusinessDate, derived: &ClearingCommit, run: &RunRow, findings: &mut Findings) {
    let kind = FindingKind::RunRow;
    findings.same(kind, Some(date), "digest", derived.digest, run.digest);
    if let Some(root) = run.root {
        let expected = derived.root.map_or_else(|| "none".to_owned(), |root| root.to_string());
        findings.same(kind, Some(date), "root", expected, root.to_string());
    }
    if derived.totals_json != run.totals_json {
        let (field, expected, found) = first_difference(&derived.totals_json, &run.totals_json);
        findings.add(kind, Some(date), format!("totals: {field}"), expected, found);
    }
}

/// The first place in two JSON texts whose values differ.
fn first_difference(expected: &str, found: &str) -> (String, String, String) {
    use serde_json::Value;
    fn walk(path: &str, expected: &Value, found: &Value) -> Option<(String, String, String)> {
        match (expected, found) {
            (Value::Object(a), Value::Object(b)) => {
                let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                keys.into_iter().find_map(|key| {
                    let at = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                    walk(&format!("{path}.{key}"), &at(a), &at(b))
                })
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let mut pairs = a.iter().zip(b).enumerate();
                pairs.find_map(|(n, (a, b))| walk(&format!("{path}[{n}]"), a, b))
            }
            _ => (expected != found)
                .then(|| (path.trim_start_matches('.').to_owned(), expected.to_string(), found.to_string())),
        }
    }
    let parsed = |text| serde_json::from_str::<Value>(text);
    match (parsed(expected), parsed(found)) {
        (Ok(a), Ok(b)) => {
            walk("", &a, &b).unwrap_or_else(|| ("spelling".to_owned(), expected.to_owned(), found.to_owned()))
        }
        _ => ("text".to_owned(), "JSON".to_owned(), found.to_owned()),
    }
}

fn results_of_packages(
    date: BusinessDate,
    derived: &[PackageResult],
    stored: &[PackageResult],
    findings: &mut Findings,
) {
    let stored: BTreeMap<_, _> = stored.iter().map(|result| (result.key, result.tallies)).collect();
    let shown = |tally: Tally| format!("{} records, {} fen", tally.count, tally.amount_fen);
    for result in derived {
        let subject = format!("package {}-{:010}", result.key.collector, result.key.sequence.0);
        let kind = FindingKind::PackageResult;
        match stored.get(&result.key) {
            None => findings.add(kind, Some(date), subject, "a result", "none"),
            Some(tallies) => {
                for ((disposition, expected), found) in
                    Disposition::ALL.iter().zip(result.tallies).zip(tallies)
                {
                    let subject = format!("{subject}: {disposition}");
                    findings.same(kind, Some(date), subject, shown(expected), shown(*found));
                }
            }
        }
    }
}

fn suspended(
    date: BusinessDate,
    derived: &[SuspendedItem],
    stored: &[SuspendedItem],
    findings: &mut Findings,
) {
    let by_key = |items: &[SuspendedItem]| -> BTreeMap<_, SuspendedItem> {
        items.iter().map(|item| ((item.package, item.row), *item)).collect()
    };
    let (expected, found) = (by_key(derived), by_key(stored));
    let subject = |item: &SuspendedItem| {
        let key = item.package;
        format!("package {}-{:010} row {}", key.collector, key.sequence.0, item.row)
    };
    let kind = FindingKind::SuspendedItem;
    let debug = |item: &dyn Debug| format!("{item:?}");
    for (key, item) in &expected {
        match found.get(key) {
            None => findings.add(kind, Some(date), subject(item), item.reason, "no item"),
            Some(other) => {
                findings.same(kind, Some(date), subject(item), debug(item), debug(other));
            }
        }
    }
    for item in found.iter().filter(|(key, _)| !expected.contains_key(key)).map(|(_, item)| item) {
        findings.add(kind, Some(date), subject(item), "no item", item.reason);
    }
}
