//! Of an operator's deny lists, those that decide about one card.
//!
//! The list in force at a moment decides, and those before it as far back as the card's unbroken stay reaches; what
//! others hold cannot change the answer, so they are not read.

use std::collections::HashMap;

use tongclear_package::DenyList;
use tongclear_store::DenyListRow;
use tongclear_types::{CivilMoment, Serial};

use super::archive::Archive;
use crate::EngineError;
use crate::clearing::deny::DenyBook;
use crate::vault::deny_list_path;

/// What `lists`, one operator's in version order, say of `serial` at each of `moments`.
pub(super) async fn book(
    archive: &Archive<'_>,
    lists: &[DenyListRow],
    serial: Serial,
    moments: impl Iterator<Item = CivilMoment>,
) -> Result<DenyBook, EngineError> {
    let mut listed: HashMap<usize, bool> = HashMap::new();
    for moment in moments {
        let in_force = lists.iter().rposition(|list| list.effective <= moment);
        for place in (0..=in_force.unwrap_or_default()).rev().filter(|_| in_force.is_some()) {
            let on_it = match listed.get(&place) {
                Some(known) => *known,
                None => contains(archive, &lists[place], &serial).await?,
            };
            listed.insert(place, on_it);
            if !on_it {
                break;
            }
        }
    }
    let mut book = DenyBook::default();
    for (place, list) in lists.iter().enumerate() {
        let on_it = listed.get(&place).copied().unwrap_or_default();
        book.push(DenyList {
            operator: list.operator,
            version: list.version,
            effective: list.effective,
            serials: on_it.then_some(serial).into_iter().collect(),
        });
    }
    Ok(book)
}

async fn contains(archive: &Archive<'_>, row: &DenyListRow, serial: &Serial) -> Result<bool, EngineError> {
    let path = deny_list_path(row.operator, row.version, &row.digest);
    let bytes = archive.centre.vault.get_verified(&path, &row.digest).await?;
    let list = DenyList::parse(&bytes)
        .map_err(|error| EngineError::Damaged { path: path.to_string(), reason: error.to_string() })?;
    Ok(list.contains(serial))
}
