//! The offline purchase, from the card's arrival to "paid".
//!
//! The order of writes is the point: the journal has the tap as open before the debit is asked for, and as paid before
//! the passenger sees it. Whatever is cut off in between is found by [`recover`](crate::recover).

use jiff::civil::DateTime;
use tongclear_card::command::{InitialiseLoad, KeyIndex, ReadBinary, Sfi, UpdateComposite};
use tongclear_card::file::{TRIP_LEN, Trip, TripRecord, TripState};
use tongclear_card::flow::{Order, Prepared, Psam, PurchaseFault, Scheme, lock_card};
use tongclear_card::{CardError, Channel, StatusWord, Transport};
use tongclear_package::SectorData;
use tongclear_types::{CardId, RecordFlags, TerminalId, TransactionRecord};

use crate::config::{Degraded, WithoutPsam};
use crate::fares::Price;
use crate::journal::NewTap;
use crate::lists::Operator;
use crate::look::{self, Rules, Seen};
use crate::terminal::moment;
use crate::{Asked, Outcome, Terminal, TerminalError, Verdict};

/// How often a PSAM is made to count on before it is taken to be stuck.
const SPENT_NUMBERS_MAX: usize = 3;
/// How far the clock may lie behind the newest tap, milliseconds: it is set back by so much when it is corrected.
const CLOCK_TOLERANCE_MS: i64 = 120_000;
/// Trip events of file 1E: in, and out.
const TRIP_ENTRY: u8 = 0x03;
const TRIP_EXIT: u8 = 0x04;

/// What the debit will be, once the card was looked at.
struct Bill {
    price: Price,
    data: SectorData,
    composite: Option<Vec<UpdateComposite>>,
}

impl Terminal {
    /// Deals with a card that was presented: recovers what it left open, checks it, takes the money, journals.
    ///
    /// # Errors
    /// Only a fault of the terminal's own disk; the passenger is not let through then.
    pub fn present<C: Transport, P: Transport>(
        &mut self,
        card: &mut Channel<C>,
        psam: Option<&mut Psam<P>>,
        asked: &Asked,
    ) -> Result<Outcome, TerminalError> {
        let seen = match look::look(card) {
            Ok(seen) => seen,
            Err(outcome) => return Ok(outcome),
        };
        let Some(psam) = psam else { return self.without_psam(&seen) };
        if psam.terminal != self.config.terminal.id {
            let detail = format!("it is {}'s, this is {}", psam.terminal, self.config.terminal.id);
            return Ok(Outcome::new(Verdict::PsamWrongTerminal).because(detail));
        }
        if let Some(outcome) = self.recover(card, &seen, psam.key_index)? {
            return Ok(outcome);
        }
        self.prove_for_neighbours(card, &seen, psam.key_index)?;
        let (operator, degraded) = match self.may_take(&seen) {
            Ok(taken) => taken,
            Err(Verdict::DenyListed) => return Ok(self.deny(card, psam, &seen)),
            Err(verdict) => return Ok(Outcome { card: Some(seen.card()), ..Outcome::new(verdict) }),
        };
        let bill = match self.bill(card, &seen, asked) {
            Ok(bill) => bill,
            Err(outcome) => return Ok(Outcome { card: Some(seen.card()), ..outcome }),
        };
        let outcome = self.take(card, psam, &seen, (operator, bill, &degraded))?;
        Ok(Outcome { card: Some(seen.card()), degraded, ..outcome })
    }

    /// Whether a rider is let through without a PSAM.
    fn without_psam(&mut self, seen: &Seen) -> Result<Outcome, TerminalError> {
        let outcome = Outcome { card: Some(seen.card()), ..Outcome::new(Verdict::PsamMissing) };
        if self.config.rules.psam_missing == WithoutPsam::Refuse {
            return Ok(outcome);
        }
        self.journal.let_through(Verdict::PsamMissing.name(), self.now_ms())?;
        Ok(Outcome { verdict: Verdict::LetThrough, degraded: vec![Verdict::PsamMissing], ..outcome })
    }

    /// The pre-checks, and in which degraded modes the card is taken.
    fn may_take(&self, seen: &Seen) -> Result<(Operator, Vec<Verdict>), Verdict> {
        let now = self.now();
        let home_city = self.config.home_city().map_err(|_| Verdict::NotInteroperable)?;
        let rules = self.config.rules;
        let operator = look::check(
            seen,
            &self.lists,
            Rules { home_city, today: now.date(), takes_test_cards: rules.takes_test_cards },
        )?;
        let mut degraded = Vec::new();
        for (is_wrong, policy, verdict) in [
            (self.is_clock_wrong(now), rules.clock_wrong, Verdict::ClockWrong),
            (self.is_list_old(&operator, now), rules.list_too_old, Verdict::ListTooOld),
        ] {
            match policy {
                Degraded::Refuse if is_wrong => return Err(verdict),
                Degraded::Mark if is_wrong => degraded.push(verdict),
                Degraded::Refuse | Degraded::Mark => {}
            }
        }
        Ok((operator, degraded))
    }

    fn is_clock_wrong(&self, now: DateTime) -> bool {
        let newest = self.journal.ages().ok().and_then(|(newest, _)| newest);
        newest.is_some_and(|newest| self.now_ms() + CLOCK_TOLERANCE_MS < newest)
            || self.lists.from_the_future(now).is_some()
    }

    fn is_list_old(&self, operator: &Operator, now: DateTime) -> bool {
        let days = jiff::Span::new().days(i64::from(self.config.rules.deny_list_days_max));
        self.lists
            .deny_list(operator.code)
            .and_then(|list| list.effective.checked_add(days).ok())
            .is_none_or(|until| until < now)
    }

    /// Locks a card of the deny list, where that is wanted and possible.
    fn deny<C: Transport, P: Transport>(
        &self,
        card: &mut Channel<C>,
        psam: &mut Psam<P>,
        seen: &Seen,
    ) -> Outcome {
        let outcome = Outcome { card: Some(seen.card()), ..Outcome::new(Verdict::DenyListed) };
        if !self.config.rules.locks_denied_cards {
            return outcome;
        }
        match lock_card(card, psam, seen.card()) {
            Ok(()) => Outcome { verdict: Verdict::Locked, ..outcome },
            Err(error) => outcome.because(error),
        }
    }

    /// What is to be paid, and what a composite purchase writes.
    fn bill<C: Transport>(&self, card: &mut Channel<C>, seen: &Seen, asked: &Asked) -> Result<Bill, Outcome> {
        let fares = &self.lists.fares;
        let place = &self.config.place;
        let composite = None;
        match asked {
            Asked::Ride => {
                let list_fen = fares.flat_fen.ok_or(Outcome::new(Verdict::NoFare))?;
                let price = fares.for_category(list_fen, seen.category());
                Ok(Bill { price, data: place.ride(None), composite })
            }
            Asked::Pay { amount_fen, data } => {
                let price = Price { list_fen: *amount_fen, amount_fen: *amount_fen };
                Ok(Bill { price, data: data.clone(), composite })
            }
            Asked::Enter => {
                let trip = read_trip(card, seen)?;
                if trip.state() == TripState::Entered {
                    return Err(Outcome::new(Verdict::AlreadyEntered));
                }
                let price = Price { list_fen: 0, amount_fen: 0 };
                let now = moment(self.now());
                let trip = Trip::entered(self.city(), station(place.vehicle_or_station), now.date, now.time);
                let composite = Some(self.trip_updates(&trip, TRIP_ENTRY, 0));
                Ok(Bill { price, data: place.ride(None), composite })
            }
            Asked::Exit => {
                let trip = read_trip(card, seen)?;
                if trip.state() != TripState::Entered {
                    return Err(Outcome::new(Verdict::NotEntered));
                }
                let [_, _, _, _, from @ ..] = trip.entry_station();
                let list_fen =
                    fares.between(u32::from_be_bytes(from), place.vehicle_or_station).ok_or_else(|| {
                        Outcome::new(Verdict::NoFare).because(format_args!(
                            "no fare from station {} to {}",
                            u32::from_be_bytes(from),
                            place.vehicle_or_station
                        ))
                    })?;
                let price = fares.for_category(list_fen, seen.category());
                let (now, entry) = (moment(self.now()), trip.entry_time());
                let station = station(place.vehicle_or_station);
                let trip = trip.left(self.city(), station, now.date, now.time, price.amount_fen);
                let composite = Some(self.trip_updates(&trip, TRIP_EXIT, price.amount_fen));
                Ok(Bill { price, data: place.ride(Some(entry)), composite })
            }
        }
    }

    /// The terminal's city, as trips name it; checked when the configuration was read.
    fn city(&self) -> [u8; 2] {
        self.config.home_city().unwrap_or_default()
    }

    /// What a gate writes together with the debit.
    fn trip_updates(&self, trip: &Trip, kind: u8, amount_fen: u32) -> Vec<UpdateComposite> {
        let now = moment(self.now());
        let place = &self.config.place;
        let record = TripRecord {
            kind,
            terminal: self.config.terminal.id,
            industry: 0x02,
            line: place.line,
            // The field is two bytes; the whole number stands in file 1A.
            station: u16::try_from(place.vehicle_or_station & 0xFFFF).unwrap_or_default(),
            operator: 0,
            amount_fen,
            // Known only once the card is initialised, and not needed: file 18 and the purse have it.
            balance_fen: 0,
            date: now.date,
            time: now.time,
            city: self.city(),
            acquirer: [0; 8],
        };
        vec![
            UpdateComposite { record_type: trip.bytes()[0], sfi: Sfi::TRIP, data: trip.bytes().to_vec() },
            UpdateComposite { record_type: kind, sfi: Sfi::TRIPS, data: record.to_bytes().to_vec() },
        ]
    }

    /// Prepares both sides, journals, debits, journals.
    fn take<C: Transport, P: Transport>(
        &mut self,
        card: &mut Channel<C>,
        psam: &mut Psam<P>,
        seen: &Seen,
        (operator, bill, degraded): (Operator, Bill, &[Verdict]),
    ) -> Result<Outcome, TerminalError> {
        let online_counter = match probe_online_counter(card, psam.key_index, psam.terminal) {
            Ok(counter) => counter,
            Err(error) => return Ok(look::failed(&error)),
        };
        let order = Order {
            amount_fen: bill.price.amount_fen,
            moment: moment(self.now()),
            card: seen.card(),
            levels: operator.levels(),
            composite: bill.composite,
        };
        let prepared = match self.prepare(card, psam, order)? {
            Ok(prepared) => prepared,
            Err(outcome) => return Ok(outcome),
        };
        let Some(balance_after_fen) = prepared.balance_after_fen() else {
            // An overdraft would be the issuer's money, and records have no sign for it.
            return Ok(Outcome::new(Verdict::NotEnoughMoney));
        };
        let card_id = seen.card();
        let flags = if degraded.is_empty() { 0 } else { RecordFlags::DEGRADED };
        let is_test = seen.category() == Some(tongclear_card::file::CardCategory::Test);
        let record = TransactionRecord {
            amount_fen: prepared.order.amount_fen,
            tti: prepared.order.tti(),
            terminal: prepared.terminal,
            terminal_number: prepared.terminal_number,
            date: prepared.order.moment.date,
            time: prepared.order.moment.time,
            tac: [0; 4],
            key_version: prepared.offer.key_version,
            algorithm: prepared.offer.algorithm,
            issuer: card_id.issuer,
            serial: card_id.serial,
            offline_counter: prepared.offer.offline_counter,
            online_counter,
            balance_before_fen: prepared.offer.balance_fen,
            balance_after_fen,
            list_price_fen: bill.price.list_fen,
            sector: self.config.terminal.sector.byte().unwrap_or_default(),
            flags: RecordFlags(flags | if is_test { RecordFlags::TEST_CARD } else { 0 }),
            deny_list_version: self.lists.deny_list(operator.code).map_or(0, |list| list.version),
            card_random: prepared.offer.random,
            sector_data: bill.data.to_bytes(),
        };
        self.debit(card, psam, &prepared, record)
    }

    /// Prepares until the PSAM offers a number that was never used.
    fn prepare<C: Transport, P: Transport>(
        &self,
        card: &mut Channel<C>,
        psam: &mut Psam<P>,
        order: Order,
    ) -> Result<Result<Prepared, Outcome>, TerminalError> {
        let last = self.journal.last_number(psam.terminal)?;
        for _ in 0..=SPENT_NUMBERS_MAX {
            match Prepared::prepare(card, psam, order.clone()) {
                Ok(prepared) if last.is_none_or(|last| prepared.terminal_number > last) => {
                    return Ok(Ok(prepared));
                }
                // The number belongs to a debit whose answer never came, before a crash or a power cut.
                Ok(_) => match psam.spend_number() {
                    Ok(()) => {}
                    Err(error) => return Ok(Err(psam_failed(&error))),
                },
                Err(PurchaseFault::Card(error)) => return Ok(Err(card_refused(&error))),
                Err(PurchaseFault::Psam(error)) => return Ok(Err(psam_failed(&error))),
            }
        }
        let detail = format!("it stays at or below {}", last.map(|it| it.0).unwrap_or_default());
        Ok(Err(Outcome::new(Verdict::PsamNumberRepeats).because(detail)))
    }

    fn debit<C: Transport, P: Transport>(
        &mut self,
        card: &mut Channel<C>,
        psam: &mut Psam<P>,
        prepared: &Prepared,
        record: TransactionRecord,
    ) -> Result<Outcome, TerminalError> {
        let now_ms = self.now_ms();
        let tap = self.journal.intend(&NewTap { record, grant: None, now_ms })?;
        let outcome =
            Outcome { tap: Some(tap), amount_fen: Some(record.amount_fen), ..Outcome::new(Verdict::Paid) };
        let before = Outcome { balance_fen: Some(record.balance_before_fen), ..outcome.clone() };
        match prepared.debit(card) {
            Ok(debited) => {
                let mut record = TransactionRecord { tac: debited.tac, ..record };
                let judged = debited.confirm(psam);
                if judged.is_err() {
                    record.flags.0 |= RecordFlags::DEGRADED;
                }
                let verdict = match &judged {
                    Err(error) if error.status() == Some(StatusWord::MAC_WRONG) => Verdict::ForeignProof,
                    // The card paid; that the PSAM went away is not the passenger's fault.
                    Ok(_) | Err(_) => Verdict::Paid,
                };
                self.journal.pay(tap, &record, verdict.name(), self.now_ms())?;
                let outcome = Outcome { verdict, balance_fen: Some(record.balance_after_fen), ..outcome };
                Ok(match judged {
                    Ok(_) => outcome,
                    Err(error) => outcome.because(error),
                })
            }
            Err(CardError::Status { request, status }) if status != StatusWord(0x6581) => {
                let error = CardError::Status { request, status };
                self.journal.refuse(tap, &error.to_string(), self.now_ms())?;
                // The number was shown to a card; it is not shown to another.
                drop(psam.spend_number());
                Ok(Outcome { verdict: card_refused(&error).verdict, ..before }.because(error))
            }
            Err(error) => {
                self.journal.leave_open(tap, &error.to_string())?;
                drop(psam.spend_number());
                Ok(Outcome { verdict: Verdict::PresentAgain, balance_fen: None, ..before }.because(error))
            }
        }
    }
}

/// The online counter, which a purchase does not tell but a record carries: a load of nothing is begun and left.
pub(crate) fn probe_online_counter<C: Transport>(
    card: &mut Channel<C>,
    key_index: KeyIndex,
    terminal: TerminalId,
) -> Result<u16, CardError> {
    match card.ask(&InitialiseLoad { key_index, amount_fen: 0, terminal }) {
        Ok(offer) => Ok(offer.online_counter),
        Err(error @ CardError::Transport { .. }) => Err(error),
        // A card that cannot be loaded was never loaded.
        Err(_) => Ok(0),
    }
}

/// The verdict on a card that said no to an initialise or a debit.
pub(crate) fn card_refused(error: &CardError) -> Outcome {
    match error.status() {
        Some(StatusWord::NOT_ENOUGH_MONEY | StatusWord(0x9301)) => {
            Outcome::new(Verdict::NotEnoughMoney).because(error)
        }
        _ => look::failed(error),
    }
}

/// The verdict on a PSAM that did not do its part.
fn psam_failed(error: &CardError) -> Outcome {
    let verdict = match error {
        CardError::Transport { .. } => Verdict::PsamMissing,
        CardError::Status { .. } | CardError::Answer { .. } => Verdict::PsamRefused,
    };
    Outcome::new(verdict).because(error)
}

/// A station's number as trips carry it.
const fn station(number: u32) -> [u8; 8] {
    let [a, b, c, d] = number.to_be_bytes();
    [0, 0, 0, 0, a, b, c, d]
}

/// File 1A; only T-Union cards have it.
fn read_trip<C: Transport>(card: &mut Channel<C>, seen: &Seen) -> Result<Trip, Outcome> {
    if seen.scheme != Scheme::TUnion {
        return Err(Outcome::new(Verdict::NoTripFile));
    }
    let data = card.ask(&ReadBinary { sfi: Sfi::TRIP, offset: 0, length: TRIP_LEN }).map_err(|error| {
        let outcome = look::failed(&error);
        if error.status().is_some() { Outcome { verdict: Verdict::NoTripFile, ..outcome } } else { outcome }
    })?;
    Trip::parse(&data)
        .map_err(|error| Outcome::new(Verdict::Unreadable).because(format_args!("file 1A: {error}")))
}

/// Whose card an outcome is about.
pub(crate) fn about(card: CardId, outcome: Outcome) -> Outcome {
    Outcome { card: Some(card), ..outcome }
}
