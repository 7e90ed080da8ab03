//! Who participants are: as the registries of a period's windows name them, the latest first.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use tongclear_engine::{Centre, EngineError};
use tongclear_ledger::Participant;
use tongclear_press::Party;
use tongclear_registry::Registry;
use tongclear_store::RegistryVersion;
use tongclear_types::{MerchantCode, OperatorCode, Sector};

use super::span::Span;

/// The registries of a period: at least one.
pub(super) struct Names {
    by_version: BTreeMap<RegistryVersion, Arc<Registry>>,
    latest: Arc<Registry>,
}

impl Names {
    /// The registries under which the windows of `span` were closed.
    pub(super) async fn of(centre: &Centre, span: &Span) -> Result<Self, EngineError> {
        let mut by_version = BTreeMap::new();
        for window in &span.windows {
            let version = window.snapshot.registry;
            if let Entry::Vacant(place) = by_version.entry(version) {
                place.insert(Arc::new(centre.registry_as_of(version).await?));
            }
        }
        let latest = by_version.last_key_value().map(|(_, registry)| Arc::clone(registry));
        let latest = latest.ok_or_else(|| EngineError::Internal("a period without a window".into()))?;
        Ok(Self { by_version, latest })
    }

    /// The registry of the period's last window.
    pub(super) fn latest(&self) -> &Registry {
        &self.latest
    }

    /// The registry of one of its windows.
    pub(super) fn of_version(&self, version: RegistryVersion) -> &Registry {
        self.by_version.get(&version).unwrap_or(&self.latest)
    }

    fn newest_first(&self) -> impl Iterator<Item = &Registry> {
        self.by_version.values().rev().map(|registry| &**registry)
    }

    /// The centre on paper; a registry gives it a code and no name.
    pub(super) fn centre(&self) -> tongclear_press::Centre {
        let code = self.latest.centre.code.clone();
        tongclear_press::Centre {
            name: format!("一卡通清算中心 {code}"),
            name_en: format!("City card clearing centre {code}"),
            code,
        }
    }

    /// A merchant's sector; `None` when no registry of the period has it any more.
    pub(super) fn sector(&self, merchant: MerchantCode) -> Option<Sector> {
        self.newest_first().find_map(|registry| registry.merchant(&merchant)).map(|it| it.sector)
    }

    /// A merchant; by its code alone when it has left.
    pub(super) fn merchant(&self, code: MerchantCode) -> Party {
        let found = self.newest_first().find_map(|registry| registry.merchant(&code));
        party(code.to_string(), found.map(|it| (&it.name, &it.name_en)))
    }

    /// A card operator; by its code alone when it has left.
    pub(super) fn operator(&self, code: OperatorCode) -> Party {
        let found = self.newest_first().find_map(|registry| registry.operator(&code));
        party(code.to_string(), found.map(|it| (&it.name, &it.name_en)))
    }

    /// Account and bank of a merchant or operator; empty where they are not known.
    pub(super) fn account(&self, participant: Participant) -> (String, String) {
        let found = match participant {
            Participant::Merchant(code) => {
                let found = self.newest_first().find_map(|registry| registry.merchant(&code));
                found.map(|it| (it.account.clone(), it.bank.clone()))
            }
            Participant::Operator(code) => {
                let found = self.newest_first().find_map(|registry| registry.operator(&code));
                found.map(|it| (it.account.clone(), it.bank.clone()))
            }
            Participant::Sponsor(_) | Participant::Centre => None,
        };
        let (account, bank) = found.unwrap_or_default();
        (account.unwrap_or_default(), bank.unwrap_or_default())
    }
}

fn party(code: String, names: Option<(&String, &Option<String>)>) -> Party {
    let (name, name_en) = names.map_or_else(Default::default, |(zh, en)| (zh.clone(), en.clone()));
    Party { code, name, name_en: name_en.unwrap_or_default() }
}
