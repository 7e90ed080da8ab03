//! The public vectors of `fixtures/vectors/purse.json`, every one; each carries its source in the file.

use serde::Deserialize;
use tongclear_types::{BcdDate, BcdTime, CardId, IssuerId, Serial, TerminalId, TerminalNumber, Tti};

use crate::{Algorithm, CardKey, KeyLevels, LoadRequest, MasterKey, SessionKey, TacInput, Terms};

const FILE: &str = include_str!("../../../fixtures/vectors/purse.json");

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    kind: String,
    name: String,
    source: String,
    #[serde(flatten)]
    fields: std::collections::BTreeMap<String, String>,
}

impl Vector {
    fn bytes<const N: usize>(&self, field: &str) -> [u8; N] {
        self.get(field).unwrap_or_else(|| panic!("{} has no {field}", self.name))
    }

    fn get<const N: usize>(&self, field: &str) -> Option<[u8; N]> {
        let value = hex::decode(self.fields.get(field)?).unwrap();
        Some(value.try_into().unwrap_or_else(|_| panic!("{} {field} is not {N} bytes", self.name)))
    }

    fn card_key(&self, field: &str) -> CardKey {
        CardKey::new(Algorithm::Des, self.bytes(field))
    }

    fn terms(&self) -> Option<Terms> {
        let [a, b, c, d, time @ ..] = self.get::<7>("datetime")?;
        Some(Terms {
            amount_fen: u32::from_be_bytes(self.bytes("amount")),
            tti: Tti(u8::from_be_bytes(self.bytes("tti"))),
            terminal: TerminalId(self.bytes("terminal")),
            date: BcdDate([a, b, c, d]),
            time: BcdTime(time),
        })
    }

    fn assert_session(&self, session: &SessionKey) {
        assert!(session.is(&self.bytes::<8>("session")), "{self}: session key");
    }

    fn assert_field<const N: usize>(&self, field: &str, found: [u8; N]) {
        assert_eq!(hex::encode_upper(found), hex::encode_upper(self.bytes::<N>(field)), "{self}: {field}");
    }

    /// The exclusive or of the DTK's halves, as the TAC rule wants it.
    fn assert_tac_key(&self) {
        let dtk: [u8; 16] = self.bytes("dtk");
        self.assert_field::<8>("tac_key", std::array::from_fn(|i| dtk[i] ^ dtk[i + 8]));
    }
}

impl std::fmt::Display for Vector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.source)
    }
}

fn check_purchase(vector: &Vector) {
    let terminal_number = TerminalNumber(u32::from_be_bytes(vector.bytes("term_seq")));
    let offline_counter = u16::from_be_bytes(vector.bytes("card_offline_seq"));
    let terms = vector.terms().expect("a purchase has a date");
    let session =
        vector.card_key("dpk").purchase_session(vector.bytes("card_rnd"), offline_counter, terminal_number);
    vector.assert_session(&session);
    vector.assert_field("mac1", session.purchase_mac1(&terms));
    vector.assert_field("mac2", session.purchase_mac2(terms.amount_fen));
    let Terms { amount_fen, tti, terminal, date, time } = terms;
    let input = TacInput::Purchase { amount_fen, tti, terminal, terminal_number, date, time };
    vector.assert_tac_key();
    vector.assert_field("tac", vector.card_key("dtk").tac(&input));
    if vector.get::<16>("mpk").is_some() {
        check_two_levels(vector);
    }
}

fn check_two_levels(vector: &Vector) {
    let mut serial = [0; 10];
    serial[2..].copy_from_slice(&vector.bytes::<8>("serial8"));
    let card = CardId { issuer: IssuerId(vector.bytes("city_factor")), serial: Serial(serial) };
    for (master, card_key) in [("mpk", "dpk"), ("mtk", "dtk")] {
        let found = MasterKey::new(Algorithm::Des, vector.bytes(master)).for_card(KeyLevels::Two, &card);
        vector.assert_field(card_key, found.bytes);
    }
}

fn check_load(vector: &Vector) {
    let online_counter = u16::from_be_bytes(vector.bytes("card_online_seq"));
    let balance_before_fen = u32::from_be_bytes(vector.bytes("balance_before"));
    let amount_fen = u32::from_be_bytes(vector.bytes("amount"));
    let tti = Tti(u8::from_be_bytes(vector.bytes("tti")));
    let terminal = TerminalId(vector.bytes("terminal"));
    let session = vector.card_key("dlk").load_session(vector.bytes("card_rnd"), online_counter);
    vector.assert_session(&session);
    let request = LoadRequest { balance_before_fen, amount_fen, tti, terminal };
    vector.assert_field("mac1", session.load_mac1(&request));
    // Some sources stop after MAC1 or MAC2.
    let Some(terms) = vector.terms() else { return };
    vector.assert_field("mac2", session.load_mac2(&terms));
    if vector.get::<4>("tac").is_some() {
        let balance_after_fen = balance_before_fen + amount_fen;
        let Terms { date, time, .. } = terms;
        let input =
            TacInput::Load { balance_after_fen, online_counter, amount_fen, tti, terminal, date, time };
        vector.assert_tac_key();
        vector.assert_field("tac", vector.card_key("dtk").tac(&input));
    }
}

fn check_diversify(vector: &Vector) {
    let found = MasterKey::new(Algorithm::Des, vector.bytes("mpk")).diversify(vector.bytes("serial8"));
    vector.assert_field("dpk", *found.bytes());
}

fn check_secure_messaging(vector: &Vector) {
    let [a, b, c, d, rest @ ..] = vector.bytes::<8>("iv");
    assert_eq!(rest, [0; 4]);
    let command = hex::decode(&vector.fields["data"]).unwrap();
    let mac = vector.card_key("key").secure_messaging_mac([a, b, c, d], &command);
    vector.assert_field("mac", mac.expect("DES has secure messaging"));
}

/// One row a vector, in the order of the file: its kind and what checks it.
#[test]
fn every_public_vector_holds() {
    type Check = fn(&Vector);
    let rows: [(&str, &str, Check); 14] = [
        // klks/fmcos-python, "CPU card e-wallet circle consumption debugging record", a real FM1208.
        ("V4-purchase", "purchase", check_purchase),
        ("V4-load-a", "load", check_load),
        ("V4-load-b", "load", check_load),
        // klks/fmcos-python, "Set up a simple test PBOC payment environment on FMCOS CPU", a real card.
        ("V6-load", "load", check_load),
        // A tutorial on cnblogs; the purchase's TAC is computed from its published keys.
        ("V1-purchase", "purchase", check_purchase),
        ("V2-load", "load", check_load),
        // Chonor/JavaCard_OS, partly computed from its published keys.
        ("V3-load", "load", check_load),
        ("V3-purchase", "purchase", check_purchase),
        // klks/fmcos-python, "E-Wallet CPU Card and PSAM Card Consumption Key Loading Analysis".
        ("V7", "diversify", check_diversify),
        // Computed from the rules by an independent implementation; no public source.
        ("V10-two-level-CAPP", "purchase", check_purchase),
        // klks/fmcos-python, examples/test_mac.py or its documents.
        ("V8-1", "secure_messaging_retail_mac", check_secure_messaging),
        ("V8-3", "secure_messaging_retail_mac", check_secure_messaging),
        ("V8-5", "secure_messaging_retail_mac", check_secure_messaging),
        ("V8-6", "secure_messaging_retail_mac", check_secure_messaging),
    ];
    let file: File = serde_json::from_str(FILE).unwrap();
    let names: Vec<&str> = file.vectors.iter().map(|vector| vector.name.as_str()).collect();
    assert_eq!(names, rows.iter().map(|row| row.0).collect::<Vec<_>>());
    for (vector, (_, kind, check)) in file.vectors.iter().zip(rows) {
        assert_eq!(vector.kind, kind, "{vector}");
        assert!(!vector.source.is_empty(), "{} names no source", vector.name);
        check(vector);
    }
}
