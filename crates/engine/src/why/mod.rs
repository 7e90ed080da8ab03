//! The life of one transaction: found from any handle, judged once more by the rules of the run, and explained.
//!
//! Little is read for it: of a window the one card partition of the card, and of that the row groups that can hold it;
//! of the deny lists those that can decide about it; of the packages those in which the card occurs. What is read is
//! held against its recorded digest, as everywhere.

pub(crate) mod archive;
mod checks;
mod deny_lists;
pub(crate) mod judge;
mod money;
mod search;
mod uniqueness;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use tongclear_ledger::Reference;
use tongclear_life::{Answer, Arrival, Handle, Life, Name, Names, Place, Record};
use tongclear_mac::{KeyRing, Passphrase};
use tongclear_package::PackageView;
use tongclear_registry::Registry;
use tongclear_store::{KeyGeneration, PackageRow, WindowState};
use tongclear_types::{BusinessDate, TerminalId, TerminalNumber, TransactionRecord, UnixMillis};

use self::archive::Archive;
use self::judge::Case;
use crate::centre::ClosedWindow;
use crate::disputes::decided_about;
use crate::vault::package_path;
use crate::{Centre, EngineError, reconcile};

/// The centre's zone, `Asia/Shanghai`, has one offset all year.
const CENTRE_OFFSET: Offset = Offset::constant(8);

/// A record that was asked for.
#[derive(Debug, Clone, Copy)]
struct Found {
    package: PackageRow,
    row: u32,
    record: TransactionRecord,
}

/// Every record that `handle` names, each with its life, in the order in which they came.
///
/// With `window` only that one is searched. With a passphrase the key ring is opened and TACs are computed again;
/// without, what the run found about keys and TACs is believed.
///
/// # Errors
/// [`EngineError::NoSuchWindow`]; [`EngineError::Refused`] when a card is asked for in a window that is not cleared, or
/// under an operator that is not registered; a wrong passphrase; [`EngineError::CheckFailed`] when a cleared window's
/// detail lacks the record; faults of store and vault.
pub async fn why(
    centre: &Centre,
    handle: Handle,
    window: Option<BusinessDate>,
    passphrase: Option<&Passphrase>,
) -> Result<Answer, EngineError> {
    let mut archive = Archive::open(centre).await?;
    let (found, searched) = search::find(&mut archive, &handle, window).await?;
    let mut ring: Option<(KeyGeneration, KeyRing)> = None;
    let mut lives = Vec::new();
    for found in found {
        let window = archive.window(found.package.window)?;
        let arrival = arrival(&mut archive, &found).await?;
        let judgement = match window.snapshot {
            Some(snapshot) if window.state >= WindowState::Cleared => {
                // Opening a ring is slow on purpose; windows mostly share one.
                if let Some(passphrase) = passphrase
                    && ring.as_ref().is_none_or(|(generation, _)| *generation != snapshot.keys)
                {
                    ring = Some((snapshot.keys, centre.key_ring_as_of(snapshot.keys, passphrase).await?));
                }
                let window = ClosedWindow { row: window, snapshot };
                let keys = ring.as_ref().map(|(_, keys)| keys);
                Some(Case::load(&mut archive, window, &found).await?.judgement(&mut archive, keys).await?)
            }
            _ => None,
        };
        let registry = match window.snapshot {
            Some(snapshot) => archive.registry(snapshot.registry).await?,
            None => archive.latest_registry().await?,
        };
        let (place, names) = (place(&found), names(&registry, &found));
        let operator = registry.operator_by_issuer(&found.record.issuer).map(|(_, operator)| operator.code);
        let reconciliation = match operator {
            Some(operator) => reconcile::of_record(centre, operator, &found.record, &place).await?,
            None => Vec::new(),
        };
        let reference = Reference::record(place.collector, place.package_sequence.0, place.row);
        let decisions = decided_about(centre, reference).await?;
        let record = record(&found.record);
        lives.push(Life { place, names, record, arrival, judgement, reconciliation, decisions });
    }
    Ok(Answer { asked: handle, searched, lives })
}

/// The records of a package under a terminal and number, each with its row.
pub(crate) async fn records_under(
    archive: &mut Archive<'_>,
    package: &PackageRow,
    terminal: TerminalId,
    number: TerminalNumber,
) -> Result<Vec<(u32, TransactionRecord)>, EngineError> {
    let found = search::under(archive, package, terminal, number).await?;
    Ok(found.into_iter().map(|found| (found.row, found.record)).collect())
}

fn place(found: &Found) -> Place {
    Place {
        merchant: found.package.merchant,
        collector: found.package.key.collector,
        package_sequence: found.package.key.sequence,
        row: found.row,
    }
}

fn names(registry: &Registry, found: &Found) -> Names {
    let both =
        |zh: &String, en: &Option<String>| Name { zh: zh.clone(), en: en.as_ref().unwrap_or(zh).clone() };
    let merchant = registry.merchant(&found.package.merchant);
    let operator = registry.operator_by_issuer(&found.record.issuer).map(|(_, operator)| operator);
    Names {
        merchant: merchant.map(|it| both(&it.name, &it.name_en)),
        operator: operator.map(|it| both(&it.name, &it.name_en)),
    }
}

fn record(record: &TransactionRecord) -> Record {
    let chain = record.sort_chain();
    Record {
        issuer_id: record.issuer,
        serial: record.serial,
        chain,
        counter: record.counter(chain),
        tti: record.tti.to_string(),
        date: record.date.to_string(),
        time: record.time.to_string(),
        terminal: record.terminal,
        terminal_number: record.terminal_number,
        amount_fen: record.amount_fen,
        list_price_fen: record.list_price_fen,
        balance_before_fen: record.balance_before_fen,
        balance_after_fen: record.balance_after_fen,
        tac: hex::encode(record.tac),
    }
}

async fn arrival(archive: &mut Archive<'_>, found: &Found) -> Result<Arrival, EngineError> {
    let package = &found.package;
    let window = archive.window(package.window)?;
    let bytes = archive.package_bytes(package).await?;
    let sealed_at = i64::try_from(view(package, &bytes)?.header().created_at_unix_s).ok();
    let sealed_at = sealed_at.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(Arrival {
        sealed_at: sealed_at.map(|moment| CENTRE_OFFSET.to_datetime(moment)),
        received_at: local(package.received_at)?,
        package_sha256: package.digest,
        package_records: package.records,
        package_amount_fen: package.amount,
        window_id: window.id,
        window: window.snapshot.map(|snapshot| snapshot.date),
        window_state: window.state,
    })
}

/// A package of the vault, whose form was checked when it came.
fn view<'a>(package: &PackageRow, bytes: &'a [u8]) -> Result<PackageView<'a>, EngineError> {
    PackageView::reopen(bytes).map_err(|refusal| EngineError::Damaged {
        path: package_path(package.merchant, package.key).to_string(),
        reason: refusal.to_string(),
    })
}

/// A stamp by the clocks of the centre's zone.
fn local(stamp: UnixMillis) -> Result<DateTime, EngineError> {
    let moment = Timestamp::from_millisecond(stamp.0);
    let moment = moment.map_err(|error| EngineError::Internal(format!("stamp {}: {error}", stamp.0)))?;
    Ok(CENTRE_OFFSET.to_datetime(moment))
}
