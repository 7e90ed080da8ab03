//! Through the real pcscd with its two virtual slots.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

use tongclear_card::command::{GetBalance, GetChallenge, InitialisePurchase, KeyIndex};
use tongclear_card::file::CardCategory;
use tongclear_card::flow::{Scheme, identify, read_card};
use tongclear_card::simulated::{
    CardIssue, CardMemory, CounterConvention, SimulatedCard, Tear, TearPoint, counting_randoms,
};
use tongclear_card::{Channel, Transport, TransportError};
use tongclear_mac::{KeyFile, KeyRing};
use tongclear_reader::{
    Change, Inserted, ReaderError, ReaderEvent, Readers, SlotState, VIRTUAL_PORTS, Watch,
};
use tongclear_test_pcscd::{Pcscd, wait};
use tongclear_types::{BcdDate, TerminalId};

/// Long enough for pcscd to notice what happens, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(30);
/// Long enough for pcscd to notice a card, before it is presented again.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

fn card(balance_fen: u32) -> SimulatedCard {
    let keys = ["tac", "purchase", "load", "maintenance"].map(|key_use| {
        let master = "01".repeat(16);
        format!(
            "[[{key_use}]]\noperator = \"0417\"\nversion = 1\nalgorithm = \"des\"\nmaster = \"{master}\"\n"
        )
    });
    let mut ring = KeyRing::empty();
    ring.merge(KeyFile::parse(&keys.concat()).unwrap()).unwrap();
    let issue = CardIssue {
        scheme: Scheme::TUnion,
        issuer: "04176510FFFFFFFF".parse().unwrap(),
        serial: "03104780010000000007".parse().unwrap(),
        two_level_keys: true,
        key_version: 1,
        algorithm: 0,
        start: BcdDate([0x20, 0x20, 0x01, 0x01]),
        expiry: BcdDate([0x20, 0x40, 0x12, 0x31]),
        category: CardCategory::Normal,
        is_interoperable: true,
        log_counter: CounterConvention::Before,
        prove_counter: CounterConvention::Before,
    };
    issue.make(&ring, CardMemory::new(balance_fen, 1, 1), counting_randoms(1)).unwrap()
}

/// Puts a card into a slot and waits until it is seen; the reader's name comes back with it. The virtual reader now and then
/// overlooks a card; then it is presented again, as a passenger would.
fn insert(mut card: SimulatedCard, slot: usize, watch: &mut Watch) -> (Inserted<SimulatedCard>, String) {
    for _ in 0..10 {
        let inserted = Inserted::insert(card, VIRTUAL_PORTS[slot]).map_err(|(_, error)| error).unwrap();
        let begun = Instant::now();
        while let Some(event) = watch.next(SEEN_WITHIN).unwrap() {
            if event.reader.ends_with(&format!("0{slot}")) && matches!(event.change, Change::CardIn { .. }) {
                return (inserted, event.reader);
            }
            if begun.elapsed() >= SEEN_WITHIN {
                break;
            }
        }
        card = inserted.remove().unwrap();
    }
    panic!("slot {slot} sees no card");
}

/// Waits for the next change that is not of what was there before.
fn until(watch: &mut Watch, slot: &str, is_wanted: impl Fn(&Change) -> bool) -> ReaderEvent {
    let begun = Instant::now();
    loop {
        let event = watch.next(PATIENCE).unwrap().expect("something happens in time");
        if event.reader.ends_with(slot) && is_wanted(&event.change) {
            return event;
        }
        assert!(begun.elapsed() < PATIENCE, "{event:?} is not what was waited for");
    }
}

#[test]
fn cards_come_and_go_and_are_read() {
    let _pcscd = Pcscd::start();
    let readers = Readers::connect().unwrap();
    let there = readers.list().unwrap();
    assert_eq!(there.len(), 2, "{there:?}");
    assert!(there.iter().all(|it| it.state == SlotState::Empty), "{there:?}");
    assert_eq!(readers.open(&there[0].name).unwrap_err(), ReaderError::NoCard(there[0].name.clone()));
    assert_eq!(readers.first_with_card(), Err(ReaderError::NoCardAnywhere));
    assert!(readers.find("ACR122").unwrap_err().to_string().contains("Virtual PCD"));

    let mut watch = readers.watch();
    let (first, reader) = insert(card(5_000), 0, &mut watch);
    let (second, psam_slot) = insert(card(6_000), 1, &mut watch);
    let mut here = Channel::new(readers.open(&reader).unwrap());
    let mut there = Channel::new(readers.open(&psam_slot).unwrap());
    assert_eq!(read_card(&mut here).unwrap().balance_fen, Some(5_000));
    assert_eq!(read_card(&mut there).unwrap().balance_fen, Some(6_000));

    let begun = Instant::now();
    for _ in 0..100 {
        here.ask(&GetBalance).unwrap();
    }
    println!("one exchange through pcscd: {:?}", begun.elapsed() / 100);

    assert_eq!(first.remove().unwrap().memory().balance_fen, 5_000);
    until(&mut watch, "00", |change| *change == Change::CardOut);
    assert_eq!(here.ask(&GetBalance).unwrap_err().transport(), Some(&TransportError::CardGone));
    second.remove().unwrap();
    until(&mut watch, "01", |change| *change == Change::CardOut);
}

#[test]
fn a_card_torn_out_in_the_middle_is_gone_and_comes_back() {
    let _pcscd = Pcscd::start();
    let readers = Readers::connect().unwrap();
    let mut watch = readers.watch();
    let mut torn = card(5_000);
    torn.tear_at(Tear { instruction: Some(0x84), point: TearPoint::Before });
    let (inserted, reader) = insert(torn, 0, &mut watch);
    let mut channel = Channel::new(readers.open(&reader).unwrap());
    identify(&mut channel).unwrap();
    assert_eq!(channel.ask(&GetChallenge).unwrap_err().transport(), Some(&TransportError::CardGone));
    until(&mut watch, "00", |change| *change == Change::CardOut);
    let card = inserted.remove().unwrap();
    let (again, reader) = insert(card, 0, &mut watch);
    let mut channel = Channel::new(readers.open(&reader).unwrap());
    assert_eq!(channel.ask(&GetBalance).unwrap(), 5_000);
    again.remove().unwrap();
    until(&mut watch, "00", |change| *change == Change::CardOut);
}

#[test]
fn a_reset_by_another_program_is_told_and_survived() {
    let _pcscd = Pcscd::start();
    let readers = Readers::connect().unwrap();
    let mut watch = readers.watch();
    let (inserted, reader) = insert(card(5_000), 0, &mut watch);
    let mut ours = readers.open(&reader).unwrap();
    let mut theirs = Readers::connect().unwrap().open(&reader).unwrap();
    let begin = InitialisePurchase {
        composite: false,
        key_index: KeyIndex(1),
        amount_fen: 100,
        terminal: TerminalId([1; 6]),
    };
    Channel::new(&mut ours).ask(&begin).unwrap();
    theirs.reset().unwrap();
    let told = ours.exclusively(|card| Channel::new(card).ask(&begin).map(|offer| offer.offline_counter));
    assert_eq!(told.unwrap_err(), TransportError::CardReset);
    ours.reconnect().unwrap();
    let offer = ours.exclusively(|card| Channel::new(card).ask(&begin)).unwrap().unwrap();
    assert_eq!(offer.offline_counter, 1);
    inserted.remove().unwrap();
    until(&mut watch, "00", |change| *change == Change::CardOut);
}

#[test]
fn a_conversation_is_not_interrupted() {
    let _pcscd = Pcscd::start();
    let readers = Readers::connect().unwrap();
    let mut watch = readers.watch();
    let (inserted, reader) = insert(card(5_000), 0, &mut watch);
    let mut ours = readers.open(&reader).unwrap();
    let mut theirs = Readers::connect().unwrap().open(&reader).unwrap();
    let (said, heard) = std::sync::mpsc::channel();
    ours.exclusively(|card| {
        let other = std::thread::spawn(move || {
            let answer = theirs.exchange(&[0x80, 0x5C, 0x00, 0x02, 0x04]).unwrap();
            said.send(answer).unwrap();
        });
        for _ in 0..20 {
            Channel::new(&mut *card).ask(&GetBalance).unwrap();
        }
        // The other program's command waits until we are done.
        assert!(heard.try_recv().is_err());
        other
    })
    .unwrap()
    .join()
    .unwrap();
    assert_eq!(heard.recv().unwrap().len(), 6);
    inserted.remove().unwrap();
    until(&mut watch, "00", |change| *change == Change::CardOut);
}

#[test]
fn a_watch_that_waits_is_woken() {
    let _pcscd = Pcscd::start();
    let readers = Readers::connect().unwrap();
    let mut watch = readers.watch();
    while watch.next(Duration::ZERO).unwrap().is_some() {}
    let stopper = watch.stopper();
    let begun = Instant::now();
    let waiting = std::thread::spawn(move || watch.next(Duration::from_secs(60)).unwrap());
    // Until it waits, there is nothing to wake.
    wait("the watch to end", || {
        stopper.stop().unwrap();
        waiting.is_finished()
    });
    assert_eq!(waiting.join().unwrap(), None);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn pcscd_may_end_and_come_back() {
    let mut pcscd = Pcscd::start();
    if !pcscd.is_ours() {
        // Somebody else's service is not ours to kill; continuous integration starts its own.
        return;
    }
    let readers = Readers::connect().unwrap();
    let mut watch = readers.watch();
    let (inserted, reader) = insert(card(5_000), 0, &mut watch);
    let mut channel = Channel::new(readers.open(&reader).unwrap());
    channel.ask(&GetBalance).unwrap();
    pcscd.kill();
    assert_eq!(channel.ask(&GetBalance).unwrap_err().transport(), Some(&TransportError::ReaderGone));
    assert_eq!(readers.list().unwrap_err(), ReaderError::NoService);
    let card = inserted.remove().unwrap();
    pcscd.restart();
    let readers = Readers::connect().unwrap();
    let mut watch = readers.watch();
    let (inserted, reader) = insert(card, 0, &mut watch);
    assert_eq!(Channel::new(readers.open(&reader).unwrap()).ask(&GetBalance).unwrap(), 5_000);
    inserted.remove().unwrap();
}
