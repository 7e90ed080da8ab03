//! Loads at a load agent: the same order of writes as a purchase, with the load host between.

use tongclear_card::command::{InitialisePurchase, KeyIndex};
use tongclear_card::flow::{LoadFault, LoadOrder, LoadStarted};
use tongclear_card::load_host::LoadHost;
use tongclear_card::{CardError, Channel, StatusWord, Transport};
use tongclear_types::{CardId, RecordFlags, TerminalNumber, TransactionRecord, Tti};

use crate::journal::{NewTap, TapState};
use crate::look::{self, Rules};
use crate::purchase::{about, card_refused};
use crate::terminal::moment;
use crate::{Outcome, Terminal, TerminalError, Verdict};

/// Which load key terminals name to cards.
const LOAD_KEY: KeyIndex = KeyIndex(1);

impl Terminal {
    /// Loads `amount_fen` onto the card that is presented.
    ///
    /// # Errors
    /// Only a fault of the terminal's own disk.
    pub fn load<C: Transport>(
        &mut self,
        card: &mut Channel<C>,
        host: &mut dyn LoadHost,
        amount_fen: u32,
    ) -> Result<Outcome, TerminalError> {
        let seen = match look::look(card) {
            Ok(seen) => seen,
            Err(outcome) => return Ok(outcome),
        };
        let recovered = self.recover(card, &seen, LOAD_KEY)?;
        self.tell_host(host)?;
        if let Some(outcome) = recovered {
            return Ok(outcome);
        }
        let id = seen.card();
        self.prove_for_neighbours(card, &seen, LOAD_KEY)?;
        let home_city = self.config.home_city().map_err(TerminalError::Refused)?;
        let takes_test_cards = self.config.rules.takes_test_cards;
        let rules = Rules { home_city, today: self.now().date(), takes_test_cards };
        if let Err(verdict) = look::check(&seen, &self.lists, rules) {
            return Ok(about(id, Outcome::new(verdict)));
        }
        let outcome = self.give(card, host, id, amount_fen)?;
        self.tell_host(host)?;
        Ok(about(id, outcome))
    }

    /// Journals, credits, journals.
    fn give<C: Transport>(
        &mut self,
        card: &mut Channel<C>,
        host: &mut dyn LoadHost,
        id: CardId,
        amount_fen: u32,
    ) -> Result<Outcome, TerminalError> {
        let terminal = self.config.terminal.id;
        // A load does not tell the offline counter, which a record carries: a purchase of nothing is begun and left.
        let probe = InitialisePurchase { composite: false, key_index: LOAD_KEY, amount_fen: 0, terminal };
        let offline_counter = match card.ask(&probe) {
            Ok(offer) => offer.offline_counter,
            Err(error) => return Ok(look::failed(&error)),
        };
        let order = LoadOrder { amount_fen, card: id, terminal, key_index: LOAD_KEY };
        let pending = LoadStarted::begin(card, order).and_then(|it| it.authorise(host, moment(self.now())));
        let pending = match pending {
            Ok(pending) => pending,
            Err(LoadFault::Card(error)) => return Ok(card_refused(&error)),
            Err(LoadFault::Host(refusal)) => return Ok(Outcome::new(Verdict::LoadRefused).because(refusal)),
        };
        let (offer, grant) = (pending.started.offer, pending.grant);
        let Some(balance_after_fen) = pending.balance_after_fen() else {
            return Ok(Outcome::new(Verdict::LoadRefused).because("the purse cannot hold so much"));
        };
        let last = self.journal.last_number(terminal)?.map_or(0, |TerminalNumber(last)| last);
        let record = TransactionRecord {
            amount_fen,
            tti: Tti::LOAD,
            terminal,
            terminal_number: TerminalNumber(last + 1),
            date: grant.moment.date,
            time: grant.moment.time,
            tac: [0; 4],
            key_version: offer.key_version,
            algorithm: offer.algorithm,
            issuer: id.issuer,
            serial: id.serial,
            offline_counter,
            online_counter: offer.online_counter,
            balance_before_fen: offer.balance_fen,
            balance_after_fen,
            list_price_fen: amount_fen,
            sector: self.config.terminal.sector.byte().unwrap_or_default(),
            flags: RecordFlags(0),
            deny_list_version: self
                .lists
                .operator(id.issuer)
                .and_then(|operator| self.lists.deny_list(operator.code))
                .map_or(0, |list| list.version),
            card_random: offer.random,
            sector_data: self.config.place.till()?.to_bytes(),
        };
        let now_ms = self.now_ms();
        let tap = self.journal.intend(&NewTap { record, grant: Some(grant.id), now_ms })?;
        let outcome =
            Outcome { tap: Some(tap), amount_fen: Some(amount_fen), ..Outcome::new(Verdict::Loaded) };
        match pending.credit(card) {
            Ok(loaded) => {
                let record = TransactionRecord { tac: loaded.tac, ..record };
                self.journal.pay(tap, &record, Verdict::Loaded.name(), self.now_ms())?;
                Ok(Outcome { balance_fen: Some(balance_after_fen), ..outcome })
            }
            Err(CardError::Status { request, status }) if status != StatusWord(0x6581) => {
                let error = CardError::Status { request, status };
                self.journal.refuse(tap, &error.to_string(), self.now_ms())?;
                let verdict = card_refused(&error).verdict;
                Ok(Outcome { verdict, balance_fen: Some(offer.balance_fen), ..outcome }.because(error))
            }
            Err(error) => {
                self.journal.leave_open(tap, &error.to_string())?;
                Ok(Outcome { verdict: Verdict::PresentAgain, ..outcome }.because(error))
            }
        }
    }

    /// Tells the host what became of its grants, as far as it is known and was not told.
    ///
    /// # Errors
    /// A fault of the disk. A host that cannot be reached is told the next time.
    pub fn tell_host(&mut self, host: &mut dyn LoadHost) -> Result<(), TerminalError> {
        for tap in self.journal.untold_loads()? {
            let Some(grant) = tap.grant else { continue };
            let told = match tap.state {
                TapState::Paid => host.confirm(grant, tap.record.tac),
                TapState::Unpaid => host.withdraw(grant),
                TapState::Open => continue,
            };
            if told.is_ok() {
                self.journal.host_told(tap.id)?;
            }
        }
        Ok(())
    }
}
