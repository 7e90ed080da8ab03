//! The purse of a simulated card: initialise, debit, credit, prove; MACs checked and TACs made as a real card does.

use tongclear_mac::{LoadRequest, SessionKey, TacInput, Terms, mac_matches};
use tongclear_types::{BcdDate, BcdTime, TerminalId, TerminalNumber, Tti};

use super::card::exact;
use super::memory::ProveMemory;
use super::{Answer, SimulatedCard};
use crate::StatusWord;
use crate::bytes::{Joined, part};
use crate::command::Sfi;
use crate::file::{LogRecord, TRIP_LEN, TRIP_RECORD_LEN};

/// What was begun and waits for its next command.
#[derive(Debug)]
pub(super) enum Pending {
    Nothing,
    Purchase(Purchase),
    Credit(Credit),
}

/// A purchase that was initialised.
#[derive(Debug)]
pub(super) struct Purchase {
    amount_fen: u32,
    terminal: TerminalId,
    random: [u8; 4],
    /// The cache of a composite purchase; none of a simple one.
    cache: Option<Vec<(Sfi, Vec<u8>)>>,
}

/// A load that was initialised.
#[derive(Debug)]
pub(super) struct Credit {
    amount_fen: u32,
    terminal: TerminalId,
    session: SessionKey,
}

/// `key index 1 · amount 4 · terminal 6` of an initialise command.
fn agreed(card: &SimulatedCard, data: &[u8]) -> Result<(u32, TerminalId), StatusWord> {
    let data: &[u8; 11] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
    if data[0] != card.profile.key_index {
        return Err(StatusWord::KEY_INDEX);
    }
    Ok((u32::from_be_bytes(part::<1, 4, 11>(data)), TerminalId(part::<5, 6, 11>(data))))
}

impl Purchase {
    /// INITIALISE FOR PURCHASE.
    pub(super) fn begin(card: &mut SimulatedCard, data: &[u8], is_composite: bool) -> Answer {
        let (amount_fen, terminal) = agreed(card, data)?;
        let memory = &card.memory;
        if u64::from(amount_fen) > u64::from(memory.balance_fen) + u64::from(card.profile.overdraft_limit_fen)
        {
            return Err(StatusWord::NOT_ENOUGH_MONEY);
        }
        if memory.offline_counter == u16::MAX {
            return Err(StatusWord::COUNTER_EXHAUSTED);
        }
        let random = (card.randoms)();
        let [_, overdraft @ ..] = card.profile.overdraft_limit_fen.to_be_bytes();
        let answer: [u8; 15] = Joined::new()
            .and(&memory.balance_fen.to_be_bytes())
            .and(&memory.offline_counter.to_be_bytes())
            .and(&overdraft)
            .and(&[card.keys.version, card.keys.algorithm])
            .and(&random)
            .done();
        let cache = is_composite.then(Vec::new);
        card.pending = Pending::Purchase(Self { amount_fen, terminal, random, cache });
        Ok(answer.to_vec())
    }

    const fn tti(&self) -> Tti {
        if self.cache.is_some() { Tti::COMPOSITE_PURCHASE } else { Tti::PURCHASE }
    }
}

impl Credit {
    /// INITIALISE FOR LOAD.
    pub(super) fn begin(card: &mut SimulatedCard, data: &[u8]) -> Answer {
        let (amount_fen, terminal) = agreed(card, data)?;
        let memory = &card.memory;
        if memory.balance_fen.checked_add(amount_fen).is_none_or(|after| after > crate::command::BALANCE_MASK)
        {
            return Err(StatusWord(0x9402));
        }
        if memory.online_counter == u16::MAX {
            return Err(StatusWord::COUNTER_EXHAUSTED);
        }
        let random = (card.randoms)();
        let session = card.keys.load.load_session(random, memory.online_counter);
        let request =
            LoadRequest { balance_before_fen: memory.balance_fen, amount_fen, tti: Tti::LOAD, terminal };
        let answer: [u8; 16] = Joined::new()
            .and(&memory.balance_fen.to_be_bytes())
            .and(&memory.online_counter.to_be_bytes())
            .and(&[card.keys.version, card.keys.algorithm])
            .and(&random)
            .and(&session.load_mac1(&request))
            .done();
        card.pending = Pending::Credit(Self { amount_fen, terminal, session });
        Ok(answer.to_vec())
    }
}

impl SimulatedCard {
    /// UPDATE CAPP DATA CACHE.
    pub(super) fn update_composite(&mut self, pending: Pending, (p1, p2): (u8, u8), data: Vec<u8>) -> Answer {
        let Pending::Purchase(mut purchase @ Purchase { cache: Some(_), .. }) = pending else {
            return Err(StatusWord::WRONG_STATE);
        };
        let sfi = Sfi(p2 >> 3);
        match sfi {
            Sfi::TRIP => exact(&data, TRIP_LEN.into())?,
            Sfi::TRIPS => exact(&data, TRIP_RECORD_LEN.into())?,
            _ => return Err(StatusWord::FILE_NOT_FOUND),
        }
        if sfi == Sfi::TRIPS && data.first() != Some(&p1) {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        purchase.cache.get_or_insert_default().push((sfi, data));
        self.pending = Pending::Purchase(purchase);
        Ok(Vec::new())
    }

    /// DEBIT FOR PURCHASE.
    pub(super) fn debit(&mut self, pending: Pending, data: &[u8]) -> Answer {
        let Pending::Purchase(purchase) = pending else { return Err(StatusWord::WRONG_STATE) };
        let data: &[u8; 15] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
        let terminal_number = TerminalNumber(u32::from_be_bytes(part::<0, 4, 15>(data)));
        let (date, time) = (BcdDate(part::<4, 4, 15>(data)), BcdTime(part::<8, 3, 15>(data)));
        let (counter, tti) = (self.memory.offline_counter, purchase.tti());
        let session = self.keys.purchase.purchase_session(purchase.random, counter, terminal_number);
        let Purchase { amount_fen, terminal, .. } = purchase;
        let mac1 = session.purchase_mac1(&Terms { amount_fen, tti, terminal, date, time });
        if !mac_matches(&mac1, &part::<11, 4, 15>(data)) {
            return Err(StatusWord::MAC_WRONG);
        }
        let balance_fen =
            self.memory.balance_fen.checked_sub(amount_fen).ok_or(StatusWord::NOT_ENOUGH_MONEY)?;
        // From here on it must succeed.
        self.memory.balance_fen = balance_fen;
        self.memory.offline_counter = counter + 1;
        for (sfi, record) in purchase.cache.into_iter().flatten() {
            if sfi == Sfi::TRIP { self.memory.trip = record } else { self.memory.write_trip_record(record) }
        }
        let mac = session.purchase_mac2(amount_fen);
        let tac =
            self.keys.tac.tac(&TacInput::Purchase { amount_fen, tti, terminal, terminal_number, date, time });
        self.remember(
            LogRecord { counter, overdraft_limit: [0; 3], amount_fen, tti, terminal, date, time },
            mac,
            tac,
        );
        Ok([tac, mac].concat())
    }

    /// CREDIT FOR LOAD.
    pub(super) fn credit(&mut self, pending: Pending, data: &[u8]) -> Answer {
        let Pending::Credit(Credit { amount_fen, terminal, session }) = pending else {
            return Err(StatusWord::WRONG_STATE);
        };
        let data: &[u8; 11] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
        let (date, time) = (BcdDate(part::<0, 4, 11>(data)), BcdTime(part::<4, 3, 11>(data)));
        let tti = Tti::LOAD;
        let mac2 = session.load_mac2(&Terms { amount_fen, tti, terminal, date, time });
        if !mac_matches(&mac2, &part::<7, 4, 11>(data)) {
            return Err(StatusWord::MAC_WRONG);
        }
        // From here on it must succeed.
        let online_counter = self.memory.online_counter;
        self.memory.balance_fen += amount_fen;
        self.memory.online_counter = online_counter + 1;
        let balance_after_fen = self.memory.balance_fen;
        let tac = self.keys.tac.tac(&TacInput::Load {
            balance_after_fen,
            online_counter,
            amount_fen,
            tti,
            terminal,
            date,
            time,
        });
        let record = LogRecord {
            counter: online_counter,
            overdraft_limit: [0; 3],
            amount_fen,
            tti,
            terminal,
            date,
            time,
        };
        self.remember(record, [0; 4], tac);
        Ok(tac.to_vec())
    }

    /// Writes the log and the proof of a transaction whose record has the counter from initialise.
    fn remember(&mut self, record: LogRecord, mac: [u8; 4], tac: [u8; 4]) {
        let (before, tti) = (record.counter, record.tti.0);
        let counter = self.profile.log_counter.of(before);
        self.memory.write_log(LogRecord { counter, ..record }.to_bytes());
        let counter = self.profile.prove_counter.of(before);
        self.memory.remember(ProveMemory { tti, counter, mac, tac });
    }

    /// GET TRANSACTION PROVE.
    pub(super) fn prove(&self, tti: u8, data: &[u8]) -> Answer {
        let counter =
            <[u8; 2]>::try_from(data).map(u16::from_be_bytes).map_err(|_| StatusWord::WRONG_LENGTH)?;
        let known = self.memory.proves.iter().find(|it| it.tti == tti && it.counter == counter);
        known.map(|it| [it.mac, it.tac].concat()).ok_or(StatusWord::NO_PROVE)
    }
}
