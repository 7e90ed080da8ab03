//! Everything a run is a function of, loaded once and then only read: packages, registry, keys, lists, and what
//! earlier windows left behind.

use std::collections::HashSet;

use bytes::Bytes;
use foldhash::{HashMap, HashMapExt as _};
use object_store::path::Path;
use tongclear_ledger::Adjustment;
use tongclear_mac::{Algorithm, BulkVerifier, KeyCustody, KeyRing, KeySlot};
use tongclear_package::DenyList;
use tongclear_registry::Registry;
use tongclear_store::{DenyListRow, PackageRow, SuspendedItem};
use tongclear_types::{BusinessDate, CardId, Chain, OperatorCode, TerminalId};

use super::continuity::{Known, Reach};
use super::deny::DenyBook;
use super::order::partition_of;
use super::ranges::NumberRanges;
use super::row::{Bearings, Fingerprint, Row};
use super::senders::Senders;
use super::terminals;
use crate::centre::{ClosedWindow, closed_windows};
use crate::decisions::{Waiting, taken_in};
use crate::run_files::RunFiles;
use crate::vault::{deny_list_path, terminals_path};
use crate::{Centre, EngineError, Vault};

/// The inputs of one run.
pub(crate) struct RunInputs {
    /// `D` in the rules.
    pub(crate) date: BusinessDate,
    /// What the window before left behind.
    pub(crate) previous: Option<Previous>,
    /// The packages of the window, by collector and sequence.
    pub(crate) packages: Vec<PackageRow>,
    /// Whose they are.
    pub(crate) senders: Senders,
    /// The registry as it was at close.
    pub(crate) registry: Registry,
    /// TAC keys by operator, version and algorithm, ready for the bulk verifier.
    pub(crate) verifier: BulkVerifier,
    pub(crate) key_slots: HashMap<(OperatorCode, u8, Algorithm), KeySlot>,
    /// Deny lists by operator.
    pub(crate) deny_books: HashMap<OperatorCode, DenyBook>,
    /// Every terminal that is registered or has accepted numbers, sorted; rows refer to them by index.
    pub(crate) terminals: Vec<TerminalId>,
    /// Accepted numbers of earlier windows, by terminal index, those that decisions of this window release among them.
    pub(crate) numbers: Vec<NumberRanges>,
    /// Index of each terminal.
    pub(crate) terminal_index: HashMap<TerminalId, u32>,
    /// Continuity that earlier windows left behind.
    pub(crate) known: Known,
    /// Records suspended in earlier windows.
    pub(crate) suspended: HashSet<(CardId, Chain, Fingerprint)>,
    /// Those of them that decisions of this window release, by card partition, in the order of the rules.
    pub(crate) released: Vec<Vec<Row>>,
    /// What the decisions of this window move, by reference and origin.
    pub(crate) adjustments: Vec<Adjustment>,
}

/// The window before, whose card state and numbers a run starts from: its files, and the vault they lie in.
#[derive(Clone)]
pub(crate) struct Previous {
    pub(crate) date: BusinessDate,
    pub(crate) files: RunFiles,
    pub(crate) vault: Vault,
}

impl Previous {
    /// Reads one of its files.
    pub(crate) async fn get(&self, path: &Path) -> Result<Bytes, EngineError> {
        self.files.get(&self.vault, path).await
    }
}

/// What earlier windows left behind.
#[derive(Clone, Default)]
pub(crate) struct Before {
    /// The files of the window before.
    pub(crate) previous: Option<Previous>,
    /// Everything that was ever suspended.
    pub(crate) suspended: Vec<SuspendedItem>,
}

impl Before {
    /// What the store and the vault say of the windows before `window`.
    pub(crate) async fn of(centre: &Centre, window: &ClosedWindow) -> Result<Self, EngineError> {
        let windows = centre.store.windows().await?;
        let previous = closed_windows(&windows).rfind(|earlier| earlier.date() < window.date());
        let previous = match previous {
            Some(earlier) => Some(Previous {
                date: earlier.date(),
                files: RunFiles::of(centre, earlier.row.id).await?,
                vault: centre.vault.clone(),
            }),
            None => None,
        };
        Ok(Self { previous, suspended: centre.store.suspended_before(window.row.id).await? })
    }
}

impl RunInputs {
    /// Loads the inputs of `window`.
    pub(crate) async fn load(
        centre: &Centre,
        window: &ClosedWindow,
        keys: &KeyRing,
        before: Before,
    ) -> Result<Self, EngineError> {
        let snapshot = window.snapshot;
        let registry = centre.registry_as_of(snapshot.registry).await?;
        let Before { previous, suspended } = before;
        let known_numbers = match &previous {
            Some(previous) => {
                let path = terminals_path(previous.date);
                let file = previous.get(&path).await?;
                terminals::read(file)
                    .map_err(|reason| EngineError::Damaged { path: path.to_string(), reason })?
            }
            None => Vec::new(),
        };
        let known = Known::load(centre, previous.as_ref(), registry.centre.card_partitions).await?;
        let taken = taken_in(centre, window.row.id, &registry, &suspended).await?;
        let waiting: Vec<Waiting> = taken.iter().filter_map(|it| it.released).collect();
        let (terminals, numbers) = number_tables(&registry, known_numbers, &waiting);
        let terminal_index = terminals.iter().copied().zip(0..).collect();
        let released = released(&registry, &waiting, &terminal_index);
        let (verifier, key_slots) = key_tables(&registry, keys);
        let lists = centre.store.deny_lists().await?;
        let lists = lists.into_iter().filter(|list| Some(list.id) <= snapshot.deny_lists);
        let packages = centre.store.packages(window.row.id).await?;
        Ok(Self {
            date: snapshot.date,
            previous,
            senders: Senders::of(&packages),
            packages,
            deny_books: deny_books(centre, lists).await?,
            registry,
            verifier,
            key_slots,
            terminals,
            numbers,
            terminal_index,
            known,
            suspended: suspended
                .iter()
                .map(|item| (item.card, item.chain, Fingerprint::from(item)))
                .collect(),
            released,
            adjustments: taken.into_iter().map(|it| it.adjustment).collect(),
        })
    }

    /// The number of card partitions, P.
    pub(crate) fn partitions(&self) -> u16 {
        self.registry.centre.card_partitions
    }

    /// How far back a record may be dated to be accepted.
    pub(crate) fn reach(&self) -> Reach {
        Reach { date: self.date, max_age_days: self.registry.centre.max_age_days }
    }

    /// The records that the run will read.
    pub(crate) fn records(&self) -> u64 {
        self.packages.iter().map(|package| u64::from(package.records)).sum()
    }
}

/// The terminals of the registry and of earlier windows, sorted, and each one's accepted numbers beside it; what is released
/// counts as accepted before.
fn number_tables(
    registry: &Registry,
    known: Vec<(TerminalId, NumberRanges)>,
    released: &[Waiting],
) -> (Vec<TerminalId>, Vec<NumberRanges>) {
    let mut known: HashMap<TerminalId, NumberRanges> = known.into_iter().collect();
    for Waiting { item, .. } in released {
        known.entry(item.terminal).or_default().merge([item.terminal_number.0]);
    }
    let mut terminals: Vec<TerminalId> =
        registry.terminals.iter().map(|row| row.id).chain(known.keys().copied()).collect();
    terminals.sort_unstable();
    terminals.dedup();
    let numbers = terminals.iter().map(|id| known.remove(id).unwrap_or_default()).collect();
    (terminals, numbers)
}

/// Released records as the run takes them, by card partition.
fn released(
    registry: &Registry,
    released: &[Waiting],
    terminals: &HashMap<TerminalId, u32>,
) -> Vec<Vec<Row>> {
    let mut partitions = vec![Vec::new(); usize::from(registry.centre.card_partitions)];
    for waiting in released {
        let operator = registry.operator_by_issuer(&waiting.item.card.issuer);
        let bearings = Bearings {
            terminal: terminals.get(&waiting.item.terminal).copied().unwrap_or(u32::MAX),
            operator: operator.map_or(u16::MAX, |(place, _)| place),
            contract: None,
        };
        let partition = partition_of(&waiting.item.card, registry.centre.card_partitions);
        partitions[usize::from(partition)].push(waiting.as_row(bearings));
    }
    // Stable: records that stand alike in the order of the rules keep that of their references.
    partitions.iter_mut().for_each(|rows| rows.sort_by(Row::order));
    partitions
}

/// Every TAC key that a record of a registered operator could name, diversified down to the card level.
fn key_tables(
    registry: &Registry,
    keys: &KeyRing,
) -> (BulkVerifier, HashMap<(OperatorCode, u8, Algorithm), KeySlot>) {
    let mut verifier = BulkVerifier::new();
    let mut slots = HashMap::new();
    for operator in &registry.operators {
        for version in 0..=u8::MAX {
            for algorithm in [Algorithm::Des, Algorithm::Sm4] {
                let Some(master) = keys.tac_master(operator.code, version, algorithm) else { continue };
                let slot = if operator.two_level_keys {
                    verifier.add_key(&master.diversify(operator.issuer_id.0))
                } else {
                    verifier.add_key(master)
                };
                slots.insert((operator.code, version, algorithm), slot);
            }
        }
    }
    (verifier, slots)
}

/// Reads the lists from the vault in version order and checks that they are what was loaded.
async fn deny_books(
    centre: &Centre,
    lists: impl Iterator<Item = DenyListRow>,
) -> Result<HashMap<OperatorCode, DenyBook>, EngineError> {
    let mut lists: Vec<DenyListRow> = lists.collect();
    lists.sort_unstable_by_key(|list| (list.operator, list.version));
    let mut books: HashMap<OperatorCode, DenyBook> = HashMap::new();
    for row in lists {
        let path = deny_list_path(row.operator, row.version, &row.digest);
        let damaged = |reason: String| EngineError::Damaged { path: path.to_string(), reason };
        let bytes = centre.vault.get_verified(&path, &row.digest).await?;
        let list = DenyList::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        books.entry(row.operator).or_default().push(list);
    }
    Ok(books)
}
