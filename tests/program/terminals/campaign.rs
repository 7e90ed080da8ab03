//! Three hundred purchases and loads through the real pcscd; one in ten torn at a random point, programs killed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tongclear_card::Channel;
use tongclear_card::flow::Psam;
use tongclear_card::simulated::{Tear, TearPoint};
use tongclear_reader::{
    Change, Inserted, PcscTransport, ReaderError, Readers, VIRTUAL_PORTS, VirtualCard, Watch,
};
use tongclear_terminal::{FileLoadHost, TapState, Verdict};
use tongclear_test_pcscd::{Pcscd, wait};
use tongclear_types::Sector;

use super::cards::{CREDIT, DEBIT, Happened, Shared, SharedPsam};
use super::stand::{STANDS, Stand, found_city, load_keys, ring};
use crate::program::{Centre, path};

const SEED: u64 = 20_261_128;
/// Taps that are tried.
const TAPS: usize = 320;
/// Taps of one card at one terminal before both change.
const STRETCH: usize = 14;
/// Programs that are killed in the middle of a debit.
const KILLS: usize = 6;
/// Long enough for pcscd to notice a card, before it is presented again.
const SEEN_WITHIN: Duration = Duration::from_secs(2);
/// Long enough for pcscd to notice that a card has left, on a machine with much else to do.
const GONE_WITHIN: Duration = Duration::from_secs(30);
/// How often a card is presented.
const TRIES: usize = 15;

/// The two slots, and what lies in them.
struct Slots {
    readers: Readers,
    watch: Watch,
    names: [String; 2],
    card: Option<Inserted<Shared>>,
    psam: Option<Inserted<SharedPsam>>,
}

impl Slots {
    fn new() -> Self {
        let readers = Readers::connect().unwrap();
        let there = readers.list().unwrap();
        let names = [there[0].name.clone(), there[1].name.clone()];
        let watch = readers.watch();
        Self { readers, watch, names, card: None, psam: None }
    }

    /// Waits for a change in a slot; whether it came in time.
    fn comes(&mut self, slot: usize, patience: Duration, is_wanted: impl Fn(&Change) -> bool) -> bool {
        let begun = Instant::now();
        while let Some(event) = self.watch.next(patience).unwrap() {
            if event.reader == self.names[slot] && is_wanted(&event.change) {
                return true;
            }
            if begun.elapsed() >= patience {
                break;
            }
        }
        false
    }

    /// Puts a card into a slot. The virtual reader now and then overlooks a card that comes right after one that was torn
    /// out; then it is presented again, as a passenger would.
    #[track_caller]
    fn put<C: VirtualCard + Clone>(&mut self, card: &C, slot: usize) -> Inserted<C> {
        for _ in 0..TRIES {
            let inserted =
                Inserted::insert(card.clone(), VIRTUAL_PORTS[slot]).map_err(|(_, error)| error).unwrap();
            if self.comes(slot, SEEN_WITHIN, |change| matches!(change, Change::CardIn { .. })) {
                return inserted;
            }
            inserted.remove().unwrap();
        }
        panic!("slot {slot} sees no card: {:?}", self.readers.list());
    }

    fn put_card(&mut self, card: &Shared) {
        self.take_card();
        self.card = Some(self.put(card, 0));
    }

    fn take_card(&mut self) {
        if let Some(card) = self.card.take() {
            card.remove().unwrap();
            assert!(
                self.comes(0, GONE_WITHIN, |change| *change == Change::CardOut),
                "the card does not leave"
            );
        }
    }

    fn put_psam(&mut self, psam: &SharedPsam) {
        if let Some(psam) = self.psam.take() {
            psam.remove().unwrap();
            assert!(
                self.comes(1, GONE_WITHIN, |change| *change == Change::CardOut),
                "the PSAM does not leave"
            );
        }
        self.psam = Some(self.put(psam, 1));
    }

    fn open_psam(&self) -> Psam<PcscTransport> {
        Psam::open(self.readers.open(&self.names[1]).unwrap()).unwrap()
    }
}

/// The depot at work.
struct Depot {
    slots: Slots,
    stands: Vec<Stand>,
    cards: Vec<Shared>,
    /// Cards inside the metro.
    inside: BTreeSet<usize>,
    /// Cards that never came back after they were torn.
    gone: BTreeSet<usize>,
    neighbours: tempfile::TempDir,
    random: ChaCha8Rng,
    /// Verdicts, for the record.
    verdicts: BTreeMap<&'static str, u32>,
    /// Time of all undisturbed purchases.
    undisturbed: (u32, Duration),
}

impl Depot {
    /// Presents the card that lies in the slot.
    fn present(&mut self, card: usize, at: usize) -> Verdict {
        let amount_fen = self.random.random_range(100..900);
        let begun = Instant::now();
        let stand = &mut self.stands[at];
        let asked = stand.asks(self.inside.contains(&card), amount_fen);
        let outcome = match self.slots.readers.open(&self.slots.names[0]) {
            // It was torn out before it could be spoken to.
            Err(ReaderError::NoCard(_)) => return Verdict::CardGone,
            opened => {
                let mut transport = opened.unwrap();
                if stand.sector == Sector::Load {
                    let book = stand.folder.join("loads.json");
                    let mut host = FileLoadHost::open(load_keys(), &book).unwrap();
                    let terminal = stand.terminal();
                    let done = transport
                        .exclusively(|card| terminal.load(&mut Channel::new(card), &mut host, amount_fen));
                    done.unwrap().unwrap()
                } else {
                    let mut psam = self.slots.open_psam();
                    let terminal = stand.terminal();
                    let done = transport.exclusively(|card| {
                        terminal.present(&mut Channel::new(card), Some(&mut psam), &asked)
                    });
                    done.unwrap().unwrap()
                }
            }
        };
        if outcome.verdict == Verdict::Paid {
            self.undisturbed.0 += 1;
            self.undisturbed.1 += begun.elapsed();
        }
        *self.verdicts.entry(outcome.verdict.name()).or_default() += 1;
        outcome.verdict
    }

    /// Which way a gate would let the card, by what the card itself says.
    fn note_trip(&mut self, card: usize) {
        let is_inside = {
            let mut witness = self.cards[card].0.lock().unwrap();
            let was_powered = witness.card.is_powered();
            witness.card.power_on();
            let reading = tongclear_card::flow::read_card(&mut Channel::new(&mut witness.card)).unwrap();
            if !was_powered {
                witness.card.power_off();
            }
            reading.trip.is_some_and(|trip| trip.state() == tongclear_card::file::TripState::Entered)
        };
        if is_inside {
            self.inside.insert(card)
        } else {
            self.inside.remove(&card)
        };
    }

    /// The depot's own network: open taps and proofs go round.
    fn tell_neighbours(&mut self) {
        // Twice, so that a proof comes back to whoever asked.
        for _ in 0..2 {
            for stand in &mut self.stands {
                stand.terminal().exchange_with_neighbours(self.neighbours.path()).unwrap();
            }
        }
    }

    /// Tears the card at a random point and lets it come back at once, later, elsewhere or never.
    fn tear(&mut self, card: usize, at: usize) {
        let fate = self.random.random_range(0..8);
        let never = fate <= 1 && self.gone.len() < 3;
        let money = if self.stands[at].sector == Sector::Load { CREDIT } else { DEBIT };
        // Before the debit: at some command of the reading; during and after it: at the debit itself. A card that never
        // comes back takes its debit along.
        let point = if never { TearPoint::After } else { TearPoint::ALL[self.random.random_range(0..4)] };
        let commands = [0xA4, 0xB0, 0x50, money, money, money];
        let instruction = if never { money } else { commands[self.random.random_range(0..6)] };
        self.cards[card].tear_at(Tear { instruction: Some(instruction), point });
        self.present(card, at);
        self.cards[card].tear_no_more();
        self.slots.take_card();
        self.tell_neighbours();
        if never {
            self.gone.insert(card);
        } else if fate > 4 {
            // At once; the others come back later, here or elsewhere, with their next turn.
            self.slots.put_card(&self.cards[card].clone());
            self.note_trip(card);
            self.present(card, at);
        }
    }

    /// A program of its own takes one payment and is killed when the debit reaches the card.
    fn kill(&mut self, centre: &Centre, card: usize, at: usize) {
        self.stands[at].close();
        let folder = self.stands[at].folder.clone();
        let command =
            ["terminal", "purchase", "--terminal", path(&folder), "--amount", "250", "--account", "7"];
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let victim = Arc::clone(&child);
        self.cards[card].0.lock().unwrap().at_debit = Some(Box::new(move || {
            let mut child = victim.lock().unwrap();
            child.as_mut().expect("the program runs").kill().expect("it can be killed");
        }));
        let mut guard = child.lock().unwrap();
        *guard = Some(centre.command(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        drop(guard);
        wait("the program to end", || child.lock().unwrap().as_mut().unwrap().try_wait().unwrap().is_some());
        assert!(self.cards[card].0.lock().unwrap().at_debit.is_none(), "the program ended before its debit");
        let open = self.stands[at].terminal().journal().open_taps().unwrap();
        assert!(!open.is_empty(), "a killed program leaves its tap open");
        self.slots.take_card();
        self.slots.put_card(&self.cards[card].clone());
        assert_eq!(self.present(card, at), Verdict::Recovered);
    }
}

#[test]
fn what_happened_on_cards_is_paid_once_and_nothing_else() {
    let _pcscd = Pcscd::start();
    let folder = tempfile::tempdir().unwrap();
    found_city(folder.path());
    let centre = Centre::of_city(folder.path());
    let ring = ring();
    let mut depot = Depot {
        slots: Slots::new(),
        stands: (0..STANDS.len()).map(|number| Stand::found(folder.path(), number)).collect(),
        cards: (0..9).map(|number| Shared::new(number % 3, u32::try_from(number).unwrap(), &ring)).collect(),
        inside: BTreeSet::new(),
        gone: BTreeSet::new(),
        neighbours: tempfile::tempdir().unwrap(),
        random: ChaCha8Rng::seed_from_u64(SEED),
        verdicts: BTreeMap::new(),
        undisturbed: (0, Duration::ZERO),
    };
    println!("seed {SEED}");
    let begun = Instant::now();
    let (mut tapped, mut kills) = (0, 0);
    for stretch in 0.. {
        if tapped >= TAPS {
            break;
        }
        let at = stretch % STANDS.len();
        let here: Vec<usize> = (0..depot.cards.len()).filter(|card| !depot.gone.contains(card)).collect();
        let card = here[depot.random.random_range(0..here.len())];
        let psam = depot.stands[at].psam.clone();
        depot.slots.put_psam(&psam);
        depot.slots.put_card(&depot.cards[card].clone());
        for _ in 0..STRETCH {
            tapped += 1;
            depot.note_trip(card);
            if depot.random.random_range(0..10) == 0 {
                depot.tear(card, at);
                if depot.gone.contains(&card) || depot.slots.card.is_none() {
                    break;
                }
            } else {
                depot.present(card, at);
            }
        }
        let can_be_killed = !matches!(depot.stands[at].sector, Sector::Load | Sector::Metro);
        if kills < KILLS && can_be_killed && depot.slots.card.is_some() {
            kills += 1;
            depot.kill(&centre, card, at);
        }
        depot.slots.take_card();
    }
    // Whoever was torn and is not gone comes back in the end.
    depot.tell_neighbours();
    for at in 0..depot.stands.len() {
        let open = depot.stands[at].terminal().journal().open_taps().unwrap();
        for tap in open {
            let card = depot.cards.iter().position(|it| it.serial() == tap.record.serial).unwrap();
            if depot.gone.contains(&card) {
                continue;
            }
            let psam = depot.stands[at].psam.clone();
            depot.slots.put_psam(&psam);
            depot.slots.put_card(&depot.cards[card].clone());
            depot.note_trip(card);
            depot.present(card, at);
            depot.slots.take_card();
            depot.tell_neighbours();
        }
    }
    let each = depot.undisturbed.1 / depot.undisturbed.0.max(1);
    println!("{tapped} taps in {:?}; a purchase through pcscd takes {each:?}", begun.elapsed());
    println!("{:?}", depot.verdicts);
    judge(&centre, &mut depot, folder.path());
}

/// Packages in, a night over them, and every line held against the cards.
fn judge(centre: &Centre, depot: &mut Depot, folder: &std::path::Path) {
    let packages = folder.join("packages");
    let (mut open, mut last) = (BTreeSet::new(), String::new());
    for stand in &mut depot.stands {
        while stand.terminal().seal().unwrap().is_some() {}
        stand.terminal().copy_packages(&packages).unwrap();
        for tap in stand.terminal().journal().all_taps().unwrap() {
            if tap.state == TapState::Open {
                open.insert(tap.record.serial.to_string());
            }
            last = last.max(tap.record.date.to_string());
        }
    }
    let gone: BTreeSet<String> =
        depot.gone.iter().map(|card| depot.cards[*card].serial().to_string()).collect();
    assert!(open.is_subset(&gone), "open taps of cards that came back: {open:?}, gone {gone:?}");
    let date = format!("{}-{}-{}", &last[..4], &last[4..6], &last[6..]);
    centre.done(&["intake", path(&packages)]);
    centre.done(&["night", "--date", &date]);
    let cleared = folder.join("cleared.csv");
    centre.done(&["export", "--window", &date, "--out", path(&cleared)]);

    let mut paid: Vec<Happened> = Vec::new();
    for line in csv::Reader::from_path(&cleared).unwrap().deserialize() {
        let line: BTreeMap<String, String> = line.unwrap();
        assert_eq!(line["disposition"], "accepted", "{line:?}");
        let is_gone = gone.contains(&line["serial"]);
        let flags: BTreeSet<&str> = line["flags"].split('|').filter(|it| !it.is_empty()).collect();
        assert!(is_gone || flags.is_subset(&BTreeSet::from(["supplementary"])), "{line:?}");
        let is_load = line["tti"] == "02";
        let counter = if is_load { "online_counter" } else { "offline_counter" };
        paid.push(Happened {
            serial: line["serial"].clone(),
            is_load,
            counter: line[counter].parse().unwrap(),
            amount_fen: line["amount_fen"].parse().unwrap(),
        });
    }
    let mut happened: Vec<Happened> = depot.cards.iter().flat_map(Shared::happened).collect();
    paid.sort();
    happened.sort();
    let missing: Vec<&Happened> = happened.iter().filter(|it| !paid.contains(it)).collect();
    let never: Vec<&Happened> = paid.iter().filter(|it| !happened.contains(it)).collect();
    assert_eq!(never, Vec::<&Happened>::new(), "paid, and never happened");
    assert!(missing.iter().all(|it| gone.contains(&it.serial)), "happened, and was not paid: {missing:?}");
    assert_eq!(paid.len() + missing.len(), happened.len(), "paid more than once");
    assert!(paid.len() >= 300 - gone.len(), "{} of {} were paid", paid.len(), happened.len());
    let sum: u32 = depot.cards.iter().map(Shared::balance_fen).sum();
    println!(
        "{} paid, {} on cards that never came back, {sum} fen left on the cards",
        paid.len(),
        missing.len()
    );
}
