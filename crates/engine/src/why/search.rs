//! From a handle to the records that it names.

use std::sync::Arc;

use tongclear_life::{Handle, Issuer, Searched};
use tongclear_registry::Registry;
use tongclear_store::{PackageKey, PackageRow, WindowState};
use tongclear_types::{
    BusinessDate, CardId, Chain, CollectorId, IssuerId, PackageSequence, Serial, TerminalId, TerminalNumber,
};

use super::archive::Archive;
use super::{Found, view};
use crate::EngineError;
use crate::export::require_cleared;

/// The records that `handle` names, in the order in which they came, and where they were looked for.
pub(super) async fn find(
    archive: &mut Archive<'_>,
    handle: &Handle,
    window: Option<BusinessDate>,
) -> Result<(Vec<Found>, Searched), EngineError> {
    if let Some(date) = window {
        let window = archive.centre.window(date).await?;
        if matches!(handle, Handle::Card { .. }) {
            require_cleared(&window)?;
        }
    }
    let (mut found, mut searched) = match *handle {
        Handle::Card { issuer, serial, counter, chain } => {
            by_card(archive, issuer, serial, counter, chain, window).await?
        }
        Handle::Terminal { terminal, number } => by_terminal(archive, terminal, number, window).await?,
        Handle::Package { collector, sequence, row } => {
            by_package(archive, collector, sequence, row, window).await?
        }
    };
    searched.only = window;
    found.sort_by_key(|it| (it.package.window, it.package.received_at, it.package.key, it.row));
    Ok((found, searched))
}

async fn by_card(
    archive: &mut Archive<'_>,
    issuer: Issuer,
    serial: Serial,
    counter: u16,
    chain: Option<Chain>,
    date: Option<BusinessDate>,
) -> Result<(Vec<Found>, Searched), EngineError> {
    let registry = archive.latest_registry().await?;
    let issuers = issuers(&registry, issuer)?;
    let windows = archive.cleared(date);
    let mut found = Vec::new();
    for issuer in &issuers {
        let card = CardId { issuer: *issuer, serial };
        archive.card_rows_of(&windows, card).await?;
        for window in &windows {
            for line in archive.card_rows(window, card).await?.iter() {
                // A type that cannot be cleared counts as a purchase, as in the order of the export.
                let of = line.tti.chain().unwrap_or(Chain::Purchase);
                let its = if of == Chain::Load { line.online_counter } else { line.offline_counter };
                if its == counter && chain.is_none_or(|chain| chain == of) {
                    let key = PackageKey { collector: line.collector, sequence: line.package_sequence };
                    found.extend(by_place(archive, key, line.row).await?);
                }
            }
        }
    }
    let not_cleared = archive.windows.iter().filter(|it| it.state < WindowState::Cleared && it.packages > 0);
    let searched = Searched {
        only: date,
        issuers,
        windows: windows.iter().map(crate::ClosedWindow::date).collect(),
        packages: None,
        not_cleared: if date.is_none() { not_cleared.count() } else { 0 },
    };
    Ok((found, searched))
}

/// The issuer ids under which the card may be known.
fn issuers(registry: &Arc<Registry>, issuer: Issuer) -> Result<Vec<IssuerId>, EngineError> {
    match issuer {
        Issuer::Id(id) => Ok(vec![id]),
        Issuer::Any => Ok(registry.operators.iter().map(|operator| operator.issuer_id).collect()),
        Issuer::Operator(code) => match registry.operator(&code) {
            Some(operator) => Ok(vec![operator.issuer_id]),
            None => Err(EngineError::Refused(format!(
                "card operator {code} is not registered; name the card by its issuer id of 16 hex digits, as in \
                 04176510ffffffff:SERIAL"
            ))),
        },
    }
}

async fn by_terminal(
    archive: &mut Archive<'_>,
    terminal: TerminalId,
    number: TerminalNumber,
    date: Option<BusinessDate>,
) -> Result<(Vec<Found>, Searched), EngineError> {
    let mut packages = archive.centre.store.packages_spanning(terminal, number).await?;
    packages.retain(|package| within(archive, package, date));
    let mut found = Vec::new();
    for package in &packages {
        found.extend(under(archive, package, terminal, number).await?);
    }
    Ok((found, Searched { packages: Some(packages.len()), ..Searched::default() }))
}

/// The records of a package under a terminal and number.
pub(super) async fn under(
    archive: &mut Archive<'_>,
    package: &PackageRow,
    terminal: TerminalId,
    number: TerminalNumber,
) -> Result<Vec<Found>, EngineError> {
    let bytes = archive.package_bytes(package).await?;
    let records = (0_u32..).zip(view(package, &bytes)?.records());
    Ok(records
        .filter(|(_, record)| record.terminal == terminal && record.terminal_number == number)
        .map(|(row, record)| Found { package: *package, row, record })
        .collect())
}

async fn by_package(
    archive: &mut Archive<'_>,
    collector: CollectorId,
    sequence: PackageSequence,
    row: u32,
    date: Option<BusinessDate>,
) -> Result<(Vec<Found>, Searched), EngineError> {
    let found = by_place(archive, PackageKey { collector, sequence }, row).await?;
    let packages = Some(usize::from(found.is_some()));
    let found = found.into_iter().filter(|found| within(archive, &found.package, date)).collect();
    Ok((found, Searched { packages, ..Searched::default() }))
}

/// The record of a row, if that package was accepted and has it.
async fn by_place(
    archive: &mut Archive<'_>,
    key: PackageKey,
    row: u32,
) -> Result<Option<Found>, EngineError> {
    let Some(package) = archive.centre.store.package(key).await? else { return Ok(None) };
    if row >= package.records {
        return Ok(None);
    }
    let records = archive.records(&package, &[row]).await?;
    Ok(records.first().map(|record| Found { package, row, record: *record }))
}

fn within(archive: &Archive<'_>, package: &PackageRow, date: Option<BusinessDate>) -> bool {
    let Some(date) = date else { return true };
    let window = archive.windows.iter().find(|window| window.id == package.window);
    window.and_then(|window| window.snapshot).is_some_and(|snapshot| snapshot.date == date)
}
