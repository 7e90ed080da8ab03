//! What a new registry changes, for the person who loads it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{Centre, RegistryData};

/// Ids that [`Changes`] shows of each kind; the JSON has them all.
const SHOWN_MAX: usize = 8;

/// What is new, gone or different between two registries, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Fields of `[centre]`, as `field: before → after`.
    pub centre: Vec<String>,
    /// Card operators, by code.
    pub operators: KindChanges,
    /// Merchants, load agents and sponsors, by code.
    pub merchants: KindChanges,
    /// Collectors, by id.
    pub collectors: KindChanges,
    /// Contracts, by key.
    pub contracts: KindChanges,
    /// Calendars, by name.
    pub calendars: KindChanges,
    /// Terminals, by id; one is changed when any of its rows is.
    pub terminals: KindChanges,
}

/// What is new, gone or different of one kind, as sorted ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KindChanges {
    /// Only in the new registry.
    pub added: Vec<String>,
    /// Only in the old one.
    pub removed: Vec<String>,
    /// In both, with other content.
    pub changed: Vec<String>,
}

impl KindChanges {
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// Compares entries that have the same key; a key may have several, such as the rows of a terminal.
    fn between<'a, T: PartialEq + 'a, K: Ord + fmt::Display>(
        old: impl IntoIterator<Item = &'a T>,
        new: impl IntoIterator<Item = &'a T>,
        key: impl Fn(&T) -> K,
    ) -> Self {
        let mut entries = BTreeMap::<K, (Vec<&T>, Vec<&T>)>::new();
        old.into_iter().for_each(|it| entries.entry(key(it)).or_default().0.push(it));
        new.into_iter().for_each(|it| entries.entry(key(it)).or_default().1.push(it));
        let mut changes = Self::default();
        for (key, (old, new)) in entries {
            if old.is_empty() {
                changes.added.push(key.to_string());
            } else if new.is_empty() {
                changes.removed.push(key.to_string());
            } else if old != new {
                changes.changed.push(key.to_string());
            }
        }
        changes
    }
}

impl Changes {
    pub(crate) fn between(old: Option<&RegistryData>, new: &RegistryData) -> Self {
        /// The entries of a list, none when there is no registry.
        fn list<'a, T>(old: Option<&'a RegistryData>, of: fn(&'a RegistryData) -> &'a [T]) -> &'a [T] {
            old.map_or(&[], of)
        }
        let contracts = old.map(|old| &old.contracts);
        Self {
            centre: old.map_or_else(Vec::new, |old| centre(&old.centre, &new.centre)),
            operators: KindChanges::between(list(old, |it| &it.operators), &new.operators, |it| it.code),
            merchants: KindChanges::between(list(old, |it| &it.merchants), &new.merchants, |it| it.code),
            collectors: KindChanges::between(list(old, |it| &it.collectors), &new.collectors, |it| it.id),
            contracts: KindChanges::between(
                contracts.into_iter().flat_map(|book| book.iter().map(|(_, contract)| contract)),
                new.contracts.iter().map(|(_, contract)| contract),
                tongclear_ledger::Contract::key,
            ),
            calendars: KindChanges::between(list(old, |it| &it.calendars), &new.calendars, |it| {
                it.name.clone()
            }),
            terminals: KindChanges::between(list(old, |it| &it.terminals), &new.terminals, |it| it.id),
        }
    }

    /// Whether the registries say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.centre.is_empty() && self.kinds().iter().all(|(_, kind)| kind.is_empty())
    }

    const fn kinds(&self) -> [(&'static str, &KindChanges); 6] {
        [
            ("发卡机构 operators", &self.operators),
            ("商户 merchants", &self.merchants),
            ("采集点 collectors", &self.collectors),
            ("合同 contracts", &self.contracts),
            ("日历 calendars", &self.calendars),
            ("终端 terminals", &self.terminals),
        ]
    }
}

fn centre(old: &Centre, new: &Centre) -> Vec<String> {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let fields = |it: &Centre| {
        [
            ("code", it.code.clone()),
            ("timezone", it.timezone.clone()),
            ("max_age_days", it.max_age_days.to_string()),
            ("deny_grace_hours", it.deny_grace_hours.to_string()),
            ("card_partitions", it.card_partitions.to_string()),
            ("calendar", or_none(&it.calendar)),
            ("account", or_none(&it.account)),
            ("bank", or_none(&it.bank)),
        ]
    };
    fields(old)
        .into_iter()
        .zip(fields(new))
        .filter(|(before, after)| before != after)
        .map(|((field, before), (_, after))| format!("{field}: {before} → {after}"))
        .collect()
}

/// One line a kind and change, Chinese and English side by side; nothing when nothing changed.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> = self.centre.iter().map(|it| format!("清算中心 centre  {it}")).collect();
        for (name, kind) in self.kinds() {
            for (change, ids) in [
                ("新增 added", &kind.added),
                ("变更 changed", &kind.changed),
                ("移除 removed", &kind.removed),
            ] {
                if !ids.is_empty() {
                    let more = if ids.len() > SHOWN_MAX { ", …" } else { "" };
                    let shown = ids.iter().take(SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
                    lines.push(format!("{name}  {change} {}: {shown}{more}", ids.len()));
                }
            }
        }
        f.write_str(&lines.join("\n"))
    }
}
