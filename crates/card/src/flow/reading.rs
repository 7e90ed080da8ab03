//! Everything that a card tells without keys: for a passenger at a counter, and for replayed recordings.

use crate::command::{GetBalance, ReadBinary, ReadRecord, SelectFile, Sfi};
use crate::file::{
    CityUnionInfo, LOG_RECORD_LEN, LogRecord, MANAGEMENT_READ_LEN, Management, PUBLIC_LEN, PublicInfo,
    TRIP_LEN, TRIP_RECORD_LEN, Trip, TripRecord,
};
use crate::flow::{Scheme, identify};
use crate::{AnswerError, Apdu, CardError, Channel, Request, StatusWord, Transport};
use tongclear_types::BcdDate;

/// A cyclic file has at most this many records that readers look at; cards keep 10.
const RECORDS_MAX: u8 = 30;

/// What a card told. A field is empty when the card did not tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardReading {
    /// The scheme.
    pub scheme: Scheme,
    /// The number as it is printed on the card.
    pub number: Option<String>,
    /// File 15, when it has the purse's layout.
    pub public: Option<PublicInfo>,
    /// File 15 of a City Union card.
    pub city_union: Option<CityUnionInfo>,
    /// File 17 of a T-Union card.
    pub management: Option<Management>,
    /// First day of use.
    pub issued: Option<BcdDate>,
    /// Last day of use.
    pub expires: Option<BcdDate>,
    /// Fen.
    pub balance_fen: Option<u32>,
    /// The log, newest first.
    pub log: Vec<LogRecord>,
    /// File 1A of a T-Union card, when a trip was ever begun.
    pub trip: Option<Trip>,
    /// File 1E of a T-Union card, newest first.
    pub trips: Vec<TripRecord>,
    /// Commands that the card refused or answered with garbage; the reading went on.
    pub refused: Vec<CardError>,
}

/// File 05 of a Chongqing card's master file, where its number is.
struct ChongqingNumber;

impl Request for ChongqingNumber {
    type Answer = Vec<u8>;
    const NAME: &'static str = "READ BINARY file 05";

    fn apdu(&self) -> Apdu {
        Apdu::read([0x00, 0xB0, 0x85, 0x00], 0x30)
    }

    fn parse(&self, data: &[u8]) -> Result<Vec<u8>, AnswerError> {
        Ok(data.to_vec())
    }
}

/// Reads the card. A command that the card refuses is not the end of the reading.
///
/// # Errors
/// Only when the card or the reader went away.
pub fn read_card<T: Transport>(card: &mut Channel<T>) -> Result<CardReading, CardError> {
    let identified = identify(card)?;
    let mut reading = CardReading {
        scheme: identified.scheme,
        number: None,
        public: None,
        city_union: None,
        management: None,
        issued: None,
        expires: None,
        balance_fen: None,
        log: Vec::new(),
        trip: None,
        trips: Vec::new(),
        refused: Vec::new(),
    };
    let file_15 = match identified.public_file() {
        Some(data) => Some(data.to_vec()),
        None => reading.ask(card, &ReadBinary { sfi: Sfi::PUBLIC, offset: 0, length: PUBLIC_LEN })?,
    };
    reading.balance_fen = reading.ask(card, &GetBalance)?;
    reading.read_log(card)?;
    match (reading.scheme, file_15) {
        (Scheme::CityUnion, file_15) => reading.read_city_union(card, file_15.as_deref())?,
        (_, Some(data)) => reading.take_public(&data),
        (_, None) => {}
    }
    if reading.scheme == Scheme::TUnion {
        reading.read_t_union(card)?;
    }
    Ok(reading)
}

impl CardReading {
    /// Asks, and notes a refusal.
    fn ask<T: Transport, R: Request>(
        &mut self,
        card: &mut Channel<T>,
        request: &R,
    ) -> Result<Option<R::Answer>, CardError> {
        match card.ask(request) {
            Ok(answer) => Ok(Some(answer)),
            Err(error @ CardError::Transport { .. }) => Err(error),
            Err(error) => {
                self.refused.push(error);
                Ok(None)
            }
        }
    }

    /// Takes what `parse` makes of `data`, or notes that it is garbage.
    fn take<A>(&mut self, request: &'static str, parsed: Result<A, AnswerError>) -> Option<A> {
        parsed.map_err(|error| self.refused.push(CardError::Answer { request, error })).ok()
    }

    fn take_public(&mut self, data: &[u8]) {
        self.public = self.take("file 15", PublicInfo::parse(data));
        if let Some(public) = self.public {
            self.number = Some(public.card_number());
            (self.issued, self.expires) = (Some(public.start), Some(public.expiry));
        }
    }

    /// Reads records of `sfi` until the card has no more; `keep` says whether to go on.
    fn read_records<T: Transport>(
        &mut self,
        card: &mut Channel<T>,
        (sfi, length): (Sfi, u8),
        mut keep: impl FnMut(&mut Self, &[u8]),
    ) -> Result<(), CardError> {
        for number in 1..=RECORDS_MAX {
            match card.ask(&ReadRecord { number, sfi, length }) {
                Ok(data) => keep(self, &data),
                Err(error @ CardError::Transport { .. }) => return Err(error),
                Err(CardError::Status {
                    status: StatusWord::RECORD_NOT_FOUND | StatusWord::FILE_NOT_FOUND,
                    ..
                }) => return Ok(()),
                Err(error) => {
                    self.refused.push(error);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn read_log<T: Transport>(&mut self, card: &mut Channel<T>) -> Result<(), CardError> {
        self.read_records(card, (Sfi::LOG, LOG_RECORD_LEN), |reading, data| {
            let record = reading.take("log record", LogRecord::parse(data));
            reading.log.extend(record.filter(|it| !it.is_empty()));
        })
    }

    fn read_city_union<T: Transport>(
        &mut self,
        card: &mut Channel<T>,
        file_15: Option<&[u8]>,
    ) -> Result<(), CardError> {
        let info = file_15.and_then(|data| self.take("file 15", CityUnionInfo::parse(data)));
        self.city_union = info;
        if let Some(info) = info.filter(CityUnionInfo::has_number) {
            self.number = Some(info.card_number());
            (self.issued, self.expires) = (Some(info.start), Some(info.expiry));
            return Ok(());
        }
        // The number lies elsewhere, in the master file; the last day of use then stands in file 15.
        self.expires = file_15.and_then(CityUnionInfo::early_expiry);
        if self.ask(card, &SelectFile::MASTER)?.is_none() {
            return Ok(());
        }
        let Some(data) = self.ask(card, &ChongqingNumber)? else { return Ok(()) };
        if let Some(info) = self.take("file 05", CityUnionInfo::parse(&data)) {
            self.number = Some(info.card_number());
            self.issued = Some(info.start);
        }
        Ok(())
    }

    fn read_t_union<T: Transport>(&mut self, card: &mut Channel<T>) -> Result<(), CardError> {
        let file_17 = ReadBinary { sfi: Sfi::MANAGEMENT, offset: 0, length: MANAGEMENT_READ_LEN };
        if let Some(data) = self.ask(card, &file_17)? {
            self.management = self.take("file 17", Management::parse(&data));
        }
        self.read_records(card, (Sfi::TRIPS, TRIP_RECORD_LEN), |reading, data| {
            let record = reading.take("trip record", TripRecord::parse(data));
            reading.trips.extend(record.filter(|it| !it.is_empty()));
        })?;
        match card.ask(&ReadBinary { sfi: Sfi::TRIP, offset: 0, length: TRIP_LEN }) {
            Ok(data) => {
                self.trip = self.take("file 1A", Trip::parse(&data)).filter(|trip| *trip != Trip::NONE)
            }
            // Many cards have no such file.
            Err(CardError::Status { status: StatusWord::FILE_NOT_FOUND, .. }) => {}
            Err(error @ CardError::Transport { .. }) => return Err(error),
            Err(error) => self.refused.push(error),
        }
        Ok(())
    }

    /// The counter of the newest purchase in the log.
    #[must_use]
    pub fn purchase_counter(&self) -> Option<u16> {
        self.log.iter().find(|it| it.kind() != "Load").map(|it| it.counter)
    }
}
