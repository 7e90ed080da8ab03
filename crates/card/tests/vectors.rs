//! The public vectors of `fixtures/vectors/`: the simulated card and PSAM against `purse.json`, a reading against
//! `cards.json`. Every vector names its source in the file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value;
use tongclear_card::command::{CreditLoad, Debit, InitialiseLoad, InitialisePurchase, KeyIndex};
use tongclear_card::file::{ApplicationType, PublicInfo, region_name};
use tongclear_card::flow::{Scheme, read_card};
use tongclear_card::simulated::{
    CardKeys, CardMemory, CardProfile, CounterConvention, NumberAdvance, PsamKey, PsamMemory, SimulatedCard,
    SimulatedPsam,
};
use tongclear_card::{Apdu, Channel, Replay, Transport};
use tongclear_mac::{Algorithm, CardKey, KeyLevels, MasterKey};
use tongclear_types::{BcdDate, BcdTime, CardId, IssuerId, OperatorCode, Serial, TerminalId, TerminalNumber};

const PURSE: &str = include_str!("../../../fixtures/vectors/purse.json");
const CARDS: &str = include_str!("../../../fixtures/vectors/cards.json");

/// One vector.
struct Vector(Value);

impl Vector {
    fn bytes<const N: usize>(&self, field: &str) -> [u8; N] {
        self.get(field).unwrap_or_else(|| panic!("{} has no {field}", self.0["name"]))
    }

    fn get<const N: usize>(&self, field: &str) -> Option<[u8; N]> {
        let value = hex::decode(self.0[field].as_str()?).unwrap();
        Some(value.try_into().unwrap_or_else(|_| panic!("{} {field} is not {N} bytes", self.0["name"])))
    }

    fn number(&self, field: &str) -> u32 {
        u32::from_be_bytes(self.bytes(field))
    }

    fn moment(&self) -> (BcdDate, BcdTime) {
        let [a, b, c, d, time @ ..] = self.bytes::<7>("datetime");
        (BcdDate([a, b, c, d]), BcdTime(time))
    }

    /// A card with the vector's keys, counters, balance and random; a key that the vector lacks is a filler.
    fn card(&self) -> SimulatedCard {
        let key = |field| CardKey::new(Algorithm::Des, self.get(field).unwrap_or([0x11; 16]));
        let keys = CardKeys {
            version: 1,
            algorithm: 0,
            purchase: key("dpk"),
            load: key("dlk"),
            tac: key("dtk"),
            maintenance: key("none"),
        };
        let counter = |field| u16::from_be_bytes(self.get(field).unwrap_or_default());
        let balance = self.get("balance_before").map_or(1_000_000, u32::from_be_bytes);
        let memory = CardMemory::new(balance, counter("card_offline_seq"), counter("card_online_seq"));
        let random = self.bytes("card_rnd");
        SimulatedCard::new(profile(), keys, memory, Box::new(move || random))
    }
}

fn profile() -> CardProfile {
    let public = PublicInfo {
        issuer: IssuerId(*b"\x04\x17\x65\x10\xFF\xFF\xFF\xFF"),
        application_type: ApplicationType::Purse,
        version: 1,
        serial: Serial([0x03; 10]),
        start: BcdDate([0x20, 0x20, 0x01, 0x01]),
        expiry: BcdDate([0x20, 0x40, 0x12, 0x31]),
        reserved: [0; 2],
    };
    CardProfile {
        scheme: Scheme::TUnion,
        public,
        management: None,
        log_counter: CounterConvention::Before,
        prove_counter: CounterConvention::Before,
        key_index: 1,
        overdraft_limit_fen: 0,
    }
}

fn vectors(kind: &str) -> Vec<Vector> {
    let file: Value = serde_json::from_str(PURSE).unwrap();
    let found: Vec<_> = file["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["kind"] == kind)
        .cloned()
        .map(Vector)
        .collect();
    assert!(found.len() > 1, "{kind}");
    found
}

#[test]
fn the_simulated_card_and_psam_do_every_purchase_vector() {
    for vector in vectors("purchase") {
        let name = vector.0["name"].to_string();
        let is_composite = vector.bytes::<1>("tti") == [0x09];
        let (terminal, (date, time)) = (TerminalId(vector.bytes("terminal")), vector.moment());
        let mut card = Channel::new(vector.card());
        let amount_fen = vector.number("amount");
        let request =
            InitialisePurchase { composite: is_composite, key_index: KeyIndex(1), amount_fen, terminal };
        // The vectors of old cards debit an ED or name another type than ours: those cannot be asked of a purse.
        if vector.bytes::<1>("tti") != [request.tti().0] {
            panic!("{name}: a type that purses do not have");
        }
        let offer = card.ask(&request).unwrap();
        assert_eq!(offer.random, vector.bytes("card_rnd"), "{name}");
        let terminal_number = TerminalNumber(vector.number("term_seq"));
        let mac1 = vector.bytes("mac1");
        let answer = card.ask(&Debit { terminal_number, date, time, mac1 }).unwrap();
        if let Some(mac2) = vector.get("mac2") {
            assert_eq!(hex::encode(answer.mac2), hex::encode::<[u8; 4]>(mac2), "{name} MAC2");
        }
        assert_eq!(hex::encode(answer.tac), hex::encode(vector.bytes::<4>("tac")), "{name} TAC");
        // The PSAM, where the vector says from which master the card's key comes.
        if let (Some(master), Some(city), Some(serial)) =
            (vector.get("mpk"), vector.get::<8>("city_factor"), vector.get::<8>("serial8"))
        {
            let number = PsamMemory { next_number: terminal_number };
            let operator = OperatorCode([city[0], city[1]]);
            let purchase = MasterKey::new(Algorithm::Des, master);
            let key = PsamKey { operator, levels: KeyLevels::Two, version: 1, purchase, maintenance: None };
            let mut psam = SimulatedPsam::new(terminal, vec![key], number, NumberAdvance::AnyMac2);
            let mut whole = [0; 10];
            whole[2..].copy_from_slice(&serial);
            let mut psam = tongclear_card::flow::Psam::open(&mut psam).unwrap();
            let made = psam
                .channel()
                .ask(&tongclear_card::command::PsamInitialise(tongclear_card::command::PsamDebit {
                    random: offer.random,
                    offline_counter: offer.offline_counter,
                    amount_fen,
                    tti: request.tti(),
                    date,
                    time,
                    key_version: 1,
                    algorithm: 0,
                    card: CardId { issuer: IssuerId(city), serial: Serial(whole) },
                    levels: KeyLevels::Two,
                }))
                .unwrap();
            assert_eq!(hex::encode(made.mac1), hex::encode(mac1), "{name} MAC1");
            psam.channel().ask(&tongclear_card::command::VerifyMac2 { mac2: answer.mac2 }).unwrap();
        }
    }
}

#[test]
fn the_simulated_card_does_every_load_vector() {
    for vector in vectors("load") {
        let name = vector.0["name"].to_string();
        // One vector loads an ED: the same sums under type 01, which a purse does not have; `tongclear-mac` has it.
        if vector.bytes::<1>("tti") != [0x02] {
            continue;
        }
        let mut card = Channel::new(vector.card());
        let (amount_fen, terminal) = (vector.number("amount"), TerminalId(vector.bytes("terminal")));
        let offer = card.ask(&InitialiseLoad { key_index: KeyIndex(1), amount_fen, terminal }).unwrap();
        assert_eq!(hex::encode(offer.mac1), hex::encode(vector.bytes::<4>("mac1")), "{name} MAC1");
        if let (Some(mac2), Some(tac)) = (vector.get("mac2"), vector.get::<4>("tac")) {
            let (date, time) = vector.moment();
            let made = card.ask(&CreditLoad { date, time, mac2 }).unwrap();
            assert_eq!(hex::encode(made), hex::encode(tac), "{name} TAC");
        }
    }
}

#[test]
fn a_public_card_reads_as_another_reader_printed_it() {
    let cards: Value = serde_json::from_str(CARDS).unwrap();
    for card in cards.as_array().unwrap() {
        let exchanges: Vec<tongclear_card::RecordedExchange> =
            serde_json::from_value(card["apdus"].clone()).unwrap();
        let reading = read_card(&mut Channel::new(Replay::new(&exchanges).unwrap())).unwrap();
        let expected = &card["expected"];
        assert_eq!(reading.scheme.name(), expected["card_type"]);
        assert_eq!(reading.number.as_deref(), expected["card_number"].as_str());
        assert_eq!(reading.balance_fen.map(u64::from), expected["balance"].as_u64());
        assert_eq!(reading.purchase_counter().map(u64::from), expected["purchase_atc"].as_u64());
        assert_eq!(reading.issued.unwrap().to_string(), expected["issue_date"]);
        assert_eq!(reading.expires.unwrap().to_string(), expected["expiry_date"]);
        let management = reading.management.unwrap();
        assert_eq!(region_name(management.province), expected["province"]);
        assert_eq!(region_name(management.city), expected["city"]);
        let category = tongclear_card::file::CardCategory::from_byte(management.category).unwrap();
        assert_eq!(category.zh(), expected["tu_type"]);
        let log: Vec<Value> = reading
            .log
            .iter()
            .map(|it| {
                serde_json::json!({
                    "number": it.counter, "amount": it.amount_fen, "type": it.kind(),
                    "terminal": it.terminal.to_string(), "date": it.date.to_string(), "time": it.time.to_string(),
                })
            })
            .collect();
        assert_eq!(&Value::from(log), &expected["transactions"]);
    }
}

#[test]
fn a_blocked_card_says_so_and_a_short_command_is_refused() {
    let vector = vectors("purchase").remove(0);
    let mut card = vector.card();
    for (command, answer) in [
        ("00A4040008A000000632010105", "9000"),
        ("00A4040009A0000000038698070100", "6A82"),
        ("00A404", "6700"),
        ("0012000000", "6D00"),
        ("9012000000", "6E00"),
        ("00B0950001", "049000"),
        ("00B09500FF", "6C1E"),
        ("00B0951F01", "6B00"),
        ("00B201C417", "6A83"),
        ("8054010000", "6901"),
        ("80500102 0B 02 00000001 001122334455 0F", "9403"),
        ("80500102 0B 01 7FFFFFFF 001122334455 0F", "9401"),
        ("841E000004 00000000", "6985"),
        ("805A0006 02 0000 08", "9406"),
    ] {
        let bytes = hex::decode(command.replace(' ', "")).unwrap();
        let found = hex::encode_upper(card.exchange(&bytes).unwrap());
        assert!(found.ends_with(answer), "{command}: {found}, expected {answer}");
        assert!(Apdu::parse(&bytes).is_ok() || answer == "6700");
    }
}
