//! The worked purchase of `docs/integrators.md` is what the library does, byte for byte.
//!
//! `UPDATE_DOCS=1 cargo test -p tongclear-terminal --test worked` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use tongclear_card::flow::Psam;
use tongclear_card::simulated::NumberAdvance;
use tongclear_card::{Channel, Exchange, Traced};
use tongclear_package::encode_record;
use tongclear_terminal::{Asked, PackageState, Terminal, Verdict};
use tongclear_types::Sector;

const BEGIN: &str = "<!-- worked: begin -->\n";
const END: &str = "<!-- worked: end -->";

/// Names of the record's fields with their lengths, in order.
const FIELDS: [(&str, usize); 21] = [
    ("amount", 4),
    ("TTI", 1),
    ("terminal", 6),
    ("terminal transaction number", 4),
    ("date", 4),
    ("time", 3),
    ("TAC", 4),
    ("TAC key version", 1),
    ("algorithm", 1),
    ("issuer id", 8),
    ("application serial", 10),
    ("offline counter, before", 2),
    ("online counter, before", 2),
    ("balance before", 4),
    ("balance after", 4),
    ("list price", 4),
    ("sector", 1),
    ("flags", 1),
    ("deny list version", 4),
    ("card's random", 4),
    ("sector data", 24),
];

/// `> …` and `< …` of one exchange, with who answers.
fn line(who: &str, exchange: &Exchange) -> String {
    let answer = hex::encode_upper(exchange.answer.as_ref().unwrap());
    format!("{who} > {}\n{who} < {answer}\n", hex::encode_upper(&exchange.command))
}

#[test]
fn the_worked_purchase_is_what_the_library_does() {
    let folder = tempfile::tempdir().unwrap();
    let config = world::config(1, Sector::Bus);
    world::found(folder.path(), &config);
    let clock = world::HandClock::morning();
    let mut terminal = Terminal::open(folder.path(), Arc::new(clock)).unwrap();
    let mut card = world::card(&world::issue(0, 0));
    let mut sam = world::psam(config.terminal.id, 258, NumberAdvance::AnyMac2);
    let trace = Rc::new(RefCell::new(String::new()));
    let watch = |who: &'static str| {
        let trace = Rc::clone(&trace);
        move |exchange: &Exchange| trace.borrow_mut().push_str(&line(who, exchange))
    };
    let mut psam = Psam::open(Traced::new(&mut sam, watch("PSAM"))).unwrap();
    let mut channel = Channel::new(Traced::new(&mut card, watch("card")));
    let outcome = terminal.present(&mut channel, Some(&mut psam), &Asked::Ride).unwrap();
    assert_eq!(outcome.verdict, Verdict::Paid);
    let record = terminal.journal().all_taps().unwrap()[0].record;
    terminal.seal().unwrap();
    let package = terminal.journal().packages_in(&[PackageState::Sealed]).unwrap().remove(0).bytes;

    let mut worked = format!("```text\n{}```\n\nThe record, 96 bytes:\n\n```text\n", trace.borrow());
    let (bytes, mut at) = (encode_record(&record), 0);
    for (name, length) in FIELDS {
        writeln!(worked, "{at:>2}  {:<48} {name}", hex::encode_upper(&bytes[at..at + length])).unwrap();
        at += length;
    }
    assert_eq!(at, bytes.len());
    writeln!(worked, "```\n\nThe package, {} bytes: header, the record, seal.\n\n```text", package.len())
        .unwrap();
    for (at, chunk) in package.chunks(32).enumerate() {
        writeln!(worked, "{:>3}  {}", at * 32, hex::encode_upper(chunk)).unwrap();
    }
    worked.push_str("```\n");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/integrators.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the document has a place for it");
    let (there, after) = rest.split_once(END).expect("the place ends");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{worked}{END}{after}")).unwrap();
    } else {
        assert_eq!(there, worked, "UPDATE_DOCS=1 writes it anew");
    }
}
