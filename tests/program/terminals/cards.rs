//! Cards in software that note what was really taken from them and given to them.

use std::sync::{Arc, Mutex};

use tongclear_card::file::CardCategory;
use tongclear_card::flow::Scheme;
use tongclear_card::simulated::{
    CardIssue, CardMemory, CounterConvention, SimulatedCard, SimulatedPsam, Tear, counting_randoms,
};
use tongclear_card::{Transport as _, TransportError};
use tongclear_mac::KeyRing;
use tongclear_reader::VirtualCard;
use tongclear_types::{BcdDate, Serial};

/// Instruction bytes of DEBIT FOR PURCHASE and CREDIT FOR LOAD.
pub(super) const DEBIT: u8 = 0x54;
pub(super) const CREDIT: u8 = 0x52;

/// Card operators: code, issuer id, whether keys are diversified twice, algorithm byte.
pub(super) const OPERATORS: [(&str, &str, bool, u8); 3] = [
    ("0417", "04176510FFFFFFFF", true, 0),
    ("0165", "01656900FFFFFFFF", false, 0),
    ("0101", "01011000FFFFFFFF", true, 4),
];

/// What happened on a card.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Happened {
    pub(super) serial: String,
    pub(super) is_load: bool,
    pub(super) counter: u16,
    pub(super) amount_fen: u32,
}

/// Run once, when the next debit reaches the card.
type AtDebit = Box<dyn FnOnce() + Send>;

/// A card with its history.
pub(super) struct Witness {
    pub(super) card: SimulatedCard,
    pub(super) happened: Vec<Happened>,
    pub(super) at_debit: Option<AtDebit>,
}

/// A card that the test keeps hold of while it lies in a slot.
#[derive(Clone)]
pub(super) struct Shared(pub(super) Arc<Mutex<Witness>>);

impl Shared {
    pub(super) fn new(of: usize, number: u32, ring: &KeyRing) -> Self {
        let (_, issuer, two_level_keys, algorithm) = OPERATORS[of];
        let convention =
            |is_after| if is_after { CounterConvention::After } else { CounterConvention::Before };
        let issue = CardIssue {
            scheme: Scheme::TUnion,
            issuer: issuer.parse().unwrap(),
            serial: format!("0310{of}800{number:012}").parse().unwrap(),
            two_level_keys,
            key_version: 1,
            algorithm,
            start: BcdDate([0x20, 0x20, 0x01, 0x01]),
            expiry: BcdDate([0x20, 0x40, 0x12, 0x31]),
            category: if number % 5 == 4 { CardCategory::Student } else { CardCategory::Normal },
            is_interoperable: true,
            log_counter: convention(number % 2 == 1),
            prove_counter: convention(number % 3 == 1),
        };
        let memory = CardMemory::new(50_000, 10 + u16::try_from(number).unwrap(), 3);
        let card = issue.make(ring, memory, counting_randoms(number)).unwrap();
        Self(Arc::new(Mutex::new(Witness { card, happened: Vec::new(), at_debit: None })))
    }

    pub(super) fn serial(&self) -> Serial {
        self.0.lock().unwrap().card.profile().public.serial
    }

    pub(super) fn tear_at(&self, tear: Tear) {
        self.0.lock().unwrap().card.tear_at(tear);
    }

    /// The terminal ended before the command at which the card was to leave.
    pub(super) fn tear_no_more(&self) {
        self.0.lock().unwrap().card.tear_no_more();
    }

    pub(super) fn balance_fen(&self) -> u32 {
        self.0.lock().unwrap().card.memory().balance_fen
    }

    pub(super) fn happened(&self) -> Vec<Happened> {
        self.0.lock().unwrap().happened.clone()
    }
}

impl VirtualCard for Shared {
    fn power_on(&mut self) {
        self.0.lock().unwrap().card.power_on();
    }

    fn power_off(&mut self) {
        self.0.lock().unwrap().card.power_off();
    }

    fn execute(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let mut witness = self.0.lock().unwrap();
        if command.get(1) == Some(&DEBIT)
            && let Some(at_debit) = witness.at_debit.take()
        {
            at_debit();
        }
        let before = witness.card.memory().clone();
        let answer = witness.card.exchange(command);
        let after = witness.card.memory();
        let (is_purchase, is_load) =
            (after.offline_counter != before.offline_counter, after.online_counter != before.online_counter);
        if is_purchase || is_load {
            let counter = if is_load { before.online_counter } else { before.offline_counter };
            let amount_fen = after.balance_fen.abs_diff(before.balance_fen);
            let serial = witness.card.profile().public.serial.to_string();
            witness.happened.push(Happened { serial, is_load, counter, amount_fen });
        }
        answer
    }
}

/// A PSAM that the test keeps hold of while it lies in a slot.
#[derive(Clone)]
pub(super) struct SharedPsam(pub(super) Arc<Mutex<SimulatedPsam>>);

impl VirtualCard for SharedPsam {
    fn power_on(&mut self) {
        self.0.lock().unwrap().power_on();
    }

    fn power_off(&mut self) {
        self.0.lock().unwrap().power_off();
    }

    fn execute(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.0.lock().unwrap().exchange(command)
    }
}
