//! A terminal and its centre: over the API with the collector's certificate, and over a folder that is carried.

use std::fs;
use std::path::Path;

use tongclear_card::Channel;
use tongclear_card::flow::Psam;
use tongclear_terminal::{Asked, Terminal, Verdict};

use super::cards::Shared;
use super::stand::{Stand, found_city, ring};
use crate::portal::server::Server;
use crate::program::{Centre, path};

/// A bus terminal that took one ride from a card in software; the business date of the ride.
fn ridden(folder: &Path) -> (Stand, String) {
    let mut stand = Stand::found(folder, 0);
    let card = Shared::new(0, 0, &ring());
    let sam = stand.psam.clone();
    let mut sam = sam.0.lock().unwrap();
    let mut psam = Psam::open(&mut *sam).unwrap();
    let mut witness = card.0.lock().unwrap();
    let outcome = stand
        .terminal()
        .present(&mut Channel::new(&mut witness.card), Some(&mut psam), &Asked::Ride)
        .unwrap();
    assert_eq!(outcome.verdict, Verdict::Paid);
    let date = stand.terminal().journal().all_taps().unwrap()[0].record.date.to_string();
    let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    stand.terminal().seal().unwrap();
    stand.close();
    (stand, date)
}

/// Appends `[centre]` to the terminal's configuration.
fn reached_by(terminal: &Path, centre: &str) {
    let file = terminal.join("terminal.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n{centre}")).unwrap();
}

fn assert_accepted(stand: &mut Stand) {
    let terminal: &mut Terminal = stand.terminal();
    let tap = terminal.journal().all_taps().unwrap().remove(0);
    assert_eq!((tap.package, tap.disposition.as_deref()), (Some(1), Some("accepted")));
    let counts = terminal.counts().unwrap();
    assert_eq!((counts.packages_to_send, counts.packages_unanswered, counts.not_accepted), (0, 0, 0));
}

#[test]
fn packages_results_and_lists_travel_over_the_api() {
    let folder = tempfile::tempdir().unwrap();
    found_city(folder.path());
    let centre = Centre::of_city(folder.path());
    centre.done(&["ca", "init"]);
    let certificates = folder.path().join("certificates");
    centre.done(&["ca", "issue", "6510c0000000", "--out", path(&certificates)]);
    let (mut stand, date) = ridden(folder.path());
    let server = Server::start(&centre);
    let terminal = stand.folder.clone();
    let [root, certificate, key] =
        ["ca.pem", "6510c0000000.pem", "6510c0000000.key"].map(|name| certificates.join(name));
    let url = &server.url;
    let api = format!(
        "[centre.api]\nurl = \"{url}\"\nroot = {root:?}\ncertificate = {certificate:?}\nkey = {key:?}\n"
    );
    reached_by(&terminal, &api);
    let exchange = ["terminal", "exchange", "--terminal", path(&terminal)];
    let sent = centre.json(&exchange);
    assert_eq!(sent["exchanged"]["received"], 1, "{sent}");
    // The centre's part of the registry came along; card operators are known by it from now on.
    assert!(terminal.join("lists/registry.json").exists());
    let again = centre.json(&exchange);
    assert_eq!((&again["exchanged"]["received"], &again["exchanged"]["answered"]), (&0.into(), &0.into()));
    centre.done(&["night", "--date", &date]);
    let answered = centre.json(&exchange);
    assert_eq!(answered["exchanged"]["answered"], 1, "{answered}");
    assert_accepted(&mut stand);
}

#[test]
fn packages_and_results_travel_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    found_city(folder.path());
    let centre = Centre::of_city(folder.path());
    let (mut stand, date) = ridden(folder.path());
    let terminal = stand.folder.clone();
    reached_by(&terminal, "[centre]\nfolder = \"exchange\"\n");
    let exchange = ["terminal", "exchange", "--terminal", path(&terminal)];
    let sent = centre.json(&exchange);
    assert_eq!(sent["exchanged"]["put_out"], 1, "{sent}");
    let [out, inbox] = ["out", "in"].map(|name| terminal.join("exchange").join(name));
    centre.done(&["intake", path(&out)]);
    centre.done(&["night", "--date", &date]);
    let results = folder.path().join("results");
    centre.done(&["result", "list", "--window", &date, "--out", path(&results)]);
    for entry in fs::read_dir(&results).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), inbox.join("result-1.csv")).unwrap();
    }
    fs::write(inbox.join("result-2.csv"), "package,collector\r\nCRC:00000000").unwrap();
    let ended = centre.run(&[&exchange[..], &["--json"]].concat());
    assert_eq!(ended.code, 3, "a broken result file is refused and said\n{}", ended.out);
    assert!(ended.out.contains("CRC"), "{}", ended.out);
    assert_accepted(&mut stand);
}
