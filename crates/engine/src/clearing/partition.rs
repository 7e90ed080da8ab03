//! One card partition: its records sorted and judged, rated, counted, digested and written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tongclear_proof::Section;
use tongclear_types::{CardId, Chain, ContinuityItem, Disposition, MerchantCode, MoneyError, Verdict};

use super::bundle::Bundle;
use super::card_state::{self, KnownChain};
use super::chain::{ChainState, Past, judge, release};
use super::continuity::CardWatch;
use super::counts::Counts;
use super::detail::DetailWriter;
use super::inputs::RunInputs;
use super::order::Ordered;
use super::rating::{Rated, Rater};
use super::row::Row;
use super::sections::Sections;
use super::shared::Shared;
use crate::EngineError;
use crate::vault::{cards_path, detail_path, unpaid_path};

/// What the run keeps of a partition once its files are under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Judged {
    pub(crate) partition: u16,
    /// SHA-256 over every row and every card state (`docs/digest.md`).
    pub(crate) digest: [u8; 32],
    /// Rows suspended by this run.
    pub(crate) suspended: Vec<Row>,
    /// The sections of the window's proof, by merchant.
    pub(crate) sections: Vec<(MerchantCode, Section)>,
    /// Continuity items of its cards, those that go on and those that end here.
    pub(crate) continuity: Vec<ContinuityItem>,
}

/// Judges one partition.
pub(crate) struct PartitionRun<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) partition: u16,
}

impl PartitionRun<'_> {
    /// Sorts and judges the rows of `bundles`, adds them to `counts`, starts writing detail and card state, and returns
    /// what the run keeps.
    ///
    /// One chain after another is judged, rated and written: its rows are read from memory once.
    pub(crate) fn judge(&self, bundles: Vec<Bundle>, counts: &mut Counts) -> Result<Judged, EngineError> {
        let inputs = &self.shared.inputs;
        let rows = Ordered::new(bundles);
        let past = Past { numbers: &inputs.numbers, suspended: &inputs.suspended };
        let mut watch = CardWatch::new(&inputs.known.cards[usize::from(self.partition)], inputs.reach());
        let released = inputs.released[usize::from(self.partition)].clone();
        let (known, released) = release_all(self.known_chains()?, released);
        let mut output = Output::new(inputs, counts)?;
        let chains = judge_all(&rows, known, &released, &past, &mut watch, |row| output.take(row))?;
        drop(rows);
        let Output { detail, unpaid, sections, suspended, .. } = output;
        let uploads = &self.shared.uploads;
        let (date, partition) = (inputs.date, self.partition);
        uploads.start(detail_path(date, partition), detail.finish().map_err(unwritable)?);
        uploads.start(unpaid_path(date, partition), unpaid.finish().map_err(unwritable)?);
        uploads.start(cards_path(date, partition), card_state::write(&chains).map_err(unwritable)?);
        let sections = sections.finish(partition);
        let digest = digest(partition, &sections, &chains)?;
        Ok(Judged { partition, digest, suspended, sections, continuity: watch.finish() })
    }

    /// The card state that the window before left in this partition, in order.
    fn known_chains(&self) -> Result<Vec<KnownChain>, EngineError> {
        let Some(previous) = &self.shared.inputs.previous else { return Ok(Vec::new()) };
        let path = cards_path(previous.date, self.partition);
        let file = previous.files.read(&previous.vault, &self.shared.runtime, &path)?;
        card_state::read(file).map_err(|reason| EngineError::Damaged { path: path.to_string(), reason })
    }
}

fn unwritable(reason: String) -> EngineError {
    EngineError::Internal(format!("writing Parquet: {reason}"))
}

/// What becomes of judged rows.
struct Output<'a> {
    inputs: &'a RunInputs,
    counts: &'a mut Counts,
    rater: Rater<'a>,
    detail: DetailWriter<Vec<u8>>,
    /// The rows that were not accepted once more, so that who tells of them need not look through all.
    unpaid: DetailWriter<Vec<u8>>,
    sections: Sections<'a>,
    suspended: Vec<Row>,
}

impl<'a> Output<'a> {
    fn new(inputs: &'a RunInputs, counts: &'a mut Counts) -> Result<Self, EngineError> {
        let writer = || DetailWriter::new(Vec::new()).map_err(unwritable);
        Ok(Self {
            inputs,
            counts,
            rater: Rater::new(inputs.registry.contracts()),
            detail: writer()?,
            unpaid: writer()?,
            sections: Sections::new(&inputs.senders),
            suspended: Vec::new(),
        })
    }

    /// Rates, counts, hashes and writes a judged row.
    #[inline]
    fn take(&mut self, row: &Row) -> Result<(), EngineError> {
        let sender = self.inputs.senders.of_package(row.package);
        let rated = match (row.verdict, row.bearings.contract) {
            (Verdict::Accepted(_), Some(contract)) => {
                self.rater.rate(contract, row.chain(), row.amount_fen, row.list_price_fen)?
            }
            _ => Rated::NOTHING,
        };
        self.counts.totals.count(row, sender.merchant, rated)?;
        let line = row.detail(sender, rated.fee);
        self.sections.add(sender, &line, &line.canonical())?;
        self.detail.write(&line).map_err(unwritable)?;
        let disposition = row.verdict.disposition();
        if disposition != Disposition::Accepted {
            self.counts.numbers.refused(row);
            self.unpaid.write(&line).map_err(unwritable)?;
            if disposition == Disposition::Suspended {
                self.suspended.push(*row);
            }
        }
        Ok(())
    }
}

/// The digest of a partition: SHA-256 over `tongclear partition 2\n`, the partition (2 bytes), the number of sections
/// (8 bytes) and of each, by merchant, the merchant (8 bytes), how many records it has (8 bytes) and the root over all
/// their columns (32 bytes); then the number of card chains (8 bytes) and the canonical bytes of each.
fn digest(
    partition: u16,
    sections: &[(MerchantCode, Section)],
    chains: &[KnownChain],
) -> Result<[u8; 32], MoneyError> {
    let mut digest = Sha256::new();
    digest.update(b"tongclear partition 2\n");
    digest.update(partition.to_be_bytes());
    digest.update((sections.len() as u64).to_be_bytes());
    for (merchant, section) in sections {
        digest.update(merchant.bytes());
        digest.update(section.dispositions.sum()?.count.to_be_bytes());
        digest.update(section.records.0);
    }
    digest.update((chains.len() as u64).to_be_bytes());
    for chain in chains {
        digest.update(card_state::canonical(chain));
    }
    Ok(digest.finalize().into())
}

/// A chain into which decisions release records: what was known before them, and they.
struct ReleasedChain {
    prior: Option<ChainState>,
    rows: Vec<Row>,
}

/// Chains by card and chain; few, for each of their records was decided by people.
type ReleasedChains = BTreeMap<(CardId, Chain), ReleasedChain>;

/// Takes released records, sorted like the chains, into what is known.
fn release_all(mut known: Vec<KnownChain>, mut released: Vec<Row>) -> (Vec<KnownChain>, ReleasedChains) {
    let of = |row: &Row| -> (CardId, Chain) { (row.card(), row.chain()) };
    let (mut chains, mut new) = (ReleasedChains::new(), Vec::new());
    for group in released.chunk_by_mut(|a, b| of(a) == of(b)) {
        let id = of(&group[0]);
        let place = known.binary_search_by_key(&id, |(id, _)| *id);
        let prior = place.ok().map(|place| known[place].1);
        let state = release(group, prior);
        match (place, state) {
            (Ok(place), Some(state)) => known[place].1 = state,
            (Err(_), Some(state)) => new.push((id, state)),
            (_, None) => {}
        }
        chains.insert(id, ReleasedChain { prior, rows: group.to_vec() });
    }
    if !new.is_empty() {
        known.extend(new);
        known.sort_by_key(|(id, _)| *id);
    }
    (known, chains)
}

/// Judges every chain of a partition against its known state and hands its rows on; both sides are sorted, so this is a
/// merge. Continuity sees what was released as records that came first.
fn judge_all(
    rows: &Ordered,
    known: Vec<KnownChain>,
    released: &ReleasedChains,
    past: &Past<'_>,
    watch: &mut CardWatch<'_>,
    mut take: impl FnMut(&Row) -> Result<(), EngineError>,
) -> Result<Vec<KnownChain>, EngineError> {
    let mut chains = Vec::with_capacity(known.len() + rows.len() / 2);
    let mut known = known.into_iter().peekable();
    rows.each_chain(|group| {
        let id = (group[0].card(), group[0].chain());
        // Chains that have no record in this window keep their state.
        while let Some(quiet) = known.next_if(|(other, _)| *other < id) {
            if let Some(released) = released.get(&quiet.0) {
                watch.look(quiet.0, &released.rows, released.prior);
            }
            chains.push(quiet);
        }
        let prior = known.next_if(|(other, _)| *other == id).map(|(_, state)| state);
        chains.extend(judge(group, prior, past).map(|state| (id, state)));
        match released.get(&id) {
            None => watch.look(id, group, prior),
            Some(released) => watch.look(id, &[&released.rows[..], group].concat(), released.prior),
        }
        group.iter().try_for_each(&mut take)
    })?;
    for quiet in known {
        if let Some(released) = released.get(&quiet.0) {
            watch.look(quiet.0, &released.rows, released.prior);
        }
        chains.push(quiet);
    }
    Ok(chains)
}
