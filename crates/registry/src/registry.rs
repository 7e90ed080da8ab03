//! [`Registry`]: everything in it has been checked, and what a record names is found fast.

use std::ops::Deref;

use jiff::civil::Date;
use tongclear_ledger::{Calendar, ContractBook};
use tongclear_types::{CollectorId, IssuerId, MerchantCode, OperatorCode, TerminalId};

use crate::error::{Faults, Placed};
use crate::index::Index;
use crate::read::{read_terminals, read_toml};
use crate::validate::{Draft, validate};
use crate::{
    Changes, Collector, Merchant, Operator, RegistryData, RegistryError, StoredRegistryError, TerminalRow,
};

/// A registry that holds together. Its lists are read as fields (`registry.merchants`); they never change.
#[derive(Debug, Clone)]
pub struct Registry {
    data: RegistryData,
    index: Index,
}

impl Registry {
    /// Reads a registry from the text of `registry.toml` and the bytes of `terminals.csv`.
    ///
    /// # Errors
    /// Everything that is wrong, up to [`crate::ERRORS_MAX`] errors in the order of the files; nothing is taken
    /// then. What the entries say of each other is looked at once every single one can be read.
    pub fn parse(registry_toml: &str, terminals_csv: &[u8]) -> Result<Self, Vec<RegistryError>> {
        let mut faults = Faults::default();
        let draft = read_toml(registry_toml, &mut faults);
        let terminals = read_terminals(terminals_csv, &mut faults);
        faults.result()?;
        let draft = Draft { terminals, ..draft.expect("without a fault there is a draft") };
        validate(&draft, &mut faults);
        faults.result()?;
        Ok(Self::of(draft))
    }

    /// Reads a registry back from the JSON that [`Registry::to_json`] wrote.
    ///
    /// # Errors
    /// [`StoredRegistryError`] when it is not the JSON of a registry, or of one that does not hold together.
    pub fn from_json(json: &str) -> Result<Self, StoredRegistryError> {
        let data: RegistryData = serde_json::from_str(json)?;
        let draft = Draft {
            centre: Placed::stored(data.centre),
            operators: data.operators.into_iter().map(Placed::stored).collect(),
            merchants: data.merchants.into_iter().map(Placed::stored).collect(),
            collectors: data.collectors.into_iter().map(Placed::stored).collect(),
            contracts: Vec::from(data.contracts).into_iter().map(Placed::stored).collect(),
            calendars: data.calendars.into_iter().map(Placed::stored).collect(),
            terminals: data.terminals.into_iter().map(Placed::stored).collect(),
        };
        let mut faults = Faults::default();
        validate(&draft, &mut faults);
        match faults.result() {
            Ok(()) => Ok(Self::of(draft)),
            Err(mut errors) => Err(StoredRegistryError::Invalid(errors.swap_remove(0))),
        }
    }

    /// The registry as JSON: sorted, so that registries that say the same are the same text, whatever the order
    /// in their files.
    ///
    /// # Panics
    /// Never: every key is a text and every value has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.data).expect("plain data has a JSON form")
    }

    /// Sorts what has been checked, and indexes it.
    fn of(draft: Draft) -> Self {
        fn sorted<T, K: Ord>(entries: Vec<Placed<T>>, key: impl Fn(&T) -> K) -> Vec<T> {
            let mut entries: Vec<T> = entries.into_iter().map(|entry| entry.value).collect();
            entries.sort_by_key(key);
            entries
        }
        let data = RegistryData {
            centre: draft.centre.value,
            operators: sorted(draft.operators, |it| it.code),
            merchants: sorted(draft.merchants, |it| it.code),
            collectors: sorted(draft.collectors, |it| it.id),
            contracts: ContractBook::new(draft.contracts.into_iter().map(|entry| entry.value).collect()),
            calendars: sorted(draft.calendars, |it| it.name.clone()),
            terminals: sorted(draft.terminals, |it| (it.id, it.from)),
        };
        Self { index: Index::of(&data), data }
    }

    /// What this registry changes of `old`; everything is new when there is none.
    #[must_use]
    pub fn changes_from(&self, old: Option<&Self>) -> Changes {
        Changes::between(old.map(|old| &old.data), &self.data)
    }

    /// Whether cards would be hashed into another number of partitions than by `old`.
    #[must_use]
    pub fn card_partitions_changed_from(&self, old: &Self) -> bool {
        self.centre.card_partitions != old.centre.card_partitions
    }

    /// The card operator with this issuer id, and its place in `operators`.
    #[must_use]
    pub fn operator_by_issuer(&self, issuer: &IssuerId) -> Option<(u16, &Operator)> {
        let place = *self.index.operators_by_issuer.get(issuer)?;
        Some((place, &self.operators[usize::from(place)]))
    }

    /// The card operator with this code.
    #[must_use]
    pub fn operator(&self, code: &OperatorCode) -> Option<&Operator> {
        self.index.operators.get(code).map(|place| &self.operators[usize::from(*place)])
    }

    /// The merchant, load agent or sponsor with this code.
    #[must_use]
    pub fn merchant(&self, code: &MerchantCode) -> Option<&Merchant> {
        self.index.merchants.get(code).map(|place| &self.merchants[*place])
    }

    /// The collector with this id.
    #[must_use]
    pub fn collector(&self, id: &CollectorId) -> Option<&Collector> {
        self.index.collectors.get(id).map(|place| &self.collectors[*place])
    }

    /// The rows of a terminal by their dates, at least one; none when the terminal is not registered.
    #[must_use]
    pub fn terminal(&self, id: &TerminalId) -> Option<&[TerminalRow]> {
        self.index.terminals.get(id).map(|rows| &self.terminals[rows.clone()])
    }

    /// Whether the terminal belongs to the merchant and is in service on `date`.
    #[must_use]
    pub fn in_service(&self, id: &TerminalId, merchant: MerchantCode, date: Date) -> bool {
        self.terminal(id)
            .is_some_and(|rows| rows.iter().any(|row| row.merchant == merchant && row.covers(date)))
    }

    /// The contracts.
    #[must_use]
    pub const fn contracts(&self) -> &ContractBook {
        &self.data.contracts
    }

    /// The calendar that value dates are taken from: the one that `[centre] calendar` names, else the one named
    /// `centre`, else plain weekends.
    #[must_use]
    pub const fn centre_calendar(&self) -> &Calendar {
        &self.index.centre_calendar
    }

    /// The calendar that an operator's grace is counted on: its own, else the centre's.
    #[must_use]
    pub fn operator_calendar(&self, operator: &Operator) -> &Calendar {
        let own =
            operator.calendar.as_ref().and_then(|name| self.calendars.iter().find(|it| it.name == *name));
        own.unwrap_or_else(|| self.centre_calendar())
    }
}

impl Deref for Registry {
    type Target = RegistryData;
    fn deref(&self) -> &RegistryData {
        &self.data
    }
}

/// Registries are equal when they say the same.
impl PartialEq for Registry {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl Eq for Registry {}

#[cfg(test)]
mod tests;
