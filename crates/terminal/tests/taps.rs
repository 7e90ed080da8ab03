//! One tap at a time: paid, torn at every point, bad cards, bad PSAMs, degraded modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use std::fs;
use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;
use tongclear_card::file::CardCategory;
use tongclear_card::flow::{Psam, Scheme};
use tongclear_card::simulated::{NumberAdvance, SimulatedCard, SimulatedPsam, Tear, TearPoint};
use tongclear_card::{Channel, Transport, TransportError};
use tongclear_package::{PackageView, SectorData};
use tongclear_terminal::config::{Config, Degraded, WithoutPsam};
use tongclear_terminal::{Asked, FileLoadHost, Outcome, TapState, Terminal, Verdict};
use tongclear_types::{RecordFlags, Sector};
use world::{HandClock, card, config, found, is_genuine, issue, open, psam};

const DEBIT: u8 = 0x54;
const CREDIT: u8 = 0x52;

/// A terminal in a folder of its own, with its PSAM.
struct Stand {
    folder: TempDir,
    clock: HandClock,
    terminal: Option<Terminal>,
    psam: SimulatedPsam,
}

impl Stand {
    fn with(config: &Config, advance: NumberAdvance) -> Self {
        let folder = tempfile::tempdir().unwrap();
        found(folder.path(), config);
        let clock = HandClock::morning();
        let mut stand = Self { folder, clock, terminal: None, psam: psam(config.terminal.id, 1, advance) };
        stand.restart();
        stand
    }

    fn of(sector: Sector) -> Self {
        Self::with(&config(1, sector), NumberAdvance::AnyMac2)
    }

    /// The program ends without a word and is started again; the PSAM loses its power.
    fn restart(&mut self) {
        self.terminal = None;
        self.psam.power_on();
        self.terminal = Some(Terminal::open(self.folder.path(), Arc::new(self.clock.clone())).unwrap());
    }

    fn terminal(&mut self) -> &mut Terminal {
        self.terminal.as_mut().unwrap()
    }

    fn present<C: Transport>(&mut self, card: C, asked: &Asked) -> Outcome {
        self.clock.pass_seconds(1);
        let mut psam = open(&mut self.psam);
        self.terminal.as_mut().unwrap().present(&mut Channel::new(card), Some(&mut psam), asked).unwrap()
    }

    fn states(&mut self) -> Vec<TapState> {
        self.terminal().journal().all_taps().unwrap().iter().map(|tap| tap.state).collect()
    }
}

fn ride(stand: &mut Stand, card: &mut SimulatedCard) -> Verdict {
    stand.present(card, &Asked::Ride).verdict
}

#[test]
fn a_ride_is_paid_journaled_and_sealed() {
    for of in 0..3 {
        let mut stand = Stand::of(Sector::Bus);
        let mut card = card(&issue(of, 0));
        let outcome = stand.present(&mut card, &Asked::Ride);
        assert_eq!((outcome.verdict, outcome.balance_fen), (Verdict::Paid, Some(4_800)), "{outcome:?}");
        assert_eq!(card.memory().balance_fen, 4_800);
        let taps = stand.terminal().journal().all_taps().unwrap();
        let record = taps[0].record;
        assert!(is_genuine(&record));
        assert_eq!((record.offline_counter, record.online_counter), (7, 3));
        assert_eq!((record.deny_list_version, record.sector, record.flags), (4, 1, RecordFlags(0)));
        let sealed = stand.terminal().seal().unwrap().unwrap();
        assert_eq!((sealed.sequence.0, sealed.records, sealed.amount_fen), (1, 1, 200));
        assert_eq!(stand.terminal().seal().unwrap(), None);
        assert_eq!(ride(&mut stand, &mut card), Verdict::Paid);
        let second = stand.terminal().seal().unwrap().unwrap();
        assert_eq!(second.sequence.0, 2);
        let packages =
            stand.terminal().journal().packages_in(&[tongclear_terminal::PackageState::Sealed]).unwrap();
        let first = packages[0].bytes.as_slice();
        assert_eq!(PackageView::reopen(first).unwrap().header().record_count, 1);
        // The packages of a collector form a chain.
        assert_eq!(packages[1].bytes[56..64], first[first.len() - 32..][..8]);
    }
}

#[test]
fn categories_pay_what_the_fares_say() {
    for (category, amount) in
        [(CardCategory::Normal, 200), (CardCategory::Student, 100), (CardCategory::Senior, 0)]
    {
        let mut stand = Stand::of(Sector::Bus);
        let mut card = card(&tongclear_card::simulated::CardIssue { category, ..issue(0, 0) });
        assert_eq!(ride(&mut stand, &mut card), Verdict::Paid, "{category}");
        let record = stand.terminal().journal().all_taps().unwrap()[0].record;
        assert_eq!((record.amount_fen, record.list_price_fen), (amount, 200), "{category}");
    }
}

/// A tear at every point of the debit, every kind of card, both kinds of PSAM, the program alive or killed: nothing is
/// taken twice, nothing that was taken is lost, no number is used twice.
#[test]
fn a_torn_debit_is_found_again() {
    for point in TearPoint::ALL {
        for of in 0..3 {
            for number in 0..4 {
                for (advance, is_killed) in [(NumberAdvance::AnyMac2, false), (NumberAdvance::AnyMac2, true)]
                {
                    let what = format!("{point:?} operator {of} card {number} killed {is_killed}");
                    let mut stand = Stand::with(&config(1, Sector::Bus), advance);
                    let mut card = card(&issue(of, number));
                    card.tear_at(Tear { instruction: Some(DEBIT), point });
                    let torn = ride(&mut stand, &mut card);
                    assert_eq!(torn, Verdict::PresentAgain, "{what}");
                    assert_eq!(stand.states(), [TapState::Open], "{what}");
                    if is_killed {
                        stand.restart();
                    }
                    card.power_on();
                    let again = ride(&mut stand, &mut card);
                    let (verdict, states) = if point.is_written() {
                        (Verdict::Recovered, vec![TapState::Paid])
                    } else {
                        (Verdict::Paid, vec![TapState::Unpaid, TapState::Paid])
                    };
                    assert_eq!((again, stand.states()), (verdict, states), "{what}");
                    assert_eq!(card.memory().balance_fen, 4_800, "{what}");
                    let taps = stand.terminal().journal().all_taps().unwrap();
                    let paid = taps.last().unwrap().record;
                    assert!(is_genuine(&paid), "{what}");
                    assert_eq!(paid.flags.has(RecordFlags::SUPPLEMENTARY), point.is_written(), "{what}");
                    // The next passenger's number is a new one.
                    assert_eq!(ride(&mut stand, &mut world::card(&issue(0, 50))), Verdict::Paid, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_proof_that_comes_late_is_not_the_next_ride() {
    let mut stand = Stand::of(Sector::Bus);
    let mut card = card(&issue(0, 0));
    card.tear_at(Tear { instruction: Some(DEBIT), point: TearPoint::After });
    assert_eq!(ride(&mut stand, &mut card), Verdict::PresentAgain);
    card.power_on();
    stand.clock.pass_seconds(3_600);
    assert_eq!(ride(&mut stand, &mut card), Verdict::Paid);
    assert_eq!(stand.states(), [TapState::Paid, TapState::Paid]);
    assert_eq!(card.memory().balance_fen, 4_600);
}

#[test]
fn a_card_that_comes_back_elsewhere_is_proven_there() {
    for point in TearPoint::ALL {
        let (mut here, mut there) = (Stand::of(Sector::Bus), {
            let other = config(2, Sector::Bus);
            Stand::with(&other, NumberAdvance::AnyMac2)
        });
        let shared = tempfile::tempdir().unwrap();
        let mut card = card(&issue(2, 1));
        card.tear_at(Tear { instruction: Some(DEBIT), point });
        assert_eq!(ride(&mut here, &mut card), Verdict::PresentAgain);
        card.power_on();
        assert_eq!(here.terminal().exchange_with_neighbours(shared.path()).unwrap(), 0);
        assert_eq!(there.terminal().exchange_with_neighbours(shared.path()).unwrap(), 0);
        assert_eq!(ride(&mut there, &mut card), Verdict::Paid);
        assert_eq!(there.terminal().exchange_with_neighbours(shared.path()).unwrap(), 0);
        assert_eq!(here.terminal().exchange_with_neighbours(shared.path()).unwrap(), 1);
        let tap = here.terminal().journal().all_taps().unwrap().remove(0);
        let state = if point.is_written() { TapState::Paid } else { TapState::Unpaid };
        assert_eq!(tap.state, state, "{point:?}");
        assert!(!point.is_written() || is_genuine(&tap.record));
    }
}

#[test]
fn a_psam_that_is_stuck_or_strange_takes_no_money() {
    // It offers the torn debit's number again and again.
    let mut stand = Stand::with(&config(1, Sector::Bus), NumberAdvance::RightMac2);
    let mut torn = card(&issue(0, 0));
    torn.tear_at(Tear { instruction: Some(DEBIT), point: TearPoint::Before });
    assert_eq!(ride(&mut stand, &mut torn), Verdict::PresentAgain);
    assert_eq!(ride(&mut stand, &mut card(&issue(0, 1))), Verdict::PsamNumberRepeats);
    // It belongs to another terminal.
    let mut stand = Stand::of(Sector::Bus);
    stand.psam = psam("651000000002".parse().unwrap(), 1, NumberAdvance::AnyMac2);
    assert_eq!(ride(&mut stand, &mut card(&issue(0, 0))), Verdict::PsamWrongTerminal);
    // It has no key for the card.
    let mut stand = Stand::of(Sector::Bus);
    stand.psam = SimulatedPsam::new(
        stand.terminal().config().terminal.id,
        vec![],
        stand.psam.memory(),
        NumberAdvance::AnyMac2,
    );
    assert_eq!(ride(&mut stand, &mut card(&issue(0, 0))), Verdict::PsamRefused);
    // It is missing.
    for (policy, verdict) in
        [(WithoutPsam::Refuse, Verdict::PsamMissing), (WithoutPsam::LetThrough, Verdict::LetThrough)]
    {
        let mut config = config(1, Sector::Bus);
        config.rules.psam_missing = policy;
        let mut stand = Stand::with(&config, NumberAdvance::AnyMac2);
        let mut card = Channel::new(card(&issue(0, 0)));
        let outcome =
            stand.terminal().present(&mut card, None::<&mut Psam<SimulatedPsam>>, &Asked::Ride).unwrap();
        assert_eq!(outcome.verdict, verdict);
        assert_eq!(stand.terminal().counts().unwrap().let_through, u64::from(verdict.lets_through()));
        assert_eq!(stand.states(), []);
    }
    // It goes away between MAC1 and MAC2: the card has paid.
    let mut stand = Stand::of(Sector::Bus);
    let gone =
        Gone { inner: psam(stand.terminal().config().terminal.id, 1, NumberAdvance::AnyMac2), at: 0x72 };
    let mut gone = Psam::open(gone).unwrap();
    let mut card = card(&issue(0, 0));
    let outcome =
        stand.terminal().present(&mut Channel::new(&mut card), Some(&mut gone), &Asked::Ride).unwrap();
    assert_eq!(outcome.verdict, Verdict::Paid);
    assert!(stand.terminal().journal().all_taps().unwrap()[0].record.flags.has(RecordFlags::DEGRADED));
}

/// Goes away at an instruction.
struct Gone<T> {
    inner: T,
    at: u8,
}

impl<T: Transport> Transport for Gone<T> {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        if command[1] == self.at { Err(TransportError::ReaderGone) } else { self.inner.exchange(command) }
    }
}

/// Answers an instruction with something else.
struct Lies<T> {
    inner: T,
    at: u8,
    answer: &'static str,
}

impl<T: Transport> Transport for Lies<T> {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        if command[1] == self.at {
            Ok(hex::decode(self.answer).unwrap())
        } else {
            self.inner.exchange(command)
        }
    }
}

#[test]
fn bad_cards_have_a_verdict_and_cost_nothing() {
    let base = || issue(0, 0);
    let with = |change: &dyn Fn(&mut tongclear_card::simulated::CardIssue)| {
        let mut issue = base();
        change(&mut issue);
        card(&issue)
    };
    let cases: Vec<(SimulatedCard, Verdict)> = vec![
        (with(&|it| it.issuer = "04179999FFFFFFFF".parse().unwrap()), Verdict::UnknownIssuer),
        (with(&|it| it.serial = issue(0, 999).serial), Verdict::Locked),
        (card(&issue(1, 0)), Verdict::Paid),
        (
            card(&tongclear_card::simulated::CardIssue { is_interoperable: false, ..issue(1, 0) }),
            Verdict::NotInteroperable,
        ),
        (with(&|it| it.start = date("20270101")), Verdict::NotYetValid),
        (with(&|it| it.expiry = date("20261127")), Verdict::Expired),
        (with(&|it| it.expiry = date("20261128")), Verdict::Paid),
        (with(&|it| it.expiry = date("20261399")), Verdict::Unreadable),
        (with(&|it| it.category = CardCategory::Test), Verdict::TestCard),
        (
            {
                let memory = tongclear_card::simulated::CardMemory::new(199, 7, 3);
                base().make(&world::ring(), memory, tongclear_card::simulated::counting_randoms(1)).unwrap()
            },
            Verdict::NotEnoughMoney,
        ),
        (
            {
                let memory = tongclear_card::simulated::CardMemory::new(5_000, u16::MAX, 3);
                base().make(&world::ring(), memory, tongclear_card::simulated::counting_randoms(1)).unwrap()
            },
            Verdict::CardRefused,
        ),
    ];
    for (at, (mut card, verdict)) in cases.into_iter().enumerate() {
        let mut stand = Stand::of(Sector::Bus);
        let before = card.memory().balance_fen;
        assert_eq!(ride(&mut stand, &mut card), verdict, "case {at}");
        if verdict != Verdict::Paid {
            assert_eq!((card.memory().balance_fen, stand.states()), (before, vec![]), "case {at}");
        }
    }
    // A card that was locked stays so.
    let mut stand = Stand::of(Sector::Bus);
    let mut denied = with(&|it| it.serial = issue(0, 999).serial);
    assert_eq!(ride(&mut stand, &mut denied), Verdict::Locked);
    assert_eq!(ride(&mut stand, &mut denied), Verdict::Blocked);
}

fn date(text: &str) -> tongclear_types::BcdDate {
    let mut bytes = [0; 4];
    hex::decode_to_slice(text, &mut bytes).unwrap();
    tongclear_types::BcdDate(bytes)
}

#[test]
fn garbage_from_a_card_is_unreadable_before_the_debit_and_open_after() {
    for (at, answer, verdict, is_open) in [
        (0xA4, "6F", Verdict::Paid, false),
        (0xA4, "6F0385019000", Verdict::Paid, false),
        (0x50, "9000", Verdict::Unreadable, false),
        (0x50, "00000000000000000000000000000000000000009000", Verdict::Unreadable, false),
        (0x50, "6985", Verdict::CardRefused, false),
        (0x54, "9302", Verdict::CardRefused, false),
        (0x54, "6901", Verdict::CardRefused, false),
        (0x54, "9401", Verdict::NotEnoughMoney, false),
        (0x54, "9000", Verdict::PresentAgain, true),
        (0x54, "6581", Verdict::PresentAgain, true),
        (0x54, "00", Verdict::PresentAgain, true),
        (0x54, "0000000000000000000000000000009000", Verdict::PresentAgain, true),
        (0x54, "00000000000000009000", Verdict::ForeignProof, false),
    ] {
        let mut stand = Stand::of(Sector::Bus);
        let outcome = stand.present(Lies { inner: card(&issue(0, 0)), at, answer }, &Asked::Ride);
        assert_eq!(outcome.verdict, verdict, "{at:02x} {answer}: {outcome:?}");
        assert_eq!(stand.terminal().counts().unwrap().open, u64::from(is_open), "{at:02x} {answer}");
    }
}

/// Another card lies on the reader from the `at`-th command on.
struct Swapped<'a> {
    cards: [&'a mut SimulatedCard; 2],
    at: usize,
    asked: usize,
}

impl Transport for Swapped<'_> {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.asked += 1;
        self.cards[usize::from(self.asked > self.at)].exchange(command)
    }
}

#[test]
fn a_card_that_is_swapped_between_two_commands_pays_for_itself_or_not_at_all() {
    for at in 0..8 {
        for of in 0..3 {
            let mut stand = Stand::of(Sector::Bus);
            let (mut first, mut second) = (card(&issue(of, 0)), card(&issue(of, 4)));
            let outcome =
                stand.present(Swapped { cards: [&mut first, &mut second], at, asked: 0 }, &Asked::Ride);
            let taken = 10_000 - first.memory().balance_fen - second.memory().balance_fen;
            let paid: Vec<_> = stand.terminal().journal().all_taps().unwrap();
            let paid: Vec<_> =
                paid.iter().filter(|tap| tap.state == TapState::Paid).map(|tap| tap.record).collect();
            let what = format!("operator {of}, swapped after {at} commands: {outcome:?}");
            assert_eq!(paid.iter().map(|it| it.amount_fen).sum::<u32>(), taken, "{what}");
            assert!(paid.iter().all(is_genuine), "{what}");
            assert_eq!(outcome.verdict == Verdict::Paid, taken > 0, "{what}");
        }
    }
}

#[test]
fn a_psam_that_finds_the_mac_wrong_keeps_the_gate_closed() {
    let mut stand = Stand::of(Sector::Bus);
    let inner = psam(stand.terminal().config().terminal.id, 1, NumberAdvance::AnyMac2);
    let mut liar = Psam::open(Lies { inner, at: 0x72, answer: "9302" }).unwrap();
    let mut card = card(&issue(0, 0));
    let outcome =
        stand.terminal().present(&mut Channel::new(&mut card), Some(&mut liar), &Asked::Ride).unwrap();
    assert_eq!((outcome.verdict, outcome.verdict.lets_through()), (Verdict::ForeignProof, false));
    // The card did pay: the record goes to the centre, which judges its TAC.
    let tap = stand.terminal().journal().all_taps().unwrap().remove(0);
    assert_eq!(tap.state, TapState::Paid);
    assert!(is_genuine(&tap.record) && tap.record.flags.has(RecordFlags::DEGRADED));
}

#[test]
fn degraded_modes_refuse_or_mark() {
    type Spoil = fn(&Stand);
    let set_back: Spoil = |stand| stand.clock.pass_seconds(-86_400);
    let old_list: Spoil = |stand| stand.clock.pass_seconds(86_400 * 30);
    for (spoil, verdict) in [(set_back, Verdict::ClockWrong), (old_list, Verdict::ListTooOld)] {
        for policy in [Degraded::Refuse, Degraded::Mark] {
            let mut config = config(1, Sector::Bus);
            (config.rules.clock_wrong, config.rules.list_too_old) = (policy, policy);
            let mut stand = Stand::with(&config, NumberAdvance::AnyMac2);
            assert_eq!(ride(&mut stand, &mut card(&issue(0, 1))), Verdict::Paid);
            spoil(&stand);
            let outcome = stand.present(card(&issue(0, 0)), &Asked::Ride);
            match policy {
                Degraded::Refuse => assert_eq!(outcome.verdict, verdict),
                Degraded::Mark => {
                    assert_eq!((outcome.verdict, outcome.degraded), (Verdict::Paid, vec![verdict]));
                    let record = stand.terminal().journal().all_taps().unwrap()[1].record;
                    assert!(record.flags.has(RecordFlags::DEGRADED));
                }
            }
        }
    }
}

#[test]
fn a_metro_trip_is_entered_left_and_paid_by_distance() {
    let mut stand = Stand::of(Sector::Metro);
    let mut card = card(&issue(0, 0));
    let asks = |stand: &mut Stand, card: &mut SimulatedCard, station: u32, asked: &Asked| {
        stand.terminal().place().vehicle_or_station = station;
        stand.present(card, asked).verdict
    };
    assert_eq!(asks(&mut stand, &mut card, 2, &Asked::Exit), Verdict::NotEntered);
    assert_eq!(asks(&mut stand, &mut card, 1, &Asked::Enter), Verdict::Paid);
    assert_eq!(asks(&mut stand, &mut card, 1, &Asked::Enter), Verdict::AlreadyEntered);
    assert_eq!(asks(&mut stand, &mut card, 9, &Asked::Exit), Verdict::NoFare);
    card.tear_at(Tear { instruction: Some(DEBIT), point: TearPoint::DuringUnwritten });
    assert_eq!(asks(&mut stand, &mut card, 2, &Asked::Exit), Verdict::PresentAgain);
    card.power_on();
    assert_eq!(asks(&mut stand, &mut card, 2, &Asked::Exit), Verdict::Paid);
    assert_eq!(card.memory().balance_fen, 4_700);
    let taps = stand.terminal().journal().all_taps().unwrap();
    let last = taps.last().unwrap().record;
    assert!(is_genuine(&last) && last.tti.0 == 0x09);
    let SectorData::Ride(ride) = SectorData::parse(Sector::Metro, &last.sector_data).unwrap() else {
        panic!()
    };
    assert_eq!(ride.entry_date.to_string(), "20261128");
    // A card without a trip file cannot go through a gate.
    assert_eq!(
        stand
            .present(
                world::card(&tongclear_card::simulated::CardIssue { scheme: Scheme::Pboc, ..issue(0, 3) }),
                &Asked::Enter
            )
            .verdict,
        Verdict::NoTripFile
    );
}

#[test]
fn a_load_is_in_three_books_also_when_it_was_torn() {
    for point in TearPoint::ALL.into_iter().map(Some).chain([None]) {
        for of in 0..3 {
            let mut stand = Stand::of(Sector::Load);
            let book = stand.folder.path().join("loads.json");
            let mut host = FileLoadHost::open(world::load_keys(), &book).unwrap();
            let mut card = card(&issue(of, 2));
            if let Some(point) = point {
                card.tear_at(Tear { instruction: Some(CREDIT), point });
                let outcome = stand.terminal().load(&mut Channel::new(&mut card), &mut host, 2_000).unwrap();
                assert_eq!(outcome.verdict, Verdict::PresentAgain, "{point:?}");
                card.power_on();
                stand.restart();
                host = FileLoadHost::open(world::load_keys(), &book).unwrap();
            }
            let outcome = stand.terminal().load(&mut Channel::new(&mut card), &mut host, 2_000).unwrap();
            assert_eq!(
                (outcome.verdict, card.memory().balance_fen),
                (Verdict::Loaded, 7_000),
                "{point:?} {outcome:?}"
            );
            let paid: Vec<_> = stand
                .terminal()
                .journal()
                .all_taps()
                .unwrap()
                .into_iter()
                .filter(|tap| tap.state == TapState::Paid)
                .map(|tap| tap.record)
                .collect();
            assert!(paid.len() == 1 && is_genuine(&paid[0]));
            let seen = |counter| tongclear_card::load_host::LoadSeen {
                card: paid[0].card(),
                online_counter: counter,
                amount_fen: 2_000,
            };
            let agent = [seen(paid[0].online_counter)];
            let read = [paid[0].card()].into_iter().collect();
            let differences = tongclear_card::load_host::compare(&agent, host.book(), &[seen(3)], &read);
            assert_eq!(differences, [], "{point:?}");
        }
    }
}

#[test]
fn a_bad_list_leaves_the_one_before_in_force() {
    let mut stand = Stand::of(Sector::Bus);
    for (name, text) in [
        ("fares.toml", "version = 2\nflat_fen = \"two\""),
        ("registry.toml", "[[operator]]\ncode = \"04\""),
        ("deny-0417-5.txt", "DENY:0417:5:20261128000000:1\r\nCRC:00000000"),
    ] {
        let path = stand.folder.path().join("lists").join(name);
        let before = fs::read(&path).ok();
        fs::write(&path, text).unwrap();
        stand.terminal().reload_lists().unwrap();
        assert_eq!(stand.terminal().lists().refused.len(), 1, "{name}");
        assert_eq!(ride(&mut stand, &mut card(&issue(0, 0))), Verdict::Paid, "{name}");
        match before {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
}

#[test]
fn one_program_at_a_time_takes_money() {
    let stand = Stand::of(Sector::Bus);
    let second = Terminal::open(stand.folder.path(), Arc::new(stand.clock.clone()));
    assert!(second.err().unwrap().to_string().contains("held by another program"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever a card answers, at whatever command: a verdict, and no debit without a line in the journal.
    #[test]
    fn no_answer_makes_a_terminal_panic(answers in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..40)), 1..12)) {
        struct Noise<T>(T, Vec<Option<Vec<u8>>>);
        impl<T: Transport> Transport for Noise<T> {
            fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
                match self.1.pop().flatten() {
                    Some(answer) => Ok(answer),
                    None => self.0.exchange(command),
                }
            }
        }
        let mut stand = Stand::of(Sector::Bus);
        let mut card = card(&issue(0, 0));
        stand.present(Noise(&mut card, answers), &Asked::Ride);
        if card.memory().balance_fen != 5_000 {
            prop_assert_eq!(stand.states().len(), 1);
        }
    }
}

/// Our own time for a purchase: card, PSAM and journal in memory, so that no sync is counted. The bound leaves room for an
/// unoptimised build on a busy machine; `--release -- --nocapture` prints the figure that counts.
#[test]
fn a_purchase_costs_little_time() {
    let shared_memory = std::path::Path::new("/dev/shm");
    let folder =
        if shared_memory.is_dir() { tempfile::tempdir_in(shared_memory) } else { tempfile::tempdir() };
    let folder = folder.unwrap();
    let config = config(1, Sector::Bus);
    found(folder.path(), &config);
    let clock = HandClock::morning();
    let mut terminal = Terminal::open(folder.path(), Arc::new(clock.clone())).unwrap();
    let mut psam = Psam::open(psam(config.terminal.id, 1, NumberAdvance::AnyMac2)).unwrap();
    let memory = tongclear_card::simulated::CardMemory::new(90_000, 7, 3);
    let randoms = tongclear_card::simulated::counting_randoms(1);
    let mut card = Channel::new(issue(0, 0).make(&world::ring(), memory, randoms).unwrap());
    let mut times: Vec<_> = (0..300)
        .map(|_| {
            clock.pass_seconds(1);
            let begun = std::time::Instant::now();
            let outcome = terminal.present(&mut card, Some(&mut psam), &Asked::Ride).unwrap();
            assert_eq!(outcome.verdict, Verdict::Paid);
            begun.elapsed()
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    println!("a purchase through the simulated transport: {median:?} at the median");
    assert!(median < std::time::Duration::from_millis(10), "{median:?}");
}
