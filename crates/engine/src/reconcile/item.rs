//! What is matched: our accepted records and the operator's lines, packed, in the order in which ties are taken.
//!
//! The issuer is left out: a run is about one card operator. A partition's share of a city's day is held at once, so
//! everything here is small and `Copy`.

use serde::{Deserialize, Serialize};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CollectorId, Disposition, MerchantCode, PackageSequence, Reason, Serial,
    TerminalId, TerminalNumber, Tti,
};

/// What both sides say of a transaction. The order of the fields is that of rule 1 and, behind its key, of ties: date, time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) serial: [u8; 10],
    pub(crate) tti: u8,
    pub(crate) counter: u16,
    pub(crate) terminal: [u8; 6],
    pub(crate) terminal_number: u32,
    pub(crate) amount_fen: u32,
    pub(crate) date: [u8; 4],
    pub(crate) time: [u8; 3],
}

// Ten million of them are sorted and sent from worker to worker.
const _: () = assert!(size_of::<Facts>() <= 40);

impl Facts {
    pub(crate) fn serial(&self) -> Serial {
        Serial(self.serial)
    }

    pub(crate) fn tti(&self) -> Tti {
        Tti(self.tti)
    }

    pub(crate) fn terminal(&self) -> TerminalId {
        TerminalId(self.terminal)
    }

    pub(crate) fn terminal_number(&self) -> TerminalNumber {
        TerminalNumber(self.terminal_number)
    }

    pub(crate) fn date(&self) -> BcdDate {
        BcdDate(self.date)
    }

    pub(crate) fn time(&self) -> BcdTime {
        BcdTime(self.time)
    }
}

/// Where a record lies, in the order of ties: package, row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) collector: CollectorId,
    pub(crate) sequence: PackageSequence,
    pub(crate) row: u32,
}

/// A record that we accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ours {
    pub(crate) facts: Facts,
    pub(crate) place: Place,
    pub(crate) merchant: MerchantCode,
    /// The date of the window that accepted it.
    pub(crate) window: BusinessDate,
    /// Whether this run took it in.
    pub(crate) new: bool,
}

/// A record that we received and did not accept, and what became of it; it explains a line that we have no accepted record for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) facts: Facts,
    pub(crate) place: Place,
    pub(crate) merchant: MerchantCode,
    pub(crate) window: BusinessDate,
    pub(crate) disposition: Disposition,
    pub(crate) reason: Option<Reason>,
}

impl Known {
    /// `duplicate`, `suspended:too_old` and the like.
    pub(crate) fn name(&self) -> String {
        match self.reason {
            Some(reason) => format!("{}:{reason}", self.disposition),
            None => self.disposition.to_string(),
        }
    }
}

/// Where a line stands, in the order of ties: the run that took its file in, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct LinePlace {
    pub(crate) run: u32,
    pub(crate) line: u64,
}

/// What the operator did with a transaction: booked it, or refused it for a reason that lies in [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Status(pub(crate) u32);

impl Status {
    pub(crate) const OK: Self = Self(0);

    pub(crate) fn is_ok(self) -> bool {
        self == Self::OK
    }
}

/// A line as it travels from whoever reads the file to whoever matches its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) facts: Facts,
    pub(crate) status: Status,
    pub(crate) number: u64,
}

/// A line of the operator's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theirs {
    pub(crate) facts: Facts,
    pub(crate) place: LinePlace,
    pub(crate) status: Status,
    /// The day that its file is for.
    pub(crate) file_date: BusinessDate,
    /// What became of our record, once it is known that we have one and did not accept it.
    pub(crate) known: Option<Known>,
    /// Whether this run took it in.
    pub(crate) new: bool,
}
