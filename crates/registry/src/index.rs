//! Finding what a record names; built once for a registry, asked for every record.

use std::collections::HashMap;
use std::ops::Range;

use tongclear_ledger::Calendar;
use tongclear_types::{CollectorId, IssuerId, MerchantCode, OperatorCode, TerminalId};

use crate::RegistryData;

/// The calendar of the centre when `[centre] calendar` does not name one.
const CENTRE_CALENDAR: &str = "centre";

/// Places in the lists of a [`RegistryData`].
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) operators_by_issuer: HashMap<IssuerId, u16>,
    pub(crate) operators: HashMap<OperatorCode, u16>,
    pub(crate) merchants: HashMap<MerchantCode, usize>,
    pub(crate) collectors: HashMap<CollectorId, usize>,
    /// A terminal's rows stand together.
    pub(crate) terminals: HashMap<TerminalId, Range<usize>>,
    pub(crate) centre_calendar: Calendar,
}

impl Index {
    /// The index of data that is sorted and whose codes and ids are unique; operator codes have two bytes, so
    /// that operators can be counted in 16 bits.
    pub(crate) fn of(data: &RegistryData) -> Self {
        let mut terminals = HashMap::<_, Range<usize>>::with_capacity(data.terminals.len());
        for (place, row) in data.terminals.iter().enumerate() {
            terminals.entry(row.id).or_insert(place..place).end = place + 1;
        }
        let name = data.centre.calendar.as_deref().unwrap_or(CENTRE_CALENDAR);
        let calendar = data.calendars.iter().find(|calendar| calendar.name == name);
        Self {
            operators_by_issuer: (0..=u16::MAX)
                .zip(&data.operators)
                .map(|(n, it)| (it.issuer_id, n))
                .collect(),
            operators: (0..=u16::MAX).zip(&data.operators).map(|(n, it)| (it.code, n)).collect(),
            merchants: data.merchants.iter().enumerate().map(|(n, it)| (it.code, n)).collect(),
            collectors: data.collectors.iter().enumerate().map(|(n, it)| (it.id, n)).collect(),
            terminals,
            centre_calendar: calendar.cloned().unwrap_or_else(Calendar::plain),
        }
    }
}
