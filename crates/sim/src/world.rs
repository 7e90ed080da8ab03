//! The running city: carries out taps, and keeps what the centre will make of them.
//!
//! Memory: the cards and terminals, one buffer a collector, at most [`CARRY_MAX`] records for the next window, and
//! the counters of some anomalies ([`Encounters`]).

use tongclear_package::OperatorStatus;
use tongclear_types::{
    BusinessDate, Chain, Disposition, Fen, Flag, RecordFlags, TerminalNumber, TransactionRecord, Tti, Verdict,
};

use crate::books::{Books, Entry, LineId};
use crate::card::{Card, circulate};
use crate::city::City;
use crate::deny;
use crate::draft::Draft;
use crate::encounters::Encounters;
use crate::keys::Keys;
use crate::moment::{Dates, Day, Moment};
use crate::outbox::{Outbox, Row};
use crate::plan::{Plan, SimError};
use crate::random::Random;
use crate::view::Offer;

/// The most records kept for the next window.
const CARRY_MAX: u64 = 20_000;

/// A tap that happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tap {
    /// What the terminal recorded.
    pub(crate) record: TransactionRecord,
    /// Index of the card.
    pub(crate) card: usize,
    /// Index of the merchant.
    pub(crate) merchant: usize,
    /// Index of the collector.
    pub(crate) collector: usize,
    /// Index of the terminal.
    pub(crate) terminal: usize,
    /// Date and time of the record.
    pub(crate) dated: Moment,
    /// The line of its card operator's books that the record belongs to.
    pub(crate) line: Option<LineId>,
}

impl Tap {
    /// The chain, for records whose type can be cleared.
    pub(crate) const fn chain(&self) -> Chain {
        self.record.sort_chain()
    }

    /// The tap as a row of a package. A copy is no line's record: the one before it is.
    pub(crate) fn row(&self, verdict: Verdict, fee_fen: Option<Fen>) -> Row {
        let line = self.line.filter(|_| verdict != Verdict::Duplicate);
        Row { record: self.record, verdict, fee_fen, line }
    }
}

/// Something to send in the next window.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Carried {
    /// A record that did not arrive yet.
    Held(Tap),
    /// A copy of a record that the centre has.
    Copy(Tap),
    /// A copy of an accepted purchase, to get a new counter.
    Replay(Tap),
}

/// The running city.
pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) dates: Dates,
    pub(crate) city: City,
    pub(crate) cards: Vec<Card>,
    /// The cards that are listed at some time, as indices.
    pub(crate) listed: Vec<usize>,
    pub(crate) random: Random,
    pub(crate) keys: Keys,
    pub(crate) outbox: Outbox,
    pub(crate) books: Books,
    /// The window whose records are being made.
    pub(crate) day: Day,
    /// For the next window, in the order in which they were laid aside.
    pub(crate) carried: Vec<Carried>,
    /// Which counters must not meet.
    pub(crate) encounters: Encounters,
}

impl<'a> World<'a> {
    /// The city of `plan` on the eve of the first window.
    pub(crate) fn new(plan: &'a Plan) -> Result<Self, SimError> {
        let mut places = Random::new(plan.seed, 1);
        let mut people = Random::new(plan.seed, 2);
        let city = City::new(plan.terminals, plan.collectors, &mut places);
        let cards = circulate(plan, &city, &mut people);
        let listed = cards.iter().enumerate().filter(|(_, card)| card.stay.is_some()).map(|(index, _)| index);
        let listed = listed.collect();
        let keys = Keys::new(&mut Random::new(plan.seed, 3), &city.operators)?;
        let outbox = Outbox::new(plan, &city, &keys)?;
        let books = Books::new(plan, &city.operators)?;
        let random = Random::new(plan.seed, 4);
        let dates = Dates::new(plan.date);
        Ok(Self {
            plan,
            dates,
            city,
            cards,
            listed,
            random,
            keys,
            outbox,
            books,
            day: Day(0),
            carried: Vec::new(),
            encounters: Encounters::default(),
        })
    }

    /// The date of the window whose records are being made.
    pub(crate) fn window(&self) -> BusinessDate {
        self.plan.date.plus_days(self.day.0)
    }

    /// Whether one more record may be kept for the next window.
    pub(crate) fn may_carry(&self) -> bool {
        let room = CARRY_MAX.min(self.plan.transactions / 4);
        self.day.0 + 1 < i32::from(self.plan.days) && (self.carried.len() as u64) < room
    }

    /// The record of `draft` with the terminal's next number, signed by the card; nothing changes on the card.
    pub(crate) fn forge(&mut self, draft: &Draft) -> Tap {
        let number = self.city.terminals[draft.terminal].take_number();
        self.forge_numbered(draft, number)
    }

    /// The record of `draft` with `number`, signed by the card; nothing changes on the card.
    pub(crate) fn forge_numbered(&mut self, draft: &Draft, number: TerminalNumber) -> Tap {
        let card = &self.cards[draft.card];
        let before = card.balance_fen;
        let after = if draft.is_load() { before + draft.amount_fen } else { before - draft.amount_fen };
        let degraded = if self.random.chance(1, 200) { RecordFlags::DEGRADED } else { 0 };
        let id = card.id(&self.city.operators);
        let record = TransactionRecord {
            amount_fen: draft.amount_fen,
            tti: draft.tti,
            terminal: self.city.terminals[draft.terminal].id,
            terminal_number: number,
            date: self.dates.bcd(draft.dated.day()),
            time: draft.dated.time(),
            tac: [0; 4],
            key_version: card.key_version,
            algorithm: card.algorithm,
            issuer: id.issuer,
            serial: id.serial,
            offline_counter: card.offline,
            online_counter: card.online,
            balance_before_fen: before,
            balance_after_fen: after,
            list_price_fen: draft.list_price_fen,
            sector: self.city.merchants[draft.merchant].entry.sector.byte().unwrap_or_default(),
            flags: RecordFlags(degraded),
            deny_list_version: deny::number(draft.list),
            card_random: self.random.bytes(),
            sector_data: draft.sector_data,
        };
        let &Draft { card, merchant, collector, terminal, dated, .. } = draft;
        let mut tap = Tap { record, card, merchant, collector, terminal, dated, line: None };
        self.sign(&mut tap);
        tap
    }

    /// Puts the card's TAC on the record.
    pub(crate) fn sign(&mut self, tap: &mut Tap) {
        let card = &mut self.cards[tap.card];
        let keys = &self.keys;
        let (operator, version, serial) = (card.operator, card.key_version, card.serial);
        let key = card.tac_key.get_or_insert_with(|| keys.card_key(operator, version, serial));
        tap.record.tac = key.tac(&tap.record);
    }

    /// Carries out `draft` with the terminal's next number.
    pub(crate) fn tap(&mut self, draft: &Draft) -> Tap {
        let tap = self.forge(draft);
        self.advance(&tap, draft.when);
        tap
    }

    /// Carries out `draft` with `number`, which leaves the terminal's own count alone.
    pub(crate) fn tap_numbered(&mut self, draft: &Draft, number: TerminalNumber) -> Tap {
        let tap = self.forge_numbered(draft, number);
        self.advance(&tap, draft.when);
        tap
    }

    /// What a transaction changes on the card.
    fn advance(&mut self, tap: &Tap, when: Moment) {
        let card = &mut self.cards[tap.card];
        card.balance_fen = tap.record.balance_after_fen;
        card.last = when;
        if tap.record.tti == Tti::LOAD {
            card.online = card.online.saturating_add(1);
        } else {
            card.offline = card.offline.saturating_add(1);
        }
    }

    /// What the centre says, in this window, of a record that passes every check of its own, and its fee.
    pub(crate) fn judge(&mut self, tap: &Tap) -> (Verdict, Option<Fen>) {
        let card = &mut self.cards[tap.card];
        let record = &tap.record;
        let (counter, other, view) = match tap.chain() {
            Chain::Purchase => (record.offline_counter, record.online_counter, &mut card.purchases),
            Chain::Load => (record.online_counter, record.offline_counter, &mut card.loads),
        };
        let (before_fen, after_fen) = (record.balance_before_fen, record.balance_after_fen);
        let verdict = view.judge(self.day, Offer { counter, other, before_fen, after_fen, when: tap.dated });
        let Verdict::Accepted(flags) = verdict else {
            return (verdict, None);
        };
        self.city.terminals[tap.terminal].accepted(record.terminal_number, tap.card, self.day);
        let flags = flags
            .with_if(Flag::Supplementary, record.flags.has(RecordFlags::SUPPLEMENTARY))
            .with_if(Flag::Late, tap.dated.day() < self.day);
        let contract = self.city.merchants[tap.merchant].contract(card.operator, tap.dated.day());
        debug_assert!(contract.is_some_and(|it| record.amount_fen <= it.limit_fen), "within a contract");
        let purchase = tap.chain() == Chain::Purchase;
        let fee = contract.filter(|_| purchase).and_then(|it| it.fee_fen(record.amount_fen));
        (Verdict::Accepted(flags), fee)
    }

    /// Sends the record with a verdict that pays nothing.
    pub(crate) fn send(&mut self, tap: &Tap, verdict: Verdict) -> Result<(), SimError> {
        self.send_paid(tap, verdict, None)
    }

    /// Sends the record, to be accepted with `fee_fen`.
    pub(crate) fn send_paid(
        &mut self,
        tap: &Tap,
        verdict: Verdict,
        fee_fen: Option<Fen>,
    ) -> Result<(), SimError> {
        self.outbox.push(tap.collector, tap.row(verdict, fee_fen))
    }

    /// Writes the transaction into its card operator's books; `records_due` of its records will carry its own
    /// card, type and terminal number.
    pub(crate) fn book(&mut self, tap: &mut Tap, records_due: u8) -> Result<(), SimError> {
        self.book_as(tap, records_due, OperatorStatus::Ok)
    }

    /// As [`World::book`], with what the operator did with it.
    pub(crate) fn book_as(
        &mut self,
        tap: &mut Tap,
        records_due: u8,
        status: OperatorStatus,
    ) -> Result<(), SimError> {
        let entry = Entry { operator: self.cards[tap.card].operator, record: &tap.record, dated: tap.dated };
        tap.line = self.books.enter(self.outbox.lines(), entry, records_due, status)?;
        Ok(())
    }

    /// Carries out `draft` as a transaction that both sides have, and sends it.
    pub(crate) fn settle(&mut self, draft: &Draft) -> Result<(Tap, Verdict, Option<Fen>), SimError> {
        let mut tap = self.tap(draft);
        self.book(&mut tap, 1)?;
        let (verdict, fee_fen) = self.judge(&tap);
        self.send_paid(&tap, verdict, fee_fen)?;
        Ok((tap, verdict, fee_fen))
    }

    /// Carries out `draft` as an ordinary transaction and sends it; its operator may get the line wrong.
    pub(crate) fn settle_ordinary(&mut self, draft: &Draft) -> Result<(), SimError> {
        let mut tap = self.tap(draft);
        let (verdict, fee_fen) = self.judge(&tap);
        debug_assert_eq!(verdict.disposition(), Disposition::Accepted, "an ordinary tap");
        let entry = Entry { operator: self.cards[tap.card].operator, record: &tap.record, dated: tap.dated };
        tap.line = self.books.enter_accepted(self.outbox.lines(), entry)?;
        self.send_paid(&tap, verdict, fee_fen)
    }

    /// Sends what was laid aside for this window, before anything else of it.
    pub(crate) fn deliver(&mut self) -> Result<(), SimError> {
        for carried in std::mem::take(&mut self.carried) {
            match carried {
                Carried::Held(tap) => {
                    self.cards[tap.card].holding = false;
                    let (verdict, fee_fen) = self.judge(&tap);
                    self.send_paid(&tap, verdict, fee_fen)?;
                }
                Carried::Copy(tap) => self.send(&tap, Verdict::Duplicate)?,
                Carried::Replay(tap) => self.replay(tap)?,
            }
        }
        Ok(())
    }

    /// The amount of the records so far, fen.
    pub(crate) fn amount(&self) -> Fen {
        self.outbox.amount()
    }
}
